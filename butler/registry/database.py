"""What a database offers to the registry, on any dialect.

SQL text is compiled once from SQLAlchemy Core statements and then runs on the
driver's own cursor: SQLAlchemy's execution costs 50 to 300 microseconds a
statement, the driver 11. A connection belongs to one thread of one process;
after a fork the child forgets the inherited ones without closing them, because
closing would end transactions and locks of the parent.
"""

from __future__ import annotations

import os
import weakref
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from threading import Lock, local
from typing import TYPE_CHECKING, ClassVar, Generic, TypeAlias, TypeVar

from butler.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Dialect, MetaData, Table
    from sqlalchemy.sql.elements import ClauseElement

__all__ = [
    "CompiledSql",
    "ConflictError",
    "Database",
    "Held",
    "Row",
    "SqlValue",
    "WriteCursor",
]

SqlValue: TypeAlias = int | float | str | bytes | None
Row: TypeAlias = tuple[SqlValue, ...]
_Connection_co = TypeVar("_Connection_co", covariant=True)

_NOTHING: Mapping[str, SqlValue] = {}
_OPEN: weakref.WeakSet[Database[object]] = weakref.WeakSet()
_INHERITED: list[object] = []  # connections of the parent process: kept so that nobody closes them


class ConflictError(RegistryError):
    """A row exists already where a unique one was to be inserted."""

    code = "conflict"


@dataclass(frozen=True, slots=True)
class CompiledSql:
    """SQL text in a driver's own spelling.

    Parameters
    ----------
    text
        The statement, with named parameters.
    constants
        Values that the statement was built with.
    """

    text: str
    constants: Mapping[str, SqlValue] = field(default_factory=dict)

    def bind(self, parameters: Mapping[str, SqlValue]) -> Mapping[str, SqlValue]:
        """Return the values of all parameters."""
        return {**self.constants, **parameters} if self.constants else parameters


class WriteCursor(ABC):
    """The statements of one write transaction."""

    @abstractmethod
    def execute(self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING) -> int:
        """Run a statement and return how many rows it changed."""

    @abstractmethod
    def execute_many(self, sql: CompiledSql, rows: Iterable[Mapping[str, SqlValue]]) -> None:
        """Run a statement once for each of ``rows``."""

    @abstractmethod
    def insert_returning_id(self, sql: CompiledSql, parameters: Mapping[str, SqlValue]) -> int:
        """Insert one row and return its ``id``.

        Parameters
        ----------
        sql
            Built by `Database.insert_statement` with ``returning_id=True``.
        parameters
            Its values.
        """

    @abstractmethod
    def insert_many(self, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Insert many rows by the fastest way of the database.

        Parameters
        ----------
        table
            Where to.
        columns
            The columns that the rows give, in order.
        rows
            The values.
        """

    @abstractmethod
    def fetch_all(
        self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING
    ) -> list[Row]:
        """Run a query that sees what this transaction has done."""

    @abstractmethod
    def run_script(self, statements: Iterable[str]) -> None:
        """Run statements without parameters, such as ``CREATE TABLE``."""

    def fetch_one(
        self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING
    ) -> Row | None:
        """Run a query and return its first row, or None."""
        rows = self.fetch_all(sql, parameters)
        return rows[0] if rows else None


class Held(Generic[_Connection_co]):
    """A connection that is closed when its thread ends or its database is closed."""

    __slots__ = ("__weakref__", "close", "connection")

    def __init__(self, connection: _Connection_co, close: Callable[[], None]) -> None:
        self.connection, self.close = connection, close

    def __del__(self) -> None:
        self.close()


class Database(ABC, Generic[_Connection_co]):
    """One database, used by any number of threads and processes.

    Parameters
    ----------
    url
        Where it is, without a password.
    is_writable
        Whether this user may write there.
    """

    dialect_name: ClassVar[str]

    def __init__(self, url: str, *, is_writable: bool) -> None:
        self.url, self.is_writable = url, is_writable
        self.statement_count = 0
        self.row_count = 0
        self._compiled: dict[Hashable, CompiledSql] = {}
        self._reset()
        _OPEN.add(self)

    def _reset(self) -> None:
        self._local = local()
        self._held: weakref.WeakSet[Held[_Connection_co]] = weakref.WeakSet()
        self._held_lock = Lock()

    def forget_connections(self) -> None:
        """Start anew in a forked child, leaving the parent's connections as they are."""
        inherited = list(self._held)
        _INHERITED.append((self._local, inherited))
        for held in inherited:
            held.close = _leave_open
        self._reset()

    @property
    @abstractmethod
    def dialect(self) -> Dialect:
        """How SQLAlchemy spells SQL here."""

    @abstractmethod
    def _connect(self) -> Held[_Connection_co]:
        """Open a connection for this thread."""

    def held(self) -> Held[_Connection_co]:
        """Return this thread's connection, opening it if need be."""
        try:
            found: Held[_Connection_co] = self._local.held
        except AttributeError:
            found = self._connect()
            self._local.held = found
            with self._held_lock:
                self._held.add(found)
        return found

    def drop_connection(self) -> None:
        """Close this thread's connection; the next statement opens another."""
        held: Held[_Connection_co] | None = self._local.__dict__.pop("held", None)
        if held is not None:
            held.close()

    def close(self) -> None:
        """Close the connections of all threads. A later statement opens a new one."""
        with self._held_lock:
            every = list(self._held)
            self._held.clear()
            self._local = local()
        for held in every:
            held.close()

    def compile(self, key: Hashable, build: Callable[[], ClauseElement]) -> CompiledSql:
        """Return the statement known under ``key``, built and compiled the first time.

        Parameters
        ----------
        key
            Whatever the text of the statement depends on.
        build
            Makes the SQLAlchemy statement.
        """
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled[key] = self.compiled(build())
        return found

    def compiled(self, statement: ClauseElement) -> CompiledSql:
        """Return a statement in the driver's spelling."""
        compiled = statement.compile(
            dialect=self.dialect, compile_kwargs={"render_postcompile": True}
        )
        constants = {
            name: value for name, value in (compiled.params or {}).items() if value is not None
        }
        return CompiledSql(str(compiled), constants)

    def insert_statement(
        self,
        table: Table,
        columns: Sequence[str],
        *,
        ignore_conflicts: bool = False,
        returning_id: bool = False,
    ) -> CompiledSql:
        """Return an INSERT with one parameter for each column, named like the column.

        Parameters
        ----------
        table
            Where to.
        columns
            The columns to fill.
        ignore_conflicts
            Leave rows that exist as they are.
        returning_id
            Make it fit for `WriteCursor.insert_returning_id`.
        """
        key = ("insert", table.name, tuple(columns), ignore_conflicts, returning_id)
        found = self._compiled.get(key)
        if found is None:
            names = [self.dialect.identifier_preparer.quote(column) for column in columns]
            values = ", ".join(self._placeholder(column) for column in columns)
            text = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values})"  # noqa: S608
            if ignore_conflicts:
                text += " ON CONFLICT DO NOTHING"
            if returning_id:
                text += self._returning_id
            found = self._compiled[key] = CompiledSql(text)
        return found

    _returning_id: ClassVar[str] = ""

    @abstractmethod
    def _placeholder(self, name: str) -> str:
        """Return how the driver spells a named parameter."""

    def ddl(self, metadata: MetaData) -> list[str]:
        """Return the statements that create all tables and indexes."""
        from sqlalchemy.schema import CreateIndex, CreateTable

        statements = []
        for table in metadata.sorted_tables:
            statements.append(str(CreateTable(table).compile(dialect=self.dialect)))
            statements += [
                str(CreateIndex(index).compile(dialect=self.dialect))
                for index in sorted(table.indexes, key=lambda index: str(index.name))
            ]
        return statements

    @abstractmethod
    def fetch_all(
        self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING
    ) -> list[Row]:
        """Return all rows of a query."""

    @abstractmethod
    def fetch_one(
        self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING
    ) -> Row | None:
        """Return the first row of a query, or None."""

    @abstractmethod
    def has_table(self, name: str) -> bool:
        """Return whether there is a table of that name."""

    @abstractmethod
    def column_names(self, table: str) -> list[str]:
        """Return the columns that a table has, none if there is no such table."""

    @abstractmethod
    def create_place(self, *, shared: bool) -> None:
        """Make the file or the schema that the tables go into.

        Parameters
        ----------
        shared
            Whether users without write permission will read it.

        Raises
        ------
        RegistryError
            If it cannot be made.
        """

    @abstractmethod
    def drop_place(self) -> None:
        """Remove the file or the schema with all its tables."""

    @abstractmethod
    def check_integrity(self) -> list[str]:
        """Return a sentence for each damage that the database itself finds."""

    @abstractmethod
    def ids_parameter(self, ids: Sequence[int]) -> SqlValue:
        """Return many numbers as the one value that `ids_clause` takes."""

    @property
    @abstractmethod
    def ids_clause(self) -> str:
        """A sub-select of the numbers in the parameter ``ids``."""

    @abstractmethod
    def _begin(self) -> AbstractContextManager[WriteCursor]:
        """Open a transaction that commits at its exit and rolls back on an exception."""

    def is_writing(self) -> bool:
        """Return whether this thread is in a write transaction."""
        return bool(getattr(self._local, "is_writing", False))

    @contextmanager
    def write(self) -> Iterator[WriteCursor]:
        """Open the one short write transaction of this thread.

        Only one process writes to a registry at a time, so that what has been
        read within the transaction is true until its end.

        Yields
        ------
        WriteCursor
            Runs the statements. Committed at the exit, rolled back on any
            exception.

        Raises
        ------
        RegistryError
            If this thread is in a write transaction already, or the database
            refuses.
        """
        mine = self._local
        if self.is_writing():
            message = f"A write transaction on {self.url} is open in this thread already."
            raise RegistryError(message)
        mine.is_writing = True
        try:
            with self._begin() as cursor:
                yield cursor
        finally:
            mine.is_writing = False


def _leave_open() -> None:
    """Close nothing: the connection belongs to the parent process."""


def _forget_connections() -> None:
    for database in list(_OPEN):
        database.forget_connections()


os.register_at_fork(after_in_child=_forget_connections)
