"""The WCS that brings stars to their sources, from pairs of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from imaging.geometry.real_box import Box2D
from imaging.wcs.approximation import fit_tan_sip_to_stars
from pipelines.astrometry.fit import StarFit, fit_positions
from pipelines.astrometry.motion import fit_motion
from pipelines.match_positions import match_positions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.geometry.box import Box
    from imaging.wcs.projection import SkyProjection
    from pipelines.astrometry.config import FitterConfig
    from pipelines.astrometry.motion import Motion

__all__ = ["Placed", "corners_of", "moved_wcs", "place_stars"]

_FIRST_RADIUS: Final = 8.0
"""Pixels by which stars may be off at first: distortions and what is left of a turn."""
_MIN_RADIUS: Final = 0.3
_MANY_SIGMA: Final = 4.0
_MOST: Final = 95.0
"""Percent of the stars whose errors say how far partners are looked for."""
_SAME: Final = 1e-3
"""Pixels by which a simpler WCS may be another one."""
_GRID: Final = 9
_HIGHEST_REPEATED: Final = 4


class Placed(NamedTuple):
    """A WCS and the pairs that it was fitted to."""

    wcs: SkyProjection
    sources: NDArray[np.intp]
    stars: NDArray[np.intp]
    fit: StarFit


def corners_of(box: Box) -> tuple[float, float, float, float]:
    """Return the least x and y of an image and the greatest."""
    area = Box2D(box)
    return area.min_x, area.min_y, area.max_x, area.max_y


def moved_wcs(guess: SkyProjection, motion: Motion, box: Box) -> SkyProjection:
    """Return the WCS by which stars lie where a motion has brought them to.

    Parameters
    ----------
    guess
        The one that the motion is from.
    motion
        From the pixels of ``guess`` to the right ones.
    box
        The image.

    Notes
    -----
    The TAN-SIP of lowest order that says the same to a thousandth of a pixel:
    the shape of ``guess`` is kept.
    """
    low_x, low_y, high_x, high_y = corners_of(box)
    axes = np.linspace(low_x, high_x, _GRID), np.linspace(low_y, high_y, _GRID)
    pixels = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    x, y = motion.move_back(pixels).T
    sky = guess.pixel_to_sky(x, y)
    wcs = guess
    for order in range(1, _HIGHEST_REPEATED + 1):
        wcs = fit_tan_sip_to_stars((pixels[:, 0], pixels[:, 1]), sky, guess, box, order)
        if _largest_difference(wcs, sky, pixels) < _SAME:
            break
    return wcs


def place_stars(
    guess: SkyProjection,
    points: NDArray[np.float64],
    errors: NDArray[np.float64],
    sky: tuple[NDArray[np.float64], NDArray[np.float64]],
    box: Box,
    config: FitterConfig,
    rounds: int,
) -> Placed:
    """Match and fit by turns.

    Parameters
    ----------
    guess
        Right but for distortions.
    points, errors
        Of the sources, shape (n, 2) and (n,), in pixels.
    sky
        Right ascensions and declinations of the stars, in degrees.
    box
        The image.
    config
        How to fit.
    rounds
        How often, after a first time.
    """
    goals = np.column_stack(guess.sky_to_pixel(*sky))
    wcs, radius = guess, _FIRST_RADIUS
    for number in range(rounds + 1):
        places = np.column_stack(wcs.sky_to_pixel(*sky))
        first, second = match_positions(points, places, radius)
        fit = fit_positions(
            points[first],
            goals[second],
            errors[first],
            corners_of(box),
            max_order=config.order if number else 1,
            rounds=config.numRejIter,
            clip=config.rejSigma,
        )
        first, second, weights = first[fit.kept], second[fit.kept], fit.weights[fit.kept]
        wcs = _fitted(guess, points[first], goals[second], _at(sky, second), weights, box, fit)
        widest = math.sqrt(float(np.percentile(1 / fit.weights, _MOST)))
        radius = min(max(_MANY_SIGMA * widest, _MIN_RADIUS), _FIRST_RADIUS)
    return Placed(wcs, first, second, fit)


def _fitted(
    guess: SkyProjection,
    points: NDArray[np.float64],
    goals: NDArray[np.float64],
    sky: tuple[NDArray[np.float64], NDArray[np.float64]],
    weights: NDArray[np.float64],
    box: Box,
    fit: StarFit,
) -> SkyProjection:
    if fit.order == 0:
        area = Box2D(box).center
        return moved_wcs(guess, fit_motion(goals, points, weights, (area.x, area.y)), box)
    return fit_tan_sip_to_stars((points[:, 0], points[:, 1]), sky, guess, box, fit.order, weights)


def _at(
    sky: tuple[NDArray[np.float64], NDArray[np.float64]], chosen: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return sky[0][chosen], sky[1][chosen]


def _largest_difference(
    wcs: SkyProjection,
    sky: tuple[NDArray[np.float64], NDArray[np.float64]],
    pixels: NDArray[np.float64],
) -> float:
    x, y = wcs.sky_to_pixel(*sky)
    return float(np.hypot(x - pixels[:, 0], y - pixels[:, 1]).max())
