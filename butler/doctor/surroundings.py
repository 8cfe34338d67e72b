"""What a repository stands on and what stands on it; what lies in it for its own use."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from butler.doctor.finding import Finding
from butler.errors import ButlerError, RepositoryError, RepositoryNotFoundError
from butler.repository.config import has_config, read_config
from butler.repository.gen2.layout import REGISTRY_NAME
from butler.repository.locations import is_remote, is_repository
from butler.repository.migrate import BACKUP_NAME
from butler.repository.native import NativeRepository
from butler.repository.opening import RepositoryPool, open_repository
from butler.repository.reruns import known_reruns, register_with_parents, registered_reruns
from butler.storage.writer_mark import WriterMark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from butler.doctor.case_notes import CaseNotes
    from butler.doctor.examination import Examination

__all__ = [
    "check_parents",
    "check_reruns",
    "check_side_files",
    "check_sources",
    "check_temporaries",
    "is_gen2_registry",
]

_RERUNS = "rerun"


def check_parents(examination: Examination) -> None:
    """Find parents that are gone, circles, and parents that do not know of this repository."""
    repository = examination.repository
    is_whole = True
    for place in repository.parents:
        try:
            parent = open_repository(place)
        except RepositoryNotFoundError as error:
            is_whole = False
            examination.tell(Finding("parent_missing", place, str(error)))
        except ButlerError as error:
            is_whole = False
            examination.tell(Finding("not_checked", place, str(error)))
        else:
            parent.close()
            if isinstance(parent, NativeRepository):
                _check_awareness(examination, parent)
    if is_whole:
        _check_chain(examination)


def _check_awareness(examination: Examination, parent: NativeRepository) -> None:
    root = examination.repository.root
    if is_remote(root) or is_remote(parent.root):
        return
    if os.path.realpath(root).startswith(f"{os.path.realpath(parent.root)}/{_RERUNS}/"):
        return  # such a one is found without being registered
    try:
        knows = any(one.uuid == examination.repository.uuid for one in registered_reruns(parent))
        may_tell = parent.is_writable
    except ButlerError:
        return  # a sick parent has a doctor of its own
    finally:
        parent.close()
    if not knows and may_tell:
        finding = Finding("parent_unaware", parent.root, f"it is a parent of {root}")

        def register() -> str:
            register_with_parents(root)
            return "it knows now"

        examination.repair(finding, register)


def _check_chain(examination: Examination) -> None:
    pool = RepositoryPool()
    try:
        pool.chain([(examination.repository.root, frozenset())])
    except RepositoryError as error:
        examination.tell(Finding("chain_broken", examination.repository.root, str(error)))
    except ButlerError as error:
        examination.tell(Finding("not_checked", examination.repository.root, str(error)))
    finally:
        pool.close()


def check_reruns(examination: Examination) -> None:
    """Find reruns that have registered and are not, or no longer, where they said."""
    repository = examination.repository
    gone = [one for one in registered_reruns(repository) if not _is_there(one.root)]
    if not gone:
        return
    moved = {uuid: root for root in _reruns_below(repository) if (uuid := _uuid(root))}
    for rerun in gone:
        above = os.path.dirname(rerun.root)
        action: Callable[[], str] | None = partial(_forget, examination, rerun.name)
        detail = "it is gone"
        if rerun.uuid in moved:
            detail = f"it has moved to {moved[rerun.uuid]}"
            action = partial(_follow, examination, rerun.name, moved[rerun.uuid])
        elif not os.path.isdir(above):
            detail = f"{above} is not there either: perhaps a disk is not mounted"
            action = None
        examination.repair(Finding("rerun_gone", rerun.root, detail), action)


def _is_there(place: str) -> bool:
    return is_remote(place) or is_repository(place)


def _reruns_below(repository: NativeRepository) -> list[str]:
    try:
        return [one.root for one in known_reruns(repository.root) if not is_remote(one.root)]
    except ButlerError:
        return []


def _uuid(root: str) -> str:
    try:
        return read_config(root).uuid
    except RepositoryError:
        return ""


def _follow(examination: Examination, name: str, place: str) -> str:
    examination.repository.registry.set_info(name, place)
    return f"its new place is recorded: {place}"


def _forget(examination: Examination, name: str) -> str:
    examination.repository.registry.forget_info(name)
    return "forgotten"


def check_sources(examination: Examination) -> None:
    """Name what is read without being registered."""
    embedded = examination.repository.unregistered
    if embedded is not None:
        for line in embedded.describe():
            examination.tell(Finding("embedded", detail=line))


def check_side_files(examination: Examination) -> None:
    """Look at what a local repository keeps for its own use."""
    root = examination.repository.root
    check_temporaries(examination.notes, root)
    _check_lock(examination)
    _check_backup(examination)
    number, size = 0, 0
    for path in _files(os.path.join(root, ".butler", "orphans")):
        number, size = number + 1, size + os.lstat(path).st_size
    if number:
        detail = f"{number} files, {size} bytes"
        examination.tell(Finding("set_aside", os.path.join(".butler", "orphans"), detail))


def check_temporaries(notes: CaseNotes, root: str) -> None:
    """Find what killed processes have left in ``.butler``, and of ``butler.yaml``.

    Parameters
    ----------
    notes
        Take what is found.
    root
        Absolute path of the repository.
    """
    side = os.path.join(root, ".butler")
    is_walked = has_config(root)  # then whoever looks at its files looks at the root too
    for path in (*_files(side), *_files(root)):
        name = os.path.basename(path)
        is_inside = os.path.dirname(path) == side
        mark = WriterMark.of(name)
        try:
            changed = os.lstat(path).st_ctime
        except FileNotFoundError:
            continue
        if mark is not None:
            is_dead = mark.is_dead(changed, notes.treatment.longest_s)
            is_left = is_dead and (is_inside or not is_walked)
        else:  # as versions before the marks named them
            is_old = time.time() - changed > notes.treatment.longest_s
            begins = "new-" if is_inside else ".butler.yaml."
            is_left = is_old and name.startswith(begins)
        if is_left:
            finding = Finding("temporary_left", os.path.relpath(path, root))
            notes.repair(finding, partial(_remove, path))


def _files(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(one.path for one in entries if _is_file(one))
    except (FileNotFoundError, NotADirectoryError):
        return
    yield from found


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Tell files from folders; one in which a doctor tried something out counts as a file."""
    return not entry.is_dir(follow_symlinks=False) or WriterMark.of(entry.name) is not None


def _remove(path: str) -> str | None:
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)
    except FileNotFoundError:
        return None
    return "removed"


def _check_lock(examination: Examination) -> None:
    lock = os.path.join(examination.repository.root, ".butler", "lock")
    is_writer = examination.repository.registry.is_writable
    if is_writer and os.path.exists(lock) and not os.access(lock, os.R_OK | os.W_OK):
        examination.tell(Finding("lock_unwritable", os.path.join(".butler", "lock")))


def _check_backup(examination: Examination) -> None:
    """Find Gen2's registry under its old name, which the end of a migration changes."""
    repository = examination.repository
    old = os.path.join(repository.root, REGISTRY_NAME)
    backup = os.path.join(repository.root, BACKUP_NAME)
    if repository.config.registry == REGISTRY_NAME or not is_gen2_registry(old):
        return

    def rename() -> str:
        os.link(old, backup)  # never over another one
        os.unlink(old)
        return f"renamed to {BACKUP_NAME}"

    detail = f"Gen2's registry is to be called {BACKUP_NAME} by now"
    finding = Finding("migration_unfinished", REGISTRY_NAME, detail)
    examination.repair(finding, None if os.path.lexists(backup) else rename)


def is_gen2_registry(path: str) -> bool:
    """Tell whether a file is a registry of Gen2."""
    return _has_table(path, "raw") and not _has_table(path, "registry_info")


def _has_table(path: str, name: str) -> bool:
    if not os.path.isfile(path):
        return False
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
            return database.execute(sql, (name,)).fetchone() is not None
    except sqlite3.Error:
        return False
