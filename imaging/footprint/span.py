"""One run of pixels in a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imaging.errors import FootprintError
from imaging.footprint.gen2_names import SpanNames
from imaging.geometry.points import Point2I

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Span"]


@dataclass(frozen=True, slots=True, order=True)
class Span(SpanNames):
    """A run of pixels in one row; its pixels when it is iterated over.

    Parameters
    ----------
    y
        The row.
    x0, x1
        First and last column, both inclusive.

    Raises
    ------
    FootprintError
        If it ends before it begins.
    """

    y: int
    x0: int
    x1: int

    def __post_init__(self) -> None:
        if self.x1 < self.x0:
            message = (
                f"The span from x={self.x0} to x={self.x1} at y={self.y} ends before it begins."
            )
            raise FootprintError(message)

    @property
    def min_x(self) -> int:
        """The first column."""
        return self.x0

    @property
    def max_x(self) -> int:
        """The last column, inclusive."""
        return self.x1

    @property
    def width(self) -> int:
        """Number of pixels."""
        return self.x1 - self.x0 + 1

    def __iter__(self) -> Iterator[Point2I]:
        return (Point2I(x, self.y) for x in range(self.x0, self.x1 + 1))
