"""The names that users of the LSST stack's second generation know: WCS.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module. Angles are
numbers here: degrees on the sky, arcseconds per pixel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from astropy.coordinates import SkyCoord
    from numpy.typing import ArrayLike, NDArray

    from imaging.fits.metadata import Metadata
    from imaging.geometry.points import Extent2D, Extent2I, Point2D, Point2I

__all__ = ["WcsNames"]

_Linear_co = TypeVar("_Linear_co", covariant=True)
_Linear = TypeVar("_Linear")


class _Positions(Protocol):
    def pixel_to_skycoord(
        self, x: Point2D | Point2I | ArrayLike, y: ArrayLike | None = None
    ) -> SkyCoord: ...
    def sky_to_point(self, sky: SkyCoord | tuple[float, float]) -> Point2D: ...


class _Numbers(Protocol):
    @property
    def pixel_origin(self) -> Point2D: ...
    @property
    def sky_origin(self) -> tuple[float, float]: ...
    @property
    def cd_matrix(self) -> NDArray[np.float64]: ...
    @property
    def is_flipped(self) -> bool: ...
    def pixel_scale(self, position: Point2D | Point2I | None = None) -> float: ...
    def to_metadata(self, origin: Point2I | tuple[int, int] = (0, 0)) -> Metadata: ...


class _Linear2(Protocol[_Linear_co]):
    def linearized_at(self, position: Point2D | Point2I) -> _Linear_co: ...


class _Moving(Protocol[_Linear_co]):
    def shifted(self, dx: float, dy: float) -> _Linear_co: ...


class WcsNames:
    """Gen2 spellings of `imaging.wcs.projection.SkyProjection`."""

    __slots__ = ()

    def pixelToSky(
        self: _Positions, x: Point2D | Point2I | ArrayLike, y: ArrayLike | None = None
    ) -> SkyCoord:
        """Call ``pixel_to_skycoord``."""
        return self.pixel_to_skycoord(x, y)

    def skyToPixel(self: _Positions, sky: SkyCoord | tuple[float, float]) -> Point2D:
        """Call ``sky_to_point``."""
        return self.sky_to_point(sky)

    def getPixelScale(self: _Numbers, position: Point2D | Point2I | None = None) -> float:
        """Call ``pixel_scale``; arcseconds."""
        return self.pixel_scale(position)

    def getPixelOrigin(self: _Numbers) -> Point2D:
        """Return ``pixel_origin``."""
        return self.pixel_origin

    def getSkyOrigin(self: _Numbers) -> tuple[float, float]:
        """Return ``sky_origin``; degrees."""
        return self.sky_origin

    def getCdMatrix(self: _Numbers) -> NDArray[np.float64]:
        """Return ``cd_matrix``; degrees."""
        return self.cd_matrix

    @property
    def isFlipped(self: _Numbers) -> bool:
        """The same as ``is_flipped``."""
        return self.is_flipped

    def getTanWcs(self: _Linear2[_Linear], position: Point2D | Point2I) -> _Linear:
        """Call ``linearized_at``."""
        return self.linearized_at(position)

    def copyAtShiftedPixelOrigin(self: _Moving[_Linear], shift: Extent2D | Extent2I) -> _Linear:
        """Call ``shifted``."""
        return self.shifted(shift.x, shift.y)

    def getFitsMetadata(self: _Numbers, origin: Point2I | tuple[int, int] = (0, 0)) -> Metadata:
        """Call ``to_metadata``."""
        return self.to_metadata(origin)
