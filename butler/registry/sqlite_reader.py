"""Read a SQLite file without the right to write, and without leaving a trace.

SQLite itself cannot: in WAL mode a plain read makes side files, and is refused
where the folder may not be written; ``immutable=1`` reads everywhere, but
never sees that another process has written. So a connection that is immutable
is used only while no journal lies beside the file and the file is unchanged,
looked at before and after every read; while a journal is there, a connection
with ``mode=ro`` shares the locks of the writers.

The file is never opened by anything but SQLite here: closing any other
descriptor of it would drop all of this process's locks on it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from typing import TYPE_CHECKING, NoReturn, TypeAlias
from urllib.parse import quote

from butler.errors import ReadOnlyError, RegistryError
from butler.registry.database import CompiledSql, Held, Row, SqlValue, WriteCursor
from butler.registry.places import is_network_path
from butler.registry.sqlite_database import SqliteBase
from butler.registry.sqlite_errors import primary_code, registry_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

__all__ = ["SqliteReader"]

_NOTHING: Mapping[str, SqlValue] = {}
_PATIENCE_S = 10.0
_PAUSE_S = 0.002
_FRESH_NS = 100_000_000  # clocks of file systems tick up to 10 ms apart, some servers' 100 ms
_MAY_PASS = frozenset(
    # what a reader meets while a writer comes or goes between two system calls
    [
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_SCHEMA,
        sqlite3.SQLITE_ERROR,
    ]
)
_State: TypeAlias = tuple[int, int, int, int, int]
_Read: TypeAlias = "Callable[[sqlite3.Connection], list[Row]]"


class _Reading:
    """A connection with what it was opened on."""

    __slots__ = ("connection", "identity", "state")

    def __init__(self) -> None:
        self.connection: sqlite3.Connection | None = None
        self.identity: tuple[int, int] | None = None
        self.state: _State | None = None  # None: the connection takes locks

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class SqliteReader(SqliteBase):
    """A registry file that is only read.

    Parameters
    ----------
    path
        The file.
    may_mend
        Whether to write after all where a killed writer has left a journal
        that has to be rolled back before anything can be read.
    """

    def __init__(self, path: str, *, may_mend: bool = False) -> None:
        super().__init__(os.path.abspath(path), is_writable=False)
        self._journals = (f"{self.place}-wal", f"{self.place}-journal")
        self._may_mend = may_mend
        self._prefers_locks = is_network_path(self.place)  # their clocks and caches may lag

    def fetch_all(
        self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING
    ) -> list[Row]:
        """Return all rows of a query."""
        bound = sql.bind(parameters)
        return self._read(lambda connection: connection.execute(sql.text, bound).fetchall())

    def fetch_one(
        self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING
    ) -> Row | None:
        """Return the first row of a query, or None."""
        bound = sql.bind(parameters)
        rows = self._read(lambda connection: connection.execute(sql.text, bound).fetchmany(1))
        return rows[0] if rows else None

    def create_place(self, *, shared: bool) -> None:  # noqa: ARG002 - given by the base
        """Refuse."""
        raise self._refusal()

    def drop_place(self) -> None:
        """Refuse."""
        raise self._refusal()

    def _connect(self) -> Held[sqlite3.Connection]:
        raise self._refusal()

    def _begin(self) -> AbstractContextManager[WriteCursor]:
        raise self._refusal()

    def _refusal(self) -> ReadOnlyError:
        message = f"The registry {self.place} is opened for reading only."
        return ReadOnlyError(message)

    def _reading(self) -> _Reading:
        try:
            found: _Reading = self._local.reading.connection
        except AttributeError:
            found = _Reading()
            held = Held(found, found.close)
            self._local.reading = held
            with self._held_lock:
                self._held.add(held)  # type: ignore[arg-type]  # closed in the same way
        return found

    def _read(self, read: _Read) -> list[Row]:
        self.statement_count += 1
        reading = self._reading()
        deadline = 0.0
        while True:
            try:
                rows = self._try(reading, read)
            except (OverflowError, UnicodeEncodeError, sqlite3.ProgrammingError) as error:
                raise registry_error(error, self.place) from error
            except sqlite3.Error as error:
                reading.close()
                if primary_code(error) not in _MAY_PASS:
                    raise registry_error(error, self.place) from error
                deadline = self._pause(deadline, error)
            else:
                if rows is not None:
                    self.row_count += len(rows)
                    return rows
                reading.close()
                deadline = self._pause(deadline, None)

    def _pause(self, deadline: float, error: sqlite3.Error | None) -> float:
        """Wait a little before the next attempt, or give up."""
        now = time.monotonic()
        if deadline == 0.0:
            return now + self._patience(error)
        if now > deadline:
            if not (self._may_mend and self._mend()):
                self._give_up(error)
            deadline = now + self._patience(error)
        time.sleep(_PAUSE_S)
        return deadline

    def _mend(self) -> bool:
        """Let SQLite undo what a killed writer began. Return whether it may have helped."""
        self._may_mend = False
        try:
            writer = sqlite3.connect(
                f"file:{quote(self.place)}?mode=rw", uri=True, timeout=_PATIENCE_S
            )
            try:
                writer.execute("SELECT count(*) FROM sqlite_master").fetchall()
            finally:
                writer.close()
        except sqlite3.Error:
            return False
        return True

    def _patience(self, error: sqlite3.Error | None) -> float:
        """Return how long an error may last before it is believed."""
        if error is None or primary_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return _PATIENCE_S
        if primary_code(error) == sqlite3.SQLITE_ERROR:
            return 0.02  # "no such table" is most often just that
        return 1.0 if any(map(os.path.exists, self._journals)) else 0.05

    def _give_up(self, error: sqlite3.Error | None) -> NoReturn:
        if error is None or isinstance(registry_error(error, self.place), ReadOnlyError):
            message = (
                f"The registry {self.place} cannot be read by you now: a writer is busy with it, "
                f"or ended without finishing. Its owner mends that by opening it: butler info "
                f"{os.path.dirname(self.place)}"
            )
            raise RegistryError(message) from error
        raise registry_error(error, self.place) from error

    def _try(self, reading: _Reading, read: _Read) -> list[Row] | None:
        """Read once. None if the file was being written meanwhile."""
        state = self._look()
        if state is None or self._prefers_locks:
            return self._try_with_locks(reading, read, state)
        if reading.connection is not None and reading.state != state:
            reading.close()
        if reading.connection is None:
            reading.connection = self._open("immutable=1")
            reading.state = state
        rows = read(reading.connection)
        if self._look() != state:
            return None
        if time.time_ns() - state[3] < _FRESH_NS:
            reading.close()  # two writes within one tick of the clock look like one
        return rows

    def _try_with_locks(
        self, reading: _Reading, read: _Read, state: _State | None
    ) -> list[Row] | None:
        """Read as one of several users of the file, which takes the locks of readers."""
        identity = self._identity()
        if reading.state is not None or reading.identity != identity:
            reading.close()
        if reading.connection is None:
            reading.connection = self._open("mode=ro")
            reading.state, reading.identity = None, identity
        try:
            rows = read(reading.connection)
        except sqlite3.Error:
            if state is None:
                raise
            reading.close()  # a WAL without its side files, which we may not make
            blind = self._open("immutable=1")
            try:
                rows = read(blind)
            finally:
                blind.close()
            return rows if self._look() == state else None
        return rows if identity == self._identity() else None

    def _open(self, option: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(self.place)}?{option}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=_PATIENCE_S,
            cached_statements=256,
        )
        connection.execute("PRAGMA trusted_schema=OFF")
        return connection

    def _identity(self) -> tuple[int, int]:
        try:
            status = os.stat(self.place)
        except OSError as error:
            raise self._unreachable(error) from error
        return status.st_dev, status.st_ino

    def _look(self) -> _State | None:
        """Return what tells two states of the file apart; None if a journal lies beside it."""
        for journal in self._journals:
            if os.path.exists(journal):
                return None
        try:
            status = os.stat(self.place)
        except OSError as error:
            raise self._unreachable(error) from error
        return (
            status.st_dev,
            status.st_ino,
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
        )

    def _unreachable(self, error: OSError) -> RegistryError:
        return RegistryError(f"The registry {self.place} cannot be reached: {error.strerror}.")
