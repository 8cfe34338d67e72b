"""A registry in one SQLite file."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from butler.errors import RegistryError
from butler.registry.database import CompiledSql, Database, Held, Row, SqlValue, WriteCursor
from butler.registry.places import is_network_path
from butler.registry.sqlite_errors import registry_error, sqlite_errors
from butler.registry.write_queue import stand_in_queue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Dialect, Table

__all__ = ["MemoryDatabase", "SqliteBase", "SqliteDatabase"]

_NOTHING: Mapping[str, SqlValue] = {}
_ERRORS = (sqlite3.Error, OverflowError, UnicodeEncodeError)
_BUSY_TIMEOUT_MS = 60_000
_ANCHORS: dict[str, sqlite3.Connection] = {}  # keep databases in memory alive, by name
_ANCHORS_LOCK = Lock()


class SqliteBase(Database[sqlite3.Connection]):
    """What every database of SQLite has in common.

    Parameters
    ----------
    place
        Path of the file, or the name of a database in memory.
    is_writable
        Whether this user may write there.
    """

    dialect_name: ClassVar[str] = "sqlite"

    def __init__(self, place: str, *, is_writable: bool) -> None:
        self.place = place
        self._dialect: Dialect | None = None
        super().__init__(place, is_writable=is_writable)

    @property
    def dialect(self) -> Dialect:
        """How SQLAlchemy spells SQL here."""
        if self._dialect is None:
            from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

            self._dialect = SQLiteDialect_pysqlite(paramstyle="named")
        return self._dialect

    def _placeholder(self, name: str) -> str:
        return f":{name}"

    def ids_parameter(self, ids: Sequence[int]) -> str:
        """Return the numbers as JSON."""
        return json.dumps(list(ids))

    @property
    def ids_clause(self) -> str:
        """A sub-select of the numbers in the parameter ``ids``."""
        return "SELECT value FROM json_each(:ids)"

    def has_table(self, name: str) -> bool:
        """Return whether there is a table of that name."""
        sql = CompiledSql("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name")
        return self.fetch_one(sql, {"name": name}) is not None

    def column_names(self, table: str) -> list[str]:
        """Return the columns that a table has, none if there is no such table."""
        sql = CompiledSql("SELECT name FROM pragma_table_info(:name)")
        return [str(name) for (name,) in self.fetch_all(sql, {"name": table})]

    def check_integrity(self) -> list[str]:
        """Return a sentence for each damage that SQLite finds."""
        found = self.fetch_all(CompiledSql("PRAGMA integrity_check(20)"))
        if found != [("ok",)]:
            return [str(row[0]) for row in found]
        broken = self.fetch_all(CompiledSql("PRAGMA foreign_key_check"))
        return [
            f"row {number!s} of {table!s} points to a row of {parent!s} that is gone"
            for table, number, parent, _ in broken
        ]

    def fetch_all(
        self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING
    ) -> list[Row]:
        """Return all rows of a query."""
        self.statement_count += 1
        try:
            rows: list[Row] = (
                self.held().connection.execute(sql.text, sql.bind(parameters)).fetchall()
            )
        except _ERRORS as error:
            raise registry_error(error, self.place) from error
        self.row_count += len(rows)
        return rows

    def fetch_one(
        self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING
    ) -> Row | None:
        """Return the first row of a query, or None."""
        self.statement_count += 1
        try:
            row: Row | None = (
                self.held().connection.execute(sql.text, sql.bind(parameters)).fetchone()
            )
        except _ERRORS as error:
            raise registry_error(error, self.place) from error
        if row is not None:
            self.row_count += 1
        return row


class _SqliteWriteCursor(WriteCursor):
    """The statements of one transaction on SQLite."""

    def __init__(self, database: SqliteBase, connection: sqlite3.Connection) -> None:
        self._database, self._connection = database, connection

    def execute(self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING) -> int:
        self._database.statement_count += 1
        return self._connection.execute(sql.text, sql.bind(parameters)).rowcount

    def execute_many(self, sql: CompiledSql, rows: Iterable[Mapping[str, SqlValue]]) -> None:
        self._database.statement_count += 1
        self._connection.executemany(sql.text, [sql.bind(row) for row in rows])

    def insert_returning_id(self, sql: CompiledSql, parameters: Mapping[str, SqlValue]) -> int:
        self._database.statement_count += 1
        row_id = self._connection.execute(sql.text, sql.bind(parameters)).lastrowid
        if row_id is None:
            message = f"The registry {self._database.place} gave no number to a new row."
            raise RegistryError(message)
        return row_id

    def insert_many(self, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        quote_name = self._database.dialect.identifier_preparer.quote
        names = ", ".join(quote_name(column) for column in columns)
        marks = ", ".join("?" * len(columns))
        self._database.statement_count += 1
        self._connection.executemany(
            f"INSERT INTO {table.name} ({names}) VALUES ({marks})",  # noqa: S608 - names of ours
            rows,
        )

    def fetch_all(
        self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING
    ) -> list[Row]:
        self._database.statement_count += 1
        rows: list[Row] = self._connection.execute(sql.text, sql.bind(parameters)).fetchall()
        self._database.row_count += len(rows)
        return rows

    def run_script(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self._connection.execute(statement)


class _SqliteWriter(SqliteBase):
    """A SQLite database that can be written."""

    queue_path: str | None = None

    def _require_place(self) -> None:
        """Refuse to write rows that nobody would find."""

    @contextmanager
    def _begin(self) -> Iterator[WriteCursor]:
        connection = self.held().connection
        with stand_in_queue(self.queue_path), sqlite_errors(self.place):
            self._require_place()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield _SqliteWriteCursor(self, connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite itself rolls back when a disk is full
                    connection.execute("ROLLBACK")
                raise


class SqliteDatabase(_SqliteWriter):
    """A registry file that this user may write.

    Parameters
    ----------
    path
        The file.
    lock_path
        Side file on which writers queue, None for no queue. None is taken on
        network file systems, where such locks may hang.
    """

    def __init__(self, path: str, *, lock_path: str | None = None) -> None:
        super().__init__(os.path.abspath(path), is_writable=True)
        self._is_network = is_network_path(self.place)
        self.queue_path = None if self._is_network else lock_path
        self._identity: tuple[int, int] | None = None

    def create_place(self, *, shared: bool) -> None:
        """Make the file and choose its journal.

        Parameters
        ----------
        shared
            Whether users without write permission will read it. They, and
            network file systems, need the rollback journal; it costs a
            writer three times as much.
        """
        if os.path.exists(self.place) and os.path.getsize(self.place):
            return  # what is there keeps its journal, whatever it is
        use_wal = not shared and not self._is_network
        try:
            descriptor = os.open(self.place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            message = f"The registry {self.place} cannot be made: {error.strerror}."
            raise RegistryError(message) from error
        os.close(descriptor)
        with sqlite_errors(self.place):
            self.held().connection.execute(f"PRAGMA journal_mode={'WAL' if use_wal else 'DELETE'}")
        self.drop_connection()

    def drop_place(self) -> None:
        """Remove the file and its journals."""
        self.close()
        for ending in ("", "-wal", "-shm", "-journal"):
            with suppress(FileNotFoundError):
                os.unlink(self.place + ending)

    def _identify(self) -> tuple[int, int] | None:
        """Return what tells the file from another of its name, None if it is gone."""
        try:
            status = os.stat(self.place)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return status.st_dev, status.st_ino

    def _require_place(self) -> None:
        if self._identify() != self._identity:
            message = (
                f"The registry {self.place} has been removed or replaced since it was opened, so "
                f"nothing more is written to it. Open the repository anew."
            )
            raise RegistryError(message)

    def _connect(self) -> Held[sqlite3.Connection]:
        with sqlite_errors(self.place):
            connection = sqlite3.connect(
                f"file:{quote(self.place)}?mode=rw",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=_BUSY_TIMEOUT_MS / 1000,
                cached_statements=256,
            )
            try:
                _prepare(connection)
                ((journal,),) = connection.execute("PRAGMA journal_mode")
                if journal == "wal" and self._is_network:
                    # It was moved there; a WAL needs memory that two computers cannot share.
                    ((journal,),) = connection.execute("PRAGMA journal_mode=DELETE")
                if self._identity is None:
                    self._identity = self._identify()
                # In a WAL, NORMAL cannot damage the file; only the last commits depend on power.
                level = "NORMAL" if journal == "wal" else "FULL"
                connection.execute(f"PRAGMA synchronous={level}")
            except BaseException:
                connection.close()
                raise
        return Held(connection, connection.close)


class MemoryDatabase(_SqliteWriter):
    """A registry in the memory of this process, alive until the process ends.

    Parameters
    ----------
    name
        Databases of one name are one database.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"memory:{name}", is_writable=True)
        with _ANCHORS_LOCK:
            if name not in _ANCHORS:
                _ANCHORS[name] = self._open(name)
        self._name = name

    @staticmethod
    def forget(name: str) -> None:
        """Let a database in memory go, once nobody uses it any more."""
        with _ANCHORS_LOCK:
            anchor = _ANCHORS.pop(name, None)
        if anchor is not None:
            anchor.close()

    @staticmethod
    def _open(name: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:/{quote(name, safe='')}?vfs=memdb",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=_BUSY_TIMEOUT_MS / 1000,
        )
        _prepare(connection)
        return connection

    def create_place(self, *, shared: bool) -> None:
        """Do nothing: there is no file and no journal."""

    def drop_place(self) -> None:
        """Let the database go."""
        self.close()
        self.forget(self._name)

    def _connect(self) -> Held[sqlite3.Connection]:
        with sqlite_errors(self.place):
            connection = self._open(self._name)
        return Held(connection, connection.close)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA trusted_schema=OFF")
