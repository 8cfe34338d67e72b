"""Take datasets into a repository, with all that is known of them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from butler.errors import RepositoryError
from butler.ingest.apply import AppliedFile
from butler.ingest.link import MODES, Linker, as_mode
from butler.ingest.plan import Plan, PlannedFile, Rules
from butler.ingest.recovery import resolve_dead_ingests
from butler.moving.offer_batch import OfferBatch, OfferFacts
from butler.moving.offered_file import candidate_of
from butler.moving.report import DatasetReport, MoveReport
from butler.policies.policy import merge_dataset_types
from butler.repository.chain import Chain
from butler.repository.declaring import declare_types
from butler.storage.local_store import LocalStore
from butler.writes.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from butler.ingest.link import Mode
    from butler.ingest.plan import Action
    from butler.moving.offer import Offer, Source
    from butler.moving.report import MoveOutcome
    from butler.policies.dataset_type import DatasetType
    from butler.repository.native import NativeRepository

__all__ = ["TAKING_MODES", "take_datasets"]

TAKING_MODES: tuple[Mode, ...] = tuple(mode for mode in MODES if mode != "skip")
"""The ways in which datasets are taken; files that lie in place have another door."""

_BATCH_FILES = 1000
_BATCH_BYTES = 4 << 30  # of copies that a failure would undo
_OUTCOMES: Mapping[Action, MoveOutcome] = {
    "place": "taken",
    "adopt": "taken",
    "already there": "already there",
    "conflict": "conflict",
    "rejected": "rejected",
    "skipped": "rejected",
}


def take_datasets(
    repository: NativeRepository,
    source: Source,
    *,
    mode: str = "auto",
    dry_run: bool = False,
    checksum: bool = False,
    on_dataset: Callable[[DatasetReport], None] | None = None,
) -> MoveReport:
    """Take what a source offers into a repository.

    Parameters
    ----------
    repository
        Where to; on a local disk and writable.
    source
        What offers them.
    mode
        As for `ingest_files`, ``skip`` excepted. ``move`` gives the sources
        away once the datasets are registered.
    dry_run
        Only report what would be done.
    checksum
        Read files that are not copied for their sha256, where none is known.
    on_dataset
        Told what became of each dataset, as soon as it is known.

    Returns
    -------
    MoveReport
        One report for each dataset. Nothing about a single one is raised.

    Raises
    ------
    ReadOnlyError
        If the repository may not be written.
    RepositoryError
        If it is not on a local disk, or of another camera.
    ParameterError
        If the mode is unknown.
    RegistryError, StorageError
        If the registry or the disk refuses altogether. Batches that were
        finished before stay; nothing half done does.

    Notes
    -----
    Files go through the same protocol as in an ingest: an intent, the files,
    then their rows, with provenance, observations, validity ranges and tags,
    in one transaction. Taking the same again gives what is here the tags and
    ranges that it lacks.
    """
    taking = _Taking(
        repository, source, as_mode(mode, TAKING_MODES), is_dry=dry_run, checksum=checksum
    )
    taking.on_dataset = on_dataset
    return taking.run()


class _Taking:
    def __init__(
        self,
        repository: NativeRepository,
        source: Source,
        mode: Mode,
        *,
        is_dry: bool,
        checksum: bool,
    ) -> None:
        store = repository.store
        if not isinstance(store, LocalStore):
            raise RepositoryError(
                f"Datasets are taken into repositories on a local disk, and {repository.root} is "
                f"a remote one. Take them into a local one and copy that."
            )
        if source.camera != repository.mapper.name:
            raise RepositoryError(
                f"{repository.root} is of the camera {repository.mapper.name!r}, and what is "
                f"offered is of {source.camera!r}: nothing was taken."
            )
        if not is_dry:
            repository.require_writable()
        self.repository, self.source, self.mode, self.is_dry = repository, source, mode, is_dry
        self.store = store
        self.linker = Linker(store, mode, checksum)
        self.on_dataset: Callable[[DatasetReport], None] | None = None
        self.reports: list[DatasetReport] = []
        self.left_out: list[str] = []

    def run(self) -> MoveReport:
        """Take everything."""
        if not self.is_dry:
            resolve_dead_ingests(self.repository, self.store)
            self.repository.registry.ensure_observation(self.repository.policy.observation)
        for report in self.source.rejected:
            self._tell(report)
        for kind in self._kinds():
            self._take_type(kind)
        notes = (*self.linker.notes, *self.left_out, *self.source.left_out)
        return MoveReport(self.repository.root, tuple(self.reports), notes, self.is_dry)

    def _kinds(self) -> list[DatasetType]:
        """Return the types that are taken, after those that are new here came along."""
        names = self.source.dataset_types()
        declared = self.source.declarations()
        unknown = [name for name in names if name not in self.repository.policy.dataset_types]
        new = {name: declared[name] for name in unknown if name in declared}
        if new and self.is_dry:
            self.repository.policy = merge_dataset_types(
                self.repository.policy, new, source="dataset_types"
            )
        elif new:
            declare_types(self.repository, new)
        kinds = []
        for name in names:
            kind = self.repository.policy.dataset_types.get(name)
            if kind is None:
                why = f"the camera {self.repository.mapper.name!r} has no such dataset type"
            else:
                why = self.source.same_type(kind)
            if why or kind is None:
                self.left_out.append(f"Left out {name!r}: {why}.")
            else:
                kinds.append(kind)
        return kinds

    def _take_type(self, kind: DatasetType) -> None:
        if self.is_dry:
            writer = None
        else:
            writer = Writer(self.repository, self.source.chain or Chain([self.repository]))
        facts = OfferFacts(self.repository, kind)
        plan = Plan(Rules(kind, kind.keys, self.mode), facts)
        offers = self.source.offers(kind)
        for batch in _batches(offers, self.mode):
            facts.expect(batch)
            self._take_batch(kind, plan, facts, writer, batch)
            if writer is not None:
                plan.planned.clear()  # the registry knows them now

    def _take_batch(
        self,
        kind: DatasetType,
        plan: Plan,
        facts: OfferFacts,
        writer: Writer | None,
        batch: Sequence[Offer],
    ) -> None:
        files, offers = [], []
        reports: dict[int, DatasetReport] = {}  # by the identity of the offer, told in order
        for offer in batch:
            found = candidate_of(offer, self.mode)
            if isinstance(found, str):
                reports[id(offer)] = _rejected(kind, offer, found)
            else:
                files.append(plan.decide(found))
                offers.append(offer)
        if writer is None:
            applied = [AppliedFile(file) for file in files]
        else:
            if any(file.action in {"place", "adopt"} for file in files):
                writer.ensure_type(kind)
            applied = OfferBatch(writer, self.linker, facts, kind, offers).apply(files)
        for offer, one in zip(offers, applied, strict=True):
            reports[id(offer)] = _report(kind, offer, one)
        for offer in batch:
            self._tell(reports[id(offer)])

    def _tell(self, report: DatasetReport) -> None:
        self.reports.append(report)
        if self.on_dataset is not None:
            self.on_dataset(report)


def _batches(offers: Iterator[Offer], mode: Mode) -> Iterator[list[Offer]]:
    """Gather what is registered together."""
    batch: list[Offer] = []
    size = 0
    for one in chain(offers, (None,)):
        if one is not None:
            batch.append(one)
            size += (one.size or 0) if mode in {"auto", "copy", "move"} else 0
        if batch and (one is None or len(batch) == _BATCH_FILES or size > _BATCH_BYTES):
            yield batch
            batch, size = [], 0


def _rejected(kind: DatasetType, offer: Offer, reason: str) -> DatasetReport:
    return DatasetReport(kind.name, offer.data_id, offer.label, "rejected", reason)


def _report(kind: DatasetType, offer: Offer, applied: AppliedFile) -> DatasetReport:
    file: PlannedFile = applied.planned
    reason = "it lay in its place already" if file.action == "adopt" else file.reason
    return DatasetReport(
        kind.name,
        offer.data_id,
        offer.label,
        _OUTCOMES[file.action],
        reason,
        file.path,
        file.warnings,
        applied.is_storage_error,
    )
