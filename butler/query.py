"""Queries over a chain: lazily merged rows, the nearest repository's dataset hides the others'."""

from __future__ import annotations

from functools import total_ordering
from heapq import merge
from typing import TYPE_CHECKING, TypeAlias

from butler.data_id import KeyTypes
from butler.errors import MissingDependencyError
from butler.registry.explain_empty import explain_empty
from butler.repository.base import RepositoryQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    from astropy.table import Table

    from butler.data_id import DataId, KeyValue
    from butler.dataset_type import DatasetType
    from butler.registry.condition import Condition
    from butler.repository.base import Repository, StoredDataset
    from butler.repository.chain import Lookup

__all__ = ["Query", "QueryRow"]

_Row: TypeAlias = "tuple[Repository, StoredDataset, tuple[KeyValue | None, ...]]"


@total_ordering
class _Reversed:
    """A value that sorts the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: tuple[object, ...]) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and self.value == other.value

    def __lt__(self, other: _Reversed) -> bool:
        return other.value < self.value

    __hash__ = None  # type: ignore[assignment]


class QueryRow:
    """One dataset that a query found.

    ``row["visit"]`` gives a key of the data ID or a column that was asked for.
    """

    __slots__ = ("_columns", "_values", "repository", "stored")

    def __init__(
        self,
        repository: Repository,
        stored: StoredDataset,
        columns: Sequence[str],
        values: Sequence[KeyValue | None],
    ) -> None:
        self.repository = repository
        self.stored = stored
        self._columns = columns
        self._values = values

    @property
    def dataset_type(self) -> str:
        """Name of the dataset type."""
        return self.stored.dataset_type

    @property
    def data_id(self) -> DataId:
        """The data ID, with every key of the template."""
        return self.stored.data_id

    @property
    def uri(self) -> str:
        """Where the file is."""
        return self.repository.uri(self.stored)

    @property
    def size(self) -> int | None:
        """Size of the file in bytes, None where no registry knows it."""
        return self.stored.size

    def __getitem__(self, name: str) -> KeyValue | None:
        if name in self.stored.data_id:
            return self.stored.data_id[name]
        try:
            return self._values[self._columns.index(name)]
        except ValueError:
            raise KeyError(name) from None

    def keys(self) -> tuple[str, ...]:
        """Return the names that ``row[name]`` knows."""
        more = (name for name in self._columns if name not in self.stored.data_id)
        return (*self.stored.data_id, *more)

    def __repr__(self) -> str:
        return f"QueryRow({self.dataset_type!r}, {self.stored.data_id})"


class Query:
    """What `Butler.query` returns; every iteration asks the registries anew.

    Parameters
    ----------
    lookup
        Where the dataset type is looked for.
    condition
        Typed literals, None for no condition.
    order_by
        Pairs of a name and whether it descends.
    limit
        At most so many rows, None for all.
    find_all
        Whether datasets that a nearer repository hides are shown too.
    columns
        Observation columns wanted beside the data ID.
    """

    def __init__(
        self,
        lookup: Lookup,
        condition: Condition | None,
        *,
        order_by: tuple[tuple[str, bool], ...] = (),
        limit: int | None = None,
        find_all: bool = False,
        columns: tuple[str, ...] = (),
    ) -> None:
        self._lookup = lookup
        self._condition = condition
        self._order_by = order_by
        self._limit = limit
        self._find_all = find_all
        self.columns = columns
        keys = lookup.dataset_type.key_set
        sorted_by = [name for name, _ in order_by if name not in keys]
        self._fetched = tuple(dict.fromkeys([*columns, *sorted_by]))

    def __iter__(self) -> Iterator[QueryRow]:
        for repository, stored, values in self._rows():
            yield QueryRow(repository, stored, self._fetched, values)

    def _rows(self) -> Iterator[_Row]:
        streams = [self._stream(repository, kind) for repository, kind in self._lookup.places]
        if len(streams) == 1:
            yield from streams[0]
            return
        shown: set[DataId] = set()
        keys = self._lookup.dataset_type.key_set
        # A hidden row follows the one that hides it, unless observations differ between them.
        is_adjacent = all(name in keys for name, _ in self._order_by)
        count = 0
        for row in merge(*streams, key=self._sort_key()):
            data_id = row[1].data_id
            if not self._find_all and data_id in shown:
                continue
            if self._limit is not None and count >= self._limit:
                return
            if is_adjacent:
                shown.clear()
            shown.add(data_id)
            count += 1
            yield row

    def _stream(self, repository: Repository, kind: DatasetType) -> Iterator[_Row]:
        question = RepositoryQuery(
            kind, self._condition, self._order_by, self._limit, self._fetched
        )
        for stored, values in repository.query(question):
            yield repository, stored, values

    def _sort_key(self) -> Callable[[_Row], tuple[object, ...]]:
        """Return what orders rows of several repositories as each of them orders its own."""
        keys = self._lookup.dataset_type.keys
        unique = [n for n in self._lookup.policy.observation.unique if n in keys]
        fetched = {name: n for n, name in enumerate(self._fetched)}
        order_by = self._order_by

        def key(row: _Row) -> tuple[object, ...]:
            data_id, values = row[1].data_id, row[2]
            parts: list[object] = []
            for name, descends in order_by:
                value = data_id[name] if name in data_id else values[fetched[name]]
                present = (value is not None, value) if value is not None else (False,)
                parts.append(_Reversed(present) if descends else present)
            parts += [data_id[name] for name in unique]
            parts.append(data_id.canonical(keys))
            return tuple(parts)

        return key

    def first(self) -> QueryRow | None:
        """Return the first row, or None."""
        return next(iter(self.limited(1)), None)

    def limited(self, limit: int) -> Query:
        """Return the same query with a limit."""
        return Query(
            self._lookup,
            self._condition,
            order_by=self._order_by,
            limit=limit if self._limit is None else min(limit, self._limit),
            find_all=self._find_all,
            columns=self.columns,
        )

    def count(self) -> int:
        """Return how many rows there are, by going through them."""
        return sum(1 for _ in self._rows())

    def distinct(self, names: Sequence[str]) -> list[tuple[KeyValue | None, ...]]:
        """Return the distinct values of keys or columns, in order.

        Parameters
        ----------
        names
            Data-ID keys or observation columns.
        """
        rows: dict[tuple[KeyValue | None, ...], None] = {}
        for repository, kind in self._lookup.places:
            rows.update(
                dict.fromkeys(repository.distinct(kind, names, self._condition, self._limit))
            )
        if len(self._lookup.places) == 1:
            return list(rows)
        known = sorted(rows, key=lambda row: [(value is not None, value or 0) for value in row])
        return known[: self._limit]

    def explain(self) -> str:
        """Return why nothing matches: which condition emptied the result, what is there.

        Returns
        -------
        str
            A sentence or two; that rows match, if they do.
        """
        name = self._lookup.dataset_type.name
        if self._any(self._condition):
            return f"Datasets of type {name!r} match."
        roots = ", ".join(repository.root for repository, _ in self._lookup.places)
        if not self._any(None):
            return f"There is no dataset of type {name!r} at all in {roots}."
        assert self._condition is not None  # noqa: S101 - nothing else could have emptied it
        return explain_empty(self._condition, self._any, self._values_of).message

    def _any(self, condition: Condition | None) -> bool:
        for repository, kind in self._lookup.places:
            if next(iter(repository.query(RepositoryQuery(kind, condition, limit=1))), None):
                return True
        return False

    def _values_of(self, name: str, limit: int) -> list[KeyValue]:
        values: set[KeyValue] = set()
        for repository, kind in self._lookup.places:
            rows = repository.distinct(kind, (name,), None, limit)
            values.update(row[0] for row in rows if row[0] is not None)
        return sorted(values, key=lambda value: (isinstance(value, str), value))[:limit]

    def to_table(self) -> Table:
        """Return the rows as an astropy table.

        Returns
        -------
        astropy.table.Table
            One column for each data-ID key and each column asked for; missing
            values are masked.
        """
        from astropy.table import Column, MaskedColumn, Table

        names, rows = self._as_tuples()
        policy = self._lookup.policy
        columns = []
        for n, name in enumerate(names):
            kind = policy.keys.get(name) or policy.observation.columns[name]
            python = KeyTypes({name: kind}).python_type(name)
            values = [row[n] for row in rows]
            mask = [value is None for value in values]
            values = [python() if value is None else value for value in values]
            if any(mask):
                columns.append(MaskedColumn(values, name=name, mask=mask, dtype=python))
            else:
                columns.append(Column(values, name=name, dtype=python))
        return Table(columns)

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a pandas data frame, columns as in `to_table`.

        Raises
        ------
        MissingDependencyError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingDependencyError("pandas", "pandas", "Query.to_pandas") from error
        names, rows = self._as_tuples()
        return pd.DataFrame.from_records(rows, columns=list(names))

    def _as_tuples(self) -> tuple[tuple[str, ...], list[tuple[KeyValue | None, ...]]]:
        template = self._lookup.dataset_type.template
        keys = self._lookup.dataset_type.keys if template is None else template.keys
        more = tuple(name for name in self.columns if name not in keys)
        where = [self._fetched.index(name) for name in more]
        rows = [
            (*(row[1].data_id[key] for key in keys), *(row[2][n] for n in where))
            for row in self._rows()
        ]
        return (*keys, *more), rows

    def __repr__(self) -> str:
        rows = list(self.limited(11))
        lines = [f"  {row.data_id}" for row in rows[:10]]
        if not rows:
            lines = [f"  nothing. {self.explain()}"]
        elif len(rows) > len(lines):
            lines.append("  ...")
        return "\n".join([f"Query of {self._lookup.dataset_type.name!r}:", *lines])
