"""The loops of background models: statistics of cells, and curves through them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MEAN", "MEANCLIP", "MEDIAN", "MODE", "cell_statistics", "evaluate_rows"]

MEANCLIP: Final = 0
MEDIAN: Final = 1
MEAN: Final = 2
MODE: Final = 3

_MANY: Final = 700
"""Values of which a part is enough for a robust first guess."""


@kernel("UniTuple(f8, 3)(f4[::1], i8, f8, i8)", reorders=True)
def _clipped(
    values: NDArray[np.float32], count: int, sigma: float, rounds: int
) -> tuple[float, float, float]:
    """Return mean, standard deviation and number of values after clipping round the mean.

    The kept values come to stand first.
    """
    mean = deviation = 0.0
    for step in range(rounds + 1):
        total = 0.0
        for i in range(count):
            total += values[i]
        mean = total / count
        squares = 0.0
        for i in range(count):
            squares += (values[i] - mean) ** 2
        deviation = np.sqrt(squares / count)
        if step == rounds:
            break
        low, high = mean - sigma * deviation, mean + sigma * deviation
        kept = 0
        for i in range(count):
            value = values[i]
            values[kept] = value
            kept += low <= value <= high
        if kept in (0, count):
            break
        count = kept
    return mean, deviation, float(count)


@kernel("i8(f4[::1], i8, f8, i8)")
def _without_tails(values: NDArray[np.float32], count: int, sigma: float, stride: int) -> int:
    """Move the values within some robust deviations of the median to the front; count them.

    Median and deviation (from the median of absolute deviations) are of every
    ``stride``-th value.
    """
    sample = values[:count:stride].copy()
    middle = np.median(sample)
    spread = 1.4826 * np.median(np.abs(sample - middle))
    if not spread > 0:
        return count
    low, high = middle - sigma * spread, middle + sigma * spread
    kept = 0
    for i in range(count):
        value = values[i]
        values[kept] = value
        kept += low <= value <= high
    return kept


@kernel("UniTuple(f8, 2)(f4[::1], i8, i8, f8, i8, f8)")
def _level_and_error(
    values: NDArray[np.float32],
    n: int,
    statistic: int,
    sigma: float,
    rounds: int,
    robust_sigma: float,
) -> tuple[float, float]:
    """Return the level of the first ``n`` values, which are moved about, and its error."""
    is_clipped = statistic in (MEANCLIP, MODE)
    if is_clipped and robust_sigma > 0:
        n = _without_tails(values, n, robust_sigma, 7 if n > _MANY else 1)
    level, deviation, kept = _clipped(values, n, sigma, rounds if is_clipped else 0)
    if statistic in (MEDIAN, MODE):
        middle = float(np.median(values[: int(kept)]))
        if statistic == MODE and abs(level - middle) < 0.3 * deviation:
            middle = 2.5 * middle - 1.5 * level
        level = middle
    return level, deviation / np.sqrt(kept)


@kernel(
    "void(const f4[:, ::1], const i4[:, ::1], i4, const i8[::1], const i8[::1], i8, f8, i8, f8,"
    " f8[:, ::1], f8[:, ::1], i8[:, ::1])"
)
def cell_statistics(
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    ignored: int,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    statistic: int,
    sigma: float,
    rounds: int,
    robust_sigma: float,
    level: NDArray[np.float64],
    error: NDArray[np.float64],
    counts: NDArray[np.int64],
) -> None:
    """Write level, error of the level and number of used pixels of each cell.

    Cell (j, i) has the rows ``rows[j]`` to ``rows[j + 1]`` and columns
    likewise. Pixels with ``ignored`` bits and those that are not finite do not
    count; a cell without any gets NaN. ``statistic`` is ``MEANCLIP`` for the
    clipped mean, ``MEDIAN``, ``MEAN``, or ``MODE``: 2.5 medians less 1.5 means
    of the clipped values where the two lie within 0.3 deviations, else the
    median (Bertin & Arnouts 1996, A&AS 117, 393). For ``MEANCLIP`` and
    ``MODE`` values beyond ``robust_sigma`` of a robust deviation go first,
    unless that is zero.
    """
    size = (rows[1:] - rows[:-1]).max() * (columns[1:] - columns[:-1]).max()
    values = np.empty(size, np.float32)
    for j in range(level.shape[0]):
        for i in range(level.shape[1]):
            n = 0
            for y in range(rows[j], rows[j + 1]):
                for x in range(columns[i], columns[i + 1]):
                    values[n] = image[y, x]
                    n += (mask[y, x] & ignored) == 0 and np.isfinite(image[y, x])
            counts[j, i] = n
            if n == 0:
                level[j, i] = error[j, i] = np.nan
                continue
            level[j, i], error[j, i] = _level_and_error(
                values, n, statistic, sigma, rounds, robust_sigma
            )


@kernel("void(const f8[:, ::1], const f8[:, ::1], const f8[::1], f8, f4[:, ::1])")
def evaluate_rows(
    values: NDArray[np.float64],
    slopes: NDArray[np.float64],
    knots: NDArray[np.float64],
    start: float,
    out: NDArray[np.float32],
) -> None:
    """Write cubic curves through values with given slopes, one for each row.

    Pixel x of ``out`` lies at ``start + x`` on the axis of the knots, which
    grow. Before the first and after the last the curves are straight.
    """
    ny, nx = out.shape
    n = knots.shape[0]
    for y in range(ny):
        x = 0
        while x < nx and start + x < knots[0]:
            out[y, x] = values[y, 0] + slopes[y, 0] * (start + x - knots[0])
            x += 1
        for k in range(n - 1):
            width = knots[k + 1] - knots[k]
            rise = (values[y, k + 1] - values[y, k]) / width
            a, b = slopes[y, k], (3 * rise - 2 * slopes[y, k] - slopes[y, k + 1]) / width
            c = (slopes[y, k] + slopes[y, k + 1] - 2 * rise) / width**2
            last = min(nx, int(np.ceil(knots[k + 1] - start)))
            first = np.float32(values[y, k])
            for place in range(x, last):
                t = start + place - knots[k]
                out[y, place] = first + np.float32(t * (a + t * (b + t * c)))
            x = max(x, last)
        for place in range(x, nx):
            out[y, place] = values[y, n - 1] + slopes[y, n - 1] * (start + place - knots[n - 1])
