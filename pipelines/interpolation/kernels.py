"""The loops of interpolation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["find_bits", "interpolate_pixels", "interpolate_rows"]


@kernel("i8(const i4[:, ::1], i4, i4[:, ::1])")
def find_bits(mask: NDArray[np.int32], bits: int, places: NDArray[np.int32]) -> int:
    """Write (y, x) of pixels with any of some bits, and return how many there are.

    There may be more than there is room for: then the first ones are written.
    """
    ny, nx = mask.shape
    room, found = places.shape[0], 0
    for y in range(ny):
        here = 0
        for x in range(nx):
            here += (mask[y, x] & bits) != 0
        if here == 0:
            continue
        for x in range(nx):
            if mask[y, x] & bits:
                if found < room:
                    places[found, 0], places[found, 1] = y, x
                found += 1
    return found


@kernel("i8(f4[:, ::1], i4[:, ::1], i4, i4)")
def interpolate_rows(
    image: NDArray[np.float32], mask: NDArray[np.int32], bits: int, flag: int
) -> int:
    """Fill runs of pixels with any of ``bits`` by straight lines along the rows.

    Runs at an edge get the value of their one neighbour; rows without a good
    pixel stay as they are, and unflagged. Filled pixels get the bits ``flag``;
    the number of them is returned.
    """
    ny, nx = image.shape
    filled = 0
    for y in range(ny):
        x = 0
        while x < nx:
            if mask[y, x] & bits == 0:
                x += 1
                continue
            first = x
            while x < nx and mask[y, x] & bits != 0:
                x += 1
            if first == 0 and x == nx:
                continue
            left = image[y, first - 1] if first > 0 else image[y, x]
            right = image[y, x] if x < nx else left
            slope = (right - left) / np.float32(x - first + 1)
            for place in range(first, x):
                image[y, place] = left + slope * np.float32(place - first + 1)
                mask[y, place] |= flag
            filled += x - first
    return filled


@kernel("UniTuple(f8, 2)(f4[:, ::1], const i4[:, ::1], i4, i8, i8, i8, i8, i8)")
def _first_good(
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    bits: int,
    y: int,
    x: int,
    dy: int,
    dx: int,
    reach: int,
) -> tuple[float, float]:
    """Return the first good pixel in a direction and the steps to it, 0 if there is none."""
    ny, nx = image.shape
    for step in range(1, reach + 1):
        j, i = y + step * dy, x + step * dx
        if j < 0 or j >= ny or i < 0 or i >= nx:
            break
        if mask[j, i] & bits == 0:
            return float(image[j, i]), float(step)
    return 0.0, 0.0


@kernel("UniTuple(f8, 2)(f4[:, ::1], const i4[:, ::1], i4, i8, i8, i8)")
def _from_lines(
    image: NDArray[np.float32], mask: NDArray[np.int32], bits: int, y: int, x: int, reach: int
) -> tuple[float, float]:
    """Return the value that the four lines through a pixel suggest, and its weight."""
    total = weight = single = single_weight = 0.0
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        one, gap_1 = _first_good(image, mask, bits, y, x, -dy, -dx, reach)
        two, gap_2 = _first_good(image, mask, bits, y, x, dy, dx, reach)
        gap = gap_1 + gap_2
        if gap == 0:
            continue
        share = 1.0 / ((dy * dy + dx * dx) * gap * gap)  # steps on diagonals are longer
        if gap_1 > 0 and gap_2 > 0:
            total += share * (one * gap_2 + two * gap_1) / gap
            weight += share
        else:
            single += share * (one if gap_1 > 0 else two)
            single_weight += share
    if weight > 0:
        return total / weight, weight
    return (single / single_weight, single_weight) if single_weight > 0 else (0.0, 0.0)


@kernel("i8(f4[:, ::1], const i4[:, ::1], const i4[:, ::1], i4, i8)")
def interpolate_pixels(
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    pixels: NDArray[np.int32],
    bits: int,
    reach: int,
) -> int:
    """Fill single pixels from good ones along the row, the column and both diagonals.

    ``pixels`` has a row (y, x) for each; all have ``bits``. Along each of the four lines the
    nearest pixels without ``bits`` on both sides, at most ``reach`` away, give
    a value by a straight line; these count by the inverse square of the gap.
    A line with one side counts only where no line has two. The number of
    filled pixels is returned; those with no good pixel near stay as they are.
    """
    filled = 0
    for k in range(pixels.shape[0]):  # all of them have bits: none is filled from a filled one
        y, x = pixels[k, 0], pixels[k, 1]
        value, weight = _from_lines(image, mask, bits, y, x, reach)
        if weight > 0:
            image[y, x] = value
            filled += 1
    return filled
