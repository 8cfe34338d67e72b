"""Loops that find what peaks that are no stars look like; see `pipelines.kernel`.

Stamps, boxes and templates are those of `pipelines.deblending.kernels`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EDGE_CLIP", "EDGE_NOCLIP", "EDGE_RAMP", "add_structure", "fit_profiles"]

EDGE_RAMP: Final = 0
EDGE_NOCLIP: Final = 1
EDGE_CLIP: Final = 2
_MOMENT_ROUNDS: Final = 4
_MOMENT_REACH: Final = 4.0
_N_SIGMA: Final = 2.0
"""By how much both of two opposite pixels deviate from a profile to be believed."""


@kernel("UniTuple(f8, 3)(f4[:, ::1], f8, f8, f8)")
def _ellipse(
    template: NDArray[np.float32], center_x: float, center_y: float, sigma: float
) -> tuple[float, float, float]:
    """Return what multiplies xx, yy and 2xy in the square of the elliptical radius.

    The ellipse is that of the moments under a Gaussian of the same moments
    (Bernstein & Jarvis 2002), from half to three times as wide as the PSF; a
    radius is that of the circle with the area of the ellipse.
    """
    xx, yy, xy = sigma**2, sigma**2, 0.0
    for _ in range(_MOMENT_ROUNDS):
        area = xx * yy - xy * xy
        flux, sum_xx, sum_yy, sum_xy = 0.0, 0.0, 0.0, 0.0
        for y in range(template.shape[0]):
            for x in range(template.shape[1]):
                dx, dy = x - center_x, y - center_y
                square = (yy * dx * dx + xx * dy * dy - 2 * xy * dx * dy) / area
                if square < _MOMENT_REACH**2:
                    light = template[y, x] * np.exp(-0.5 * square)
                    flux += light
                    sum_xx += light * dx * dx
                    sum_yy += light * dy * dy
                    sum_xy += light * dx * dy
        if flux <= 0 or not np.isfinite(sum_xx + sum_yy):
            return 1.0, 1.0, 0.0
        low, high = 0.5 * sigma**2, 9 * sigma**2
        xx, yy = min(max(2 * sum_xx / flux, low), high), min(max(2 * sum_yy / flux, low), high)
        most = 0.6 * np.sqrt(xx * yy)
        xy = min(max(2 * sum_xy / flux, -most), most)
    size = np.sqrt(xx * yy - xy * xy)
    return yy / size, xx / size, -xy / size


@kernel("void(f4[:, ::1], UniTuple(f8, 2), UniTuple(f8, 3))")
def _fill_radii(
    radii: NDArray[np.float32], center: tuple[float, float], ellipse: tuple[float, float, float]
) -> None:
    """Write the elliptical radius of each pixel."""
    for y in range(radii.shape[0]):
        for x in range(radii.shape[1]):
            dx, dy = x - center[0], y - center[1]
            square = ellipse[0] * dx * dx + ellipse[1] * dy * dy + 2 * ellipse[2] * dx * dy
            radii[y, x] = np.sqrt(max(square, 0.0))


@kernel("Tuple((f4[::1], i8[::1], f8[::1]))(f4[:, ::1], f4[:, ::1], const b1[:, :], i8)")
def _in_rings(
    light: NDArray[np.float32],
    radii: NDArray[np.float32],
    inside: NDArray[np.bool_],
    n_rings: int,
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float64]]:
    """Return the light ring after ring, where each ring begins, and its mean radius."""
    begins, sums = np.zeros(n_rings + 1, np.int64), np.zeros(n_rings)
    for y in range(light.shape[0]):
        for x in range(light.shape[1]):
            if inside[y, x]:
                ring = int(radii[y, x] + 0.5)
                begins[ring + 1] += 1
                sums[ring] += radii[y, x]
    counts = begins[1:].copy()
    begins = np.cumsum(begins)
    values, places = np.empty(begins[-1], np.float32), begins[:-1].copy()
    for y in range(light.shape[0]):
        for x in range(light.shape[1]):
            if inside[y, x]:
                ring = int(radii[y, x] + 0.5)
                values[places[ring]] = light[y, x]
                places[ring] += 1
    means = np.where(counts > 0, sums / np.maximum(counts, 1), np.arange(n_rings))
    return values, begins, means


@kernel("f8[:, ::1](f4[:, ::1], f4[:, ::1], const b1[:, :])")
def _profile(
    light: NDArray[np.float32], radii: NDArray[np.float32], inside: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return mean radius and median light of rings one pixel wide; the light falls outwards."""
    n_rings = int(radii.max()) + 2
    values, begins, means = _in_rings(light, radii, inside, n_rings)
    profile = np.zeros((n_rings + 1, 2))
    profile[:n_rings, 0], profile[n_rings, 0] = means, n_rings
    height, first = 0.0, True
    for ring in range(n_rings):
        part = values[begins[ring] : begins[ring + 1]]
        if part.size:
            median = max(float(np.median(part)), 0.0)
            height = median if first else min(height, median)
            if first:  # no pixel is nearer to the peak
                profile[:ring, 1] = height
            first = False
        profile[ring, 1] = height
    return profile


@kernel("f8(f8[:, ::1], f8)")
def _height_at(profile: NDArray[np.float64], radius: float) -> float:
    """Return the light at a radius, on a straight line between the rings."""
    ring = int(radius + 0.5)
    if ring > 0 and radius < profile[ring, 0]:
        ring -= 1
    width = profile[ring + 1, 0] - profile[ring, 0]
    part = min(max((radius - profile[ring, 0]) / width, 0.0), 1.0)
    return float(profile[ring, 1] + part * (profile[ring + 1, 1] - profile[ring, 1]))


@kernel("void(f8[:, ::1], f4[:, ::1], UniTuple(i8, 4), f4[:, ::1])")
def _draw_profile(
    profile: NDArray[np.float64],
    radii: NDArray[np.float32],
    kept: tuple[int, int, int, int],
    template: NDArray[np.float32],
) -> None:
    """Write a profile, but for the pixels of a box."""
    for y in range(template.shape[0]):
        for x in range(template.shape[1]):
            if not (kept[0] <= x <= kept[1] and kept[2] <= y <= kept[3]):
                template[y, x] = _height_at(profile, radii[y, x])


@kernel(
    "void(f4[:, ::1], const b1[:, ::1], f4[::1], i8[::1], i8[:, ::1], f8[:, ::1], i8[:, ::1], "
    "f8, i8)"
)
def fit_profiles(
    left_over: NDArray[np.float32],
    inside: NDArray[np.bool_],
    templates: NDArray[np.float32],
    begins: NDArray[np.int64],
    boxes: NDArray[np.int64],
    centers: NDArray[np.float64],
    kept: NDArray[np.int64],
    sigma: float,
    n_rounds: int,
) -> None:
    """Replace templates by smooth profiles that explain the light of a parent together.

    Parameters
    ----------
    left_over
        The parent's image less all templates, shape (ny, nx). Changed in place.
    inside
        The pixels of the parent.
    templates, begins, boxes
        First guesses one after the other, where each begins, and its box.
        Changed in place: the median of what the other templates leave in
        elliptical rings about the peak, falling outwards and not negative.
        Ellipses are those of the first guesses.
    centers
        Column and row of each peak, shape (n, 2).
    kept
        Boxes of pixels, within that of each template and as indices of it, that
        are not changed; a star is kept whole.
    sigma
        Width of the PSF.
    n_rounds
        How often each template is made anew, from the others as they are then.
    """
    ellipses = np.empty((len(boxes), 3))
    for step in range(n_rounds):
        for number in range(len(boxes)):
            left, right, bottom, top = boxes[number]
            shape = top - bottom + 1, right - left + 1
            keep = kept[number, 0], kept[number, 1], kept[number, 2], kept[number, 3]
            if keep == (0, shape[1] - 1, 0, shape[0] - 1):
                continue
            begin = begins[number]
            template = templates[begin : begin + shape[0] * shape[1]].reshape(shape)
            center = centers[number, 0] - left, centers[number, 1] - bottom
            if step == 0:
                found = _ellipse(template, center[0], center[1], sigma)
                ellipses[number, 0], ellipses[number, 1], ellipses[number, 2] = found
            radii = np.empty(shape, np.float32)
            ellipse = ellipses[number, 0], ellipses[number, 1], ellipses[number, 2]
            _fill_radii(radii, center, ellipse)
            light = left_over[bottom : top + 1, left : right + 1] + template
            usable = inside[bottom : top + 1, left : right + 1]
            _draw_profile(_profile(light, radii, usable), radii, keep, template)
            left_over[bottom : top + 1, left : right + 1] = light - template


@kernel("b1(const b1[:, ::1], i8, i8)")
def _is_inside(inside: NDArray[np.bool_], y: int, x: int) -> bool:
    """Return whether a pixel is one of the parent; it may lie outside of the stamp."""
    return 0 <= y < inside.shape[0] and 0 <= x < inside.shape[1] and bool(inside[y, x])


@kernel(
    "b1(f4[:, ::1], const f4[:, ::1], const b1[:, ::1], UniTuple(f8, 2), UniTuple(i8, 2), "
    "UniTuple(i8, 4), i8, f4[:, ::1])"
)
def add_structure(
    left_over: NDArray[np.float32],
    variance: NDArray[np.float32],
    inside: NDArray[np.bool_],
    center: tuple[float, float],
    corner: tuple[int, int],
    bounds: tuple[int, int, int, int],
    edge: int,
    template: NDArray[np.float32],
) -> bool:
    """Add to a profile what both of two opposite pixels say beyond the noise.

    Parameters
    ----------
    left_over
        The parent's image less all templates, shape (ny, nx). Changed in place.
    variance, inside
        The parent.
    center
        Column and row of the peak.
    corner
        First column and row of the template.
    bounds
        First and last column, first and last row of the whole image, as
        indices of the parent.
    edge
        What a pixel gets whose opposite one lies outside of the image: what
        the profile says (``EDGE_RAMP``), all light that is left
        (``EDGE_NOCLIP``), or none (``EDGE_CLIP``).
    template
        Changed in place; not negative.

    Returns
    -------
    bool
        Whether there was a pixel with an opposite one outside of the image.
    """
    sum_x, sum_y = int(np.floor(2 * center[0] + 0.5)), int(np.floor(2 * center[1] + 0.5))
    is_at_edge, before = False, template.copy()
    for y in range(corner[1], corner[1] + template.shape[0]):
        for x in range(corner[0], corner[0] + template.shape[1]):
            column, row, place = sum_x - x, sum_y - y, (y - corner[1], x - corner[0])
            own, change = left_over[y, x], np.float32(0)
            if not inside[y, x]:
                continue
            if not (bounds[0] <= column <= bounds[1] and bounds[2] <= row <= bounds[3]):
                is_at_edge = True
                if edge == EDGE_NOCLIP:
                    change = own
                elif edge == EDGE_CLIP:
                    change = -template[place]
            elif _is_inside(inside, row, column):
                worst = max(variance[y, x], variance[row, column], np.float32(0))
                noise = np.float32(_N_SIGMA * np.sqrt(worst))
                other = left_over[row, column]
                change = max(min(own, other) - noise, np.float32(0))
                change += min(max(own, other) + noise, np.float32(0))
            template[place] = max(template[place] + change, np.float32(0))
    height, width = template.shape
    left_over[corner[1] : corner[1] + height, corner[0] : corner[0] + width] += before - template
    return is_at_edge
