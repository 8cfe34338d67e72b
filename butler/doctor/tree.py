"""The directories of a repository, one at a time, without those that belong to others."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from butler.repository.config import CONFIG_NAME, has_config
from butler.repository.gen2.embedded import CALIB_NAME, CALIB_REGISTRY_NAME
from butler.storage.writer_mark import WriterMark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from butler.repository.native import NativeRepository

__all__ = ["Directory", "TemporaryFile", "iter_directories"]

_RERUNS = "rerun"
_OWN = {"_mapper", "_parent", "repositoryCfg.yaml", CONFIG_NAME, ".butler"}
_REGISTRIES = ("registry.sqlite3", "registry.gen2.sqlite3", "butler.sqlite3")


class TemporaryFile(NamedTuple):
    """A temporary file of a writer, or the temporary directory of an export."""

    path: str
    mark: WriterMark
    inode: int
    changed_s: float


@dataclass(slots=True)
class Directory:
    """What lies in one directory.

    Parameters
    ----------
    path
        Relative to the root, empty for the root itself.
    names
        Of files and links, without temporary ones and those that begin with a
        dot.
    temporaries
        Of writers, dead or alive.
    is_embedded
        Whether unregistered files are at home here.
    problem
        Why it cannot be read, empty if it can.
    """

    path: str
    names: list[str] = field(default_factory=list)
    temporaries: list[TemporaryFile] = field(default_factory=list)
    is_embedded: bool = False
    problem: str = ""

    def join(self, name: str) -> str:
        """Return the path of a name in it, relative to the root."""
        return f"{self.path}/{name}" if self.path else name


def iter_directories(repository: NativeRepository) -> Iterator[Directory]:
    """Yield the directories of a local repository, its reruns and ``.butler`` left out.

    Parameters
    ----------
    repository
        On a local disk. Links to directories are not followed.
    """
    root = repository.root
    own = _OWN | {name + end for name in _REGISTRIES for end in ("", "-wal", "-shm", "-journal")}
    registry = repository.config.registry
    own |= {registry + end for end in ("", "-wal", "-shm", "-journal")}
    kinds = repository.policy.dataset_types.values()
    embedded = {kind.embedded for kind in kinds if kind.embedded} - {CALIB_NAME}
    if os.path.lexists(os.path.join(root, CALIB_NAME, CALIB_REGISTRY_NAME)):
        embedded.add(CALIB_NAME)
    waiting = [""]
    while waiting:
        path = waiting.pop()
        directory = Directory(path, is_embedded=path.partition("/")[0] in embedded)
        folders = _read(root, directory)
        if not path:
            directory.names = [name for name in directory.names if name not in own]
            folders = [name for name in folders if name != _RERUNS]
        yield directory
        below = [directory.join(name) for name in sorted(folders, reverse=True)]
        waiting += [one for one in below if not has_config(os.path.join(root, one))]


def _read(root: str, directory: Directory) -> list[str]:
    """Fill a directory with what lies in it; return the folders, linked ones left out."""
    folders = []
    try:
        with os.scandir(os.path.join(root, directory.path)) as entries:
            for entry in entries:
                mark = WriterMark.of(entry.name)
                if mark is not None:
                    _add_temporary(directory, entry, mark)
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif not entry.name.startswith(".") and not _leads_to_folder(entry):
                    directory.names.append(entry.name)
    except FileNotFoundError:
        return []
    except OSError as error:
        directory.problem = str(error.strerror)
        return []
    return [name for name in folders if not name.startswith(".")]


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_symlink() and os.path.isdir(entry.path)  # is_dir() fails on links in a circle


def _add_temporary(directory: Directory, entry: os.DirEntry[str], mark: WriterMark) -> None:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return  # it has served its purpose
    changed = max(status.st_ctime, status.st_mtime)
    path = directory.join(entry.name)
    directory.temporaries.append(TemporaryFile(path, mark, status.st_ino, changed))
