"""Import datasets from another repository, or files by a table."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from butler.errors import ParameterError, RepositoryError
from butler.ingest.destination import repository_for_ingest
from butler.moving.gen3_source import Gen3Source, find_gen3_export
from butler.moving.repository_source import RepositorySource
from butler.moving.table_source import TableSource
from butler.moving.take import take_datasets
from butler.registry.condition import Everything
from butler.repository.locations import is_remote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from os import PathLike

    from butler.moving.offer import Source
    from butler.moving.report import DatasetReport, MoveReport
    from butler.registry.condition import Condition
    from butler.repository.native import NativeRepository

__all__ = ["import_datasets", "import_table"]

_EVERYTHING = Everything()


def import_datasets(
    destination: str | PathLike[str],
    source: str | PathLike[str],
    dataset_types: Sequence[str] = (),
    *,
    condition: Condition = _EVERYTHING,
    with_parents: bool = False,
    mode: str = "auto",
    force: bool = False,
    dry_run: bool = False,
    checksum: bool = False,
    on_dataset: Callable[[DatasetReport], None] | None = None,
) -> MoveReport:
    """Take datasets from one repository into another.

    Parameters
    ----------
    destination
        One of ours, on a local disk.
    source
        Ours or Gen2's; or an export of Gen3: its ``exports.yaml``, or the
        directory that holds it.
    dataset_types
        Those that are wanted; none for all that the source has registered.
    condition
        Which of them; literals not typed yet.
    with_parents
        Also what the source reads from its parents.
    force
        With mode ``move``: also what known reruns of the source need.
    mode, dry_run, checksum, on_dataset
        As for `take_datasets`.

    Returns
    -------
    MoveReport
        One report for each dataset.

    Raises
    ------
    RepositoryNotFoundError
        If one of the two is not there.
    DatasetNotFoundError
        If something was asked for and nothing matches.
    RepositoryError
        If they are one repository, or of different cameras.
    ParameterError
        If the mode is unknown, or has no meaning for such a source.
    """
    repository = repository_for_ingest(destination)
    try:
        export = None if is_remote(os.fspath(source)) else find_gen3_export(source)
        if export is not None:
            _refuse_choice(condition, mode, with_parents=with_parents)
            offered: AbstractContextManager[Source]
            offered = nullcontext(Gen3Source(export, repository, dataset_types))
        else:
            chosen = RepositorySource(source, dataset_types, condition, with_parents=with_parents)
            offered = _checked(chosen, repository, mode, force=force)
        with offered as everything:
            return take_datasets(
                repository,
                everything,
                mode=mode,
                dry_run=dry_run,
                checksum=checksum,
                on_dataset=on_dataset,
            )
    finally:
        repository.close()


@contextmanager
def _checked(
    source: RepositorySource, repository: NativeRepository, mode: str, *, force: bool
) -> Iterator[RepositorySource]:
    """Yield a source that may be taken from, and close it."""
    try:
        _refuse_same(repository, source)
        if mode == "move":
            source.require_movable(force=force)
        source.require_match()
        yield source
    finally:
        source.close()


def import_table(
    destination: str | PathLike[str],
    table: str | PathLike[str],
    dataset_type: str | None = None,
    *,
    mode: str = "auto",
    dry_run: bool = False,
    checksum: bool = False,
    on_dataset: Callable[[DatasetReport], None] | None = None,
) -> MoveReport:
    """Take files that somebody else made, by a table with data IDs in columns.

    Parameters
    ----------
    destination
        One of ours, on a local disk.
    table
        As for `TableSource`.
    dataset_type
        What all of them are, None if the table has a column that says it.
    mode, dry_run, checksum, on_dataset
        As for `take_datasets`.

    Returns
    -------
    MoveReport
        One report for each row; bad ones are named by their line.

    Raises
    ------
    RepositoryNotFoundError
        If there is no repository.
    UnknownDatasetTypeError
        If the type that was named is not known.
    FormatterError, StorageError
        If the table cannot be read.
    """
    repository = repository_for_ingest(destination)
    try:
        return take_datasets(
            repository,
            TableSource(table, repository, dataset_type),
            mode=mode,
            dry_run=dry_run,
            checksum=checksum,
            on_dataset=on_dataset,
        )
    finally:
        repository.close()


def _refuse_choice(condition: Condition, mode: str, *, with_parents: bool) -> None:
    """Refuse what has no meaning for an export of Gen3."""
    if with_parents or not isinstance(condition, Everything):
        raise ParameterError(
            "Of a Gen3 export whole dataset types are taken: name these, without a condition."
        )
    if mode == "move":
        raise ParameterError("A Gen3 export keeps its files: choose another mode than 'move'.")


def _refuse_same(repository: NativeRepository, source: RepositorySource) -> None:
    for place in source.repositories:
        if _identity(place.root) == _identity(repository.root):
            raise RepositoryError(
                f"{repository.root} cannot take datasets from itself. Name another repository."
            )


def _identity(root: str) -> str:
    return root if is_remote(root) else os.path.realpath(root)
