"""The gnomonic projection: positions on the sky, and on a plane that touches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["from_tangent_plane", "to_tangent_plane"]

_HORIZON = 1e-12
"""Sine of the height above the edge of the hemisphere: rounding leaves 1e-16 where it is 0."""


def to_tangent_plane(
    ra: NDArray[np.float64], dec: NDArray[np.float64], origin: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Project positions on the sky.

    Parameters
    ----------
    ra, dec
        Positions, in degrees.
    origin
        Right ascension and declination where the plane touches, in degrees.

    Returns
    -------
    tuple
        Offsets xi towards the east and eta towards the north, in degrees; NaN
        for positions 90 degrees away or more, which have no image.
    """
    a, d, d0 = np.radians(ra - origin[0]), np.radians(dec), np.radians(origin[1])
    cos_d, sin_d = np.cos(d), np.sin(d)
    cos_a = np.cos(a)
    depth = sin_d * np.sin(d0) + cos_d * np.cos(d0) * cos_a
    depth = np.where(depth > _HORIZON, depth, np.nan)
    xi = cos_d * np.sin(a) / depth
    eta = (sin_d * np.cos(d0) - cos_d * np.sin(d0) * cos_a) / depth
    return np.degrees(xi), np.degrees(eta)


def from_tangent_plane(
    xi: NDArray[np.float64], eta: NDArray[np.float64], origin: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the positions on the sky of positions on the plane.

    Parameters
    ----------
    xi, eta
        Offsets towards the east and the north, in degrees.
    origin
        Right ascension and declination where the plane touches, in degrees.

    Returns
    -------
    tuple
        Right ascension, from 0 to 360, and declination, in degrees.
    """
    x, y, d0 = np.radians(xi), np.radians(eta), np.radians(origin[1])
    equatorial = np.cos(d0) - y * np.sin(d0)
    ra = origin[0] + np.degrees(np.arctan2(x, equatorial))
    dec = np.arctan2(np.sin(d0) + y * np.cos(d0), np.hypot(x, equatorial))
    return ra % 360.0, np.degrees(dec)
