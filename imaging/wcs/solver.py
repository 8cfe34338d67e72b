"""How a WCS is evaluated: the usual kind by NumPy, all others by astropy.

A gnomonic projection with SIP polynomials takes a few lines, which spares
most programs the import of astropy.wcs (0.7 s).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from imaging.wcs.tangent import from_tangent_plane, to_tangent_plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.fits.metadata import Metadata
    from imaging.wcs.parameters import Coefficients, WcsParameters

__all__ = ["AstropySolver", "Solver", "TanSipSolver"]

_Array: TypeAlias = "NDArray[np.float64]"  # or one np.float64, which is ten times faster

_MAX_STEPS = 30
_LAST_STEP = 1e-6  # pixels; Newton's method squares it, so that the next one is below rounding
_TOLERANCE = 1e-8  # pixels that the way back may miss


class Solver(Protocol):
    """Both directions of a WCS."""

    def to_sky(self, x: _Array, y: _Array) -> tuple[_Array, _Array]:
        """Return right ascension and declination, in degrees."""

    def to_pixels(self, ra: _Array, dec: _Array) -> tuple[_Array, _Array]:
        """Return parent coordinates, NaN where there are none."""


class TanSipSolver:
    """A gnomonic projection, with or without SIP polynomials.

    Parameters
    ----------
    parameters
        Those of a WCS that `is_plain_tan`.
    """

    def __init__(self, parameters: WcsParameters) -> None:
        self._crval, self._crpix = parameters.crval, parameters.crpix
        self._cd = np.array(parameters.cd).reshape(2, 2)
        self._inverse = np.linalg.inv(self._cd)
        sip = parameters.sip
        self._sip = None if sip is None else (sip.a, sip.b)

    def to_sky(self, x: _Array, y: _Array) -> tuple[_Array, _Array]:
        """Return right ascension and declination, in degrees."""
        u, v = x - self._crpix[0], y - self._crpix[1]
        if self._sip is not None:
            u, v = u + _value(self._sip[0], u, v), v + _value(self._sip[1], u, v)
        (xx, xy), (yx, yy) = self._cd
        return from_tangent_plane(xx * u + xy * v, yx * u + yy * v, self._crval)

    def to_pixels(self, ra: _Array, dec: _Array) -> tuple[_Array, _Array]:
        """Return parent coordinates; NaN on the far side, and where the iteration fails."""
        xi, eta = to_tangent_plane(ra, dec, self._crval)
        (xx, xy), (yx, yy) = self._inverse
        u, v = xx * xi + xy * eta, yx * xi + yy * eta
        if self._sip is not None:
            u, v = _undistorted(*self._sip, u, v)
        return u + self._crpix[0], v + self._crpix[1]


def _value(coefficients: Coefficients, u: _Array, v: _Array) -> _Array:
    """Return a polynomial by Horner's scheme."""
    value: _Array | float = 0.0
    for i, row in enumerate(reversed(coefficients)):
        inner: _Array | float = 0.0
        for coefficient in reversed(row[: i + 1]):  # above the diagonal there is nothing
            inner = inner * v + coefficient
        value = value * u + inner
    return value + 0.0 * u  # without coefficients too


def _with_derivatives(
    coefficients: Coefficients, u: _Array, v: _Array
) -> tuple[_Array, _Array, _Array]:
    """Return a polynomial and its derivatives by u and by v."""
    value, by_u, by_v = 0.0 * u, 0.0 * u, 0.0 * u
    for i, row in enumerate(reversed(coefficients)):
        inner: _Array | float = 0.0
        inner_by_v: _Array | float = 0.0
        for coefficient in reversed(row[: i + 1]):
            inner_by_v = inner_by_v * v + inner
            inner = inner * v + coefficient
        by_u = by_u * u + value
        value = value * u + inner
        by_v = by_v * u + inner_by_v
    return value, by_u, by_v


def _undistorted(
    a: Coefficients, b: Coefficients, goal_u: _Array, goal_v: _Array
) -> tuple[_Array, _Array]:
    """Solve u + a(u, v) = goal_u, v + b(u, v) = goal_v by Newton's method."""
    u, v = goal_u, goal_v
    with np.errstate(all="ignore"):  # what diverges becomes NaN below
        for _ in range(_MAX_STEPS):
            (f, f_u, f_v), (g, g_u, g_v) = _with_derivatives(a, u, v), _with_derivatives(b, u, v)
            f, g, f_u, g_v = f + u - goal_u, g + v - goal_v, f_u + 1.0, g_v + 1.0
            determinant = f_u * g_v - f_v * g_u
            du, dv = (f * g_v - g * f_v) / determinant, (g * f_u - f * g_u) / determinant
            u, v = u - du, v - dv
            largest = np.maximum(np.abs(du), np.abs(dv))
            if not np.any(largest > _LAST_STEP):  # NaN does not become a number again
                break
        f, g = u + _value(a, u, v) - goal_u, v + _value(b, u, v) - goal_v
        solved = np.hypot(f, g) <= _TOLERANCE * (1.0 + np.hypot(goal_u, goal_v) * 1e-4)
    return np.where(solved, u, np.nan), np.where(solved, v, np.nan)


class AstropySolver:
    """Any projection that astropy knows.

    Parameters
    ----------
    cards
        A complete WCS, for an array whose first pixel is (0, 0).
    """

    def __init__(self, cards: Metadata) -> None:
        from astropy.wcs import WCS

        self._wcs = WCS(cards.to_header(), fix=False)
        self._has_sip = self._wcs.sip is not None

    def to_sky(self, x: _Array, y: _Array) -> tuple[_Array, _Array]:
        """Return right ascension and declination, in degrees."""
        ra, dec = self._wcs.all_pix2world(x, y, 0)
        return np.asarray(ra) % 360.0, np.asarray(dec)

    def to_pixels(self, ra: _Array, dec: _Array) -> tuple[_Array, _Array]:
        """Return parent coordinates; NaN where astropy finds none."""
        if self._has_sip:
            x, y = self._wcs.all_world2pix(ra, dec, 0, tolerance=1e-9, quiet=True)
        else:
            x, y = self._wcs.wcs_world2pix(ra, dec, 0)
        return np.asarray(x), np.asarray(y)
