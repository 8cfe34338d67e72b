"""Loops that compare sources with all the light in their places; see `pipelines.kernel`."""

from __future__ import annotations

from math import erfc
from typing import TYPE_CHECKING

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["excess_light", "positive_light", "weighted_light"]

_CERTAIN = 6.0  # sigma, from which on noise adds nothing to an absolute value


@kernel("f8(f8, f8)")
def positive_light(value: float, variance: float) -> float:
    """Return the light of a pixel that cannot be negative: its absolute value less the noise in it.

    Parameters
    ----------
    value, variance
        Of the pixel.

    Notes
    -----
    Bosch et al. 2018, section 4.9.11: noise makes the mean of absolute values
    too large, most where there is no light. By how much is known for the
    light that is expected under the measured value, if none is negative.
    """
    if not variance > 0 or value > _CERTAIN * np.sqrt(variance):
        return abs(value)
    sigma = np.sqrt(variance)
    chance = 0.5 * erfc(-value / (np.sqrt(2.0) * sigma))
    density = np.exp(-0.5 * value * value / variance) / np.sqrt(2 * np.pi)
    expected = value + sigma * density / chance if chance > 0 else 0.0
    excess = 2 * sigma * np.exp(-0.5 * expected * expected / variance) / np.sqrt(2 * np.pi)
    excess -= expected * erfc(expected / (np.sqrt(2.0) * sigma))
    return float(abs(value) - excess)


@kernel("UniTuple(i8, 2)(f8, f8, i8, i8, i8)")
def _reached(middle: float, reach: float, begin: int, size: int, end: int) -> tuple[int, int]:
    """Return the first and the last pixel of a stamp, inside the image, that a weight reaches."""
    first = max(int(np.ceil(middle - reach)), begin, 0)
    return first, min(int(np.floor(middle + reach)), begin + size - 1, end - 1)


@kernel("void(f8[::1], f8, f8, f8, f8)")
def _add(sums: NDArray[np.float64], light: float, dx: float, dy: float, weight: float) -> None:
    sums[0] += weight * light
    sums[1] += weight * light * dx * dx
    sums[2] += weight * light * dy * dy
    sums[3] += weight * light * dx * dy


@kernel(
    "f8[:, :, ::1](f4[:, :, ::1], const f4[:, ::1], i8[:, ::1], f8[::1], f8[::1], f8[:, ::1], f8)"
)
def weighted_light(
    stamps: NDArray[np.float32],
    variance: NDArray[np.float32],
    corners: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    moments: NDArray[np.float64],
    n_sigma: float,
) -> NDArray[np.float64]:
    """Return flux and moments under Gaussians of given places and moments.

    Parameters
    ----------
    stamps, corners, variance
        The pixels, and the variance of the whole image. There may be one
        stamp for all sources.
    x, y, moments
        Centres, as indices of the image, and xx, yy, xy, shape (n, 3).
    n_sigma
        How far the Gaussians reach, in units of the moments' ellipse.

    Returns
    -------
    numpy.ndarray
        Flux, xx, yy and xy of the pixels, then of their `positive_light`,
        shape (n, 2, 4). Moments are twice those under the weight, as is right
        for a Gaussian. NaN for moments of no ellipse.
    """
    result = np.full((x.size, 2, 4), np.nan)
    height, width = variance.shape
    for number in range(x.size):
        xx, yy, xy = moments[number]
        determinant = xx * yy - xy * xy
        if not (determinant > 0 and np.isfinite(x[number] + y[number])):
            continue
        which = number % len(stamps)
        x0, y0 = corners[which]
        reach_x, reach_y = n_sigma * np.sqrt(xx), n_sigma * np.sqrt(yy)
        left, right = _reached(x[number], reach_x, x0, stamps.shape[2], width)
        bottom, top = _reached(y[number], reach_y, y0, stamps.shape[1], height)
        sums, total, squares = np.zeros((2, 4)), 0.0, 0.0
        for row in range(bottom, top + 1):
            dy = row - y[number]
            for column in range(left, right + 1):
                dx = column - x[number]
                distance = (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / determinant
                if distance > n_sigma * n_sigma:
                    continue
                weight = np.exp(-0.5 * distance)
                light = stamps[which, row - y0, column - x0]
                total += weight
                squares += weight * weight
                _add(sums[0], light, dx, dy, weight)
                _add(sums[1], positive_light(light, variance[row, column]), dx, dy, weight)
        for kind in range(2):
            result[number, kind, 0] = sums[kind, 0] * total / squares
            result[number, kind, 1:] = 2 * sums[kind, 1:] / sums[kind, 0]
    return result


@kernel("f8[::1](const f4[:, ::1], i4[:, ::1], i8[::1], const f4[::1], i8[::1])")
def excess_light(
    image: NDArray[np.float32],
    spans: NDArray[np.int32],
    span_begins: NDArray[np.int64],
    values: NDArray[np.float32],
    value_begins: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the light of others under sources, weighted with and in units of the sources' own.

    Parameters
    ----------
    image
        Shape (ny, nx); what lies outside does not count.
    spans, span_begins
        Row, first and last column, as indices, and where those of each source
        begin; with the end of the last one, shape (n + 1,).
    values, value_begins
        The pixels of all sources, one span after the other, and where those
        of each begin in it, shape (n + 1,).
    """
    result = np.zeros(span_begins.size - 1)
    for number in range(result.size):
        others, own, place = 0.0, 0.0, value_begins[number]
        for span in range(span_begins[number], span_begins[number + 1]):
            y = spans[span, 0]
            for x in range(spans[span, 1], spans[span, 2] + 1):
                light = values[place]
                place += 1
                if 0 <= y < image.shape[0] and 0 <= x < image.shape[1]:
                    others += light * (image[y, x] - light)
                    own += light * light
        if own > 0:
            result[number] = others / own
    return result
