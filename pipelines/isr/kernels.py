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
    "add_from_table",
    "add_polynomial",
    "add_relative_variance",
    "add_scaled",
    "count_not_finite",
    "divide_by",
    "fill_variance",
    "row_medians",
    "subtract_crosstalk",
    "subtract_rows",
    "take_section",
    "widen_runs",
]


@kernel(
    *(
        f"UniTuple(i8, 2)(const {kind}[:, ::1], UniTuple(i8, 4), f4[:, ::1], i4[:, ::1],"
        " UniTuple(i8, 4), const f8[::1], UniTuple(f8, 2), UniTuple(i8, 2))"
        for kind in ("u2", "i4", "f4")
    )
)
def take_section(
    raw: NDArray[np.number],
    section: tuple[int, int, int, int],
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    place: tuple[int, int, int, int],
    levels: NDArray[np.float64],
    limits: tuple[float, float],
    bits: tuple[int, int],
) -> tuple[int, int]:
    """Write a section less one level for each of its rows; return how many pixels were flagged.

    ``place`` has the row and column of the image where the first pixel goes,
    and 1 or -1 for the direction of the rows, and that of the columns. Pixels
    get the first or second ``bits`` from the first or second of ``limits`` on,
    which are of the raw.
    """
    y0, y1, x0, x1 = section
    row, column, down, right = place
    lowest = min(limits[0], limits[1])
    nx, first, second = x1 - x0, 0, 0
    begin = column if right > 0 else column - nx + 1
    for y in range(y0, y1):
        source, at = raw[y, x0:x1], row + down * (y - y0)
        target, flags = image[at, begin : begin + nx], mask[at, begin : begin + nx]
        level, high = np.float32(levels[y - y0]), 0
        for x in range(nx):
            high += 1 if source[x] >= lowest else 0
        if right > 0:
            for x in range(nx):
                target[x] = np.float32(source[x]) - level
        else:
            for x in range(nx):
                target[nx - 1 - x] = np.float32(source[x]) - level
        if high == 0:
            continue
        for x in range(nx):
            flagged = x if right > 0 else nx - 1 - x
            if source[x] >= limits[0]:
                flags[flagged] |= bits[0]
                first += 1
            if source[x] >= limits[1]:
                flags[flagged] |= bits[1]
                second += 1
    return first, second


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
    total = np.empty(x1 - x0, np.float32)
    for y in range(y0, y1):
        row = image[y, x0:x1]
        total[:] = np.float32(coefficients[order - 1])
        for k in range(order - 2, -1, -1):
            c = np.float32(coefficients[k])
            for x in range(x1 - x0):
                total[x] = total[x] * row[x] + c
        for x in range(x1 - x0):
            value = row[x]
            row[x] = value + (total[x] * value * value if value > threshold else np.float32(0))


@kernel("i8(f4[:, ::1], i8, i8, i8, i8, const f4[::1], f4)")
def add_from_table(
    image: NDArray[np.float32],
    y0: int,
    y1: int,
    x0: int,
    x1: int,
    table: NDArray[np.float32],
    offset: float,
) -> int:
    """Add ``table[floor(pixel + offset)]`` to the pixels of a section.

    Pixels beyond the table get its first or last value; how many these are is
    returned. What is no number stays.
    """
    last, beyond = len(table) - 1, 0
    for y in range(y0, y1):
        for x in range(x0, x1):
            place = np.floor(image[y, x] + offset)
            if np.isnan(place):
                continue
            beyond += 1 if place < 0 or place > last else 0
            image[y, x] += table[int(min(max(place, 0), last))]
    return beyond


@kernel("i8(const f4[:, ::1], const i8[:, ::1], i8, f4, f4[:, ::1])")
def _read_together(
    image: NDArray[np.float32],
    places: NDArray[np.int64],
    step: int,
    bright: float,
    rows: NDArray[np.float32],
) -> int:
    """Copy the row of each amplifier that is read in one step; return how many pixels are bright.

    The pixels of ``rows`` are in the order in which they are read.
    """
    n, nx = rows.shape
    ny = places[0, 4]
    count = 0
    for k in range(n):
        y = places[k, 0] + (ny - 1 - step if places[k, 2] else step)
        source = image[y, places[k, 1] : places[k, 1] + nx]
        if places[k, 3]:
            for x in range(nx):
                rows[k, x] = source[nx - 1 - x]
        else:
            for x in range(nx):
                rows[k, x] = source[x]
        for x in range(nx):
            count += rows[k, x] >= bright
    return count


@kernel("i8(const f4[::1], i4[::1], i8, f4, i4)")
def _flag_echoes(
    source: NDArray[np.float32], flags: NDArray[np.int32], is_right: int, bright: float, bits: int
) -> int:
    """Flag where echoes of bright pixels fall; return how many were not flagged before."""
    nx, count = len(source), 0
    for x in range(nx):
        at = nx - 1 - x if is_right else x
        if source[x] >= bright and flags[at] & bits != bits:
            flags[at] |= bits
            count += 1
    return count


@kernel(
    "i8(f4[:, ::1], i4[:, ::1], const i8[:, ::1], const f8[:, ::1], const f4[::1], f4, i4)",
    reorders=True,
)
def subtract_crosstalk(
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    places: NDArray[np.int64],
    coefficients: NDArray[np.float64],
    levels: NDArray[np.float32],
    bright: float,
    bits: int,
) -> int:
    """Subtract from each amplifier the echoes of the others; return how many pixels were flagged.

    ``places`` has for each amplifier its first row and column, whether it is
    read from the top and from the right, and its numbers of rows and columns,
    which are the same for all; pixels that are read at the same time meet.
    ``coefficients[victim, source]`` multiply the source less its level. Echoes
    of pixels from ``bright`` on get the bits.
    """
    n, ny, nx = places.shape[0], places[0, 4], places[0, 5]
    rows, echo = np.empty((n, nx), np.float32), np.empty(nx, np.float32)
    flagged = 0
    for step in range(ny):
        is_bright = _read_together(image, places, step, bright, rows) > 0
        for victim in range(n):
            y = places[victim, 0] + (ny - 1 - step if places[victim, 2] else step)
            first, is_right = places[victim, 1], places[victim, 3]
            echo[:] = 0
            for other in range(n):
                c = np.float32(coefficients[victim, other])
                if other == victim or c == 0:
                    continue
                level = levels[other]
                for x in range(nx):
                    echo[x] += c * (rows[other, x] - level)
                if is_bright:
                    flags = mask[y, first : first + nx]
                    flagged += _flag_echoes(rows[other], flags, is_right, bright, bits)
            target = image[y, first : first + nx]
            if is_right:
                for x in range(nx):
                    target[x] -= echo[nx - 1 - x]
            else:
                for x in range(nx):
                    target[x] -= echo[x]
    return flagged


@kernel("i8(const f4[:, ::1], f4[:, ::1], i4[:, ::1], i8, i8, i8, i8, f4, f4, i4)")
def fill_variance(
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    mask: NDArray[np.int32],
    y0: int,
    y1: int,
    x0: int,
    x1: int,
    gain: float,
    noise: float,
    bits: int,
) -> int:
    """Write the variance of a section: counts over gain (none below zero), and noise squared.

    Where counts below zero would have made it negative bits are set; how many
    pixels these are is returned.
    """
    inverse, least = np.float32(1) / np.float32(gain), np.float32(noise) * np.float32(noise)
    lost = 0
    for y in range(y0, y1):
        counts, row = image[y, x0:x1], variance[y, x0:x1]
        negative = 0
        for x in range(x1 - x0):
            value = counts[x] * inverse
            row[x] = (value if value > 0 else np.float32(0)) + least
            negative += 1 if value + least < 0 else 0
        lost += negative
        if negative > 0 and bits:
            for x in range(x1 - x0):
                if counts[x] * inverse + least < 0:
                    mask[y, x0 + x] |= bits
    return lost


@kernel("void(f4[:, ::1], const f4[:, ::1], f4)")
def add_scaled(image: NDArray[np.float32], other: NDArray[np.float32], factor: float) -> None:
    """Add another image times a factor."""
    ny, nx = image.shape
    for y in range(ny):
        for x in range(nx):
            image[y, x] += factor * other[y, x]


@kernel("void(const f4[:, ::1], f4[:, ::1], const f4[:, ::1], const f4[:, ::1])")
def add_relative_variance(
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    flat: NDArray[np.float32],
    flat_variance: NDArray[np.float32],
) -> None:
    """Add what the error of a flat means for an image that it has not divided yet.

    Where the flat, or its variance, gives no number, nothing is added.
    """
    ny, nx = image.shape
    for y in range(ny):
        for x in range(nx):
            ratio = image[y, x] / flat[y, x]
            added = flat_variance[y, x] * ratio * ratio
            variance[y, x] += added if np.isfinite(added) else np.float32(0)


@kernel("i8(const f4[:, ::1])")
def count_not_finite(image: NDArray[np.float32]) -> int:
    """Return how many pixels are NaN or infinite."""
    ny, nx = image.shape
    count = 0
    for y in range(ny):
        for x in range(nx):
            count += not np.isfinite(image[y, x])
    return count


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


@kernel("void(i4[:, ::1], i4, const i8[::1], const i8[::1])")
def widen_runs(
    mask: NDArray[np.int32], bits: int, widths: NDArray[np.int64], steps: NDArray[np.int64]
) -> None:
    """Lengthen the runs of pixels with some bits in each row, at both ends.

    A run of at least ``widths[k]`` pixels grows by ``steps[k]``, of the last k
    for which that is so. Runs are those of before.
    """
    ny, nx = mask.shape
    before = np.empty(nx + 1, np.int32)
    before[nx] = 0
    for y in range(ny):
        count = 0
        for x in range(nx):
            before[x] = mask[y, x] & bits
            count += 1 if before[x] != 0 else 0
        x = 0
        while count > 0 and x < nx:
            first = x
            while before[x] != 0:
                x += 1
            step = 0
            for k in range(len(widths)):
                if x - first >= widths[k]:
                    step = steps[k]
            if step > 0:
                for place in range(max(0, first - step), min(nx, x + step)):
                    mask[y, place] |= bits
            x += 1
