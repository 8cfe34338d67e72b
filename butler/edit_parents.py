"""Change the parents of a repository: never to a circle, never half."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from butler.access.outputs import set_parents
from butler.errors import ReadOnlyError, RepositoryError
from butler.repository.locations import absolute_location, is_remote
from butler.repository.native import NativeRepository
from butler.repository.opening import RepositoryPool, open_repository
from butler.repository.reruns import register_with_parents

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

__all__ = ["edit_parents"]


def edit_parents(
    root: str | PathLike[str],
    *,
    append: Sequence[str | PathLike[str]] = (),
    prepend: Sequence[str | PathLike[str]] = (),
    remove: Sequence[str | PathLike[str]] = (),
) -> tuple[str, ...]:
    """Change the parents of a repository and return the new ones.

    Parameters
    ----------
    root
        The repository.
    append
        Parents to search after those that are there.
    prepend
        Parents to search before those that are there.
    remove
        Parents to take out; they need not exist any more.

    Raises
    ------
    RepositoryNotFoundError
        If the repository or a new parent is not there.
    RepositoryError
        If a parent to take out is none, or a new one would make a circle.
    ReadOnlyError
        If the repository may not be written.
    """
    location = absolute_location(root)
    repository = open_repository(location)
    if not isinstance(repository, NativeRepository):
        raise ReadOnlyError(
            f"{location} is a Gen2 repository, which is only read. To make it one of ours: "
            f"butler migrate {location}"
        )
    repository.require_writable()
    parents = list(repository.parents)
    for place in map(absolute_location, remove):
        parents = _without(parents, place, location)
    first = [absolute_location(place) for place in prepend]
    last = [absolute_location(place) for place in append]
    for place in (*first, *last):
        _check_no_circle(location, place)
    new = _once([*first, *parents, *last])
    set_parents(repository, new)
    repository.close()
    if first or last:
        register_with_parents(location)
    return tuple(new)


def _without(parents: list[str], place: str, root: str) -> list[str]:
    rest = [parent for parent in parents if _identity(parent) != _identity(place)]
    if len(rest) == len(parents):
        raise RepositoryError(
            f"{place} is no parent of {root}. Its parents are: {', '.join(parents) or '(none)'}."
        )
    return rest


def _check_no_circle(root: str, parent: str) -> None:
    """Refuse a parent that is the repository itself or stands on it."""
    pool = RepositoryPool()
    try:
        ancestors = pool.chain([(parent, frozenset())]).repositories
    finally:
        pool.close()
    if any(_identity(one.root) == _identity(root) for one in ancestors):
        way = parent if _identity(parent) == _identity(root) else f"{parent} -> ... -> {root}"
        raise RepositoryError(
            f"{parent} cannot be a parent of {root}: a repository cannot be its own ancestor "
            f"({root} -> {way})."
        )


def _once(places: Sequence[str]) -> list[str]:
    """Return places in order, each once however it is spelt."""
    return list({_identity(place): place for place in reversed(places)}.values())[::-1]


def _identity(place: str) -> str:
    return place if is_remote(place) else os.path.realpath(place)
