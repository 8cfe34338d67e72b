"""What a blend is taken apart into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imaging.footprint.footprint import Footprint
from imaging.footprint.heavy import HeavyFootprint
from imaging.footprint.peaks import PeakCatalog
from imaging.footprint.span_set import SpanSet
from pipelines.deblending.kernels import lost_pixels, share_light
from pipelines.deblending.templates import make_templates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.deblending.parent import Parent, StarFit
    from pipelines.stars.star_images import StarImages

__all__ = ["Child", "make_children"]


@dataclass(frozen=True, slots=True)
class Child:
    """What a deblender makes of one peak."""

    footprint: HeavyFootprint
    fit: StarFit
    has_stray_flux: bool
    is_at_edge: bool
    """Whether its template has pixels whose opposite ones lie outside of the image."""


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


def make_children(parent: Parent, stars: StarImages, sigma: float, edge: int) -> list[Child | None]:
    """Return what each peak consists of, None where nothing is left for it.

    Parameters
    ----------
    parent
        With the fits of stars to its peaks.
    stars
        Images of stars at the places of `fits`.
    sigma
        Width of the PSF.
    edge
        What happens to templates where the image ends; see
        `pipelines.deblending.profile_kernels.add_structure`.
    """
    templates = make_templates(parent, stars, sigma, edge)
    flat, begins, boxes = templates.flat, templates.begins, templates.boxes
    values, owned = np.zeros_like(flat), np.zeros(flat.size, np.bool_)
    stray = share_light(
        parent.image, parent.inside, flat, begins, boxes, parent.places, values, owned
    )
    lost = lost_pixels(parent.inside, owned, begins, boxes, parent.places)
    children = []
    for number in range(len(parent.peaks)):
        part = templates.part(number)
        near = lost[lost[:, 2] == number, :2]
        pixels = _Pixels.of(boxes[number], values[part], owned[part])
        pixels = pixels.with_lost(near, parent.image)
        is_at_edge = bool(templates.is_at_edge[number])
        children.append(
            _child(parent, number, pixels, stray=bool(stray[number]), is_at_edge=is_at_edge)
        )
    return children


def _child(
    parent: Parent, number: int, pixels: _Pixels, *, stray: bool, is_at_edge: bool
) -> Child | None:
    if not pixels.owned.any():
        return None
    chosen, (left, bottom) = pixels.owned, pixels.corner
    spans = SpanSet.from_array(chosen, (left + parent.box.min_x, bottom + parent.box.min_y))
    plain = Footprint(
        spans, PeakCatalog(parent.peaks[number : number + 1]), parent.footprint.region
    )
    height, width = chosen.shape
    part = slice(bottom, bottom + height), slice(left, left + width)
    heavy = HeavyFootprint.from_arrays(
        plain, pixels.values[chosen], parent.mask[part][chosen], parent.variance[part][chosen]
    )
    return Child(heavy, parent.fits[number], stray or pixels.has_lost, is_at_edge)
