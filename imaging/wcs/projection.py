"""What everything that leads from pixels to the sky can do."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self, overload

import numpy as np

from imaging.errors import ParameterTypeError, ParameterValueError, WcsError
from imaging.geometry.points import Point2D, Point2I
from imaging.geometry.real_box import Box2D
from imaging.sky.affine_transform import AffineTransform, LinearTransform
from imaging.sky.angle import Angle, degrees
from imaging.sky.sphere_point import SpherePoint
from imaging.wcs.gen2_names import WcsNames
from imaging.wcs.tangent import to_tangent_plane

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from astropy.coordinates import BaseCoordinateFrame, SkyCoord
    from numpy.typing import ArrayLike, NDArray

    from imaging.fits.metadata import Metadata
    from imaging.fits.rows import Rows
    from imaging.geometry.box import Box
    from imaging.sky.angle import AngleUnit

__all__ = ["SkyProjection"]

_STEP = 2.0  # pixels; differences lose 1e-9 to rounding, and to distortions of 1e-10 pix^-2


class SkyProjection(WcsNames, ABC):
    """A map between pixels and the sky. It does not change.

    Notes
    -----
    Pixel coordinates are those of the parent image, counted from 0: the
    centre of its first pixel is (0, 0). Sky coordinates are right ascension
    (0 to 360) and declination in degrees, of the system `radesys`, where a
    method does not say otherwise: a SkyCoord or a SpherePoint has its own.
    """

    __slots__ = ()

    parameters: Hashable
    """Its numbers; maps of one class that have the same are equal."""

    @property
    @abstractmethod
    def radesys(self) -> str:
        """ICRS, FK5 or FK4, or what else a header says."""

    @property
    @abstractmethod
    def equinox(self) -> float | None:
        """Year of the equinox, for FK5 and FK4."""

    @abstractmethod
    def to_sky(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the positions on the sky of an array of pixels; see `pixel_to_sky`."""

    @abstractmethod
    def to_pixels(
        self, ra: NDArray[np.float64], dec: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the pixels of an array of positions on the sky; see `sky_to_pixel`."""

    @property
    @abstractmethod
    def pixel_origin(self) -> Point2D:
        """The reference position, in pixels."""

    @abstractmethod
    def shifted(self, dx: float, dy: float) -> Self:
        """Return the map of an image whose pixel numbers are larger by an offset."""

    @abstractmethod
    def linearized_at(self, position: Point2D | Point2I) -> SkyProjection:
        """Return the gnomonic map with the same value and derivative at a position."""

    @abstractmethod
    def to_metadata(self, origin: Point2I | tuple[int, int] = (0, 0)) -> Metadata:
        """Return FITS cards for other programs.

        Parameters
        ----------
        origin
            Parent coordinates of the first pixel of the array that the cards
            describe.
        """

    @abstractmethod
    def to_rows(self) -> Rows:
        """Return the map as a table, from which `wcs_from_rows` makes it again, bit for bit."""

    @overload
    def pixel_to_sky(self, x: float, y: float) -> tuple[float, float]: ...
    @overload
    def pixel_to_sky(
        self, x: ArrayLike, y: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    def pixel_to_sky(
        self, x: ArrayLike, y: ArrayLike
    ) -> tuple[float, float] | tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where pixels are on the sky.

        Parameters
        ----------
        x, y
            Parent coordinates, as numbers or as arrays that fit each other.

        Returns
        -------
        tuple
            Right ascension and declination in degrees, numbers for numbers.
        """
        with np.errstate(all="ignore"):  # what is not finite becomes NaN
            return _as_given(*self.to_sky(*_arrays(x, y)))

    @overload
    def sky_to_pixel(self, ra: float, dec: float) -> tuple[float, float]: ...
    @overload
    def sky_to_pixel(
        self, ra: ArrayLike, dec: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    def sky_to_pixel(
        self, ra: ArrayLike, dec: ArrayLike
    ) -> tuple[float, float] | tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return in which pixels positions on the sky are.

        Parameters
        ----------
        ra, dec
            In degrees, as numbers or as arrays that fit each other; or as an
            `imaging.sky.angle.Angle` each.

        Returns
        -------
        tuple
            Parent coordinates x and y, numbers for numbers. NaN for positions
            without an image: on the far side of the sky, or where the
            distortion has no inverse.
        """
        with np.errstate(all="ignore"):  # what is not finite becomes NaN
            return _as_given(*self.to_pixels(*_arrays(_in_degrees(ra), _in_degrees(dec))))

    def pixel_to_skycoord(
        self, x: Point2D | Point2I | ArrayLike, y: ArrayLike | None = None
    ) -> SkyCoord:
        """Return where pixels are on the sky, as astropy's SkyCoord.

        Parameters
        ----------
        x, y
            Parent coordinates, or one point alone.

        Raises
        ------
        WcsError
            If the system of coordinates is not one that astropy knows.
        """
        from astropy.coordinates import SkyCoord

        if isinstance(x, Point2D | Point2I):
            x, y = x
        if y is None:
            raise ParameterTypeError("A position is a point, or x and y.")
        ra, dec = self.pixel_to_sky(x, y)
        return SkyCoord(ra, dec, unit="deg", frame=self._system())

    def skycoord_to_pixel(
        self, sky: SkyCoord
    ) -> tuple[float, float] | tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return in which pixels positions of any system of coordinates are.

        Parameters
        ----------
        sky
            astropy's SkyCoord, of one position or of many.

        Raises
        ------
        WcsError
            If the system of coordinates is not one that astropy knows.
        """
        if not hasattr(sky, "transform_to"):
            raise ParameterTypeError(
                f"A position on the sky is a SkyCoord or a SpherePoint, not {sky!r}."
            )
        here = sky.transform_to(self._system())
        if here.isscalar:
            return self.sky_to_pixel(float(here.ra.deg), float(here.dec.deg))
        return self.sky_to_pixel(here.ra.deg, here.dec.deg)

    def pixel_to_sphere_point(self, x: float, y: float) -> SpherePoint:
        """Return where a pixel is on the sky, in the ICRS.

        Parameters
        ----------
        x, y
            Parent coordinates.

        Raises
        ------
        WcsError
            If the system of coordinates is not one that astropy knows.
        """
        return self._sphere_point(*self.pixel_to_sky(x, y))

    def _sphere_point(self, ra: float, dec: float) -> SpherePoint:
        if self.radesys == "ICRS":
            return SpherePoint(ra, dec, degrees)
        from astropy.coordinates import SkyCoord

        return SpherePoint(SkyCoord(ra, dec, unit="deg", frame=self._system()))

    def sky_to_point(self, sky: SkyCoord | SpherePoint | tuple[float, float]) -> Point2D:
        """Return in which pixel one position is.

        Parameters
        ----------
        sky
            A SpherePoint, astropy's SkyCoord, or right ascension and
            declination as for `sky_to_pixel`.
        """
        if isinstance(sky, SpherePoint) and self.radesys != "ICRS":
            sky = sky.to_skycoord()
        is_pair = isinstance(sky, tuple | SpherePoint)
        pair = self.sky_to_pixel(*sky) if is_pair else self.skycoord_to_pixel(sky)
        x, y = (np.asarray(axis) for axis in pair)
        if x.ndim:
            raise ParameterTypeError("One position is one point: for many there is sky_to_pixel.")
        return Point2D(float(x), float(y))

    def _system(self) -> BaseCoordinateFrame:
        from astropy.coordinates import FK4, FK5, ICRS
        from astropy.time import Time

        # "J2000" would do; but astropy then tries all formats, and the errors keep what called.
        if self.radesys == "ICRS":
            return ICRS()
        if self.radesys == "FK5":
            return FK5(equinox=Time(self.equinox or 2000.0, format="jyear"))
        if self.radesys == "FK4":
            return FK4(equinox=Time(self.equinox or 1950.0, format="byear"))
        raise WcsError(
            f"astropy has no system of coordinates {self.radesys!r}. "
            "pixel_to_sky() and sky_to_pixel() work without it."
        )

    @property
    def sky_origin(self) -> tuple[float, float]:
        """Right ascension and declination of `pixel_origin`, in degrees."""
        return self.pixel_to_sky(*self.pixel_origin)

    @property
    def sky_origin_point(self) -> SpherePoint:
        """The same in the ICRS."""
        return self._sphere_point(*self.sky_origin)

    @property
    def is_fits(self) -> bool:
        """Whether the cards of `to_metadata` say all of it."""
        return False

    @property
    def cd_matrix(self) -> NDArray[np.float64]:
        """Degrees towards east (first row) and north, per pixel along x (first column) and y.

        Taken at `pixel_origin`.
        """
        return self.local_cd_matrix(self.pixel_origin)

    def local_cd_matrix(self, position: Point2D | Point2I) -> NDArray[np.float64]:
        """Return the derivative at a position, arranged as `cd_matrix`; good to 1e-8 of it."""
        if not isinstance(position, Point2D | Point2I):
            raise ParameterTypeError(f"A position is a Point2D or a Point2I, not {position!r}.")
        x = position.x + _STEP * np.array([1.0, -1.0, 0.0, 0.0])
        y = position.y + _STEP * np.array([0.0, 0.0, 1.0, -1.0])
        center = self.pixel_to_sky(float(position.x), float(position.y))
        offsets = np.array(to_tangent_plane(*self.pixel_to_sky(x, y), center))
        return (offsets[:, ::2] - offsets[:, 1::2]) / (2 * _STEP)

    def pixel_to_sky_transform(
        self, position: Point2D | Point2I, unit: AngleUnit
    ) -> AffineTransform:
        """Return the affine map that is closest to this one near a position.

        Parameters
        ----------
        position
            Where it goes to right ascension and declination, in the ICRS.
        unit
            That of the results. Differences from there are those on the plane
            that touches the sky: towards east, not in right ascension.
        """
        x, y = float(position.x), float(position.y)
        center = self.pixel_to_sphere_point(x, y)
        steps = [(_STEP, 0.0), (-_STEP, 0.0), (0.0, _STEP), (0.0, -_STEP)]
        around = [self.pixel_to_sphere_point(x + dx, y + dy) for dx, dy in steps]
        offsets = np.array([center.tangent_plane_offset(point) for point in around]).T
        matrix = (offsets[:, ::2] - offsets[:, 1::2]) / (2 * _STEP * unit.in_radians)
        linear = LinearTransform(matrix)
        return AffineTransform(linear, center.position(unit) - linear(Point2D(x, y)))

    def pixel_scale(self, position: Point2D | Point2I | None = None) -> float:
        """Return the size of a pixel, in arcseconds: the square root of its area.

        Parameters
        ----------
        position
            Where; by default at `pixel_origin`.
        """
        matrix = self.cd_matrix if position is None else self.local_cd_matrix(position)
        return 3600.0 * math.sqrt(abs(np.linalg.det(matrix)))

    @property
    def is_flipped(self) -> bool:
        """Whether east is to the right where north is up: the mirror image of the sky as seen."""
        return bool(np.linalg.det(self.cd_matrix) > 0)

    def footprint(self, box: Box | Box2D) -> NDArray[np.float64]:
        """Return the corners of a box on the sky.

        Parameters
        ----------
        box
            A box; one of pixels is taken with the whole area of its pixels.

        Returns
        -------
        numpy.ndarray
            Shape (4, 2): right ascension and declination in degrees, of the
            lower left, lower right, upper right and upper left corner.
        """
        x, y = np.array([tuple(corner) for corner in Box2D(box).corners]).T
        return np.stack(self.pixel_to_sky(x, y), axis=1)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.parameters == other.parameters

    def __hash__(self) -> int:
        return hash(self.parameters)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.parameters,)


def _arrays(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    try:
        one, two = _as_numbers(first), _as_numbers(second)
    except (TypeError, ValueError):
        message = f"Coordinates are numbers or arrays of them, not {first!r} and {second!r}."
        raise ParameterTypeError(message) from None
    if one.ndim or two.ndim:
        try:
            one, two = np.broadcast_arrays(one, two)
        except ValueError:
            message = f"Coordinates of the shapes {one.shape} and {two.shape} are no positions."
            raise ParameterValueError(message) from None
    return one[()], two[()]  # of one number a NumPy scalar: its arithmetic is faster


def _in_degrees(value: ArrayLike) -> ArrayLike:
    """Return plain numbers, those of astropy's quantities in degrees."""
    if isinstance(value, Angle):
        return value.degrees
    to_value: Callable[[str], ArrayLike] | None = getattr(value, "to_value", None)
    if to_value is None:
        return value
    try:
        return to_value("deg")
    except (TypeError, ValueError) as error:  # what astropy's UnitConversionError is
        raise ParameterTypeError(f"{value!r} is no angle.") from error


def _as_numbers(value: ArrayLike) -> NDArray[np.float64]:
    """Return an array in which what is masked is NaN."""
    if isinstance(value, np.ma.MaskedArray):
        value = np.ma.filled(value.astype(np.float64), np.nan)
    return np.asarray(value, np.float64)


def _as_given(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[float, float] | tuple[NDArray[np.float64], NDArray[np.float64]]:
    if np.ndim(first):
        return first, second
    return float(first), float(second)
