"""What boxes of pixels and boxes with floating-point corners have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from imaging.geometry.gen2_names import RectangleNames

if TYPE_CHECKING:
    from imaging.geometry.points import Point2D, Point2I

__all__ = ["Rectangle"]

_Number = TypeVar("_Number", int, float)
_Point = TypeVar("_Point")
_Extent = TypeVar("_Extent")


class Rectangle(RectangleNames[_Number], Generic[_Number, _Point, _Extent]):
    """A rectangle that can be changed in place, and changed copies of it."""

    __slots__ = ()

    @property
    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nothing is inside."""

    @abstractmethod
    def copy(self) -> Self:
        """Return an equal box that changes by itself."""

    @abstractmethod
    def contains(self, other: Point2D | Point2I | Self) -> bool:
        """Return whether a position or the whole of a box lies inside."""

    @abstractmethod
    def grow(self, margin: _Number | _Extent) -> None:
        """Move every side outwards in place."""

    @abstractmethod
    def shift(self, offset: _Extent) -> None:
        """Move the box in place."""

    @abstractmethod
    def clip(self, other: Self) -> None:
        """Keep only what lies in ``other`` too, in place."""

    @abstractmethod
    def include(self, other: _Point | Self) -> None:
        """Enlarge the box in place until it holds a position or another box."""

    def grown(self, margin: _Number | _Extent) -> Self:
        """Return a copy whose sides are moved outwards; see `grow`."""
        box = self.copy()
        box.grow(margin)
        return box

    def shifted_by(self, offset: _Extent) -> Self:
        """Return a moved copy."""
        box = self.copy()
        box.shift(offset)
        return box

    def clipped_to(self, other: Self) -> Self:
        """Return what lies in both boxes."""
        box = self.copy()
        box.clip(other)
        return box

    def expanded_to(self, other: _Point | Self) -> Self:
        """Return the smallest box that holds this one and a position or another box."""
        box = self.copy()
        box.include(other)
        return box

    def overlaps(self, other: Self) -> bool:
        """Return whether the two boxes have something in common."""
        return not self.clipped_to(other).is_empty

    def __contains__(self, other: Point2D | Point2I | Self) -> bool:
        return self.contains(other)
