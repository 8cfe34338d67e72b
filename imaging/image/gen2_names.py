"""The names that users of the LSST stack's second generation know: images.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ImageNames"]

_Point = TypeVar("_Point")
_Extent = TypeVar("_Extent")
_Target = TypeVar("_Target")
_BoxType = TypeVar("_BoxType")
_Point_co = TypeVar("_Point_co", covariant=True)
_Extent_co = TypeVar("_Extent_co", covariant=True)
_Extent_contra = TypeVar("_Extent_contra", contravariant=True)
_Copy_co = TypeVar("_Copy_co", covariant=True)


class _Sized(Protocol[_Extent_co]):
    @property
    def dimensions(self) -> _Extent_co: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


class _Located(Protocol[_Point_co]):
    @property
    def xy0(self) -> _Point_co: ...
    @property
    def x0(self) -> int: ...
    @property
    def y0(self) -> int: ...


class _Relocated(Protocol[_Extent_contra]):
    def set_origin(self, origin: _Extent_contra) -> None: ...


class _Boxed(Protocol[_Copy_co]):
    @property
    def bbox(self) -> _Copy_co: ...


class _Pixels(Protocol):
    @property
    def array(self) -> NDArray[np.number]: ...


class ImageNames:
    """Gen2 spellings of `imaging.image.image.Image`."""

    __slots__ = ()

    def getArray(self: _Pixels) -> NDArray[np.number]:
        """Return ``array``."""
        return self.array

    def getBBox(self: _Boxed[_BoxType]) -> _BoxType:
        """Return ``bbox``."""
        return self.bbox

    def getDimensions(self: _Sized[_Extent]) -> _Extent:
        """Return ``dimensions``."""
        return self.dimensions

    def getWidth(self: _Sized[_Extent]) -> int:
        """Return ``width``."""
        return self.width

    def getHeight(self: _Sized[_Extent]) -> int:
        """Return ``height``."""
        return self.height

    def getXY0(self: _Located[_Point]) -> _Point:
        """Return ``xy0``."""
        return self.xy0

    def getX0(self: _Located[_Point]) -> int:
        """Return ``x0``."""
        return self.x0

    def getY0(self: _Located[_Point]) -> int:
        """Return ``y0``."""
        return self.y0

    def setXY0(self: _Relocated[_Target], origin: _Target) -> None:
        """Call ``set_origin``."""
        self.set_origin(origin)
