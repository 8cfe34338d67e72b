"""Remove datasets, or a whole repository: what is its own, and nothing that it only links to."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from butler.errors import ReadOnlyError, RepositoryError, StorageError
from butler.registry.rows import RegistryQuery
from butler.repository.config import CONFIG_NAME, has_config
from butler.repository.locations import absolute_location, is_remote
from butler.repository.native import NativeRepository, registry_place
from butler.repository.opening import open_repository
from butler.repository.reruns import known_reruns, unregister_with_parents
from butler.storage.commit import Commit
from butler.storage.steps import step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from os import PathLike

    from butler.registry.rows import StoredRow
    from butler.repository.base import StoredDataset
    from butler.repository.reruns import Rerun

__all__ = ["RemovalPlan", "RemovalReport", "plan_removal", "remove_datasets", "remove_repository"]

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class RemovalPlan:
    """What removing a repository means.

    Parameters
    ----------
    root
        Absolute location.
    datasets
        How many it holds.
    size
        The sum of their known sizes, in bytes.
    reruns
        Known reruns, which would lose what they read from it.
    """

    root: str
    datasets: int
    size: int
    reruns: tuple[Rerun, ...]


@dataclass(frozen=True, slots=True)
class RemovalReport:
    """What became of a repository that was removed.

    Parameters
    ----------
    files
        How many files were removed.
    left
        Names in its directory that are not the repository's and stayed.
    """

    files: int
    left: tuple[str, ...]


def remove_datasets(repository: NativeRepository, datasets: Sequence[StoredDataset]) -> list[str]:
    """Forget datasets and remove their files.

    Parameters
    ----------
    repository
        Which holds them.
    datasets
        From its queries. Those that only lie there, without being registered,
        stay.

    Returns
    -------
    list of str
        The files that were removed, relative to the root. What a link leads
        to, what lies outside, and a file that holds other datasets too, stay.

    Raises
    ------
    ReadOnlyError
        If it may not be written.
    """
    repository.require_writable()
    rows = [(one.id, one.path) for one in datasets if one.id is not None]
    commit = Commit(repository.store, repository.registry)
    removed = []
    for start in range(0, len(rows), _BATCH):
        some = rows[start : start + _BATCH]
        removed += commit.remove([number for number, _ in some], [path for _, path in some])
    return removed


def plan_removal(root: str | PathLike[str], *, force: bool = False) -> RemovalPlan:
    """Return what `remove_repository` would remove, and who would miss it.

    Parameters
    ----------
    root
        The repository.
    force
        Also if its registry is missing.

    Raises
    ------
    RepositoryNotFoundError
        If there is none.
    ReadOnlyError
        If it is a Gen2 repository, or may not be written.
    RepositoryError
        If its registry is missing while there are files.
    """
    repository = _open_own(root)
    try:
        if not force:
            _refuse_lost_registry(repository)
        counts = repository.registry.counts_by_type() if _has_registry(repository) else []
        return RemovalPlan(
            repository.root,
            sum(one.datasets for one in counts),
            sum(one.size or 0 for one in counts),
            tuple(known_reruns(repository.root)) if _has_registry(repository) else (),
        )
    finally:
        repository.close()


def remove_repository(
    root: str | PathLike[str],
    *,
    force: bool = False,
    on_files: Callable[[int], None] | None = None,
) -> RemovalReport:
    """Remove a repository: its datasets' files, its registry, and what describes it.

    Parameters
    ----------
    root
        The repository.
    force
        Also if known reruns stand on it, or if its registry is missing.
    on_files
        Told how many datasets are gone, after each batch.

    Raises
    ------
    RepositoryNotFoundError
        If there is none.
    ReadOnlyError
        If it is a Gen2 repository, or may not be written.
    RepositoryError
        If reruns stand on it, or its registry is missing while there are files.

    Notes
    -----
    Rows go before files, and ``butler.yaml`` goes last: when the process is
    killed, what is left is a repository that can be read, and removed again.
    """
    repository = _open_own(root)
    try:
        reruns = known_reruns(repository.root) if _has_registry(repository) else []
        if reruns and not force:
            raise RepositoryError(_missed(repository.root, reruns))
        if not force:
            _refuse_lost_registry(repository)
        removed = _Removal(repository, on_files)
        if _has_registry(repository):
            removed.datasets()
            step("rm-repo:emptied")
            repository.registry.drop()
            step("rm-repo:dropped")
        if not is_remote(repository.root):
            removed.empty_folders()
        removed.description()
        step("rm-repo:removed")
        unregister_with_parents(repository.root, repository.uuid, repository.parents)
    finally:
        repository.close()
    return RemovalReport(removed.files, removed.left())


def _open_own(root: str | PathLike[str]) -> NativeRepository:
    repository = open_repository(absolute_location(root))
    if not isinstance(repository, NativeRepository):
        raise ReadOnlyError(
            f"{repository.root} is a Gen2 repository, which is only read. Its files can be "
            f"removed with rm -r."
        )
    if _has_registry(repository):
        repository.require_writable()
    return repository


def _has_registry(repository: NativeRepository) -> bool:
    """Tell whether the registry is there; it is not if a removal was interrupted."""
    place = registry_place(repository.root, repository.config)
    return "://" in place or place.startswith("memory:") or os.path.exists(place)


def _refuse_lost_registry(repository: NativeRepository) -> None:
    """Refuse a repository that has files and no registry that says whose they are."""
    if _has_registry(repository) or is_remote(repository.root):
        return
    own = {CONFIG_NAME, ".butler"}
    names = (name for name in os.listdir(repository.root) if name not in own)
    others = sorted(name for name in names if _holds_files(os.path.join(repository.root, name)))
    if others:
        place = registry_place(repository.root, repository.config)
        raise RepositoryError(
            f"The registry {place} is missing, so nobody knows which of {', '.join(others[:5])} "
            f"belong to the repository. Restore it, or take away its description alone with "
            f"--force (force=True): the files then stay."
        )


def _holds_files(path: str) -> bool:
    """Tell whether a path is anything but a tree of empty folders."""
    if os.path.islink(path) or not os.path.isdir(path):
        return True
    return any(
        names or any(os.path.islink(os.path.join(folder, one)) for one in folders)
        for folder, folders, names in os.walk(path)
    )


def _missed(root: str, reruns: Sequence[Rerun]) -> str:
    places = "\n".join(f"  {rerun.root}" for rerun in reruns)
    return (
        f"{root} is not removed, because reruns stand on it:\n{places}\nRemove them first, or "
        f"take it out of their chains (butler chain RERUN --remove {root}), or give --force."
    )


class _Removal:
    """One repository while it goes."""

    def __init__(
        self, repository: NativeRepository, on_files: Callable[[int], None] | None
    ) -> None:
        self.repository = repository
        self.root = repository.root
        self.files = 0
        self._real = "" if is_remote(self.root) else os.path.realpath(self.root)
        self._folders: set[str] = set()
        self._on_files = on_files

    def datasets(self) -> None:
        """Remove every dataset, and the files of replaced ones."""
        registry, store = self.repository.registry, self.repository.store
        commit = Commit(store, registry)
        for kind in registry.dataset_types().values():
            rows = registry.query(RegistryQuery(kind.name, kind.keys))
            for batch in _batches(rows):
                own = [row.id for row in batch if self._is_own(row.path)]
                others = [row.id for row in batch if not self._is_own(row.path)]
                self.files += len(commit.remove(own))
                registry.delete(others)
                if self._on_files is not None:
                    self._on_files(len(batch))
        for gone in registry.trash():
            if self._is_own(gone.path):
                store.remove(gone.path)

    def _is_own(self, path: str) -> bool:
        """Tell whether a file lies in the repository, no link on the way leading out."""
        if path.startswith("/") or "://" in path:
            return False
        if is_remote(self.root):
            return True
        folder = os.path.dirname(path)
        if folder in self._folders:
            return True
        real = os.path.realpath(os.path.join(self.root, folder))
        if real != self._real and not real.startswith(f"{self._real}/"):
            return False
        self._folders.add(folder)
        return True

    def empty_folders(self) -> None:
        """Remove the folders that datasets which are gone have left empty."""
        self._clear(self.root)

    def _clear(self, folder: str) -> None:
        below: list[str] = []
        with suppress(OSError), os.scandir(folder) as entries:
            below = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        for path in below:
            if not has_config(path):  # another repository
                self._clear(path)
        with suppress(OSError):  # not empty
            os.rmdir(folder)

    def description(self) -> None:
        """Remove what describes the repository, ``butler.yaml`` last, and folders left empty."""
        if is_remote(self.root):
            self.repository.store.remove(CONFIG_NAME)
            return
        try:
            side = os.path.join(self.root, ".butler")
            if os.path.islink(side):
                os.unlink(side)
            else:
                shutil.rmtree(side, ignore_errors=True)
            for name in ("_mapper", CONFIG_NAME):
                with suppress(FileNotFoundError):
                    os.unlink(os.path.join(self.root, name))
        except OSError as error:
            raise StorageError(f"{self.root} cannot be removed: {error}") from error
        for folder in sorted(self._folders, key=len, reverse=True):
            self._prune(folder)
        for folder in (f"{self.root}/rerun", self.root):
            with suppress(OSError):
                os.rmdir(folder)

    def _prune(self, folder: str) -> None:
        while folder:
            try:
                os.rmdir(os.path.join(self.root, folder))
            except OSError:
                return  # not empty, or gone already
            folder = os.path.dirname(folder)

    def left(self) -> tuple[str, ...]:
        """Return what has stayed in the directory."""
        if is_remote(self.root) or not os.path.isdir(self.root):
            return ()
        return tuple(sorted(os.listdir(self.root)))


def _batches(rows: Iterator[StoredRow]) -> Iterator[list[StoredRow]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch
