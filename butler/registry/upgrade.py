"""Bring a registry that an older version of this package made up to date."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from butler.errors import ButlerError, RegistryError
from butler.registry.connect import file_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection, Engine

    from butler.data_id import KeyType
    from butler.registry.schema import ObservationLike

__all__ = ["upgrade_registry"]

_BUSY_TIMEOUT_S = 60.0


def upgrade_registry(
    place: str,
    script_location: str,
    *,
    uuid: str | None = None,
    keys: Mapping[str, KeyType] | None = None,
    observation: ObservationLike | None = None,
    version: str = "head",
    prepare: Callable[[], None] | None = None,
) -> tuple[str | None, str | None]:
    """Run the migrations that a registry lacks, all or none.

    Parameters
    ----------
    place
        As for ``Registry.open``.
    script_location
        Folder of the Alembic environment.
    uuid
        Of the repository; needed for PostgreSQL alone.
    keys, observation
        What the camera has; needed only to begin with an empty database.
    version
        Where to stop; the newest by default.
    prepare
        Called when nobody else can write any more and nothing has changed
        yet. What it raises ends the upgrade.

    Returns
    -------
    tuple
        The versions before and after.

    Raises
    ------
    RegistryError
        If it cannot be reached or a step fails. Nothing has changed then.
    """
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    attributes: dict[str, object] = {"keys": keys, "observation": observation}
    engine = _engine(place, uuid)
    try:
        with engine.begin() as connection:  # nobody else writes from here on
            if prepare is not None:
                prepare()
            return _run(connection, script_location, attributes, version)
    except ButlerError:
        raise
    except (SQLAlchemyError, CommandError, OSError) as error:
        reason = getattr(error, "orig", None) or error  # without SQLAlchemy's own remarks
        shown = engine.url.render_as_string() if file_of(place) is None else place
        message = f"The registry {shown} could not be upgraded and stays as it was: {reason}"
        raise RegistryError(message) from error
    finally:
        engine.dispose()


def _run(
    connection: Connection, script_location: str, attributes: dict[str, object], version: str
) -> tuple[str | None, str | None]:
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext

    config = Config()
    config.set_main_option("script_location", script_location.replace("%", "%%"))
    config.attributes.update(attributes, connection=connection)
    state = MigrationContext.configure(connection)
    before = state.get_current_revision()
    command.upgrade(config, version)
    if connection.dialect.name == "sqlite":
        _check_links(connection)
    return before, state.get_current_revision()


def _check_links(connection: Connection) -> None:
    """Refuse a migration on SQLite that has left rows pointing to nothing.

    Foreign keys are off meanwhile: a table that is made anew would otherwise
    take the rows that point to the old one along.
    """
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(3)
    if broken:
        message = f"The upgrade would break links between tables, so nothing was changed: {broken}"
        raise RegistryError(message)


def _engine(place: str, uuid: str | None) -> Engine:
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    path = file_of(place)
    if path is None:
        from butler.registry.postgres_database import PostgresDatabase

        if uuid is None:
            message = f"The registry {place} cannot be upgraded without the uuid of its repository."
            raise RegistryError(message)
        return PostgresDatabase(place, uuid=uuid).engine()
    if not os.path.isfile(path):
        message = f"There is no registry at {path}."
        raise RegistryError(message)
    engine = create_engine("sqlite://", creator=lambda: _connect(path), poolclass=NullPool)
    # The driver's own transactions leave out DDL, and a migration that failed would stay half done.
    event.listen(engine, "begin", lambda one: one.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=_BUSY_TIMEOUT_S)
