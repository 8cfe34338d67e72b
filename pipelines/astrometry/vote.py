"""How two lists of positions are shifted, turned and stretched, when most pairs are wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy.ndimage import uniform_filter
from scipy.spatial import cKDTree

from pipelines.chance import log_chance

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ShapeVote", "ShiftVote", "vote_shape", "vote_shift"]

_BIN: Final = 2.0
"""Pixels; votes of three by three bins are added, so that distortions of some pixels do no harm."""
_CELL: Final = 0.002
"""Of turns, in radians, and of logarithms of scales: a pixel or two over half an image."""
_SHORTEST: Final = 0.15
"""Of the diagonal; the direction of shorter pairs says little."""


class ShiftVote(NamedTuple):
    """A shift, in pixels, how many pairs want it, and how many would by chance."""

    dx: float
    dy: float
    votes: float
    expected: float
    """Of votes, for any one of ``cells`` shifts."""
    cells: int

    @property
    def is_chance(self) -> bool:
        """Whether unrelated lists would have one as good."""
        return log_chance(round(self.votes), self.expected) + math.log10(self.cells) > 0


class ShapeVote(NamedTuple):
    """A turn, in degrees, a scale, and how many pairs of pairs want them."""

    angle: float
    scale: float
    votes: float


def vote_shift(
    points: NDArray[np.float64], goals: NDArray[np.float64], reach: float
) -> ShiftVote | None:
    """Return the shift after which most points lie on goals; None without any pair.

    Parameters
    ----------
    points, goals
        Shape (n, 2) and (m, 2), in pixels.
    reach
        The largest shift, in pixels.

    Notes
    -----
    All differences between a point and the goals in reach vote for a shift;
    right pairs agree, wrong ones do not.
    """
    if not len(points) or not len(goals):
        return None
    near = cKDTree(goals).query_ball_point(points, reach)
    first = np.repeat(np.arange(len(points)), [len(one) for one in near])
    if not first.size:
        return None
    second = np.concatenate([np.asarray(one, np.intp) for one in near])
    shifts = goals[second] - points[first]
    count = 2 * math.ceil(reach / _BIN) + 1
    low = -_BIN * count / 2
    summed = _histogram(shifts, (low, low), (_BIN, _BIN), (count, count))
    middle = low + _BIN * (np.array(np.unravel_index(np.argmax(summed), summed.shape)) + 0.5)
    close = shifts[(np.abs(shifts - middle) <= 1.5 * _BIN).all(axis=1)]
    dx, dy = np.median(close, axis=0).tolist() if len(close) else middle.tolist()
    expected = first.size * (3 * _BIN) ** 2 / (math.pi * reach**2)
    return ShiftVote(dx, dy, float(summed.max()), expected, count * count)


def vote_shape(
    points: NDArray[np.float64],
    goals: NDArray[np.float64],
    *,
    max_turn: float,
    max_stretch: float,
    count: int = 3,
) -> list[ShapeVote]:
    """Return the turns and scales of points with which their pairs look most like those of goals.

    Parameters
    ----------
    points, goals
        Shape (n, 2) and (m, 2); their order and any shift do not matter.
    max_turn
        The largest turn, in degrees, either way.
    max_stretch
        The largest change of the scale, as a part of one.
    count
        So many are returned, best first.

    Notes
    -----
    Every pair of points has a length and a direction; the ratios of lengths
    and the differences of directions to pairs of goals vote. Cost: the fourth
    power of the length of the lists, times the stretch.
    """
    if min(len(points), len(goals)) < 2:  # noqa: PLR2004 - a pair is of two
        return []
    extent = float(np.linalg.norm(np.ptp(goals, axis=0)))
    ours, theirs = (_pairs(one, _SHORTEST * extent) for one in (points, goals))
    theirs = np.concatenate([theirs, theirs + np.array([0.0, math.pi])])  # either end is the first
    theirs = theirs[np.argsort(theirs[:, 0])]
    widest = math.log1p(max_stretch) + 1.5 * _CELL
    begin, end = (np.searchsorted(theirs[:, 0], ours[:, 0] + side * widest) for side in (-1.0, 1.0))
    first = np.repeat(np.arange(len(ours)), end - begin)
    second = np.arange(first.size) - np.repeat(np.cumsum(end - begin) - end, end - begin)
    turns = (theirs[second, 1] - ours[first, 1] + math.pi) % (2 * math.pi) - math.pi
    most = math.radians(max_turn) + 1.5 * _CELL
    is_near = np.abs(turns) <= most
    if not is_near.any():
        return []
    ratios = theirs[second[is_near], 0] - ours[first[is_near], 0]
    return _peaks(np.column_stack([ratios, turns[is_near]]), (widest, most), count)


def _pairs(points: NDArray[np.float64], shortest: float) -> NDArray[np.float64]:
    """Return the logarithm of the length and the direction of all pairs, shape (k, 2)."""
    first, second = np.triu_indices(len(points), 1)
    x, y = (points[second] - points[first]).T
    length = np.hypot(x, y)
    is_long = length > max(shortest, 1e-6)
    return np.column_stack([np.log(length[is_long]), np.arctan2(y[is_long], x[is_long])])


def _peaks(votes: NDArray[np.float64], limits: tuple[float, float], count: int) -> list[ShapeVote]:
    size = [2 * math.ceil(limit / _CELL) + 1 for limit in limits]
    low = [-_CELL * cells / 2 for cells in size]
    summed = _histogram(votes, (low[0], low[1]), (_CELL, _CELL), (size[0], size[1]))
    found = []
    for _ in range(count):
        row, column = (int(index) for index in np.unravel_index(np.argmax(summed), summed.shape))
        number = float(summed[row, column])
        if number < 1:
            break
        middle = np.array(low) + _CELL * (np.array([row, column]) + 0.5)
        close = votes[(np.abs(votes - middle) <= 1.5 * _CELL).all(axis=1)]
        ratio, turn = np.median(close, axis=0).tolist() if len(close) else middle.tolist()
        found.append(ShapeVote(math.degrees(turn), math.exp(ratio), number))
        summed[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3] = 0
    return found


def _histogram(
    values: NDArray[np.float64],
    low: tuple[float, float],
    width: tuple[float, float],
    size: tuple[int, int],
) -> NDArray[np.float64]:
    """Count values in cells, each with its eight neighbours."""
    cells = np.floor((values - np.array(low)) / np.array(width)).astype(np.intp)
    inside = ((cells >= 0) & (cells < np.array(size))).all(axis=1)
    flat = cells[inside, 0] * size[1] + cells[inside, 1]
    counts = np.bincount(flat, minlength=size[0] * size[1]).reshape(size).astype(np.float64)
    return np.asarray(np.round(uniform_filter(counts, 3, mode="constant") * 9))
