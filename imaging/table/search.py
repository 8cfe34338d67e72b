"""Searching of catalogs that are sorted by a field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from imaging.errors import ParameterValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.table.schemas.fields import Key

__all__ = ["SortedSearch"]


class _Sorted(Protocol):
    def values(self, key: str | Key[np.generic]) -> NDArray[np.generic]: ...
    def is_sorted(self, key: str | Key[np.generic] = ...) -> bool: ...


class _Searching(_Sorted, Protocol):
    def lower_bound(self, value: float, key: str | Key[np.generic] = ...) -> int: ...
    def upper_bound(self, value: float, key: str | Key[np.generic] = ...) -> int: ...


class SortedSearch:
    """Where values stand in a catalog whose records are in the ascending order of a field.

    Raises
    ------
    ParameterValueError
        If they are not.
    """

    __slots__ = ()

    def lower_bound(self: _Sorted, value: float, key: str | Key[np.generic] = "id") -> int:
        """Return the place of the first record that has at least a value."""
        return int(np.searchsorted(_sorted(self, key), value, "left"))

    def upper_bound(self: _Sorted, value: float, key: str | Key[np.generic] = "id") -> int:
        """Return the place of the first record that has more than a value."""
        return int(np.searchsorted(_sorted(self, key), value, "right"))

    def equal_range(self: _Searching, value: float, key: str | Key[np.generic] = "id") -> slice:
        """Return the places of the records that have a value."""
        return slice(self.lower_bound(value, key), self.upper_bound(value, key), 1)

    def between(
        self: _Searching, lower: float, upper: float, key: str | Key[np.generic] = "id"
    ) -> slice:
        """Return the places of the records between two values, both inclusive."""
        return slice(self.lower_bound(lower, key), self.upper_bound(upper, key), 1)


def _sorted(catalog: _Sorted, key: str | Key[np.generic]) -> NDArray[np.generic]:
    if not catalog.is_sorted(key):
        message = f"The records are not in the order of {key!r}: call catalog.sort({key!r}) first."
        raise ParameterValueError(message)
    return catalog.values(key)
