"""Positions and offsets in pixel coordinates.

Pixel centres lie at integer coordinates. A position is a *point*, the
difference of two positions an *extent*; both come with integer (``I``) and
floating-point (``D``) coordinates, x first. All are immutable.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, SupportsFloat, SupportsIndex, TypeVar, overload

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.geometry.gen2_names import ExtentNames, PairNames, PointNames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Extent2D", "Extent2I", "Point2D", "Point2I"]

_Number = TypeVar("_Number")


def _integer(value: object) -> int:
    """Return a Python integer; NumPy's integers are accepted, floats are not."""
    try:
        return operator.index(value)  # type: ignore[arg-type]  # or TypeError
    except TypeError:
        message = f"Pixel coordinates are integers, not {value!r}. Round it first."
        raise ParameterTypeError(message) from None


def _real(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]  # or TypeError
    except (TypeError, ValueError):
        message = f"A coordinate is a number, not {value!r}."
        raise ParameterTypeError(message) from None


def _both(value: _Number | Iterable[_Number]) -> tuple[_Number, _Number]:
    """Return two coordinates: those of a pair, or twice the same number."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value, value  # a text is refused as a number
    try:
        x, y = value
    except TypeError:  # an array without dimensions
        return value, value  # type: ignore[return-value]  # a number
    except ValueError:
        message = f"A point or an extent has two coordinates, x and y, not {value!r}."
        raise ParameterTypeError(message) from None
    return x, y


@dataclass(frozen=True, slots=True, init=False)
class _IntegerPair(PairNames[int]):
    x: int
    y: int

    def __init__(
        self,
        x: SupportsIndex | Iterable[SupportsIndex] | _RealPair = 0,
        y: SupportsIndex | None = None,
    ) -> None:
        first, second = self._pair(x) if y is None else (x, y)
        object.__setattr__(self, "x", _integer(first))
        object.__setattr__(self, "y", _integer(second))

    @staticmethod
    def _pair(value: object) -> tuple[object, object]:
        return _both(value)

    def __iter__(self) -> Iterator[int]:
        return iter((self.x, self.y))

    def __len__(self) -> int:
        return 2

    def __getitem__(self, axis: int) -> int:
        return (self.x, self.y)[axis]


@dataclass(frozen=True, slots=True, init=False)
class _RealPair(PairNames[float]):
    x: float
    y: float

    def __init__(
        self, x: SupportsFloat | Iterable[SupportsFloat] = 0.0, y: SupportsFloat | None = None
    ) -> None:
        first, second = _both(x) if y is None else (x, y)
        object.__setattr__(self, "x", _real(first))
        object.__setattr__(self, "y", _real(second))

    def __iter__(self) -> Iterator[float]:
        return iter((self.x, self.y))

    def __len__(self) -> int:
        return 2

    def __getitem__(self, axis: int) -> float:
        return (self.x, self.y)[axis]


@dataclass(frozen=True, slots=True, init=False)
class Extent2D(ExtentNames[float], _RealPair):
    """An offset between two positions, or a size, in pixels.

    Parameters
    ----------
    x, y
        The offset along each axis. ``y`` is ``x`` if it is left out; ``x`` may
        also be both, as a pair of numbers.
    """

    @property
    def norm(self) -> float:
        """The length, in pixels."""
        return math.hypot(self.x, self.y)

    @property
    def squared_norm(self) -> float:
        """The square of the length."""
        return self.x * self.x + self.y * self.y

    def floor(self) -> Extent2I:
        """Return the whole pixels below."""
        return _whole(math.floor, self)

    def ceil(self) -> Extent2I:
        """Return the whole pixels above."""
        return _whole(math.ceil, self)

    def truncate(self) -> Extent2I:
        """Return the whole pixels towards zero."""
        return _whole(math.trunc, self)

    def __add__(self, other: Extent2D | Extent2I) -> Extent2D:
        if isinstance(other, Extent2D | Extent2I):
            return Extent2D(self.x + other.x, self.y + other.y)
        return NotImplemented

    def __sub__(self, other: Extent2D | Extent2I) -> Extent2D:
        return self + -other if isinstance(other, Extent2D | Extent2I) else NotImplemented

    def __neg__(self) -> Extent2D:
        return Extent2D(-self.x, -self.y)

    def __pos__(self) -> Extent2D:
        return self

    def __mul__(self, factor: float) -> Extent2D:
        return Extent2D(self.x * factor, self.y * factor)

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> Extent2D:
        return Extent2D(self.x / divisor, self.y / divisor)


@dataclass(frozen=True, slots=True, init=False)
class Extent2I(ExtentNames[int], _IntegerPair):
    """An offset between two pixels, or a size, in whole pixels.

    Parameters
    ----------
    x, y
        The offset along each axis. ``y`` is ``x`` if it is left out; ``x`` may
        also be both, as a pair of integers.

    Notes
    -----
    ``//`` rounds down, as Python does: ``-Extent2I(7, 8) // 2`` is
    ``Extent2I(-4, -4)``. Times or through a fraction it becomes an `Extent2D`.
    """

    @property
    def norm(self) -> float:
        """The length, in pixels."""
        return math.hypot(self.x, self.y)

    @property
    def squared_norm(self) -> int:
        """The square of the length."""
        return self.x * self.x + self.y * self.y

    @overload
    def __add__(self, other: Extent2I) -> Extent2I: ...
    @overload
    def __add__(self, other: Extent2D) -> Extent2D: ...
    def __add__(self, other: Extent2I | Extent2D) -> Extent2I | Extent2D:
        if isinstance(other, Extent2I):
            return Extent2I(self.x + other.x, self.y + other.y)
        return other + self if isinstance(other, Extent2D) else NotImplemented

    @overload
    def __sub__(self, other: Extent2I) -> Extent2I: ...
    @overload
    def __sub__(self, other: Extent2D) -> Extent2D: ...
    def __sub__(self, other: Extent2I | Extent2D) -> Extent2I | Extent2D:
        return self + -other if isinstance(other, Extent2D | Extent2I) else NotImplemented

    def __neg__(self) -> Extent2I:
        return Extent2I(-self.x, -self.y)

    def __pos__(self) -> Extent2I:
        return self

    @overload
    def __mul__(self, factor: SupportsIndex) -> Extent2I: ...
    @overload
    def __mul__(self, factor: float) -> Extent2D: ...
    def __mul__(self, factor: SupportsIndex | float) -> Extent2I | Extent2D:
        if isinstance(factor, SupportsIndex):
            return Extent2I(self.x * _integer(factor), self.y * _integer(factor))
        return Extent2D(self.x * factor, self.y * factor)

    __rmul__ = __mul__

    def __floordiv__(self, divisor: SupportsIndex) -> Extent2I:
        return Extent2I(self.x // _integer(divisor), self.y // _integer(divisor))

    def __truediv__(self, divisor: float) -> Extent2D:
        return Extent2D(self.x / divisor, self.y / divisor)


def _whole(rounding: Callable[[float], int], pair: _RealPair) -> Extent2I:
    try:
        return Extent2I(rounding(pair.x), rounding(pair.y))
    except (ValueError, OverflowError):
        raise ParameterValueError(f"{pair} cannot be rounded to whole pixels.") from None


@dataclass(frozen=True, slots=True, init=False)
class Point2D(PointNames[float], _RealPair):
    """A position in pixel coordinates.

    Parameters
    ----------
    x, y
        The coordinates; the centre of a pixel has integer ones. ``y`` is ``x``
        if it is left out; ``x`` may also be both, as a pair of numbers.
    """

    def distance(self, other: Point2D | Point2I) -> float:
        """Return the distance to another position, in pixels."""
        return (self - other).norm

    def distance_squared(self, other: Point2D | Point2I) -> float:
        """Return the square of the distance to another position."""
        return (self - other).squared_norm

    def __add__(self, offset: Extent2D | Extent2I) -> Point2D:
        if isinstance(offset, Extent2D | Extent2I):
            return Point2D(self.x + offset.x, self.y + offset.y)
        return NotImplemented

    __radd__ = __add__

    @overload
    def __sub__(self, other: Point2D | Point2I) -> Extent2D: ...
    @overload
    def __sub__(self, other: Extent2D | Extent2I) -> Point2D: ...
    def __sub__(self, other: Point2D | Point2I | Extent2D | Extent2I) -> Extent2D | Point2D:
        if isinstance(other, Point2D | Point2I):
            return Extent2D(self.x - other.x, self.y - other.y)
        return self + -other if isinstance(other, Extent2D | Extent2I) else NotImplemented

    def rounded(self) -> Point2I:
        """Return the pixel that holds this position; halves belong to the upper pixel.

        Raises
        ------
        ParameterValueError
            If a coordinate is not finite.
        """
        return Point2I(_whole(math.floor, Extent2D(self.x + 0.5, self.y + 0.5)))


@dataclass(frozen=True, slots=True, init=False)
class Point2I(PointNames[int], _IntegerPair):
    """A pixel.

    Parameters
    ----------
    x, y
        Its coordinates, column first. ``y`` is ``x`` if it is left out; ``x``
        may also be both: a pair of integers, or a `Point2D`, of which this is
        the pixel that holds it.
    """

    @staticmethod
    def _pair(value: object) -> tuple[object, object]:
        return _both(value.rounded() if isinstance(value, Point2D) else value)

    def distance(self, other: Point2D | Point2I) -> float:
        """Return the distance to another position, in pixels."""
        return (Point2D(self) - other).norm

    def distance_squared(self, other: Point2D | Point2I) -> float:
        """Return the square of the distance to another position."""
        return (Point2D(self) - other).squared_norm

    @overload
    def __add__(self, offset: Extent2I) -> Point2I: ...
    @overload
    def __add__(self, offset: Extent2D) -> Point2D: ...
    def __add__(self, offset: Extent2I | Extent2D) -> Point2I | Point2D:
        if isinstance(offset, Extent2I):
            return Point2I(self.x + offset.x, self.y + offset.y)
        if isinstance(offset, Extent2D):
            return Point2D(self.x + offset.x, self.y + offset.y)
        return NotImplemented

    __radd__ = __add__

    @overload
    def __sub__(self, other: Point2I) -> Extent2I: ...
    @overload
    def __sub__(self, other: Point2D) -> Extent2D: ...
    @overload
    def __sub__(self, other: Extent2I) -> Point2I: ...
    @overload
    def __sub__(self, other: Extent2D) -> Point2D: ...
    def __sub__(
        self, other: Point2I | Point2D | Extent2I | Extent2D
    ) -> Extent2I | Extent2D | Point2I | Point2D:
        if isinstance(other, Point2I):
            return Extent2I(self.x - other.x, self.y - other.y)
        if isinstance(other, Point2D):
            return Extent2D(self.x - other.x, self.y - other.y)
        return self + -other if isinstance(other, Extent2D | Extent2I) else NotImplemented
