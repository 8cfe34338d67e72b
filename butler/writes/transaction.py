"""Transactions: datasets that are written, seen by their writer, and published together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from butler.errors import DatasetExistsError
from butler.registry.condition import evaluate, names
from butler.repository.base import RepositoryQuery, StoredDataset
from butler.repository.plain_files import PlainFiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from butler.data_id import DataId, KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.registry.condition import Condition
    from butler.storage.commit import PendingDataset
    from butler.writes.writing import Writer

__all__ = ["Transaction"]


class Transaction(PlainFiles):
    """What one thread has put since its transaction began.

    It stands in front of the chain as a repository of its own, so that its
    writer sees what it wrote. No lock is held until it is published.

    Parameters
    ----------
    writer
        Publishes the datasets.
    """

    kind: Literal["native", "gen2"] = "native"
    unregistered = None

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        repository = writer.repository
        self.root = f"{repository.root} (open transaction)"
        self.mapper, self.policy = repository.mapper, repository.policy
        self.parents: tuple[str, ...] = ()
        self.uuid: str | None = None
        self.is_writable = True
        self._pending: dict[tuple[str, str], PendingDataset] = {}

    def add(self, pending: PendingDataset) -> None:
        """Take a written dataset, to be published with the others.

        Raises
        ------
        DatasetExistsError
            If the transaction has that dataset already, with other content.
        """
        key = (pending.dataset_type.name, pending.canonical)
        there = self._pending.get(key)
        store = self.writer.repository.store
        if there is not None:
            same = store.seal(there.file).sha256 == store.seal(pending.file).sha256
            if same or not pending.may_replace:
                store.discard(pending.file)
            if same:
                return
            if not pending.may_replace:
                raise DatasetExistsError(
                    f"{key[0]!r} for {pending.data_id} was put in this transaction already, with "
                    f"other content."
                )
            store.discard(there.file)
        self._pending[key] = pending

    def publish(self) -> None:
        """Make everything visible, all or nothing; see `Commit.publish`."""
        if pending := self.take():
            self.writer.commit.publish(pending, self.writer.run_id)

    def take(self) -> list[PendingDataset]:
        """Hand out what was put, to be published by somebody else."""
        pending = list(self._pending.values())
        self._pending.clear()
        return pending

    def discard(self) -> None:
        """Remove everything that was written."""
        for one in self._pending.values():
            self.writer.repository.store.discard(one.file)
        self._pending.clear()

    def find(self, dataset_type: DatasetType, data_id: DataId) -> StoredDataset | None:
        """Return the dataset, or None; see `Repository.find`."""
        keys = [key for key in dataset_type.keys if key in data_id]
        for stored in self._stored(dataset_type):
            if all(stored.data_id[key] == data_id[key] for key in keys):
                return stored
        return None

    def _stored(self, dataset_type: DatasetType) -> Iterator[StoredDataset]:
        for (name, _), one in self._pending.items():
            if name == dataset_type.name:
                facts = self.writer.repository.store.seal(one.file)
                yield StoredDataset(
                    name,
                    one.data_id,
                    one.file.temporary,
                    hdu=one.hdu,
                    size=facts.size,
                    mtime_ns=facts.mtime_ns,
                    sha256=facts.sha256,
                )

    def query(
        self, query: RepositoryQuery
    ) -> Iterator[tuple[StoredDataset, tuple[KeyValue | None, ...]]]:
        """Yield the datasets that match; see `Repository.query`."""
        rows = []
        for stored in self._stored(query.dataset_type):
            values = self._values(stored.data_id, query.columns, query.condition, query.order_by)
            if query.condition is None or evaluate(query.condition, values):
                rows.append((stored, tuple(values[name] for name in query.columns), values))
        unique = [n for n in self.policy.observation.unique if n in query.dataset_type.key_set]
        rows.sort(key=lambda row: row[0].data_id.canonical(query.dataset_type.keys))
        rows.sort(key=lambda row: [row[0].data_id[name] for name in unique])
        for name, descends in reversed(query.order_by):
            rows.sort(
                key=lambda row: (row[2][name] is not None, row[2][name] or 0),
                reverse=descends,
            )
        for stored, columns, _ in rows[: query.limit]:
            yield stored, columns

    def _values(
        self,
        data_id: DataId,
        columns: Sequence[str],
        condition: Condition | None,
        order_by: Sequence[tuple[str, bool]],
    ) -> dict[str, KeyValue | None]:
        """Return the data ID and what its observation says of the names that count."""
        values: dict[str, KeyValue | None] = dict(data_id)
        table = self.policy.observation
        wanted = {*columns, *(name for name, _ in order_by)} - values.keys()
        if condition is not None:
            wanted |= names(condition) - values.keys()
        for name in sorted(wanted):
            values[name] = None
            ways = [table.unique]
            ways += [one.by for one in table.implied if name in one.columns]
            by = next((keys for keys in ways if keys and data_id.keys() >= set(keys)), None)
            if by is not None and name in table.columns:
                given = {key: data_id[key] for key in by}
                rows = self.writer.chain.observations(table, [name], given, 1)
                values[name] = rows[0][0] if rows else None
        return values

    def distinct(
        self,
        dataset_type: DatasetType,
        columns: Sequence[str],
        condition: Condition | None,
        limit: int | None,
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return distinct values over the datasets; see `Repository.distinct`."""
        question = RepositoryQuery(dataset_type, condition, columns=tuple(columns))
        rows = dict.fromkeys(values for _, values in self.query(question))
        return list(rows)[:limit]

    def dataset_types(self) -> Mapping[str, int]:
        """Return how many datasets of each type were put."""
        counts: dict[str, int] = {}
        for name, _ in self._pending:
            counts[name] = counts.get(name, 0) + 1
        return counts

    def describe_place(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return one line that says what was looked at, for error messages."""
        del dataset_type, data_id
        return self.root

    def explain(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return what was looked at."""
        return self.describe_place(dataset_type, data_id)
