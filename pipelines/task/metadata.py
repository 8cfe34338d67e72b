"""What a task notes about its own run: times, counts, fitted values."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MetadataValue", "Notes", "TaskMetadata"]

MetadataValue: TypeAlias = bool | int | float | str | None
Notes: TypeAlias = MetadataValue | list[MetadataValue]


class TaskMetadata(MutableMapping[str, "Notes"]):
    """Notes by their names: single values, or several of one name in order.

    Examples
    --------
    >>> metadata = TaskMetadata()
    >>> metadata["sky"] = 250.5
    >>> metadata.add("amplifier", "A")
    >>> metadata.add("amplifier", "B")
    >>> metadata["amplifier"]
    ['A', 'B']
    """

    def __init__(self) -> None:
        self._notes: dict[str, Notes] = {}

    def add(self, name: str, value: MetadataValue) -> None:
        """Note a value beside those that are noted under its name already."""
        if name not in self._notes:
            self._notes[name] = value
            return
        known = self._notes[name]
        self._notes[name] = [*known, value] if isinstance(known, list) else [known, value]

    def increase(self, name: str, amount: float) -> None:
        """Add an amount to a number, which begins at zero."""
        known = self._notes.get(name, 0)
        self._notes[name] = amount + (known if isinstance(known, (int, float)) else 0)

    def to_dict(self) -> dict[str, Notes]:
        """Return the notes as a new dictionary."""
        return dict(self._notes)

    def __getitem__(self, name: str) -> Notes:
        return self._notes[name]

    def __setitem__(self, name: str, value: Notes) -> None:
        self._notes[name] = value

    def __delitem__(self, name: str) -> None:
        del self._notes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._notes)

    def __len__(self) -> int:
        return len(self._notes)

    def __repr__(self) -> str:
        return f"TaskMetadata({self._notes})"
