"""The repository that files are ingested into, made ours if it is a bare directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from butler.errors import ReadOnlyError, RepositoryExistsError, RepositoryNotFoundError
from butler.repository.config import has_config
from butler.repository.create import create_repository
from butler.repository.gen2.layout import (
    find_mapper_name,
    is_bare_mapper_directory,
    is_gen2_repository,
)
from butler.repository.locations import absolute_location, is_remote
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["repository_for_ingest"]


def repository_for_ingest(root: str | PathLike[str]) -> NativeRepository:
    """Open a repository to ingest into it.

    Parameters
    ----------
    root
        A repository of ours, or a directory with nothing of a repository but
        a ``_mapper`` that names the camera: it becomes one of ours.

    Raises
    ------
    RepositoryNotFoundError
        If there is neither.
    ReadOnlyError
        If it is a repository of Gen2.
    UnknownMapperError
        If ``_mapper`` names a camera that is not installed.
    """
    location = absolute_location(root)
    if is_remote(location) or has_config(location):
        return NativeRepository(location)
    if is_bare_mapper_directory(location):
        try:
            create_repository(location, find_mapper_name(location) or "")
        except RepositoryExistsError:
            if not has_config(location):
                raise
        return NativeRepository(location)
    if is_gen2_repository(location):
        rerun = os.path.join(location, "rerun", "NAME")
        raise ReadOnlyError(
            f"{location} is a Gen2 repository, which is only read. There are two ways out: make "
            f"it one of ours with butler migrate {location}, or ingest into a rerun on top of "
            f"it: butler create {rerun} --parent {location}"
        )
    raise RepositoryNotFoundError(
        f"There is no repository at {location}. To make one: butler create {location} --camera hsc"
    )
