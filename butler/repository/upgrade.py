"""Bring a repository that an older version of this package made up to date."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from functools import partial
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import quote

from butler.errors import RegistryError
from butler.registry.connect import file_of
from butler.registry.schema import LATEST_VERSION
from butler.repository.locations import absolute_location
from butler.repository.native import NativeRepository, registry_place
from butler.storage.local_store import LocalStore

if TYPE_CHECKING:
    from os import PathLike

    from butler.storage.store import PendingFile

__all__ = ["backup_name", "copy_registry", "upgrade_repository"]


def backup_name(version: str) -> str:
    """Return what the copy of a registry file is called that an upgrade leaves beside it.

    Parameters
    ----------
    version
        Of the registry before the upgrade.
    """
    return f"registry.{version}.sqlite3"


def upgrade_repository(
    root: str | PathLike[str], script_location: str, *, dry_run: bool = False
) -> tuple[str, str]:
    """Run the migrations that the registry of a repository lacks, all or none.

    Parameters
    ----------
    root
        The repository.
    script_location
        Folder of the Alembic environment.
    dry_run
        Only say what the versions are.

    Returns
    -------
    tuple
        The versions before and after.

    Raises
    ------
    ReadOnlyError
        If it may not be written.
    RegistryError
        If a step fails. Nothing has changed then.

    Notes
    -----
    A registry in a file is copied first, as ``registry.VERSION.sqlite3``
    beside it. All steps are one transaction: a process that is killed leaves
    the old registry or the new one.
    """
    repository = NativeRepository(absolute_location(root))
    try:
        before = repository.registry.version
        if before >= LATEST_VERSION or dry_run:
            return before, LATEST_VERSION
        repository.require_writable()
    finally:
        repository.close()
    from butler.registry.upgrade import upgrade_registry

    place = registry_place(repository.root, repository.config)
    _, after = upgrade_registry(
        place,
        script_location,
        uuid=repository.uuid,
        prepare=partial(copy_registry, place, backup_name(before)),
    )
    return before, after or before


def copy_registry(place: str, name: str) -> None:
    """Copy the file of a registry beside it, whole or not at all, over nothing.

    Parameters
    ----------
    place
        As for ``Registry.open``; what is no file is left to its server.
    name
        Of the copy. One that is taken gets a number.

    Raises
    ------
    RegistryError
        If it cannot be copied.
    StorageError
        If there is no room.
    """
    path = file_of(place)
    if path is None:
        return
    folder = LocalStore(os.path.dirname(os.path.abspath(path)))
    pending = folder.begin(name)
    source = f"file:{quote(os.path.abspath(path))}?mode=ro"
    try:
        try:
            with (
                closing(sqlite3.connect(source, uri=True)) as old,
                closing(sqlite3.connect(pending.temporary)) as new,
            ):
                old.backup(new)  # what a WAL beside it holds comes along
        except sqlite3.Error as error:
            message = f"The registry {path} could not be copied, so nothing was changed: {error}"
            raise RegistryError(message) from error
        folder.seal(pending)
        _publish_beside(folder, pending)
        folder.sync([pending.target])
    finally:
        folder.discard(pending)


def _publish_beside(folder: LocalStore, pending: PendingFile) -> None:
    stem, dot, extension = pending.target.rpartition(".")
    for number in count(2):
        try:
            folder.publish(pending)
        except FileExistsError:
            pending.target = f"{stem}-{number}{dot}{extension}"
        else:
            return
