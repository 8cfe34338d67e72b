"""Dataset types are added to a repository that is there already."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from butler.errors import ReadOnlyError
from butler.policies.policy import merge_dataset_types
from butler.repository.config import read_config, replace_config
from butler.repository.locations import absolute_location, is_remote
from butler.repository.native import NativeRepository
from butler.repository.opening import open_repository
from butler.repository.remote import read_remote_config, write_remote_config

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

__all__ = ["add_dataset_types"]


def add_dataset_types(root: str | PathLike[str], types: Mapping[str, object]) -> list[str]:
    """Write down the dataset types that a repository does not have yet.

    Parameters
    ----------
    root
        The repository. A Butler that has it open does not see them.
    types
        As in a camera's policy. One that is there under its name stays as it
        is.

    Returns
    -------
    list of str
        Those that were added.

    Raises
    ------
    ReadOnlyError
        If it is a Gen2 repository, or may not be written.
    PolicyError
        If a dataset type cannot be one.
    """
    location = absolute_location(root)
    repository = open_repository(location)
    try:
        if not isinstance(repository, NativeRepository):
            raise ReadOnlyError(f"{location} is a Gen2 repository, which is only read.")
        new = [name for name in types if name not in repository.policy.dataset_types]
        if not new:
            return []
        repository.require_writable()
        with repository.registry.write():  # two of us would each write down their own alone
            config = read_remote_config(location) if is_remote(location) else read_config(location)
            every = {**{name: types[name] for name in new}, **config.dataset_types}
            merge_dataset_types(repository.mapper.policy, every, source="the new dataset types")
            changed = replace(config, dataset_types=every)
            if is_remote(location):
                write_remote_config(location, changed, replace=True)
            else:
                replace_config(location, changed)
        return new
    finally:
        repository.close()
