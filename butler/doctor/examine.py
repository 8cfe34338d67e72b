"""Examine a repository, and repair what can be repaired without losing data."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from butler.doctor.adoption import Adoption
from butler.doctor.datasets import check_datasets
from butler.doctor.examination import Examination
from butler.doctor.path_index import PathIndex
from butler.doctor.registry_state import check_registry
from butler.doctor.report import Report
from butler.doctor.strays import check_strays
from butler.doctor.treatment import Treatment
from butler.doctor.unfinished import check_intents, check_trash
from butler.errors import ReadOnlyError
from butler.repository.locations import absolute_location, is_remote
from butler.repository.native import NativeRepository
from butler.repository.opening import open_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from os import PathLike

    from butler.doctor.finding import Finding

__all__ = ["examine"]


def examine(
    root: str | PathLike[str],
    treatment: Treatment | None = None,
    *,
    keep: int | None = None,
    on_finding: Callable[[Finding], None] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Report:
    """Find whatever a crash, a full disk, a lost file or a flipped bit has left.

    Parameters
    ----------
    root
        The repository.
    treatment
        How far to go; a plain look by default, which changes nothing.
    keep
        How many findings of each kind the report keeps, None for all.
    on_finding
        Told of each finding as it is found.
    on_progress
        Told how many more datasets have been looked at.

    Returns
    -------
    Report
        What was found, and what was done about it.

    Raises
    ------
    RepositoryNotFoundError
        If there is nothing of a repository.
    ReadOnlyError
        If it is one of Gen2, or is to be repaired and may not be written.

    Notes
    -----
    Others may go on writing meanwhile. What a living process has begun is left
    alone, and every fault is looked at again before it is repaired, while
    nobody else can write to the registry. A second examination finds nothing
    but damage that cannot be repaired.
    """
    treatment = treatment or Treatment()
    location = absolute_location(root)
    repository = open_repository(location)
    if not isinstance(repository, NativeRepository):
        repository.close()
        raise ReadOnlyError(
            f"{location} is a Gen2 repository, which has no registry of its outputs to be "
            f"compared with. To make it one of ours: butler migrate {location}"
        )
    report = Report(location, keep)
    examination = Examination(repository, treatment, report, on_finding, on_progress)
    try:
        if examination.is_changing:
            repository.require_writable()
        with _alone(location, is_needed=examination.is_changing):
            _examine(examination)
    finally:
        repository.close()
    return report


def _examine(examination: Examination) -> None:
    repository = examination.repository
    if not check_registry(examination):
        return
    adoption = Adoption(repository)
    index = PathIndex()
    try:
        check_intents(examination, adoption)
        check_trash(examination)
        check_datasets(examination, index)
        if not is_remote(repository.root):
            check_strays(examination, adoption, index)
    finally:
        adoption.close()


@contextmanager
def _alone(location: str, *, is_needed: bool) -> Iterator[None]:
    """Hold off other doctors that repair; writers do not notice."""
    if not is_needed or is_remote(location):
        yield
        return
    side = os.path.join(location, ".butler")
    os.makedirs(side, exist_ok=True)
    descriptor = os.open(os.path.join(side, "doctor"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
