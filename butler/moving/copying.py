"""Copy the files of datasets out of a repository."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from butler.errors import ButlerError, ParameterError, StorageError
from butler.ingest.link import Linker, as_mode
from butler.moving.exporting import EXPORT_MODES
from butler.moving.importing import import_datasets
from butler.moving.offered_file import CHANGED, candidate_of
from butler.moving.report import DatasetReport, MoveReport
from butler.moving.repository_source import RepositorySource
from butler.registry.condition import Everything
from butler.repository.locations import absolute_location, is_remote, is_repository
from butler.storage.local_store import LocalStore
from butler.storage.store import digest_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    from butler.ingest.candidate import Candidate
    from butler.ingest.link import Mode
    from butler.moving.offer import Offer
    from butler.policies.dataset_type import DatasetType
    from butler.registry.condition import Condition

__all__ = ["copy_datasets"]

_EVERYTHING = Everything()


def copy_datasets(
    root: str | PathLike[str],
    target: str | PathLike[str],
    dataset_types: Sequence[str],
    *,
    condition: Condition = _EVERYTHING,
    mode: str = "copy",
    is_flat: bool = False,
    dry_run: bool = False,
    on_dataset: Callable[[DatasetReport], None] | None = None,
) -> MoveReport:
    """Copy datasets that a repository can read into a directory, or into another repository.

    Parameters
    ----------
    root
        The repository; what its parents hold is copied too.
    target
        A repository, which takes them as `import_datasets` does; or a
        directory, which is made if need be.
    dataset_types, condition
        What is copied.
    mode
        As for `export_datasets`, ``direct`` excepted.
    is_flat
        Give files their names alone, without the folders of the repository.
    dry_run
        Only report what would be done.
    on_dataset
        Told of each dataset.

    Returns
    -------
    MoveReport
        One report for each dataset. A file that is there with the same
        content stays; with other content it is a conflict, and stays too.

    Raises
    ------
    DatasetNotFoundError
        If nothing matches.
    ParameterError
        If the mode is unknown, or datasets in a repository are to be flat.
    StorageError
        If the directory cannot be made.
    """
    way = as_mode(mode, tuple(one for one in EXPORT_MODES if one != "direct"))
    place = absolute_location(target)
    if is_remote(place) or is_repository(place):
        if is_flat:
            raise ParameterError(f"{place} is a repository, which has folders of its own.")
        return import_datasets(
            place,
            root,
            dataset_types,
            condition=condition,
            with_parents=True,
            mode=way,
            dry_run=dry_run,
            on_dataset=on_dataset,
        )
    source = RepositorySource(root, dataset_types, condition, with_parents=True)
    try:
        source.require_match()
        return _copy_out(source, _Copying(place, way, is_flat=is_flat, is_dry=dry_run), on_dataset)
    finally:
        source.close()


def _copy_out(
    source: RepositorySource,
    copying: _Copying,
    on_dataset: Callable[[DatasetReport], None] | None,
) -> MoveReport:
    reports = []
    for name in source.dataset_types():
        kind = source.chain.lookup(name).dataset_type
        for offer in source.offers(kind):
            reports.append(copying.copy(kind, offer))
            if on_dataset is not None:
                on_dataset(reports[-1])
    notes = (*copying.linker.notes, *source.left_out)
    return MoveReport(copying.store.root, tuple(reports), notes, copying.is_dry)


class _Copying:
    def __init__(self, place: str, mode: Mode, *, is_flat: bool, is_dry: bool) -> None:
        self.store = LocalStore(place)
        self.linker = Linker(self.store, mode)
        self.mode, self.is_flat, self.is_dry = mode, is_flat, is_dry

    def copy(self, kind: DatasetType, offer: Offer) -> DatasetReport:
        """Copy one file, and return what became of it."""
        target = self._target(kind, offer)
        full = os.path.join(self.store.root, target)
        found = candidate_of(offer, self.mode)
        if isinstance(found, str):
            return DatasetReport(kind.name, offer.data_id, offer.label, "rejected", found)
        is_storage_error = False
        try:
            reason = self._place(found, offer, target, full)
            outcome = "conflict" if reason else "taken"
            if reason == CHANGED:
                outcome = "rejected"
            elif reason is None:
                outcome, reason = "already there", ""
        except ButlerError as error:
            outcome, reason = "rejected", str(error)
            is_storage_error = isinstance(error, StorageError)
        return DatasetReport(
            kind.name,
            offer.data_id,
            offer.label,
            outcome,  # type: ignore[arg-type]  # one of its words
            reason,
            full,
            is_storage_error=is_storage_error,
        )

    def _target(self, kind: DatasetType, offer: Offer) -> str:
        assert kind.template is not None  # noqa: S101 - a source offers files alone
        packed = os.path.splitext(offer.path)[1]
        path = kind.template.format(offer.data_id)
        if packed in {".gz", ".fz"} and not path.endswith(packed):
            path += packed
        return os.path.basename(path) if self.is_flat else path

    def _place(self, file: Candidate, offer: Offer, target: str, full: str) -> str | None:
        """Place a file; return why it is not, empty if it is, None if it was there."""
        if os.path.lexists(full):
            return self._compare(file, full)
        if self.is_dry:
            return ""
        try:
            placement = self.linker.place(file, target)
        except FileExistsError:
            return self._compare(file, full)
        try:
            if placement.sha256 and offer.sha256 and placement.sha256 != offer.sha256:
                self.store.remove(target)
                return CHANGED
            self.store.sync([target])
        finally:
            self.linker.settle(placement)
        return ""

    @staticmethod
    def _compare(file: Candidate, full: str) -> str | None:
        try:
            same = os.path.getsize(full) == file.size
            if same and digest_file(full) == digest_file(file.source):
                return None
        except OSError as error:
            return f"{full} cannot be compared with it ({error.strerror})"
        return f"{full} has other content"
