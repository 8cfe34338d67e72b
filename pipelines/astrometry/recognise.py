"""Which sources are which stars, when the WCS is wrong by an unknown motion."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from pipelines.astrometry.motion import Motion, fit_motion
from pipelines.astrometry.vote import vote_shape, vote_shift
from pipelines.chance import log_chance
from pipelines.match_positions import match_positions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

__all__ = ["FEWEST_PAIRS", "LARGEST_CHANCE", "FieldLists", "Recognised", "Search", "recognise"]

FEWEST_PAIRS: Final = 4
"""Two stars give a shift, a turn and a scale; as many more have to agree with them."""
LARGEST_CHANCE: Final = -5.0
"""Decimal logarithm of the chance of a false match that is taken."""
_RADII: Final = (8.0, 8.0, 8.0, 4.0, 2.0, 1.0, 0.5)
"""Pixels; the largest leaves room for distortions and for what is left of a turn."""
_SKIPS: Final = (200, 600)
"""The brightest stars may be saturated in one of the lists: so many are passed over."""
_LONGEST: Final = 4000
_ENOUGH: Final = 0.5
"""Of the shorter list: with so many pairs no other motion is tried."""


@dataclass(frozen=True)
class Search:
    """How far a WCS may be off: pixels, degrees, a part of one, and whether it may be mirrored."""

    reach: float
    max_turn: float
    max_stretch: float
    allow_mirror: bool
    brightest: int = 500
    """So many of each list vote for a shift."""
    pattern: int = 100
    """So many make pairs that vote for a turn: 5,000 in each list."""
    is_thorough: bool = True
    """Whether lists are searched whose brightest stars are not the same."""

    def widened(self) -> Search:
        """Return a search that is only good for telling what was wrong."""
        return replace(
            self,
            reach=4 * self.reach,
            max_turn=180.0,
            max_stretch=max(2 * self.max_stretch, 0.1),
            allow_mirror=True,
            pattern=self.pattern // 2,
            is_thorough=False,
        )

    def covers(self, motion: Motion) -> bool:
        """Whether a motion is one of those that are looked for, but for rounding."""
        return (
            math.hypot(motion.dx, motion.dy) <= 1.05 * self.reach + _RADII[0]
            and abs(motion.angle) <= 1.05 * self.max_turn + 0.1
            and abs(math.log(motion.scale)) <= 1.05 * math.log1p(self.max_stretch) + 0.002
            and (self.allow_mirror or not motion.is_mirrored)
        )

    def trials(self, radius: float, size: float) -> float:
        """Return how many motions differ by more than a radius at the edge of an image."""
        turns = max(1.0, math.radians(self.max_turn) * size / radius)
        stretches = max(1.0, self.max_stretch * size / radius)
        shifts = max(1.0, self.reach / radius) ** 2
        return shifts * turns * stretches * (2 if self.allow_mirror else 1)


class FieldLists(NamedTuple):
    """Positions in one image, brightest first, shape (n, 2) and (m, 2), in pixels."""

    points: NDArray[np.float64]
    """Of sources."""
    known: NDArray[np.float64]
    """Of stars, by the WCS to begin with; also around the image."""
    corners: tuple[float, float, float, float]
    """Of the image: least x and y, greatest x and y."""

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the image."""
        low_x, low_y, high_x, high_y = self.corners
        return (low_x + high_x) / 2, (low_y + high_y) / 2

    @property
    def sides(self) -> tuple[float, float]:
        """Its width and height."""
        low_x, low_y, high_x, high_y = self.corners
        return high_x - low_x, high_y - low_y

    def count_inside(self, places: NDArray[np.float64]) -> int:
        """Return how many positions are in the image."""
        inside = (places >= self.corners[:2]) & (places <= self.corners[2:])
        return int(inside.all(axis=1).sum())


class Recognised(NamedTuple):
    """What belongs together."""

    motion: Motion
    """Brings ``known`` to ``points``."""
    pairs: int
    n_inside: int
    """Stars that are in the image by this motion."""
    chance: float
    """Decimal logarithm of the chance that unrelated lists would have agreed as well."""


def recognise(
    lists: FieldLists, search: Search, needed: Callable[[int], float]
) -> Recognised | None:
    """Return the motion between stars and sources, or None if nothing agrees beyond chance.

    Parameters
    ----------
    lists
        Positions.
    search
        How far to look.
    needed
        How many pairs are enough, if so many stars are in the image. If no
        motion has them, the best one is returned all the same.

    Notes
    -----
    Shifts alone are tried first; then turns and scales that pairs of stars
    vote for (the idea of Valdes et al. 1995, with histograms), each with the
    shifts that go with it. What comes of it is judged by the number of pairs
    against Poisson's law, times the number of motions that were possible.
    """
    best: Recognised | None = None
    for motions in _candidates(lists, search):
        for motion in motions:
            found = _judged(lists, search, motion)
            if found is None or found.chance > LARGEST_CHANCE or not search.covers(found.motion):
                continue
            if best is None or found.chance < best.chance:
                best = found
            if found.pairs >= _ENOUGH * min(len(lists.points), found.n_inside):
                return found
        if best is not None and best.pairs >= needed(best.n_inside):
            return best
    return best


def _candidates(lists: FieldLists, search: Search) -> Iterator[Iterator[Motion]]:
    """Yield groups of motions that may be right: the likely and the cheap ones first.

    A shift alone may be half right where there is a turn, too: both are one group.
    """
    same = Motion(lists.centre)
    yield chain(_shifted(lists, search, same, search.brightest), _turned(lists, search, 0))
    if search.is_thorough and max(len(lists.points), len(lists.known)) > search.brightest:
        yield _shifted(lists, search, same, _LONGEST)
        for skip in _SKIPS:
            yield _turned(lists, search, skip)


def _turned(lists: FieldLists, search: Search, skip: int) -> Iterator[Motion]:
    """Yield motions whose turn and scale pairs of stars vote for."""
    for is_mirrored in (False, True) if search.allow_mirror else (False,):
        flipped = Motion(lists.centre, is_mirrored=is_mirrored)
        for ours, theirs in sorted({(skip, 0), (0, skip)}):
            votes = vote_shape(
                flipped.move(lists.known[ours : ours + search.pattern]),
                lists.points[theirs : theirs + search.pattern],
                max_turn=search.max_turn,
                max_stretch=search.max_stretch,
            )
            for vote in votes:
                shape = replace(flipped, angle=vote.angle, scale=vote.scale)
                yield from _shifted(lists, search, shape, search.brightest + skip)


def _shifted(lists: FieldLists, search: Search, motion: Motion, count: int) -> Iterator[Motion]:
    found = vote_shift(motion.move(lists.known[:count]), lists.points[:count], search.reach)
    if found is not None and not found.is_chance:
        yield motion.shifted(found.dx, found.dy)


def _judged(lists: FieldLists, search: Search, motion: Motion) -> Recognised | None:
    """Improve a motion by the pairs that it makes, and say how likely these are by chance."""
    best: Recognised | None = None
    size = math.hypot(*lists.sides) / 2
    for radius in _RADII:
        moved = motion.move(lists.known)
        first, second = match_positions(lists.points, moved, radius)
        if len(first) < FEWEST_PAIRS:
            break
        n_inside = lists.count_inside(moved)
        density = n_inside / (lists.sides[0] * lists.sides[1])
        expected = len(lists.points) * density * math.pi * radius**2
        trials = search.trials(radius, size) * len(_RADII)
        chance = log_chance(len(first), expected) + math.log10(trials)
        if best is None or chance < best.chance:
            best = Recognised(motion, len(first), n_inside, chance)
        motion = fit_motion(
            lists.known[second],
            lists.points[first],
            np.ones(len(first)),
            lists.centre,
            is_mirrored=motion.is_mirrored,
        )
    return best
