"""A batch of files becomes part of the repository: all of it, or what can be of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from butler.errors import ButlerError, DatasetExistsError, StorageError
from butler.ingest.plan import PlannedFile, judge_known
from butler.registry.rows import NewDataset
from butler.storage.steps import step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from butler.ingest.facts import Facts
    from butler.ingest.link import Linker, Placement
    from butler.mapper import Observation
    from butler.policies.dataset_type import DatasetType
    from butler.registry.database import WriteCursor
    from butler.registry.registry import Registry

__all__ = ["AppliedFile", "Batch"]

_PLACED_ELSEWHERE = ("direct", "skip")


@dataclass(frozen=True, slots=True)
class AppliedFile:
    """A planned file after its plan was carried out.

    Parameters
    ----------
    planned
        What became of it: its action is ``place`` or ``adopt`` if it is
        registered now.
    is_storage_error
        Whether the file system refused.
    """

    planned: PlannedFile
    is_storage_error: bool = False


@dataclass(slots=True)
class Batch:
    """Carries out the plan for some files, in one transaction.

    Parameters
    ----------
    registry
        Where the rows go.
    linker
        How the files come to their places.
    facts
        What is asked when another process was faster.
    kind
        The dataset type of the files.
    run_id
        Gives the run, recorded when it is first asked.
    is_observed
        Whether the candidates tell of observations, which are recorded too.
    then
        Does what belongs to the new rows, in their transaction.
    """

    registry: Registry
    linker: Linker
    facts: Facts
    kind: DatasetType
    run_id: Callable[[], int]
    is_observed: bool = True
    then: Callable[[WriteCursor, Sequence[NewDataset]], None] | None = None
    _done: dict[int, AppliedFile] = field(default_factory=dict)
    _placed: dict[int, Placement] = field(default_factory=dict)
    _is_placing: bool = False

    def apply(self, files: Sequence[PlannedFile]) -> list[AppliedFile]:
        """Carry out a plan.

        Parameters
        ----------
        files
            Decided in this order.

        Returns
        -------
        list of AppliedFile
            In the same order.

        Raises
        ------
        RegistryError
            If the database refuses. What was placed is gone again then, as
            after any other exception.
        StorageError
            If a directory cannot be flushed.
        """
        self._done = {number: AppliedFile(file) for number, file in enumerate(files)}
        self._placed = {}
        self._is_placing = False
        todo = [number for number, file in enumerate(files) if file.action in {"place", "adopt"}]
        if todo:
            self._ingest(files, todo)
        if self.linker.mode == "move":
            self._remove_sources()
            step("ingest:sources-removed")
        return [self._done[number] for number in range(len(files))]

    def _ingest(self, files: Sequence[PlannedFile], todo: Sequence[int]) -> None:
        run_id = self.run_id()
        intent = None
        if self.linker.mode not in _PLACED_ELSEWHERE:
            # Only what is not there yet: what is named here may be removed after a crash.
            paths = [files[number].path for number in todo if files[number].action == "place"]
            intent = self.registry.open_intent("ingest", [path for path in paths if path])
        try:
            step("ingest:intended")
            for count, number in enumerate(todo):
                self._place(number)
                if count == 0:
                    step("ingest:placing")
            step("ingest:placed")
            made = [one.path for one in self._placed.values() if one.is_ours]
            self.linker.store.sync(made)
            step("ingest:synced")
            # Temporary names are found by the intent, should this process die before the end.
            has_names = any(one.temporary is not None for one in self._placed.values())
            self._register(run_id, None if has_names else intent)
        except BaseException:
            self._undo(list(self._placed), intent)
            raise
        try:
            step("ingest:registered")
        finally:
            for placement in self._placed.values():
                self.linker.settle(placement)
            if has_names and intent is not None:
                self.registry.close_intent(intent)
        self._check_adopted()

    def _place(self, number: int) -> None:
        """Place one file, or settle why it cannot be."""
        file = self._done[number].planned
        path = file.path or ""
        try:
            if file.action == "place":
                self._is_placing = True
                try:
                    self._placed[number] = self.linker.place(file.candidate, path)
                except FileExistsError:  # since the plan was made
                    file = self._yield_place(file, path)
                    self._settle(number, file)
                self._is_placing = False
            if file.action == "adopt":
                self._placed[number] = self.linker.adopt(path)
        except ButlerError as error:
            self._is_placing = False
            self._settle(
                number,
                replace(file, action="rejected", reason=str(error)),
                is_storage_error=isinstance(error, StorageError),
            )

    def _yield_place(self, file: PlannedFile, path: str) -> PlannedFile:
        """Return what becomes of a file whose place another process has taken meanwhile."""
        same, reason, _ = self.facts.compare(file.candidate, path, None)
        return replace(file, action="adopt" if same else "conflict", reason=reason)

    def _settle(self, number: int, file: PlannedFile, *, is_storage_error: bool = False) -> None:
        self._done[number] = AppliedFile(file, is_storage_error)

    def _register(self, run_id: int, intent: int | None) -> None:
        """Insert the rows; where other processes were faster, those that are left."""
        while True:
            rows = [self._row(number) for number in self._placed]
            then = None if self.then is None else partial(self._then, rows)
            try:
                self.registry.insert(
                    rows, self._observations(), run_id=run_id, close_intent=intent, then=then
                )
            except DatasetExistsError:
                if not self._yield_to_others():
                    raise
            else:
                return

    def _observations(self) -> Sequence[Observation]:
        """Return the observations that the rows bring along."""
        if not self.is_observed:
            return []
        return [self._done[number].planned.candidate.observation for number in self._placed]

    def _then(self, rows: Sequence[NewDataset], cursor: WriteCursor) -> None:
        if self.then is not None:
            self.then(cursor, rows)

    def _row(self, number: int) -> NewDataset:
        file, placement = self._done[number].planned, self._placed[number]
        assert file.data_id is not None  # noqa: S101 - it has been placed by it
        return NewDataset(
            self.kind.name,
            file.canonical,
            file.data_id,
            placement.path,
            None,
            placement.size,
            placement.mtime_ns,
            placement.inode,
            placement.sha256,
        )

    def _yield_to_others(self) -> bool:
        """Settle the files that another process has registered; tell whether there are any."""
        lost = []
        for number in self._placed:
            file = self._done[number].planned
            row = None if file.data_id is None else self.facts.find(file.data_id)
            if row is not None:
                lost.append(number)
                self._settle(number, judge_known(self.facts, file, row.path, row))
        self._take_away(lost)
        return bool(lost)

    def _undo(self, numbers: Sequence[int], intent: int | None) -> None:
        self._take_away(numbers)
        # A file that was just being placed is known to nobody but the intent.
        if intent is not None and not self._is_placing:
            self.registry.close_intent(intent)

    def _take_away(self, numbers: Sequence[int]) -> None:
        """Remove files that this process placed, unless a row has adopted them."""
        with self.registry.write():  # nobody can adopt one between the question and the removal
            for number in numbers:
                placement = self._placed.pop(number)
                file = self._done[number].planned
                row = None if file.data_id is None else self.facts.find(file.data_id)
                if row is not None and row.path == placement.path:
                    self.linker.settle(placement)
                else:
                    self.linker.remove(placement)

    def _check_adopted(self) -> None:
        """Put adopted files back that their owner took away before they had their row."""
        for number, placement in self._placed.items():
            file = self._done[number].planned
            path = placement.path
            if file.action == "adopt" and not self.facts.exists(path):
                try:
                    self.linker.settle(self.linker.place(file.candidate, path))
                except FileExistsError:
                    continue

    def _remove_sources(self) -> None:
        for number, applied in self._done.items():
            file = applied.planned
            path = file.path
            if number not in self._placed and file.action != "already there":
                continue
            if path is None or path.startswith("/"):
                continue
            warning = self.linker.remove_source(file.candidate, path)
            if warning:
                changed = replace(file, warnings=(*file.warnings, warning))
                self._done[number] = AppliedFile(changed)
