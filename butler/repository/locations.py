"""Where repositories lie, and how one names another so that both can be moved together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from butler.errors import RepositoryError
from butler.repository.config import has_config
from butler.repository.gen2.layout import is_gen2_repository

if TYPE_CHECKING:
    from os import PathLike

__all__ = [
    "absolute_location",
    "is_remote",
    "is_repository",
    "parent_as_opened",
    "parent_as_stored",
    "topmost_repository",
]


def is_remote(location: str) -> bool:
    """Tell whether a location is the URL of a store rather than a local path."""
    return "://" in location and not location.startswith("file://")


def absolute_location(place: str | PathLike[str]) -> str:
    """Return the absolute path or the URL of what a user named.

    Parameters
    ----------
    place
        A path, ``~`` allowed, or a URL.

    Raises
    ------
    RepositoryError
        If it is empty, or no path can be so called.
    """
    text = os.fspath(place)
    if not text:
        raise RepositoryError("A repository is named by its directory; an empty name is none.")
    if "\0" in text:
        raise RepositoryError(f"No directory can be called {text!r}: a NUL character is in it.")
    if is_remote(text):
        return text.rstrip("/")
    return os.path.abspath(os.path.expanduser(text.removeprefix("file://")))


def is_repository(root: str) -> bool:
    """Tell whether a local directory is a repository, ours or Gen2's."""
    return has_config(root) or is_gen2_repository(root)


def topmost_repository(root: str) -> str:
    """Return the outermost repository that holds a directory, or the directory itself.

    Parameters
    ----------
    root
        Absolute local path. It need not be a repository yet.
    """
    topmost = directory = root
    while (above := os.path.dirname(directory)) != directory:
        directory = above
        if is_repository(directory):
            topmost = directory
    return topmost


def parent_as_stored(root: str, parent: str) -> str:
    """Return how a repository writes down its parent.

    A parent is relative when one of the two lies inside the other's topmost
    repository, so that a moved or copied tree reads its own files.

    Parameters
    ----------
    root
        Absolute location of the repository.
    parent
        Absolute location of its parent.
    """
    if is_remote(root) or is_remote(parent):
        return parent
    root, parent = os.path.realpath(root), os.path.realpath(parent)
    if _is_inside(parent, topmost_repository(root)) or _is_inside(root, topmost_repository(parent)):
        return os.path.relpath(parent, root)
    return parent


def parent_as_opened(root: str, stored: str) -> str:
    """Return the absolute location of a parent as a repository wrote it down."""
    if is_remote(stored):
        return stored
    if is_remote(root):
        return stored
    return os.path.normpath(os.path.join(os.path.realpath(root), stored))


def _is_inside(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")
