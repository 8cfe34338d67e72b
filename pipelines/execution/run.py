"""A task is run over many data IDs: the whole way."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from butler.butler import Butler
from butler.registry.condition import Condition, Everything
from butler.registry.rows import Provenance
from butler.repository.chain import Chain
from butler.safe_yaml import dump_yaml
from butler.storage.writer_mark import WriterMark
from pipelines.errors import RunError
from pipelines.execution.dask_executor import DaskExecutor
from pipelines.execution.dataset_types import identifying_keys
from pipelines.execution.driver import Driver, take_back_left_over
from pipelines.execution.executors import check_engine, make_executor
from pipelines.execution.interruption import ending_as_interruption
from pipelines.execution.plan import Finished, select
from pipelines.execution.preparation import (
    Clobber,
    check_recorded,
    check_types,
    config_text,
    open_output,
    record_run,
)
from pipelines.execution.profiles import Profiles
from pipelines.execution.report import RunReport
from pipelines.execution.selection_words import missing_warnings, record_selection
from pipelines.execution.threads import one_thread
from pipelines.execution.worker import Job, close_job, construct_task
from pipelines.task.debug import import_debug
from pipelines.versions import software_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from butler.data_id import DataId
    from butler.repository.native import NativeRepository
    from butler.task_butler import TaskButler
    from pipelines.configuration.override_file import LoadedFile
    from pipelines.execution.places import RunPlaces
    from pipelines.execution.plan import Selection
    from pipelines.execution.selection_words import SelectionWords
    from pipelines.execution.worker import Outcome
    from pipelines.task.cmd_line_task import CmdLineTask
    from pipelines.task.config import Config

    OnOutcome = Callable[[DataId, Outcome, RunReport], None]

__all__ = ["PlannedDataId", "RunRequest", "plan_run", "run_task"]


@dataclass(frozen=True)
class RunRequest:
    """What shall be run, and how.

    Parameters
    ----------
    task
        Its class.
    config
        Complete.
    places
        Where it reads and writes.
    conditions
        One for each ``--id``; their union is meant, everything if there is
        none.
    where
        Must hold too.
    loaded
        The files that the configuration was made by.
    processes
        1 runs everything in this process, if the engine is ``processes``.
    engine
        Who runs; see `make_executor`.
    timeout_s
        For each data ID in another process; None for no limit.
    clobber
        What may take the place of what an earlier run has recorded.
    redoes
        Whether finished data IDs are run again, and replaced.
    fail_fast
        Whether the first failure is the end.
    raises
        Whether, in this process, the first failure is raised.
    resumes
        Whether an earlier run must be there to go on with.
    reuse_from
        A step of the task, or ``"all"``: where its outputs and those of the
        steps before it are there, they are taken.
    asked
        ``conditions`` and ``where`` as they were typed, for whoever resumes.
    profile
        File for the profile; several data IDs get one each, with their keys in
        the name. Empty for none.
    debugs
        Whether the user's module ``debug`` is imported first.
    keeps_results
        Whether outcomes have what the task has returned.
    log_levels
        Names of loggers and their levels; the empty name is the root's.
    """

    task: type[CmdLineTask]
    config: Config
    places: RunPlaces
    conditions: Sequence[Condition] = ()
    where: Condition = field(default_factory=Everything)
    loaded: Sequence[LoadedFile] = ()
    processes: int = 1
    engine: str = "processes"
    timeout_s: float | None = None
    clobber: Clobber = field(default_factory=Clobber)
    redoes: bool = False
    fail_fast: bool = False
    raises: bool = False
    resumes: bool = False
    reuse_from: str = ""
    asked: SelectionWords | None = None
    profile: str = ""
    debugs: bool = False
    keeps_results: bool = False
    log_levels: Mapping[str, int] = field(default_factory=lambda: {"": 20})


@dataclass(frozen=True, slots=True)
class PlannedDataId:
    """What would be done with a data ID.

    Parameters
    ----------
    data_id
        Which one.
    action
        ``run``, or ``skip`` for one that is finished.
    missing
        The declared inputs that are not there.
    """

    data_id: DataId
    action: str
    missing: tuple[str, ...] = ()


def plan_run(request: RunRequest) -> Iterator[PlannedDataId]:
    """Yield what a run would do; nothing is written.

    Parameters
    ----------
    request
        What would be run.

    Yields
    ------
    PlannedDataId
        One for each data ID.

    Raises
    ------
    DatasetNotFoundError
        If nothing matches.
    MismatchError, RunError
        As `run_task`.
    """
    _check(request)
    with Butler(**request.places.as_readable()) as butler:  # type: ignore[arg-type]
        check_types(request.task, request.config, Chain(butler.repositories))
        selection = _select(request, butler)
        finished = None
        if not request.places.is_new:
            text = config_text(request.config, request.loaded)
            check_recorded(butler, request.task, text, request.clobber)
            if not request.redoes:
                finished = _finished(request, butler, text)
        inputs = request.task.input_types(request.config)
        for data_id in selection.data_ids:
            if finished is not None and data_id in finished:
                yield PlannedDataId(data_id, "skip")
                continue
            missing = tuple(name for name in inputs if not butler.dataset_exists(name, data_id))
            yield PlannedDataId(data_id, "run", missing)


def _check(request: RunRequest) -> None:
    _reused_steps(request)
    check_engine(request.engine, timeout_s=request.timeout_s)
    if request.task.refused is not None:
        raise request.task.refused
    if request.resumes:
        request.places.require_output()
    folder = os.path.dirname(os.path.abspath(request.profile))
    if request.profile and not os.path.isdir(folder):
        raise RunError(f"The profile cannot be written: there is no folder {folder}. Make it.")
    is_elsewhere = request.processes > 1 or request.engine != "processes"
    if is_elsewhere and request.task.__module__ == "__main__":
        raise RunError(
            f"{request.task.__name__} is defined in the main script, which other processes do not "
            f"have: put it into a module of its own, or run it in one process."
        )


def _reused_steps(request: RunRequest) -> tuple[str, ...]:
    return request.task.steps_through(request.reuse_from) if request.reuse_from else ()


def _select(request: RunRequest, butler: Butler) -> Selection:
    found = select(butler, request.task, request.config, request.conditions, request.where)
    if request.asked is None:
        return found
    types = butler.get_keys(request.task.data_type)
    missing = missing_warnings(request.asked, found.data_ids, types)
    return replace(found, warnings=(*found.warnings, *missing))


def _finished(request: RunRequest, butler: Butler, text: str) -> Finished | None:
    if not Chain(butler.repositories).knows(request.task.metadata_type()):
        return None
    return Finished(butler, request.task, request.config, text)


def run_task(
    request: RunRequest,
    on_outcome: OnOutcome | None = None,
    executor: Executor | None = None,
) -> RunReport:
    """Run a task over data IDs, those that are finished excepted.

    Parameters
    ----------
    request
        What is run.
    on_outcome
        Is called for each data ID with what came of it, and with the report
        so far.
    executor
        Whose workers run, ``request.processes`` of them; they must see the
        files of the output. None for processes of this computer.

    Returns
    -------
    RunReport
        Also after Ctrl-C, which ends the run in good order.

    Raises
    ------
    DatasetNotFoundError
        If nothing matches.
    MismatchError
        If the output was made with another configuration or other versions.
    RunError
        If the run cannot be begun.
    UnknownStepError
        If the task has no step ``reuse_from``.

    Notes
    -----
    Everything that a data ID puts is published together or not at all. After
    a kill at any moment the same call goes on where it was.
    """
    began = time.perf_counter()
    _check(request)
    if request.debugs:
        import_debug()
    with Butler(**request.places.as_readable()) as reader:  # type: ignore[arg-type]
        check_types(request.task, request.config, Chain(reader.repositories))
        selection = _select(request, reader)
    butler = open_output(request.task, request.places)
    try:
        with ending_as_interruption():
            report = _run(request, butler, selection, on_outcome, executor)
    finally:
        butler.close()
    report.wall_s = time.perf_counter() - began
    return report


def _run(
    request: RunRequest,
    butler: TaskButler,
    selection: Selection,
    on_outcome: OnOutcome | None,
    executor: Executor | None,
) -> RunReport:
    task = construct_task(request.task, request.config, butler)
    text = config_text(request.config, request.loaded)
    output: NativeRepository = butler.outputs[0]  # type: ignore[assignment]  # it was just opened
    _record(request, butler, task, text)
    finished = Finished(butler, request.task, request.config, text)
    every = selection.data_ids
    left = list(every if request.redoes else finished.missing(every))
    report = RunReport(task.default_name(), output.root, len(every), len(every) - len(left))
    report.warnings += selection.warnings
    job = _job(request, _profiles(request, butler, len(left)))
    with one_thread(), _executor(request, executor) as workers:
        driver = Driver(
            butler,
            job,
            _recipe(request, text),
            workers,
            _count_workers(workers, request.processes),
            report,
            request.fail_fast or request.raises,
            lambda data_id: request.redoes or finished.is_stale(data_id),
        )
        if on_outcome is not None:
            driver.on_outcome = lambda data_id, outcome: on_outcome(data_id, outcome, report)
        take_back_left_over(output, driver.folders(left))
        try:
            driver.run(left)
        except KeyboardInterrupt:
            report.is_interrupted = True
        finally:
            close_job(job)
    report.profiles = [] if job.profiles is None else job.profiles.written(left)
    return report


def _count_workers(executor: Executor, at_least: int) -> int:
    return max(executor.workers, at_least) if isinstance(executor, DaskExecutor) else at_least


def _record(request: RunRequest, butler: TaskButler, task: CmdLineTask, text: str) -> None:
    """Write down what is run, unless the output was made with something else."""
    record_run(butler, task, text, request.clobber)
    record_selection(butler, request.task, request.asked)


def _profiles(request: RunRequest, butler: TaskButler, count: int) -> Profiles | None:
    """Return where profiles go, if they are wanted."""
    if not request.profile:
        return None
    keys = identifying_keys(request.task, Chain(butler.repositories)) if count > 1 else ()
    return Profiles(os.path.abspath(request.profile), keys)


def _job(request: RunRequest, profiles: Profiles | None) -> Job:
    return Job(
        uuid4().hex,
        request.task,
        request.config,
        request.places.as_arguments(),
        WriterMark.mine(),
        request.log_levels,
        raises=request.raises and request.processes == 1,
        reused_steps=_reused_steps(request),
        profiles=profiles,
        debugs=request.debugs,
        keeps_results=request.keeps_results,
    )


def _recipe(request: RunRequest, text: str) -> Provenance:
    """Return what all outputs of a run have in common."""
    return Provenance(
        f"{request.task.__module__}.{request.task.__qualname__}",
        text,
        dump_yaml(software_versions(request.task.__module__)),
    )


def _executor(request: RunRequest, given: Executor | None) -> AbstractContextManager[Executor]:
    """Return a context with an executor; one that was given stays open."""
    if given is not None:
        return nullcontext(given)
    modules = (Job.__module__, request.task.__module__)
    return make_executor(
        request.engine, request.processes, timeout_s=request.timeout_s, imports=modules
    )
