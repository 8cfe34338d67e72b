"""Bring a repository that an older version of this package made up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from butler.registry.schema import LATEST_VERSION
from butler.repository.locations import absolute_location
from butler.repository.native import NativeRepository, registry_place

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["upgrade_repository"]


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
    _, after = upgrade_registry(place, script_location, uuid=repository.uuid)
    return before, after or before
