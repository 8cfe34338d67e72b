"""A Butler for tasks: what they put is handed out, and published by whoever drives them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from butler.butler import Butler
from butler.errors import RepositoryError
from butler.registry.rows import InputRow
from butler.writes.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from butler.errors import ButlerError
    from butler.policies.dataset_type import DatasetType
    from butler.registry.rows import Provenance
    from butler.repository.base import Found
    from butler.storage.commit import PendingDataset
    from butler.storage.writer_mark import Publisher

__all__ = ["Collected", "TaskButler"]


@dataclass(slots=True)
class Collected:
    """What was put and read inside `TaskButler.collecting`.

    Parameters
    ----------
    datasets
        Written and flushed, not visible yet; filled at the end. They can be
        pickled, and published by another process.
    inputs
        What was read, each once, by value.
    """

    datasets: list[PendingDataset] = field(default_factory=list)
    inputs: dict[InputRow, None] = field(default_factory=dict)


class TaskButler(Butler):
    """A Butler whose outputs another process publishes.

    It has exactly one output.
    """

    @contextmanager
    def collecting(
        self, publisher: Publisher | None = None, *, replaces: bool = False
    ) -> Iterator[Collected]:
        """Collect what is put inside, which only this Butler in this thread sees.

        Parameters
        ----------
        publisher
            Who will publish it: the temporary files bear its mark, so that
            nobody removes them while that process lives. None for this
            process.
        replaces
            Whether everything that is put may take the place of another.

        Yields
        ------
        Collected
            Filled when the context ends. After an exception it is empty, and
            everything that was written is gone.

        Raises
        ------
        RepositoryError
            If a transaction is open in this thread, or there is not exactly
            one output.
        """
        writers = self._writable()
        if getattr(self._local, "transaction", None) is not None or len(writers) > 1:
            raise RepositoryError("Tasks write to one output, and open no transaction around it.")
        store = writers[0].repository.store
        transaction = Transaction(writers[0])
        collected = Collected()
        store.publisher = publisher
        self._local.transaction, self._local.collected = transaction, collected
        self._local.replaces = replaces
        try:
            yield collected
            collected.datasets = transaction.take()
        finally:
            store.publisher = None
            self._local.transaction = self._local.searched = self._local.collected = None
            self._local.replaces = False
            transaction.discard()

    def put(
        self,
        obj: object,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        *,
        replace: bool = False,
        backup: bool = False,
        provenance: Provenance | None = None,
        **keywords: object,
    ) -> None:
        """Write a dataset; see `Butler.put`."""
        super().put(
            obj,
            dataset_type,
            data_id,
            replace=replace or getattr(self._local, "replaces", False),
            backup=backup,
            provenance=provenance,
            **keywords,
        )

    def _note_read(self, found: Found, kind: DatasetType) -> None:
        """Remember what was read, unless it was just put."""
        collected: Collected | None = getattr(self._local, "collected", None)
        repository, stored = found.repository, found.stored
        if collected is None or repository is getattr(self._local, "transaction", None):
            return
        is_whole = kind.key_set <= stored.data_id.keys()  # a file that the user named is not
        canonical = stored.data_id.canonical(kind.keys) if is_whole else stored.path
        place = repository.uuid or repository.root
        collected.inputs[InputRow(place, kind.name, canonical, stored.sha256)] = None

    def publish(self, groups: Sequence[Sequence[PendingDataset]]) -> list[ButlerError | None]:
        """Make collected datasets visible; see `Commit.publish_groups`.

        Parameters
        ----------
        groups
            What was collected for one data ID, for another, and so on.

        Returns
        -------
        list of ButlerError or None
            For each group why it is not there, None if it is.
        """
        (writer,) = self._writable()
        for group in groups:
            for one in group:
                writer.ensure_type(one.dataset_type)
        return writer.commit.publish_groups(groups, writer.run_id)
