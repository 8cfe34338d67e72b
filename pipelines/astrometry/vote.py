"""By how much two lists of positions are shifted and turned, when most pairs are wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy.ndimage import uniform_filter
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Motion", "vote_motion"]

_BIN: Final = 2.0
"""Pixels; votes of three by three bins are added, so that distortions of some pixels do no harm."""
_TURN: Final = 0.1
"""Degrees between turns that are tried: 4 pixels at the corner of 4000."""
_SURE: Final = 8.0
"""Standard deviations above the votes of wrong pairs that are no chance."""
_SHARE: Final = 0.15
"""Of the shorter list; a turn that is nearly right has votes, too, but fewer of them."""


class Motion(NamedTuple):
    """A turn about a centre, then a shift.

    ``angle`` in degrees, ``dx`` and ``dy`` in pixels; ``votes`` agree, and
    ``expected`` would agree by chance.
    """

    angle: float
    dx: float
    dy: float
    votes: float
    expected: float

    @property
    def significance(self) -> float:
        """Votes above those of chance, in standard deviations of these."""
        return (self.votes - self.expected) / math.sqrt(max(self.expected, 1.0))

    def move(self, points: NDArray[np.float64], centre: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return positions, shape (n, 2), turned about a centre and shifted."""
        return np.asarray(_turned(points, centre, self.angle) + np.array([self.dx, self.dy]))


def vote_motion(
    points: NDArray[np.float64],
    goals: NDArray[np.float64],
    centre: NDArray[np.float64],
    *,
    reach: float,
    max_turn: float,
) -> Motion | None:
    """Return the motion after which most points lie on goals; None without any pair.

    Parameters
    ----------
    points, goals
        Shape (n, 2) and (m, 2), in pixels.
    centre
        What points are turned about.
    reach
        The largest shift, in pixels.
    max_turn
        The largest turn, in degrees, either way. Small turns are tried first,
        until two more than that of a sure match bring no better one.

    Notes
    -----
    All differences between a point and the goals in reach vote for a shift;
    right pairs agree, wrong ones do not. Cost: one tree, and a histogram for
    each turn.
    """
    tree = cKDTree(goals)
    best: Motion | None = None
    most = _SHARE * min(len(points), len(goals))
    for number in range(int(max_turn / _TURN + 1e-6) + 1):
        for angle in sorted({number * _TURN, -number * _TURN}):
            turned = _turned(points, centre, angle)
            found = _vote(turned, goals, tree, reach, angle)
            if found is not None and (best is None or found.votes > best.votes):
                best = found
        is_past = best is not None and number * _TURN > abs(best.angle) + 1.5 * _TURN
        if is_past and best is not None and best.votes > most and best.significance > _SURE:
            return best
    return best


def _vote(
    points: NDArray[np.float64],
    goals: NDArray[np.float64],
    tree: cKDTree,
    reach: float,
    angle: float,
) -> Motion | None:
    near = tree.query_ball_point(points, reach)
    first = np.repeat(np.arange(len(points)), [len(one) for one in near])
    second = np.concatenate([np.asarray(one, np.intp) for one in near]) if first.size else first
    if not first.size:
        return None
    shifts = goals[second] - points[first]
    count = 2 * math.ceil(reach / _BIN) + 1
    edges = (np.arange(count + 1) - count / 2) * _BIN
    votes, *_ = np.histogram2d(shifts[:, 0], shifts[:, 1], bins=(edges, edges))
    summed = uniform_filter(votes, 3, mode="constant") * 9
    column, row = np.unravel_index(int(np.argmax(summed)), summed.shape)
    middle = np.array([edges[column], edges[row]]) + _BIN / 2
    close = shifts[(np.abs(shifts - middle) <= 1.5 * _BIN).all(axis=1)]
    dx, dy = np.median(close, axis=0).tolist() if len(close) else middle.tolist()
    expected = first.size * (3 * _BIN) ** 2 / (math.pi * reach**2)
    return Motion(angle, dx, dy, float(summed[column, row]), expected)


def _turned(
    points: NDArray[np.float64], centre: NDArray[np.float64], angle: float
) -> NDArray[np.float64]:
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return np.asarray((points - centre) @ np.array([[cosine, sine], [-sine, cosine]]) + centre)
