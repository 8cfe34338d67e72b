"""Cleaning up after the ingest of a reference catalog whose process died."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from butler.data_id import DataId
from butler.storage.recovery import is_dead, take_back
from butler.storage.writer_mark import WriterMark, is_temporary_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from butler.policies.dataset_type import DatasetType
    from butler.repository.native import NativeRepository
    from butler.storage.local_store import LocalStore

__all__ = ["remove_leftovers"]

_LOCKED_AT_ONCE: Final = 200  # files removed while other writers wait: a few milliseconds


def remove_leftovers(
    repository: NativeRepository, store: LocalStore, kinds: Iterable[DatasetType], name: str
) -> list[str]:
    """Take away the files of a catalog that dead processes left without rows.

    Parameters
    ----------
    repository
        Writable.
    store
        Its files.
    kinds
        The dataset types of catalogs.
    name
        Of the catalog.

    Returns
    -------
    list of str
        What was taken away, relative to the root. The tables of which the
        catalog was to be made are there still.

    Notes
    -----
    Only files are touched whose temporary name still says which process wrote
    them, and that it is gone.
    """
    folders = {
        os.path.dirname(repository.target_path(kind, _sample_id(kind, name))) for kind in kinds
    }
    registry = repository.registry
    removed: list[str] = []
    for folder in sorted(folders):
        abandoned = _abandoned(store, folder)
        for start in range(0, len(abandoned), _LOCKED_AT_ONCE):
            paths = abandoned[start : start + _LOCKED_AT_ONCE]
            with registry.write():  # nobody can register one of them meanwhile
                used = registry.paths_in_use(paths)
                for path in paths:
                    if path not in used:
                        store.remove(path)
                        removed.append(path)
    for intent in registry.intents():
        is_of_here = intent.paths and set(map(os.path.dirname, intent.paths)) <= folders
        if is_of_here and is_dead(intent):
            take_back(registry, store, intent)
    return removed


def _sample_id(kind: DatasetType, name: str) -> DataId:
    return DataId({key: name if key == "name" else 0 for key in kind.keys})


def _abandoned(store: LocalStore, folder: str) -> list[str]:
    """Return the files of dead writers, those with final names first.

    A temporary name is what tells that a file is not whole: it goes last.
    """
    try:
        with os.scandir(os.path.join(store.root, folder)) as entries:
            found = [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []
    dead = set()
    for name, status in found:
        mark = WriterMark.of(name)
        if mark is not None and mark.is_dead(status.st_ctime):
            dead.add(status.st_ino)
    names = [name for name, status in found if status.st_ino in dead]
    return [f"{folder}/{name}" for name in sorted(names, key=is_temporary_name)]
