"""The driver: hands data IDs to workers, publishes what they made, and keeps count."""

from __future__ import annotations

import logging
import os
from collections import deque
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from butler.data_id import DataId
from butler.registry.rows import Provenance
from butler.repository.chain import Chain
from butler.repository.locations import is_remote
from butler.storage.local_store import LocalStore
from butler.storage.recovery import is_dead, iter_temporaries, take_back
from butler.storage.steps import step
from pipelines.errors import WorkerDiedError
from pipelines.execution.dask_executor import DaskExecutor
from pipelines.execution.dataset_types import PACKAGES
from pipelines.execution.executors import InlineExecutor
from pipelines.execution.interruption import uninterrupted
from pipelines.execution.process_executor import ProcessExecutor
from pipelines.execution.report import FailedDataId, RunReport
from pipelines.execution.worker import Outcome, put_log, run_data_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from concurrent.futures import Executor, Future

    from butler.repository.native import NativeRepository
    from butler.task_butler import TaskButler
    from pipelines.execution.worker import Job

__all__ = ["Driver", "take_back_left_over"]

logger = logging.getLogger(__name__)

_MOST_ATTEMPTS = 2  # of a data ID whose process died
_PER_WORKER = 2  # data IDs that wait for each, so that none is idle


@dataclass(slots=True)
class _Flight:
    """A data ID that a worker has."""

    data_id: DataId
    token: str
    attempt: int


@dataclass
class Driver:
    """Runs data IDs and publishes their outputs.

    Parameters
    ----------
    butler
        Publishes; its one output is written.
    job
        What the workers are told.
    recipe
        Task, configuration and versions, for the provenance.
    executor
        Who runs; any `concurrent.futures.Executor` whose workers see the
        output's files.
    workers
        How many it has.
    report
        Is filled.
    fail_fast
        Whether the first failure is the end.
    replaces
        Tells whether the outputs of a data ID may take the place of others.
    on_outcome
        Is called for each data ID with what came of it.
    """

    butler: TaskButler
    job: Job
    recipe: Provenance
    executor: Executor
    workers: int
    report: RunReport
    fail_fast: bool = False
    replaces: Callable[[DataId], bool] = lambda _data_id: False
    on_outcome: Callable[[DataId, Outcome], None] = lambda _data_id, _outcome: None
    _flying: dict[Future[Outcome], _Flight] = field(default_factory=dict, init=False)
    _undeclared: set[str] = field(default_factory=set, init=False)
    _again: deque[_Flight] = field(default_factory=deque, init=False)
    _leaving: list[_Flight] = field(default_factory=list, init=False)
    """Whose files may still lie about when all is done."""

    def run(self, data_ids: Iterable[DataId]) -> None:
        """Run data IDs until there are no more, or Ctrl-C.

        Parameters
        ----------
        data_ids
            Complete; taken one by one.

        Raises
        ------
        KeyboardInterrupt
            After everything that was finished has been published, and all
            else has been taken away.
        """
        waiting = iter(data_ids)
        try:
            while self._fill(waiting):
                done, _ = wait(self._flying, return_when=FIRST_COMPLETED)
                step("run:computed")
                self._settle(done)
                step("run:settled")
                if self.fail_fast and self.report.failed:
                    waiting = iter(())
                    self._again.clear()
        except BaseException:
            self._abandon()
            raise
        self._remove_temporaries(self._leaving)

    def _fill(self, waiting: Iterable[DataId]) -> bool:
        """Give the workers something to do; tell whether anything is being done."""
        source = iter(waiting)
        while len(self._flying) < self.workers * _PER_WORKER:
            flight = self._again.popleft() if self._again else self._next(source)
            if flight is None:
                break
            future = self.executor.submit(
                run_data_id,
                self.job,
                flight.data_id,
                flight.token,
                replaces=self.replaces(flight.data_id),
            )
            self._flying[future] = flight
            if isinstance(self.executor, InlineExecutor):
                break  # it is done already
        return bool(self._flying)

    def _next(self, source: Iterable[DataId]) -> _Flight | None:
        for data_id in source:
            return _Flight(data_id, _token(), 1)
        return None

    def _settle(self, done: Iterable[Future[Outcome]]) -> None:
        """Publish what is done, report what has failed, and try again what deserves it."""
        settled: list[tuple[_Flight, Outcome]] = []
        with uninterrupted():
            for future in done:
                flight = self._flying.pop(future)
                if isinstance(self.executor, DaskExecutor):  # does again what is lost, unasked
                    self._leaving.append(flight)
                try:
                    settled.append((flight, future.result()))
                except Exception as error:
                    if self.job.raises:
                        raise
                    outcome = self._outcome_of_loss(flight, error)
                    if outcome is not None:
                        settled.append((flight, outcome))
            if settled:
                self._publish(settled)

    def _outcome_of_loss(self, flight: _Flight, error: Exception) -> Outcome | None:
        """Take away what a lost worker left; None if its data ID gets another chance."""
        self._remove_temporaries([flight])
        if not self._undeclared:  # where these lie is not known yet
            self._leaving.append(flight)
        if isinstance(error, WorkerDiedError) and flight.attempt < _MOST_ATTEMPTS:
            logger.warning("%s is run again: %s", flight.data_id, error)
            self._again.append(_Flight(flight.data_id, _token(), flight.attempt + 1))
            return None
        text = str(error) or type(error).__name__
        if flight.attempt > 1:
            text += f" So it did {flight.attempt} times."
        datasets = put_log(self.job, flight.data_id, f"{text}\n")
        return Outcome(datasets, error=text, log=text)

    def _publish(self, settled: list[tuple[_Flight, Outcome]]) -> None:
        for _, outcome in settled:
            for one in outcome.datasets:
                self._warn_of(one.dataset_type.name)
                made = one.provenance or Provenance()
                one.provenance = made._replace(
                    task=self.recipe.task,
                    configuration=self.recipe.configuration,
                    versions=self.recipe.versions,
                )
        errors = self.butler.publish([outcome.datasets for _, outcome in settled])
        for (flight, outcome), error in zip(settled, errors, strict=True):
            if error is not None:
                outcome.error = f"{outcome.error}\n{error}".strip()
            self._count(flight.data_id, outcome, has_log=error is None and bool(outcome.datasets))

    def _warn_of(self, dataset_type: str) -> None:
        if dataset_type not in self._output_types() and dataset_type not in self._undeclared:
            self._undeclared.add(dataset_type)
            self.report.warnings.append(
                f"{self.job.task.__name__} writes {dataset_type!r} without declaring it in "
                f"output_types: nobody can tell whether it is finished."
            )

    def _count(self, data_id: DataId, outcome: Outcome, *, has_log: bool) -> None:
        if outcome.process != os.getpid():  # nobody has seen them here
            for name, level, message in outcome.warnings:
                logging.getLogger(name).log(level, "%s: %s", data_id, message)
        if outcome.error:
            kind = self.job.task.log_type()
            uri = self.butler.get_uri(kind, data_id) if has_log else ""
            self.report.add_failure(FailedDataId(data_id, outcome.error, uri))
        else:
            self.report.done += 1
        self.on_outcome(data_id, outcome)

    def _abandon(self) -> None:
        """Publish what is done, end what is not, and take away what that leaves."""
        done = [one for one in self._flying if one.done() and one.exception() is None]
        if isinstance(self.executor, ProcessExecutor | DaskExecutor):
            self.executor.kill()
        else:
            self.executor.shutdown(wait=True, cancel_futures=True)
        self._settle(done)
        self._remove_temporaries([*self._leaving, *self._flying.values()])
        self._flying.clear()

    def _remove_temporaries(self, flights: Collection[_Flight]) -> None:
        store = self._output.store
        if flights and isinstance(store, LocalStore):
            targets = [
                os.path.relpath(self.butler.get_uri(name, flight.data_id, write=True), store.root)
                for flight in flights
                for name in self._output_types()
            ]
            if self._undeclared:  # their folders may follow from keys that only the task knows
                folders = (folder for folder, _, _ in os.walk(store.root))
                targets += [
                    os.path.relpath(os.path.join(one, "any"), store.root) for one in folders
                ]
            tokens = [flight.token for flight in flights]
            for path in list(iter_temporaries(store, targets, tokens)):
                store.remove(path)

    def folders(self, data_ids: Iterable[DataId]) -> set[str]:
        """Return the folders of the output where data IDs are written, as far as they say."""
        chain = Chain(self.butler.repositories)
        once = (self.job.task.config_type(), PACKAGES)
        kinds = [chain.lookup(name).dataset_type for name in (*self._output_types(), *once)]
        return {
            os.path.dirname(self._output.target_path(kind, data_id))
            for data_id in (DataId(), *data_ids)
            for kind in kinds
            if kind.template is not None and kind.key_set <= data_id.keys()
        }

    @property
    def _output(self) -> NativeRepository:
        output: NativeRepository = self.butler.outputs[0]  # type: ignore[assignment]  # tasks write to no other
        return output

    def _output_types(self) -> tuple[str, ...]:
        task = self.job.task
        return (*task.output_types(self.job.config), task.metadata_type(), task.log_type())


def _token() -> str:
    return uuid4().hex[:6]


def take_back_left_over(repository: NativeRepository, folders: Iterable[str] = ()) -> int:
    """Take away what runs left behind whose driver died, and return how much it was.

    Parameters
    ----------
    repository
        The output.
    folders
        Where temporary files may lie, relative to its root.
    """
    if is_remote(repository.root) or not isinstance(repository.store, LocalStore):
        return 0
    count = 0
    for intent in repository.registry.intents():
        if is_dead(intent):
            count += len(take_back(repository.registry, repository.store, intent) or ())
    paths = [os.path.join(folder, "any") for folder in dict.fromkeys(folders)]
    for path in list(iter_temporaries(repository.store, paths)):
        repository.store.remove(path)
        count += 1
    return count
