"""Positions and offsets in pixel coordinates.

Pixel centres lie at integer coordinates. A position is a *point*, the
difference of two positions an *extent*; both come with integer (``I``) and
floating-point (``D``) coordinates, x first.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, SupportsFloat, SupportsIndex, overload

from imaging.errors import ParameterTypeError
from imaging.geometry.gen2_names import PairNames

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Extent2D", "Extent2I", "Point2D", "Point2I"]


def _integer(value: SupportsIndex) -> int:
    """Return a Python integer; NumPy's integers are accepted, floats are not."""
    try:
        return operator.index(value)
    except TypeError:
        message = f"Pixel coordinates are integers, not {value!r}. Round it first."
        raise ParameterTypeError(message) from None


def _real(value: SupportsFloat) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        message = f"A coordinate is a number, not {value!r}."
        raise ParameterTypeError(message) from None


@dataclass(frozen=True, slots=True)
class _IntegerPair(PairNames[int]):
    x: int = 0
    y: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", _integer(self.x))
        object.__setattr__(self, "y", _integer(self.y))

    def __iter__(self) -> Iterator[int]:
        return iter((self.x, self.y))


@dataclass(frozen=True, slots=True)
class _RealPair(PairNames[float]):
    x: float = 0.0
    y: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", _real(self.x))
        object.__setattr__(self, "y", _real(self.y))

    def __iter__(self) -> Iterator[float]:
        return iter((self.x, self.y))


@dataclass(frozen=True, slots=True)
class Extent2D(_RealPair):
    """An offset between two positions, or a size, in pixels.

    Parameters
    ----------
    x, y
        The offset along each axis.
    """

    def __add__(self, other: Extent2D | Extent2I) -> Extent2D:
        if isinstance(other, Extent2D | Extent2I):
            return Extent2D(self.x + other.x, self.y + other.y)
        return NotImplemented

    def __sub__(self, other: Extent2D | Extent2I) -> Extent2D:
        return self + -other if isinstance(other, Extent2D | Extent2I) else NotImplemented

    def __neg__(self) -> Extent2D:
        return Extent2D(-self.x, -self.y)

    def __mul__(self, factor: float) -> Extent2D:
        return Extent2D(self.x * factor, self.y * factor)

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> Extent2D:
        return Extent2D(self.x / divisor, self.y / divisor)


@dataclass(frozen=True, slots=True)
class Extent2I(_IntegerPair):
    """An offset between two pixels, or a size, in whole pixels.

    Parameters
    ----------
    x, y
        The offset along each axis.
    """

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

    def __mul__(self, factor: SupportsIndex) -> Extent2I:
        return Extent2I(self.x * _integer(factor), self.y * _integer(factor))

    __rmul__ = __mul__

    def __floordiv__(self, divisor: SupportsIndex) -> Extent2I:
        return Extent2I(self.x // _integer(divisor), self.y // _integer(divisor))

    def __truediv__(self, divisor: float) -> Extent2D:
        return Extent2D(self.x / divisor, self.y / divisor)


@dataclass(frozen=True, slots=True)
class Point2D(_RealPair):
    """A position in pixel coordinates.

    Parameters
    ----------
    x, y
        The coordinates; the centre of a pixel has integer ones.
    """

    def __add__(self, offset: Extent2D | Extent2I) -> Point2D:
        if isinstance(offset, Extent2D | Extent2I):
            return Point2D(self.x + offset.x, self.y + offset.y)
        return NotImplemented

    @overload
    def __sub__(self, other: Point2D | Point2I) -> Extent2D: ...
    @overload
    def __sub__(self, other: Extent2D | Extent2I) -> Point2D: ...
    def __sub__(self, other: Point2D | Point2I | Extent2D | Extent2I) -> Extent2D | Point2D:
        if isinstance(other, Point2D | Point2I):
            return Extent2D(self.x - other.x, self.y - other.y)
        return self + -other if isinstance(other, Extent2D | Extent2I) else NotImplemented

    def rounded(self) -> Point2I:
        """Return the pixel that holds this position; halves belong to the upper pixel."""
        return Point2I(math.floor(self.x + 0.5), math.floor(self.y + 0.5))


@dataclass(frozen=True, slots=True)
class Point2I(_IntegerPair):
    """A pixel.

    Parameters
    ----------
    x, y
        Its coordinates, column first.
    """

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
