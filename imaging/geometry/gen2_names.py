"""The names that users of the LSST stack's second generation know: points and boxes.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

__all__ = ["BoxNames", "PairNames"]

_Number = TypeVar("_Number", int, float)
_Number_co = TypeVar("_Number_co", covariant=True)
_Point = TypeVar("_Point")
_Center = TypeVar("_Center")
_Extent = TypeVar("_Extent")
_Target = TypeVar("_Target")
_Point_co = TypeVar("_Point_co", covariant=True)
_Center_co = TypeVar("_Center_co", covariant=True)
_Extent_co = TypeVar("_Extent_co", covariant=True)
_Extent_contra = TypeVar("_Extent_contra", contravariant=True)
_Target_contra = TypeVar("_Target_contra", contravariant=True)
_Copy = TypeVar("_Copy")
_Copy_co = TypeVar("_Copy_co", covariant=True)


class _Pair(Protocol[_Number_co]):
    @property
    def x(self) -> _Number_co: ...
    @property
    def y(self) -> _Number_co: ...


class PairNames(Generic[_Number]):
    """Gen2 spellings of points and extents."""

    __slots__ = ()

    def getX(self: _Pair[_Number]) -> _Number:
        """Return ``x``."""
        return self.x

    def getY(self: _Pair[_Number]) -> _Number:
        """Return ``y``."""
        return self.y


class _Numbers(Protocol):
    @property
    def min_x(self) -> int: ...
    @property
    def min_y(self) -> int: ...
    @property
    def max_x(self) -> int: ...
    @property
    def max_y(self) -> int: ...
    @property
    def begin_x(self) -> int: ...
    @property
    def begin_y(self) -> int: ...
    @property
    def end_x(self) -> int: ...
    @property
    def end_y(self) -> int: ...
    @property
    def area(self) -> int: ...
    @property
    def is_empty(self) -> bool: ...


class _Corners(Protocol[_Point_co]):
    @property
    def min(self) -> _Point_co: ...
    @property
    def max(self) -> _Point_co: ...
    @property
    def corners(self) -> tuple[_Point_co, ...]: ...


class _Centered(Protocol[_Center_co]):
    @property
    def center(self) -> _Center_co: ...


class _Sized(Protocol[_Extent_co]):
    @property
    def dimensions(self) -> _Extent_co: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


class _Shifting(Protocol[_Extent_contra, _Copy_co]):
    def shifted_by(self, offset: _Extent_contra) -> _Copy_co: ...


class _Growing(Protocol[_Extent_contra, _Copy_co]):
    def grown(self, margin: _Extent_contra) -> _Copy_co: ...


class _Clipping(Protocol[_Target_contra, _Copy_co]):
    def clipped_to(self, other: _Target_contra) -> _Copy_co: ...


class _Expanding(Protocol[_Target_contra, _Copy_co]):
    def expanded_to(self, other: _Target_contra) -> _Copy_co: ...


class BoxNames:
    """Gen2 spellings of `imaging.geometry.box.Box`."""

    __slots__ = ()

    def getMin(self: _Corners[_Point]) -> _Point:
        """Return ``min``."""
        return self.min

    def getMinX(self: _Numbers) -> int:
        """Return ``min_x``."""
        return self.min_x

    def getMinY(self: _Numbers) -> int:
        """Return ``min_y``."""
        return self.min_y

    def getMax(self: _Corners[_Point]) -> _Point:
        """Return ``max``."""
        return self.max

    def getMaxX(self: _Numbers) -> int:
        """Return ``max_x``."""
        return self.max_x

    def getMaxY(self: _Numbers) -> int:
        """Return ``max_y``."""
        return self.max_y

    def getBeginX(self: _Numbers) -> int:
        """Return ``begin_x``."""
        return self.begin_x

    def getBeginY(self: _Numbers) -> int:
        """Return ``begin_y``."""
        return self.begin_y

    def getEndX(self: _Numbers) -> int:
        """Return ``end_x``."""
        return self.end_x

    def getEndY(self: _Numbers) -> int:
        """Return ``end_y``."""
        return self.end_y

    def getDimensions(self: _Sized[_Extent]) -> _Extent:
        """Return ``dimensions``."""
        return self.dimensions

    def getWidth(self: _Sized[_Extent]) -> int:
        """Return ``width``."""
        return self.width

    def getHeight(self: _Sized[_Extent]) -> int:
        """Return ``height``."""
        return self.height

    def getArea(self: _Numbers) -> int:
        """Return ``area``."""
        return self.area

    def getCenter(self: _Centered[_Center]) -> _Center:
        """Return ``center``."""
        return self.center

    def getCorners(self: _Corners[_Point]) -> tuple[_Point, ...]:
        """Return ``corners``."""
        return self.corners

    def isEmpty(self: _Numbers) -> bool:
        """Return ``is_empty``."""
        return self.is_empty

    def dilatedBy(self: _Growing[_Extent, _Copy], margin: _Extent) -> _Copy:
        """Call ``grown``."""
        return self.grown(margin)

    def shiftedBy(self: _Shifting[_Extent, _Copy], offset: _Extent) -> _Copy:
        """Call ``shifted_by``."""
        return self.shifted_by(offset)

    def clippedTo(self: _Clipping[_Target, _Copy], other: _Target) -> _Copy:
        """Call ``clipped_to``."""
        return self.clipped_to(other)

    def expandedTo(self: _Expanding[_Target, _Copy], other: _Target) -> _Copy:
        """Call ``expanded_to``."""
        return self.expanded_to(other)
