"""TAN-SIP approximations to any map to the sky, and to the positions of stars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import ParameterValueError, WcsError
from imaging.geometry.real_box import Box2D
from imaging.wcs.parameters import Coefficients, Sip, WcsParameters
from imaging.wcs.tangent import from_tangent_plane, to_tangent_plane
from imaging.wcs.wcs import Wcs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.geometry.box import Box
    from imaging.wcs.projection import SkyProjection

__all__ = ["fit_tan_sip", "fit_tan_sip_to_stars"]

_MAX_ORDER = 9  # of SIP, Shupe et al. 2005


def fit_tan_sip(projection: SkyProjection, box: Box | Box2D, order: int = 3) -> Wcs:
    """Return the TAN-SIP WCS that is nearest to a map to the sky over a box.

    Parameters
    ----------
    projection
        What to approximate.
    box
        Where; the reference position will be its middle.
    order
        Of the SIP polynomials, 1 to 9. AP and BP, for other programs, are of
        one order more.

    Raises
    ------
    ParameterValueError
        If the order is not possible, or the box is empty.
    WcsError
        If a part of the box is not on the sky.
    """
    area = Box2D(box)
    if not 1 <= order <= _MAX_ORDER or area.is_empty:
        raise ParameterValueError(f"No SIP polynomials of order {order} are fitted over {area!r}.")
    count = 4 * order + 5  # a grid that is denser than the polynomials can swing
    across, up = (
        np.linspace(-0.5, 0.5, count) * area.width,
        np.linspace(-0.5, 0.5, count) * area.height,
    )
    u, v = (axis.ravel() for axis in np.meshgrid(across, up))
    center = area.center
    sky_origin = projection.pixel_to_sky(center.x, center.y)
    sky = projection.pixel_to_sky(center.x + u, center.y + v)
    offsets = np.array(to_tangent_plane(*sky, sky_origin))
    if not np.all(np.isfinite(offsets)):
        raise WcsError(f"A part of {area!r} is not on this half of the sky.")
    scale = max(area.width, area.height) / 2
    cd, a, b = _forward([_fit(u, v, axis, order, 1, scale) for axis in offsets])
    goal_u, goal_v = np.linalg.inv(np.reshape(cd, (2, 2))) @ offsets
    back_order = min(order + 1, _MAX_ORDER)
    ap, bp = (_fit(goal_u, goal_v, axis, back_order, 0, scale) for axis in (u - goal_u, v - goal_v))
    parameters = WcsParameters(
        crval=sky_origin,
        crpix=(center.x, center.y),
        cd=cd,
        lonpole=180.0,
        radesys=projection.radesys,
        equinox=projection.equinox,
        sip=Sip(a, b, _rows(ap), _rows(bp)) if order > 1 else None,
    )
    return Wcs(parameters)


def fit_tan_sip_to_stars(
    pixels: tuple[NDArray[np.float64], NDArray[np.float64]],
    sky: tuple[NDArray[np.float64], NDArray[np.float64]],
    guess: SkyProjection,
    box: Box | Box2D,
    order: int = 3,
    weights: NDArray[np.float64] | None = None,
) -> Wcs:
    """Return the TAN-SIP WCS that fits the positions of stars best.

    Parameters
    ----------
    pixels
        Columns and rows of the stars, in parent coordinates, shape (n,).
    sky
        Their right ascensions and declinations, in degrees, shape (n,).
    guess
        Roughly where the image is: says where the plane touches the sky, and
        in which system positions are.
    box
        The image; the reference position will be its middle.
    order
        Of the SIP polynomials, 1 (none) to 9.
    weights
        What the stars weigh, as inverse variances, shape (n,); by default all
        weigh the same.

    Raises
    ------
    ParameterValueError
        If the order is not possible, the box is empty, or stars are fewer
        than the terms of a polynomial.
    WcsError
        If a star is not on this half of the sky.

    Notes
    -----
    Linear least squares. AP and BP, the way back for other
    programs, are made over the whole box, where there may be few stars.
    """
    area = Box2D(box)
    needed = (order + 1) * (order + 2) // 2
    if not 1 <= order <= _MAX_ORDER or area.is_empty or len(pixels[0]) < needed:
        raise ParameterValueError(
            f"No SIP polynomials of order {order} are fitted over {area!r} to {len(pixels[0])} "
            f"stars: they have {needed} terms."
        )
    center = area.center
    u, v = pixels[0] - center.x, pixels[1] - center.y
    scale = max(area.width, area.height) / 2
    origin = guess.pixel_to_sky(center.x, center.y)
    for _ in range(3):  # the first moves the plane to the middle, the others what is left by that
        offsets = np.array(to_tangent_plane(*sky, origin))
        if not np.all(np.isfinite(offsets)):
            raise WcsError(f"A star is not on the half of the sky around {origin}.")
        fitted = [_fit(u, v, axis, order, 0, scale, weights) for axis in offsets]
        ra, dec = from_tangent_plane(fitted[0][:1, 0], fitted[1][:1, 0], origin)
        origin = float(ra[0]), float(dec[0])
    cd, a, b = _forward(fitted)
    parameters = WcsParameters(
        crval=origin,
        crpix=(center.x, center.y),
        cd=cd,
        lonpole=180.0,
        radesys=guess.radesys,
        equinox=guess.equinox,
        sip=Sip(a, b) if order > 1 else None,
    )
    return fit_tan_sip(Wcs(parameters), box, order)


def _forward(
    fitted: list[NDArray[np.float64]],
) -> tuple[tuple[float, float, float, float], Coefficients, Coefficients]:
    """Return the CD matrix, A and B of polynomials in the tangent plane."""
    cd = np.array([[matrix[1, 0], matrix[0, 1]] for matrix in fitted])
    a, b = (_distortion(row[0] * fitted[0] + row[1] * fitted[1]) for row in np.linalg.inv(cd))
    return (float(cd[0, 0]), float(cd[0, 1]), float(cd[1, 0]), float(cd[1, 1])), a, b


def _fit(
    u: NDArray[np.float64],
    v: NDArray[np.float64],
    values: NDArray[np.float64],
    order: int,
    lowest: int,
    scale: float,
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the coefficients of u^i v^j for ``lowest <= i + j <= order``, zeros elsewhere."""
    powers = [(i, j) for i in range(order + 1) for j in range(order + 1 - i) if i + j >= lowest]
    design = np.stack([(u / scale) ** i * (v / scale) ** j for i, j in powers], axis=1)
    if weights is not None:
        root = np.sqrt(weights)
        design, values = design * root[:, np.newaxis], values * root
    solution = np.linalg.lstsq(design, values, rcond=None)[0]
    matrix = np.zeros((order + 1, order + 1))
    for (i, j), coefficient in zip(powers, solution, strict=True):
        matrix[i, j] = coefficient / scale ** (i + j)
    return matrix


def _distortion(matrix: NDArray[np.float64]) -> Coefficients:
    """Return the terms above the linear ones, which are in the CD matrix."""
    matrix[0, 0] = matrix[0, 1] = matrix[1, 0] = 0.0
    return _rows(matrix)


def _rows(matrix: NDArray[np.float64]) -> Coefficients:
    return tuple(map(tuple, matrix.tolist()))
