"""What each peak of a blend looks like by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from pipelines.deblending.kernels import limit_to_falling, mirrored_template, summed
from pipelines.deblending.profile_kernels import add_structure, fit_profiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.deblending.parent import Parent
    from pipelines.stars.star_images import StarImages

__all__ = ["Templates", "make_templates"]

_BUDGET: Final = 20_000_000
"""Pixels that the templates of one parent may have together: 80 MB."""
_STAR_REACH: Final = 20
"""Templates reach so far from their peak at least, in pixels."""
_BRIGHT_EDGE: Final = 0.5
"""A star that is so many sigma high at the edge of its PSF's image goes on beyond it."""
_ROUNDS: Final = 4
"""Profiles are fitted so often; more change fluxes of stars by less than 0.1 % of them."""
_NOTHING: Final = (0, -1, 0, -1)


class _Overlap(NamedTuple):
    """The pixels that a star's image and the stamp have in common, as indices of either."""

    there: tuple[slice, slice]
    here: tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of the peaks of a parent.

    Parameters
    ----------
    boxes
        First and last column, first and last row of each, inclusive, as
        indices of the stamp, shape (n, 4).
    """

    boxes: NDArray[np.int64]
    shapes: NDArray[np.int64] = field(init=False)
    """Rows and columns of each, shape (n, 2)."""
    begins: NDArray[np.int64] = field(init=False)
    """Where each begins in `flat`."""
    flat: NDArray[np.float32] = field(init=False)
    """All of them, row by row, one after the other."""
    is_at_edge: NDArray[np.bool_] = field(init=False)
    """Which ones, of peaks that are no stars, have pixels whose opposite ones lie outside of the
    image."""

    def __post_init__(self) -> None:
        left, right, bottom, top = self.boxes.T
        shapes = np.column_stack([top - bottom + 1, right - left + 1])
        areas = shapes.prod(axis=1)
        object.__setattr__(self, "shapes", shapes)
        object.__setattr__(self, "begins", np.cumsum(areas) - areas)
        object.__setattr__(self, "flat", np.zeros(int(areas.sum()), np.float32))
        object.__setattr__(self, "is_at_edge", np.zeros(len(areas), np.bool_))

    def part(self, number: int) -> slice:
        """Return which elements of `flat` are those of a template."""
        begin, (height, width) = int(self.begins[number]), self.shapes[number].tolist()
        return slice(begin, begin + height * width)

    def get(self, number: int) -> NDArray[np.float32]:
        """Return a template, a view of shape (ny, nx)."""
        return self.flat[self.part(number)].reshape(self.shapes[number])


def make_templates(parent: Parent, stars: StarImages, sigma: float, edge: int) -> Templates:
    """Return the templates of a parent.

    Parameters
    ----------
    parent
        With the fits of stars to its peaks.
    stars
        Images of stars at the places of these fits.
    sigma
        Width of the PSF.
    edge
        As for `pipelines.deblending.profile_kernels.add_structure`.

    Notes
    -----
    That of a star is its image. That of any other peak begins as what is
    symmetric about it: the fainter of two opposite pixels, falling outwards
    (Lupton's deblender of SDSS), after the stars were subtracted. The fainter
    of two noisy pixels is too faint, by 0.56 sigma, and what lies opposite to
    a neighbour's wings has them too. So that is replaced by a profile along
    elliptical radii: the median of what all other templates leave in each
    ring. Where both of two opposite pixels deviate from it beyond the noise,
    they are believed.
    """
    templates, overlaps = Templates(_boxes(parent)), _overlaps(parent, stars)
    light = _starlight(parent, stars, overlaps)
    kept = np.tile(np.array(_NOTHING), (len(overlaps), 1))
    for number, overlap in enumerate(overlaps):
        template, box = templates.get(number), templates.boxes[number].tolist()
        own = _own_star(parent, number, stars, overlap)
        if own is None:
            _guess(parent, number, box, light, template)
            continue
        kept[number] = _draw_star(own, overlap.here, box, template)
        if not _goes_on(parent, number, own):
            kept[number] = 0, template.shape[1] - 1, 0, template.shape[0] - 1
    _refine(parent, templates, kept, sigma, edge)
    return templates


def _refine(
    parent: Parent, templates: Templates, kept: NDArray[np.int64], sigma: float, edge: int
) -> None:
    """Replace first guesses by profiles with structure, in place."""
    flat, begins, boxes = templates.flat, templates.begins, templates.boxes
    left_over = parent.image - summed(parent.inside, flat, begins, boxes)
    corner = np.array([parent.box.min_x, parent.box.min_y])
    centers = np.array([(fit.x, fit.y) for fit in parent.fits]) - corner
    fit_profiles(left_over, parent.inside, flat, begins, boxes, centers, kept, sigma, _ROUNDS)
    whole = parent.bounds
    sides = np.array([whole.min_x, whole.max_x, whole.min_y, whole.max_y]) - corner.repeat(2)
    for number in np.flatnonzero(kept[:, 1] < 0).tolist():
        template, (left, _, bottom, _) = templates.get(number), boxes[number].tolist()
        templates.is_at_edge[number] = add_structure(
            left_over, parent.variance, parent.inside, tuple(centers[number].tolist()),
            (left, bottom), tuple(sides.tolist()), edge, template,
        )  # fmt: skip
        x, y = parent.places[number].tolist()
        limit_to_falling(template, y - bottom, x - left)


def _boxes(parent: Parent) -> NDArray[np.int64]:
    """Return the box of each template: as far as the opposite pixel is one of the stamp."""
    height, width = parent.image.shape
    half = max(int(np.sqrt(_BUDGET / len(parent.peaks)) / 2), 1)
    x, y = parent.places.T
    near_x, near_y = np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y)
    far_x, far_y = np.maximum(x, width - 1 - x), np.maximum(y, height - 1 - y)
    if _is_cut(parent):
        near_x, near_y = far_x, far_y
    # Stars may reach farther than the opposite pixel on one side.
    reach_x = np.minimum(np.maximum(near_x, np.minimum(_STAR_REACH, far_x)), half)
    reach_y = np.minimum(np.maximum(near_y, np.minimum(_STAR_REACH, far_y)), half)
    sides = [
        np.maximum(x - reach_x, 0),
        np.minimum(x + reach_x, width - 1),
        np.maximum(y - reach_y, 0),
        np.minimum(y + reach_y, height - 1),
    ]
    return np.column_stack(sides)


def _is_cut(parent: Parent) -> bool:
    """Return whether the image ends where the footprint does."""
    box, whole = parent.box, parent.bounds
    return (
        box.min_x == whole.min_x
        or box.max_x == whole.max_x
        or box.min_y == whole.min_y
        or box.max_y == whole.max_y
    )


def _overlaps(parent: Parent, stars: StarImages) -> list[_Overlap]:
    """Return what each star's image and the stamp have in common."""
    size = np.array(stars.pixels.shape[:0:-1])
    corners = parent.corners(stars)
    low = np.maximum(corners, 0)
    high = np.maximum(np.minimum(corners + size, parent.image.shape[::-1]), low)
    return [
        _Overlap((slice(b - y, d - y), slice(a - x, c - x)), (slice(b, d), slice(a, c)))
        for (x, y), (a, b), (c, d) in zip(
            corners.tolist(), low.tolist(), high.tolist(), strict=True
        )
    ]


def _own_star(
    parent: Parent, number: int, stars: StarImages, overlap: _Overlap
) -> NDArray[np.float32] | None:
    """Return the light of a peak that is a star, as far as its image lies in the stamp."""
    fit = parent.fits[number]
    return np.float32(fit.flux) * stars.pixels[number][overlap.there] if fit.is_star else None


def _starlight(parent: Parent, stars: StarImages, overlaps: list[_Overlap]) -> NDArray[np.float32]:
    """Return the sum of all peaks that are stars."""
    light = np.zeros_like(parent.image)
    for number, overlap in enumerate(overlaps):
        own = _own_star(parent, number, stars, overlap)
        if own is not None:
            light[overlap.here] += own
    return light


def _goes_on(parent: Parent, number: int, own: NDArray[np.float32]) -> bool:
    """Return whether a star is brighter than the noise at the edge of its image."""
    x, y = parent.places[number].tolist()
    noise = float(np.sqrt(max(float(parent.variance[y, x]), 0.0)))
    return bool(own.size) and float(np.sort(own[0])[own.shape[1] // 2]) > _BRIGHT_EDGE * noise


def _guess(
    parent: Parent,
    number: int,
    box: list[int],
    light: NDArray[np.float32],
    template: NDArray[np.float32],
) -> None:
    """Write what is symmetric about a peak and falls outwards."""
    x, y = parent.places[number].tolist()
    bounds = box[0], box[1], box[2], box[3]
    rest = parent.image - light
    mirrored_template(rest, parent.inside, y, x, bounds, _is_cut(parent), template)
    limit_to_falling(template, y - box[2], x - box[0])


def _draw_star(
    own: NDArray[np.float32],
    here: tuple[slice, slice],
    box: list[int],
    template: NDArray[np.float32],
) -> tuple[int, int, int, int]:
    """Write a star, and return the box of its image, as indices of the template."""
    rows, columns = here
    low_x, low_y = max(columns.start, box[0]), max(rows.start, box[2])
    high_x, high_y = min(columns.stop, box[1] + 1), min(rows.stop, box[3] + 1)
    inner = slice(low_y - box[2], high_y - box[2]), slice(low_x - box[0], high_x - box[0])
    part = own[low_y - rows.start : high_y - rows.start]
    template[inner] = np.maximum(part[:, low_x - columns.start : high_x - columns.start], 0)
    return inner[1].start, inner[1].stop - 1, inner[0].start, inner[0].stop - 1
