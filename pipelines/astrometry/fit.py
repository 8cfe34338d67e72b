"""How well polynomials of several orders bring positions to where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["StarFit", "fit_positions"]

_STARS_PER_TERM: Final = 2.0
_MIDDLE: Final = 1.1774
"""Median of a Rayleigh distribution, in its standard deviation."""
_LEAST_ERROR: Final = 1e-3
"""Pixels: no position is known better."""
_HALVINGS: Final = 30
_NEARLY: Final = 1.1
_GRID: Final = 7
_FARTHEST: Final = 50.0
"""How much larger a variance may be in the image than at any star: with stars in two thirds of it,
each way, curves are allowed of the second order, and in half of it none at all."""


class StarFit(NamedTuple):
    """Which order describes positions best."""

    order: int
    """0 for a shift, a turn and a scale; 1 for straight lines, and so on."""
    kept: NDArray[np.bool_]
    """Which positions agree, shape (n,)."""
    weights: NDArray[np.float64]
    """Inverse variances, pixels to the power of -2, shape (n,)."""
    worst: float
    """Standard error where it is largest in the image, in pixels."""


class _Trial(NamedTuple):
    fit: StarFit
    values: NDArray[np.float64]
    """What was fitted to ``values``, at all positions, shape (n, 2)."""
    variances: NDArray[np.float64]
    """Of ``values`` in each axis, shape (n,)."""
    image_variance: float
    """The mean of the same over the image."""
    reaches_out: bool
    """Whether a part of the image is far from the stars."""


def fit_positions(
    points: NDArray[np.float64],
    goals: NDArray[np.float64],
    errors: NDArray[np.float64],
    corners: tuple[float, float, float, float],
    *,
    max_order: int,
    rounds: int,
    clip: float,
) -> StarFit:
    """Return the order of polynomials, and which positions agree with them.

    Parameters
    ----------
    points, goals
        Where stars were measured and where they should be, shape (n, 2), in pixels.
    errors
        Standard errors of ``points`` in each axis, shape (n,).
    corners
        Of the image: least x and y, greatest x and y.
    max_order
        The highest order.
    rounds, clip
        So often positions are left out that are farther off than so many
        standard deviations.

    Notes
    -----
    A scatter that all stars have in common is added to their errors, so that
    the median of the distances is right. Orders are compared by the mean square
    of what an order misses at the stars (its difference to the highest one,
    less what noise makes of it) and its mean variance over the whole image: a
    polynomial that swings beyond the stars loses. One that would be far out of
    their reach is not tried: its variance says nothing where the sky is not a
    polynomial of that order.
    """
    trials = []
    for order in range(max_order + 1):
        if order and len(points) < _STARS_PER_TERM * _count_terms(order):
            break
        trial = _fitted(points, goals, errors, corners, order, rounds, clip)
        if order > 1 and trial.reaches_out:
            break
        trials.append(trial)
    highest = trials[-1]
    risks = np.array([_risk(trial, highest) for trial in trials])
    return trials[int(np.argmax(risks <= _NEARLY * risks.min()))].fit


def _count_terms(order: int) -> int:
    return (order + 1) * (order + 2) // 2


def _risk(trial: _Trial, highest: _Trial) -> float:
    kept = highest.fit.kept
    off = ((trial.values - highest.values)[kept] ** 2).sum(axis=1) / 2
    noise = highest.variances[kept] - trial.variances[kept]
    return max(float(np.mean(off - noise)), 0.0) + trial.image_variance


def _fitted(
    points: NDArray[np.float64],
    goals: NDArray[np.float64],
    errors: NDArray[np.float64],
    corners: tuple[float, float, float, float],
    order: int,
    rounds: int,
    clip: float,
) -> _Trial:
    centre = np.array([corners[0] + corners[2], corners[1] + corners[3]]) / 2
    scale = max(corners[2] - corners[0], corners[3] - corners[1]) / 2
    offsets = goals - points
    design, grid = (_design((one - centre) / scale, order) for one in (points, _grid(corners)))
    target = offsets.ravel() if order == 0 else offsets
    least = len(design[0]) if order else 2
    kept = np.ones(len(points), np.bool_)
    weights = 1 / np.maximum(errors, _LEAST_ERROR) ** 2
    for number in range(rounds + 1):
        solution = _solve(design, target, weights * kept)
        values = (design @ solution).reshape(-1, 2)
        off = np.hypot(*(offsets - values).T)
        variance = errors**2 + _scatter(off[kept], errors[kept], least) ** 2
        weights = 1 / np.maximum(variance, _LEAST_ERROR**2)
        agrees = off <= clip * np.sqrt(2 / weights)
        if number == rounds or np.array_equal(agrees, kept) or agrees.sum() < 2 * least:
            break
        kept = agrees
    solution = _solve(design, target, weights * kept)
    values = (design @ solution).reshape(-1, 2)
    over_image, own = (_variances(one, design, weights * kept) for one in (grid, design))
    return _Trial(
        StarFit(order, kept, weights, float(np.sqrt(over_image.max()))),
        points + values,
        own[:: len(own) // len(points)],
        float(over_image.mean()),
        _reach(design, grid, kept) > _FARTHEST,
    )


def _design(places: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """Return the terms of a polynomial, or for order 0 of a turn, a stretch and a shift.

    Those have one row for x and one for y, since both axes share them.
    """
    x, y = places.T
    if order == 0:
        one, none = np.ones_like(x), np.zeros_like(x)
        rows = [np.stack([x, -y, one, none], axis=1), np.stack([y, x, none, one], axis=1)]
        return np.stack(rows, axis=1).reshape(-1, 4)
    powers = [(i, j) for i in range(order + 1) for j in range(order + 1 - i)]
    return np.stack([x**i * y**j for i, j in powers], axis=1)


def _solve(
    design: NDArray[np.float64], target: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    root = np.sqrt(np.repeat(weights, len(design) // len(weights)))
    weighted = target * (root if target.ndim == 1 else root[:, np.newaxis])
    return np.asarray(np.linalg.lstsq(design * root[:, np.newaxis], weighted, rcond=None)[0])


def _variances(
    places: NDArray[np.float64], design: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the variances of a fit at other places, both as rows of terms."""
    all_weights = np.repeat(weights, len(design) // len(weights))
    inverse = np.linalg.pinv(design.T @ (design * all_weights[:, np.newaxis]), hermitian=True)
    return np.asarray(np.einsum("ij,jk,ik->i", places, inverse, places))


def _reach(
    design: NDArray[np.float64], grid: NDArray[np.float64], kept: NDArray[np.bool_]
) -> float:
    """Return how much larger the largest variance in the image is than at the stars."""
    alike = kept.astype(np.float64)
    ours = _variances(design[np.repeat(kept, len(design) // len(kept))], design, alike)
    return float(_variances(grid, design, alike).max() / ours.max())


def _grid(corners: tuple[float, float, float, float]) -> NDArray[np.float64]:
    axes = (np.linspace(corners[i], corners[i + 2], _GRID) for i in range(2))
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)


def _scatter(off: NDArray[np.float64], errors: NDArray[np.float64], terms: int) -> float:
    """Return what has to be added to errors in square, so that the median of distances is right."""
    off = off * np.sqrt(len(off) / max(len(off) - terms, 1))  # a fit is nearer than the truth
    low, high = 0.0, float(np.median(off)) / _MIDDLE
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        total = np.sqrt(errors**2 + middle**2)
        if float(np.median(off / np.maximum(total, _LEAST_ERROR))) > _MIDDLE:
            low = middle
        else:
            high = middle
    return high
