"""Positions on the sky."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.geometry.points import Point2D
from imaging.sky.angle import Angle, AngleUnit
from imaging.sky.gen2_names import SpherePointNames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from astropy.coordinates import SkyCoord
    from numpy.typing import ArrayLike, NDArray

__all__ = ["SkyPosition", "SpherePoint", "average_sphere_point"]

SkyPosition: TypeAlias = Union["SpherePoint", "SkyCoord", tuple[Angle, Angle]]
"""What can be understood as one position."""

_HALF_TURN = math.pi / 2
_SPACE = 3


class SpherePoint(SpherePointNames):
    """A position on the sky, in the ICRS unless it is said otherwise. It does not change.

    Parameters
    ----------
    longitude
        Right ascension, as an `Angle` or a number in ``units``; or the whole
        position at once: another one, astropy's SkyCoord, or a vector of
        three numbers. Without any it is NaN.
    latitude
        Declination, alike.
    units
        That of two numbers.

    Raises
    ------
    ParameterTypeError
        If these are not angles, or numbers without a unit.
    ParameterValueError
        If the declination is beyond a pole.

    Notes
    -----
    It unpacks as ``ra, dec = point``. Right ascension is from 0 to below 360
    degrees. Bearings are counted as the stack does: from east, where right
    ascension grows, through north.
    """

    __slots__ = ("_dec", "_ra")

    _ra: Angle
    _dec: Angle

    def __init__(
        self,
        longitude: float | SkyPosition | ArrayLike = math.nan,
        latitude: float | None = None,
        units: AngleUnit | None = None,
    ) -> None:
        ra, dec = _pair(longitude, latitude, units)
        if abs(dec) > _HALF_TURN:
            raise ParameterValueError(
                f"There is no declination of {dec.degrees:.6g} degrees: 90 is the pole."
            )
        object.__setattr__(self, "_ra", ra.wrapped())
        object.__setattr__(self, "_dec", dec)

    @classmethod
    def from_vector(cls, vector: ArrayLike) -> SpherePoint:
        """Return the direction of a vector of three numbers; a pole has right ascension 0.

        Raises
        ------
        ParameterValueError
            If it is not made of three numbers, or of three zeros.
        """
        numbers = np.asarray(vector, np.float64)
        if numbers.shape != (_SPACE,) or not np.any(numbers):
            raise ParameterValueError(f"A direction is three numbers, not {vector!r}.")
        x, y, z = numbers.tolist()
        return cls(Angle(math.atan2(y, x)), Angle(math.atan2(z, math.hypot(x, y))))

    @classmethod
    def from_skycoord(cls, sky: SkyCoord) -> SpherePoint:
        """Return the position of one SkyCoord of astropy, in the ICRS."""
        icrs = sky.icrs
        if not icrs.isscalar:
            raise ParameterTypeError(f"One SkyCoord is one position, not {len(icrs)}.")
        return cls(Angle(float(icrs.ra.rad)), Angle(float(icrs.dec.rad)))

    def to_skycoord(self) -> SkyCoord:
        """Return the position as astropy's SkyCoord, in the ICRS."""
        from astropy.coordinates import SkyCoord

        return SkyCoord(float(self.ra), float(self.dec), unit="rad", frame="icrs")

    @property
    def ra(self) -> Angle:
        """Right ascension, from 0 to below 360 degrees."""
        return self._ra

    @property
    def dec(self) -> Angle:
        """Declination."""
        return self._dec

    @property
    def vector(self) -> NDArray[np.float64]:
        """Three numbers, a vector of length 1: towards (0, 0), (90, 0) and the north pole."""
        return np.array(self._xyz())

    @property
    def is_pole(self) -> bool:
        """Whether it is one of the poles."""
        return abs(self.dec) >= _HALF_TURN

    @property
    def is_finite(self) -> bool:
        """Whether both coordinates are numbers."""
        return math.isfinite(self.ra) and math.isfinite(self.dec)

    def position(self, unit: AngleUnit) -> Point2D:
        """Return both coordinates as numbers in a unit."""
        return Point2D(self.ra.to(unit), self.dec.to(unit))

    def separation(self, other: SpherePoint) -> Angle:
        """Return the distance to another position; good for small ones and for antipodes."""
        east, north, depth = self._seen(other)
        return Angle(math.atan2(math.hypot(east, north), depth))

    def bearing_to(self, other: SpherePoint) -> Angle:
        """Return the direction in which another position is, from east through north."""
        east, north, _ = self._seen(other)
        return Angle(math.atan2(north, east)).wrapped()

    def tangent_plane_offset(self, other: SpherePoint) -> tuple[Angle, Angle]:
        """Return where a position is on the plane that touches here: towards east and north."""
        east, north, depth = self._seen(other)
        if depth <= 0:
            raise ParameterValueError(f"{other} is 90 degrees from {self} or more.")
        return Angle(east / depth), Angle(north / depth)

    def offset(self, bearing: Angle, amount: Angle) -> SpherePoint:
        """Return the position at a distance along a great circle.

        Parameters
        ----------
        bearing
            Where to start to, from east through north.
        amount
            How far.
        """
        _check_angles(bearing, amount)
        sin_a, cos_a = math.sin(self.ra), math.cos(self.ra)
        here, (_, _, z) = self.vector, self._xyz()
        east = np.array([-sin_a, cos_a, 0.0])
        north = np.array([-cos_a * z, -sin_a * z, math.cos(self.dec)])
        ahead = math.cos(bearing) * east + math.sin(bearing) * north
        return self.from_vector(math.cos(amount) * here + math.sin(amount) * ahead)

    def rotated(self, axis: SpherePoint, amount: Angle) -> SpherePoint:
        """Return the position turned around an axis; if that is the north pole, towards east.

        Parameters
        ----------
        axis
            Where it points.
        amount
            How far to turn.
        """
        _check_angles(amount)
        here, pole = self.vector, axis.vector
        along = float(here @ pole) * pole
        turned = math.cos(amount) * (here - along) + math.sin(amount) * np.cross(pole, here)
        return self.from_vector(along + turned)

    def _xyz(self) -> tuple[float, float, float]:
        cos_d = math.cos(self.dec)
        return math.cos(self.ra) * cos_d, math.sin(self.ra) * cos_d, math.sin(self.dec)

    def _seen(self, other: SpherePoint) -> tuple[float, float, float]:
        """Return the vector to another position: its parts towards east, north and this one."""
        if not isinstance(other, SpherePoint):
            raise ParameterTypeError(
                f"The other position is a SpherePoint, not {type(other).__name__}."
            )
        turn = float(other.ra - self.ra)
        sin_1, cos_1 = math.sin(self.dec), math.cos(self.dec)
        sin_2, cos_2 = math.sin(other.dec), math.cos(other.dec)
        # sin(dec difference), and what 1 - cos(turn) takes from it: near positions keep all digits
        bow = 2 * math.sin(turn / 2) ** 2
        north = math.sin(other.dec - self.dec) + sin_1 * cos_2 * bow
        return cos_2 * math.sin(turn), north, sin_1 * sin_2 + cos_1 * cos_2 * math.cos(turn)

    def __iter__(self) -> Iterator[Angle]:
        return iter((self.ra, self.dec))

    def __len__(self) -> int:
        return 2

    def __getitem__(self, axis: int) -> Angle:
        return (self.ra, self.dec)[axis]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A SpherePoint does not change: {name} cannot be set.")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SpherePoint):
            return NotImplemented
        return tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.ra, self.dec)

    def __str__(self) -> str:
        return f"({self.ra.degrees:.10f}, {self.dec.degrees:+.10f})"

    def __repr__(self) -> str:
        return f"SpherePoint({self.ra.degrees!r}, {self.dec.degrees!r}, degrees)"


def average_sphere_point(points: Iterable[SpherePoint]) -> SpherePoint:
    """Return the direction of the mean of the vectors of positions.

    Raises
    ------
    ParameterValueError
        If there are none, or they cancel each other.
    """
    return SpherePoint.from_vector(sum((point.vector for point in points), np.zeros(_SPACE)))


def _pair(
    first: float | SkyPosition | ArrayLike, second: float | None, units: AngleUnit | None
) -> tuple[Angle, Angle]:
    """Return the two angles that users mean."""
    if second is None:
        return _from_whole(first)
    if units is not None:
        return Angle(first, units), Angle(second, units)  # type: ignore[arg-type]  # checked there
    _check_angles(first, second)
    return first, second  # type: ignore[return-value]  # checked above


def _from_whole(given: float | SkyPosition | ArrayLike) -> tuple[Angle, Angle]:
    if isinstance(given, SpherePoint):
        return given.ra, given.dec
    if isinstance(given, float) and math.isnan(given):
        return Angle(given), Angle(given)
    if hasattr(given, "icrs"):
        return tuple(SpherePoint.from_skycoord(given))  # type: ignore[return-value]  # of two
    if isinstance(given, tuple) and len(given) == len(("ra", "dec")):
        _check_angles(*given)
        return given
    if np.shape(given) == (_SPACE,):
        return tuple(SpherePoint.from_vector(given))  # type: ignore[return-value]  # of two
    raise ParameterTypeError(f"{given!r} is not a position: give right ascension and declination.")


def _check_angles(*given: object) -> None:
    for one in given:
        if not isinstance(one, Angle):
            raise ParameterTypeError(
                f"{one!r} is not an angle: give it a unit, as in 10.5 * degrees."
            )
