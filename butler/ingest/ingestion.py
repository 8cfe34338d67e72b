"""One run of an ingest, from found files to their report."""

from __future__ import annotations

import getpass
import os
import socket
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from butler.errors import RepositoryError
from butler.ingest.apply import AppliedFile, Batch
from butler.ingest.candidate import Candidate, Rejection, translate_raw
from butler.ingest.facts import RepositoryFacts
from butler.ingest.link import Linker
from butler.ingest.plan import Plan, PlannedFile, Rules
from butler.ingest.recovery import resolve_dead_ingests
from butler.ingest.report import FileReport, IngestReport
from butler.ingest.workers import iter_candidates
from butler.storage.local_store import LocalStore
from butler.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from butler.data_id import KeyValue
    from butler.ingest.candidate import Translate
    from butler.ingest.files import FoundFiles
    from butler.ingest.link import Mode
    from butler.ingest.plan import Action
    from butler.ingest.report import Outcome
    from butler.policies.dataset_type import DatasetType
    from butler.repository.native import NativeRepository

__all__ = ["Ingestion", "Options"]

_BATCH_FILES = 1000
_BATCH_BYTES = 4 << 30  # of copies that a failure would undo
_COPYING = ("auto", "copy", "move")
_OUTCOMES: Mapping[Action, Outcome] = {
    "place": "ingested",
    "adopt": "ingested",
    "already there": "already there",
    "conflict": "conflict",
    "rejected": "rejected",
    "skipped": "skipped",
}
_BAD: frozenset[Action] = frozenset({"rejected", "conflict"})
_NEW: frozenset[Action] = frozenset({"place", "adopt"})


@dataclass(frozen=True, slots=True)
class Options:
    """What the user wishes.

    Parameters
    ----------
    mode, processes, dry_run, fail_fast, checksum, bad_ids, on_file
        As for `butler.ingest.ingest.ingest_files`.
    """

    mode: Mode
    processes: int = 1
    dry_run: bool = False
    fail_fast: bool = False
    checksum: bool = False
    bad_ids: tuple[Mapping[str, KeyValue], ...] = ()
    on_file: Callable[[FileReport], None] | None = None


@dataclass(slots=False)
class Ingestion:
    """Ingests raw files. What is different for other files, a subclass overrides.

    Parameters
    ----------
    repository
        Where to.
    options
        How.

    Raises
    ------
    RepositoryError
        If the repository is not on a local disk.
    ReadOnlyError
        If it may not be written.
    """

    repository: NativeRepository
    options: Options
    reports: list[FileReport] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    _plans: dict[str, Plan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        repository = self.repository
        if not isinstance(repository.store, LocalStore):
            raise RepositoryError(
                f"Files are ingested into repositories on a local disk, and {repository.root} is "
                f"a remote one. Ingest into a local one and copy that."
            )
        if not self.options.dry_run:
            repository.require_writable()
        self.store: LocalStore = repository.store
        self.linker = Linker(self.store, self.options.mode, self.options.checksum)

    @property
    def task(self) -> str:
        """What the run is called."""
        return "ingest"

    @property
    def translate(self) -> Translate:
        """How headers are translated."""
        return translate_raw

    def kind_of(self, candidate: Candidate) -> DatasetType:
        """Return what a file is."""
        del candidate
        return self.repository.policy.dataset_types[self.repository.policy.raw_types[0]]

    def unique(self, kind: DatasetType) -> tuple[str, ...]:
        """Return the values of a candidate that name one file of a type."""
        del kind
        return self.repository.policy.observation.unique

    def judge(self, planned: Sequence[PlannedFile]) -> list[PlannedFile]:
        """Return what is to be done, after a last look at the files of one batch together."""
        return list(planned)

    def batch(self, kind: DatasetType, planned: Sequence[PlannedFile]) -> Batch:
        """Return what carries out the plan for files of one type."""
        del planned
        facts = self._plans[kind.name].facts
        return Batch(self.repository.registry, self.linker, facts, kind, self._run_id)

    def finish(self, applied: Sequence[AppliedFile]) -> None:
        """Do what is left when the files of one batch are registered."""

    def run(self, found: FoundFiles) -> IngestReport:
        """Ingest what was found.

        Parameters
        ----------
        found
            Files, and what is settled already.
        """
        for report in found.reports:
            self._tell(report)
        if not self.options.dry_run:
            resolve_dead_ingests(self.repository, self.store)
        bad = any(one.outcome == "rejected" for one in found.reports)
        if not (self.options.fail_fast and bad):
            self.names = {one.absolute: one.path for one in found.sources}
            self._ingest([one.absolute for one in found.sources])
        order = found.order
        self.reports.sort(key=lambda report: order[report.path])
        notes = tuple(self.linker.notes)
        return IngestReport(tuple(self.reports), notes, self.options.dry_run)

    def _ingest(self, paths: Sequence[str]) -> None:
        mapper, processes = self.repository.mapper, self.options.processes
        reading = iter_candidates(paths, mapper, processes, translate=self.translate)
        with closing(reading) as read:
            for batch in self._batches(read):
                if self._carry_out(batch):
                    return

    def _carry_out(self, batch: Sequence[Candidate | Rejection]) -> bool:
        """Ingest one batch; tell whether nothing shall follow it."""
        planned = self.judge([self._decide(one) for one in batch if isinstance(one, Candidate)])
        rejections = [one for one in batch if isinstance(one, Rejection)]
        is_last = bool(rejections) and self.options.fail_fast
        if self.options.fail_fast:
            first = next((n for n, one in enumerate(planned) if one.action in _BAD), None)
            if first is not None:
                planned, rejections, is_last = planned[: first + 1], [], True
        applied = self._apply(planned)
        for rejection in rejections:
            self._tell(FileReport(self.names[rejection.source], "rejected", rejection.reason))
        for one in applied:
            self._tell(self.report(one))
        if not self.options.dry_run:
            for plan in self._plans.values():
                plan.planned.clear()  # the registry knows them now
        return is_last

    def _decide(self, candidate: Candidate) -> PlannedFile:
        kind = self.kind_of(candidate)
        plan = self._plans.get(kind.name)
        if plan is None:
            rules = Rules(kind, self.unique(kind), self.options.mode, self.options.bad_ids)
            plan = self._plans[kind.name] = Plan(rules, RepositoryFacts(self.repository, kind))
        return plan.decide(candidate)

    def _batches(
        self, read: Iterator[Candidate | Rejection]
    ) -> Iterator[list[Candidate | Rejection]]:
        """Gather what is registered together; with ``fail_fast`` a rejection is the last."""
        batch: list[Candidate | Rejection] = []
        size = 0
        for one in chain(read, (None,)):
            if one is not None:
                batch.append(one)
                is_copied = isinstance(one, Candidate) and self.options.mode in _COPYING
                size += one.size if is_copied else 0  # type: ignore[union-attr]
            is_bad = self.options.fail_fast and isinstance(one, Rejection)
            if one is None or is_bad or len(batch) == _BATCH_FILES or size > _BATCH_BYTES:
                if batch:
                    yield batch
                batch, size = [], 0

    def _apply(self, planned: Sequence[PlannedFile]) -> list[AppliedFile]:
        """Carry out the plan, type by type; return what became of the files, in their order."""
        if self.options.dry_run:
            return [AppliedFile(one) for one in planned]
        by_type: dict[str, list[int]] = {}
        for number, file in enumerate(planned):
            by_type.setdefault(self.kind_of(file.candidate).name, []).append(number)
        done: dict[int, AppliedFile] = {}
        for name, numbers in by_type.items():
            kind = self.repository.policy.dataset_types[name]
            files = [planned[number] for number in numbers]
            if any(one.action in _NEW for one in files):
                self._prepare_registry(kind)
            done.update(zip(numbers, self.batch(kind, files).apply(files), strict=True))
        applied = [done[number] for number in range(len(planned))]
        self.finish(applied)
        return applied

    def _prepare_registry(self, kind: DatasetType) -> None:
        registry = self.repository.registry
        types = self.repository.policy.keys
        registry.ensure_keys({key: types[key] for key in kind.keys})
        registry.ensure_observation(self.repository.policy.observation)
        registry.ensure_dataset_type(
            kind.name,
            kind.keys,
            storage_class=kind.storage_class,
            template=None if kind.template is None else kind.template.text,
        )

    @cached_property
    def _run(self) -> int:
        try:
            user = getpass.getuser()
        except (KeyError, OSError):
            user = str(os.getuid())
        return self.repository.registry.start_run(
            user=user, host=socket.gethostname(), version=__version__, task=self.task
        )

    def _run_id(self) -> int:
        return self._run

    def report(self, applied: AppliedFile) -> FileReport:
        """Return what became of a file."""
        file = applied.planned
        candidate = file.candidate
        reason = file.reason
        if file.action == "adopt":
            reason = "it lay in its place already"
        return FileReport(
            self.names[candidate.source],
            _OUTCOMES[file.action],
            reason,
            file.data_id,
            file.path,
            (*candidate.warnings, *file.warnings),
            applied.is_storage_error,
        )

    def _tell(self, report: FileReport) -> None:
        self.reports.append(report)
        if self.options.on_file is not None:
            self.options.on_file(report)
