"""Directories in which the making, the migration or the registry of a repository broke off."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from butler.doctor.finding import Finding
from butler.doctor.surroundings import check_temporaries
from butler.repository.config import has_config
from butler.repository.gen2.layout import REGISTRY_NAME, is_gen2_repository
from butler.repository.migrate import NATIVE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from butler.doctor.case_notes import CaseNotes

__all__ = ["check_half_made"]

_ENDINGS = ("", "-wal", "-shm", "-journal")


def check_half_made(notes: CaseNotes, root: str) -> bool:
    """Look at a local directory that has no ``butler.yaml``.

    Parameters
    ----------
    notes
        Take what is found.
    root
        Absolute path.

    Returns
    -------
    bool
        Whether it is one in which something of ours broke off; else it is
        Gen2's, or nothing.
    """
    ours = os.path.join(root, REGISTRY_NAME)
    if (datasets := _count_datasets(ours)) is not None:
        if datasets:
            detail = f"its registry {ours} has {datasets} rows"
            notes.tell(Finding("config_missing", root, detail))
        else:
            _report_creation(notes, root)
        return True
    if is_gen2_repository(root):
        place = os.path.join(root, NATIVE_NAME)
        if _count_datasets(place) is None or _is_locked(root):
            return False
        check_temporaries(notes, root)
        detail = "the registry that it was to become was not completed"
        finding = Finding("migration_unfinished", NATIVE_NAME, detail)
        notes.repair(finding, partial(_set_aside, root, place))
        return True
    if os.path.isdir(os.path.join(root, ".butler")):
        _report_creation(notes, root)
        return True
    return False


def _count_datasets(path: str) -> int | None:
    """Return how many rows a registry of ours has, None if there is none."""
    if not os.path.isfile(path):
        return None
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            count = 0
            for table in ("dataset", "raw"):
                (number,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
                count += int(number)
            database.execute("SELECT 1 FROM registry_info").fetchone()
            return count
    except sqlite3.Error:
        return None


def _report_creation(notes: CaseNotes, root: str) -> None:
    lock = os.path.join(root, ".butler", "lock")
    if os.path.exists(lock) and _is_locked(lock):
        return  # somebody is just making it
    check_temporaries(notes, root)
    detail = "there is no butler.yaml, and nothing else that would be lost"
    notes.repair(Finding("creation_unfinished", root, detail), partial(_clear, root, lock))


def _is_locked(path: str) -> bool:
    with _locked(path) as is_mine:
        return not is_mine


@contextmanager
def _locked(path: str) -> Iterator[bool]:
    """Hold a lock, if nobody else does."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _clear(root: str, lock: str) -> str | None:
    """Remove an empty registry and the side folder of a repository that never was."""
    side = os.path.dirname(lock)
    os.makedirs(side, exist_ok=True)
    with open(lock, "a", encoding="ascii"), _locked(lock) as is_mine:
        ours = os.path.join(root, REGISTRY_NAME)
        if not is_mine or has_config(root) or _count_datasets(ours):
            return None
        if os.path.exists(ours):
            for ending in _ENDINGS:
                _unlink(ours + ending)
        if not set(os.listdir(side)) - {"lock", "doctor"}:
            shutil.rmtree(side)
    return "what was there of it is removed"


def _unlink(path: str) -> None:
    if os.path.lexists(path):
        os.unlink(path)


def _set_aside(root: str, place: str) -> str:
    aside = os.path.join(root, ".butler", "orphans")
    os.makedirs(aside, exist_ok=True)
    name = f"{uuid4().hex[:8]}-{os.path.basename(place)}"
    for ending in _ENDINGS:
        if os.path.lexists(place + ending):
            os.rename(place + ending, os.path.join(aside, name + ending))
    return f"set aside as {os.path.join('.butler', 'orphans', name)}; run butler migrate again"
