"""Queries over a chain: lazily merged rows, the nearest repository's dataset hides the others'."""

from __future__ import annotations

from itertools import islice, starmap
from typing import TYPE_CHECKING, cast

from butler.data_id import KeyTypes
from butler.errors import MissingDependencyError
from butler.queries.query_rows import MergeOrder, QueryRow, RowSource, merged
from butler.queries.tagging import condition_for, tag_names, without_hidden
from butler.registry.explain_empty import explain_empty
from butler.registry.tags import TAG, asks_for_tags
from butler.repository.base import RepositoryQuery

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from astropy.table import Table

    from butler.data_id import KeyValue
    from butler.registry.condition import Condition
    from butler.registry.database import Row
    from butler.repository.chain import Lookup

__all__ = ["Query", "QueryRow"]


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
        return starmap(QueryRow, self._rows())

    def _rows(self) -> Iterator[tuple[Row, RowSource]]:
        may_hide = self._may_hide()
        sources = [RowSource(*place, self._fetched) for place in self._lookup.places]
        streams = [
            source.rows(
                RepositoryQuery(
                    source.dataset_type,
                    condition_for(source.repository, self._condition),
                    self._order_by,
                    None if may_hide else self._limit,
                    self._fetched,
                )
            )
            for source in sources
        ]
        if len(streams) == 1:
            return streams[0]
        keys = self._lookup.dataset_type.key_set
        unique = [name for name in self._lookup.policy.observation.unique if name in keys]
        order = MergeOrder(self._order_by, unique)
        rows = merged(
            streams,
            order.key(sources[0]),
            keeps_together=order.keeps_together(keys),
            find_all=self._find_all,
        )
        if may_hide:
            rows = without_hidden(rows, sources)
        return islice(rows, self._limit)

    def _may_hide(self) -> bool:
        """Tell whether a dataset that does not match may hide one that does.

        Observations are the same everywhere, but each repository has its own
        tags.
        """
        is_chain = len(self._lookup.places) > 1 and not self._find_all
        return is_chain and asks_for_tags(self._condition)

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
        if self._may_hide():
            every = Query(self._lookup, self._condition, columns=tuple(names))
            rows = dict.fromkeys(tuple(row[name] for name in names) for row in every)
        else:
            for repository, kind in self._lookup.places:
                condition = condition_for(repository, self._condition)
                found = repository.distinct(kind, names, condition, self._limit)
                rows.update(dict.fromkeys(found))
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
        roots = ", ".join(dict.fromkeys(place.root for place, _ in self._lookup.places))
        if not self._any(None):
            return f"There is no dataset of type {name!r} at all in {roots}."
        assert self._condition is not None  # noqa: S101 - nothing else could have emptied it
        return explain_empty(self._condition, self._any, self._values_of).message

    def _any(self, condition: Condition | None) -> bool:
        for repository, kind in self._lookup.places:
            asked = condition_for(repository, condition)
            if next(iter(repository.query(RepositoryQuery(kind, asked, limit=1))), None):
                return True
        return False

    def _values_of(self, name: str, limit: int) -> list[KeyValue]:
        values: set[KeyValue] = set()
        if name == TAG:
            names = tag_names(place for place, _ in self._lookup.places)
            return [*sorted(names)[:limit]]
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
        names = (*keys, *more)
        rows: list[tuple[KeyValue | None, ...]] = [
            tuple(cast("KeyValue | None", row[source.places[name]]) for name in names)
            for row, source in self._rows()
        ]
        return names, rows

    def __repr__(self) -> str:
        rows = list(self.limited(11))
        lines = [f"  {row.data_id}" for row in rows[:10]]
        if not rows:
            lines = [f"  nothing. {self.explain()}"]
        elif len(rows) > len(lines):
            lines.append("  ...")
        return "\n".join([f"Query of {self._lookup.dataset_type.name!r}:", *lines])
