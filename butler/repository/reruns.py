"""Reruns: repositories on top of others, how they are made and how they are found again."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from butler.errors import ButlerError, RegistryError, RepositoryError
from butler.repository.create import create_repository
from butler.repository.locations import (
    absolute_location,
    is_remote,
    is_repository,
    topmost_repository,
)
from butler.repository.native import NativeRepository
from butler.repository.opening import RepositoryPool, open_repository
from butler.storage.steps import step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from os import PathLike

    from butler.registry.registry import Registry
    from butler.repository.base import Repository
    from butler.repository.config import RepositoryConfig

__all__ = [
    "RegisteredRerun",
    "Rerun",
    "create_child",
    "create_rerun",
    "known_reruns",
    "register_with_parents",
    "registered_reruns",
    "rerun_location",
    "unregister_with_parents",
]

logger = logging.getLogger(__name__)

_FOLDER = "rerun"
_DEEPEST = 4  # folders below ``rerun``, as in rerun/somebody/season/try
_REGISTERED = "rerun "  # begins the names under which a registry keeps them


@dataclass(frozen=True, slots=True)
class Rerun:
    """A repository that stands on another.

    Parameters
    ----------
    name
        Below ``ROOT/rerun``, or its absolute location where it lies elsewhere.
    root
        Absolute location.
    kind
        ``native`` or ``gen2``; empty where it cannot be read.
    camera
        Short name of its camera; empty likewise.
    parents
        Absolute locations of its parents, in order.
    problem
        Why it cannot be read, empty if it can.
    """

    name: str
    root: str
    kind: str = ""
    camera: str = ""
    parents: tuple[str, ...] = ()
    problem: str = ""


def create_child(
    root: str | PathLike[str],
    parents: Sequence[str | PathLike[str]],
    camera: str | None = None,
    *,
    registry: str | None = None,
    shared: bool = False,
    durability: str = "full",
) -> RepositoryConfig:
    """Make a repository, its parents checked and told of it.

    Parameters
    ----------
    root, registry, shared, durability
        As for `create_repository`.
    parents
        Repositories to read from, in order.
    camera
        Name of the camera, None for that of the parents.

    Raises
    ------
    RepositoryNotFoundError
        If a parent is not there.
    RepositoryError
        If the parents have several cameras and none was named, or there is
        neither.
    """
    places = [absolute_location(parent) for parent in parents]
    pool = RepositoryPool()
    try:
        pool.chain([(place, frozenset()) for place in places])
        cameras = {pool.open(place).mapper.name for place in places}
    finally:
        pool.close()
    if camera is None:
        camera = _only(cameras, absolute_location(root))
    config = create_repository(
        root, camera, parents=places, registry=registry, shared=shared, durability=durability
    )
    register_with_parents(absolute_location(root))
    step("create:known")
    return config


def _only(cameras: set[str], root: str) -> str:
    if len(cameras) == 1:
        return next(iter(cameras))
    seen = f"its parents are of {' and '.join(sorted(cameras))}" if cameras else "it has no parents"
    raise RepositoryError(
        f"The camera of the new repository {root} is not clear: {seen}. Say which with "
        f"--camera NAME; butler cameras lists them."
    )


def create_rerun(
    root: str | PathLike[str], name: str, parents: Sequence[str | PathLike[str]] = ()
) -> str:
    """Make ``ROOT/rerun/NAME`` and return its location.

    Parameters
    ----------
    root
        A repository.
    name
        Such as ``isr`` or ``somebody/isr``.
    parents
        Names of other reruns of ``root``, or locations of repositories; none
        for ``root`` itself.

    Raises
    ------
    RepositoryNotFoundError
        If ``root`` or a parent is not there.
    RepositoryError
        If the name cannot be one.
    RepositoryExistsError
        If there is such a rerun.
    """
    base = absolute_location(root)
    open_repository(base).close()
    location = _new_place(base, name)
    places = [rerun_location(base, parent) for parent in parents] or [base]
    create_child(location, places)
    return location


def _new_place(base: str, name: str) -> str:
    parts = name.split("/")
    if not all(part and part.isprintable() and not part.startswith(".") for part in parts):
        raise RepositoryError(
            f"{name!r} is no name for a rerun. Take one such as 'isr' or 'somebody/isr'; a "
            f"repository elsewhere is made with butler create."
        )
    folder = f"{base}/{_FOLDER}"
    for part in parts[:-1]:
        folder = f"{folder}/{part}"
        if not is_remote(base) and is_repository(folder):
            raise RepositoryError(
                f"{folder} is a rerun itself, and none is made inside. To make one on top of it, "
                f"give --parent {folder}"
            )
    return f"{folder}/{parts[-1]}"


def rerun_location(root: str, parent: str | PathLike[str]) -> str:
    """Return where a parent lies that was named as a rerun or by its place.

    Parameters
    ----------
    root
        Absolute location of the repository that the reruns belong to.
    parent
        Name below ``ROOT/rerun``, or a path or URL.
    """
    text = os.fspath(parent)
    if text and not is_remote(root) and not is_remote(text) and not os.path.isabs(text):
        named = os.path.join(root, _FOLDER, text)
        if is_repository(named):
            return named
    return absolute_location(text)


def register_with_parents(root: str) -> None:
    """Let the parents of a repository know of it, as far as they may be written.

    Parameters
    ----------
    root
        Absolute location. A parent that finds it below its own ``rerun`` is
        not told; one that cannot be written stays ignorant.
    """
    repository = NativeRepository(root)
    name = f"{_REGISTERED}{repository.uuid}"
    _tell_parents(root, repository.parents, lambda registry: registry.set_info(name, root))


def unregister_with_parents(root: str, uuid: str | None, parents: Sequence[str]) -> None:
    """Let the parents of a repository that was removed forget it, as far as they may be written.

    Parameters
    ----------
    root
        Where it was, absolute.
    uuid
        Its number.
    parents
        Their locations, absolute.
    """
    name = f"{_REGISTERED}{uuid}"
    _tell_parents(root, parents, lambda registry: registry.forget_info(name))


def _tell_parents(root: str, parents: Sequence[str], tell: Callable[[Registry], None]) -> None:
    """Tell the parents that may be written and do not find ``root`` below themselves."""
    for place in parents:
        if root.startswith(f"{place}/{_FOLDER}/"):
            continue
        try:
            parent = open_repository(place)
            if isinstance(parent, NativeRepository) and parent.is_writable:
                tell(parent.registry)
            parent.close()
        except ButlerError as error:
            logger.info("%s does not know what has become of %s: %s", place, root, error)


class RegisteredRerun(NamedTuple):
    """What a rerun told its parent: under which name it did, its uuid, and its location."""

    name: str
    uuid: str
    root: str


def registered_reruns(repository: NativeRepository) -> list[RegisteredRerun]:
    """Return the reruns that have registered with a repository, there or not.

    Parameters
    ----------
    repository
        Open.
    """
    return [
        RegisteredRerun(name, name.removeprefix(_REGISTERED), place)
        for name, place in repository.registry.info.items()
        if name.startswith(_REGISTERED)
    ]


def known_reruns(root: str | PathLike[str]) -> list[Rerun]:
    """Return the known reruns of a repository.

    Parameters
    ----------
    root
        The repository.

    Returns
    -------
    list of Rerun
        Those below ``ROOT/rerun``; those that lie beside it below the
        topmost repository and have it as a parent; and those that have
        registered with it and still have it as a parent.

    Raises
    ------
    RepositoryNotFoundError
        If there is no repository.
    """
    base = absolute_location(root)
    repository = open_repository(base)
    found: dict[str, Rerun] = {}
    try:
        if not is_remote(base):
            for place in _iter_below(f"{base}/{_FOLDER}", _DEEPEST):
                found[os.path.realpath(place)] = _describe(place, base)
        for place in _iter_elsewhere(base, repository):
            identity = place if is_remote(place) else os.path.realpath(place)
            if identity not in found:
                rerun = _describe(place, base)
                if any(_is_same(parent, base) for parent in rerun.parents):
                    found[identity] = rerun
    finally:
        repository.close()
    return sorted(found.values(), key=lambda rerun: rerun.name)


def _iter_elsewhere(base: str, repository: Repository) -> Iterator[str]:
    if not is_remote(base):
        topmost = topmost_repository(base)
        if topmost != base:
            yield from _iter_below(f"{topmost}/{_FOLDER}", _DEEPEST)
    if isinstance(repository, NativeRepository):
        try:
            registered = registered_reruns(repository)
        except RegistryError:
            return  # what lies in the directory is known all the same
        for one in registered:
            if is_remote(one.root) or is_repository(one.root):
                yield one.root


def _iter_below(folder: str, depth: int) -> Iterator[str]:
    """Yield the repositories below a folder; links are not followed any deeper."""
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    for entry in ordered:
        if entry.name.startswith(".") or not os.path.isdir(entry.path):
            continue
        if is_repository(entry.path):
            yield entry.path
        elif depth > 1 and not entry.is_symlink():
            yield from _iter_below(entry.path, depth - 1)


def _describe(place: str, base: str) -> Rerun:
    name = place.removeprefix(f"{base}/{_FOLDER}/")
    try:
        repository = open_repository(place)
    except ButlerError as error:
        return Rerun(name, place, problem=str(error))
    try:
        return Rerun(name, place, repository.kind, repository.mapper.name, repository.parents)
    finally:
        repository.close()


def _is_same(one: str, other: str) -> bool:
    if is_remote(one) or is_remote(other):
        return one == other
    return os.path.realpath(one) == os.path.realpath(other)
