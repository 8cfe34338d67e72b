"""Loops over masks and variances of sources; see `pipelines.kernel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["bits_at_centers", "bits_in_footprints", "median_variances"]


@kernel("i4[::1](const i4[:, ::1], i4[:, ::1], i8[::1])")
def bits_in_footprints(
    mask: NDArray[np.int32], spans: NDArray[np.int32], begins: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Return the bits that are set anywhere in the footprints of sources.

    Parameters
    ----------
    mask
        Shape (ny, nx).
    spans, begins
        Row, first and last column of all spans, and where those of each
        source begin, shape (n + 1,).
    """
    found = np.zeros(begins.size - 1, np.int32)
    for number in range(found.size):
        for place in range(begins[number], begins[number + 1]):
            y = spans[place, 0]
            if not 0 <= y < mask.shape[0]:
                continue
            for x in range(max(spans[place, 1], 0), min(spans[place, 2] + 1, mask.shape[1])):
                found[number] |= mask[y, x]
    return found


@kernel("i4[::1](const i4[:, ::1], f8[::1], f8[::1])")
def bits_at_centers(
    mask: NDArray[np.int32], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Return the bits that are set in the nine pixels around positions; -1 outside of the image.

    Parameters
    ----------
    mask
        Shape (ny, nx).
    x, y
        Positions, as indices, shape (n,).
    """
    found = np.zeros(x.size, np.int32)
    height, width = mask.shape
    for number in range(x.size):
        right, top = x[number] + 0.5, y[number] + 0.5
        if not (0 <= right < width and 0 <= top < height):
            found[number] = -1
            continue
        column, row = int(right), int(top)
        for j in range(max(row - 1, 0), min(row + 2, height)):
            for i in range(max(column - 1, 0), min(column + 2, width)):
                found[number] |= mask[j, i]
    return found


@kernel("f8[::1](const f4[:, ::1], const i4[:, ::1], i8, f8[::1], f8[::1], f8[:, ::1], f8)")
def median_variances(
    variance: NDArray[np.float32],
    mask: NDArray[np.int32],
    excluded: int,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    moments: NDArray[np.float64],
    scale: float,
) -> NDArray[np.float64]:
    """Return the median variance of the pixels around sources.

    Parameters
    ----------
    variance, mask
        Shape (ny, nx).
    excluded
        Bits of the mask whose pixels do not count.
    x, y, moments
        Centres, as indices, and xx, yy, xy, shape (n, 3).
    scale
        Size of the ellipse that is used, in units of that of the moments.

    Returns
    -------
    numpy.ndarray
        Shape (n,); NaN without pixels.
    """
    result = np.full(x.size, np.nan)
    height, width = variance.shape
    for number in range(x.size):
        xx, yy, xy = moments[number]
        determinant = xx * yy - xy * xy
        if not (determinant > 0 and np.isfinite(x[number] + y[number])):
            continue
        reach_x, reach_y = scale * np.sqrt(xx), scale * np.sqrt(yy)
        left, right = max(int(x[number] - reach_x), 0), min(int(x[number] + reach_x) + 2, width)
        bottom, top = max(int(y[number] - reach_y), 0), min(int(y[number] + reach_y) + 2, height)
        values = np.empty(max(right - left, 0) * max(top - bottom, 0), np.float32)
        count = 0
        for row in range(bottom, top):
            dy = row - y[number]
            for column in range(left, right):
                dx = column - x[number]
                distance = (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / determinant
                if distance <= scale * scale and not mask[row, column] & excluded:
                    values[count] = variance[row, column]
                    count += 1
        if count:
            result[number] = np.median(values[:count])
    return result
