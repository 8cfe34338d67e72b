"""Files that lie where a template puts them, found one directory level at a time."""

from __future__ import annotations

import logging
import os
import re
from fnmatch import translate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from butler.data_id import DataId, KeyValue
    from butler.policies.template import Template

__all__ = ["SUFFIXES", "Directories", "existing_path", "scan_template"]

logger = logging.getLogger(__name__)

SUFFIXES: Final = ("", ".gz", ".fz")  # in the order in which Gen2 tried them
_WILD: Final = re.compile(r"[*?\[]")


class Directories:
    """Names in directories, each directory read once.

    Parameters
    ----------
    most_names
        Reading stops once so many names have been seen, None for no limit.

    Attributes
    ----------
    is_exhausted : bool
        Whether the limit was reached, so that something may have been missed.
    """

    def __init__(self, most_names: int | None = None) -> None:
        self._most_names = most_names
        self._names: dict[str, tuple[str, ...]] = {}
        self._sets: dict[str, frozenset[str]] = {}
        self._seen = 0
        self.is_exhausted = False

    def names(self, directory: str) -> tuple[str, ...]:
        """Return the sorted names in a directory, none where it cannot be read.

        Parameters
        ----------
        directory
            Path of the directory.
        """
        known = self._names.get(directory)
        if known is not None:
            return known
        if self._most_names is not None and self._seen >= self._most_names:
            self.is_exhausted = True
            return ()
        try:
            with os.scandir(directory) as entries:
                names = tuple(sorted(entry.name for entry in entries))
        except (FileNotFoundError, NotADirectoryError):
            names = ()
        except OSError as error:
            logger.warning("%s cannot be listed: %s", directory, error.strerror)
            names = ()
        self._seen += len(names)
        self._names[directory] = names
        return names

    def existing_path(self, root: str, relative: str) -> str | None:
        """Return the path, or its compressed form, whose name is in its directory.

        Parameters
        ----------
        root
            Where ``relative`` starts.
        relative
            Path as the template gives it.
        """
        folder, slash, name = relative.rpartition("/")
        directory = f"{root}/{folder}{slash}"
        known = self._sets.get(directory)
        if known is None:
            known = self._sets[directory] = frozenset(self.names(directory))
        for suffix in SUFFIXES:
            if name + suffix in known:
                return relative + suffix
        return None


def existing_path(directory: str, relative: str) -> str | None:
    """Return the path, or its compressed form, that exists.

    Parameters
    ----------
    directory
        Where ``relative`` starts.
    relative
        Path as the template gives it.

    Returns
    -------
    str or None
        ``relative``, with ``.gz`` or ``.fz`` added where that is the file.
    """
    for suffix in SUFFIXES:
        if os.path.isfile(f"{directory}/{relative}{suffix}"):
            return relative + suffix
    return None


def scan_template(
    directory: str,
    template: Template,
    fixed: Mapping[str, KeyValue],
    directories: Directories | None = None,
    *,
    prefix: str = "",
) -> Iterator[tuple[str, DataId]]:
    """Iterate over the files of a template.

    Parameters
    ----------
    directory
        Where the template's paths start.
    template
        What the paths are like, in the spelling of Gen2's repositories.
    fixed
        Keys whose values are known: only such files are looked for.
    directories
        Keeps what was read, for several templates of one place.
    prefix
        First part of the template that the paths under ``directory`` lack.

    Yields
    ------
    tuple of str and DataId
        Path under ``directory`` and the keys that it holds. Where a file
        and a compressed form of it are there, the file.
    """
    directories = directories or Directories()
    known = {key: value for key, value in fixed.items() if key in template.keys}
    pattern = template.glob(known, encode=False).removeprefix(prefix)
    *folders, last = pattern.split("/")
    for folder in _matching(directory, "", folders, directories):
        found: dict[DataId, str] = {}
        for suffix in SUFFIXES:
            for name in _fitting(directories.names(f"{directory}/{folder}"), last + suffix):
                path = f"{folder}{name}"
                data_id = template.parse(f"{prefix}{path.removesuffix(suffix)}", encode=False)
                if data_id is not None and _agrees(data_id, known):
                    found.setdefault(data_id, path)
        for data_id, path in found.items():
            yield path, data_id


def _matching(
    root: str, folder: str, patterns: list[str], directories: Directories
) -> Iterator[str]:
    """Yield the folders, each with a slash at its end, that match component by component."""
    if not patterns:
        yield folder
        return
    first, *rest = patterns
    for name in _fitting(directories.names(f"{root}/{folder}"), first):
        yield from _matching(root, f"{folder}{name}/", rest, directories)


def _fitting(names: tuple[str, ...], pattern: str) -> Iterator[str]:
    if not _WILD.search(pattern):
        return iter((pattern,) if pattern in names else ())
    matches = re.compile(translate(pattern)).match
    return (name for name in names if matches(name))


def _agrees(data_id: DataId, known: Mapping[str, KeyValue]) -> bool:
    return all(data_id[key] == value for key, value in known.items())
