"""Loops over pixels of many stars; see `pipelines.kernel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["combined_images", "shifted_images"]

_TAPS = 10


@kernel("f4[:, ::1](f8[:, ::1], const f8[:, ::1])", reorders=True)
def combined_images(
    weights: NDArray[np.float64], planes: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return weighted sums of images, scaled to add up to 1.

    Parameters
    ----------
    weights
        Shape (n, n_planes).
    planes
        Shape (n_planes, pixels).

    Notes
    -----
    A matrix product is not used for it: its threads cost more than they bring.
    """
    result = np.empty((len(weights), planes.shape[1]), np.float32)
    pixels = np.empty(planes.shape[1])
    for number in range(len(weights)):
        pixels[:] = 0
        for term in range(len(planes)):
            weight, plane = weights[number, term], planes[term]
            for place in range(pixels.size):
                pixels[place] += weight * plane[place]
        total = 0.0
        for place in range(pixels.size):
            total += pixels[place]
        for place in range(pixels.size):
            result[number, place] = pixels[place] / total
    return result


@kernel("void(f4[::1], const f4[::1], f4[::1])", reorders=True)
def _weigh_columns(
    row: NDArray[np.float32], taps: NDArray[np.float32], sums: NDArray[np.float32]
) -> None:
    """Sum ten pixels of a row, one after the other, for each element of the result.

    The weights are variables: those of an array would be read again for each pixel.
    """
    t0, t1, t2, t3, t4 = taps[0], taps[1], taps[2], taps[3], taps[4]
    t5, t6, t7, t8, t9 = taps[5], taps[6], taps[7], taps[8], taps[9]
    for x in range(sums.size):
        low = t0 * row[x] + t1 * row[x + 1] + t2 * row[x + 2] + t3 * row[x + 3] + t4 * row[x + 4]
        high = t5 * row[x + 5] + t6 * row[x + 6] + t7 * row[x + 7] + t8 * row[x + 8]
        sums[x] = low + high + t9 * row[x + 9]


@kernel("void(f4[:, ::1], const f4[::1], f4[::1])", reorders=True)
def _weigh_rows(
    rows: NDArray[np.float32], taps: NDArray[np.float32], sums: NDArray[np.float32]
) -> None:
    """Sum ten rows; see `_weigh_columns`."""
    t0, t1, t2, t3, t4 = taps[0], taps[1], taps[2], taps[3], taps[4]
    t5, t6, t7, t8, t9 = taps[5], taps[6], taps[7], taps[8], taps[9]
    r0, r1, r2, r3, r4 = rows[0], rows[1], rows[2], rows[3], rows[4]
    r5, r6, r7, r8, r9 = rows[5], rows[6], rows[7], rows[8], rows[9]
    for x in range(sums.size):
        low = t0 * r0[x] + t1 * r1[x] + t2 * r2[x] + t3 * r3[x] + t4 * r4[x]
        high = t5 * r5[x] + t6 * r6[x] + t7 * r7[x] + t8 * r8[x]
        sums[x] = low + high + t9 * r9[x]


@kernel("f4[:, :, ::1](const f4[:, :, ::1], f4[:, ::1], f4[:, ::1], i8[:, ::1])")
def shifted_images(
    images: NDArray[np.float32],
    taps_x: NDArray[np.float32],
    taps_y: NDArray[np.float32],
    firsts: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Move images by fractions of a pixel.

    Parameters
    ----------
    images
        Shape (n, ny, nx), or (1, ny, nx) for the same image each time. What
        lies outside counts as zero.
    taps_x, taps_y
        Weights of ten neighbouring pixels, shape (n, 10).
    firsts
        How far away, along x and along y, the first of those pixels is, from
        -10 to 0, shape (n, 2).
    """
    count = len(taps_x)
    _, height, width = images.shape
    moved = np.empty((count, height, width), np.float32)
    tall = np.zeros((height + 2 * _TAPS, width), np.float32)
    wide = np.zeros(width + 2 * _TAPS, np.float32)
    for number in range(count):
        tall[_TAPS : _TAPS + height] = images[number % len(images)]
        left, below = firsts[number, 0] + _TAPS, firsts[number, 1] + _TAPS
        for y in range(height):
            _weigh_rows(tall[below + y :], taps_y[number], wide[_TAPS : _TAPS + width])
            _weigh_columns(wide[left:], taps_x[number], moved[number, y])
    return moved
