"""Cleaning up after an ingest whose process died."""

from __future__ import annotations

from typing import TYPE_CHECKING

from butler.storage.recovery import is_dead, iter_temporaries, take_back

if TYPE_CHECKING:
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
    A file that has a row stays; so does one that a living ingest has named
    too. A file of which no other name is known is set aside, not removed.
    """
    registry = repository.registry
    removed: list[str] = []
    for intent in registry.intents():
        if intent.operation != "ingest" or not is_dead(intent):
            continue
        temporaries = list(iter_temporaries(store, intent.paths))
        removed += [one.path for one in take_back(registry, store, intent) or ()]
        for path in temporaries:
            store.remove(path)
    return removed
