"""``repositoryCfg.yaml``: what a rerun of Gen2 says of itself, read as text alone.

The file carries YAML tags that name Python classes. A tag of a class becomes
the class's name, a tagged object the mapping inside it; nothing is imported.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from butler.errors import RepositoryError, RepositoryNotFoundError
from butler.repository.gen2.layout import (
    CFG_NAME,
    direct_parent,
    find_mapper_name,
    is_gen2_repository,
)
from butler.tagged_yaml import load_tagged_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "RepositoryCfg",
    "check_parents",
    "describe_repository",
    "parse_repository_cfg",
    "read_repository_cfg",
]

_LARGEST: Final = 1 << 20  # bytes
_MOST_NODES: Final = 100_000  # with every alias written out
_CATEGORIES: Final = ("images", "exposures", "calibrations", "datasets")


@dataclass(frozen=True, slots=True)
class RepositoryCfg:
    """What a ``repositoryCfg.yaml`` says.

    Parameters
    ----------
    root
        Absolute path where the data lie.
    mapper_name
        Dotted name of the camera's class, or None where the file has none.
    parents
        Absolute paths, in the order in which they are searched.
    mapper_args
        What was passed to the camera, for instance ``calibRoot``.
    dataset_types
        Gen2's description (``template``, ``python``, ``storage``, ...) of each
        dataset type that the repository adds or changes, with its
        ``category``: images, exposures, calibrations or datasets.
    """

    root: str
    mapper_name: str | None
    parents: tuple[str, ...] = ()
    mapper_args: Mapping[str, object] = field(default_factory=dict)
    dataset_types: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def describe_repository(location: str) -> RepositoryCfg:
    """Return what a Gen2 repository says of itself, in whichever of Gen2's two forms.

    Parameters
    ----------
    location
        Path of the directory.

    Raises
    ------
    RepositoryError
        If what is there cannot be read.
    """
    if os.path.exists(os.path.join(location, CFG_NAME)):
        return read_repository_cfg(location)
    parent = direct_parent(location)
    return RepositoryCfg(
        root=os.path.realpath(location),
        mapper_name=find_mapper_name(location),
        parents=() if parent is None else (parent,),
    )


def read_repository_cfg(location: str) -> RepositoryCfg:
    """Return what the ``repositoryCfg.yaml`` of a directory says.

    Parameters
    ----------
    location
        Path of the directory.

    Raises
    ------
    RepositoryError
        If the file cannot be read or is not one.
    """
    path = os.path.join(location, CFG_NAME)
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise RepositoryError(message) from error
    return parse_repository_cfg(content, location)


def parse_repository_cfg(content: bytes | str, location: str) -> RepositoryCfg:
    """Return what the text of a ``repositoryCfg.yaml`` says.

    Parameters
    ----------
    content
        The text of the file.
    location
        Path of the directory where it lies; relative places start there.

    Raises
    ------
    RepositoryError
        If it is no YAML, too large, written out too large, or not such a file.
    """
    path = os.path.join(location, CFG_NAME)
    if len(content) > _LARGEST:
        message = f"{path} is larger than {_LARGEST} bytes: this is not what Gen2 wrote."
        raise RepositoryError(message)
    data = load_tagged_yaml(content, path, most_values=_MOST_NODES)
    if not isinstance(data, dict) or not any(key in data for key in ("_mapper", "_parents")):
        message = f"{path} is not the description of a Gen2 repository: it has no _mapper."
        raise RepositoryError(message)
    return _interpret(data, os.path.realpath(location), path)


def check_parents(root: str, parents: tuple[str, ...]) -> None:
    """Refuse parents that are not there.

    Parameters
    ----------
    root
        Path of the repository.
    parents
        Absolute paths of its parents.

    Raises
    ------
    RepositoryNotFoundError
        If one is no directory. Where the tree seems to have been moved, the
        message names the place where the parent would be now.
    """
    for parent in parents:
        if os.path.isdir(parent):
            continue
        message = (
            f"The Gen2 repository {root} names the parent {parent} in its {CFG_NAME}, "
            f"and there is no such directory."
        )
        moved = _likely_place(root, parent)
        if moved:
            message += f" The tree was probably moved: {moved} looks like that parent. "
            message += f"Correct the path in {os.path.join(root, CFG_NAME)}"
        else:
            message += f" Bring it back, or correct the path in {os.path.join(root, CFG_NAME)}"
        message += ", or link the old path to the new place."
        raise RepositoryNotFoundError(message)


def _likely_place(root: str, parent: str) -> str | None:
    """Return a directory above ``root`` whose path ends like that of the lost parent."""
    place = os.path.realpath(root)
    while (above := os.path.dirname(place)) != place:
        place = above
        if os.path.basename(place) == os.path.basename(parent) and is_gen2_repository(place):
            return place
        beside = os.path.join(place, os.path.basename(parent))
        if is_gen2_repository(beside):
            return beside
    return None


def _interpret(data: dict[str, object], location: str, path: str) -> RepositoryCfg:
    mapper = data.get("_mapper")
    if mapper is not None and not isinstance(mapper, str):
        message = f"{path}: _mapper is not the name of a class."
        raise RepositoryError(message)
    arguments = data.get("_mapperArgs")
    return RepositoryCfg(
        root=_place(data.get("_root"), location),
        mapper_name=mapper,
        parents=tuple(dict.fromkeys(_parents(data.get("_parents"), location, path))),
        mapper_args=arguments if isinstance(arguments, dict) else {},
        dataset_types=dict(_dataset_types(data.get("_policy"), path)),
    )


def _place(text: object, location: str) -> str:
    """Return the absolute path that a place in the file means."""
    if not isinstance(text, str) or not text:
        return location
    return os.path.realpath(os.path.join(location, text.removeprefix("file://")))


def _parents(parents: object, location: str, path: str) -> Iterator[str]:
    if parents is None:
        return
    for parent in parents if isinstance(parents, list) else [parents]:
        if isinstance(parent, str):
            yield _place(parent, location)
        elif isinstance(parent, dict) and isinstance(parent.get("_root"), str):
            yield _place(parent["_root"], location)
        else:
            message = f"{path}: a parent is a path or a block with a _root, not {parent!r:.80}."
            raise RepositoryError(message)


def _dataset_types(policy: object, path: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the dataset types of a policy, which may be wrapped as a Python object."""
    for wrapping in ("state", "dictitems", "data"):
        if isinstance(policy, dict) and isinstance(policy.get(wrapping), dict):
            policy = policy[wrapping]
    if policy is None:
        return
    if not isinstance(policy, dict):
        message = f"{path}: _policy is not a mapping."
        raise RepositoryError(message)
    for category in _CATEGORIES:
        entries = policy.get(category)
        if not isinstance(entries, dict):
            continue
        for name, entry in entries.items():
            if isinstance(entry, dict):
                yield name, {**entry, "category": category}
