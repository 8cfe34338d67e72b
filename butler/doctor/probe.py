"""What the place of a repository can do, tried out rather than believed."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from uuid import uuid4

from butler.doctor.finding import Finding
from butler.errors import StorageError
from butler.registry.connect import file_of
from butler.registry.places import file_system_type, is_network_path
from butler.repository.native import registry_place
from butler.storage.fsspec_store import FsspecStore
from butler.storage.local_store import rename_exclusively
from butler.storage.writer_mark import WriterMark

if TYPE_CHECKING:
    from collections.abc import Callable

    from butler.doctor.examination import Examination

__all__ = ["probe_place"]

_LITTLE_SPACE = 1 << 30  # bytes: less than one exposure of a large camera, with its products
_LITTLE_SHARE = 0.02


def probe_place(examination: Examination) -> None:
    """Try out what the store of a repository can do.

    Parameters
    ----------
    examination
        Told what works, and what does not. Everything that is made for it is
        removed again.
    """
    store = examination.repository.store
    if isinstance(store, FsspecStore):
        _probe_objects(examination, store)
        return
    _probe_file_system(examination)
    side = os.path.join(examination.repository.root, ".butler")
    try:
        os.makedirs(side, exist_ok=True)
        folder = os.path.join(side, WriterMark.mine().temporary_name())
        os.mkdir(folder)
        try:
            for name, trial, meaning in _TRIALS:
                _report(examination, name, meaning, trial, folder)
        finally:
            shutil.rmtree(folder)
    except PermissionError:
        detail = "it may not be written by you, so that nothing was tried out"
        examination.tell(Finding("not_checked", side, detail))


def _report(
    examination: Examination, name: str, meaning: str, trial: Callable[[str], bool], folder: str
) -> None:
    try:
        works, why = trial(folder), ""
    except (OSError, sqlite3.Error, StorageError) as error:
        works, why = False, f" ({error})"
    if works:
        examination.tell(Finding("probe", detail=f"{name}: yes"))
    else:
        examination.tell(Finding("probe_weak", detail=f"{name}: no{why}; {meaning}"))


def _probe_file_system(examination: Examination) -> None:
    repository = examination.repository
    root = repository.root
    kind = file_system_type(root) or "unknown"
    examination.tell(Finding("probe", detail=f"file system: {kind}"))
    path = file_of(registry_place(root, repository.config))
    if path is not None and is_network_path(root):
        detail = (
            f"the registry is a file on {kind}, where locks are often broken: let one computer "
            f"write, or keep it in PostgreSQL"
        )
        examination.tell(Finding("probe_weak", detail=detail))
    usage = shutil.disk_usage(root)
    is_little = usage.free < _LITTLE_SPACE or usage.free < _LITTLE_SHARE * usage.total
    detail = f"free space: {_shown(usage.free)} of {_shown(usage.total)}"
    examination.tell(Finding("probe_weak" if is_little else "probe", detail=detail))


def _shown(size: int) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 1 << 30 else f"{size / 2**20:.1f} MiB"


def _new(folder: str, name: str = "") -> str:
    """Make a file of a few bytes and return its path."""
    path = os.path.join(folder, name or uuid4().hex)
    with open(path, "xb") as file:
        file.write(b"probe")
    return path


def _links(folder: str) -> bool:
    source = _new(folder)
    os.link(source, f"{source}-2")
    return os.stat(source).st_nlink == 2  # noqa: PLR2004 - the file and its second name


def _symbolic_links(folder: str) -> bool:
    source = _new(folder)
    os.symlink(source, f"{source}-2")
    return os.path.samefile(source, f"{source}-2")


def _exclusive_rename(folder: str) -> bool:
    source, target = _new(folder), _new(folder)
    try:
        rename_exclusively(source, target)
    except FileExistsError:
        return rename_exclusively(source, f"{target}-2")
    return False


def _exclusive_creation(folder: str) -> bool:
    path = _new(folder)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return True
    return False


def _locks(folder: str) -> bool:
    path = _new(folder)
    with open(path, "rb") as first, open(path, "rb") as second:
        fcntl.flock(first, fcntl.LOCK_EX)
        try:
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _flushing(folder: str) -> bool:
    for path, flags in ((_new(folder), os.O_RDWR), (folder, os.O_RDONLY | os.O_DIRECTORY)):
        descriptor = os.open(path, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return True


def _tells_case_apart(folder: str) -> bool:
    _new(folder, "a-case")
    return not os.path.lexists(os.path.join(folder, "A-CASE"))


def _wal(folder: str) -> bool:
    if is_network_path(folder):
        return False
    with closing(sqlite3.connect(os.path.join(folder, "wal.sqlite3"))) as database:
        (mode,) = database.execute("PRAGMA journal_mode=WAL").fetchone()
        database.execute("CREATE TABLE probe (number)")
    return bool(mode == "wal")


_TRIALS: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("exclusive creation", _exclusive_creation, "nothing can be written safely here"),
    (
        "hard links",
        _links,
        "what a killed writer leaves cannot be told from what a living one is about to register",
    ),
    (
        "renaming without replacing",
        _exclusive_rename,
        "needed only where there are no hard links; a lock file then stands in",
    ),
    ("symbolic links", _symbolic_links, "ingest needs --mode copy, move or direct"),
    ("locks (flock)", _locks, "writers do not queue, and one may wait for long"),
    ("flushing to the disk (fsync)", _flushing, "a power cut may lose what was written last"),
    (
        "names that differ in case",
        _tells_case_apart,
        "data IDs that differ in case alone have one file",
    ),
    (
        "a write-ahead log",
        _wal,
        "the registry keeps a rollback journal, which costs writers three times as much",
    ),
)


def _probe_objects(examination: Examination, store: FsspecStore) -> None:
    path = f".butler/{WriterMark.mine().temporary_name()}"

    def refuses_to_overwrite(_folder: str) -> bool:
        store.create(path, b"first")
        try:
            store.create(path, b"second")
        except FileExistsError:
            return store.read_bytes(path) == b"first"
        return False

    meaning = "two writers of one dataset may overwrite each other: let one process write at a time"
    name = "creation that does not overwrite (conditional put)"
    try:
        _report(examination, name, meaning, refuses_to_overwrite, "")
    finally:
        store.remove(path)
