"""Calibration files into a repository, each with the range of time in which it is valid."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from butler.calibrations.translation import CalibrationTranslation
from butler.errors import ButlerError, ParameterError, UnknownDatasetTypeError
from butler.ingest.files import find_files
from butler.ingest.ingestion import Ingestion, Options
from butler.ingest.link import as_mode
from butler.registry.calibration_groups import DatedCalibration, RangeRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from os import PathLike

    from butler.data_id import KeyValue
    from butler.ingest.apply import AppliedFile, Batch
    from butler.ingest.candidate import Candidate, Translate
    from butler.ingest.files import FoundFiles
    from butler.ingest.plan import PlannedFile
    from butler.ingest.report import FileReport, IngestReport
    from butler.policies.dataset_type import DatasetType
    from butler.registry.calibration_groups import Groups
    from butler.registry.database import WriteCursor
    from butler.registry.rows import NewDataset
    from butler.registry.validity import Range
    from butler.repository.native import NativeRepository

__all__ = ["ingest_calibs", "ingest_found"]

_MOST_DAYS = 3_652_059  # there are no more from 0001-01-01 to 9999-12-31


def ingest_calibs(
    repository: NativeRepository,
    files: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    validity: int | None = None,
    dataset_type: str | None = None,
    mode: str = "link",
    processes: int = 1,
    dry_run: bool = False,
    fail_fast: bool = False,
    checksum: bool = False,
    bad_files: Sequence[str] = (),
    on_file: Callable[[FileReport], None] | None = None,
) -> IngestReport:
    """Ingest calibrations.

    Parameters
    ----------
    repository
        Where to; on a local disk and writable.
    files
        Files, directories, or patterns such as ``flats/*.fits``.
    validity
        So many days before and after its date a calibration may serve, both
        included; where neighbours would overlap they are cut in the middle.
        Types that are valid until the next one (defects) do not need it.
    dataset_type
        What all files are; None to go by their headers.
    mode, processes, dry_run, fail_fast, checksum, bad_files, on_file
        As for `butler.ingest.ingest.ingest_files`.

    Returns
    -------
    IngestReport
        One report for each file, with its range. Nothing about a single file
        is raised.

    Raises
    ------
    ReadOnlyError
        If the repository may not be written.
    RepositoryError
        If it is not on a local disk.
    ParameterError
        If mode or validity cannot be, or the type is no calibration.
    UnknownDatasetTypeError
        If there is no such type.
    RegistryError, StorageError
        If the registry or the disk refuses altogether. Batches that were
        finished before stay; nothing half done does.

    Notes
    -----
    Ingesting the same files again does nothing, unless ``validity`` differs
    or they have no range yet. A new calibration shortens its neighbours, in
    the same transaction; a range that was certified by hand is never touched:
    a file whose range would overlap one is a conflict.
    """
    if validity is not None and not 0 <= validity <= _MOST_DAYS:
        raise ParameterError(
            f"validity is a number of days from 0 to {_MOST_DAYS}, not {validity}."
        )
    _check_type(repository, dataset_type)
    names = [files] if isinstance(files, (str, os.PathLike)) else files
    options = Options(
        as_mode(mode),
        processes=processes,
        dry_run=dry_run,
        fail_fast=fail_fast,
        checksum=checksum,
        on_file=on_file,
    )
    ingestion = _CalibrationIngestion(repository, options, days=validity, dataset_type=dataset_type)
    return ingestion.run(find_files(names, bad_files))


def ingest_found(
    repository: NativeRepository, found: FoundFiles, options: Options, days: int | None = None
) -> IngestReport:
    """Ingest calibrations that have been found; see `ingest_calibs`.

    Parameters
    ----------
    repository
        Where to.
    found
        Files with headers, and what is settled already.
    options
        How.
    days
        As ``validity`` of `ingest_calibs`.
    """
    return _CalibrationIngestion(repository, options, days=days).run(found)


def _check_type(repository: NativeRepository, name: str | None) -> None:
    types = repository.policy.dataset_types
    calibrations = [one.name for one in types.values() if one.category == "calibration"]
    if name is None or name in calibrations:
        return
    if name in types:
        raise ParameterError(
            f"{name!r} is no calibration. Those of {repository.policy.name!r} are: "
            f"{', '.join(calibrations)}."
        )
    raise UnknownDatasetTypeError(
        name, calibrations, f"the calibrations of {repository.policy.name!r}"
    )


@dataclass(slots=False)
class _CalibrationIngestion(Ingestion):
    days: int | None = None
    dataset_type: str | None = None
    _groups: dict[str, Groups] = field(default_factory=dict)
    _wanted: dict[str, dict[str, DatedCalibration]] = field(default_factory=dict)
    _ranges: dict[str, dict[str, Range]] = field(default_factory=dict)

    @property
    def task(self) -> str:
        return "ingest-calibs"

    @property
    def translate(self) -> Translate:
        return CalibrationTranslation(self.repository.policy, self.dataset_type)

    def kind_of(self, candidate: Candidate) -> DatasetType:
        return self.repository.policy.dataset_types[candidate.dataset_type]

    def unique(self, kind: DatasetType) -> tuple[str, ...]:
        return kind.keys

    def judge(self, planned: Sequence[PlannedFile]) -> list[PlannedFile]:
        """Refuse files whose range cannot be."""
        if not self.options.dry_run:
            self._groups.clear()  # what was there before this batch is in the registry
        self._wanted.clear()
        self._load_groups(planned)
        judged = []
        for file in planned:
            rule = RangeRule.of(self.kind_of(file.candidate))
            if rule is None or file.action not in {"place", "adopt", "already there"}:
                judged.append(file)
                continue
            try:
                judged.append(self._judge_range(file, rule))
            except ButlerError as error:
                judged.append(replace(file, action="rejected", reason=str(error)))
        for name, groups in self._groups.items():
            self._ranges[name] = groups.ranges()
        return judged

    def _load_groups(self, planned: Sequence[PlannedFile]) -> None:
        """Read what is registered of the calibrations that the files stand among."""
        wanted: dict[RangeRule, set[tuple[KeyValue | None, ...]]] = {}
        for file in planned:
            rule = RangeRule.of(self.kind_of(file.candidate))
            if rule is not None and file.data_id is not None:
                group = tuple(file.data_id[key] for key in rule.match)
                wanted.setdefault(rule, set()).add(group)
        for rule, groups in wanted.items():
            if rule.dataset_type not in self._groups:
                known = None if self.options.dry_run else groups  # a dry run goes on with them
                registry = self.repository.registry
                self._groups[rule.dataset_type] = registry.calibration_groups(rule, known)

    def _judge_range(self, file: PlannedFile, rule: RangeRule) -> PlannedFile:
        assert file.data_id is not None  # noqa: S101 - it has a place
        if self.days is None and not rule.until_next:
            raise ParameterError(
                f"{rule.dataset_type!r} is valid for some days before and after its date: say "
                f"how many with --validity DAYS."
            )
        groups = self._groups[rule.dataset_type]
        days = 0 if rule.until_next or self.days is None else self.days
        one = DatedCalibration.of(rule, file.data_id, days)
        fixed = groups.fixed_ranges(one)
        if fixed:
            kept = f"its range {', '.join(map(str, fixed))} was certified by hand and stays"
            return replace(file, reason="; ".join(filter(None, (file.reason, kept))))
        refusal = groups.add(one)
        if refusal:
            return replace(file, action="conflict", reason=refusal)
        self._wanted.setdefault(rule.dataset_type, {})[one.canonical] = one
        return file

    def batch(self, kind: DatasetType, planned: Sequence[PlannedFile]) -> Batch:
        batch = super().batch(kind, planned)
        batch.is_observed = False
        rule = RangeRule.of(kind)
        if rule is not None:
            wanted = self._wanted.get(kind.name, {})

            def then(cursor: WriteCursor, rows: Sequence[NewDataset]) -> None:
                dated = [wanted[row.canonical] for row in rows if row.canonical in wanted]
                registry = self.repository.registry
                self._ranges[kind.name] = registry.derive_ranges(cursor, rule, dated)

            batch.then = then
        return batch

    def finish(self, applied: Sequence[AppliedFile]) -> None:
        """Give those a range that were there without it, or with another."""
        registry = self.repository.registry
        there: dict[str, list[DatedCalibration]] = {}
        for one in applied:
            wanted = self._wanted.get(one.planned.candidate.dataset_type, {})
            if one.planned.action == "already there" and one.planned.canonical in wanted:
                name = one.planned.candidate.dataset_type
                there.setdefault(name, []).append(wanted[one.planned.canonical])
        for name, dated in there.items():
            rule = RangeRule.of(self.repository.policy.dataset_types[name])
            assert rule is not None  # noqa: S101 - it has calibrations with dates
            groups = registry.calibration_groups(rule, {one.group for one in dated})
            if any(groups.add(one) for one in dated) or any(groups.changes()):
                with registry.write() as cursor:
                    found = registry.derive_ranges(cursor, rule, dated)
            else:
                found = groups.ranges()
            self._ranges[name] = {**self._ranges.get(name, {}), **found}

    def report(self, applied: AppliedFile) -> FileReport:
        report = super().report(applied)
        known = self._ranges.get(applied.planned.candidate.dataset_type, {})
        valid = known.get(applied.planned.canonical)
        if valid is None or report.outcome not in {"ingested", "already there"}:
            return report
        return replace(report, validity=(valid.begin, valid.end))
