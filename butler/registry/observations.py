"""The rows about raw files: what the camera recorded of each exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, select

from butler.errors import DataIdError, UnknownKeyError
from butler.registry.core import RegistryCore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.sql.elements import ClauseElement

    from butler.data_id import KeyValue
    from butler.registry.database import Row, WriteCursor

__all__ = ["ObservationRows"]


class ObservationRows(RegistryCore):
    """The part of a registry that completes data IDs."""

    def add_observations(self, observations: Iterable[Mapping[str, KeyValue | None]]) -> None:
        """Record observations; those that are there already stay as they are.

        Parameters
        ----------
        observations
            Values by column; columns that are missing stay empty.

        Raises
        ------
        UnknownKeyError
            If a column does not exist.
        DataIdError
            If one lacks a column that identifies it.
        """
        with self.write() as cursor:
            self._add_observations(cursor, observations)

    def _add_observations(
        self, cursor: WriteCursor, observations: Iterable[Mapping[str, KeyValue | None]]
    ) -> None:
        columns = tuple(self.observation.columns)
        rows: list[dict[str, KeyValue | None]] = []
        for one in observations:
            self._check_columns(one)
            for name in self.observation.unique:
                if one.get(name) is None:  # a UNIQUE constraint lets nothing be twice
                    message = f"An observation needs a value of {name!r}: {dict(one)}."
                    raise DataIdError(message)
            rows.append({name: one.get(name) for name in columns})
        if rows and columns:
            sql = self.database.insert_statement(self.tables.raw, columns, ignore_conflicts=True)
            cursor.execute_many(sql, rows)

    def observations(
        self, columns: Sequence[str], given: Mapping[str, KeyValue], limit: int
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return the distinct values of some columns.

        Parameters
        ----------
        columns
            Observation columns.
        given
            Values that the observations have, by column.
        limit
            At most so many rows.

        Raises
        ------
        UnknownKeyError
            If a column does not exist.
        """
        return self._observations(tuple(columns), given, limit, distinct=True)

    def observation_rows(
        self, given: Mapping[str, KeyValue], limit: int
    ) -> list[dict[str, KeyValue | None]]:
        """Return whole observations, ordered by what identifies them.

        Parameters
        ----------
        given
            Values that the observations have, by column.
        limit
            At most so many rows.
        """
        columns = tuple(self.observation.columns)
        rows = self._observations(columns, given, limit, distinct=False)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def _observations(
        self,
        columns: tuple[str, ...],
        given: Mapping[str, KeyValue],
        limit: int,
        *,
        distinct: bool,
    ) -> list[tuple[KeyValue | None, ...]]:
        self._check_columns((*columns, *given))
        asked = tuple(given)

        def build() -> ClauseElement:
            raw = self.tables.raw
            wanted = [raw.c[name] for name in columns]
            order = wanted if distinct else [raw.c[name] for name in self.observation.unique]
            statement = select(*wanted)
            if distinct:
                statement = statement.distinct()
            for number, name in enumerate(asked):
                statement = statement.where(raw.c[name] == bindparam(f"g{number}"))
            statement = statement.order_by(*(column.nulls_first() for column in order))
            return statement.limit(bindparam("most", type_=BigInteger))

        sql = self.sql(("observations", columns, asked, distinct), build)
        values = {f"g{number}": value for number, value in enumerate(given.values())}
        rows: list[Row] = self.database.fetch_all(sql, {**values, "most": limit})
        return rows  # type: ignore[return-value]  # these columns hold no bytes

    def _check_columns(self, names: Iterable[str]) -> None:
        known = self.observation.columns
        for name in names:
            if name not in known:
                raise UnknownKeyError(name, known, f"the observations of {self.camera!r}")
