"""What runs in a worker: one data ID, from its inputs to sealed outputs."""

from __future__ import annotations

import gc
import inspect
import os
import time
import traceback
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from butler.data_ref import DataRef
from butler.registry.rows import InputRow, Provenance
from butler.storage.writer_mark import Publisher, WriterMark
from butler.task_butler import TaskButler
from pipelines.execution.run_log import RunLog, capturing
from pipelines.task.debug import import_debug

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from butler.data_id import DataId
    from butler.storage.commit import PendingDataset
    from butler.task_butler import Collected
    from pipelines.execution.profiles import Profiles
    from pipelines.task.cmd_line_task import CmdLineTask
    from pipelines.task.config import Config
    from pipelines.task.struct import Struct

__all__ = ["Job", "Outcome", "close_job", "construct_task", "put_log", "run_data_id"]

# A task that runs so long may leave an exposure in a circle of references, which takes
# memory from the next one; looking for circles takes a twentieth of a second.
_LONG_S = 1.0


@dataclass(frozen=True)
class Job:
    """What all data IDs of a run have in common.

    Parameters
    ----------
    token
        Tells this run from all others.
    task
        Its class; other processes import it.
    config
        Of the task.
    butler
        Keyword arguments of `TaskButler`.
    mark
        Of the process that publishes.
    log_levels
        Names of loggers and their levels.
    raises
        Whether an error is raised here, rather than reported.
    reused_steps
        Of the task, whose outputs are taken where they are there.
    profiles
        Where the profile of each data ID goes; None for no profiles.
    debugs
        Whether the user's module ``debug`` is imported first.
    keeps_results
        Whether what the task returns is handed back.
    """

    token: str
    task: type[CmdLineTask] = field(compare=False)
    config: Config = field(compare=False)
    butler: Mapping[str, object] = field(compare=False)
    mark: WriterMark = field(compare=False)
    log_levels: Mapping[str, int] = field(compare=False, default_factory=dict)
    raises: bool = field(compare=False, default=False)
    reused_steps: tuple[str, ...] = field(compare=False, default=())
    profiles: Profiles | None = field(compare=False, default=None)
    debugs: bool = field(compare=False, default=False)
    keeps_results: bool = field(compare=False, default=False)


@dataclass(slots=True)
class Outcome:
    """What came of one data ID.

    Parameters
    ----------
    datasets
        To be published: all outputs, or after a failure the log alone.
    error
        One line, empty if all is well.
    log
        What was logged.
    started
        ISO 8601, UTC.
    wall_s, cpu_s
        Seconds on the clock and on the processor.
    result
        What the task has returned, if that is kept.
    warnings
        What was warned of: logger, level and message.
    process
        Number of the process that ran it.
    """

    datasets: list[PendingDataset] = field(default_factory=list)
    error: str = ""
    log: str = ""
    started: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    result: Struct | None = None
    warnings: list[tuple[str, int, str]] = field(default_factory=list)
    process: int = field(default_factory=os.getpid)


def construct_task(task: type[CmdLineTask], config: Config, butler: TaskButler) -> CmdLineTask:
    """Make a task; one that takes a ``butler`` is given it, for reference catalogs and the like."""
    if task.wants_butler() or "butler" in inspect.signature(task).parameters:
        return task(config=config, butler=butler)  # type: ignore[call-arg]
    return task(config=config)


@lru_cache(maxsize=1)
def _prepared(job: Job) -> tuple[TaskButler, CmdLineTask]:
    """Return the Butler and the task of a job, made once in each process."""
    if job.debugs:
        import_debug()
    butler = TaskButler(**job.butler)  # type: ignore[arg-type]
    task = construct_task(job.task, job.config, butler)
    task.reused_steps = job.reused_steps
    return butler, task


def close_job(job: Job) -> None:
    """Close what a job has opened in this process."""
    if _prepared.cache_info().currsize:
        _prepared(job)[0].close()
        _prepared.cache_clear()


def run_data_id(job: Job, data_id: DataId, token: str, *, replaces: bool = False) -> Outcome:
    """Run the task of a job for one data ID.

    Parameters
    ----------
    job
        Of the run.
    data_id
        Complete.
    token
        Six hexadecimal digits, in the names of all temporary files that are
        written here.
    replaces
        Whether outputs may take the place of others.

    Returns
    -------
    Outcome
        With records of files that are written and flushed, not published.
    """
    outcome = Outcome(started=datetime.now(UTC).isoformat(timespec="seconds"))
    wall, cpu = time.perf_counter(), time.process_time()
    publisher = Publisher(job.mark, token)
    with capturing(job.log_levels) as log:
        outcome.warnings = log.warnings
        try:
            butler, task = _prepared(job)
            task.empty_metadata()
            with butler.collecting(publisher, replaces=replaces) as collected:
                with job.profiles.recording(data_id) if job.profiles else nullcontext():
                    outcome.result = task.run_data_ref(DataRef(butler, task.data_type, data_id))
                if not job.keeps_results:
                    outcome.result = None
                outcome.wall_s = time.perf_counter() - wall
                outcome.cpu_s = time.process_time() - cpu
                _put_notes(butler, task, data_id, outcome, log)
        except Exception as error:
            if job.raises:
                raise
            outcome.wall_s = time.perf_counter() - wall
            outcome.cpu_s = time.process_time() - cpu
            outcome.error = f"{type(error).__name__}: {error}"
            outcome.log = log.text + traceback.format_exc()
            outcome.datasets = put_log(job, data_id, outcome.log, publisher)
            return outcome
    outcome.log = log.text
    outcome.datasets = _with_inputs(collected, outcome)
    if outcome.cpu_s > _LONG_S:
        gc.collect()
    return outcome


def _put_notes(
    butler: TaskButler, task: CmdLineTask, data_id: DataId, outcome: Outcome, log: RunLog
) -> None:
    """Put metadata and log beside the outputs."""
    notes: dict[str, object] = {
        "started": outcome.started,
        "wall_s": round(outcome.wall_s, 6),
        "cpu_s": round(outcome.cpu_s, 6),
        **task.full_metadata(),
    }
    butler.put(notes, task.metadata_type(), data_id, replace=True)
    butler.put(log.text, task.log_type(), data_id, replace=True)


def _with_inputs(collected: Collected, outcome: Outcome) -> list[PendingDataset]:
    """Return what was put, each with what it was made from and how long that took."""
    inputs: Sequence[InputRow] = tuple(collected.inputs)
    times = (outcome.started, outcome.wall_s, outcome.cpu_s)
    for one in collected.datasets:
        one.provenance = Provenance(None, None, None, tuple(inputs), *times)
    return collected.datasets


def put_log(
    job: Job, data_id: DataId, text: str, publisher: Publisher | None = None
) -> list[PendingDataset]:
    """Return the log of a data ID that failed, written and not published."""
    try:
        butler = _prepared(job)[0]
    except Exception:  # noqa: BLE001 - what failed is told already
        return []
    with butler.collecting(publisher) as collected:
        butler.put(text, job.task.log_type(), data_id, replace=True)
    return collected.datasets
