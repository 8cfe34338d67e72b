"""What a process set out to do and did not finish, because it died, is taken back."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from butler.storage.steps import step
from butler.storage.writer_mark import LONGEST_WRITE_S, WriterMark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from butler.registry.registry import Registry
    from butler.registry.rows import IntentRow
    from butler.storage.local_store import LocalStore
    from butler.storage.store import Store

__all__ = ["TakenBack", "is_dead", "iter_temporaries", "take_back"]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A file that was taken away because its writer died before its row.

    Parameters
    ----------
    path
        Where it was, relative to the root.
    aside
        Where it is now, None if it was a mere link or a copy of what is there.
    """

    path: str
    aside: str | None


def is_dead(intent: IntentRow, longest_s: float = LONGEST_WRITE_S) -> bool:
    """Tell whether the process is gone that set out to do something.

    Parameters
    ----------
    intent
        What it set out to do.
    longest_s
        A process of another host counts as gone so long after it began.
    """
    try:
        began = datetime.fromisoformat(intent.started)
    except ValueError:
        return False
    if began.tzinfo is None:
        began = began.replace(tzinfo=UTC)
    return WriterMark(intent.host, intent.pid).is_dead(began.timestamp(), longest_s)


def take_back(registry: Registry, store: Store, intent: IntentRow) -> list[TakenBack] | None:
    """Take away what the process of an intent left behind, and forget the intent.

    Parameters
    ----------
    registry, store
        Of the repository, which is writable.
    intent
        Its process `is_dead`.

    Returns
    -------
    list of TakenBack or None
        What was taken away; None if somebody else has seen to the intent.

    Notes
    -----
    A file that has a row stays; so does one that another process has named or
    published. Ingest removes its sources only when it has finished, therefore
    its links and copies can go; any other file is set aside, since it may be
    the only one with its content.
    """
    taken: list[TakenBack] = []

    def settle(mine: IntentRow, others: set[str]) -> None:
        named = [path for path in mine.paths if path not in others]
        used = registry.paths_in_use(named) if named else set()
        for path in named:
            if path not in used and not store.is_claimed(path):
                taken.extend(_take(store, path, is_ingest=mine.operation == "ingest"))
                step("recovery:taken")

    return taken if registry.settle_intent(intent.id, settle) else None


def _take(store: Store, path: str, *, is_ingest: bool) -> Iterator[TakenBack]:
    try:
        status = os.lstat(os.path.join(store.root, path)) if "://" not in store.root else None
    except (FileNotFoundError, NotADirectoryError):
        return
    if status is None:
        if store.facts(path) is None:
            return
    elif stat.S_ISDIR(status.st_mode):
        return
    elif stat.S_ISLNK(status.st_mode) or (
        is_ingest and (status.st_nlink > 1 or store.is_abandoned(path))
    ):
        store.remove(path)
        yield TakenBack(path, None)
        return
    yield TakenBack(path, store.set_aside(path))


def iter_temporaries(
    store: LocalStore, paths: Iterable[str], tokens: Collection[str] = ()
) -> Iterator[str]:
    """Yield the temporary names that dead writers left beside some paths.

    Parameters
    ----------
    store
        Whose files.
    paths
        Relative to its root.
    tokens
        Of `Publisher`: those are yielded that were written for one of them,
        and no others.
    """
    for directory in dict.fromkeys(os.path.dirname(path) for path in paths):
        full = os.path.join(store.root, directory)
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(full) as entries:
            for entry in entries:
                mark = WriterMark.of(entry.name)
                if mark is None:
                    continue
                if tokens:
                    is_wanted = any(f"-{mark.pid}-{token}" in entry.name for token in tokens)
                else:
                    is_wanted = mark.is_dead(entry.stat(follow_symlinks=False).st_ctime)
                if is_wanted:
                    yield os.path.join(directory, entry.name)
