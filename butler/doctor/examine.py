"""Examine a repository, and repair what can be repaired without losing data."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from butler.doctor.adoption import Adoption
from butler.doctor.case_notes import CaseNotes
from butler.doctor.datasets import check_datasets
from butler.doctor.examination import Examination
from butler.doctor.finding import Finding
from butler.doctor.half_made import check_half_made
from butler.doctor.objects import check_objects
from butler.doctor.path_index import PathIndex
from butler.doctor.probe import probe_place
from butler.doctor.registry_state import check_registry
from butler.doctor.report import Report
from butler.doctor.strays import check_strays
from butler.doctor.surroundings import check_parents, check_reruns, check_side_files, check_sources
from butler.doctor.treatment import Treatment
from butler.doctor.unfinished import check_intents, check_trash
from butler.errors import (
    PolicyError,
    ReadOnlyError,
    RepositoryError,
    RepositoryNotFoundError,
    UnknownMapperError,
)
from butler.repository.config import CONFIG_NAME, has_config
from butler.repository.locations import absolute_location, is_remote
from butler.repository.native import NativeRepository
from butler.repository.opening import open_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from os import PathLike

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
    report = Report(absolute_location(root), keep)
    notes = CaseNotes(treatment or Treatment(), report, on_finding)
    if is_remote(report.root) or has_config(report.root):
        _examine_ours(notes, on_progress)
    elif not check_half_made(notes, report.root):
        _refuse(report.root)
    return report


def _refuse(root: str) -> None:
    open_repository(root).close()  # which says so if there is nothing
    raise ReadOnlyError(
        f"{root} is a Gen2 repository, which has no registry of its outputs to be compared with. "
        f"To make it one of ours: butler migrate {root}"
    )


def _examine_ours(notes: CaseNotes, on_progress: Callable[[int], None] | None) -> None:
    root = notes.report.root
    try:
        repository = NativeRepository(root)
    except (RepositoryNotFoundError, UnknownMapperError):
        raise
    except (RepositoryError, PolicyError) as error:
        notes.tell(Finding("config_unreadable", CONFIG_NAME, str(error)))
        return
    examination = Examination(repository, notes, on_progress)
    try:
        with _alone(root, is_needed=notes.is_changing):
            _examine(examination)
    finally:
        repository.close()


def _examine(examination: Examination) -> None:
    repository, treatment = examination.repository, examination.treatment
    is_local = not is_remote(repository.root)
    if treatment.probe:
        probe_place(examination)
    check_parents(examination)
    if not check_registry(examination):
        return
    if examination.notes.is_changing:
        repository.require_writable()
    check_reruns(examination)
    adoption = Adoption(repository)
    index = PathIndex()
    try:
        check_intents(examination, adoption)
        check_trash(examination)
        check_datasets(examination, index)
        if is_local:
            check_strays(examination, adoption, index)
        else:
            check_objects(examination, adoption, index)
    finally:
        adoption.close()
    if is_local:
        check_side_files(examination)
        check_sources(examination)


@contextmanager
def _alone(location: str, *, is_needed: bool) -> Iterator[None]:
    """Hold off other doctors that repair; writers do not notice."""
    if not is_needed or is_remote(location):
        yield
        return
    side = os.path.join(location, ".butler")
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        os.makedirs(side, exist_ok=True)
        descriptor = os.open(os.path.join(side, "doctor"), flags, 0o666)
    except OSError as error:
        raise ReadOnlyError(
            f"{location} cannot be repaired by you: {side} may not be written ({error.strerror}). "
            f"Ask its owner; to look only, leave --repair away."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
