"""The rows of a query: plain tuples, merged from several repositories, objects when asked."""

from __future__ import annotations

from functools import total_ordering
from heapq import merge
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias, cast

from butler.data_id import DataId
from butler.registry.rows import FIRST_VALUE
from butler.repository.native import NativeRepository, stored_dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from butler.data_id import KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.registry.database import Row
    from butler.repository.base import Repository, RepositoryQuery, StoredDataset

__all__ = ["MergeOrder", "QueryRow", "RowSource", "merged"]

_CANONICAL = 1  # its place in a tuple
_Sourced: TypeAlias = "tuple[Row, RowSource]"


class RowSource:
    """What the rows of one repository have in common.

    Parameters
    ----------
    repository
        Where they come from.
    dataset_type
        As that repository defines it.
    columns
        Observation columns that follow the keys in a row.
    """

    __slots__ = ("columns", "dataset_type", "places", "repository", "shown")

    def __init__(
        self, repository: Repository, dataset_type: DatasetType, columns: Sequence[str]
    ) -> None:
        self.repository = repository
        self.dataset_type = dataset_type
        self.columns = tuple(columns)
        keys, template = dataset_type.keys, dataset_type.template
        of_keys = {key: FIRST_VALUE + n for n, key in enumerate(keys)}
        of_columns = {name: FIRST_VALUE + len(keys) + n for n, name in enumerate(columns)}
        self.places = {**of_columns, **of_keys}
        self.shown = {key: of_keys[key] for key in (keys if template is None else template.keys)}

    def rows(self, query: RepositoryQuery) -> Iterator[_Sourced]:
        """Yield the tuples of what matches, each with this source."""
        found: Iterable[Row]
        if isinstance(self.repository, NativeRepository):
            found = self.repository.rows(query)
        else:
            found = map(self._row, self.repository.query(query))
        return zip(found, repeat(self), strict=False)

    def _row(self, found: tuple[StoredDataset, tuple[KeyValue | None, ...]]) -> Row:
        stored, values = found
        keys = self.dataset_type.keys
        return (
            stored.id,
            stored.data_id.canonical(keys),
            stored.path,
            stored.hdu,
            stored.size,
            stored.mtime_ns,
            stored.sha256,
            *(stored.data_id[key] for key in keys),
            *values,
        )


class QueryRow:
    """One dataset that a query found.

    ``row["visit"]`` gives a key of the data ID or a column that was asked for.

    Parameters
    ----------
    row
        Its tuple.
    source
        Where it comes from.
    """

    __slots__ = ("_row", "_source")

    def __init__(self, row: Row, source: RowSource) -> None:
        self._row = row
        self._source = source

    @property
    def repository(self) -> Repository:
        """The repository that holds it."""
        return self._source.repository

    @property
    def dataset_type(self) -> str:
        """Name of the dataset type."""
        return self._source.dataset_type.name

    @property
    def data_id(self) -> DataId:
        """The data ID, with every key of the template."""
        row = self._row
        values = {key: row[place] for key, place in self._source.shown.items()}
        return DataId.trusted(values)  # type: ignore[arg-type]  # keys are never null

    @property
    def stored(self) -> StoredDataset:
        """The dataset as its repository knows it."""
        return stored_dataset(self.dataset_type, self.data_id, self._row)

    @property
    def uri(self) -> str:
        """Where the file is."""
        return self.repository.uri(self.stored)

    @property
    def size(self) -> int | None:
        """Size of the file in bytes, None where no registry knows it."""
        return self.stored.size

    def __getitem__(self, name: str) -> KeyValue | None:
        return cast("KeyValue | None", self._row[self._source.places[name]])

    def keys(self) -> tuple[str, ...]:
        """Return the names that ``row[name]`` knows."""
        return tuple(dict.fromkeys((*self._source.shown, *self._source.columns)))

    def __repr__(self) -> str:
        return f"QueryRow({self.dataset_type!r}, {self.data_id})"


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


class MergeOrder:
    """What orders rows of several repositories as each of them orders its own.

    Parameters
    ----------
    order_by
        Pairs of a name and whether it descends.
    unique
        The keys of the observation that complete the order, before the
        canonical data ID.
    """

    def __init__(self, order_by: Sequence[tuple[str, bool]], unique: Sequence[str]) -> None:
        self._order_by = tuple(order_by)
        self._unique = tuple(unique)

    def key(self, source: RowSource) -> Callable[[_Sourced], tuple[object, ...]]:
        """Return the sort key of rows that are laid out as those of ``source``."""
        ascending = itemgetter(*(source.places[name] for name in self._unique), _CANONICAL)
        if not self._order_by:
            return lambda sourced: ascending(sourced[0])
        first = [(source.places[name], descends) for name, descends in self._order_by]

        def key(sourced: _Sourced) -> tuple[object, ...]:
            row = sourced[0]
            parts: list[object] = []
            for place, descends in first:
                value = row[place]
                present = (value is not None, value) if value is not None else (False,)
                parts.append(_Reversed(present) if descends else present)
            return (*parts, ascending(row))

        return key

    def keeps_together(self, keys: frozenset[str]) -> bool:
        """Tell whether a hidden row follows the one that hides it.

        Parameters
        ----------
        keys
            Of the dataset type; the observations of two repositories may
            differ.
        """
        return all(name in keys for name, _ in self._order_by)


def merged(
    streams: Sequence[Iterator[_Sourced]],
    key: Callable[[_Sourced], tuple[object, ...]],
    *,
    keeps_together: bool,
    find_all: bool,
) -> Iterator[_Sourced]:
    """Yield the rows of several repositories in one order, without the hidden ones.

    Parameters
    ----------
    streams
        The rows of each repository in order, the nearest first.
    key
        From `MergeOrder.key`.
    keeps_together
        Whether a hidden row follows the one that hides it.
    find_all
        Whether hidden ones are wanted too.
    """
    rows = merge(*streams, key=key)
    if find_all:
        yield from rows
    elif keeps_together:
        last = None
        for sourced in rows:
            canonical = sourced[0][_CANONICAL]
            if canonical != last:
                last = canonical
                yield sourced
    else:
        shown = set()
        for sourced in rows:
            canonical = sourced[0][_CANONICAL]
            if canonical not in shown:
                shown.add(canonical)
                yield sourced
