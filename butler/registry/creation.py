"""Make a new registry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from butler.errors import RepositoryExistsError
from butler.registry.core import observation_text
from butler.registry.schema import LATEST_VERSION, ObservationLike, make_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Table

    from butler.data_id import KeyType
    from butler.registry.database import Database, SqlValue, WriteCursor

__all__ = ["create_tables"]

# As Alembic itself makes it, so that nothing has to be changed at the first upgrade.
_VERSION_TABLE = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


def create_tables(
    database: Database[object],
    *,
    uuid: str,
    camera: str,
    keys: Mapping[str, KeyType],
    observation: ObservationLike,
) -> None:
    """Make all tables in one transaction and record what the registry is.

    Parameters
    ----------
    database
        Where to; its place exists.
    uuid
        The number that the repository keeps for life.
    camera
        Short name of the camera.
    keys
        Data-ID keys and their types, in order.
    observation
        What is recorded of raw files.

    Raises
    ------
    RepositoryExistsError
        If there is a registry already.
    """
    tables = make_tables(keys, observation)
    info = {
        "uuid": uuid,
        "camera": camera,
        "schema_counter": "1",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "observation": observation_text(observation),
    }
    key_rows: list[tuple[SqlValue, ...]] = [
        (name, kind, position) for position, (name, kind) in enumerate(keys.items())
    ]
    with database.write() as cursor:
        if database.has_table("registry_info"):
            message = f"There is a registry at {database.url} already."
            raise RepositoryExistsError(message)
        cursor.run_script(database.ddl(tables.metadata))
        cursor.run_script(
            [_VERSION_TABLE, f"INSERT INTO alembic_version VALUES ('{LATEST_VERSION}')"]  # noqa: S608
        )
        _fill(database, cursor, tables.registry_info, ("name", "value"), info.items())
        _fill(database, cursor, tables.registry_key, ("name", "type", "position"), key_rows)


def _fill(
    database: Database[object],
    cursor: WriteCursor,
    table: Table,
    columns: tuple[str, ...],
    rows: Iterable[tuple[SqlValue, ...]],
) -> None:
    sql = database.insert_statement(table, columns)
    for row in rows:
        cursor.execute(sql, dict(zip(columns, row, strict=True)))
