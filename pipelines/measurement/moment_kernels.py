"""Loops that weigh sources with Gaussians; see `pipelines.kernel`.

Stamps have shape (n, size, size). Positions are indices of the whole image, of
which corners say where each stamp begins: column, then row. Moments are xx, yy
and xy, in square pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CONVERGED",
    "NOT_CONVERGED",
    "NO_LIGHT",
    "adaptive_shapes",
    "gaussian_fluxes",
    "windowed_centroids",
]

CONVERGED = 0
NO_LIGHT = 1
"""The weighted light is not positive, or has no size that fits into the stamp."""
NOT_CONVERGED = 2

_REACH = 4.0  # sigma of the weight, beyond which nothing is added
_SMALLEST = 0.05  # pixels^2: a narrower weight sees one pixel alone
_CAUTIOUS_AFTER = 25  # iterations, after which steps are halved: some go back and forth


@kernel("UniTuple(i8, 4)(f8, f8, UniTuple(f8, 3), i8, i8)")
def _box(
    x: float, y: float, weight: tuple[float, float, float], width: int, height: int
) -> tuple[int, int, int, int]:
    """Return first and last column, first and last row, that a weight reaches."""
    reach_x, reach_y = _REACH * np.sqrt(weight[0]), _REACH * np.sqrt(weight[1])
    return (
        max(int(np.ceil(x - reach_x)), 0),
        min(int(np.floor(x + reach_x)), width - 1),
        max(int(np.ceil(y - reach_y)), 0),
        min(int(np.floor(y + reach_y)), height - 1),
    )


@kernel("void(f8, f8, UniTuple(f8, 3), f8, f8[::1])", reorders=True)
def _weigh_row(
    first_dx: float,
    dy: float,
    inverse: tuple[float, float, float],
    factor: float,
    weights: NDArray[np.float64],
) -> None:
    """Write a Gaussian along a row: each value follows from its neighbour's.

    It begins at the largest value: from the foot of a narrow slanted ellipse,
    which is zero in a computer, nothing would follow.
    """
    if not weights.size:
        return
    a, c, b = inverse
    middle = min(max(-b * dy / a - first_dx, 0.0), weights.size - 1.0)
    top = int(middle + 0.5)
    dx = first_dx + top
    highest = np.exp(-0.5 * factor * (a * dx * dx + 2 * b * dx * dy + c * dy * dy))
    change = np.exp(-factor * a)
    to_right = np.exp(-factor * (a * (dx + 0.5) + b * dy))
    weight, ratio = highest, to_right
    for x in range(top, weights.size):
        weights[x] = weight
        weight *= ratio
        ratio *= change
    weight, ratio = highest, change / to_right
    for x in range(top - 1, -1, -1):
        weight *= ratio
        ratio *= change
        weights[x] = weight


@kernel("UniTuple(f8, 3)(UniTuple(f8, 3))")
def _inverse(moments: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return the inverse of a symmetric matrix, as xx, yy, xy."""
    xx, yy, xy = moments
    determinant = xx * yy - xy * xy
    return yy / determinant, xx / determinant, -xy / determinant


@kernel("UniTuple(f8, 6)(f4[:, ::1], f8, f8, UniTuple(f8, 3))", reorders=True)
def _sums(
    stamp: NDArray[np.float32], x: float, y: float, weight: tuple[float, float, float]
) -> tuple[float, float, float, float, float, float]:
    """Return the weighted light, and that times dx, dy, dx^2, dy^2 and dx dy."""
    inverse = _inverse(weight)
    left, right, bottom, top = _box(x, y, weight, stamp.shape[1], stamp.shape[0])
    total, sx, sy, sxx, syy, sxy = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    weights = np.empty(max(right - left + 1, 0))
    for row in range(bottom, top + 1):
        dy = row - y
        _weigh_row(left - x, dy, inverse, 1.0, weights)
        part = stamp[row, left : right + 1]
        t0, t1, t2 = 0.0, 0.0, 0.0
        for column in range(weights.size):
            dx = left - x + column
            light = weights[column] * part[column]
            t0 += light
            t1 += light * dx
            t2 += light * dx * dx
        total += t0
        sx += t1
        sy += t0 * dy
        sxx += t2
        syy += t0 * dy * dy
        sxy += t1 * dy
    return total, sx, sy, sxx, syy, sxy


@kernel("f8[:, ::1](const f4[:, ::1], f8, f8, UniTuple(f8, 3), f8)", reorders=True)
def _powers(
    pixels: NDArray[np.float32],
    x: float,
    y: float,
    weight: tuple[float, float, float],
    factor: float,
) -> NDArray[np.float64]:
    """Return weighted sums of dx^i dy^j for i + j up to 4, shape (5, 5).

    The weight is raised to a power: 1 for light, 2 for the variance of weighted sums.
    """
    inverse = _inverse(weight)
    left, right, bottom, top = _box(x, y, weight, pixels.shape[1], pixels.shape[0])
    powers = np.zeros((5, 5))
    weights = np.empty(max(right - left + 1, 0))
    for row in range(bottom, top + 1):
        dy = row - y
        _weigh_row(left - x, dy, inverse, factor, weights)
        part = pixels[row, left : right + 1]
        t0, t1, t2, t3, t4 = 0.0, 0.0, 0.0, 0.0, 0.0
        for column in range(weights.size):
            dx = left - x + column
            light = weights[column] * part[column]
            square = light * dx * dx
            t0 += light
            t1 += light * dx
            t2 += square
            t3 += square * dx
            t4 += square * dx * dx
        along = (t0, t1, t2, t3, t4)
        for i in range(5):
            term = along[i]
            for j in range(5 - i):
                powers[i, j] += term
                term *= dy
    return powers


@kernel("UniTuple(f8, 3)(f4[:, ::1], f8, f8, f8, f8)")
def _find_centroid(
    stamp: NDArray[np.float32], x: float, y: float, sigma: float, largest_shift: float
) -> tuple[float, float, float]:
    """Return where the weighted light is in balance, and CONVERGED or why not."""
    weight = (sigma * sigma, sigma * sigma, 0.0)
    x0, y0 = x, y
    for _ in range(60):
        total, sx, sy, _, _, _ = _sums(stamp, x, y, weight)
        if not total > 0:
            return x, y, float(NO_LIGHT)
        # A weight pulls the mean to its own centre, by half for a Gaussian of its size.
        dx, dy = 2 * sx / total, 2 * sy / total
        x += min(max(dx, -sigma), sigma)
        y += min(max(dy, -sigma), sigma)
        if abs(x - x0) > largest_shift or abs(y - y0) > largest_shift:
            return x, y, float(NOT_CONVERGED)
        if dx * dx + dy * dy < 1e-8:  # noqa: PLR2004 - a ten thousandth of a pixel
            return x, y, float(CONVERGED)
    return x, y, float(NOT_CONVERGED)


@kernel("f8[:, ::1](f4[:, :, ::1], const f4[:, ::1], i8[:, ::1], f8[::1], f8[::1], f8, f8)")
def windowed_centroids(
    stamps: NDArray[np.float32],
    variance: NDArray[np.float32],
    corners: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    sigma: float,
    largest_shift: float,
) -> NDArray[np.float64]:
    """Return where the light of sources is in balance under a round Gaussian.

    Parameters
    ----------
    stamps, corners
        The pixels.
    variance
        Of the whole image, shape (ny, nx).
    x, y
        Where to begin.
    sigma
        Of the Gaussian.
    largest_shift
        How far away from there the answer may be.

    Returns
    -------
    numpy.ndarray
        Column, row, their standard errors, and `CONVERGED` or why not, shape (n, 5).
    """
    result = np.full((len(stamps), 5), np.nan)
    weight = (sigma * sigma, sigma * sigma, 0.0)
    for number in range(len(stamps)):
        x0, y0 = float(corners[number, 0]), float(corners[number, 1])
        place_x, place_y, status = _find_centroid(
            stamps[number], x[number] - x0, y[number] - y0, sigma, largest_shift
        )
        result[number, 0], result[number, 1], result[number, 4] = place_x + x0, place_y + y0, status
        if status != CONVERGED:
            continue
        total, _, _, sxx, syy, _ = _sums(stamps[number], place_x, place_y, weight)
        noise = _powers(variance, place_x + x0, place_y + y0, weight, 2.0)
        # How the balance changes with the place; half the light for a Gaussian of the same size.
        slope_x = total * (1 - min(max(sxx / (total * weight[0]), 0.1), 0.9))
        slope_y = total * (1 - min(max(syy / (total * weight[1]), 0.1), 0.9))
        result[number, 2] = np.sqrt(noise[2, 0]) / slope_x
        result[number, 3] = np.sqrt(noise[0, 2]) / slope_y
    return result


@kernel("b1(UniTuple(f8, 3))")
def _is_ellipse(moments: tuple[float, float, float]) -> bool:
    xx, yy, xy = moments
    return xx > 0 and yy > 0 and xx * yy - xy * xy > _SMALLEST * _SMALLEST


@kernel("UniTuple(f8, 3)(UniTuple(f8, 3), UniTuple(f8, 3))")
def _next_weight(
    weight: tuple[float, float, float], measured: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Return the moments of the Gaussian that a weight would give these moments of.

    A Gaussian under a Gaussian weight has the inverse moments of both added,
    which gives the answer at once if it is one. Where that is no ellipse, or
    far from the weight, twice the measured moments are a step towards it.
    """
    first, second = _inverse(measured), _inverse(weight)
    difference = (first[0] - second[0], first[1] - second[1], first[2] - second[2])
    if _is_ellipse((difference[0] * 1e3, difference[1] * 1e3, difference[2] * 1e3)):
        new = _inverse(difference)
        size, old = new[0] + new[1], weight[0] + weight[1]
        if 0.4 * old < size < 2.5 * old:
            return new
    return 2 * measured[0], 2 * measured[1], 2 * measured[2]


@kernel("Tuple((f8, f8, UniTuple(f8, 3), i8))(f4[:, ::1], f8, f8, UniTuple(f8, 3), f8)")
def _find_shape(
    stamp: NDArray[np.float32],
    x: float,
    y: float,
    weight: tuple[float, float, float],
    largest_shift: float,
) -> tuple[float, float, tuple[float, float, float], int]:
    """Return the place and the moments of the Gaussian weight that gives itself."""
    x0, y0 = x, y
    largest = (stamp.shape[0] / 3.0) ** 2
    for count in range(200):
        total, sx, sy, sxx, syy, sxy = _sums(stamp, x, y, weight)
        if not total > 0:
            return x, y, weight, NO_LIGHT
        dx, dy = sx / total, sy / total
        measured = (sxx / total - dx * dx, syy / total - dy * dy, sxy / total - dx * dy)
        if not _is_ellipse(measured):
            return x, y, weight, NO_LIGHT
        new = _next_weight(weight, measured)
        if count > _CAUTIOUS_AFTER:
            new = (
                0.5 * (new[0] + weight[0]),
                0.5 * (new[1] + weight[1]),
                0.5 * (new[2] + weight[2]),
            )
        x, y = x + min(max(2 * dx, -1.0), 1.0), y + min(max(2 * dy, -1.0), 1.0)
        change = abs(new[0] - weight[0]) + abs(new[1] - weight[1]) + abs(new[2] - weight[2])
        settled = change < 1e-5 * (new[0] + new[1]) and dx * dx + dy * dy < 1e-8  # noqa: PLR2004
        weight = new
        if weight[0] + weight[1] > largest or not _is_ellipse(weight):
            return x, y, weight, NO_LIGHT
        if abs(x - x0) > largest_shift or abs(y - y0) > largest_shift:
            return x, y, weight, NOT_CONVERGED
        if settled:
            return x, y, weight, CONVERGED
    return x, y, weight, NOT_CONVERGED


@kernel("UniTuple(f8, 2)(f8[:, ::1], UniTuple(f8, 3))")
def _answers(light: NDArray[np.float64], weight: tuple[float, float, float]) -> tuple[float, float]:
    """Return how far the weight of a source goes when its moments change by 1 in size and in form.

    The moments that are measured follow the weight, half of them for a
    Gaussian; how much for others is said by the mean of r^4, 2 for a Gaussian.
    """
    a, c, b = _inverse(weight)
    fourth = a * a * light[4, 0] + c * c * light[0, 4] + (4 * b * b + 2 * a * c) * light[2, 2]
    fourth += 4 * b * (a * light[3, 1] + c * light[1, 3])
    fourth /= light[0, 0]
    size = min(max(0.75 - 0.25 * fourth, 0.1), 0.45)
    form = min(max(0.5 - 0.125 * fourth, 0.1), 0.45)
    return 1 / size, 1 / form


@kernel("UniTuple(UniTuple(f8, 3), 4)(f8[:, ::1], UniTuple(f8, 3))")
def _moment_noise(
    noise: NDArray[np.float64], weight: tuple[float, float, float]
) -> tuple[tuple[float, float, float], ...]:
    """Return covariances of the sums for xx, yy and xy, each less half the weight's.

    One row for each, and one for the covariances with the sum of the light.
    """
    s0, s20, s02, s11 = noise[0, 0], noise[2, 0], noise[0, 2], noise[1, 1]
    x, y, xy = 0.5 * weight[0], 0.5 * weight[1], 0.5 * weight[2]
    xx_yy = noise[2, 2] - x * s02 - y * s20 + x * y * s0
    xx_xy = noise[3, 1] - xy * s20 - x * s11 + x * xy * s0
    yy_xy = noise[1, 3] - xy * s02 - y * s11 + y * xy * s0
    return (
        (noise[4, 0] - 2 * x * s20 + x * x * s0, xx_yy, xx_xy),
        (xx_yy, noise[0, 4] - 2 * y * s02 + y * y * s0, yy_xy),
        (xx_xy, yy_xy, noise[2, 2] - 2 * xy * s11 + xy * xy * s0),
        (s20 - x * s0, s02 - y * s0, s11 - xy * s0),
    )


@kernel("void(f4[:, ::1], const f4[:, ::1], i8, i8, f8, f8[::1])")
def _add_errors(
    stamp: NDArray[np.float32],
    variance: NDArray[np.float32],
    x0: int,
    y0: int,
    narrowest: float,
    result: NDArray[np.float64],
) -> None:
    """Fill in flux, errors and covariances of a shape that was found; see `adaptive_shapes`."""
    weight = (result[2], result[3], result[4])
    light = _powers(stamp, result[0] - x0, result[1] - y0, weight, 1.0)
    total = light[0, 0]
    size_answer, form_answer = _answers(light, weight)
    wider = max(narrowest**2 / np.sqrt(weight[0] * weight[1] - weight[2] ** 2), 1.0)
    weight = (wider * weight[0], wider * weight[1], wider * weight[2])
    noise = _powers(variance, result[0], result[1], weight, 2.0)
    covariances = _moment_noise(noise, weight)
    a, c, b = _inverse(weight)
    inverse = (a, c, 2 * b)
    # Sums change the form as they are; their part along the weight changes the size.
    own, along = form_answer / total, 0.5 * (size_answer - form_answer) / total
    with_size = np.zeros(4)  # covariances of the sums, and of the light, with that part
    for row in range(4):
        for column in range(3):
            with_size[row] += inverse[column] * covariances[row][column]
    squares = 0.0
    for row in range(3):
        squares += inverse[row] * with_size[row]
    # The flux is twice the light, which grows by a quarter of what its weight does.
    grows = 0.5 * size_answer
    result[5] = 2 * total
    result[6] = np.sqrt(max(4 * noise[0, 0] + 4 * grows * with_size[3] + grows**2 * squares, 0.0))
    for part in range(3):
        with_flux = own * (2 * covariances[3][part] + grows * with_size[part])
        with_flux += along * weight[part] * (2 * with_size[3] + grows * squares)
        square = own**2 * covariances[part][part] + (along * weight[part]) ** 2 * squares
        square += 2 * own * along * weight[part] * with_size[part]
        result[7 + part], result[10 + part] = np.sqrt(max(square, 0.0)), with_flux


@kernel(
    "f8[:, ::1](f4[:, :, ::1], const f4[:, ::1], i8[:, ::1], f8[::1], f8[::1], UniTuple(f8, 3), "
    "f8, f8[::1])"
)
def adaptive_shapes(
    stamps: NDArray[np.float32],
    variance: NDArray[np.float32],
    corners: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: tuple[float, float, float],
    largest_shift: float,
    narrowest: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the moments of sources under the Gaussian weight that has the same ones.

    Parameters
    ----------
    stamps, corners
        The pixels.
    variance
        Of the whole image, shape (ny, nx); of no pixels for no errors.
    x, y
        Where to begin.
    weight
        Moments of the first weight.
    largest_shift
        How far away from there the centre may be.
    narrowest
        Sigma of the PSF at each source. None is narrower: errors of one that
        noise has made narrower are those of a source of that size.

    Returns
    -------
    numpy.ndarray
        Column and row of the centre, xx, yy, xy, flux, standard errors of
        flux, xx, yy and xy, covariances of the flux with these, and
        `CONVERGED` or why not, shape (n, 14).

    Notes
    -----
    Errors are those of small noise. Were they taken at the size that was
    measured, a faint star that noise has made small, whose moments are wrong
    by much, would have the smallest errors of all.
    """
    result = np.full((len(stamps), 14), np.nan)
    for number in range(len(stamps)):
        x0, y0 = corners[number]
        place_x, place_y, moments, status = _find_shape(
            stamps[number], x[number] - x0, y[number] - y0, weight, largest_shift
        )
        result[number, 0], result[number, 1], result[number, 13] = (
            place_x + x0,
            place_y + y0,
            status,
        )
        if status == CONVERGED:
            result[number, 2], result[number, 3], result[number, 4] = moments
            if variance.size:
                _add_errors(stamps[number], variance, x0, y0, narrowest[number], result[number])
    return result


@kernel("UniTuple(f8, 2)(f4[:, ::1], f8, f8, UniTuple(f8, 3))")
def _template_flux(
    stamp: NDArray[np.float32], x: float, y: float, weight: tuple[float, float, float]
) -> tuple[float, float]:
    """Return the light under a Gaussian, and the sum of its squares."""
    inverse = _inverse(weight)
    left, right, bottom, top = _box(x, y, weight, stamp.shape[1], stamp.shape[0])
    light, squares = 0.0, 0.0
    weights = np.empty(max(right - left + 1, 0))
    for row in range(bottom, top + 1):
        _weigh_row(left - x, row - y, inverse, 1.0, weights)
        for column in range(weights.size):
            light += weights[column] * stamp[row, left + column]
            squares += weights[column] * weights[column]
    return light, squares


@kernel("f8[:, ::1](f4[:, :, ::1], const f4[:, ::1], i8[:, ::1], f8[::1], f8[::1], f8[:, ::1])")
def gaussian_fluxes(
    stamps: NDArray[np.float32],
    variance: NDArray[np.float32],
    corners: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    moments: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the fluxes of Gaussians of given places and moments that fit sources best.

    Parameters
    ----------
    stamps, corners, variance
        The pixels, and the variance of the whole image.
    x, y, moments
        Centres, and xx, yy, xy, shape (n, 3).

    Returns
    -------
    numpy.ndarray
        Flux and standard error, shape (n, 2); NaN for moments of no ellipse.
    """
    result = np.full((x.size, 2), np.nan)
    for number in range(x.size):
        weight = (moments[number, 0], moments[number, 1], moments[number, 2])
        if not (_is_ellipse(weight) and np.isfinite(x[number] + y[number])):
            continue
        x0, y0 = corners[number]
        light, squares = _template_flux(stamps[number], x[number] - x0, y[number] - y0, weight)
        area = 2 * np.pi * np.sqrt(weight[0] * weight[1] - weight[2] ** 2)
        noise = _powers(variance, x[number], y[number], weight, 2.0)
        result[number, 0] = area * light / squares
        result[number, 1] = area * np.sqrt(noise[0, 0]) / squares
    return result
