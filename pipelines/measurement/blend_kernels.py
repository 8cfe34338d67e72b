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
    "UniTuple(f8, 2)(f4[:, ::1], UniTuple(i8, 2), const f4[:, ::1], const f4[:, ::1], f8, f8, "
    "f8[::1], f8, f8[:, :, ::1])"
)
def _add_light(
    stamp: NDArray[np.float32],
    corner: tuple[int, int],
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    x: float,
    y: float,
    moments: NDArray[np.float64],
    n_sigma: float,
    sums: NDArray[np.float64],
) -> tuple[float, float]:
    """Add up the weighted light of one source; return the sums of weights and of their squares."""
    x0, y0 = corner
    xx, yy, xy = moments
    left, right = _reached(x, n_sigma * np.sqrt(xx), x0, stamp.shape[1], image.shape[1])
    bottom, top = _reached(y, n_sigma * np.sqrt(yy), y0, stamp.shape[0], image.shape[0])
    total, squares, determinant = 0.0, 0.0, xx * yy - xy * xy
    for row in range(bottom, top + 1):
        dy = row - y
        for column in range(left, right + 1):
            dx = column - x
            distance = (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / determinant
            if distance > n_sigma * n_sigma:
                continue
            weight = np.exp(-0.5 * distance)
            total += weight
            squares += weight * weight
            own, every = stamp[row - y0, column - x0], image[row, column]
            own_positive = positive_light(own, variance[row, column])
            positive = own_positive  # most sources have no other light on them
            if every != own:
                positive = positive_light(every, variance[row, column])
            _add(sums[0, 0], own, dx, dy, weight)
            _add(sums[0, 1], own_positive, dx, dy, weight)
            _add(sums[1, 0], every, dx, dy, weight)
            _add(sums[1, 1], positive, dx, dy, weight)
    return total, squares


@kernel(
    "f8[:, :, :, ::1](f4[:, :, ::1], i8[:, ::1], const f4[:, ::1], const f4[:, ::1], f8[::1], "
    "f8[::1], f8[:, ::1], f8)"
)
def weighted_light(
    stamps: NDArray[np.float32],
    corners: NDArray[np.int64],
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    moments: NDArray[np.float64],
    n_sigma: float,
) -> NDArray[np.float64]:
    """Return flux and moments of sources, alone and with others, under their Gaussians.

    Parameters
    ----------
    stamps, corners
        The pixels of each source, without others, and where they begin.
    image, variance
        All light, and its variance, shape (ny, nx).
    x, y, moments
        Centres, as indices of the image, and xx, yy, xy, shape (n, 3).
    n_sigma
        How far the Gaussians reach, in units of the moments' ellipse.

    Returns
    -------
    numpy.ndarray
        Flux, xx, yy and xy of the pixels, then of their `positive_light`; of
        each source alone, then of all light: shape (n, 2, 2, 4). Moments are
        twice those under the weight, as is right for a Gaussian. NaN for
        moments of no ellipse.
    """
    result = np.full((len(stamps), 2, 2, 4), np.nan)
    for number in range(len(stamps)):
        determinant = moments[number, 0] * moments[number, 1] - moments[number, 2] ** 2
        if not (determinant > 0 and np.isfinite(x[number] + y[number])):
            continue
        corner, sums = (corners[number, 0], corners[number, 1]), np.zeros((2, 2, 4))
        total, squares = _add_light(
            stamps[number],
            corner,
            image,
            variance,
            x[number],
            y[number],
            moments[number],
            n_sigma,
            sums,
        )
        result[number, :, :, 0] = sums[:, :, 0] * total / squares
        for part in range(1, 4):
            result[number, :, :, part] = 2 * sums[:, :, part] / sums[:, :, 0]
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
