"""A registry in one schema of a PostgreSQL database."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from butler.errors import MissingDependencyError, ReadOnlyError, RegistryError
from butler.registry.database import (
    CompiledSql,
    ConflictError,
    Database,
    Held,
    Row,
    SqlValue,
    WriteCursor,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import ModuleType

    from psycopg import Connection, Cursor
    from psycopg.rows import TupleRow
    from sqlalchemy import Dialect, Engine, Table
    from sqlalchemy.engine import URL

__all__ = ["PostgresDatabase"]

PostgresConnection: TypeAlias = "Connection[TupleRow]"

_NOTHING: Mapping[str, SqlValue] = {}
_LOCK_TIMEOUT_MS = 60_000
_UUID = re.compile(r"[0-9a-f]{32}")
_HOW = "Check the URL, the network and PGPASSFILE; to try it by hand: psql"


class PostgresDatabase(Database["PostgresConnection"]):
    """A registry in PostgreSQL.

    Parameters
    ----------
    url
        ``postgresql+psycopg://USER@HOST/DATABASE``. A password in it is used
        and not shown; better is ``PGPASSFILE``.
    uuid
        Of the repository. Its tables are in the schema ``sb_UUID``.
    read_only
        Never write.

    Raises
    ------
    RegistryError
        If the URL or the uuid cannot be understood.
    MissingDependencyError
        If psycopg is not installed.
    """

    dialect_name: ClassVar[str] = "postgresql"
    _returning_id: ClassVar[str] = " RETURNING id"

    def __init__(self, url: str, *, uuid: str, read_only: bool = False) -> None:
        self._url = parsed = _parse(url)
        self._arguments = _arguments(parsed)
        digits = uuid.replace("-", "").lower()
        if not _UUID.fullmatch(digits):
            message = f"{uuid!r} is no uuid."
            raise RegistryError(message)
        self.schema = f"sb_{digits}"
        self._lock_number = int(digits[:15], 16)  # as many bits as an advisory lock has, nearly
        self._psycopg = _psycopg()
        self._dialect: Dialect | None = None
        shown = parsed._replace(password=None).render_as_string()
        super().__init__(shown, is_writable=not read_only)

    @property
    def dialect(self) -> Dialect:
        """How SQLAlchemy spells SQL here."""
        if self._dialect is None:
            from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

            self._dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]
        return self._dialect

    def _placeholder(self, name: str) -> str:
        return f"%({name})s"

    def ids_parameter(self, ids: Sequence[int]) -> str:
        """Return the numbers as the text of an array."""
        return "{" + ",".join(map(str, ids)) + "}"

    @property
    def ids_clause(self) -> str:
        """A sub-select of the numbers in the parameter ``ids``."""
        return "SELECT unnest(CAST(:ids AS bigint[]))"

    def _connect(self) -> Held[PostgresConnection]:
        with self._errors():
            connection = self._psycopg.connect(
                **self._arguments,
                autocommit=True,
                prepare_threshold=3,
                options=f"-c search_path={self.schema} -c lock_timeout={_LOCK_TIMEOUT_MS}",
                application_name="skybutler",
            )
        return Held(connection, connection.close)

    def engine(self) -> Engine:
        """Return an SQLAlchemy engine on the schema, for migrations."""
        from sqlalchemy import create_engine
        from sqlalchemy.pool import NullPool

        return create_engine(
            self._url,
            connect_args={"options": f"-c search_path={self.schema}"},
            poolclass=NullPool,
        )

    def create_place(self, *, shared: bool) -> None:  # noqa: ARG002 - the server rules who may read
        """Make the schema."""
        with self._errors():
            self.held().connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self.schema}")

    def drop_place(self) -> None:
        """Remove the schema with all its tables."""
        self._refuse_if_read_only()
        with self._errors():
            self.held().connection.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
        self.close()

    def has_table(self, name: str) -> bool:
        """Return whether there is a table of that name."""
        sql = CompiledSql("SELECT to_regclass(%(name)s) IS NOT NULL")
        row = self.fetch_one(sql, {"name": f"{self.schema}.{name}"})
        return bool(row and row[0])

    def column_names(self, table: str) -> list[str]:
        """Return the columns that a table has, none if there is no such table."""
        sql = CompiledSql(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = %(schema)s AND table_name = %(name)s ORDER BY ordinal_position"
        )
        rows = self.fetch_all(sql, {"schema": self.schema, "name": table})
        return [str(name) for (name,) in rows]

    def check_integrity(self) -> list[str]:
        """Return nothing: the server looks after its files and keeps links whole."""
        return []

    def fetch_all(
        self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING
    ) -> list[Row]:
        """Return all rows of a query."""
        self.statement_count += 1
        rows: list[Row] = self._execute(sql, parameters).fetchall()
        self.row_count += len(rows)
        return rows

    def fetch_one(
        self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING
    ) -> Row | None:
        """Return the first row of a query, or None."""
        self.statement_count += 1
        row: Row | None = self._execute(sql, parameters).fetchone()
        if row is not None:
            self.row_count += 1
        return row

    def _execute(self, sql: CompiledSql, parameters: Mapping[str, SqlValue]) -> Cursor[TupleRow]:
        return self._run(sql.text, sql.bind(parameters), retry=not self.is_writing())

    def _run(
        self, text: str, parameters: Mapping[str, SqlValue] | None, *, retry: bool
    ) -> Cursor[TupleRow]:
        """Run a statement, once more if the server has dropped the connection."""
        with self._errors():
            held = self.held()
            prepare = None if parameters is not None else False  # two commands cannot be prepared
            try:
                return held.connection.execute(text, parameters, prepare=prepare)
            except self._psycopg.OperationalError:
                if not (retry and held.connection.closed):
                    raise
            self.drop_connection()
            return self.held().connection.execute(text, parameters, prepare=prepare)

    @contextmanager
    def _begin(self) -> Iterator[WriteCursor]:
        self._refuse_if_read_only()
        # Writers take turns, as on SQLite: what one of them has seen stays true until its commit.
        begin = f"BEGIN; SELECT pg_advisory_xact_lock({self._lock_number})"
        connection = self._run(begin, None, retry=True).connection
        with self._errors():
            try:
                yield _PostgresWriteCursor(self, connection)
                connection.execute("COMMIT")
            except BaseException:
                if not connection.closed:
                    connection.execute("ROLLBACK")
                raise

    def _refuse_if_read_only(self) -> None:
        if not self.is_writable:
            message = f"The registry {self.url} is opened for reading only."
            raise ReadOnlyError(message)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn the errors of psycopg in the body into ours."""
        errors = self._psycopg.errors
        try:
            yield
        except errors.UniqueViolation as error:
            message = f"The registry {self.url} has such a row already: {error}."
            raise ConflictError(message) from error
        except (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction) as error:
            message = (
                f"The registry {self.url} may not be written by you ({error}). "
                f"Make a repository of your own on top of it: butler create MINE --parent REPO"
            )
            raise ReadOnlyError(message) from error
        except errors.DiskFull as error:
            message = f"The registry {self.url} could not grow: the server's disk is full."
            raise RegistryError(message) from error
        except errors.LockNotAvailable as error:
            message = (
                f"The registry {self.url} is busy: another process has been writing to it for "
                f"too long. Wait for it, or end it; then try again."
            )
            raise RegistryError(message) from error
        except errors.OperationalError as error:
            message = f"The registry {self.url} cannot be reached: {error}. {_HOW}"
            raise RegistryError(message) from error
        except (self._psycopg.Error, UnicodeEncodeError) as error:
            message = f"The registry {self.url} refused: {error}."
            raise RegistryError(message) from error


class _PostgresWriteCursor(WriteCursor):
    """The statements of one transaction on PostgreSQL."""

    def __init__(self, database: PostgresDatabase, connection: PostgresConnection) -> None:
        self._database, self._connection = database, connection

    def execute(self, sql: CompiledSql, parameters: Mapping[str, SqlValue] = _NOTHING) -> int:
        self._database.statement_count += 1
        return self._connection.execute(sql.text, sql.bind(parameters)).rowcount

    def execute_many(self, sql: CompiledSql, rows: Iterable[Mapping[str, SqlValue]]) -> None:
        self._database.statement_count += 1
        with self._connection.cursor() as cursor:
            cursor.executemany(sql.text, [sql.bind(row) for row in rows])

    def insert_returning_id(self, sql: CompiledSql, parameters: Mapping[str, SqlValue]) -> int:
        self._database.statement_count += 1
        row = self._connection.execute(sql.text, sql.bind(parameters)).fetchone()
        if row is None:
            message = f"The registry {self._database.url} gave no number to a new row."
            raise RegistryError(message)
        return int(row[0])

    def insert_many(self, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        quote = self._database.dialect.identifier_preparer.quote
        names = ", ".join(quote(column) for column in columns)
        self._database.statement_count += 1
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

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


def _psycopg() -> ModuleType:
    try:
        import psycopg
    except ImportError as error:
        package, extra = "psycopg", "postgres"
        raise MissingDependencyError(package, extra, "A registry in PostgreSQL") from error
    return psycopg


def _parse(url: str) -> URL:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError) as error:
        place = re.sub(r"//[^@/]*@", "//", url)  # no password in a message
        message = (
            f"{place!r} is no place of a registry: write postgresql+psycopg://USER@HOST/DATABASE."
        )
        raise RegistryError(message) from error


def _arguments(url: URL) -> dict[str, str]:
    """Return what libpq calls the parts of a URL."""
    parts = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
    }
    known = {name: str(value) for name, value in parts.items() if value is not None}
    return {**known, **{name: str(value) for name, value in url.query.items()}}
