"""What SQLite complains of, in words that say what to do."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from butler.errors import ReadOnlyError, RegistryError
from butler.registry.database import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["primary_code", "registry_error", "sqlite_errors"]

_SENTENCES = {
    sqlite3.SQLITE_BUSY: "is busy: another process has been writing to it for too long. "
    "Wait for it, or end it; then try again.",
    sqlite3.SQLITE_LOCKED: "is busy: another thread has been writing for too long. Try again.",
    sqlite3.SQLITE_FULL: "could not grow: the disk is full. "
    "Nothing was changed; free some space and try again.",
    sqlite3.SQLITE_CORRUPT: "is damaged. Restore it from a backup, or recover its rows into "
    "a new file: sqlite3 registry.sqlite3 .recover",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database. Restore the file from a backup.",
    sqlite3.SQLITE_IOERR: "could not be read or written: the file system reported an error. "
    "Check the disk or the network mount, then try again.",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened. "
    "Check that the file exists and that you may read it and enter its folder.",
    sqlite3.SQLITE_PERM: "cannot be opened: you may not read it.",
}
_READ_ONLY = (sqlite3.SQLITE_READONLY,)
_CONFLICTS = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)


def primary_code(error: Exception) -> int:
    """Return SQLite's error code without its extension, 0 if there is none."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def registry_error(error: Exception, place: str) -> RegistryError | ReadOnlyError:
    """Return the error to raise instead of one of ``sqlite3``.

    Parameters
    ----------
    error
        What ``sqlite3`` raised.
    place
        The database's file.
    """
    if getattr(error, "sqlite_errorcode", None) in _CONFLICTS:
        return ConflictError(f"The registry {place} has such a row already: {error}.")
    code = primary_code(error)
    if code in _READ_ONLY:
        return ReadOnlyError(
            f"The registry {place} may not be written by you. "
            f"Make a repository of your own on top of it: butler create MINE --parent REPO"
        )
    sentence = _SENTENCES.get(code)
    if sentence is None:
        return RegistryError(f"The registry {place} refused: {error}.")
    return RegistryError(f"The registry {place} {sentence} ({error})")


@contextmanager
def sqlite_errors(place: str) -> Iterator[None]:
    """Turn the errors of ``sqlite3`` in the body into ours."""
    try:
        yield
    except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
        raise registry_error(error, place) from error
