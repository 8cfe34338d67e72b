"""Loops over the pixels around sources; see `pipelines.kernel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ring_levels"]


@kernel("i8(f4[:, ::1], const i4[:, ::1], i8, UniTuple(i8, 2), f8, f8, UniTuple(f8, 2), f4[::1])")
def _collect(
    stamp: NDArray[np.float32],
    mask: NDArray[np.int32],
    bad: int,
    corner: tuple[int, int],
    x: float,
    y: float,
    radii: tuple[float, float],
    values: NDArray[np.float32],
) -> int:
    """Write the good pixels of a ring one after the other, and return how many they are."""
    x0, y0 = corner
    inner, outer = radii
    count = 0
    first, last = max(y0, 0, int(np.ceil(y - outer))), min(y0 + len(stamp), len(mask)) - 1
    for row in range(first, min(last, int(np.floor(y + outer))) + 1):
        half = np.sqrt(max(outer**2 - (row - y) ** 2, 0.0))
        hole = inner**2 - (row - y) ** 2
        left = max(x0, 0, int(np.ceil(x - half)))
        right = min(x0 + stamp.shape[1], mask.shape[1]) - 1
        for column in range(left, min(right, int(np.floor(x + half))) + 1):
            if (column - x) ** 2 > hole and not mask[row, column] & bad:
                values[count] = stamp[row - y0, column - x0]
                count += 1
    return count


@kernel("UniTuple(f8, 3)(f4[::1], f8, f8)", reorders=True)
def _clipped(values: NDArray[np.float32], low: float, high: float) -> tuple[float, float, float]:
    """Return number, mean and standard deviation of the values between two limits."""
    count, total, squares = 0.0, 0.0, 0.0
    first = values[0]
    for value in values:
        inside = 1.0 if low <= value <= high else 0.0
        offset = value - first
        count += inside
        total += inside * offset
        squares += inside * offset * offset
    mean = total / count
    variance = max(squares / count - mean * mean, 0.0) * count / max(count - 1, 1.0)
    return count, first + mean, np.sqrt(variance)


@kernel(
    "f8[:, ::1](f4[:, :, ::1], const i4[:, ::1], i8, i8[:, ::1], f8[::1], f8[::1], "
    "UniTuple(f8, 2), f8, i8)"
)
def ring_levels(
    stamps: NDArray[np.float32],
    mask: NDArray[np.int32],
    bad: int,
    corners: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    radii: tuple[float, float],
    n_sigma: float,
    iterations: int,
) -> NDArray[np.float64]:
    """Return mean and standard deviation of the pixels in rings around sources.

    Parameters
    ----------
    stamps, corners
        The pixels, shape (n, size, size), and the first column and row of each stamp.
    mask, bad
        Of the image, shape (ny, nx), and the bits whose pixels do not count.
    x, y
        The centres, as indices of the image.
    radii
        Inner and outer one, in pixels.
    n_sigma, iterations
        Pixels farther from the mean than so many standard deviations are left
        out, so many times.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2); NaN without pixels.
    """
    result = np.full((len(stamps), 2), np.nan)
    values = np.empty(stamps.shape[1] * stamps.shape[2], np.float32)
    for number in range(len(stamps)):
        if not np.isfinite(x[number] + y[number]):
            continue
        corner = (corners[number, 0], corners[number, 1])
        count = _collect(stamps[number], mask, bad, corner, x[number], y[number], radii, values)
        if not count:
            continue
        _, mean, deviation = _clipped(values[:count], -np.inf, np.inf)
        for _ in range(iterations):
            reach = n_sigma * deviation
            _, mean, deviation = _clipped(values[:count], mean - reach, mean + reach)
        result[number] = mean, deviation
    return result
