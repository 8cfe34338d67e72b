"""Output repositories: found or made, their parents checked against the inputs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from butler.errors import ReadOnlyError, RepositoryError, RepositoryExistsError
from butler.policies.policy import merge_dataset_types
from butler.repository.config import has_config, replace_config
from butler.repository.create import create_repository
from butler.repository.locations import is_remote, is_repository, parent_as_stored
from butler.repository.native import NativeRepository
from butler.repository.remote import has_remote_config, write_remote_config
from butler.repository.reruns import register_with_parents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from butler.access.arguments import RepositoryPlace
    from butler.repository.base import Repository
    from butler.repository.opening import RepositoryPool

__all__ = ["check_dataset_types", "prepare_output", "set_parents"]


def prepare_output(
    place: RepositoryPlace, inputs: Sequence[Repository], pool: RepositoryPool
) -> NativeRepository:
    """Return an output repository, made if it is not there.

    Parameters
    ----------
    place
        What the user named.
    inputs
        The repositories that the user reads from: a new output has them as
        its parents, an old one gets those that are new at the end.
    pool
        Where it is opened.

    Raises
    ------
    ReadOnlyError
        If it is a Gen2 repository, or may not be written.
    RepositoryError
        If its camera or its parents are others than asked for.
    """
    parents = [one.root for one in inputs if not _is_same(one.root, place.root)]
    if not _is_there(place.root):
        try:
            camera = place.mapper or _only_camera(place.root, inputs)
            create_repository(
                place.root, camera, parents=parents, dataset_types=dict(place.dataset_types)
            )
            register_with_parents(place.root)
        except RepositoryExistsError:
            if not _is_there(place.root):  # otherwise another process was faster
                raise _only_read(place.root) from None
    repository = pool.open(place.root, place.mapper)
    if not isinstance(repository, NativeRepository):
        raise _only_read(place.root)
    check_dataset_types(place, repository)
    return _with_parents(repository, parents, pool)


def check_dataset_types(place: RepositoryPlace, repository: Repository) -> None:
    """Refuse dataset types that a user gives to a repository which has others.

    Parameters
    ----------
    place
        What the user named.
    repository
        What is there.

    Raises
    ------
    RepositoryError
        If a dataset type is not there, or is another one there.
    """
    if not place.dataset_types:
        return
    wanted = merge_dataset_types(
        repository.mapper.policy, dict(place.dataset_types), source="policy"
    )
    for name, _ in place.dataset_types:
        there = repository.policy.dataset_types.get(name)
        if there != wanted.dataset_types[name]:
            raise RepositoryError(
                f"{place.root} {'defines' if there else 'does not define'} the dataset type "
                f"{name!r}{' otherwise' if there else ''}. Dataset types are given to a repository "
                f"when it is made; later they are added in its butler.yaml."
            )


def _only_read(root: str) -> ReadOnlyError:
    return ReadOnlyError(
        f"{root} is a Gen2 repository, which is only read. Write to a rerun on top of it (another "
        f"outputs=), or make it one of ours: butler migrate {root}"
    )


def _is_there(root: str) -> bool:
    return has_remote_config(root) if is_remote(root) else has_config(root)


def _is_same(one: str, other: str) -> bool:
    if is_remote(one) or is_remote(other):
        return one == other
    return os.path.realpath(one) == os.path.realpath(other)


def _only_camera(root: str, inputs: Sequence[Repository]) -> str:
    names = sorted({one.mapper.name for one in inputs})
    if len(names) == 1:
        return names[0]
    if not is_remote(root) and is_repository(root):
        raise _only_read(root)
    seen = f"the inputs are of {' and '.join(names)}" if names else "there are no inputs to ask"
    raise RepositoryError(
        f"{root} is new, and its camera is not clear: {seen}. "
        f"Say which: outputs={{'root': {root!r}, 'mapper': 'hsc'}}, or make it with "
        f"butler create {root} --camera NAME"
    )


def _with_parents(
    repository: NativeRepository, parents: Sequence[str], pool: RepositoryPool
) -> NativeRepository:
    """Give an output the inputs that it does not have yet as further parents."""
    there = list(repository.parents)
    if not parents or _begins_with(there, parents):
        return repository
    if not _begins_with(parents, there):
        raise RepositoryError(
            f"{repository.root} has the parents {', '.join(there) or '(none)'}, and the inputs "
            f"are {', '.join(parents)}. Inputs may be added after the parents that are there, in "
            f"the same order. To change the parents: butler chain {repository.root}"
        )
    set_parents(repository, parents)
    register_with_parents(repository.root)
    pool.forget(repository.root)
    opened = pool.open(repository.root)
    assert isinstance(opened, NativeRepository)  # noqa: S101 - it was one a moment ago
    return opened


def _begins_with(longer: Sequence[str], shorter: Sequence[str]) -> bool:
    if len(longer) < len(shorter):
        return False
    return all(_is_same(a, b) for a, b in zip(longer, shorter, strict=False))


def set_parents(repository: NativeRepository, parents: Sequence[str]) -> None:
    """Write down other parents of a repository.

    Parameters
    ----------
    repository
        To be opened anew afterwards.
    parents
        Absolute locations, in the order of search.

    Raises
    ------
    ReadOnlyError
        If it may not be written.
    """
    repository.require_writable()
    stored = tuple(dict.fromkeys(parent_as_stored(repository.root, one) for one in parents))
    config = repository.config.with_parents(stored)
    if is_remote(repository.root):
        write_remote_config(repository.root, config, replace=True)
    else:
        replace_config(repository.root, config)
