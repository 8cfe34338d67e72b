"""SQLite files that belong to somebody else: read, and never touched.

SQLite itself writes beside a database that it only reads: in WAL mode it makes
``-wal`` and ``-shm`` files, after a crash it rolls a journal back. Where that
could happen the file is opened as immutable, or a private copy is read.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from threading import Lock, get_ident
from threading import enumerate as running_threads
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote

from butler.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from butler.data_id import KeyValue

__all__ = ["ReadOnlySqlite", "quoted_name"]

_Identity: TypeAlias = tuple[tuple[int, ...] | None, ...]

_ATTEMPTS: Final = 5
_WAL_BYTE_AT: Final = 18  # of the file's header: 2 there means WAL mode
_HEADER: Final = b"SQLite format 3\0"


@dataclass(slots=True)
class _Opened:
    connection: sqlite3.Connection
    identity: _Identity
    copy: TemporaryDirectory[str] | None = None

    def close(self) -> None:
        self.connection.close()
        if self.copy is not None:
            self.copy.cleanup()


class ReadOnlySqlite:
    """One SQLite file that is only read, by any number of threads and processes.

    Parameters
    ----------
    path
        Path of the file.

    Notes
    -----
    Each thread of each process has a connection of its own, opened when it
    first asks. A connection that came through a fork is left alone. When the
    file is replaced or, in WAL mode, changed, it is opened anew.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = Lock()
        self._process = os.getpid()
        self._opened: dict[int, _Opened] = {}
        self._forked: list[_Opened] = []
        self._columns: dict[str, tuple[str, ...]] = {}

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.path,)

    def fetch_all(
        self, sql: str, parameters: Sequence[KeyValue | None] = ()
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return the rows of one statement.

        Parameters
        ----------
        sql
            A ``SELECT`` with ``?`` for each parameter.
        parameters
            Their values.

        Raises
        ------
        RegistryError
            If the file is gone, is no database, lacks what the statement
            names, or changes faster than it can be read.
        """
        reason = "it changes all the time"
        for _ in range(_ATTEMPTS):
            opened = self._connection()
            try:
                rows = opened.connection.execute(sql, parameters).fetchall()
            except sqlite3.Error as error:
                reason = str(error)
                self._drop(opened)
                if _identity(self.path) == opened.identity:
                    break
                continue
            if _identity(self.path) == opened.identity:
                return rows
            self._drop(opened)
        message = f"{self.path} cannot be read as a registry: {reason}."
        raise RegistryError(message)

    def identity(self) -> object:
        """Return what differs as soon as the file, or what lies beside it, is written."""
        return _identity(self.path)

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the names of a table's columns in their order; none if there is no such table.

        Parameters
        ----------
        table
            Name of the table.
        """
        if table not in self._columns:
            rows = self.fetch_all("SELECT name FROM pragma_table_info(?)", (table,))
            self._columns[table] = tuple(str(row[0]) for row in rows)
        return self._columns[table]

    def close(self) -> None:
        """Close the connections of this process; they are opened again when needed."""
        with self._lock:
            opened, self._opened = list(self._opened.values()), {}
            self._columns.clear()
        for one in opened:
            one.close()

    def _connection(self) -> _Opened:
        """Return this thread's connection, opened on the file as it is now."""
        if self._process != os.getpid():
            self._lock = Lock()  # another thread may have held it when the process forked
            self._forked += self._opened.values()  # closing them could undo the parent's
            self._opened, self._process = {}, os.getpid()
        with self._lock:
            opened = self._opened.get(get_ident())
        if opened is not None:
            if opened.identity == _identity(self.path):
                return opened
            self._drop(opened)
        opened = self._open()
        with self._lock:
            alive = {thread.ident for thread in running_threads()}
            for ident in [one for one in self._opened if one not in alive]:
                self._opened.pop(ident).close()
            self._opened[get_ident()] = opened
        return opened

    def _drop(self, opened: _Opened) -> None:
        with self._lock:
            if self._opened.get(get_ident()) is opened:
                del self._opened[get_ident()]
            self._columns.clear()
        opened.close()

    def _open(self) -> _Opened:
        identity = _identity(self.path)
        try:
            with open(self.path, "rb") as file:
                header = file.read(_WAL_BYTE_AT + 2)
        except OSError as error:
            message = f"{self.path} cannot be read: {error.strerror}."
            raise RegistryError(message) from error
        if header and not header.startswith(_HEADER):
            message = f"{self.path} is no SQLite database."
            if header.startswith(b"version https://"):
                message += " It is a pointer of git-lfs: fetch the file with 'git lfs pull'."
            raise RegistryError(message)
        is_wal = header[_WAL_BYTE_AT : _WAL_BYTE_AT + 1] == b"\2"
        if _size(f"{self.path}-journal") or (is_wal and _size(f"{self.path}-wal")):
            return self._open_copy(identity)
        options = "mode=ro&immutable=1" if is_wal else "mode=ro"
        return _Opened(_connect(f"file:{quote(self.path)}?{options}"), identity)

    def _open_copy(self, identity: _Identity) -> _Opened:
        """Open a private copy, into which SQLite merges what lies beside the file."""
        copy = TemporaryDirectory(prefix="skybutler-gen2-", ignore_cleanup_errors=True)
        target = os.path.join(copy.name, "registry.sqlite3")
        for suffix in ("", "-wal", "-journal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(self.path + suffix, target + suffix)
        return _Opened(_connect(f"file:{quote(target)}"), identity, copy)


def quoted_name(name: str) -> str:
    """Return a column's or table's name as it stands in SQL."""
    return '"' + name.replace('"', '""') + '"'


def _connect(uri: str) -> sqlite3.Connection:
    try:
        return sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
    except sqlite3.Error as error:
        message = f"{uri} cannot be opened: {error}."
        raise RegistryError(message) from error


def _identity(path: str) -> _Identity:
    """Return what changes when the file, or what lies beside it, is written or replaced."""
    return tuple(_status(path + suffix) for suffix in ("", "-wal", "-journal"))


def _status(path: str) -> tuple[int, ...] | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _size(path: str) -> int:
    status = _status(path)
    return 0 if status is None else status[2]
