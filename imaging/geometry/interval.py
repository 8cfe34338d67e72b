"""One side of a box of pixels."""

from __future__ import annotations

from dataclasses import dataclass

from imaging.geometry.gen2_names import IntervalNames

__all__ = ["Interval"]


@dataclass(frozen=True, slots=True)
class Interval(IntervalNames):
    """A range of columns or of rows.

    Parameters
    ----------
    begin
        The first.
    end
        One more than the last.
    """

    begin: int
    end: int

    @property
    def min(self) -> int:
        """The first."""
        return self.begin

    @property
    def max(self) -> int:
        """The last, inclusive."""
        return self.end - 1

    @property
    def size(self) -> int:
        """How many there are."""
        return self.end - self.begin

    @property
    def center(self) -> float:
        """The middle, between two where their number is even."""
        return (self.begin + self.end - 1) / 2

    @property
    def is_empty(self) -> bool:
        """Whether there is none."""
        return self.end <= self.begin

    def contains(self, number: float) -> bool:
        """Return whether a column or row, or a position in it, is in the range."""
        return self.begin <= number + 0.5 < self.end

    def slice(self) -> slice:
        """Return the range as a slice."""
        return slice(self.begin, self.end)
