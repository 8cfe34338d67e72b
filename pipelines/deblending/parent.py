"""One blend: its pixels, its peaks, and the templates of what it consists of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from imaging.footprint.footprint import Footprint
from imaging.footprint.heavy import HeavyFootprint
from imaging.footprint.peaks import PeakCatalog
from imaging.footprint.span_set import SpanSet
from pipelines.deblending.kernels import (
    fit_star,
    limit_to_falling,
    lost_pixels,
    mirrored_template,
    share_light,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.exposure.exposure import Exposure
    from imaging.geometry.box import Box
    from pipelines.stars.star_images import StarImages

__all__ = ["Child", "Parent", "StarFit"]

_Overlap: TypeAlias = tuple[tuple[slice, slice], tuple[slice, slice]]

_MOST_NEIGHBOURS: Final = 12
_TEMPLATE_BUDGET: Final = 20_000_000
"""Pixels that the templates of one parent may have together: 80 MB."""
_LARGEST_SHIFT: Final = 1.5
_STAR_REACH: Final = 20
"""Templates reach so far from their peak at least, in pixels."""
_BRIGHT_EDGE: Final = 0.5
"""A star that is so many sigma high at the edge of its PSF's image goes on beyond it."""


@dataclass(slots=True)
class StarFit:
    """What the fit of a star at a peak says."""

    x: float
    """Column, in parent coordinates."""
    y: float
    flux: float = np.nan
    chi2: float = np.nan
    is_star: bool = False


@dataclass(frozen=True, slots=True)
class Child:
    """What a deblender makes of one peak."""

    footprint: HeavyFootprint
    fit: StarFit
    has_stray_flux: bool
    is_ramped: bool
    """Whether its template kept light whose opposite lies outside of the image."""


@dataclass(frozen=True, slots=True)
class _Pixels:
    """Which pixels a child has, and their light: a part of the stamp."""

    corner: tuple[int, int]
    """First column and row."""
    values: NDArray[np.float32]
    owned: NDArray[np.bool_]
    has_lost: bool = False
    """Whether some with light were nobody's before."""

    @classmethod
    def of(
        cls, box: NDArray[np.int64], values: NDArray[np.float32], owned: NDArray[np.bool_]
    ) -> _Pixels:
        left, right, bottom, top = box.tolist()
        shape = top - bottom + 1, right - left + 1
        return cls((left, bottom), values.reshape(shape), owned.reshape(shape))

    def with_lost(self, places: NDArray[np.int64], image: NDArray[np.float32]) -> _Pixels:
        """Return the same with pixels, given by row and column, in a larger part."""
        if not len(places):
            return self
        (left, bottom), (height, width) = self.corner, self.owned.shape
        low = np.minimum(places.min(axis=0), (bottom, left))
        high = np.maximum(places.max(axis=0), (bottom + height - 1, left + width - 1))
        shape = tuple((high - low + 1).tolist())
        values, owned = np.zeros(shape, np.float32), np.zeros(shape, np.bool_)
        row, column = (np.array((bottom, left)) - low).tolist()
        values[row : row + height, column : column + width] = self.values
        owned[row : row + height, column : column + width] = self.owned
        rows, columns = places.T
        values[rows - low[0], columns - low[1]] = image[rows, columns]
        owned[rows - low[0], columns - low[1]] = True
        has_light = bool((image[rows, columns] > 0).any())
        return _Pixels((int(low[1]), int(low[0])), values, owned, has_light)


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

    def _corners(self, stars: StarImages) -> NDArray[np.int64]:
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
        places, corners = self.places, self._corners(stars)
        fits = []
        for number, known in enumerate(self.fits):
            distances = np.hypot(*(places - places[number]).T)
            order = np.argsort(distances, kind="stable")[: _MOST_NEIGHBOURS + 1]
            members = order[distances[order] < 2.5 * radius]
            circle = int(places[number, 0]), int(places[number, 1]), radius
            flux, dx, dy, chi2, _ = fit_star(
                self.image, self.variance, self.inside, stars.pixels, corners, members, circle
            )
            x, y, peak = known.x + dx, known.y + dy, self.peaks[number]
            moved = max(abs(x - float(peak["i_x"])), abs(y - float(peak["i_y"])))
            if not moved < _LARGEST_SHIFT:  # nor NaN
                fits.append(StarFit(float(peak["i_x"]), float(peak["i_y"])))
            else:
                fits.append(StarFit(x, y, flux, chi2, is_star=chi2 < largest_chi2))
        self.fits = fits

    def children(self, stars: StarImages) -> list[Child | None]:
        """Return what each peak consists of, None where nothing is left for it.

        Parameters
        ----------
        stars
            Images of stars at the places of `fits`.
        """
        boxes = self._boxes()
        areas = (boxes[:, 1] - boxes[:, 0] + 1) * (boxes[:, 3] - boxes[:, 2] + 1)
        begins = np.cumsum(areas) - areas
        templates = np.zeros(int(areas.sum()), np.float32)
        overlaps = self._overlaps(stars)
        light = self._starlight(stars, overlaps)
        for number, box in enumerate(boxes.tolist()):
            shape = box[3] - box[2] + 1, box[1] - box[0] + 1
            flat = templates[begins[number] : begins[number] + areas[number]]
            own = self._own_star(number, stars, overlaps[number][0])
            self._fill_template(number, box, light, own, overlaps[number][1], flat.reshape(shape))
        values, owned = np.zeros_like(templates), np.zeros(templates.size, np.bool_)
        stray = share_light(
            self.image, self.inside, templates, begins, boxes, self.places, values, owned
        )
        lost = lost_pixels(self.inside, owned, begins, boxes, self.places)
        children = []
        for number, part in enumerate(map(slice, begins.tolist(), (begins + areas).tolist())):
            near = lost[lost[:, 2] == number, :2]
            pixels = _Pixels.of(boxes[number], values[part], owned[part])
            pixels = pixels.with_lost(near, self.image)
            children.append(self._child(number, pixels, stray=bool(stray[number])))
        return children

    def _boxes(self) -> NDArray[np.int64]:
        """Return the box of each template: as far as the opposite pixel is one of the stamp."""
        height, width = self.image.shape
        half = max(int(np.sqrt(_TEMPLATE_BUDGET / len(self.peaks)) / 2), 1)
        x, y = self.places.T
        reach_x, reach_y = np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y)
        if self._is_cut:
            reach_x, reach_y = np.maximum(x, width - 1 - x), np.maximum(y, height - 1 - y)
        else:  # stars may reach farther than that on one side
            reach_x = np.maximum(reach_x, np.minimum(_STAR_REACH, np.maximum(x, width - 1 - x)))
            reach_y = np.maximum(reach_y, np.minimum(_STAR_REACH, np.maximum(y, height - 1 - y)))
        reach_x, reach_y = np.minimum(reach_x, half), np.minimum(reach_y, half)
        sides = [
            np.maximum(x - reach_x, 0),
            np.minimum(x + reach_x, width - 1),
            np.maximum(y - reach_y, 0),
            np.minimum(y + reach_y, height - 1),
        ]
        return np.column_stack(sides)

    @property
    def _is_cut(self) -> bool:
        """Whether the image ends where the footprint does."""
        whole = self.bounds
        return (
            self.box.min_x == whole.min_x
            or self.box.max_x == whole.max_x
            or self.box.min_y == whole.min_y
            or self.box.max_y == whole.max_y
        )

    def _starlight(self, stars: StarImages, overlaps: list[_Overlap]) -> NDArray[np.float32]:
        """Return the sum of all peaks that are stars."""
        light = np.zeros_like(self.image)
        for number, (there, here) in enumerate(overlaps):
            own = self._own_star(number, stars, there)
            if own is not None:
                light[here] += own
        return light

    def _own_star(
        self, number: int, stars: StarImages, there: tuple[slice, slice]
    ) -> NDArray[np.float32] | None:
        """Return the light of a peak that is a star, as far as its image lies in the stamp."""
        fit = self.fits[number]
        return np.float32(fit.flux) * stars.pixels[number][there] if fit.is_star else None

    def _overlaps(self, stars: StarImages) -> list[_Overlap]:
        """Return the common pixels of each star's image and the stamp, as indices of either."""
        size = np.array(stars.pixels.shape[:0:-1])
        corners = self._corners(stars)
        low = np.maximum(corners, 0)
        high = np.maximum(np.minimum(corners + size, self.image.shape[::-1]), low)
        return [
            (
                (slice(b - y, d - y), slice(a - x, c - x)),
                (slice(b, d), slice(a, c)),
            )
            for (x, y), (a, b), (c, d) in zip(
                corners.tolist(), low.tolist(), high.tolist(), strict=True
            )
        ]

    def _fill_template(
        self,
        number: int,
        box: list[int],
        light: NDArray[np.float32],
        own: NDArray[np.float32] | None,
        here: tuple[slice, slice],
        template: NDArray[np.float32],
    ) -> None:
        """Write the template of a peak: a star, or what is symmetric and falls outwards."""
        x, y = self.places[number].tolist()
        if own is None or self._goes_on(own, y, x):
            rest = self.image - light
            if own is not None:
                rest[here] += own
            bounds = box[0], box[1], box[2], box[3]
            mirrored_template(rest, self.inside, y, x, bounds, self._is_cut, template)
            limit_to_falling(template, y - box[2], x - box[0])
        if own is not None:
            rows, columns = here
            low_x, low_y = max(columns.start, box[0]), max(rows.start, box[2])
            high_x, high_y = min(columns.stop, box[1] + 1), min(rows.stop, box[3] + 1)
            inner = slice(low_y - box[2], high_y - box[2]), slice(low_x - box[0], high_x - box[0])
            part = own[low_y - rows.start : high_y - rows.start]
            template[inner] = np.maximum(part[:, low_x - columns.start : high_x - columns.start], 0)

    def _goes_on(self, own: NDArray[np.float32], y: int, x: int) -> bool:
        """Return whether a star is brighter than the noise at the edge of its image."""
        noise = float(np.sqrt(max(float(self.variance[y, x]), 0.0)))
        return bool(own.size) and float(np.median(own[0])) > _BRIGHT_EDGE * noise

    def _child(self, number: int, pixels: _Pixels, *, stray: bool) -> Child | None:
        if not pixels.owned.any():
            return None
        chosen, (left, bottom) = pixels.owned, pixels.corner
        spans = SpanSet.from_array(chosen, (left + self.box.min_x, bottom + self.box.min_y))
        plain = Footprint(
            spans, PeakCatalog(self.peaks[number : number + 1]), self.footprint.region
        )
        height, width = chosen.shape
        part = slice(bottom, bottom + height), slice(left, left + width)
        heavy = HeavyFootprint.from_arrays(
            plain, pixels.values[chosen], self.mask[part][chosen], self.variance[part][chosen]
        )
        return Child(heavy, self.fits[number], stray or pixels.has_lost, self._is_cut)
