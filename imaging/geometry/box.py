"""A rectangle of pixels."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, overload

from imaging.errors import BoxError, ParameterTypeError, ParameterValueError
from imaging.geometry.gen2_names import BoxNames
from imaging.geometry.interval import Interval
from imaging.geometry.points import Extent2D, Extent2I, Point2D, Point2I
from imaging.geometry.real_box import Box2D
from imaging.geometry.rectangle import Rectangle

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Box", "EdgeHandling"]

EdgeHandling: TypeAlias = Literal["expand", "shrink"]

_SECTION = re.compile(r"\s*(-?\d+)\s*:\s*(-?\d+)\s*,\s*(-?\d+)\s*:\s*(-?\d+)\s*")


class Box(Rectangle[int, Point2I, Extent2I], BoxNames):
    """A rectangle of whole pixels, with inclusive corners, that can be changed in place.

    Parameters
    ----------
    corner
        The pixel at the lower left, or another box to copy. Without it the
        box is empty.
    other
        The pixel at the upper right, inclusive, or the dimensions. If the
        first is a `Box2D`, what to do with pixels that lie partly inside:
        ``"expand"`` takes them all, which is the default, ``"shrink"`` none.
    minimum, maximum, dimensions
        The same by name: ``corner`` may be called ``minimum``, ``other`` is
        one of the two others.

    Raises
    ------
    BoxError
        If a dimension is negative, or a `Box2D` is infinite.

    Notes
    -----
    All empty boxes are equal: their origin is (0, 0). A box holds the whole
    area of its pixels, from half a pixel below ``min`` to half a pixel above
    ``max``.
    """

    __slots__ = ("_begin_x", "_begin_y", "_height", "_width")
    __hash__ = None  # type: ignore[assignment]  # it can be changed in place

    EXPAND: Final = "expand"
    SHRINK: Final = "shrink"

    @overload
    def __init__(self) -> None: ...
    @overload
    def __init__(self, corner: Box) -> None: ...
    @overload
    def __init__(self, corner: Box2D, other: EdgeHandling = "expand") -> None: ...
    @overload
    def __init__(self, corner: Point2I, other: Point2I | Extent2I) -> None: ...
    @overload
    def __init__(self, corner: Point2I, *, dimensions: Extent2I) -> None: ...
    @overload
    def __init__(
        self,
        *,
        minimum: Point2I,
        maximum: Point2I | None = None,
        dimensions: Extent2I | None = None,
    ) -> None: ...
    def __init__(
        self,
        corner: Point2I | Box | Box2D | None = None,
        other: Point2I | Extent2I | EdgeHandling | None = None,
        *,
        minimum: Point2I | None = None,
        maximum: Point2I | None = None,
        dimensions: Extent2I | None = None,
    ) -> None:
        corner = minimum if corner is None else corner
        other = next((end for end in (other, maximum, dimensions) if end is not None), None)
        if isinstance(corner, Box) and other is None:
            self._set(corner.min_x, corner.min_y, corner.width, corner.height)
        elif isinstance(corner, Point2I) and isinstance(other, Extent2I):
            self._set(corner.x, corner.y, other.x, other.y)
        elif isinstance(corner, Point2I) and isinstance(other, Point2I):
            self._set(corner.x, corner.y, other.x - corner.x + 1, other.y - corner.y + 1)
        elif isinstance(corner, Box2D) and (other is None or isinstance(other, str)):
            self._set_pixels(corner, other or "expand")
        elif corner is None and other is None:
            self._set(0, 0, 0, 0)
        else:
            message = (
                "A box is made from a Point2I and another Point2I or an Extent2I, "
                f"not from {corner!r} and {other!r}."
            )
            raise ParameterTypeError(message)

    def _set_pixels(self, area: Box2D, edges: EdgeHandling) -> None:
        if edges not in {"expand", "shrink"}:
            message = f"{edges!r}: pixels at the edge are either 'expand' or 'shrink'."
            raise ParameterValueError(message)
        first, last = area.min + Extent2D(0.5), area.max - Extent2D(0.5)
        low, high = (math.floor, math.ceil) if edges == "expand" else (math.ceil, math.floor)
        if area.is_empty:
            self._set(0, 0, 0, 0)
        elif all(map(math.isfinite, (*first, *last))):
            x, y = low(first.x), low(first.y)
            self._set(x, y, max(high(last.x) - x + 1, 0), max(high(last.y) - y + 1, 0))
        else:
            raise BoxError(f"{area!r} has no whole pixels: it is infinite.")

    def _set(self, x: int, y: int, width: int, height: int) -> None:
        if width < 0 or height < 0:
            message = (
                f"A box cannot be {width} x {height} pixels large. "
                "The lower left corner comes first, then the upper right one."
            )
            raise BoxError(message)
        if not (width and height):
            x = y = width = height = 0
        self._begin_x, self._begin_y, self._width, self._height = x, y, width, height

    @classmethod
    def from_shape(cls, shape: Sequence[int], origin: Point2I | tuple[int, int] = (0, 0)) -> Box:
        """Return the box of an array.

        Parameters
        ----------
        shape
            Shape of the array: height, then width.
        origin
            Coordinates of the first pixel, x before y.
        """
        try:
            (height, width), (x0, y0) = shape, origin
        except (TypeError, ValueError):
            message = f"A box has two dimensions and two coordinates, not {shape!r}, {origin!r}."
            raise ParameterTypeError(message) from None
        return cls(Point2I(x0, y0), Extent2I(width, height))

    @classmethod
    def from_center(cls, center: Point2D | Point2I, size: Extent2I) -> Box:
        """Return the box of a size whose middle is as near as possible to a position."""
        corner = Point2D(center) - Extent2D((size.x - 1) / 2, (size.y - 1) / 2)
        return cls(corner.rounded(), size)

    @classmethod
    def from_string(cls, text: str) -> Box:
        """Return the box that ``x0:x1,y0:y1`` describes.

        Parameters
        ----------
        text
            Half-open ranges as in a Python slice: ``0:200,100:150`` is 200
            pixels wide, 50 high, and its upper right pixel is (199, 149).
            This is what ``str(box)`` gives.

        Raises
        ------
        BoxError
            If the text is of another form.
        """
        match = _SECTION.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            message = f"{text!r} is not a box. Write x0:x1,y0:y1, for example 0:200,100:150."
            raise BoxError(message)
        x0, x1, y0, y1 = (int(number) for number in match.groups())
        return cls(Point2I(x0, y0), Extent2I(x1 - x0, y1 - y0))

    @property
    def min_x(self) -> int:
        """The first column."""
        return self._begin_x

    @property
    def min_y(self) -> int:
        """The first row."""
        return self._begin_y

    @property
    def max_x(self) -> int:
        """The last column, inclusive; -1 for an empty box."""
        return self._begin_x + self._width - 1

    @property
    def max_y(self) -> int:
        """The last row, inclusive; -1 for an empty box."""
        return self._begin_y + self._height - 1

    @property
    def begin_x(self) -> int:
        """The first column."""
        return self._begin_x

    @property
    def begin_y(self) -> int:
        """The first row."""
        return self._begin_y

    @property
    def end_x(self) -> int:
        """One more than the last column."""
        return self._begin_x + self._width

    @property
    def end_y(self) -> int:
        """One more than the last row."""
        return self._begin_y + self._height

    @property
    def x(self) -> Interval:
        """The columns."""
        return Interval(self.begin_x, self.end_x)

    @property
    def y(self) -> Interval:
        """The rows."""
        return Interval(self.begin_y, self.end_y)

    @property
    def width(self) -> int:
        """Number of columns."""
        return self._width

    @property
    def height(self) -> int:
        """Number of rows."""
        return self._height

    @property
    def area(self) -> int:
        """Number of pixels."""
        return self._width * self._height

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of an array that covers the box: height, then width."""
        return self._height, self._width

    @property
    def dimensions(self) -> Extent2I:
        """Width and height."""
        return Extent2I(self._width, self._height)

    @property
    def min(self) -> Point2I:
        """The pixel at the lower left."""
        return Point2I(self.min_x, self.min_y)

    @property
    def max(self) -> Point2I:
        """The pixel at the upper right, inclusive."""
        return Point2I(self.max_x, self.max_y)

    @property
    def begin(self) -> Point2I:
        """The pixel at the lower left."""
        return Point2I(self.begin_x, self.begin_y)

    @property
    def end(self) -> Point2I:
        """One more than the pixel at the upper right, along both axes."""
        return Point2I(self.end_x, self.end_y)

    @property
    def center_x(self) -> float:
        """The middle column, between two pixels where the width is even."""
        return (self.min_x + self.max_x) / 2

    @property
    def center_y(self) -> float:
        """The middle row, between two pixels where the height is even."""
        return (self.min_y + self.max_y) / 2

    @property
    def center(self) -> Point2D:
        """The middle, between two pixels where a dimension is even."""
        return Point2D(self.center_x, self.center_y)

    @property
    def corners(self) -> tuple[Point2I, Point2I, Point2I, Point2I]:
        """The corner pixels, counterclockwise from the lower left."""
        low, high = self.min, self.max
        return low, Point2I(high.x, low.y), high, Point2I(low.x, high.y)

    @property
    def is_empty(self) -> bool:
        """Whether there is no pixel in the box."""
        return not self._width

    def copy(self) -> Box:
        """Return an equal box that changes by itself."""
        return Box(self)

    @overload
    def contains(self, other: Point2I | Point2D | Box) -> bool: ...
    @overload
    def contains(self, other: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]: ...
    def contains(
        self, other: Point2I | Point2D | Box | ArrayLike, y: ArrayLike | None = None
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
        if isinstance(other, Box):
            return other.is_empty or (self.contains(other.min) and self.contains(other.max))
        if not isinstance(other, Point2I | Point2D):
            raise ParameterTypeError(f"A box contains points, boxes, or x and y, not {other!r}.")
        half = 0.5 if isinstance(other, Point2D) else 0
        return (
            self.min_x <= other.x + half < self.end_x and self.min_y <= other.y + half < self.end_y
        )

    def _contains_numbers(self, x: object, y: object) -> NDArray[np.bool_]:
        import numpy as np

        columns, rows = np.asarray(x, np.float64) + 0.5, np.asarray(y, np.float64) + 0.5
        is_beside = (columns < self.begin_x) | (columns >= self.end_x)
        return ~(
            is_beside | (rows < self.begin_y) | (rows >= self.end_y) | np.isnan(columns + rows)
        )

    def grow(self, margin: int | Extent2I) -> None:
        """Move every side outwards in place; a negative margin shrinks the box.

        Parameters
        ----------
        margin
            Pixels added at each of the four sides, or at left and right (x)
            and below and above (y). An empty box stays empty, and a box from
            which too much is taken becomes empty.
        """
        step = margin if isinstance(margin, Extent2I) else Extent2I(margin, margin)
        width, height = self.width + 2 * step.x, self.height + 2 * step.y
        if self.is_empty or width <= 0 or height <= 0:
            self._set(0, 0, 0, 0)
        else:
            self._set(self.min_x - step.x, self.min_y - step.y, width, height)

    def shift(self, offset: Extent2I) -> None:
        """Move the box in place."""
        if not isinstance(offset, Extent2I):
            raise ParameterTypeError(f"A box is moved by an Extent2I, not by {offset!r}.")
        self._set(self.min_x + offset.x, self.min_y + offset.y, self.width, self.height)

    def flip_lr(self, width: int) -> None:
        """Mirror the box in place from left to right, within an image of a width."""
        self._set(width - self.end_x, self.min_y, self.width, self.height)

    def flip_tb(self, height: int) -> None:
        """Mirror the box in place from top to bottom, within an image of a height."""
        self._set(self.min_x, height - self.end_y, self.width, self.height)

    def clip(self, other: Box) -> None:
        """Keep only the pixels that ``other`` has too, in place."""
        if not isinstance(other, Box):
            raise ParameterTypeError(f"A box is clipped to another Box, not to {other!r}.")
        x, y = max(self.min_x, other.min_x), max(self.min_y, other.min_y)
        width, height = min(self.end_x, other.end_x) - x, min(self.end_y, other.end_y) - y
        self._set(x, y, max(width, 0), max(height, 0))

    def include(self, other: Point2I | Box) -> None:
        """Enlarge the box in place until it holds a pixel or another box."""
        if not isinstance(other, Box | Point2I):
            raise ParameterTypeError(f"A box can include a Point2I or a Box, not {other!r}.")
        added = other if isinstance(other, Box) else Box(other, other)
        if self.is_empty:
            self._set(added.min_x, added.min_y, added.width, added.height)
        elif not added.is_empty:
            x, y = min(self.min_x, added.min_x), min(self.min_y, added.min_y)
            end_x, end_y = max(self.end_x, added.end_x), max(self.end_y, added.end_y)
            self._set(x, y, end_x - x, end_y - y)

    def slices(self, origin: Point2I | tuple[int, int] = (0, 0)) -> tuple[slice, slice]:
        """Return what selects the box in an array whose first pixel is ``origin``.

        Parameters
        ----------
        origin
            Coordinates of the array's first pixel, x before y.

        Returns
        -------
        tuple
            Slices of rows and of columns.

        Raises
        ------
        BoxError
            If the box begins before the array.
        """
        x0, y0 = origin
        if not self.is_empty and (self.min_x < x0 or self.min_y < y0):
            message = f"The box {self} begins before the array, whose first pixel is ({x0}, {y0})."
            raise BoxError(message)
        rows = slice(max(self.min_y - y0, 0), max(self.end_y - y0, 0))
        return rows, slice(max(self.min_x - x0, 0), max(self.end_x - x0, 0))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Box):
            return NotImplemented
        return self.min == other.min and self.shape == other.shape

    def __str__(self) -> str:
        return f"{self.begin_x}:{self.end_x},{self.begin_y}:{self.end_y}"

    def __repr__(self) -> str:
        if self.is_empty:
            return "Box()"
        return f"Box(Point2I({self.min_x}, {self.min_y}), Extent2I({self.width}, {self.height}))"
