"""What takes how much space in a repository."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from butler.errors import ButlerError
from butler.repository.locations import absolute_location, is_remote
from butler.repository.native import NativeRepository
from butler.repository.opening import open_repository
from butler.repository.reruns import known_reruns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from butler.registry.rows import FileRow
    from butler.repository.base import Repository

__all__ = ["Share", "measure_usage"]

Part: TypeAlias = Literal["type", "run", "rerun", "total"]


@dataclass(slots=True)
class Share:
    """What one part of a repository takes.

    Parameters
    ----------
    part
        What is told apart: a dataset ``type``, a ``run`` (one process that
        wrote), a ``rerun``, or the ``total`` without reruns.
    name
        Of the type, the rerun, or what is known of the run.
    datasets
        How many there are.
    size
        Of their files, in bytes, links followed; a file that holds several
        datasets counts once. None where nobody knows.
    own
        How much of it lies in the repository itself, links and files
        registered elsewhere left out. None where it was not looked at.
    """

    part: Part
    name: str
    datasets: int = 0
    size: int | None = 0
    own: int | None = 0

    def add(self, size: int, own: int) -> None:
        """Count one dataset."""
        self.datasets += 1
        self.size = (self.size or 0) + size
        self.own = (self.own or 0) + own


def measure_usage(root: str | PathLike[str]) -> list[Share]:
    """Return what takes how much space: types, runs, known reruns, and the total.

    Parameters
    ----------
    root
        The repository.

    Returns
    -------
    list of Share
        Types and reruns by name, runs in order. In a Gen2 repository, whose
        files no registry knows, types are counted and not measured.

    Raises
    ------
    RepositoryNotFoundError
        If there is none.

    Notes
    -----
    Every registered file is looked at, none is read. What lies in the
    directory without being registered is not counted.
    """
    location = absolute_location(root)
    repository = open_repository(location)
    try:
        shares = _own_shares(repository)
    finally:
        repository.close()
    total = shares.pop()
    for rerun in known_reruns(location):
        try:
            opened = open_repository(rerun.root)
        except ButlerError:
            shares.append(Share("rerun", rerun.name, 0, None, None))
            continue
        try:
            share = _own_shares(opened)[-1]
        finally:
            opened.close()
        shares.append(Share("rerun", rerun.name, share.datasets, share.size, share.own))
    return [*shares, total]


def _own_shares(repository: Repository) -> list[Share]:
    """Return the types and runs of one repository, its total last."""
    if not isinstance(repository, NativeRepository):
        counts = repository.dataset_types()
        shares = [Share("type", name, n, None, None) for name, n in sorted(counts.items())]
        return [*shares, Share("total", repository.root, sum(counts.values()), None, None)]
    types: defaultdict[str, Share] = defaultdict(lambda: Share("type", ""))
    runs: defaultdict[int | None, Share] = defaultdict(lambda: Share("run", ""))
    total = Share("total", repository.root)
    measure = _Measure(repository.root)
    for row in repository.registry.iter_files():
        size, own = measure(row)
        for share in (types[row.dataset_type], runs[row.run_id], total):
            share.add(size, own)
    for name, share in types.items():
        share.name = name
    told = repository.registry.runs()
    for number, share in runs.items():
        share.name = _told(number, told)
    by_number = sorted(runs, key=lambda number: number or 0)
    return [*(types[name] for name in sorted(types)), *(runs[n] for n in by_number), total]


def _told(number: int | None, runs: Mapping[int, str]) -> str:
    return "(none)" if number is None else runs.get(number, str(number))


class _Measure:
    """Looks at files, those of several datasets once."""

    def __init__(self, root: str) -> None:
        self._root = None if is_remote(root) else root
        self._seen: set[str] = set()

    def __call__(self, row: FileRow) -> tuple[int, int]:
        if row.hdu is not None:
            if row.path in self._seen:
                return 0, 0
            self._seen.add(row.path)
        size = row.size or 0
        if row.path.startswith("/") or "://" in row.path:
            return size, 0
        if self._root is None:
            return size, size
        try:
            status = os.lstat(os.path.join(self._root, row.path))
        except OSError:
            return size, 0
        return size, status.st_size if stat.S_ISREG(status.st_mode) else 0
