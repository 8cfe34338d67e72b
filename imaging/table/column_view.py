"""The columns of a catalog as a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from imaging.table.schemas.slots import SlotValues

if TYPE_CHECKING:
    from imaging.table.schemas.fields import FieldValue, Key
    from imaging.table.schemas.schema import Schema

__all__ = ["Columns"]


class _Fields(Protocol):
    @property
    def schema(self) -> Schema: ...
    def get(self, key: str | Key[np.generic]) -> NDArray[np.generic]: ...


class Columns(
    SlotValues[NDArray[np.float64], NDArray[np.bool_]], Mapping[str, NDArray[np.generic]]
):
    """The columns of a catalog by the names of their fields; aliases are followed.

    Parameters
    ----------
    catalog
        One whose records are neighbours in memory.
    """

    __slots__ = ("_catalog",)

    def __init__(self, catalog: _Fields) -> None:
        self._catalog = catalog

    @property
    def schema(self) -> Schema:
        """The fields."""
        return self._catalog.schema

    def _slot_value(self, name: str) -> FieldValue:
        return self._catalog.get(name)

    def __getitem__(self, key: str | Key[np.generic]) -> NDArray[np.generic]:
        return self._catalog.get(key)

    def __contains__(self, key: object) -> bool:
        return key in self._catalog.schema

    def __iter__(self) -> Iterator[str]:
        return iter(self._catalog.schema.names)

    def __len__(self) -> int:
        return len(self._catalog.schema)
