"""Raw files into a repository: the whole way."""

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
from butler.ingest.candidate import Candidate, Rejection
from butler.ingest.facts import RepositoryFacts
from butler.ingest.files import find_files
from butler.ingest.link import Linker, as_mode
from butler.ingest.plan import Plan, PlannedFile, Rules
from butler.ingest.recovery import resolve_dead_ingests
from butler.ingest.report import FileReport, IngestReport
from butler.ingest.workers import iter_candidates
from butler.storage.local_store import LocalStore
from butler.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from os import PathLike

    from butler.data_id import KeyValue
    from butler.dataset_type import DatasetType
    from butler.ingest.files import FoundFiles
    from butler.ingest.link import Mode
    from butler.ingest.plan import Action
    from butler.ingest.report import Outcome
    from butler.repository.native import NativeRepository

__all__ = ["ingest_files"]

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


def ingest_files(
    repository: NativeRepository,
    files: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    mode: str = "link",
    processes: int = 1,
    dry_run: bool = False,
    fail_fast: bool = False,
    checksum: bool = False,
    bad_files: Sequence[str] = (),
    bad_ids: Sequence[Mapping[str, object]] = (),
    on_file: Callable[[FileReport], None] | None = None,
) -> IngestReport:
    """Ingest raw files.

    Parameters
    ----------
    repository
        Where to; on a local disk and writable.
    files
        Files, directories, or patterns such as ``raw/*.fits``.
    mode
        ``link`` places a symbolic link with an absolute path, ``relsymlink``
        one with a relative path, ``hardlink`` a hard link; ``copy`` copies;
        ``move`` removes the source once the file is registered; ``auto`` takes
        the first that works of a reflink, a hard link, a symbolic link and a
        copy; ``direct`` registers the file where it lies; ``skip`` registers
        files that lie in their places already.
    processes
        How many to read headers in.
    dry_run
        Only report what would be done.
    fail_fast
        Stop at the first file that is rejected or a conflict; what was named
        before it is ingested.
    checksum
        Read files that are not copied for their sha256, too.
    bad_files
        Patterns of file names that are left out.
    bad_ids
        Files whose observation has all of these values are left out.
    on_file
        Told what became of each file, as soon as it is known.

    Returns
    -------
    IngestReport
        One report for each file. Nothing about a single file is raised.

    Raises
    ------
    ReadOnlyError
        If the repository may not be written.
    RepositoryError
        If it is not on a local disk, or its camera has no raw files.
    ParameterError
        If the mode is unknown.
    DataIdError
        If a bad ID cannot be one.
    RegistryError, StorageError
        If the registry or the disk refuses altogether. Batches that were
        finished before stay; nothing half done does.

    Notes
    -----
    Ingesting the same files again does nothing and says so. When the process
    is killed, the next ingest takes away what it left half done.
    """
    names = [files] if isinstance(files, (str, os.PathLike)) else files
    ingest = _Ingest(
        repository,
        as_mode(mode),
        processes=processes,
        dry_run=dry_run,
        fail_fast=fail_fast,
        checksum=checksum,
        bad_ids=tuple(
            {key: repository.policy.keys.cast(key, value) for key, value in one.items()}
            for one in bad_ids
        ),
        on_file=on_file,
    )
    return ingest.run(find_files(names, bad_files))


@dataclass(slots=False)
class _Ingest:
    repository: NativeRepository
    mode: Mode
    processes: int
    dry_run: bool
    fail_fast: bool
    checksum: bool
    bad_ids: tuple[Mapping[str, KeyValue], ...]
    on_file: Callable[[FileReport], None] | None
    reports: list[FileReport] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        repository = self.repository
        if not isinstance(repository.store, LocalStore):
            raise RepositoryError(
                f"Files are ingested into repositories on a local disk, and {repository.root} is "
                f"a remote one. Ingest into a local one and copy that."
            )
        if not self.dry_run:
            repository.require_writable()
        if not repository.policy.raw_types:
            raise RepositoryError(
                f"The camera {repository.mapper.name!r} declares no raw files, so nothing can be "
                f"ingested into {repository.root}."
            )
        self.store: LocalStore = repository.store
        self.kind: DatasetType = repository.policy.dataset_types[repository.policy.raw_types[0]]
        self.facts = RepositoryFacts(repository, self.kind)
        self.linker = Linker(self.store, self.mode, self.checksum)
        self.rules = Rules(self.kind, repository.policy.observation.unique, self.mode, self.bad_ids)

    def run(self, found: FoundFiles) -> IngestReport:
        """Ingest what was found."""
        for report in found.reports:
            self._tell(report)
        if not self.dry_run:
            resolve_dead_ingests(self.repository, self.store)
        stop = self.fail_fast and any(one.outcome == "rejected" for one in found.reports)
        if not stop:
            self.names = {one.absolute: one.path for one in found.sources}
            self._ingest([one.absolute for one in found.sources])
        order = found.order
        self.reports.sort(key=lambda report: order[report.path])
        notes = tuple(self.linker.notes)
        return IngestReport(tuple(self.reports), notes, self.dry_run)

    def _ingest(self, paths: Sequence[str]) -> None:
        plan = Plan(self.rules, self.facts)
        with closing(iter_candidates(paths, self.repository.mapper, self.processes)) as read:
            self._carry_out(plan, read)

    def _carry_out(self, plan: Plan, read: Iterator[Candidate | Rejection]) -> None:
        for batch in self._batches(read):
            planned = plan.decide_all(one for one in batch if isinstance(one, Candidate))
            rejections = [one for one in batch if isinstance(one, Rejection)]
            is_last = bool(rejections) and self.fail_fast
            if self.fail_fast:
                bad = (n for n, one in enumerate(planned) if one.action in {"rejected", "conflict"})
                first = next(bad, None)
                if first is not None:
                    planned, rejections, is_last = planned[: first + 1], [], True
            applied = self._apply(planned)
            for rejection in rejections:
                self._tell(FileReport(self.names[rejection.source], "rejected", rejection.reason))
            for one in applied:
                self._tell(self._report(one))
            if not self.dry_run:
                plan.planned.clear()  # the registry knows them now
            if is_last:
                return

    def _batches(
        self, read: Iterator[Candidate | Rejection]
    ) -> Iterator[list[Candidate | Rejection]]:
        """Gather what is registered together; with ``fail_fast`` a rejection is the last."""
        batch: list[Candidate | Rejection] = []
        size = 0
        for one in chain(read, (None,)):
            if one is not None:
                batch.append(one)
                size += one.size if isinstance(one, Candidate) and self.mode in _COPYING else 0
            is_bad = self.fail_fast and isinstance(one, Rejection)
            if one is None or is_bad or len(batch) == _BATCH_FILES or size > _BATCH_BYTES:
                if batch:
                    yield batch
                batch, size = [], 0

    def _apply(self, planned: Sequence[PlannedFile]) -> list[AppliedFile]:
        if self.dry_run:
            return [AppliedFile(one) for one in planned]
        if any(one.action in {"place", "adopt"} for one in planned):
            self._prepare_registry()
        batch = Batch(self.repository.registry, self.linker, self.facts, self.kind, self._run_id)
        return batch.apply(planned)

    def _prepare_registry(self) -> None:
        registry, kind = self.repository.registry, self.kind
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
            user=user, host=socket.gethostname(), version=__version__, task="ingest"
        )

    def _run_id(self) -> int:
        return self._run

    def _report(self, applied: AppliedFile) -> FileReport:
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
        if self.on_file is not None:
            self.on_file(report)
