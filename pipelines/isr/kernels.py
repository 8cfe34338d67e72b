"""The loops of instrument signature removal.

Images are whole and their rows contiguous; a section of one is given as its
rows ``y0`` to ``y1`` and columns ``x0`` to ``x1``, ends excluded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "add_polynomial",
    "convolve_separable",
    "divide_by",
    "fill_variance",
    "flag_range",
    "move_charge",
    "row_medians",
    "subtract_crosstalk",
    "subtract_rows",
]


@kernel("i8(const f4[:, ::1], i4[:, ::1], i8, i8, i8, i8, f4, f4, i4)")
def flag_range(
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    y0: int,
    y1: int,
    x0: int,
    x1: int,
    low: float,
    high: float,
    bits: int,
) -> int:
    """Set bits where low <= pixel < high, and return in how many pixels."""
    count = 0
    for y in range(y0, y1):
        for x in range(x0, x1):
            if low <= image[y, x] < high:
                mask[y, x] |= bits
                count += 1
    return count


@kernel("void(const f4[:, ::1], i8, i8, i8, i8, f8[::1])")
def row_medians(
    image: NDArray[np.float32], y0: int, y1: int, x0: int, x1: int, medians: NDArray[np.float64]
) -> None:
    """Write the median of each row of a section; NaN where no pixel of it is finite."""
    values = np.empty(x1 - x0, np.float32)
    for y in range(y0, y1):
        n = 0
        for x in range(x0, x1):
            value = image[y, x]
            if np.isfinite(value):
                place = n
                while place > 0 and values[place - 1] > value:
                    values[place] = values[place - 1]
                    place -= 1
                values[place] = value
                n += 1
        if n == 0:
            medians[y - y0] = np.nan
        else:
            medians[y - y0] = 0.5 * (np.float64(values[(n - 1) // 2]) + np.float64(values[n // 2]))


@kernel("void(f4[:, ::1], i8, i8, i8, i8, const f8[::1])")
def subtract_rows(
    image: NDArray[np.float32], y0: int, y1: int, x0: int, x1: int, levels: NDArray[np.float64]
) -> None:
    """Subtract one level from each row of a section."""
    for y in range(y0, y1):
        level = np.float32(levels[y - y0])
        for x in range(x0, x1):
            image[y, x] -= level


@kernel("void(f4[:, ::1], i8, i8, i8, i8, const f8[::1], f4)")
def add_polynomial(
    image: NDArray[np.float32],
    y0: int,
    y1: int,
    x0: int,
    x1: int,
    coefficients: NDArray[np.float64],
    threshold: float,
) -> None:
    """Add ``coefficients[k] * pixel ** (k + 2)`` to the pixels of a section above a threshold."""
    order = coefficients.shape[0]
    for y in range(y0, y1):
        for x in range(x0, x1):
            value = image[y, x]
            total = np.float32(0)
            for k in range(order - 1, -1, -1):
                total = total * value + np.float32(coefficients[k])
            total *= value * value
            image[y, x] = value + (total if value > threshold else np.float32(0))


@kernel("void(f4[:, ::1], const f4[:, ::1], const i8[:, ::1], i8, i8, const f8[:, ::1])")
def subtract_crosstalk(
    image: NDArray[np.float32],
    source: NDArray[np.float32],
    places: NDArray[np.int64],
    ny: int,
    nx: int,
    coefficients: NDArray[np.float64],
) -> None:
    """Subtract from each amplifier the echoes of the others.

    ``places`` has for each amplifier its first row and column and whether it
    is read from the top and from the right; pixels that are read at the same
    time meet. ``coefficients[victim, source]`` multiply ``source``, a copy of
    ``image``. All amplifiers have ``ny`` rows of ``nx`` pixels.
    """
    n = places.shape[0]
    row = np.empty(nx, np.float32)
    for victim in range(n):
        ty, tx = places[victim, 0], places[victim, 1]
        for y in range(ny):
            row[:] = 0
            for other in range(n):
                c = np.float32(coefficients[victim, other])
                if other == victim or c == 0:
                    continue
                sy, sx = places[other, 0], places[other, 1]
                sy += y if places[other, 2] == places[victim, 2] else ny - 1 - y
                if places[other, 3] == places[victim, 3]:
                    for x in range(nx):
                        row[x] += c * source[sy, sx + x]
                else:
                    for x in range(nx):
                        row[x] += c * source[sy, sx + nx - 1 - x]
            for x in range(nx):
                image[ty + y, tx + x] -= row[x]


@kernel("void(const f4[:, ::1], f4[:, ::1], i8, i8, i8, i8, f4, f4)")
def fill_variance(
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    y0: int,
    y1: int,
    x0: int,
    x1: int,
    gain: float,
    noise: float,
) -> None:
    """Write the variance of a section: counts over gain (none below zero), and noise squared."""
    for y in range(y0, y1):
        for x in range(x0, x1):
            counts = image[y, x]
            variance[y, x] = (counts / gain if counts > 0 else np.float32(0)) + noise * noise


@kernel("i8(f4[:, ::1], f4[:, ::1], i4[:, ::1], const f4[:, ::1], f4, i4)")
def divide_by(
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    mask: NDArray[np.int32],
    flat: NDArray[np.float32],
    scale: float,
    bits: int,
) -> int:
    """Divide image and variance by a flat over ``scale``; return how many pixels had none.

    Where the flat is not a positive number the pixel becomes NaN, and bits
    are set.
    """
    ny, nx = image.shape
    lost = 0
    for y in range(ny):
        bad = 0
        for x in range(nx):
            bad += not 0 < flat[y, x] < np.inf
        for x in range(nx):
            factor = scale / flat[y, x]
            image[y, x] *= factor
            variance[y, x] *= factor * factor
        lost += bad
        if bad > 0:
            for x in range(nx):
                if not 0 < flat[y, x] < np.inf:
                    image[y, x] = variance[y, x] = np.float32(np.nan)
                    mask[y, x] |= bits
    return lost


@kernel("void(const f4[::1], const f4[::1], f4[::1])", reorders=True)
def _weigh_shifted(
    padded: NDArray[np.float32], weights: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    nx = out.shape[0]
    out[:] = 0
    size = weights.shape[0]
    j = 0
    while j + 4 <= size:  # four at a time: fewer passes over ``out``
        a, b, c, d = weights[j], weights[j + 1], weights[j + 2], weights[j + 3]
        for x in range(nx):
            out[x] += (
                a * padded[x + j]
                + b * padded[x + j + 1]
                + c * padded[x + j + 2]
                + d * padded[x + j + 3]
            )
        j += 4
    while j < size:
        a = weights[j]
        for x in range(nx):
            out[x] += a * padded[x + j]
        j += 1


@kernel("void(const f4[:, :, ::1], const f4[:, ::1], i8, f4[::1])", reorders=True)
def _weigh_ring(
    ring: NDArray[np.float32], columns: NDArray[np.float32], first: int, out: NDArray[np.float32]
) -> None:
    terms, size = columns.shape
    nx = out.shape[0]
    out[:] = 0
    for k in range(terms):
        j = 0
        while j + 4 <= size:
            a, b, c, d = columns[k, j], columns[k, j + 1], columns[k, j + 2], columns[k, j + 3]
            one, two = ring[k, (first + j) % size], ring[k, (first + j + 1) % size]
            three, four = ring[k, (first + j + 2) % size], ring[k, (first + j + 3) % size]
            for x in range(nx):
                out[x] += a * one[x] + b * two[x] + c * three[x] + d * four[x]
            j += 4
        while j < size:
            a = columns[k, j]
            one = ring[k, (first + j) % size]
            for x in range(nx):
                out[x] += a * one[x]
            j += 1


@kernel("void(const f4[:, ::1], const f4[:, ::1], const f4[:, ::1], f4[:, ::1])", reorders=True)
def convolve_separable(
    image: NDArray[np.float32],
    columns: NDArray[np.float32],
    rows: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Write the correlation with a sum of products ``columns[k][:, None] * rows[k]``.

    Both have the shape (terms, size), with an odd size of at least 5; terms
    beyond the edge are those of the edge.
    """
    ny, nx = image.shape
    terms, size = rows.shape
    half = size // 2
    ring = np.empty((terms, size, nx), np.float32)
    padded = np.empty(nx + 2 * half, np.float32)
    for step in range(-half, ny + half):
        y = min(max(step, 0), ny - 1)
        padded[half : half + nx] = image[y]
        padded[:half] = image[y, 0]
        padded[half + nx :] = image[y, nx - 1]
        slot = (step + half) % size
        for k in range(terms):
            _weigh_shifted(padded, rows[k], ring[k, slot])
        target = step - half
        if target >= 0:
            _weigh_ring(ring, columns, (target + 2 * half + 1) % size, out[target])


@kernel("f8(const f4[:, ::1], f4[:, ::1], const f4[:, ::1])", reorders=True)
def move_charge(
    recorded: NDArray[np.float32], charge: NDArray[np.float32], potential: NDArray[np.float32]
) -> float:
    """Replace charge by ``recorded + div(charge grad(potential)) / 2``; return the change.

    The divergence is that of the flows through the sides of pixels. Nothing
    flows through the edges of the image, so charge is moved, not made. The
    change is the sum of its absolute values.
    """
    ny, nx = charge.shape
    quarter = np.float32(0.25)  # half of the mean of two pixels
    below, row = np.zeros(nx, np.float32), np.empty(nx, np.float32)
    total = 0.0
    for y in range(ny):
        for x in range(nx):
            row[x] = recorded[y, x] - below[x]
        if y + 1 < ny:
            for x in range(nx):
                flow = quarter * (charge[y, x] + charge[y + 1, x])
                flow *= potential[y + 1, x] - potential[y, x]
                below[x] = flow
                row[x] += flow
        for x in range(nx - 1):
            flow = quarter * (charge[y, x] + charge[y, x + 1])
            flow *= potential[y, x + 1] - potential[y, x]
            row[x] += flow
            row[x + 1] -= flow
        changed = 0.0
        for x in range(nx):
            changed += abs(row[x] - charge[y, x])
            charge[y, x] = row[x]
        total += changed
    return total
