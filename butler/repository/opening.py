"""Open repositories with their parents, and put them in the order of search."""

from __future__ import annotations

import os
from difflib import get_close_matches
from typing import TYPE_CHECKING

from butler.errors import RepositoryError, RepositoryNotFoundError, StorageError
from butler.mapper_lookup import canonical_name
from butler.repository.chain import Chain
from butler.repository.config import CONFIG_NAME, has_config
from butler.repository.gen2.gen2_repository import Gen2Repository
from butler.repository.gen2.layout import is_gen2_repository
from butler.repository.locations import is_remote
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from butler.repository.base import Repository

__all__ = ["RepositoryPool", "open_repository"]


def open_repository(root: str, camera: str | None = None) -> Repository:
    """Open what lies at a place, ours or Gen2's.

    Parameters
    ----------
    root
        Absolute path or URL.
    camera
        For a Gen2 repository that does not name its own.

    Raises
    ------
    RepositoryNotFoundError
        If there is no repository.
    RepositoryError
        If it cannot be understood.
    StorageError
        If this user may not look at that place.
    """
    if is_remote(root) or has_config(root):
        return NativeRepository(root)
    if is_gen2_repository(root):
        return Gen2Repository(root, camera)
    _require_visible(root)
    raise RepositoryNotFoundError(_not_found(root))


def _require_visible(root: str) -> None:
    """Tell what is hidden from this user apart from what is not there."""
    try:
        os.stat(os.path.join(root, CONFIG_NAME))
    except PermissionError as error:
        raise StorageError(
            f"{root} cannot be looked at: you may not enter it, or a directory above it. Ask its "
            f"owner for permission."
        ) from error
    except (OSError, ValueError):
        return


def _not_found(root: str) -> str:
    if os.path.isdir(root):
        return (
            f"{root} is a directory, but no repository: it has neither a butler.yaml nor what "
            f"Gen2 leaves (_mapper, registry.sqlite3). To make it one: butler create {root} "
            f"--camera NAME"
        )
    if os.path.lexists(root):
        return f"{root} is no directory, and so no repository."
    above, name = os.path.split(root)
    text = f"There is no repository at {root}."
    if os.path.isdir(above):
        close = get_close_matches(name, os.listdir(above), n=3)
        if close:
            text += f" Did you mean {' or '.join(repr(os.path.join(above, c)) for c in close)}?"
    return f"{text} To make one: butler create {root} --camera NAME"


class RepositoryPool:
    """Repositories that were opened, each once, however many chains hold it."""

    def __init__(self) -> None:
        self._open: dict[str, Repository] = {}

    def open(self, root: str, camera: str | None = None) -> Repository:
        """Open a repository, or return it if it is open already; see `open_repository`."""
        identity = _identity(root)
        found = self._open.get(identity)
        if found is None:
            found = self._open[identity] = open_repository(root, camera)
        if camera is not None and canonical_name(camera) != found.mapper.name:
            raise RepositoryError(
                f"{root} is of the camera {found.mapper.name!r}, not {camera!r}. Leave the camera "
                f"out: a repository says so itself."
            )
        return found

    def forget(self, root: str) -> None:
        """Close a repository whose configuration has changed."""
        found = self._open.pop(_identity(root), None)
        if found is not None:
            found.close()

    def chain(self, roots: Sequence[tuple[str, frozenset[str]]]) -> Chain:
        """Return the chain that searches repositories and their parents depth first.

        Parameters
        ----------
        roots
            Locations of open or openable repositories, each with its tags,
            which hold for its parents too.

        Raises
        ------
        RepositoryError
            If a repository is its own ancestor, or a parent is missing.
        """
        order: dict[str, Repository] = {}
        tags: dict[str, frozenset[str]] = {}
        for root, words in roots:
            self._visit(root, words, order, tags, ())
        return Chain(list(order.values()), [tags[identity] for identity in order])

    def _visit(
        self,
        root: str,
        words: frozenset[str],
        order: dict[str, Repository],
        tags: dict[str, frozenset[str]],
        path: tuple[str, ...],
    ) -> None:
        identity = _identity(root)
        if identity in path:
            circle = " -> ".join([*path[path.index(identity) :], identity])
            raise RepositoryError(
                f"A repository cannot be its own ancestor: {circle}. Take a parent out with "
                f"butler chain {path[-1]} --remove {identity}"
            )
        if identity in order and words <= tags[identity]:
            return
        try:
            repository = self.open(root)
        except RepositoryNotFoundError as error:
            if not path:
                raise
            raise RepositoryError(
                f"{path[-1]} has the parent {root}, but there is no repository there (any more). "
                f"If it has moved: butler chain {path[-1]} --remove {root} --append NEW_PLACE"
            ) from error
        order.setdefault(identity, repository)
        tags[identity] = tags.get(identity, frozenset()) | words
        for parent in repository.parents:
            self._visit(parent, words, order, tags, (*path, identity))

    def close(self) -> None:
        """Close every repository; they open their connections again when needed."""
        for repository in self._open.values():
            repository.close()


def _identity(root: str) -> str:
    return root if is_remote(root) else os.path.realpath(root)
