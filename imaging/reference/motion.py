"""Stars at another epoch: proper motion, and the parallax as seen from the Earth."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Motion", "direction_angles", "directions", "earth_position", "moved", "seen_from"]

_TT_MINUS_TAI_DAYS = 32.184 / 86400  # by definition; TT is within 2 ms of the TDB that is wanted


class Motion(NamedTuple):
    """Directions of stars and how they move, each of shape (n,).

    Parameters
    ----------
    ra, dec
        In radians.
    pm_ra, pm_dec
        Proper motion on the sky (that in right ascension times the cosine of
        the declination), in radians a year.
    """

    ra: NDArray[np.float64]
    dec: NDArray[np.float64]
    pm_ra: NDArray[np.float64]
    pm_dec: NDArray[np.float64]


def directions(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return vectors of length 1, shape (n, 3), of positions in radians."""
    cosine = np.cos(dec)
    return np.stack([cosine * np.cos(ra), cosine * np.sin(ra), np.sin(dec)], axis=-1)


def direction_angles(
    vectors: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return right ascension, from 0 to below 2 pi, and declination of vectors, in radians."""
    x, y, z = np.moveaxis(vectors, -1, 0)
    ra = np.arctan2(y, x) % (2 * np.pi)
    ra = np.where(ra >= 2 * np.pi, 0.0, ra)  # what the remainder makes of -1e-17
    return ra, np.arctan2(z, np.hypot(x, y))


def moved(stars: Motion, years: NDArray[np.float64]) -> Motion:
    """Return the stars after some time.

    Parameters
    ----------
    stars
        Where they are and how they move; one with a motion that is not known
        stays.
    years
        Julian years, shape (n,), negative backwards; a star stays where it is NaN.

    Returns
    -------
    Motion
        Positions and motions at the end.

    Notes
    -----
    Stars move on straight lines in space, without radial velocity: the same
    model as that of `erfa.starpm`. It differs from one along great circles by
    a third of the third power of the angle: 8 mas for 10 arcsec a year in a
    century.
    """
    is_moving = np.isfinite(years) & np.isfinite(stars.pm_ra) & np.isfinite(stars.pm_dec)
    is_moving &= (years != 0) & ((stars.pm_ra != 0) | (stars.pm_dec != 0))
    new = Motion(*(column.copy() for column in stars))
    if not is_moving.any():
        return new
    ra, dec, pm_ra, pm_dec = (column[is_moving] for column in stars)
    east, north = _tangents(ra, dec)
    velocity = pm_ra[:, None] * east + pm_dec[:, None] * north
    place = directions(ra, dec) + velocity * years[is_moving, None]
    distance = np.linalg.norm(place, axis=1)
    new.ra[is_moving], new.dec[is_moving] = direction_angles(place)
    east, north = _tangents(new.ra[is_moving], new.dec[is_moving])
    new.pm_ra[is_moving] = np.einsum("ij,ij->i", velocity, east) / distance
    new.pm_dec[is_moving] = np.einsum("ij,ij->i", velocity, north) / distance
    return new


def _tangents(
    ra: NDArray[np.float64], dec: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the directions to the east and to the north, each of shape (n, 3)."""
    zero = np.zeros_like(ra)
    east = np.stack([-np.sin(ra), np.cos(ra), zero], axis=-1)
    north = np.stack([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)], axis=-1)
    return east, north


def earth_position(mjd: float) -> NDArray[np.float64]:
    """Return where the Earth is, seen from the barycentre of the solar system, in au.

    Parameters
    ----------
    mjd
        In TAI.

    Notes
    -----
    From `erfa.epv00`, which is good to 14 km from 1900 to 2100: 1e-7 of a parallax.
    """
    import erfa

    barycentric = erfa.epv00(2400000.5, mjd + _TT_MINUS_TAI_DAYS)[1]
    return np.asarray(barycentric["p"], np.float64)


def seen_from(
    observer: NDArray[np.float64],
    ra: NDArray[np.float64],
    dec: NDArray[np.float64],
    parallax: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return positions as an observer sees them who is not at the barycentre.

    Parameters
    ----------
    observer
        Seen from the barycentre, in au, shape (3,).
    ra, dec
        Barycentric, in radians, shape (n,).
    parallax
        In radians; a star stays whose parallax is not known. One that is
        negative, as errors of measurement make it, counts like any other.
    """
    is_known = np.isfinite(parallax) & (parallax != 0)
    new_ra, new_dec = ra.copy(), dec.copy()
    if is_known.any():
        place = directions(ra[is_known], dec[is_known])
        place -= parallax[is_known, None] * observer
        new_ra[is_known], new_dec[is_known] = direction_angles(place)
    return new_ra, new_dec
