"""One blend: its pixels, its peaks, and which of them are stars."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.deblending.kernels import fit_star

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.exposure.exposure import Exposure
    from imaging.footprint.footprint import Footprint
    from imaging.geometry.box import Box
    from pipelines.stars.star_images import StarImages

__all__ = ["Parent", "StarFit"]

_MOST_NEIGHBOURS: Final = 12
_LARGEST_SHIFT: Final = 1.5
_LARGEST_EXCESS: Final = 1.0
"""What is broader than a star by more than so many errors is none.

Nor are some stars, which lose nothing by a template of their own. A small faint galaxy that was
taken for a star would lose its outskirts to its neighbours.
"""
_LARGEST_LEVEL: Final = 3.0
"""Nor is what stands on a level of so many errors that is a part of its height: a disk."""


@dataclass(slots=True)
class StarFit:
    """What the fit of a star at a peak says."""

    x: float
    """Column, in parent coordinates."""
    y: float
    flux: float = np.nan
    chi2: float = np.nan
    is_star: bool = False


@dataclass(slots=True)
class Parent:
    """A footprint with several peaks, and its pixels.

    Parameters
    ----------
    footprint
        The footprint.
    peaks
        Those of its peaks that become children.
    exposure
        The image.
    """

    footprint: Footprint
    peaks: NDArray[np.void]
    exposure: Exposure
    box: Box = field(init=False)
    bounds: Box = field(init=False)
    """Of the exposure."""
    image: NDArray[np.float32] = field(init=False)
    variance: NDArray[np.float32] = field(init=False)
    mask: NDArray[np.int32] = field(init=False)
    inside: NDArray[np.bool_] = field(init=False)
    places: NDArray[np.int64] = field(init=False)
    """Column and row of each peak, as indices of the stamp, shape (n, 2)."""
    fits: list[StarFit] = field(init=False)
    members: list[NDArray[np.int64]] = field(init=False, default_factory=list)
    """For each peak its own number and those of its neighbours; filled by the first fit."""

    def __post_init__(self) -> None:
        self.box = self.footprint.bbox
        self.box.clip(self.exposure.bbox)
        self.bounds = self.exposure.bbox
        rows, columns = self.box.slices(self.bounds.min)
        pixels = self.exposure.masked_image
        self.image, self.variance = (
            np.nan_to_num(plane.array[rows, columns].astype(np.float32), posinf=0, neginf=0)
            for plane in (pixels.image, pixels.variance)
        )
        self.mask = pixels.mask.array[rows, columns].copy()
        self.inside = self.footprint.spans.clipped_to(self.box).to_array(self.box)
        self.fits = [StarFit(float(peak["i_x"]), float(peak["i_y"])) for peak in self.peaks]
        places = np.column_stack([self.peaks["i_x"], self.peaks["i_y"]]).astype(np.int64)
        self.places = places - np.array([self.box.min_x, self.box.min_y], np.int64)

    def corners(self, stars: StarImages) -> NDArray[np.int64]:
        """Return first column and row of each star's image, as indices of the stamp."""
        corners = np.column_stack([stars.x0, stars.y0])
        return np.asarray(corners - np.array([self.box.min_x, self.box.min_y]))

    def fit_stars(self, stars: StarImages, radius: int, largest_chi2: float) -> None:
        """Fit each peak as a star, together with those around it.

        Parameters
        ----------
        stars
            Images of stars at the places of `fits`.
        radius
            Of the circle of pixels that are used.
        largest_chi2
            Below it a peak is taken for a star.
        """
        corners, fits = self.corners(stars), []
        if not self.members:
            self.members = _near_each(self.places, 2.5 * radius)
        for number, known in enumerate(self.fits):
            circle = int(self.places[number, 0]), int(self.places[number, 1]), radius
            flux, dx, dy, chi2, excess, level = fit_star(
                self.image,
                self.variance,
                self.inside,
                stars.pixels,
                corners,
                self.members[number],
                circle,
            )
            x, y, peak = known.x + dx, known.y + dy, self.peaks[number]
            moved = max(abs(x - float(peak["i_x"])), abs(y - float(peak["i_y"])))
            if not moved < _LARGEST_SHIFT:  # nor NaN
                fits.append(StarFit(float(peak["i_x"]), float(peak["i_y"])))
            else:
                is_star = chi2 < largest_chi2
                is_star &= excess < _LARGEST_EXCESS and level < _LARGEST_LEVEL
                fits.append(StarFit(x, y, flux, chi2, is_star=is_star))
        self.fits = fits


def _near_each(places: NDArray[np.int64], reach: float) -> list[NDArray[np.int64]]:
    """Return for each place its own number and those of the nearest others within reach."""
    found = []
    for place in places:
        squares = ((places - place) ** 2).sum(axis=1)
        near = np.flatnonzero(squares < reach**2)
        order = np.argsort(squares[near], kind="stable")
        found.append(near[order[: _MOST_NEIGHBOURS + 1]])
    return found
