"""Loops over the pixels of blends; see `pipelines.kernel`.

A parent is a stamp: image and variance of the box of its footprint, and which
pixels of the box belong to it. Boxes are first and last column, first and last
row, inclusive, as indices of the stamp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "fit_star",
    "limit_to_falling",
    "lost_pixels",
    "mirrored_template",
    "share_light",
    "summed",
]

_MODEL_ERROR = 0.02
"""By how much of its height a PSF may be wrong without a star being taken for something else."""
_LEAST_LEVEL = 0.05
_OWN_TERMS = 7  # star, two shifts, tilts, level, and what is broader than a star
_MOST_TERMS = 20


@kernel("i8(f8[:, ::1], f8[::1], i8)")
def _eliminate(matrix: NDArray[np.float64], vector: NDArray[np.float64], size: int) -> int:
    """Take positive definite equations half way (Cholesky), in place; return how many are good.

    The square of an element of the vector is then by how much its term lowers
    the sum of squares, after those before it.
    """
    for row in range(size):
        for column in range(row + 1):
            total = matrix[row, column]
            for k in range(column):
                total -= matrix[row, k] * matrix[column, k]
            if row != column:
                matrix[row, column] = total / matrix[column, column]
            elif total <= 1e-10 * (1e-300 + abs(matrix[row, row])):
                return row
            else:
                matrix[row, row] = np.sqrt(total)
        for k in range(row):
            vector[row] -= matrix[row, k] * vector[k]
        vector[row] /= matrix[row, row]
    return size


@kernel("void(f8[:, ::1], f8[::1], i8)")
def _substitute(matrix: NDArray[np.float64], vector: NDArray[np.float64], size: int) -> None:
    """Solve what `_eliminate` has left of some equations, in place."""
    for row in range(size - 1, -1, -1):
        for k in range(row + 1, size):
            vector[row] -= matrix[k, row] * vector[k]
        vector[row] /= matrix[row, row]


@kernel("f8(const f4[:, :, ::1], i8[:, ::1], i8, i8, i8)")
def _star_at(
    stars: NDArray[np.float32], corners: NDArray[np.int64], number: int, y: int, x: int
) -> float:
    """Return the value of a star at a pixel, zero outside of its box."""
    row, column = y - corners[number, 1], x - corners[number, 0]
    if 0 <= row < stars.shape[1] and 0 <= column < stars.shape[2]:
        return float(stars[number, row, column])
    return 0.0


@kernel("void(const f4[:, :, ::1], i8[:, ::1], i8[::1], UniTuple(i8, 2), UniTuple(i8, 2), f8[::1])")
def _terms_at(
    stars: NDArray[np.float32],
    corners: NDArray[np.int64],
    members: NDArray[np.int64],
    place: tuple[int, int],
    center: tuple[int, int],
    terms: NDArray[np.float64],
) -> None:
    """Fill in the star, what moves it, a tilt, its neighbours, a level, and what widens it."""
    star, (x, y) = members[0], place
    terms[0] = _star_at(stars, corners, star, y, x)
    left = _star_at(stars, corners, star, y, x - 1)
    right = _star_at(stars, corners, star, y, x + 1)
    below = _star_at(stars, corners, star, y - 1, x)
    above = _star_at(stars, corners, star, y + 1, x)
    terms[1], terms[2] = 0.5 * (left - right), 0.5 * (below - above)
    terms[3], terms[4] = float(x - center[0]), float(y - center[1])
    for number in range(1, members.size):
        terms[_OWN_TERMS - 3 + number] = _star_at(stars, corners, members[number], y, x)
    terms[_OWN_TERMS - 3 + members.size] = 1.0
    terms[_OWN_TERMS - 2 + members.size] = left + right + below + above - 4 * terms[0]


@kernel("b1(const f4[:, ::1], const f4[:, ::1], const b1[:, ::1], i8, i8)")
def _is_usable(
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    inside: NDArray[np.bool_],
    y: int,
    x: int,
) -> bool:
    """Return whether a pixel can take part in a fit."""
    if not (0 <= y < image.shape[0] and 0 <= x < image.shape[1]):
        return False
    return bool(inside[y, x]) and variance[y, x] > 0


@kernel(
    "UniTuple(f8, 6)(const f4[:, ::1], const f4[:, ::1], const b1[:, ::1], const f4[:, :, ::1], "
    "i8[:, ::1], i8[::1], UniTuple(i8, 3))"
)
def fit_star(
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    inside: NDArray[np.bool_],
    stars: NDArray[np.float32],
    corners: NDArray[np.int64],
    members: NDArray[np.int64],
    circle: tuple[int, int, int],
) -> tuple[float, float, float, float, float, float]:
    """Fit a star, a plane, and its neighbours as stars, to the pixels around it.

    Parameters
    ----------
    image, variance, inside
        The parent, shape (ny, nx).
    stars
        The PSF at each peak of the parent, shape (n, h, w).
    corners
        First column and row of each, shape (n, 2).
    members
        Which star is fitted, and which other ones with it; 14 at most.
    circle
        Column, row and radius of the pixels that are used.

    Returns
    -------
    tuple
        Flux, by how much the star has to be moved along x and y, the mean of
        the squared deviations in units of their errors, by how many errors
        what is there is broader than a star, and by how many it stands on a
        level above zero; 0 if that is less than a twentieth of its height.
        NaN if the fit is not possible.
    """
    n_terms = _OWN_TERMS - 2 + members.size
    terms, vector = np.empty(_MOST_TERMS), np.zeros(_MOST_TERMS)
    matrix = np.zeros((_MOST_TERMS, _MOST_TERMS))
    center_x, center_y, radius = circle
    squares, count = 0.0, 0
    height = _MODEL_ERROR * max(float(image[center_y, center_x]), 0.0)
    for y in range(center_y - radius, center_y + radius + 1):
        for x in range(center_x - radius, center_x + radius + 1):
            distance = (x - center_x) ** 2 + (y - center_y) ** 2
            if distance > radius**2 or not _is_usable(image, variance, inside, y, x):
                continue
            weight = 1 / (variance[y, x] + height**2)
            _terms_at(stars, corners, members, (x, y), (center_x, center_y), terms)
            squares += weight * image[y, x] ** 2
            count += 1
            for row in range(n_terms + 1):
                weighted = weight * terms[row]
                vector[row] += weighted * image[y, x]
                for column in range(row + 1):
                    matrix[row, column] += weighted * terms[column]
    n_good = _eliminate(matrix, vector, n_terms + 1)
    squares -= (vector[:n_terms] ** 2).sum()
    excess, level = vector[n_terms] if n_good > n_terms else 0.0, vector[n_terms - 1]
    _substitute(matrix, vector, n_terms)
    if count <= n_terms or n_good < n_terms or vector[0] <= 0:
        return np.nan, np.nan, np.nan, np.nan, np.nan, np.nan
    if vector[n_terms - 1] < _LEAST_LEVEL * image[center_y, center_x]:
        level = 0.0
    chi2 = squares / (count - n_terms)
    return vector[0], vector[1] / vector[0], vector[2] / vector[0], chi2, excess, level


@kernel("void(const f4[:, ::1], const b1[:, ::1], i8, i8, UniTuple(i8, 4), b1, f4[:, ::1])")
def mirrored_template(
    image: NDArray[np.float32],
    inside: NDArray[np.bool_],
    center_y: int,
    center_x: int,
    box: tuple[int, int, int, int],
    keeps_edge: bool,  # noqa: FBT001 - kernels take no keywords
    template: NDArray[np.float32],
) -> None:
    """Write the light that lies at a pixel and at the one opposite: the fainter of both.

    Parameters
    ----------
    image, inside
        The parent.
    center_y, center_x
        The peak.
    box
        Of the template.
    keeps_edge
        Whether a pixel whose opposite one is not in the stamp keeps its own
        light: where the image ends. Otherwise it has none.
    template
        Written in place; not negative.
    """
    height, width = image.shape
    for y in range(box[2], box[3] + 1):
        for x in range(box[0], box[1] + 1):
            value = image[y, x] if inside[y, x] else np.float32(0)
            row, column = 2 * center_y - y, 2 * center_x - x
            if 0 <= row < height and 0 <= column < width:
                other = image[row, column] if inside[row, column] else np.float32(0)
                value = min(value, other)
            elif not keeps_edge:
                value = np.float32(0)
            template[y - box[2], x - box[0]] = max(value, np.float32(0))


@kernel("void(f4[:, ::1], i8, i8, i8, i8)")
def _limit_pixel(
    template: NDArray[np.float32], center_y: int, center_x: int, y: int, x: int
) -> None:
    """Let a pixel be no brighter than the one before it on the way from the peak."""
    if not (0 <= y < template.shape[0] and 0 <= x < template.shape[1]):
        return
    steps = max(abs(y - center_y), abs(x - center_x))
    row = int(np.floor(y - (y - center_y) / steps + 0.5))
    column = int(np.floor(x - (x - center_x) / steps + 0.5))
    template[y, x] = min(template[y, x], template[row, column])


@kernel("void(f4[:, ::1], i8, i8)")
def limit_to_falling(template: NDArray[np.float32], center_y: int, center_x: int) -> None:
    """Make a template fall from its peak outwards, in place.

    Parameters
    ----------
    template
        Shape (ny, nx).
    center_y, center_x
        The peak, as indices of the template.
    """
    height, width = template.shape
    reach = max(center_y, height - 1 - center_y, center_x, width - 1 - center_x)
    for ring in range(1, reach + 1):
        for step in range(-ring, ring + 1):
            _limit_pixel(template, center_y, center_x, center_y - ring, center_x + step)
            _limit_pixel(template, center_y, center_x, center_y + ring, center_x + step)
            _limit_pixel(template, center_y, center_x, center_y + step, center_x - ring)
            _limit_pixel(template, center_y, center_x, center_y + step, center_x + ring)


@kernel("i8(i8[:, ::1], i8, i8)")
def _nearest(peaks: NDArray[np.int64], y: int, x: int) -> int:
    """Return which peak, given by column and row, is nearest to a pixel."""
    best, found = np.int64(1) << 62, 0
    for number in range(len(peaks)):
        distance = (x - peaks[number, 0]) ** 2 + (y - peaks[number, 1]) ** 2
        if distance < best:
            best, found = distance, number
    return found


@kernel("f4[:, ::1](const b1[:, ::1], f4[::1], i8[::1], i8[:, ::1])")
def summed(
    inside: NDArray[np.bool_],
    templates: NDArray[np.float32],
    begins: NDArray[np.int64],
    boxes: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Return the sum of all templates at each pixel of a parent; see `share_light`."""
    total = np.zeros(inside.shape, np.float32)
    for number in range(len(boxes)):
        left, right, bottom, top = boxes[number]
        place = begins[number]
        for y in range(bottom, top + 1):
            for x in range(left, right + 1):
                total[y, x] += templates[place]
                place += 1
    return total


@kernel("i4[:, ::1](const b1[:, ::1], f4[:, ::1], i8[:, ::1])")
def _stray_owners(
    inside: NDArray[np.bool_], total: NDArray[np.float32], peaks: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Return which peak is nearest to each pixel that no template covers, -1 for others."""
    owners = np.full(inside.shape, -1, np.int32)
    for y in range(inside.shape[0]):
        for x in range(inside.shape[1]):
            if inside[y, x] and total[y, x] <= 0:
                owners[y, x] = _nearest(peaks, y, x)
    return owners


@kernel(
    "b1[::1](const f4[:, ::1], const b1[:, ::1], f4[::1], i8[::1], i8[:, ::1], i8[:, ::1], "
    "f4[::1], b1[::1])"
)
def share_light(
    image: NDArray[np.float32],
    inside: NDArray[np.bool_],
    templates: NDArray[np.float32],
    begins: NDArray[np.int64],
    boxes: NDArray[np.int64],
    peaks: NDArray[np.int64],
    values: NDArray[np.float32],
    owned: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Share the light of each pixel of a parent among its children by their templates.

    Parameters
    ----------
    image, inside
        The parent.
    templates, begins, boxes
        The templates one after the other, where each begins, and its box.
    peaks
        Column and row of each, shape (n, 2).
    values, owned
        Written in place, for the pixels of the templates: light of each child,
        and whether a pixel is one of it.

    Returns
    -------
    numpy.ndarray
        For each child whether it got light where no template has any: what
        lies nearest to its peak, as far as its box reaches.
    """
    total = summed(inside, templates, begins, boxes)
    owners = _stray_owners(inside, total, peaks)
    has_stray = np.zeros(len(boxes), np.bool_)
    for number in range(len(boxes)):
        left, right, bottom, top = boxes[number]
        place = begins[number]
        for y in range(bottom, top + 1):
            for x in range(left, right + 1):
                if owners[y, x] == number:
                    values[place] = image[y, x]
                    owned[place] = True
                    has_stray[number] = has_stray[number] or image[y, x] > 0
                elif inside[y, x] and templates[place] > 0:
                    values[place] = image[y, x] * (templates[place] / total[y, x])
                    owned[place] = True
                place += 1
    return has_stray


@kernel("i8[:, ::1](const b1[:, ::1], b1[::1], i8[::1], i8[:, ::1], i8[:, ::1])")
def lost_pixels(
    inside: NDArray[np.bool_],
    owned: NDArray[np.bool_],
    begins: NDArray[np.int64],
    boxes: NDArray[np.int64],
    peaks: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the pixels of a parent that are no child's, and whose peak is nearest.

    Parameters
    ----------
    inside, owned, begins, boxes, peaks
        As for `share_light`, after it.

    Returns
    -------
    numpy.ndarray
        Shape (n, 3): row, column, number of the peak.
    """
    lost = inside.copy()
    for number in range(len(boxes)):
        left, right, bottom, top = boxes[number]
        place = begins[number]
        for y in range(bottom, top + 1):
            for x in range(left, right + 1):
                if owned[place]:
                    lost[y, x] = False
                place += 1
    found = np.empty((np.count_nonzero(lost), 3), np.int64)
    count = 0
    for y in range(lost.shape[0]):
        for x in range(lost.shape[1]):
            if lost[y, x]:
                found[count, 0], found[count, 1] = y, x
                found[count, 2] = _nearest(peaks, y, x)
                count += 1
    return found
