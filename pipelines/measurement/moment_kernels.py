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
    """Write a Gaussian along a row: each value follows from the one before."""
    a, c, b = inverse
    exponent = a * first_dx**2 + 2 * b * first_dx * dy + c * dy**2
    weight = np.exp(-0.5 * factor * exponent)
    ratio = np.exp(-0.5 * factor * (a * (2 * first_dx + 1) + 2 * b * dy))
    change = np.exp(-factor * a)
    for x in range(weights.size):
        weights[x] = weight
        weight *= ratio
        ratio *= change


@kernel("UniTuple(f8, 3)(UniTuple(f8, 3))")
def _inverse(moments: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return the inverse of a symmetric matrix, as xx, yy, xy."""
    xx, yy, xy = moments
    determinant = xx * yy - xy * xy
    return yy / determinant, xx / determinant, -xy / determinant


@kernel("UniTuple(f8, 7)(f4[:, ::1], f8, f8, UniTuple(f8, 3))", reorders=True)
def _sums(
    stamp: NDArray[np.float32], x: float, y: float, weight: tuple[float, float, float]
) -> tuple[float, float, float, float, float, float, float]:
    """Return the weighted light, and that times dx, dy, dx^2, dy^2, dx dy and r^4."""
    inverse = _inverse(weight)
    a, c, b = inverse
    left, right, bottom, top = _box(x, y, weight, stamp.shape[1], stamp.shape[0])
    total, sx, sy, sxx, syy, sxy, s4 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    weights = np.empty(max(right - left + 1, 0))
    for row in range(bottom, top + 1):
        dy = row - y
        _weigh_row(left - x, dy, inverse, 1.0, weights)
        part = stamp[row, left : right + 1]
        t0, t1, t2, t4 = 0.0, 0.0, 0.0, 0.0
        for column in range(weights.size):
            dx = left - x + column
            light = weights[column] * part[column]
            r2 = a * dx * dx + 2 * b * dx * dy + c * dy * dy
            t0 += light
            t1 += light * dx
            t2 += light * dx * dx
            t4 += light * r2 * r2
        total += t0
        sx += t1
        sy += t0 * dy
        sxx += t2
        syy += t0 * dy * dy
        sxy += t1 * dy
        s4 += t4
    return total, sx, sy, sxx, syy, sxy, s4


@kernel("UniTuple(f8, 8)(const f4[:, ::1], f8, f8, UniTuple(f8, 3))", reorders=True)
def _noise_sums(
    variance: NDArray[np.float32], x: float, y: float, weight: tuple[float, float, float]
) -> tuple[float, float, float, float, float, float, float, float]:
    """Return variances of weighted sums: of 1, dx, dy, and of xx, yy, xy less half the weight's.

    The last two are the covariances of the sum of 1 with those of xx and yy.
    """
    inverse = _inverse(weight)
    left, right, bottom, top = _box(x, y, weight, variance.shape[1], variance.shape[0])
    v0, vx, vy, vxx, vyy, vxy, cxx, cyy = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    weights = np.empty(max(right - left + 1, 0))
    for row in range(bottom, top + 1):
        dy = row - y
        _weigh_row(left - x, dy, inverse, 2.0, weights)
        part = variance[row, left : right + 1]
        ey = dy * dy - 0.5 * weight[1]
        for column in range(weights.size):
            dx = left - x + column
            noise = weights[column] * part[column]
            ex, exy = dx * dx - 0.5 * weight[0], dx * dy - 0.5 * weight[2]
            v0 += noise
            vx += noise * dx * dx
            vy += noise * dy * dy
            vxx += noise * ex * ex
            vyy += noise * ey * ey
            vxy += noise * exy * exy
            cxx += noise * ex
            cyy += noise * ey
    return v0, vx, vy, vxx, vyy, vxy, cxx, cyy


@kernel("UniTuple(f8, 3)(f4[:, ::1], f8, f8, f8, f8)")
def _find_centroid(
    stamp: NDArray[np.float32], x: float, y: float, sigma: float, largest_shift: float
) -> tuple[float, float, float]:
    """Return where the weighted light is in balance, and CONVERGED or why not."""
    weight = (sigma * sigma, sigma * sigma, 0.0)
    x0, y0 = x, y
    for _ in range(60):
        total, sx, sy, _, _, _, _ = _sums(stamp, x, y, weight)
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
        total, _, _, sxx, syy, _, _ = _sums(stamps[number], place_x, place_y, weight)
        noise = _noise_sums(variance, place_x + x0, place_y + y0, weight)
        # How the balance changes with the place; half the light for a Gaussian of the same size.
        slope_x = total * (1 - min(max(sxx / (total * weight[0]), 0.1), 0.9))
        slope_y = total * (1 - min(max(syy / (total * weight[1]), 0.1), 0.9))
        result[number, 2] = np.sqrt(noise[1]) / slope_x
        result[number, 3] = np.sqrt(noise[2]) / slope_y
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
        total, sx, sy, sxx, syy, sxy, _ = _sums(stamp, x, y, weight)
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


@kernel("void(f4[:, ::1], const f4[:, ::1], i8, i8, f8[::1])")
def _add_errors(
    stamp: NDArray[np.float32],
    variance: NDArray[np.float32],
    x0: int,
    y0: int,
    result: NDArray[np.float64],
) -> None:
    """Fill in flux, errors and covariances of a shape that was found; see `adaptive_shapes`."""
    weight = (result[2], result[3], result[4])
    total, _, _, _, _, _, s4 = _sums(stamp, result[0] - x0, result[1] - y0, weight)
    v0, _, _, vxx, vyy, vxy, cxx, cyy = _noise_sums(variance, result[0], result[1], weight)
    # How the measured moments change with the weight: a quarter of it for a Gaussian,
    # whose mean of r^4 is 2.
    slope = total * min(max(0.625 - 0.1875 * s4 / total, 0.1), 0.45)
    flux = 2 * total
    result[5], result[7], result[8], result[9] = (
        flux,
        np.sqrt(vxx) / slope,
        np.sqrt(vyy) / slope,
        np.sqrt(vxy) / slope,
    )
    change_x, change_y = 0.25 * flux / weight[0], 0.25 * flux / weight[1]
    result[10] = 2 * cxx / slope + change_x * vxx / slope**2
    result[11] = 2 * cyy / slope + change_y * vyy / slope**2
    squares = 4 * v0 + 4 * (change_x * cxx + change_y * cyy) / slope
    squares += (change_x**2 * vxx + change_y**2 * vyy) / slope**2
    result[6] = np.sqrt(max(squares, 0.0))


@kernel(
    "f8[:, ::1](f4[:, :, ::1], const f4[:, ::1], i8[:, ::1], f8[::1], f8[::1], UniTuple(f8, 3), f8)"
)
def adaptive_shapes(
    stamps: NDArray[np.float32],
    variance: NDArray[np.float32],
    corners: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: tuple[float, float, float],
    largest_shift: float,
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

    Returns
    -------
    numpy.ndarray
        Column and row of the centre, xx, yy, xy, flux, standard errors of
        flux, xx, yy and xy, covariances of the flux with xx and yy, and
        `CONVERGED` or why not, shape (n, 13).
    """
    result = np.full((len(stamps), 13), np.nan)
    for number in range(len(stamps)):
        x0, y0 = corners[number]
        place_x, place_y, moments, status = _find_shape(
            stamps[number], x[number] - x0, y[number] - y0, weight, largest_shift
        )
        result[number, 0], result[number, 1], result[number, 12] = (
            place_x + x0,
            place_y + y0,
            status,
        )
        if status == CONVERGED:
            result[number, 2], result[number, 3], result[number, 4] = moments
            if variance.size:
                _add_errors(stamps[number], variance, x0, y0, result[number])
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
        The pixels, and the variance of the whole image. There may be one
        stamp for all sources.
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
        which = number % len(stamps)
        x0, y0 = corners[which]
        light, squares = _template_flux(stamps[which], x[number] - x0, y[number] - y0, weight)
        area = 2 * np.pi * np.sqrt(weight[0] * weight[1] - weight[2] ** 2)
        noise = _noise_sums(variance, x[number], y[number], weight)
        result[number, 0] = area * light / squares
        result[number, 1] = area * np.sqrt(noise[0]) / squares
    return result
