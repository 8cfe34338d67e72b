"""What makes a directory a Gen2 repository, and where its parents and its camera are named."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from butler.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "CFG_NAME",
    "MAPPER_NAME",
    "PARENT_NAME",
    "REGISTRY_NAME",
    "direct_parent",
    "find_mapper_name",
    "is_bare_mapper_directory",
    "is_gen2_repository",
    "iter_lineage",
]

CFG_NAME = "repositoryCfg.yaml"
MAPPER_NAME = "_mapper"
PARENT_NAME = "_parent"
REGISTRY_NAME = "registry.sqlite3"
_NATIVE_NAME = "butler.yaml"
_LONGEST_NAME = 1000  # characters of a camera's dotted name


def is_gen2_repository(root: str) -> bool:
    """Tell whether a local directory is a repository of Gen2.

    Parameters
    ----------
    root
        Path of the directory.

    Returns
    -------
    bool
        Whether it holds one of Gen2's marks (``repositoryCfg.yaml``,
        ``_mapper``, ``_parent``, ``registry.sqlite3``) and no ``butler.yaml``.
        A directory that `is_bare_mapper_directory` is one too, an empty one.
    """
    if os.path.lexists(os.path.join(root, _NATIVE_NAME)):
        return False
    marks = (CFG_NAME, MAPPER_NAME, PARENT_NAME, REGISTRY_NAME)
    return any(os.path.exists(os.path.join(root, name)) for name in marks)


def is_bare_mapper_directory(root: str) -> bool:
    """Tell whether a directory names a camera and has nothing else of a repository.

    Such a directory is an empty repository, which ingest may make one of ours.

    Parameters
    ----------
    root
        Path of the directory.
    """
    if not os.path.isfile(os.path.join(root, MAPPER_NAME)):
        return False
    others = (_NATIVE_NAME, CFG_NAME, PARENT_NAME, REGISTRY_NAME, "registry.pgsql")
    return not any(os.path.lexists(os.path.join(root, name)) for name in others)


def direct_parent(root: str) -> str | None:
    """Return the directory that ``_parent`` leads to, or None where there is no ``_parent``.

    Parameters
    ----------
    root
        Path of the repository.

    Returns
    -------
    str or None
        Absolute path with links followed. A plain directory ``_parent`` is
        itself the parent.

    Raises
    ------
    RepositoryError
        If the link leads nowhere.
    """
    link = os.path.join(root, PARENT_NAME)
    if not os.path.lexists(link):
        return None
    if not os.path.isdir(link):
        target = os.readlink(link) if os.path.islink(link) else "no directory"
        message = (
            f"{link} leads to {target}, where there is no directory, so the parent of {root} "
            f"cannot be read. Point the link to the place of the parent."
        )
        raise RepositoryError(message)
    return os.path.realpath(link)


def iter_lineage(root: str) -> Iterator[str]:
    """Iterate over a repository and what its ``_parent`` leads to, and so on.

    Parameters
    ----------
    root
        Path of the first repository.

    Raises
    ------
    RepositoryError
        If a repository is among its own parents, or a link leads nowhere.
    """
    seen: dict[str, None] = {}
    place: str | None = os.path.realpath(root)
    while place is not None:
        if place in seen:
            way = " -> ".join([*seen, place])
            message = f"The {PARENT_NAME} links of {root} go round in a circle: {way}."
            raise RepositoryError(message)
        seen[place] = None
        yield place
        place = direct_parent(place)


def find_mapper_name(root: str) -> str | None:
    """Return what ``_mapper`` says, in the repository or along its ``_parent`` links.

    Parameters
    ----------
    root
        Path of the repository.

    Returns
    -------
    str or None
        The first line, stripped: the name of a camera, usually the dotted name
        of a class that is only looked up in a table. None where no ``_mapper``
        is there.

    Raises
    ------
    RepositoryError
        If the file is empty or unreadable.
    """
    for place in iter_lineage(root):
        path = os.path.join(place, MAPPER_NAME)
        if os.path.isfile(path):
            return _first_line(path)
    return None


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            line = file.readline(_LONGEST_NAME).strip()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read: {error}."
        raise RepositoryError(message) from error
    if not line:
        message = f"{path} is empty. Its first line names the camera, for instance: hsc"
        raise RepositoryError(message)
    return line
