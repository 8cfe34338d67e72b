"""Export datasets: as a repository of their own, as a table of contents, or both."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from butler.errors import ParameterError, RepositoryExistsError, StorageError
from butler.ingest.link import as_mode
from butler.moving.contents_table import (
    COLUMNS,
    check_contents_name,
    write_contents,
    written_contents,
)
from butler.moving.report import DatasetReport, MoveReport
from butler.moving.repository_source import RepositorySource
from butler.moving.take import TAKING_MODES, take_datasets
from butler.registry.condition import Everything
from butler.repository.create import create_repository
from butler.repository.locations import absolute_location, is_remote
from butler.repository.native import NativeRepository
from butler.storage.steps import step
from butler.storage.writer_mark import WriterMark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from os import PathLike

    from butler.data_id import KeyType
    from butler.ingest.link import Mode
    from butler.moving.offer import Offer
    from butler.registry.condition import Condition

__all__ = ["EXPORT_MODES", "export_datasets"]

EXPORT_MODES: tuple[Mode, ...] = tuple(mode for mode in TAKING_MODES if mode != "move")
"""The ways in which datasets are exported: nothing is taken from the repository."""

_EVERYTHING = Everything()
_ENDING = ".export"


def export_datasets(
    root: str | PathLike[str],
    destination: str | PathLike[str] | None,
    dataset_types: Sequence[str] = (),
    *,
    condition: Condition = _EVERYTHING,
    with_parents: bool = False,
    mode: str = "copy",
    table: str | PathLike[str] | None = None,
    dry_run: bool = False,
    on_dataset: Callable[[DatasetReport], None] | None = None,
) -> MoveReport:
    """Export datasets of a repository.

    Parameters
    ----------
    root
        The repository, ours or Gen2's.
    destination
        The new repository, which must not be there yet; None for a table of
        contents alone.
    dataset_types, condition, with_parents
        What is exported, as for `import_datasets`.
    mode
        As for `ingest_files`, without ``skip`` and ``move``. Copies open
        anywhere; relative links where both trees are moved together.
    table
        A table of contents, ECSV or CSV by its ending. Its paths are relative
        to its folder where they lie below.
    dry_run
        Only report what would be done.
    on_dataset
        Told of each dataset.

    Returns
    -------
    MoveReport
        One report for each dataset.

    Raises
    ------
    RepositoryExistsError
        If there is something at the destination, beside an empty directory.
    DatasetExistsError
        If there is a file at the table's place.
    DatasetNotFoundError
        If something was asked for and nothing matches.
    StorageError
        If the disk refuses. Nothing is left then.
    ParameterError
        If neither destination nor table is named, or the mode is unknown.

    Notes
    -----
    The repository grows under a temporary name beside its place and is
    renamed when it is whole; the table is written just before.
    """
    way = as_mode(mode, EXPORT_MODES)
    if destination is None and table is None:
        raise ParameterError("An export needs a destination, a table, or both.")
    source = RepositorySource(root, dataset_types, condition, with_parents=with_parents)
    try:
        source.require_match()
        export = _Export(source, way, table, on_dataset)
        if destination is None:
            return export.contents(dry_run=dry_run)
        return export.repository(absolute_location(destination), dry_run=dry_run)
    finally:
        source.close()


class _Export:
    def __init__(
        self,
        source: RepositorySource,
        mode: Mode,
        table: str | PathLike[str] | None,
        on_dataset: Callable[[DatasetReport], None] | None,
    ) -> None:
        self.source, self.mode, self.on_dataset = source, mode, on_dataset
        self.table = None if table is None else os.path.abspath(table)
        if self.table is not None:
            check_contents_name(self.table)

    def contents(self, *, dry_run: bool) -> MoveReport:
        """Write the table of contents alone."""
        assert self.table is not None  # noqa: S101 - it was asked for
        offers = list(_iter_offers(self.source))
        reports = [
            DatasetReport(name, offer.data_id, offer.label, "taken", target=self.table)
            for name, offer in offers
        ]
        if not dry_run:
            shown = _shown_from(os.path.dirname(self.table))
            write_contents(self.table, *_contents(self.source, offers, shown))
        if self.on_dataset is not None:
            for report in reports:
                self.on_dataset(report)
        return MoveReport(self.table, tuple(reports), tuple(self.source.left_out), dry_run)

    def repository(self, place: str, *, dry_run: bool) -> MoveReport:
        """Write a repository, and the table if one was asked for."""
        if is_remote(place):
            raise StorageError(f"{place} is remote: export to a local disk, and copy that.")
        _refuse_existing(place)
        if dry_run:
            with TemporaryDirectory() as folder:
                report = self._fill(os.path.join(folder, "export"), dry_run=True)
            return replace(report, root=place)
        with ExitStack() as until_renamed, _growing(place) as temporary:
            report = self._fill(temporary, dry_run=False)
            _refuse_storage_errors(report, place)
            if self.table is not None:
                until_renamed.enter_context(self._describe(temporary, place, self.table))
                step("export:described")
        return replace(report, root=place)

    def _fill(self, place: str, *, dry_run: bool) -> MoveReport:
        names = set(self.source.dataset_types())
        declared = {k: v for k, v in self.source.declarations().items() if k in names}
        create_repository(place, self.source.camera, dataset_types=declared)
        repository = NativeRepository(place)
        try:
            return take_datasets(
                repository,
                self.source,
                mode=self.mode,
                dry_run=dry_run,
                on_dataset=self.on_dataset,
            )
        finally:
            repository.close()

    @staticmethod
    def _describe(temporary: str, place: str, table: str) -> AbstractContextManager[None]:
        """Write the table of contents of a repository that is about to get its name."""
        inside = _below(place, table)
        made = RepositorySource(temporary)
        try:
            offers = list(_iter_offers(made))
            if inside is not None:
                within = os.path.join(temporary, inside)
                shown = partial(os.path.relpath, start=os.path.dirname(within))
                write_contents(within, *_contents(made, offers, shown))
                return nullcontext()

            def renamed(path: str) -> str:
                below = _below(temporary, path)
                return shown_there(path if below is None else os.path.join(place, below))

            shown_there = _shown_from(os.path.dirname(table))
            return written_contents(table, *_contents(made, offers, renamed))
        finally:
            made.close()


def _contents(
    source: RepositorySource,
    offers: Sequence[tuple[str, Offer]],
    shown: Callable[[str], str],
) -> tuple[list[Mapping[str, object]], dict[str, KeyType]]:
    """Return the rows and the columns of a table of contents."""
    keys = dict.fromkeys(key for _, offer in offers for key in offer.data_id)
    known = source.repository.policy.keys
    first = "dataset_type"
    types = {first: COLUMNS[first], **{key: known[key] for key in keys}, **COLUMNS}
    rows: list[Mapping[str, object]] = [
        {
            **offer.data_id.to_dict(),
            first: name,
            "path": shown(offer.label),
            "hdu": offer.hdu,
            "size": offer.size,
            "sha256": None if offer.sha256 is None else offer.sha256.hex(),
        }
        for name, offer in offers
    ]
    return rows, types


def _iter_offers(source: RepositorySource) -> Iterator[tuple[str, Offer]]:
    for name in source.dataset_types():
        kind = source.chain.lookup(name).dataset_type
        for offer in source.offers(kind):
            yield name, offer


def _shown_from(folder: str) -> Callable[[str], str]:
    """Return what shows paths below a folder relative to it, and others as they are."""
    return lambda path: path.removeprefix(f"{folder.rstrip('/')}/")


def _below(root: str, path: str | None) -> str | None:
    """Return a path relative to a directory, None if it does not lie below."""
    if path is None or not path.startswith(f"{root.rstrip('/')}/"):
        return None
    return os.path.relpath(path, root)


def _refuse_existing(place: str) -> None:
    if not os.path.lexists(place) or (os.path.isdir(place) and not os.listdir(place)):
        return
    raise RepositoryExistsError(
        f"There is something at {place} already. Export to a new place; to add datasets to a "
        f"repository that is there: butler import {place} REPO"
    )


@contextmanager
def _growing(place: str) -> Iterator[str]:
    """Yield a temporary directory beside a place, and give it the name at the end."""
    folder = os.path.dirname(place)
    try:
        os.makedirs(folder, exist_ok=True)
        _sweep(folder)
        temporary = os.path.join(folder, WriterMark.mine().temporary_name(_ENDING))
        os.mkdir(temporary)
    except OSError as error:
        raise StorageError(f"{place} cannot be made: {error.strerror}.") from error
    try:
        yield temporary
        step("export:written")
        try:
            os.rename(temporary, place)  # replaces nothing but an empty directory
        except OSError as error:
            raise RepositoryExistsError(
                f"{place} cannot take the name ({error.strerror}): somebody else made it meanwhile."
            ) from error
        _flush(folder)
        step("export:renamed")
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _sweep(folder: str) -> None:
    """Remove what exports have left there whose process is dead."""
    with os.scandir(folder) as entries:
        for entry in entries:
            mark = WriterMark.of(entry.name) if entry.name.endswith(_ENDING) else None
            if mark is not None and mark.is_dead(entry.stat(follow_symlinks=False).st_ctime):
                shutil.rmtree(entry.path, ignore_errors=True)


def _flush(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some network file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_storage_errors(report: MoveReport, place: str) -> None:
    for one in report.datasets:
        if one.is_storage_error:
            raise StorageError(f"{one.reason}. Nothing was exported to {place}.")
