"""Smooth curves through a few values, by their slopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["CURVES", "curve_slopes", "evaluate_curve", "usable_curve"]

CURVES: Final = {
    "CONSTANT": 1,
    "LINEAR": 2,
    "NATURAL_SPLINE": 3,
    "CUBIC_SPLINE": 4,
    "AKIMA_SPLINE": 5,
}
"""Curves by name, from the simplest on, and the number of values each needs."""


def usable_curve(style: str, count: int) -> str:
    """Return the curve of this name, or the smoothest that so few values allow."""
    known = [name for name, needed in CURVES.items() if needed <= min(count, CURVES[style])]
    return known[-1]


def curve_slopes(
    values: NDArray[np.float64], knots: NDArray[np.float64], style: str
) -> NDArray[np.float64]:
    """Return the slopes at the knots of a curve through values.

    Parameters
    ----------
    values
        Shape (..., n): one curve for each row.
    knots
        Where they lie, shape (n,), growing.
    style
        ``AKIMA_SPLINE``, ``NATURAL_SPLINE`` or ``CUBIC_SPLINE`` (third
        derivatives continuous at the second and last but one knot); fewer
        values than `CURVES` says get the next simpler one, so that two give a
        straight line. ``LINEAR`` is the line from the first to the last.

    Returns
    -------
    numpy.ndarray
        Of the shape of ``values``. Zero for a constant.

    Notes
    -----
    Akima's slopes (1970, J. ACM 17, 589) depend on the nearest five values
    alone, so that one outlier does not make waves everywhere.
    """
    style = usable_curve(style, values.shape[-1])
    if style == "CONSTANT":
        return np.zeros_like(values)
    if style == "AKIMA_SPLINE":
        return _akima_slopes(values, knots)
    if style == "LINEAR":
        chord = (values[..., -1:] - values[..., :1]) / (knots[-1] - knots[0])
        return np.broadcast_to(chord, values.shape).copy()
    from scipy.interpolate import CubicSpline

    kind = "natural" if style == "NATURAL_SPLINE" else "not-a-knot"
    curve = CubicSpline(knots, values, axis=-1, bc_type=kind)
    return np.asarray(curve(knots, 1), np.float64)


def _akima_slopes(values: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return slopes as means of the nearest chords, the steadier side counting more."""
    chords = np.diff(values) / np.diff(knots)
    first, second = chords[..., :1], chords[..., 1:2]
    last, before = chords[..., -1:], chords[..., -2:-1]
    chords = np.concatenate(
        [
            3 * first - 2 * second,
            2 * first - second,
            chords,
            2 * last - before,
            3 * last - 2 * before,
        ],
        axis=-1,
    )
    bends = np.abs(np.diff(chords))
    left, right = bends[..., :-2], bends[..., 2:]
    total = left + right
    one, two = chords[..., 1:-2], chords[..., 2:-1]
    is_straight = total <= 1e-9 * np.max(np.abs(bends), axis=-1, keepdims=True)
    weights = np.where(is_straight, 0.5, right / np.where(is_straight, 1.0, total))
    return weights * one + (1 - weights) * two


def evaluate_curve(
    values: ArrayLike, knots: ArrayLike, style: str, places: ArrayLike
) -> NDArray[np.float64]:
    """Return one curve at some places; beyond the first and last knot it is straight.

    Parameters
    ----------
    values, knots
        Shape (n,).
    style
        As for `curve_slopes`.
    places
        Where, in any order.
    """
    y, x = np.asarray(values, np.float64), np.asarray(knots, np.float64)
    at = np.asarray(places, np.float64)
    style = usable_curve(style, len(y))
    if style == "CONSTANT":
        return np.full(at.shape, y.mean())
    slopes = curve_slopes(y, x, style)
    if style == "LINEAR":
        slopes = np.diff(y)[[0, -1]] / np.diff(x)[[0, -1]]
        inner = np.interp(at, x, y)
    else:
        inner = _between_knots(y, x, slopes, at)
    before, after = y[0] + slopes[0] * (at - x[0]), y[-1] + slopes[-1] * (at - x[-1])
    return np.where(at < x[0], before, np.where(at > x[-1], after, inner))


def _between_knots(
    values: NDArray[np.float64],
    knots: NDArray[np.float64],
    slopes: NDArray[np.float64],
    at: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the cubic curve with these values and slopes at the knots.

    scipy.interpolate has one, too, and takes 40 MB and 0.3 s to be imported.
    """
    k = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    width, t = knots[k + 1] - knots[k], at - knots[k]
    rise = (values[k + 1] - values[k]) / width
    bend = (3 * rise - 2 * slopes[k] - slopes[k + 1]) / width
    twist = (slopes[k] + slopes[k + 1] - 2 * rise) / width**2
    return np.asarray(values[k] + t * (slopes[k] + t * (bend + t * twist)), np.float64)
