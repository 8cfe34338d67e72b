"""What lies in the place of a dataset, compared with what its row says."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from butler.repository.locations import is_remote
from butler.storage.store import digest_file

if TYPE_CHECKING:
    from butler.registry.inspection import DatasetRecord
    from butler.repository.native import NativeRepository

__all__ = ["FileState", "FileStates"]


class FileState(NamedTuple):
    """What is there: the code of a finding, empty if nothing is wrong."""

    code: str = ""
    detail: str = ""
    size: int | None = None
    mtime_ns: int | None = None

    @property
    def may_be_whole(self) -> bool:
        """Whether its content may be what it was."""
        return self.code in {"", "time_differs"}


class FileStates:
    """Looks at the files of one repository.

    Parameters
    ----------
    repository
        Open.
    """

    def __init__(self, repository: NativeRepository) -> None:
        self._store = repository.store
        self._is_remote = is_remote(repository.root)
        self._root = f"{repository.root.rstrip('/')}/"
        self._last: tuple[str, bytes] = ("", b"")

    def of(self, record: DatasetRecord) -> FileState:
        """Return how a file is, without reading it."""
        path = record.path
        if "://" in path:
            return FileState()  # of another store, which is not ours to look at
        if self._is_remote and not path.startswith("/"):
            return self._of_object(record)
        try:
            status = os.stat(path if path.startswith("/") else self._root + path)
        except (FileNotFoundError, NotADirectoryError):
            return self._missing(path)
        except OSError as error:
            return FileState("file_unreadable", str(error.strerror))
        return self._compare(record, status)

    def _compare(self, record: DatasetRecord, status: os.stat_result) -> FileState:
        size, mtime_ns = status.st_size, status.st_mtime_ns
        if not stat.S_ISREG(status.st_mode):
            return FileState("file_missing", "something else than a file lies in its place")
        if record.size is not None and size != record.size:
            code = "target_changed" if self.is_elsewhere(record.path) else "size_differs"
            detail = f"{size} bytes, {record.size} were registered"
            return FileState(code, detail, size, mtime_ns)
        if not status.st_mode & 0o444:
            return FileState("file_unreadable", "its permissions let nobody read it")
        is_touched = record.mtime_ns is not None and mtime_ns != record.mtime_ns
        return FileState("time_differs" if is_touched else "", "", size, mtime_ns)

    def _of_object(self, record: DatasetRecord) -> FileState:
        facts = self._store.facts(record.path)
        if facts is None:
            return FileState("file_missing", "there is no such object")
        if record.size is not None and facts.size != record.size:
            detail = f"{facts.size} bytes, {record.size} were registered"
            return FileState("size_differs", detail, facts.size, record.mtime_ns)
        return FileState("", "", facts.size, record.mtime_ns)

    def _missing(self, path: str) -> FileState:
        full = os.path.join(self._root, path)
        if os.path.islink(full):
            return FileState("link_dangling", f"it leads to {os.readlink(full)}")
        if path.startswith("/"):
            return FileState("file_missing", "it lay outside the repository")
        return FileState("file_missing")

    def is_elsewhere(self, path: str) -> bool:
        """Tell whether the content of a file lies outside the repository."""
        return path.startswith("/") or (not self._is_remote and os.path.islink(self._root + path))

    def digest(self, path: str) -> bytes:
        """Return the sha256 of a file; one that several rows have in turn is read once.

        Raises
        ------
        OSError, StorageError
            If it cannot be read.
        """
        if self._last[0] != path:
            if self._is_remote and not path.startswith("/"):
                self._last = (path, self._store.digest(path))
            else:
                self._last = (path, digest_file(os.path.join(self._root, path)))
        return self._last[1]
