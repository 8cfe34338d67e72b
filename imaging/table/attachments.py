"""The footprints of records, which are made when they are asked for."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from imaging.footprint.footprint import Footprint

__all__ = ["Attachments", "FootprintSource"]


class FootprintSource(Protocol):
    """Many footprints of which one is made at a time."""

    def __len__(self) -> int:
        """Return how many there are."""

    def get(self, row: int, /) -> Footprint | None:
        """Return one of them, counted from 0."""


class Attachments:
    """Footprints by the numbers that rows have for them, from 1.

    Parameters
    ----------
    length
        How many come from a source.
    load
        Returns that source; called when the first of them is asked for.

    Notes
    -----
    Footprints are added and never taken away, so that the numbers stay good
    in every copy of the rows. Threads may ask for them and add some at the
    same time.
    """

    __slots__ = ("_added", "_length", "_load", "_lock", "_made", "_source")

    def __init__(self, length: int = 0, load: Callable[[], FootprintSource] | None = None) -> None:
        self._length, self._load = length, load
        self._lock = RLock()
        self._source: FootprintSource | None = None
        self._made: dict[int, Footprint | None] = {}
        self._added: list[Footprint] = []

    def __len__(self) -> int:
        return self._length + len(self._added)

    @property
    def source(self) -> FootprintSource | None:
        """What the first of them come from, loaded by now."""
        with self._lock:
            if self._source is None and self._load is not None:
                self._source, self._load = self._load(), None
            return self._source

    def is_untouched(self, number: int) -> bool:
        """Return whether a footprint was never handed out, so that it is as the source has it."""
        return number <= self._length and number not in self._made

    def get(self, number: int) -> Footprint | None:
        """Return a footprint: the same object each time, which can be changed.

        Parameters
        ----------
        number
            Counted from 1.
        """
        if number > self._length:
            return self._added[number - self._length - 1]
        if number not in self._made:
            with self._lock:  # two objects for one footprint would not both keep what is changed
                if number not in self._made:
                    self._made[number] = self._make(number)
        return self._made[number]

    def _make(self, number: int) -> Footprint | None:
        source = self.source
        if source is None:
            message = f"There is no footprint {number} among {len(self)}."
            raise IndexError(message)
        return source.get(number - 1)

    def __getstate__(self) -> tuple[object, ...]:
        return self._length, self.source, self._made, self._added  # not the way to a file

    def __setstate__(
        self, state: tuple[int, FootprintSource, dict[int, Footprint | None], list[Footprint]]
    ) -> None:
        self._length, self._source, self._made, self._added = state
        self._load, self._lock = None, RLock()

    def add(self, footprint: Footprint) -> int:
        """Add a footprint and return its number."""
        with self._lock:
            self._added.append(footprint)
            return len(self)
