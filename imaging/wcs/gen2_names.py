"""The names that users of the LSST stack's second generation know: WCS.

Each class is a mixin of short delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module. Angles are
`imaging.sky.angle.Angle` here and positions `imaging.sky.sphere_point.SpherePoint`,
where the PEP 8 names have degrees and astropy's SkyCoord.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar, overload

import numpy as np

from imaging.errors import ParameterTypeError
from imaging.geometry.points import Point2D, Point2I
from imaging.sky.angle import Angle, arcseconds
from imaging.sky.sphere_point import SkyPosition, SpherePoint

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from imaging.fits.metadata import Metadata
    from imaging.geometry.points import Extent2D, Extent2I
    from imaging.sky.affine_transform import AffineTransform
    from imaging.sky.angle import AngleUnit

__all__ = ["WcsNames"]

_Linear_co = TypeVar("_Linear_co", covariant=True)
_Linear = TypeVar("_Linear")


class _Positions(Protocol):
    def pixel_to_sphere_point(self, x: float, y: float) -> SpherePoint: ...
    def sky_to_point(self, sky: SkyPosition) -> Point2D: ...


class _Arrays(Protocol):
    def pixel_to_sky(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    def sky_to_pixel(
        self, ra: NDArray[np.float64], dec: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...


class _Numbers(Protocol):
    @property
    def pixel_origin(self) -> Point2D: ...
    @property
    def sky_origin_point(self) -> SpherePoint: ...
    @property
    def is_flipped(self) -> bool: ...
    @property
    def is_fits(self) -> bool: ...
    def pixel_scale(self, position: Point2D | Point2I | None = None) -> float: ...


class _Matrices(Protocol):
    @property
    def cd_matrix(self) -> NDArray[np.float64]: ...
    def local_cd_matrix(self, position: Point2D | Point2I) -> NDArray[np.float64]: ...


class _Cards(Protocol):
    def to_metadata(self) -> Metadata: ...


class _Local(Protocol):
    def sky_to_point(self, sky: SkyPosition) -> Point2D: ...
    def pixel_to_sky_transform(
        self, position: Point2D | Point2I, unit: AngleUnit
    ) -> AffineTransform: ...


class _Linear2(Protocol[_Linear_co]):
    def linearized_at(self, position: Point2D | Point2I) -> _Linear_co: ...


class _Moving(Protocol[_Linear_co]):
    def shifted(self, dx: float, dy: float) -> _Linear_co: ...


class WcsNames:
    """Gen2 spellings of `imaging.wcs.projection.SkyProjection`."""

    __slots__ = ()

    @overload
    def pixelToSky(self: _Positions, pixel: Point2D | Point2I, /) -> SpherePoint: ...
    @overload
    def pixelToSky(self: _Positions, x: float, y: float) -> SpherePoint: ...
    @overload
    def pixelToSky(
        self: _Positions, pixel: Sequence[Point2D | Point2I], /
    ) -> list[SpherePoint]: ...
    def pixelToSky(
        self: _Positions, x: float | Point2D | Point2I | Sequence[Point2D | Point2I],
        y: float | None = None,
    ) -> SpherePoint | list[SpherePoint]:  # fmt: skip
        """Call ``pixel_to_sphere_point``: with a point, two numbers or a list of points."""
        if isinstance(x, Iterable) and not isinstance(x, Point2D | Point2I):
            return [self.pixel_to_sphere_point(*_two_numbers(point, None)) for point in x]
        return self.pixel_to_sphere_point(*_two_numbers(x, y))

    @overload
    def skyToPixel(self: _Positions, sky: SkyPosition) -> Point2D: ...
    @overload
    def skyToPixel(self: _Positions, sky: Angle, dec: Angle) -> Point2D: ...
    @overload
    def skyToPixel(self: _Positions, sky: Sequence[SpherePoint]) -> list[Point2D]: ...
    def skyToPixel(
        self: _Positions, sky: SkyPosition | Angle | Sequence[SpherePoint], dec: Angle | None = None
    ) -> Point2D | list[Point2D]:
        """Call ``sky_to_point``: with a position, two angles or a list of positions."""
        if isinstance(sky, list):
            return [self.sky_to_point(SpherePoint(one)) for one in sky]
        return self.sky_to_point(SpherePoint(sky, dec))

    def pixelToSkyArray(
        self: _Arrays, x: ArrayLike, y: ArrayLike, degrees: bool = False  # noqa: FBT001, FBT002
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
        """Call ``pixel_to_sky``; radians unless degrees are asked for."""
        sky = self.pixel_to_sky(np.ravel(x).astype(float), np.ravel(y).astype(float))
        return sky if degrees else (np.radians(sky[0]), np.radians(sky[1]))

    def skyToPixelArray(
        self: _Arrays, ra: ArrayLike, dec: ArrayLike, degrees: bool = False  # noqa: FBT001, FBT002
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
        """Call ``sky_to_pixel``; radians unless degrees are said."""
        east, north = np.ravel(ra).astype(float), np.ravel(dec).astype(float)
        return self.sky_to_pixel(
            *((east, north) if degrees else (np.degrees(east), np.degrees(north)))
        )

    def getPixelScale(self: _Numbers, pixel: Point2D | Point2I | None = None) -> Angle:
        """Call ``pixel_scale``."""
        return self.pixel_scale(pixel) * arcseconds

    def getPixelOrigin(self: _Numbers) -> Point2D:
        """Return ``pixel_origin``."""
        return self.pixel_origin

    def getSkyOrigin(self: _Numbers) -> SpherePoint:
        """Return ``sky_origin_point``."""
        return self.sky_origin_point

    def getCdMatrix(self: _Matrices, pixel: Point2D | Point2I | None = None) -> NDArray[np.float64]:
        """Return ``cd_matrix``, or call ``local_cd_matrix``; degrees."""
        return self.cd_matrix if pixel is None else self.local_cd_matrix(pixel)

    @property
    def isFlipped(self: _Numbers) -> bool:
        """The same as ``is_flipped``."""
        return self.is_flipped

    @property
    def isFits(self: _Numbers) -> bool:
        """The same as ``is_fits``."""
        return self.is_fits

    def getTanWcs(self: _Linear2[_Linear], pixel: Point2D | Point2I) -> _Linear:
        """Call ``linearized_at``."""
        return self.linearized_at(pixel)

    def copyAtShiftedPixelOrigin(self: _Moving[_Linear], shift: Extent2D | Extent2I) -> _Linear:
        """Call ``shifted``."""
        return self.shifted(shift.x, shift.y)

    def getFitsMetadata(self: _Cards, precise: bool = False) -> Metadata:  # noqa: ARG002, FBT001, FBT002
        """Call ``to_metadata``, which says all that FITS can say, whether or not that is asked."""
        return self.to_metadata()

    def linearizePixelToSky(
        self: _Local, coord: Point2D | Point2I | SpherePoint, skyUnit: AngleUnit
    ) -> AffineTransform:
        """Call ``pixel_to_sky_transform``."""
        return self.pixel_to_sky_transform(_pixel(self, coord), skyUnit)

    def linearizeSkyToPixel(
        self: _Local, coord: Point2D | Point2I | SpherePoint, skyUnit: AngleUnit
    ) -> AffineTransform:
        """Call ``pixel_to_sky_transform`` and invert it."""
        return self.pixel_to_sky_transform(_pixel(self, coord), skyUnit).inverted()


def _pixel(wcs: _Local, coord: Point2D | Point2I | SpherePoint) -> Point2D | Point2I:
    return wcs.sky_to_point(coord) if isinstance(coord, SpherePoint) else coord


def _two_numbers(x: object, y: object) -> tuple[float, float]:
    if isinstance(x, Point2D | Point2I) and y is None:
        return float(x.x), float(x.y)
    if np.ndim(x) or np.ndim(y) or y is None:  # type: ignore[arg-type]  # anything has dimensions
        raise ParameterTypeError(
            "A position is a point, or x and y; for arrays there is pixelToSkyArray()."
        )
    return float(x), float(y)  # type: ignore[arg-type]  # the next function complains
