"""The loops of the brighter-fatter correction: a convolution, and what flows between pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["convolve_separable", "move_charge"]


@kernel("void(const f4[:, ::1], const f4[:, ::1], i8, f4[:, ::1])", reorders=True)
def _sum_columns(
    image: NDArray[np.float32], columns: NDArray[np.float32], y: int, sums: NDArray[np.float32]
) -> None:
    """Write for each term what its column makes of the rows round one row.

    Two terms and four rows at a time, so that each pixel is read half as often:
    there are an even number of terms, and a multiple of four weights.
    """
    ny, nx = image.shape
    half = (sums.shape[1] - nx) // 2
    sums[:] = 0
    for k in range(0, columns.shape[0], 2):
        one, two = sums[k, half : half + nx], sums[k + 1, half : half + nx]
        for j in range(0, columns.shape[1], 4):
            row_0 = image[min(max(y + j - half, 0), ny - 1)]
            row_1 = image[min(max(y + j + 1 - half, 0), ny - 1)]
            row_2 = image[min(max(y + j + 2 - half, 0), ny - 1)]
            row_3 = image[min(max(y + j + 3 - half, 0), ny - 1)]
            a, b, c, d = columns[k, j], columns[k, j + 1], columns[k, j + 2], columns[k, j + 3]
            m = k + 1
            e, f, g, h = columns[m, j], columns[m, j + 1], columns[m, j + 2], columns[m, j + 3]
            for x in range(nx):
                p, q, r, s = row_0[x], row_1[x], row_2[x], row_3[x]
                one[x] += a * p + b * q + c * r + d * s
                two[x] += e * p + f * q + g * r + h * s
    for k in range(len(sums)):
        sums[k, :half] = sums[k, half]
        sums[k, half + nx :] = sums[k, half + nx - 1]


@kernel("void(const f4[:, ::1], const f4[:, ::1], f4[::1])", reorders=True)
def _sum_rows(
    sums: NDArray[np.float32], rows: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """Write what the rows of all terms make of their sums, eight pixels at a time."""
    terms, size = rows.shape
    nx = out.shape[0]
    out[:] = 0
    for k in range(terms):
        line, w = sums[k], rows[k]
        j = 0
        while j + 8 <= size:
            a, b, c, d = w[j], w[j + 1], w[j + 2], w[j + 3]
            e, f, g, h = w[j + 4], w[j + 5], w[j + 6], w[j + 7]
            part = line[j:]
            for x in range(nx):
                out[x] += (
                    a * part[x]
                    + b * part[x + 1]
                    + c * part[x + 2]
                    + d * part[x + 3]
                    + e * part[x + 4]
                    + f * part[x + 5]
                    + g * part[x + 6]
                    + h * part[x + 7]
                )
            j += 8
        while j < size:
            a, part = w[j], line[j:]
            for x in range(nx):
                out[x] += a * part[x]
            j += 1


@kernel("void(const f4[:, ::1], const f4[:, ::1], const f4[:, ::1], f4[:, ::1])")
def convolve_separable(
    image: NDArray[np.float32],
    columns: NDArray[np.float32],
    rows: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Write the correlation with a sum of products ``columns[k][:, None] * rows[k]``.

    Both have the shape (terms, size), with an odd size; pixels beyond the edge
    are those of the edge.
    """
    ny, nx = image.shape
    terms, size = rows.shape
    padded = np.zeros((terms + terms % 2, size + -size % 4), np.float32)
    padded[:terms, :size] = columns
    sums = np.empty((len(padded), nx + size - 1), np.float32)
    for y in range(ny):
        _sum_columns(image, padded, y, sums)
        _sum_rows(sums, rows, out[y])


@kernel("void(const f4[::1], const f4[::1], const f4[::1], const f4[::1], f4[::1])")
def _flows(
    charge: NDArray[np.float32],
    next_charge: NDArray[np.float32],
    potential: NDArray[np.float32],
    next_potential: NDArray[np.float32],
    flows: NDArray[np.float32],
) -> None:
    """Write half of the charge times the slope on the sides between pixels and the next ones."""
    for x in range(len(charge)):
        both = np.float32(0.25) * (charge[x] + next_charge[x])
        flows[x] = both * (next_potential[x] - potential[x])


@kernel("Tuple((f8, i8))(f4[::1], const f4[::1], const f4[::1], const f4[::1], f4)", reorders=True)
def _replace(
    moved: NDArray[np.float32],
    above: NDArray[np.float32],
    below: NDArray[np.float32],
    side: NDArray[np.float32],
    steady: float,
) -> tuple[float, int]:
    """Write what flows into pixels; return the sum of the changes, and how many are large."""
    right = side[1:]
    changed, count = np.float32(0), np.int32(0)
    for x in range(len(moved)):
        value = above[x] - below[x] + right[x] - side[x]
        change = abs(value - moved[x])
        moved[x] = value
        changed += change
        count += np.int32(change > steady)
    return float(changed), int(count)


@kernel(
    "f8(const f4[:, ::1], const f4[:, ::1], UniTuple(i8, 4), f4[:, ::1], i8, f4, i8[::1], i8)",
    reorders=True,
)
def move_charge(
    charge: NDArray[np.float32],
    potential: NDArray[np.float32],
    part: tuple[int, int, int, int],
    moved: NDArray[np.float32],
    column: int,
    steady: float,
    unsteady: NDArray[np.int64],
    width: int,
) -> float:
    """Write ``div(charge grad(potential)) / 2`` of a part; return how much that differs.

    ``part`` has its rows and columns, ends excluded; ``moved`` has its rows, it
    begins there at a column, and what was there before is replaced. Nothing
    flows through the edges of the image, so charge is moved, not made. The sum
    of the absolute differences is returned; ``unsteady`` gets for each ``width``
    columns the number of those above ``steady``.
    """
    ny, nx = charge.shape
    y0, y1, x0, x1 = part
    n, first, end = x1 - x0, max(x0, 1), min(x1 + 1, nx)  # sides with a pixel on their right
    below, above = np.zeros(n, np.float32), np.zeros(n, np.float32)
    side = np.zeros(n + 1, np.float32)
    columns, total = slice(x0, x1), 0.0
    if y0 > 0:
        one, two = charge[y0 - 1, columns], charge[y0, columns]
        _flows(one, two, potential[y0 - 1, columns], potential[y0, columns], below)
    for y in range(y0, y1):
        row, level, target = charge[y], potential[y], moved[y - y0, column : column + n]
        if y + 1 < ny:
            up, next_level = charge[y + 1, columns], potential[y + 1, columns]
            _flows(row[columns], up, level[columns], next_level, above)
        else:
            above[:] = 0
        low, high = slice(first - 1, end - 1), slice(first, end)
        _flows(row[low], row[high], level[low], level[high], side[first - x0 :])
        for k in range(len(unsteady)):
            begin, stop = k * width, min(n, (k + 1) * width)
            some = slice(begin, stop)
            sides = side[begin : stop + 1]
            change, count = _replace(target[some], above[some], below[some], sides, steady)
            total += change
            unsteady[k] += count
        below, above = above, below
    return total
