"""The loops that find cosmic rays.

A cosmic ray is sharper than the PSF. The four lines through a pixel (row,
column, diagonals) give four pairs of opposite neighbours; a pixel that stands
out of the mean of a pair by more than any star could belongs to a ray.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["add_faint", "find_seeds", "grow_rays"]


@kernel(
    "i8(const f4[:, ::1], const f4[:, ::1], const i4[:, ::1], i4, const f4[::1], f4, f4, f4,"
    " i4[:, ::1])"
)
def find_seeds(
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    mask: NDArray[np.int32],
    skipped: int,
    sharpest: NDArray[np.float32],
    level: float,
    min_sigma: float,
    slack: float,
    seeds: NDArray[np.int32],
) -> int:
    """Find pixels that no point source explains.

    A seed is more than ``min_sigma`` of its own errors above the background
    ``level``, stands as much above the mean of one pair at least, and above
    what the PSF allows for one pair at least: ``sharpest`` has for the row,
    the column and the diagonals the smallest ratio of the pair's mean to the
    pixel; both sides get ``slack`` of their errors. Pixels with ``skipped``
    bits are none, nor those at the edge. Places (y, x) go to ``seeds``; their
    number is returned, also when it is more than there is room for.
    """
    ny, nx = image.shape
    count = 0
    for y in range(1, ny - 1):
        for x in range(1, nx - 1):
            value, var = image[y, x] - level, variance[y, x]
            if not (value > 0 and value * value > min_sigma * min_sigma * var):
                continue
            if mask[y, x] & skipped:
                continue
            error = np.sqrt(var)
            stands_out = is_sharp = False
            for line in range(4):
                dy, dx = (0, 1) if line == 0 else ((1, 0) if line == 1 else (1, 2 * line - 5))
                mean = np.float32(0.5) * (image[y + dy, x + dx] + image[y - dy, x - dx]) - level
                pair_error = np.float32(0.5) * np.sqrt(
                    variance[y + dy, x + dx] + variance[y - dy, x - dx]
                )
                stands_out |= value - min_sigma * error > mean
                ratio = sharpest[min(line, 2)]
                is_sharp |= ratio * (value - slack * error) > mean + slack * pair_error
            if stands_out and is_sharp:
                if count < seeds.shape[0]:
                    seeds[count, 0], seeds[count, 1] = y, x
                count += 1
    return count


@kernel("b1(const f4[:, ::1], const f4[:, ::1], const i4[:, ::1], i8, i8, const f4[::1], f4, f8)")
def _belongs(
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    owner: NDArray[np.int32],
    y: int,
    x: int,
    sharpest: NDArray[np.float32],
    level: float,
    half_sigma: float,
) -> bool:
    """Return whether a neighbour of a ray stands out of a pair, ray pixels aside."""
    value = image[y, x] - level
    margin = half_sigma * np.sqrt(variance[y, x])
    if value < margin:
        return False
    for line in range(4):
        dy, dx = (0, 1) if line == 0 else ((1, 0) if line == 1 else (1, 2 * line - 5))
        is_ray_1, is_ray_2 = owner[y + dy, x + dx] > 0, owner[y - dy, x - dx] > 0
        if is_ray_1 and is_ray_2:
            continue
        one, two = image[y + dy, x + dx] - level, image[y - dy, x - dx] - level
        mean = two if is_ray_1 else (one if is_ray_2 else np.float32(0.5) * (one + two))
        if value >= mean + margin and sharpest[min(line, 2)] * value > mean:
            return True
    return False


@kernel(
    "UniTuple(f8, 2)(const f4[:, ::1], const f4[:, ::1], const i4[:, ::1], i4, const f4[::1], f4,"
    " f8, i8, i8, i4[:, ::1], i4[:, ::1], i4[::1])"
)
def _grow_one(
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    mask: NDArray[np.int32],
    skipped: int,
    sharpest: NDArray[np.float32],
    level: float,
    half_sigma: float,
    rounds: int,
    first: int,
    owner: NDArray[np.int32],
    pixels: NDArray[np.int32],
    depth: NDArray[np.int32],
) -> tuple[float, float]:
    """Grow the ray of the seed ``pixels[first]``; return where it ends and its counts.

    It ends at -1 if there is no room.
    """
    ny, nx = image.shape
    ray = pixels[first, 2]
    total = 0.0
    place, end = first, first + 1
    while place < end:
        y0, x0 = pixels[place, 0], pixels[place, 1]
        total += image[y0, x0] - level
        for y in range(max(1, y0 - 1), min(ny - 1, y0 + 2)):
            for x in range(max(1, x0 - 1), min(nx - 1, x0 + 2)):
                is_seed = owner[y, x] == -1
                if owner[y, x] > 0 or mask[y, x] & skipped:
                    continue
                is_near = is_seed or depth[place] < rounds
                if not is_near or not (
                    is_seed or _belongs(image, variance, owner, y, x, sharpest, level, half_sigma)
                ):
                    continue
                if end == pixels.shape[0]:
                    return -1.0, total
                pixels[end, 0], pixels[end, 1], pixels[end, 2] = y, x, ray
                owner[y, x] = ray
                depth[end] = 0 if is_seed else depth[place] + 1
                end += 1
        place += 1
    return float(end), total


@kernel(
    "UniTuple(i8, 2)(const f4[:, ::1], const f4[:, ::1], const i4[:, ::1], i4, const f4[::1], f4,"
    " f4, f4, i8, const i4[:, ::1], i4[:, ::1], i4[:, ::1])"
)
def grow_rays(
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    mask: NDArray[np.int32],
    skipped: int,
    sharpest: NDArray[np.float32],
    level: float,
    min_sigma: float,
    min_counts: float,
    rounds: int,
    seeds: NDArray[np.int32],
    owner: NDArray[np.int32],
    pixels: NDArray[np.int32],
) -> tuple[int, int]:
    """Join seeds that touch to rays, and add neighbours that stand out.

    A neighbour is added, at most ``rounds`` steps from a seed, if it stands
    half of ``min_sigma`` above a pair, and above what the PSF allows; of a
    pair with one pixel of a ray only the other one counts. Rays with fewer
    than ``min_counts`` above the background are forgotten.

    ``owner``, zeros of the shape of the image, gets the number of the ray of
    each pixel, from 1 on; ``pixels`` a row (y, x, number) for each. Returned
    are the numbers of rays and of pixels; -1 pixels if there was no room.
    """
    for k in range(seeds.shape[0]):
        owner[seeds[k, 0], seeds[k, 1]] = -1
    rays, end, half_sigma = 0, 0, 0.5 * min_sigma
    depth = np.zeros(pixels.shape[0], np.int32)
    for k in range(seeds.shape[0]):
        y, x = seeds[k, 0], seeds[k, 1]
        if owner[y, x] != -1:
            continue
        if end == pixels.shape[0]:
            return rays, -1
        pixels[end, 0], pixels[end, 1], pixels[end, 2] = y, x, rays + 1
        owner[y, x], depth[end] = rays + 1, 0
        last, total = _grow_one(
            image, variance, mask, skipped, sharpest, level, half_sigma, rounds, end,
            owner, pixels, depth
        )  # fmt: skip
        if last < 0:
            return rays, -1
        if total > min_counts:
            rays, end = rays + 1, int(last)
        else:
            for gone in range(end, int(last)):
                owner[pixels[gone, 0], pixels[gone, 1]] = 0
    return rays, end


@kernel("UniTuple(f8, 2)(const f4[:, ::1], const i4[:, ::1], i8, i8)")
def _surroundings(
    image: NDArray[np.float32], owner: NDArray[np.int32], y: int, x: int
) -> tuple[float, float]:
    """Return the sum of the neighbours that are of no ray, and how many there are."""
    total = count = 0.0
    for j in range(y - 1, y + 2):
        for i in range(x - 1, x + 2):
            if owner[j, i] <= 0 and (j != y or i != x):
                total += image[j, i]
                count += 1.0
    return total, count


@kernel(
    "i8(const f4[:, ::1], const f4[:, ::1], const i4[:, ::1], i4, f4, f4, f4, i4[:, ::1],"
    " i4[:, ::1], i8)"
)
def add_faint(
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    mask: NDArray[np.int32],
    skipped: int,
    level: float,
    sigma: float,
    max_level: float,
    owner: NDArray[np.int32],
    pixels: NDArray[np.int32],
    end: int,
) -> int:
    """Add to rays the neighbours that stand faintly out of the sky; return where pixels end.

    A neighbour is added if it stands ``sigma`` of its errors above the mean of
    those pixels round it that are of no ray, where these are fewer than
    ``max_level`` errors above the background: so not where a star lies.

    ``owner`` and ``pixels`` are as `grow_rays` leaves them; owners of faint
    pixels are negative, so that none is added for the sake of another one.
    -1 is returned if there is no room.
    """
    ny, nx = image.shape
    last = end
    for k in range(end):
        ray = pixels[k, 2]
        for y in range(max(1, pixels[k, 0] - 1), min(ny - 1, pixels[k, 0] + 2)):
            for x in range(max(1, pixels[k, 1] - 1), min(nx - 1, pixels[k, 1] + 2)):
                if owner[y, x] != 0 or mask[y, x] & skipped:
                    continue
                total, count = _surroundings(image, owner, y, x)
                error = np.sqrt(variance[y, x])
                if not total - count * level < count * max_level * error:  # nor NaN
                    continue
                if not count * image[y, x] - total > count * sigma * error:
                    continue
                if last == pixels.shape[0]:
                    return -1
                pixels[last, 0], pixels[last, 1], pixels[last, 2] = y, x, ray
                owner[y, x] = -ray
                last += 1
    return last
