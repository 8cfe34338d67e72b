"""A rectangle with floating-point corners."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol, overload, runtime_checkable

from imaging.errors import BoxError, ParameterTypeError
from imaging.geometry.points import Extent2D, Extent2I, Point2D, Point2I
from imaging.geometry.rectangle import Rectangle

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Box2D", "PixelBox"]


@runtime_checkable
class PixelBox(Protocol):
    """What `Box2D` needs of a box of whole pixels."""

    @property
    def begin_x(self) -> int:
        """The first column."""

    @property
    def begin_y(self) -> int:
        """The first row."""

    @property
    def end_x(self) -> int:
        """One more than the last column."""

    @property
    def end_y(self) -> int:
        """One more than the last row."""

    @property
    def is_empty(self) -> bool:
        """Whether there is no pixel in the box."""


class Box2D(Rectangle[float, Point2D | Point2I, Extent2D | Extent2I]):
    """A rectangle that begins and ends anywhere, and can be changed in place.

    Parameters
    ----------
    corner
        The lower left corner, or a box to copy. A box of whole pixels becomes
        the area of these pixels: half a pixel is added on every side. Without
        it the box is empty.
    other
        The upper right corner, or the dimensions.
    minimum, maximum, dimensions
        The same by name: ``corner`` may be called ``minimum``, ``other`` is
        one of the two others.

    Raises
    ------
    BoxError
        If a dimension is negative, or a corner is not a number.

    Notes
    -----
    A position on the left or lower side is inside, one on the right or upper
    side is not, so that boxes side by side share no position. A box without
    area is empty; all empty boxes are equal, and their corners are NaN.
    """

    __slots__ = ("_max_x", "_max_y", "_min_x", "_min_y")
    __hash__ = None  # type: ignore[assignment]  # it can be changed in place

    @overload
    def __init__(self) -> None: ...
    @overload
    def __init__(self, corner: PixelBox | Box2D) -> None: ...
    @overload
    def __init__(
        self, corner: Point2D | Point2I, other: Point2D | Point2I | Extent2D | Extent2I
    ) -> None: ...
    @overload
    def __init__(self, corner: Point2D | Point2I, *, dimensions: Extent2D | Extent2I) -> None: ...
    @overload
    def __init__(
        self,
        *,
        minimum: Point2D | Point2I,
        maximum: Point2D | Point2I | None = None,
        dimensions: Extent2D | Extent2I | None = None,
    ) -> None: ...
    def __init__(
        self,
        corner: Point2D | Point2I | PixelBox | Box2D | None = None,
        other: Point2D | Point2I | Extent2D | Extent2I | None = None,
        *,
        minimum: Point2D | Point2I | None = None,
        maximum: Point2D | Point2I | None = None,
        dimensions: Extent2D | Extent2I | None = None,
    ) -> None:
        corner = minimum if corner is None else corner
        other = next((end for end in (other, maximum, dimensions) if end is not None), None)
        if isinstance(corner, Box2D) and other is None:
            self._set(corner.min_x, corner.min_y, corner.max_x, corner.max_y)
        elif isinstance(corner, PixelBox) and other is None:
            ends = (corner.begin_x, corner.begin_y, corner.end_x, corner.end_y)
            self._set(*(math.nan if corner.is_empty else end - 0.5 for end in ends))
        elif isinstance(corner, Point2D | Point2I) and other is not None:
            end = other if isinstance(other, Point2D | Point2I) else Point2D(corner) + other
            self._set_checked(corner.x, corner.y, end.x, end.y)
        elif corner is None and other is None:
            self._set(math.nan, math.nan, math.nan, math.nan)
        else:
            raise ParameterTypeError(
                "A Box2D is made from a point and another point or an extent, "
                f"not from {corner!r} and {other!r}."
            )

    def _set_checked(self, x0: float, y0: float, x1: float, y1: float) -> None:
        if not (x1 >= x0 and y1 >= y0):
            raise BoxError(
                f"A box cannot reach from ({x0}, {y0}) to ({x1}, {y1}). "
                "The lower left corner comes first, then the upper right one."
            )
        self._set(x0, y0, x1, y1)

    def _set(self, x0: float, y0: float, x1: float, y1: float) -> None:
        if not (x1 > x0 and y1 > y0):
            x0 = y0 = x1 = y1 = math.nan
        self._min_x, self._min_y, self._max_x, self._max_y = x0, y0, x1, y1

    @classmethod
    def from_center(cls, center: Point2D | Point2I, size: Extent2D | Extent2I) -> Box2D:
        """Return the box of a size about a position."""
        return cls(Point2D(center) - size / 2, size)

    @property
    def min_x(self) -> float:
        """The left side; NaN if the box is empty."""
        return self._min_x

    @property
    def min_y(self) -> float:
        """The lower side; NaN if the box is empty."""
        return self._min_y

    @property
    def max_x(self) -> float:
        """The right side; NaN if the box is empty."""
        return self._max_x

    @property
    def max_y(self) -> float:
        """The upper side; NaN if the box is empty."""
        return self._max_y

    @property
    def is_empty(self) -> bool:
        """Whether the box has no area."""
        return math.isnan(self._min_x)

    @property
    def width(self) -> float:
        """Extent along x; 0 if the box is empty."""
        return 0.0 if self.is_empty else self._max_x - self._min_x

    @property
    def height(self) -> float:
        """Extent along y; 0 if the box is empty."""
        return 0.0 if self.is_empty else self._max_y - self._min_y

    @property
    def area(self) -> float:
        """Width times height, in square pixels."""
        return self.width * self.height

    @property
    def dimensions(self) -> Extent2D:
        """Width and height."""
        return Extent2D(self.width, self.height)

    @property
    def min(self) -> Point2D:
        """The lower left corner."""
        return Point2D(self._min_x, self._min_y)

    @property
    def max(self) -> Point2D:
        """The upper right corner."""
        return Point2D(self._max_x, self._max_y)

    @property
    def center_x(self) -> float:
        """The middle column, NaN if the box is empty."""
        return (self._min_x + self._max_x) / 2

    @property
    def center_y(self) -> float:
        """The middle row, NaN if the box is empty."""
        return (self._min_y + self._max_y) / 2

    @property
    def center(self) -> Point2D:
        """The middle."""
        return Point2D(self.center_x, self.center_y)

    @property
    def corners(self) -> tuple[Point2D, Point2D, Point2D, Point2D]:
        """The corners, counterclockwise from the lower left."""
        low, high = self.min, self.max
        return low, Point2D(high.x, low.y), high, Point2D(low.x, high.y)

    def copy(self) -> Box2D:
        """Return an equal box that changes by itself."""
        return Box2D(self)

    @overload
    def contains(self, other: Point2D | Point2I | Box2D) -> bool: ...
    @overload
    def contains(self, other: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]: ...
    def contains(
        self, other: Point2D | Point2I | Box2D | ArrayLike, y: ArrayLike | None = None
    ) -> bool | NDArray[np.bool_]:
        """Return whether a position or the whole of a box lies inside.

        Parameters
        ----------
        other
            A position or a box; or, with ``y``, one or many x.
        y
            As many y.

        Returns
        -------
        bool or numpy.ndarray
            Of numbers x and y, an array of their common shape.
        """
        if y is not None:
            return self._contains_numbers(other, y)
        if isinstance(other, Box2D):
            return other.is_empty or (
                self._min_x <= other.min_x
                and self._min_y <= other.min_y
                and other.max_x <= self._max_x
                and other.max_y <= self._max_y
            )
        if not isinstance(other, Point2I | Point2D):
            raise ParameterTypeError(f"A box contains points, boxes, or x and y, not {other!r}.")
        return self._min_x <= other.x < self._max_x and self._min_y <= other.y < self._max_y

    def _contains_numbers(self, x: object, y: object) -> NDArray[np.bool_]:
        import numpy as np

        columns, rows = np.asarray(x, np.float64), np.asarray(y, np.float64)
        is_inside = (self._min_x <= columns) & (columns < self._max_x)
        return np.asarray(is_inside & (self._min_y <= rows) & (rows < self._max_y))

    def grow(self, margin: float | Extent2D | Extent2I) -> None:
        """Move every side outwards in place; a negative margin shrinks the box.

        Parameters
        ----------
        margin
            Pixels added at each of the four sides, or at left and right (x)
            and below and above (y). An empty box stays empty, and a box from
            which too much is taken becomes empty.
        """
        step = margin if isinstance(margin, Extent2D | Extent2I) else Extent2D(margin)
        self._set(
            self._min_x - step.x, self._min_y - step.y, self._max_x + step.x, self._max_y + step.y
        )

    def shift(self, offset: Extent2D | Extent2I) -> None:
        """Move the box in place."""
        x, y = offset
        self._set(self._min_x + x, self._min_y + y, self._max_x + x, self._max_y + y)

    def flip_lr(self, width: float) -> None:
        """Mirror the box in place from left to right, within an image of a width."""
        self._set(width - self._max_x, self._min_y, width - self._min_x, self._max_y)

    def flip_tb(self, height: float) -> None:
        """Mirror the box in place from top to bottom, within an image of a height."""
        self._set(self._min_x, height - self._max_y, self._max_x, height - self._min_y)

    def clip(self, other: Box2D) -> None:
        """Keep only what lies in ``other`` too, in place."""
        if self.is_empty or other.is_empty:
            self._set(math.nan, math.nan, math.nan, math.nan)
        else:
            self._set(
                max(self._min_x, other.min_x),
                max(self._min_y, other.min_y),
                min(self._max_x, other.max_x),
                min(self._max_y, other.max_y),
            )

    def include(self, other: Point2D | Point2I | Box2D) -> None:
        """Enlarge the box in place until it contains a position or another box.

        Notes
        -----
        A position that is added on the right or above becomes the largest
        number inside: the side is moved to the next floating-point number.
        """
        if isinstance(other, Box2D):
            low, high = other.min, other.max
        else:
            low = Point2D(other)
            high = Point2D(math.nextafter(low.x, math.inf), math.nextafter(low.y, math.inf))
        if math.isnan(low.x) or math.isnan(low.y):
            return
        if self.is_empty:
            self._set(low.x, low.y, high.x, high.y)
        else:
            self._set(
                min(self._min_x, low.x),
                min(self._min_y, low.y),
                max(self._max_x, high.x),
                max(self._max_y, high.y),
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Box2D):
            return NotImplemented
        if self.is_empty or other.is_empty:
            return self.is_empty and other.is_empty
        return self.min == other.min and self.max == other.max

    def __str__(self) -> str:
        return f"{self.min_x}:{self.max_x},{self.min_y}:{self.max_y}"

    def __repr__(self) -> str:
        if self.is_empty:
            return "Box2D()"
        low, high = self.min, self.max
        return f"Box2D(Point2D({low.x}, {low.y}), Point2D({high.x}, {high.y}))"
