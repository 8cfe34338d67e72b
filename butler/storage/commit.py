"""The commit protocol: file first, row last, link and never rename.

Every writer goes the same way: a temporary file beside the target, flushed;
a link to the final name, which refuses to overwrite; the directory flushed;
then one short transaction for the row; at last the temporary name is removed.
So a row never exists without its whole file, and a file without a row is
either in a batch that an intent names, or still has its writer's temporary
name, which says who wrote it.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from butler.errors import (
    ButlerError,
    DatasetExistsError,
    RegistryError,
    StorageError,
)
from butler.registry.rows import NewDataset
from butler.storage.steps import step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from butler.data_id import DataId, KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.registry.registry import Registry
    from butler.registry.rows import Provenance, StoredRow, TrashRow
    from butler.storage.store import FileFacts, PendingFile, Store

__all__ = ["GRACE_S", "Commit", "PendingDataset"]

logger = logging.getLogger(__name__)

GRACE_S = 3600.0
"""A replaced file stays so long, for readers that have looked up its name."""

_LOCKED_AT_ONCE = 200  # files removed while other writers wait: a few milliseconds
_MOST_ATTEMPTS = 3  # each fails only if somebody else puts or replaces the same in that moment


@dataclass(slots=True)
class PendingDataset:
    """A dataset whose file is written but not yet visible.

    Parameters
    ----------
    dataset_type
        Its dataset type.
    data_id
        Every key of the template.
    file
        Sealed.
    replaces
        The row whose place it takes, if any.
    may_replace
        Whether it may take the place of another.
    backup
        Whether the replaced file is kept as ``name~N``.
    observations
        Rows of observations that the registry may not have yet.
    provenance
        How it was made, if known.
    hdu
        The HDU that holds it, where the file came as it is and may have many.
    """

    dataset_type: DatasetType
    data_id: DataId
    file: PendingFile
    replaces: StoredRow | None = None
    may_replace: bool = False
    backup: bool = False
    observations: Sequence[Mapping[str, KeyValue | None]] = ()
    provenance: Provenance | None = None
    hdu: int | None = None
    is_linked: bool = field(default=False, init=False)
    version: str | None = field(default=None, init=False)

    @property
    def canonical(self) -> str:
        """Return the text that identifies it within its dataset type."""
        return self.data_id.canonical(self.dataset_type.keys)

    def row(self, facts: FileFacts) -> NewDataset:
        """Return what the registry shall say of it."""
        return NewDataset(
            self.dataset_type.name,
            self.canonical,
            self.data_id,
            self.file.target,
            self.hdu,
            facts.size,
            facts.mtime_ns,
            None,
            facts.sha256,
            self.provenance,
            self.may_replace,
        )


class Commit:
    """Publishes and removes the files of one repository.

    Parameters
    ----------
    store
        Where the files are.
    registry
        Where the rows are.
    """

    def __init__(self, store: Store, registry: Registry) -> None:
        self.store = store
        self.registry = registry

    def publish(self, datasets: Sequence[PendingDataset], run_id: int | None = None) -> None:
        """Make datasets visible, all or none; remove their temporaries in any case.

        Parameters
        ----------
        datasets
            With sealed files. One that is there already with the same content
            counts as published.
        run_id
            Who publishes them.

        Raises
        ------
        DatasetExistsError
            If one of them is there with other content.
        StorageError
            If the store refuses.
        RegistryError
            If the registry refuses.
        """
        try:
            self._try_to_publish(datasets, run_id)
        finally:
            for one in datasets:
                self.store.discard(one.file)

    def publish_groups(
        self, groups: Sequence[Sequence[PendingDataset]], run_id: int | None = None
    ) -> list[ButlerError | None]:
        """Make several groups of datasets visible, each whole or not at all.

        Parameters
        ----------
        groups
            With sealed files. They share one transaction if all is well with
            them; otherwise each gets its own, and one that fails stops no
            other. All temporaries are removed.
        run_id
            Who publishes them.

        Returns
        -------
        list of ButlerError or None
            For each group why it is not there, None if it is.
        """
        every = [one for group in groups for one in group]
        try:
            if len(groups) > 1:
                try:
                    self._try_to_publish(every, run_id)
                except ButlerError as error:
                    logger.debug("The groups are published one by one: %s", error)
                else:
                    return [None] * len(groups)
            return [self._error_of_publishing(group, run_id) for group in groups]
        finally:
            for one in every:
                self.store.discard(one.file)

    def _error_of_publishing(
        self, datasets: Sequence[PendingDataset], run_id: int | None
    ) -> ButlerError | None:
        try:
            self._try_to_publish(datasets, run_id)
        except ButlerError as error:
            return error
        return None

    def _try_to_publish(self, datasets: Sequence[PendingDataset], run_id: int | None) -> None:
        """Make datasets visible, all or none; their temporaries stay."""
        attempt = 0
        while True:
            attempt += 1
            fresh = [one for one in datasets if not self._is_there(one)]
            try:
                if fresh:
                    self._publish(fresh, run_id)
            except DatasetExistsError:  # somebody was faster, perhaps with the same content
                if attempt == _MOST_ATTEMPTS:
                    raise
            else:
                return

    def _is_there(self, dataset: PendingDataset) -> bool:
        """Tell whether a dataset is registered with the same content, refuse it with another."""
        row = self._registered(dataset)
        if row is None:
            return False
        facts = self.store.seal(dataset.file)
        if row.sha256 is not None and row.sha256 == facts.sha256:
            if self.store.is_outside(row.path) or self.store.facts(row.path) is not None:
                return True
            dataset.may_replace = True  # its file is gone: the same content comes back
        if dataset.may_replace:
            dataset.replaces = row  # perhaps newer than what was there when it was written
            return False
        raise self._conflict(dataset, row.path)

    def _registered(self, dataset: PendingDataset) -> StoredRow | None:
        kind = dataset.dataset_type
        rows = self.registry.find(kind.name, kind.keys, dataset.data_id)
        return rows[0] if rows else None

    def _publish(self, datasets: Sequence[PendingDataset], run_id: int | None) -> None:
        verb = "replace" if datasets[0].replaces is not None else "put"
        for one in datasets:
            self.store.seal(one.file)
            if one.replaces is not None:
                one.file.target = _unique_name(one.file.target)
        step(f"{verb}:written")
        intent = None
        if len(datasets) > 1 or verb == "replace":
            intent = self.registry.open_intent(verb, [one.file.target for one in datasets])
            step(f"{verb}:intended")
        try:
            for one in datasets:
                intent = self._link(one, intent)
            step(f"{verb}:linked")
            self.store.sync([one.file.target for one in datasets])
            step(f"{verb}:synced")
            replaced = self._register(datasets, intent, run_id)
        except BaseException:
            self._undo(datasets, intent)
            raise
        step(f"{verb}:registered")
        if replaced:
            self.sweep(GRACE_S)

    def _link(self, dataset: PendingDataset, intent: int | None) -> int | None:
        """Link one file to its place; return the intent, opened if something is there."""
        try:
            self.store.publish(dataset.file)
            dataset.is_linked = True
        except FileExistsError:
            opened = None
            if intent is None:  # what an intent names nobody takes away
                intent = opened = self.registry.open_intent("put", [dataset.file.target])
                step("put:intended")
            try:
                self._come_after(dataset, intent)
            except BaseException:
                if opened is not None:
                    self.registry.close_intent(opened)
                raise
        return intent

    def _come_after(self, dataset: PendingDataset, intent: int) -> None:
        """Deal with the file that lies in the place of another."""
        target = dataset.file.target
        if not self._can_make_room(dataset, intent):
            return  # the same content is there: the row adopts it
        try:
            self.store.publish(dataset.file)
        except FileExistsError:
            raise self._conflict(dataset, target) from None  # somebody was faster
        dataset.is_linked = True

    def _can_make_room(self, dataset: PendingDataset, intent: int) -> bool:
        """Move a file without a row out of the way; False if it has the same content."""
        target = dataset.file.target
        trash = [gone.id for gone in self.registry.trash() if gone.path == target]
        self.registry.take_trash(trash, self._remove_unused, mine=intent)
        there = self.store.facts(target)
        if there is None:
            return True
        facts = self.store.seal(dataset.file)
        is_alike = there is not None and there.size == facts.size
        if is_alike and self.store.digest(target) == facts.sha256:
            return False
        with self.registry.write():  # of two writers that see it abandoned, one moves it
            if self.store.is_abandoned(target):
                self.store.set_aside(target)
                return True
        if dataset.may_replace:  # somebody else is putting it in this moment
            dataset.file.target = _unique_name(target)
            return True
        raise self._conflict(dataset, target)

    def _register(
        self, datasets: Sequence[PendingDataset], intent: int | None, run_id: int | None
    ) -> list[str]:
        rows = [one.row(self.store.seal(one.file)) for one in datasets]
        observations = [row for one in datasets for row in one.observations]
        for one in datasets:
            if one.may_replace:
                one.replaces = self._registered(one)
        self._keep_versions(datasets)  # before the row: a kill in between must not lose a backup
        return self.registry.insert(
            rows,
            observations,
            run_id=run_id,
            close_intent=intent,
        )

    def _undo(self, datasets: Sequence[PendingDataset], intent: int | None) -> None:
        """Remove what this call linked, unless a row has adopted it, or is about to."""
        with ExitStack() as stack:
            with suppress(RegistryError):  # without its lock one does what one can
                stack.enter_context(self.registry.write())
            intents = self.registry.intents()
            others = {path for one in intents if one.id != intent for path in one.paths}
            for one in datasets:
                if not one.is_linked and one.version is None:
                    continue
                row = self._registered(one)
                is_used = row is not None and row.path == one.file.target
                if one.is_linked and not is_used and one.file.target not in others:
                    self.store.remove(one.file.target)
                if one.version is not None and not is_used:  # it has not been replaced
                    self.store.remove(one.version)
                one.is_linked, one.version = False, None
        if intent is not None:
            self.registry.close_intent(intent)

    def _keep_versions(self, datasets: Sequence[PendingDataset]) -> None:
        for one in datasets:
            if not one.backup or one.replaces is None:
                continue
            path, template = one.replaces.path, one.dataset_type.template
            if self.store.is_outside(path) or self.store.facts(path) is None:
                continue  # what lies elsewhere stays there
            assert template is not None  # noqa: S101 - it has a file
            one.version = self.store.keep_version(path, template.format(one.data_id))

    def remove(self, ids: Sequence[int], paths: Sequence[str] | None = None) -> list[str]:
        """Forget datasets, then remove their files.

        Parameters
        ----------
        ids
            Numbers of their rows.
        paths
            Where their files are, as far as the caller knows: what has come
            to one of the numbers since stays.

        Returns
        -------
        list of str
            The files that were removed. Those that lie outside the store, and
            those that hold other datasets too, stay.

        Raises
        ------
        StorageError
            If a file cannot be removed. All datasets are forgotten then, and
            all other files removed; this one stays in the trash.
        """
        outside = {path for path in self._paths(ids) if self.store.is_outside(path)}
        freed = self.registry.delete(ids, paths)
        step("delete:forgotten")
        inside = [path for path in freed if path not in outside]
        trash = [row for row in self.registry.trash() if row.path in freed]
        kept = self.empty(trash)
        step("delete:removed")
        if kept:
            raise next(iter(kept.values()))
        return inside

    def _paths(self, ids: Sequence[int]) -> list[str]:
        return [row.path for row in self.registry.rows_by_id(ids)]

    def sweep(self, older_than_s: float) -> None:
        """Remove the files of replaced datasets that have been in the trash long enough.

        Parameters
        ----------
        older_than_s
            In seconds.
        """
        limit = (datetime.now(UTC) - timedelta(seconds=older_than_s)).isoformat(timespec="seconds")
        old = [row for row in self.registry.trash() if row.removed <= limit]
        for path, error in self.empty(old).items():
            logger.warning("%s stays in the trash: %s", path, error)

    def empty(self, trash: Sequence[TrashRow]) -> dict[str, ButlerError]:
        """Remove files of the trash; one that cannot be removed stops no other.

        Parameters
        ----------
        trash
            Rows of the trash; those that are gone by now are left out.

        Returns
        -------
        dict
            Why some stay, by path. A file that a writer is about to use stays
            without a reason.
        """
        kept: dict[str, ButlerError] = {}

        def remove(path: str) -> bool:
            try:
                return self._remove_unused(path)
            except StorageError as error:
                kept[path] = error
                return False

        for start in range(0, len(trash), _LOCKED_AT_ONCE):
            some = trash[start : start + _LOCKED_AT_ONCE]
            self.registry.take_trash([row.id for row in some], remove)
        return kept

    def _remove_unused(self, path: str) -> bool:
        """Remove a file of the trash; False if a writer has put another in its place."""
        if self.store.is_outside(path):
            return True
        if self.store.is_claimed(path):
            return False
        self.store.remove(path)
        return True

    def _conflict(self, dataset: PendingDataset, path: str) -> DatasetExistsError:
        name = dataset.dataset_type.name
        return DatasetExistsError(
            f"{name!r} for {dataset.data_id} is there already with other content: "
            f"{self.store.uri(path)}. To overwrite it: replace=True (butler put --replace), "
            f"with backup=True (--backup) to keep the old file too."
        )


def _unique_name(target: str) -> str:
    """Return a new name beside ``target`` for a file that takes its place."""
    directory, slash, name = target.rpartition("/")
    stem, dot, extension = name.partition(".")
    return f"{directory}{slash}{stem}-{uuid4().hex[:8]}{dot}{extension}"
