"""Sets of pixels as disjoint intervals on one long line, and what can be done with them.

Every row of the sky of pixels is laid behind the row below it, with a gap
that is larger than any image. A run of pixels is then an interval of integers,
half open, and operations on sets are those on intervals in one dimension:
sorting and searching, without a loop over runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from imaging.errors import FootprintError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "LIMIT",
    "Line",
    "check_coordinates",
    "components",
    "covered",
    "difference",
    "ends_of_holders",
    "joined",
    "places_within",
    "ranges",
    "to_line",
    "to_spans",
]

LIMIT = 1 << 30
"""Coordinates of pixels are smaller than this, and larger than its negative."""

_ROW = 1 << 32  # from a pixel to the one above it: no two rows ever touch


class Line(NamedTuple):
    """Intervals on the line of all pixels; disjoint, sorted and not touching unless said."""

    begins: NDArray[np.int64]
    ends: NDArray[np.int64]


def to_line(y: NDArray[np.integer], x0: NDArray[np.integer], x1: NDArray[np.integer]) -> Line:
    """Return the intervals of spans, in the order of the spans.

    Parameters
    ----------
    y, x0, x1
        Row, first and last column of each span.
    """
    rows = y.astype(np.int64) * _ROW + LIMIT
    return Line(rows + x0, rows + x1 + 1)


def to_spans(line: Line) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Return row, first and last column of each interval.

    Raises
    ------
    FootprintError
        If there are coordinates that are not possible.
    """
    y, columns = np.divmod(line.begins, _ROW)
    x0, x1 = columns - LIMIT, columns - LIMIT + (line.ends - line.begins) - 1
    check_coordinates(y, x0, x1)
    return y.astype(np.int32), x0.astype(np.int32), x1.astype(np.int32)


def check_coordinates(
    y: NDArray[np.integer], x0: NDArray[np.integer], x1: NDArray[np.integer]
) -> None:
    """Refuse spans that end before they begin or lie where no image is.

    Raises
    ------
    FootprintError
        If there is one.
    """
    wrong = (x1 < x0) | (y <= -LIMIT) | (y >= LIMIT) | (x0 <= -LIMIT) | (x1 >= LIMIT)
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        message = (
            f"A span cannot reach from x={x0[first]} to x={x1[first]} at y={y[first]}: "
            f"the first column comes first, and coordinates are below {LIMIT}."
        )
        raise FootprintError(message)


def covered(line: Line, least: int = 1) -> Line:
    """Return the pixels that lie in several intervals.

    Parameters
    ----------
    line
        Intervals in any order, which may overlap.
    least
        In how many of them a pixel has to be.
    """
    return _where(line, np.ones(line.begins.size, int), least)


def difference(first: Line, second: Line) -> Line:
    """Return the pixels of one set that are not in another."""
    weights = np.repeat([1, -1], [first.begins.size, second.begins.size])
    return _where(joined(first, second), weights, 1)


def joined(*lines: Line) -> Line:
    """Return the intervals of several sets one after the other, as `covered` takes them."""
    begins, ends = zip(*lines, strict=True)
    return Line(np.concatenate(begins), np.concatenate(ends))


def _where(line: Line, weights: NDArray[np.intp], least: int) -> Line:
    """Return the pixels for which the weights of the intervals they lie in have a sum.

    Notes
    -----
    The sort is a stable one because it merges what is sorted already, which
    is most; `numpy.unique` takes a hundred times as long.
    """
    places = np.concatenate(line)
    order = np.argsort(places, kind="stable")
    places, sums = places[order], np.cumsum(np.concatenate([weights, -weights])[order])
    last = np.append(places[1:] != places[:-1], True)[: places.size]  # of several at one place
    places, inside = places[last], sums[last] >= least
    before = np.append(False, inside)[:-1]
    return Line(places[inside & ~before], places[~inside & before])


def ranges(begins: NDArray[np.integer], lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the integers of many ranges, one range after the other.

    Parameters
    ----------
    begins
        First integer of each range.
    lengths
        How many integers each range has.
    """
    firsts = np.cumsum(lengths, dtype=np.int64) - lengths
    shifts = np.repeat(begins.astype(np.int64) - firsts, lengths)
    return shifts + np.arange(shifts.size)


def ends_of_holders(line: Line, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where the last interval that begins at or before each place ends.

    Parameters
    ----------
    line
        A set of pixels.
    places
        Anywhere. Where no interval begins before, a number below all places is returned.
    """
    ends = np.append(line.ends, np.iinfo(np.int64).min)  # the last is for holder -1
    return ends[np.searchsorted(line.begins, places, "right") - 1]


def places_within(part: Line, whole: Line) -> NDArray[np.int64]:
    """Return where the pixels of a part stand among those of the whole, in their order.

    Parameters
    ----------
    part
        A subset of ``whole``.
    whole
        The larger set.
    """
    widths = whole.ends - whole.begins
    holder = np.searchsorted(whole.begins, part.begins, "right") - 1
    firsts = (np.cumsum(widths) - widths)[holder] + part.begins - whole.begins[holder]
    return ranges(firsts, part.ends - part.begins)


def components(line: Line, *, diagonal: bool) -> NDArray[np.intp]:
    """Return for each interval the first one that it is connected with, by whatever path.

    Parameters
    ----------
    line
        A set of pixels.
    diagonal
        Whether pixels that touch at a corner alone are connected.

    Notes
    -----
    Every round joins each group of intervals to its lowest neighbour, so that
    at most half of the groups that are not complete are left; a round sorts
    nothing and takes about as long as one pass over the touching pairs.
    """
    lower, upper = _touching(line, reach=int(diagonal))
    root = np.arange(line.begins.size)
    while lower.size:
        np.minimum.at(root, np.maximum(lower, upper), np.minimum(lower, upper))
        root = _compressed(root)
        lower, upper = root[lower], root[upper]
        apart = lower != upper
        lower, upper = lower[apart], upper[apart]
    return root


def _touching(line: Line, reach: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of intervals that touch from one row to the next."""
    first = np.searchsorted(line.ends, line.begins + _ROW - reach, "right")
    last = np.searchsorted(line.begins, line.ends + _ROW + reach, "left")
    counts = last - first
    return np.repeat(np.arange(counts.size), counts), ranges(first, counts)


def _compressed(root: NDArray[np.intp]) -> NDArray[np.intp]:
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further
