"""Rows whose files are gone, or are not what they were."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from butler.doctor.file_state import FileState, FileStates
from butler.doctor.finding import Finding
from butler.doctor.lost_file import LostFile
from butler.doctor.sources import Sources
from butler.errors import ButlerError
from butler.registry.schema import LATEST_VERSION

if TYPE_CHECKING:
    from butler.doctor.examination import Examination
    from butler.doctor.path_index import PathIndex
    from butler.registry.inspection import DatasetRecord

__all__ = ["check_datasets"]

_MOST_TRIES = 3
_BY_CONTENT = {"content_differs", "target_changed", "file_unreadable"}


def check_datasets(examination: Examination, index: PathIndex) -> None:
    """Compare every row with its file.

    Parameters
    ----------
    examination
        Told of each row whose file is not what it was.
    index
        Remembers the paths of all rows.
    """
    checker = _Checker(examination)
    try:
        for batch in examination.repository.registry.iter_records():
            index.add(record.path for record in batch)
            checker.check(batch)
            examination.report.datasets += len(batch)
    finally:
        checker.sources.close()


class _Checker:
    def __init__(self, examination: Examination) -> None:
        self.examination = examination
        self.registry = examination.repository.registry
        self.states = FileStates(examination.repository)
        self.sources = Sources(examination.repository, examination.treatment.restore_from)
        is_current = self.registry.version == LATEST_VERSION
        may_write = self.registry.is_writable and is_current
        self.can_record = may_write and not examination.treatment.dry_run
        self._to_record: list[DatasetRecord] = []
        self._touched: list[tuple[DatasetRecord, DatasetRecord]] = []

    def check(self, batch: list[DatasetRecord]) -> None:
        """Check the files of some rows."""
        is_deep = self.examination.treatment.deep
        advance = self.examination.on_progress
        suspects = []
        for record in batch:
            state = self.states.of(record)
            if is_deep:
                state = self._read(record, state)
                if advance is not None:
                    advance(1)
            if state.code:
                suspects.append((record, state))
        if advance is not None and not is_deep:
            advance(len(batch))
        self._record()
        self._settle_times()
        for record, state in suspects:
            self._judge(record, state)

    def _read(self, record: DatasetRecord, state: FileState) -> FileState:
        """Compare the content, or take note of it where nothing is known of it."""
        if not state.may_be_whole or "://" in record.path:
            return state
        try:
            digest = self.states.digest(record.path)
        except OSError as error:
            again = self.states.of(record)  # perhaps it was removed meanwhile
            if again.may_be_whole:
                return again._replace(code="file_unreadable", detail=str(error))
            return again
        self.examination.report.digests += 1
        if record.sha256 is not None and digest != record.sha256:
            is_elsewhere = self.states.is_elsewhere(record.path)
            code = "target_changed" if is_elsewhere else "content_differs"
            detail = f"sha256 {digest.hex()[:12]}..., {record.sha256.hex()[:12]}... was registered"
            return state._replace(code=code, detail=detail)
        known = record._replace(size=state.size, mtime_ns=state.mtime_ns, sha256=digest)
        if state.code == "time_differs":
            self._touched.append((record, known))
        elif record.sha256 is None and self.can_record:
            self._to_record.append(known)
        return state._replace(code="")

    def _settle_times(self) -> None:
        """Report files that were touched or copied, and take note of their new times."""
        rows = self.registry.records([record.id for record, _ in self._touched])
        # A writer may have taken one away and put it again: then the file is of another row.
        self._touched = [pair for pair in self._touched if rows.get(pair[0].id) == pair[0]]
        problem: Exception | None = None
        if self._touched and self.examination.notes.is_changing:
            try:
                self.registry.record_contents([known for _, known in self._touched])
            except ButlerError as error:
                problem = error

        def outcome(*, is_new: bool) -> str:
            if problem is not None:
                raise problem
            return "its time and sha256 were recorded" if is_new else "its time was recorded"

        for record, known in self._touched:
            is_new = record.sha256 is None
            detail = "its content is the same"
            if is_new:
                detail = "its size is the same; what its content was is not known"
            state = FileState("time_differs", detail, known.size, known.mtime_ns)
            self.examination.repair(self._finding(record, state), partial(outcome, is_new=is_new))
        self._touched.clear()

    def _record(self) -> None:
        if self._to_record:
            self.registry.record_contents(self._to_record)
            self.examination.report.recorded += len(self._to_record)
            self._to_record.clear()

    def _finding(self, record: DatasetRecord, state: FileState) -> Finding:
        name = self.examination.type_name(record.type_id)
        return Finding(state.code, record.path, state.detail, name, record.canonical)

    def _judge(self, record: DatasetRecord, state: FileState) -> None:
        """Report a row, if it is still there and its file still is not what it was."""
        for _ in range(_MOST_TRIES):  # a writer may be at work: the row goes before its file
            now = self.registry.records([record.id]).get(record.id)
            if now is None:
                return
            if now == record and self._is_still(now, state):
                break
            record, state = now, self.states.of(now)
            if not state.code:
                return
        finding = self._finding(record, state)
        if state.code == "time_differs":
            self.examination.tell(finding)
            return
        lost = LostFile(
            self.examination, self.sources, record, lambda now: self._is_still(now, state)
        )
        self.examination.repair(lost.explain(finding), lost.action())

    def _is_still(self, record: DatasetRecord, state: FileState) -> bool:
        """Tell whether a file is as it was seen, or worse."""
        again = self.states.of(record)
        if not again.may_be_whole:
            return True
        if state.code in _BY_CONTENT or again.code == state.code:
            return (again.size, again.mtime_ns) == (state.size, state.mtime_ns)
        return False
