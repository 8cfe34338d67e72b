"""Searches over the datasets of one type."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import BigInteger, bindparam, func, select

from butler.errors import UnknownKeyError
from butler.registry.condition import Condition, Everything
from butler.registry.condition_sql import ManyValued, bind_values, structure, to_sql
from butler.registry.dataset_rows import DatasetRows, stored_row
from butler.registry.rows import FileRow, RegistryQuery, StoredRow, TypeCount
from butler.registry.tags import TAG

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.sql.elements import ClauseElement

    from butler.data_id import KeyValue
    from butler.registry.database import Row, SqlValue

__all__ = ["DatasetSearches"]

_EVERYTHING = Everything()
_ROWS_AT_ONCE = 2**17  # read by one statement, within some 0.5 s and 70 MB
_CHUNK = 5_000
_MANY = 2**62


class DatasetSearches(DatasetRows):
    """The part of a registry that answers queries."""

    def query(self, query: RegistryQuery) -> Iterator[StoredRow]:
        """Yield the datasets that match, in a total order.

        Parameters
        ----------
        query
            What is asked for.

        Yields
        ------
        StoredRow
            Its ``values`` are those of ``query.identity_keys``, then of
            ``query.columns``.

        Raises
        ------
        UnknownKeyError
            If a name is no key and no observation column that such datasets
            have.

        Notes
        -----
        No statement stays open between two rows, so that no lock is held
        while the caller works. A dataset that is removed meanwhile may be
        left out.
        """
        return map(stored_row, self.query_tuples(query))

    def query_tuples(self, query: RegistryQuery) -> Iterator[Row]:
        """Yield what `query` yields as plain tuples, which cost a third of the memory.

        Yields
        ------
        tuple
            The fields of `StoredRow`, the values in line with the others.
        """
        if not self._has_columns(query.identity_keys):
            return iter(())
        most = _MANY if query.limit is None else query.limit
        sql = self.sql(("query", *_shape(query)), lambda: self._query_statement(query))
        values = _values(query.dataset_type, query.condition)
        rows = self.database.fetch_all(sql, {**values, "most": min(most, _ROWS_AT_ONCE)})
        if len(rows) < _ROWS_AT_ONCE or len(rows) == most:
            return iter(rows)
        del rows
        return self._many(query, {**values, "most": most})

    def _many(self, query: RegistryQuery, values: dict[str, SqlValue]) -> Iterator[Row]:
        """Yield the rows of a long answer: first all numbers, then rows by their numbers."""
        from array import array

        ids_sql = self.sql(
            ("query ids", *_shape(query)), lambda: self._query_statement(query, ids_only=True)
        )
        ids = array("q", (cast("int", row[0]) for row in self.database.fetch_all(ids_sql, values)))
        sql = self.sql(
            ("query by id", query.identity_keys, query.columns),
            lambda: self._by_id_statement(query),
        )
        for start in range(0, len(ids), _CHUNK):
            some = ids[start : start + _CHUNK].tolist()
            rows = self.database.fetch_all(sql, {"ids": self.database.ids_parameter(some)})
            found = {row[0]: row for row in rows}
            yield from (found[number] for number in some if number in found)

    def _by_id_statement(self, query: RegistryQuery) -> ClauseElement:
        columns = _Columns(self, query.identity_keys)
        wanted = self._columns(query.identity_keys)
        more = [columns(name) for name in query.columns]
        return select(*wanted, *more).where(self.in_ids(self.tables.dataset.c.id))

    def _query_statement(self, query: RegistryQuery, *, ids_only: bool = False) -> ClauseElement:
        columns = _Columns(self, query.identity_keys)
        table = self.tables.dataset
        wanted = self._columns(query.identity_keys)
        wanted += [columns(name) for name in query.columns]
        chosen = select(*(wanted[:1] if ids_only else wanted))
        statement = self._matching(chosen, query.condition, columns)
        ordered = dict.fromkeys(name for name, _ in query.order_by)
        for name, descends in query.order_by:
            statement = statement.order_by(columns.ordered(name, descends=descends))
        for name in self.default_order(query.identity_keys):
            if name not in ordered:
                statement = statement.order_by(columns.ordered(name))
        return statement.order_by(table.c.data_id).limit(bindparam("most", type_=BigInteger))

    def default_order(self, identity_keys: Sequence[str]) -> tuple[str, ...]:
        """Return the keys by which datasets are ordered before their canonical data ID."""
        return tuple(key for key in self.observation.unique if key in identity_keys)

    def _matching(
        self, statement: Select[*tuple[object, ...]], condition: Condition, columns: _Columns
    ) -> Select[*tuple[object, ...]]:
        statement = statement.select_from(self.tables.dataset)
        statement = statement.where(self.tables.dataset.c.type_id == self._type_clause())
        if not isinstance(condition, Everything):
            statement = statement.where(to_sql(condition, columns.asked))
        return statement

    def count(
        self,
        dataset_type: str,
        identity_keys: Sequence[str],
        condition: Condition = _EVERYTHING,
        *,
        limit: int | None = None,
    ) -> int:
        """Return how many datasets match, counting up to a limit.

        Parameters
        ----------
        dataset_type, identity_keys
            The type, and its keys in identity order.
        condition
            As in a query.
        limit
            Stop there; 1 asks whether there is any.
        """
        keys = tuple(identity_keys)
        if not self._has_columns(keys):
            return 0

        def build() -> ClauseElement:
            statement = select(self.tables.dataset.c.id)
            matching = self._matching(statement, condition, _Columns(self, keys))
            rows = matching.limit(bindparam("most", type_=BigInteger)).subquery()
            return select(func.count()).select_from(rows)

        sql = self.sql(("count", keys, structure(condition)), build)
        values = _values(dataset_type, condition)
        row = self.database.fetch_one(sql, {**values, "most": _MANY if limit is None else limit})
        return int(str(row[0])) if row else 0

    def distinct_values(
        self,
        dataset_type: str,
        identity_keys: Sequence[str],
        columns: Sequence[str],
        condition: Condition = _EVERYTHING,
        *,
        limit: int | None = None,
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return the distinct values of some columns among the datasets that match, in order.

        Parameters
        ----------
        dataset_type, identity_keys
            The type, and its keys in identity order.
        columns
            Data-ID keys and observation columns.
        condition
            As in a query.
        limit
            At most so many.
        """
        keys, names = tuple(identity_keys), tuple(columns)
        if not self._has_columns(keys):
            return []

        def build() -> ClauseElement:
            column = _Columns(self, keys)
            wanted = [column(name).label(f"value_{n}") for n, name in enumerate(names)]
            rows = self._matching(select(*wanted).distinct(), condition, column).subquery()
            order = [one.nulls_first() for one in rows.c]
            return select(rows).order_by(*order).limit(bindparam("most", type_=BigInteger))

        sql = self.sql(("distinct", keys, names, structure(condition)), build)
        values = {**_values(dataset_type, condition), "most": _MANY if limit is None else limit}
        found: list[Row] = self.database.fetch_all(sql, values)
        return found  # type: ignore[return-value]  # these columns hold no bytes

    def counts_by_type(self) -> list[TypeCount]:
        """Return how many datasets of each type there are, by name; types without are left out."""
        table, known = self.tables.dataset, self.tables.dataset_type
        size = func.coalesce(func.sum(table.c.size), 0)

        def build() -> ClauseElement:
            counts = select(table.c.type_id, func.count().label("n"), size.label("s"))
            rows = counts.group_by(table.c.type_id).subquery()
            named = select(known.c.name, rows.c.n, rows.c.s).join(
                rows, rows.c.type_id == known.c.id
            )
            return named.order_by(known.c.name)

        found = self.database.fetch_all(self.sql("counts", build))
        return [TypeCount(str(name), int(str(n)), int(str(s))) for name, n, s in found]

    def iter_files(self) -> Iterator[FileRow]:
        """Yield the file of every dataset, ordered by number; no statement stays open."""
        table, known = self.tables.dataset, self.tables.dataset_type

        def build() -> ClauseElement:
            columns = (table.c.id, known.c.name, table.c.path, table.c.hdu, table.c.size)
            rows = select(*columns, table.c.run_id).join(known, known.c.id == table.c.type_id)
            return rows.where(table.c.id > bindparam("last")).order_by(table.c.id).limit(_CHUNK)

        sql = self.sql("files", build)
        last = 0
        while rows := self.database.fetch_all(sql, {"last": last}):
            yield from map(FileRow._make, rows)
            last = int(str(rows[-1][0]))

    def runs(self) -> dict[int, str]:
        """Return what is known of every run, as text, by its number."""
        table = self.tables.run
        names = ("id", "started", "user", "host", "task")
        sql = self.sql("runs", lambda: select(*(table.c[name] for name in names)))
        told = {}
        for number, *words in self.database.fetch_all(sql):
            started, user, host, task = ("" if word is None else str(word) for word in words)
            told[int(str(number))] = f"{started} {user}@{host} {task}".rstrip()
        return told


class _Columns:
    """Finds what a name in a search stands for, in the rows of one dataset type.

    Parameters
    ----------
    registry
        Whose tables.
    identity_keys
        Keys of the dataset type.
    """

    def __init__(self, registry: DatasetSearches, identity_keys: Sequence[str]) -> None:
        self._tables, self._observation = registry.tables, registry.observation
        self._keys, self._identity = registry.keys, frozenset(identity_keys)
        self._context = f"such datasets in {registry.database.url}"

    def __call__(self, name: str) -> ColumnElement[object]:
        """Return the column, or the value that the observation of the row has."""
        observed = None if name in self._identity else self._observed(name)
        if name not in self._keys:
            if observed is None:
                raise UnknownKeyError(
                    name, {*self._keys, *self._observation.columns}, self._context
                )
            return observed
        column: ColumnElement[object] = self._tables.dataset.c[name]
        return column if observed is None else func.coalesce(column, observed)

    def asked(self, name: str) -> ColumnElement[object] | ManyValued:
        """Return what a name in a condition stands for: a column, or the tags of the row."""
        if name != TAG:
            return self(name)
        tag, link, dataset = self._tables.tag, self._tables.dataset_tag, self._tables.dataset

        def has(test: ColumnElement[bool]) -> ColumnElement[bool]:
            tagged = select(link.c.dataset_id).join(tag, tag.c.id == link.c.tag_id).where(test)
            return dataset.c.id.in_(tagged)

        return ManyValued(tag.c.name, has)

    def ordered(self, name: str, *, descends: bool = False) -> ColumnElement[object]:
        """Return the column as a term of ORDER BY, a missing value being the smallest."""
        column = self(name)
        if name in self._identity:  # never missing: an index can serve
            return column.desc() if descends else column.asc()
        return column.desc().nulls_last() if descends else column.asc().nulls_first()

    def _observed(self, name: str) -> ColumnElement[object] | None:
        """Return the observation's value by the keys that rows of the type have, if they do."""
        if name not in self._observation.columns:
            return None
        ways = [self._observation.unique]
        ways += [one.by for one in self._observation.implied if name in one.columns]
        for by in ways:
            if by and self._identity.issuperset(by):
                raw, dataset = self._tables.raw, self._tables.dataset
                value = select(raw.c[name]).limit(1).correlate(dataset)
                for key in by:
                    value = value.where(raw.c[key] == dataset.c[key])
                return value.scalar_subquery()
        return None


def _shape(query: RegistryQuery) -> tuple[object, ...]:
    """Return what the text of a query's statement depends on."""
    shape = structure(query.condition)
    return query.identity_keys, query.columns, query.order_by, shape


def _values(dataset_type: str, condition: Condition) -> dict[str, SqlValue]:
    return {**bind_values(condition), "type": dataset_type}
