"""Loops that add up light within circles and ellipses, and under PSFs; see `pipelines.kernel`.

Stamps have shape (n, size, size). Positions are indices of the whole image, of
which corners say where each stamp begins: column, then row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["circle_part", "circular_fluxes", "elliptical_fluxes", "kron_radii", "psf_fluxes"]

_LARGE = 6.0  # pixels: from here on, the edge of a circle is a straight line in a pixel


@kernel("UniTuple(i8, 4)(i8[::1], i8, UniTuple(i8, 2))")
def _usable(
    corner: NDArray[np.int64], size: int, shape: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Return first and last column, first and last row, of a stamp that are in the image."""
    x0, y0 = corner
    return max(x0, 0), min(x0 + size, shape[1]) - 1, max(y0, 0), min(y0 + size, shape[0]) - 1


@kernel("f8(f8)")
def _segment(x: float) -> float:
    """Return the area of the unit disk to the left of x, for x from -1 to 1."""
    return float(x * np.sqrt(max(1 - x * x, 0.0)) + np.arcsin(x) + 0.5 * np.pi)


@kernel("f8(f8, f8)")
def _quadrant(x: float, y: float) -> float:
    """Return the area of the unit disk to the left of x and below y."""
    x, y = min(max(x, -1.0), 1.0), min(max(y, -1.0), 1.0)
    if x * x + y * y < 1:
        return 0.5 * (_segment(x) + _segment(y)) - 0.25 * np.pi + x * y
    if x >= 0 and y >= 0:
        return _segment(x) + _segment(y) - np.pi
    if x < 0 and y < 0:
        return 0.0
    return min(_segment(x), _segment(y))


@kernel("f8(f8, f8, f8)")
def circle_part(dx: float, dy: float, radius: float) -> float:
    """Return which part of a pixel lies in a circle.

    Parameters
    ----------
    dx, dy
        Centre of the pixel from that of the circle.
    radius
        Of the circle, in pixels.

    Notes
    -----
    Exact below a radius of 6 pixels. Above, the edge is taken for a straight
    line that leaves the same area: good to 1e-3 of a pixel.
    """
    dx, dy = abs(dx), abs(dy)
    if radius < _LARGE:
        left, right = (dx - 0.5) / radius, (dx + 0.5) / radius
        low, high = (dy - 0.5) / radius, (dy + 0.5) / radius
        area = _quadrant(right, high) - _quadrant(left, high)
        area -= _quadrant(right, low) - _quadrant(left, low)
        return area * radius * radius
    distance = np.sqrt(dx * dx + dy * dy)
    long, short = max(dx, dy) / distance, min(dx, dy) / distance
    inside = radius - distance - 1 / (24 * radius)
    half, flat = 0.5 * (long + short), 0.5 * (long - short)
    if abs(inside) >= half:
        return 1.0 if inside > 0 else 0.0
    if abs(inside) <= flat:
        return float(0.5 + inside / long)
    corner = (half - abs(inside)) ** 2 / (2 * long * short)
    return float(1 - corner if inside > 0 else corner)


@kernel("void(f4[::1], const f4[::1], f8[:, ::1])")
def _running_sums(
    light: NDArray[np.float32], noise: NDArray[np.float32], sums: NDArray[np.float64]
) -> None:
    """Write the sums of all pixels of a row before each, of light and of noise."""
    total, squares = 0.0, 0.0
    for column in range(light.size):
        sums[0, column], sums[1, column] = total, squares
        total += light[column]
        squares += noise[column]
    sums[0, light.size], sums[1, light.size] = total, squares


@kernel("UniTuple(f8, 2)(f8[:, ::1], f8, f8, f8, i8)")
def _row_in_circle(
    sums: NDArray[np.float64], x: float, dy: float, radius: float, width: int
) -> tuple[float, float]:
    """Return the light and the noise of the part of a row that lies in a circle.

    Pixels that are whole inside are a difference of running sums; only those
    that the edge crosses are looked at one by one.
    """
    touched = radius * radius - max(abs(dy) - 0.5, 0.0) ** 2
    if touched <= 0:
        return 0.0, 0.0
    outer = np.sqrt(touched) + 0.5
    whole = radius * radius - (abs(dy) + 0.5) ** 2
    inner = np.sqrt(whole) - 0.5 if whole > 0 else -1.0
    first, last = max(int(np.ceil(x - outer)), 0), min(int(np.floor(x + outer)), width - 1)
    if first > last:
        return 0.0, 0.0
    begin, end = int(np.ceil(x - inner)), int(np.floor(x + inner)) + 1
    if inner < 0 or begin >= end:
        begin, end = last + 1, last + 1
    begin, end = min(max(begin, first), last + 1), min(max(end, first), last + 1)
    light, noise = sums[0, end] - sums[0, begin], sums[1, end] - sums[1, begin]
    for step in range(last - first + 1 - (end - begin)):
        column = first + step if first + step < begin else first + step + end - begin
        part = circle_part(column - x, dy, radius)
        light += part * (sums[0, column + 1] - sums[0, column])
        noise += part * (sums[1, column + 1] - sums[1, column])
    return light, noise


@kernel(
    "f8[:, :, ::1](f4[:, :, ::1], const f4[:, ::1], i8[:, ::1], f8[::1], f8[::1], const f8[::1])"
)
def circular_fluxes(
    stamps: NDArray[np.float32],
    variance: NDArray[np.float32],
    corners: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    radii: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the light within circles around sources.

    Parameters
    ----------
    stamps, corners, variance
        The pixels, and the variance of the whole image.
    x, y
        The centres.
    radii
        Ascending, in pixels.

    Returns
    -------
    numpy.ndarray
        Flux, its standard error, and 1.0 where the circle reaches beyond the
        image or the stamp, shape (n, number of radii, 3).

    Notes
    -----
    Variances are weighted with the part of a pixel that is inside, not with
    its square: a pixel that is cut in two gives half its noise.
    """
    result = np.full((len(stamps), radii.size, 3), np.nan)
    largest = radii[radii.size - 1]
    sums = np.zeros((2, stamps.shape[2] + 1))
    for number in range(len(stamps)):
        if not np.isfinite(x[number] + y[number]):
            continue
        result[number] = 0
        x0, y0 = corners[number]
        first_x, last_x, first_y, last_y = _usable(corners[number], stamps.shape[1], variance.shape)
        for row in range(
            max(int(y[number] - largest), first_y), min(int(y[number] + largest) + 1, last_y) + 1
        ):
            nearest = max(abs(row - y[number]) - 0.5, 0.0)
            half = np.sqrt(max(largest * largest - nearest * nearest, 0.0)) + 1
            left = max(int(x[number] - half), first_x)
            width = max(min(int(x[number] + half) + 1, last_x) - left + 1, 0)
            light = stamps[number, row - y0, left - x0 : left - x0 + width]
            _running_sums(light, variance[row, left : left + width], sums)
            middle = x[number] - left
            for circle in range(radii.size):
                part, noise = _row_in_circle(sums, middle, row - y[number], radii[circle], width)
                result[number, circle, 0] += part
                result[number, circle, 1] += noise
        room = min(x[number] - first_x, last_x - x[number], y[number] - first_y, last_y - y[number])
        for circle in range(radii.size):
            result[number, circle, 1] = np.sqrt(result[number, circle, 1])
            result[number, circle, 2] = 1.0 if radii[circle] > room + 0.5 else 0.0
    return result


@kernel("UniTuple(f8, 4)(UniTuple(f8, 3))")
def _unit_metric(moments: tuple[float, float, float]) -> tuple[float, float, float, float]:
    """Return a metric that makes an ellipse round without changing its area, and its radius."""
    xx, yy, xy = moments
    radius = np.sqrt(np.sqrt(max(xx * yy - xy * xy, 1e-12)))
    scale = radius * radius / (xx * yy - xy * xy)
    return yy * scale, xx * scale, -xy * scale, radius


@kernel("f8(f8, f8, UniTuple(f8, 4), f8)")
def _ellipse_part(
    dx: float, dy: float, metric: tuple[float, float, float, float], radius: float
) -> float:
    """Return which part of a pixel lies in an ellipse: its edge is a line one pixel wide."""
    a, c, b, _ = metric
    along_x, along_y = a * dx + b * dy, b * dx + c * dy
    distance = np.sqrt(max(along_x * dx + along_y * dy, 1e-12))
    slope = np.sqrt(along_x * along_x + along_y * along_y) / distance
    return float(min(max(0.5 + (radius - distance) / max(slope, 1e-6), 0.0), 1.0))


@kernel(
    "f8[:, ::1](f4[:, :, ::1], const f4[:, ::1], i8[:, ::1], f8[::1], f8[::1], f8[:, ::1], f8[::1])"
)
def elliptical_fluxes(
    stamps: NDArray[np.float32],
    variance: NDArray[np.float32],
    corners: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    moments: NDArray[np.float64],
    radii: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the light within ellipses around sources.

    Parameters
    ----------
    stamps, corners, variance
        The pixels, and the variance of the whole image.
    x, y, moments
        Centres, and xx, yy, xy of ellipses of the same form, shape (n, 3).
    radii
        Radius of the circle of the same area, shape (n,).

    Returns
    -------
    numpy.ndarray
        Flux, its standard error, and 1.0 where the ellipse reaches beyond the
        image or the stamp, shape (n, 3).
    """
    result = np.full((len(stamps), 3), np.nan)
    for number in range(len(stamps)):
        if not np.isfinite(x[number] + y[number] + radii[number] + moments[number].sum()):
            continue
        metric = _unit_metric((moments[number, 0], moments[number, 1], moments[number, 2]))
        x0, y0 = corners[number]
        first_x, last_x, first_y, last_y = _usable(corners[number], stamps.shape[1], variance.shape)
        reach_x = radii[number] * np.sqrt(moments[number, 0]) / metric[3] + 1
        reach_y = radii[number] * np.sqrt(moments[number, 1]) / metric[3] + 1
        left, right = int(x[number] - reach_x), int(x[number] + reach_x) + 1
        bottom, top = int(y[number] - reach_y), int(y[number] + reach_y) + 1
        cut = left < first_x or right > last_x or bottom < first_y or top > last_y
        light, noise = 0.0, 0.0
        for row in range(max(bottom, first_y), min(top, last_y) + 1):
            for column in range(max(left, first_x), min(right, last_x) + 1):
                part = _ellipse_part(column - x[number], row - y[number], metric, radii[number])
                light += part * stamps[number, row - y0, column - x0]
                noise += part * variance[row, column]
        result[number, 0], result[number, 1] = light, np.sqrt(noise)
        result[number, 2] = 1.0 if cut else 0.0
    return result


@kernel("f8[::1](f4[:, :, ::1], i8[:, ::1], f8[::1], f8[::1], f8[:, ::1], f8)")
def kron_radii(
    stamps: NDArray[np.float32],
    corners: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    moments: NDArray[np.float64],
    n_sigma: float,
) -> NDArray[np.float64]:
    """Return the mean radius of sources, weighted with their light (Kron 1980).

    Parameters
    ----------
    stamps, corners
        The pixels.
    x, y, moments
        Centres, and xx, yy, xy, shape (n, 3).
    n_sigma
        How far out light counts, in units of the moments' ellipse.

    Returns
    -------
    numpy.ndarray
        Radius of the circle of the same area as the ellipse, shape (n,); NaN
        without light.
    """
    radii = np.full(len(stamps), np.nan)
    size = stamps.shape[1]
    for number in range(len(stamps)):
        if not np.isfinite(x[number] + y[number] + moments[number].sum()):
            continue
        metric = _unit_metric((moments[number, 0], moments[number, 1], moments[number, 2]))
        a, c, b, sigma = metric
        middle_x, middle_y = x[number] - corners[number, 0], y[number] - corners[number, 1]
        reach_x, reach_y = (
            n_sigma * np.sqrt(moments[number, 0]),
            n_sigma * np.sqrt(moments[number, 1]),
        )
        light, distances = 0.0, 0.0
        for row in range(max(int(middle_y - reach_y), 0), min(int(middle_y + reach_y) + 2, size)):
            dy = row - middle_y
            for column in range(
                max(int(middle_x - reach_x), 0), min(int(middle_x + reach_x) + 2, size)
            ):
                dx = column - middle_x
                distance = np.sqrt(max(a * dx * dx + 2 * b * dx * dy + c * dy * dy, 0.0))
                if distance < n_sigma * sigma:
                    light += stamps[number, row, column]
                    distances += distance * stamps[number, row, column]
        if light > 0 and distances > 0:
            radii[number] = distances / light
    return radii


@kernel(
    "f8[:, ::1](f4[:, :, ::1], const f4[:, ::1], const i4[:, ::1], i8, i8[:, ::1], "
    "f4[:, :, ::1], i8[:, ::1])"
)
def psf_fluxes(
    stamps: NDArray[np.float32],
    variance: NDArray[np.float32],
    mask: NDArray[np.int32],
    bad: int,
    corners: NDArray[np.int64],
    stars: NDArray[np.float32],
    star_corners: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the fluxes of stars of given places that fit sources best.

    Parameters
    ----------
    stamps, corners, variance
        The pixels, and the variance of the whole image.
    mask, bad
        Of the whole image, and its bits whose pixels do not count.
    stars, star_corners
        A star of flux 1 at each place, and where it begins.

    Returns
    -------
    numpy.ndarray
        Flux, its standard error, the effective area of the star in pixels, the
        number of pixels, and 1.0 where the star reaches beyond the image or
        the stamp, shape (n, 5); NaN without pixels.

    Notes
    -----
    All pixels weigh the same, as in the LSST stack: weights that follow the
    noise would follow the star, too, and make the flux of bright stars depend
    on the errors of the PSF.
    """
    result = np.full((len(stamps), 5), np.nan)
    for number in range(len(stamps)):
        light, squares, noise, total, count = 0.0, 0.0, 0.0, 0.0, 0
        left, bottom = star_corners[number]
        right, top = left + stars.shape[2] - 1, bottom + stars.shape[1] - 1
        x0, y0 = corners[number]
        first_x, last_x, first_y, last_y = _usable(corners[number], stamps.shape[1], variance.shape)
        cut = left < first_x or right > last_x or bottom < first_y or top > last_y
        for row in range(max(bottom, first_y), min(top, last_y) + 1):
            for column in range(max(left, first_x), min(right, last_x) + 1):
                if mask[row, column] & bad:
                    continue
                star = stars[number, row - bottom, column - left]
                light += star * stamps[number, row - y0, column - x0]
                squares += star * star
                noise += star * star * variance[row, column]
                total += star
                count += 1
        result[number, 3], result[number, 4] = count, 1.0 if cut else 0.0
        if squares > 0:
            result[number, 0], result[number, 1] = light / squares, np.sqrt(noise) / squares
            result[number, 2] = total / squares
    return result
