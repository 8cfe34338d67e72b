"""A task run from Python by the words of its Gen2 command: ``ProcessCcdTask.parseAndRun``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from butler import Butler
from butler.data_ref import DataRef
from cli.exit_codes import ExitCode
from cli.gen2_task import make_command
from cli.task_run import run_with_options
from pipelines.task import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from butler import DataId
    from cli.task_options import TaskOptions
    from pipelines.execution.report import RunReport
    from pipelines.execution.worker import Outcome
    from pipelines.task import CmdLineTask, Config

__all__ = ["parse_and_run"]


def parse_and_run(
    task: type[CmdLineTask],
    words: Sequence[str],
    config: Config | None = None,
    *,
    returns_results: bool = False,
) -> Struct:
    """Run a task; see `CmdLineTask.parse_and_run`.

    Parameters
    ----------
    task
        Its class.
    words, config, returns_results
        As there.
    """
    base = task.ConfigClass() if config is None else config
    outcomes: list[tuple[DataId, Outcome]] = []
    reports: list[RunReport] = []

    def run(repo: str, options: TaskOptions) -> int:
        report = run_with_options(
            task,
            repo,
            options,
            base=base,
            keeps_results=returns_results,
            on_outcome=lambda data_id, outcome: outcomes.append((data_id, outcome)),
        )
        if report is None:
            raise SystemExit(ExitCode.DONE)
        reports.append(report)
        return ExitCode.DONE

    name = f"{task.default_name()}.py"
    command = make_command(name, name, f"{name} DATA --rerun one --id visit=903334", run)
    _invoke(command, name, words)
    (report,) = reports
    if report.is_interrupted:
        raise SystemExit(ExitCode.INTERRUPTED)
    if report.failed and "--noExit" not in words:
        raise SystemExit(ExitCode.SOME_FAILED)
    butler = Butler(report.output)
    results = [_result(task, butler, *one) for one in outcomes]
    return Struct(parsedCmd=Struct(butler=butler, config=base), resultList=results)


def _invoke(command: click.Command, name: str, words: Sequence[str]) -> None:
    """Call the function of a command; what it raises is raised here."""
    try:
        with command.make_context(name, [str(word) for word in words]) as context:
            command.invoke(context)
    except click.exceptions.Exit as error:
        raise SystemExit(error.exit_code) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(ExitCode.USAGE) from error


def _result(task: type[CmdLineTask], butler: Butler, data_id: DataId, outcome: Outcome) -> Struct:
    kind = task.metadata_type()
    has_metadata = butler.dataset_exists(kind, data_id)
    return Struct(
        exitStatus=int(bool(outcome.error)),
        dataRef=DataRef(butler, task.data_type, data_id),
        metadata=butler.get(kind, data_id) if has_metadata else None,
        result=outcome.result,
    )
