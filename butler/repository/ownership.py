"""A registry on a server belongs to one directory, though the directory may move."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from butler.errors import RepositoryError
from butler.repository.config import has_config, read_config

if TYPE_CHECKING:
    from butler.registry.registry import Registry

__all__ = ["claim_root"]

_ROOT = "root"


def claim_root(registry: Registry, root: str) -> None:
    """Record the directory of a registry, unless it belongs to another one.

    A file of SQLite is copied with its tree; rows on a server are not, so two
    copies of a tree would write into each other's registry.

    Parameters
    ----------
    registry
        On a server.
    root
        Absolute path of the directory that names it in ``butler.yaml``.

    Raises
    ------
    RepositoryError
        If another directory has the same registry.
    """
    here = os.path.realpath(root)
    there = registry.info.get(_ROOT)
    if there == here:
        return
    if there is not None and has_config(there) and read_config(there).uuid == registry.uuid:
        raise RepositoryError(
            f"{root} is a copy of {there}, and both name the registry {registry.database.url}: "
            f"what is written here would change the original. Remove the copy and work in a "
            f"rerun of the original (butler rerun {there} NAME), or take the original away if "
            f"this is to be the one."
        )
    if registry.is_writable:
        registry.set_info(_ROOT, here)
