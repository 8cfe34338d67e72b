"""Cleaning up after an ingest whose process died."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from butler.storage.local_store import is_temporary_name, process_is_dead

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from butler.registry.rows import IntentRow
    from butler.repository.native import NativeRepository
    from butler.storage.local_store import LocalStore

__all__ = ["resolve_dead_ingests"]


def resolve_dead_ingests(repository: NativeRepository, store: LocalStore) -> list[str]:
    """Take away what an ingest left behind whose process is dead.

    Parameters
    ----------
    repository
        Writable.
    store
        Its files.

    Returns
    -------
    list of str
        The paths that were taken away, relative to the root. Their sources
        are all there still: an ingest removes them only when it has finished.

    Notes
    -----
    Only processes of this host can be known to be dead. A file that has a row
    stays; so does one that a living ingest has named too. A file of which no
    other name is known is set aside, not removed.
    """
    registry = repository.registry
    removed: list[str] = []
    for intent in registry.intents():
        if not _is_dead(intent):
            continue
        with registry.write():  # nobody can register one of them meanwhile
            every = registry.intents()
            if intent.id not in {one.id for one in every}:
                continue
            others = {path for one in every if not _is_dead(one) for path in one.paths}
            named = [path for path in intent.paths if path not in others]
            removed += _take_away(store, _without_rows(repository, named))
            _remove_temporaries(store, intent.paths)
        registry.close_intent(intent.id)
    return removed


def _is_dead(intent: IntentRow) -> bool:
    host = re.sub(r"[^A-Za-z0-9.]", "_", intent.host)[:64]  # as names of temporaries spell it
    return intent.operation == "ingest" and process_is_dead(host, intent.pid)


def _without_rows(repository: NativeRepository, paths: Iterable[str]) -> list[str]:
    """Return those of some paths that are no raw file of the registry."""
    kinds = [repository.policy.dataset_types[name] for name in repository.policy.raw_types]
    free = []
    for path in paths:
        for kind in kinds:
            data_id = kind.template.parse(path) if kind.template is not None else None
            if data_id is None:
                continue
            rows = repository.registry.find(kind.name, kind.keys, data_id)
            if any(row.path == path for row in rows):
                break
        else:
            free.append(path)
    return free


def _take_away(store: LocalStore, paths: Sequence[str]) -> list[str]:
    taken = []
    for path in paths:
        try:
            status = os.lstat(os.path.join(store.root, path))
        except (FileNotFoundError, NotADirectoryError):
            continue
        is_link = stat.S_ISLNK(status.st_mode) or status.st_nlink > 1
        if is_link or store.is_abandoned(path):
            store.remove(path)
        else:
            store.set_aside(path)
        taken.append(path)
    return taken


def _remove_temporaries(store: LocalStore, paths: Sequence[str]) -> None:
    """Remove the temporary names of dead writers beside some paths."""
    for directory in {os.path.dirname(path) for path in paths}:
        full = os.path.join(store.root, directory)
        with suppress(FileNotFoundError), os.scandir(full) as entries:
            for entry in entries:
                if is_temporary_name(entry.name):
                    host, pid = entry.name.removeprefix(".tmp-").rsplit("-", 2)[:2]
                    if process_is_dead(host, int(pid)):
                        store.remove(os.path.join(directory, entry.name))
