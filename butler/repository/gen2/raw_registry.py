"""``registry.sqlite3`` of Gen2: which raw files were ingested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from butler.errors import RegistryError, UnknownKeyError
from butler.repository.gen2.read_only_sqlite import ReadOnlySqlite, quoted_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from butler.data_id import KeyValue

__all__ = ["RawRegistry"]

_TABLES: Final = ("raw", "raw_visit")  # the second has one row for each visit


class RawRegistry:
    """The table of raw files of one Gen2 repository, read only.

    Parameters
    ----------
    path
        Path of ``registry.sqlite3``.

    Notes
    -----
    Values are returned as they are stored, trailing blanks included.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._database = ReadOnlySqlite(path)

    @property
    def table(self) -> str:
        """The table that is read: ``raw``, or ``raw_visit`` where that is all there is."""
        for table in _TABLES:
            if self._database.columns(table):
                return table
        message = (
            f"{self.path} has no table 'raw', so it is not a registry that Gen2's ingest made. "
            f"If it is a newer registry, its butler.yaml has been lost."
        )
        raise RegistryError(message)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are there, without the row number."""
        return tuple(name for name in self._database.columns(self.table) if name != "id")

    def select(
        self,
        columns: Sequence[str],
        given: Mapping[str, KeyValue] | None = None,
        limit: int | None = None,
        order_by: Sequence[str] = (),
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return the distinct values of some columns.

        Parameters
        ----------
        columns
            What is wanted, at least one.
        given
            Values that the rows must have, by column.
        limit
            At most so many rows, None for all.
        order_by
            Columns that settle the order.

        Raises
        ------
        UnknownKeyError
            If the table has no such column.
        RegistryError
            If the file cannot be read.
        """
        given = given or {}
        self._check([*columns, *given, *order_by])
        names = ", ".join(map(quoted_name, columns))
        sql = f"SELECT DISTINCT {names} FROM {quoted_name(self.table)}"  # noqa: S608 - quoted names
        if given:
            sql += " WHERE " + " AND ".join(f"{quoted_name(name)} = ?" for name in given)
        if order_by:
            sql += " ORDER BY " + ", ".join(map(quoted_name, order_by))
        if limit is not None:
            sql += f" LIMIT {int(limit)}"
        return self._database.fetch_all(sql, tuple(given.values()))

    def count(self) -> int:
        """Return how many rows there are."""
        ((number,),) = self._database.fetch_all(f"SELECT count(*) FROM {quoted_name(self.table)}")  # noqa: S608
        return int(number or 0)

    def close(self) -> None:
        """Close the connections; they are opened again when needed."""
        self._database.close()

    def _check(self, names: Sequence[str]) -> None:
        known = self._database.columns(self.table)
        for name in names:
            if name not in known:
                raise UnknownKeyError(name, known, f"the Gen2 registry {self.path}")
