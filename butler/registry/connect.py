"""From the place of a registry to its database."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from butler.errors import RegistryError
from butler.registry.sqlite_database import MemoryDatabase, SqliteDatabase
from butler.registry.sqlite_reader import SqliteReader

if TYPE_CHECKING:
    from butler.registry.database import Database

__all__ = ["database_at", "file_of", "may_write", "new_database_at"]

_SQLITE = "sqlite:///"
_MEMORY = "memory:"


def file_of(place: str) -> str | None:
    """Return the path of a registry in a file of SQLite, None for other places."""
    if place.startswith(_SQLITE):
        return place.removeprefix(_SQLITE)
    return None if "://" in place or place.startswith(_MEMORY) else place


def may_write(path: str) -> bool:
    """Return whether this user may write a SQLite file and make its journals beside it."""
    return os.access(path, os.W_OK) and os.access(os.path.dirname(os.path.abspath(path)), os.W_OK)


def database_at(
    place: str, *, uuid: str | None = None, read_only: bool = False, lock_path: str | None = None
) -> Database[object]:
    """Return the database of an existing registry.

    Parameters
    ----------
    place
        Path of a file, ``sqlite:///PATH``, ``memory:NAME`` or
        ``postgresql+psycopg://USER@HOST/DATABASE``.
    uuid
        Of the repository; PostgreSQL keeps each in a schema of its own.
    read_only
        Never write, even where it is allowed.
    lock_path
        Side file on which writers of a file queue.

    Raises
    ------
    RegistryError
        If there is no such file, or the place is of no known kind.
    """
    path = file_of(place)
    if path is None:
        return _elsewhere(place, uuid, read_only=read_only)
    if not os.path.isfile(path):
        message = f"There is no registry at {path}."
        raise RegistryError(message)
    if read_only or not may_write(path):
        return SqliteReader(path, may_mend=may_write(path))
    return SqliteDatabase(path, lock_path=lock_path)


def new_database_at(place: str, *, uuid: str, lock_path: str | None = None) -> Database[object]:
    """Return the database that a new registry is to be made in.

    Parameters
    ----------
    place, uuid, lock_path
        As for `database_at`.
    """
    path = file_of(place)
    if path is not None:
        return SqliteDatabase(path, lock_path=lock_path)
    return _elsewhere(place, uuid, read_only=False)


def _elsewhere(place: str, uuid: str | None, *, read_only: bool) -> Database[object]:
    if place.startswith(_MEMORY):
        return MemoryDatabase(place.removeprefix(_MEMORY).lstrip("/"))
    if not place.startswith(("postgresql://", "postgresql+psycopg://")):
        scheme = place.partition(":")[0]
        message = f"A registry cannot be kept at {scheme}: a file or postgresql+psycopg://... can."
        raise RegistryError(message)
    if uuid is None:
        message = f"The registry {place} cannot be opened without the uuid of its repository."
        raise RegistryError(message)
    from butler.registry.postgres_database import PostgresDatabase

    return PostgresDatabase(place, uuid=uuid, read_only=read_only)
