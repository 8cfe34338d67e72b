"""Parts of the sky: which sky pixels may hold something of them, and what exactly is inside."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.geometry.real_box import Box2D
from imaging.reference.motion import directions
from imaging.sky.angle import Angle, degrees
from imaging.sky.sphere_point import SpherePoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lsst.sphgeom import Region as SphereRegion
    from numpy.typing import NDArray

    from imaging.geometry.box import Box
    from imaging.wcs.projection import SkyProjection

__all__ = [
    "CircleRegion",
    "PixelRegion",
    "Region",
    "SkyBoxRegion",
    "angle_argument",
    "as_sphere_point",
]

_TURN = 2 * math.pi
_ROUNDING = 1e-9  # of radians: what the arithmetic of pixels and vectors may lose
_EDGE_POINTS = 65
_BULGE = 1.02  # an edge may bend between the points that are looked at


class Region(Protocol):
    """A part of the sky."""

    def padded(self, margin: float) -> SphereRegion:
        """Return a region of lsst.sphgeom that covers it and a margin, in radians, around it."""

    def holds(self, ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which positions, in radians, are inside or on the edge."""


def as_sphere_point(centre: object) -> SpherePoint:
    """Return one position on the sky.

    Parameters
    ----------
    centre
        A `SpherePoint`, astropy's SkyCoord, or right ascension and declination:
        two numbers in degrees, two angles, or two quantities.

    Raises
    ------
    ParameterTypeError
        If it is something else.
    ParameterValueError
        If it is nowhere.
    """
    if isinstance(centre, SpherePoint):
        point = centre
    elif hasattr(centre, "icrs"):
        point = SpherePoint.from_skycoord(centre)
    else:
        try:
            ra, dec = cast("Iterable[object]", centre)
        except (TypeError, ValueError) as error:
            raise ParameterTypeError(
                f"{centre!r} is no position: give (ra, dec) in degrees, a SkyCoord or a "
                f"SpherePoint."
            ) from error
        point = SpherePoint(angle_argument(ra, "ra"), angle_argument(dec, "dec"))
    if not point.is_finite:
        raise ParameterValueError(f"{centre!r} is no position: it has no coordinates.")
    return point


def angle_argument(value: object, name: str) -> Angle:
    """Return an angle: a number counts as degrees.

    Raises
    ------
    ParameterTypeError
        If it is no angle.
    """
    if isinstance(value, Angle):
        return value
    to_value = getattr(value, "to_value", None)
    try:
        number = float(value if to_value is None else to_value("deg"))  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:  # astropy's UnitConversionError is one of both
        raise ParameterTypeError(f"{name}={value!r} is no angle: give degrees.") from error
    return Angle(number, degrees)


@dataclass(frozen=True, slots=True)
class CircleRegion:
    """All that is at most so far from a position.

    Parameters
    ----------
    centre
        The position.
    radius
        In radians, from 0 on; half a turn is the whole sky.
    """

    centre: SpherePoint
    radius: float

    def __post_init__(self) -> None:
        if not self.radius >= 0:
            raise ParameterValueError(f"A circle has no radius of {math.degrees(self.radius)} deg.")

    def padded(self, margin: float) -> SphereRegion:
        """Return a wider circle."""
        from lsst.sphgeom import Angle as SphereAngle
        from lsst.sphgeom import Circle, UnitVector3d

        radius = self.radius + margin + _ROUNDING
        if radius >= math.pi:
            return Circle.full()
        return Circle(UnitVector3d(*self.centre.vector.tolist()), SphereAngle(radius))

    def holds(self, ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which positions are inside; `numpy.arctan2` is exact for all distances."""
        vectors, centre = directions(ra, dec), self.centre.vector
        sine = np.linalg.norm(np.cross(vectors, centre), axis=-1)
        return np.asarray(np.arctan2(sine, vectors @ centre) <= self.radius)


@dataclass(frozen=True, slots=True)
class SkyBoxRegion:
    """A range of right ascension and one of declination.

    Parameters
    ----------
    west
        Where right ascension begins, from 0 to below 2 pi, in radians.
    width
        How far it goes to the east, across 0 where it must; 2 pi is all.
    south, north
        The range of declination, in radians.
    """

    west: float
    width: float
    south: float
    north: float

    @classmethod
    def between(cls, lower: object, upper: object) -> SkyBoxRegion:
        """Return the box between two corners.

        Parameters
        ----------
        lower, upper
            The corners in the south west and in the north east, as for
            `as_sphere_point`. Where the second has the smaller right ascension
            the box crosses 0. Two numbers that are 360 degrees or more apart
            mean all right ascensions.

        Raises
        ------
        ParameterValueError
            If the second corner is further south than the first.
        """
        first, second = as_sphere_point(lower), as_sphere_point(upper)
        if second.dec < first.dec:
            raise ParameterValueError(
                f"A box goes from the south to the north: {lower!r} is further north than "
                f"{upper!r}."
            )
        width = (float(second.ra) - float(first.ra)) % _TURN
        if _given_width(lower, upper) >= _TURN - _ROUNDING:
            width = _TURN
        return cls(float(first.ra), width, float(first.dec), float(second.dec))

    def padded(self, margin: float) -> SphereRegion:
        """Return a wider box."""
        from lsst.sphgeom import Angle as SphereAngle
        from lsst.sphgeom import AngleInterval, Box, NormalizedAngle, NormalizedAngleInterval

        if self.width >= _TURN - 4 * _ROUNDING:
            longitudes = NormalizedAngleInterval.full()
        else:
            begin, end = self.west - _ROUNDING, self.west + self.width + _ROUNDING
            longitudes = NormalizedAngleInterval(NormalizedAngle(begin), NormalizedAngle(end))
        latitudes = AngleInterval(
            SphereAngle(max(self.south - _ROUNDING, -math.pi / 2)),
            SphereAngle(min(self.north + _ROUNDING, math.pi / 2)),
        )
        return Box(longitudes, latitudes).dilatedBy(SphereAngle(margin + _ROUNDING))

    def holds(self, ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which positions are inside."""
        east = (ra - self.west) % _TURN
        is_east = (east <= self.width) | (self.width >= _TURN)
        return np.asarray(is_east & (dec >= self.south) & (dec <= self.north))


def _given_width(lower: object, upper: object) -> float:
    """Return how far apart two right ascensions were given, if as numbers or angles."""
    if isinstance(lower, tuple | list) and isinstance(upper, tuple | list):
        return float(angle_argument(upper[0], "ra")) - float(angle_argument(lower[0], "ra"))
    return 0.0


@dataclass(frozen=True, slots=True)
class PixelRegion:
    """What falls on the pixels of an image.

    Parameters
    ----------
    box
        The pixels.
    wcs
        Where they are on the sky.
    padding
        How many pixels more on every side.
    """

    box: Box
    wcs: SkyProjection
    padding: float = 0.0

    @property
    def _area(self) -> tuple[float, float, float, float]:
        area, more = Box2D(self.box), self.padding
        return area.min_x - more, area.min_y - more, area.max_x + more, area.max_y + more

    def _circle(self) -> CircleRegion:
        """Return a circle around the whole of it."""
        min_x, min_y, max_x, max_y = self._area
        along = np.linspace(0.0, 1.0, _EDGE_POINTS)
        x, y = min_x + along * (max_x - min_x), min_y + along * (max_y - min_y)
        edge_x = np.concatenate([x, x, np.full_like(y, min_x), np.full_like(y, max_x)])
        edge_y = np.concatenate([np.full_like(x, min_y), np.full_like(x, max_y), y, y])
        ra, dec = self._to_icrs(edge_x, edge_y)
        centre_ra, centre_dec = self._to_icrs(
            np.array([(min_x + max_x) / 2]), np.array([(min_y + max_y) / 2])
        )
        centre = SpherePoint(Angle(float(centre_ra[0])), Angle(float(centre_dec[0])))
        vectors = directions(ra, dec)
        sine = np.linalg.norm(np.cross(vectors, centre.vector), axis=-1)
        farthest = float(np.max(np.arctan2(sine, vectors @ centre.vector)))
        if not math.isfinite(farthest):
            raise ParameterValueError(
                "The pixels of this image, with the padding, are not all on the sky of its WCS."
            )
        return CircleRegion(centre, farthest * _BULGE + _ROUNDING)

    def _to_icrs(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if self.wcs.radesys == "ICRS":
            ra, dec = self.wcs.pixel_to_sky(x, y)
            return np.radians(ra), np.radians(dec)
        sky = self.wcs.pixel_to_skycoord(x, y).icrs
        return np.asarray(sky.ra.rad), np.asarray(sky.dec.rad)

    def _to_pixels(
        self, ra: NDArray[np.float64], dec: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if self.wcs.radesys == "ICRS":
            x, y = self.wcs.sky_to_pixel(np.degrees(ra), np.degrees(dec))
            return x, y
        from astropy.coordinates import SkyCoord

        pair = self.wcs.skycoord_to_pixel(SkyCoord(ra, dec, unit="rad"))
        return np.asarray(pair[0]), np.asarray(pair[1])

    def padded(self, margin: float) -> SphereRegion:
        """Return a circle around it."""
        return self._circle().padded(margin)

    def holds(self, ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which positions fall on the pixels."""
        inside = self._circle().holds(ra, dec)  # a projection may have two places for one pixel
        if inside.any():
            x, y = self._to_pixels(ra[inside], dec[inside])
            min_x, min_y, max_x, max_y = self._area
            inside[inside] = (x >= min_x) & (x <= max_x) & (y >= min_y) & (y <= max_y)
        return inside
