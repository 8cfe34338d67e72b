"""Running a task for a command: from its options to its report and exit code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from cli.arguments import condition_of, user_calibs_of
from cli.command import split_words
from cli.exit_codes import ExitCode
from cli.output import write_fields, write_rows
from cli.progress import estimating
from cli.reporting import note
from cli.task_options import log_levels_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from butler import DataId
    from butler.mapper import Mapper
    from cli.task_options import TaskOptions
    from pipelines.execution.places import RunPlaces
    from pipelines.execution.preparation import Clobber
    from pipelines.execution.report import RunReport
    from pipelines.execution.run import RunRequest
    from pipelines.execution.selection_words import SelectionWords
    from pipelines.execution.worker import Outcome
    from pipelines.task import CmdLineTask, Config

__all__ = ["perform", "run_with_options", "summary_of"]

_JOINT = "\0"
_SHOWN = ("config", "history", "tasks", "data", "run")


def perform(task_name: str, repo: str, options: TaskOptions) -> int:
    """Run a task as the options say, and return the exit code.

    Parameters
    ----------
    task_name
        As `pipelines.task_lookup.find_task` takes it.
    repo
        The repository that is read.
    options
        From `task_options`.
    """
    from pipelines.task_lookup import find_task

    if not (options["dry_run"] or options["shows"]):
        _begin_imports(task_name, options)
    report = run_with_options(find_task(task_name), repo, options)
    if report is None:
        return ExitCode.DONE
    if report.is_interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.SOME_FAILED if report.failed else ExitCode.DONE


def _begin_imports(task_name: str, options: TaskOptions) -> None:
    """Have the processes to come import an installed task beside this one."""
    from pipelines.execution.process_executor import begin_imports
    from pipelines.task_lookup import task_module

    module = task_module(task_name)
    if module and options["processes"] > 1 and options["engine"] == "processes":
        begin_imports(["pipelines.execution.worker", module])


def run_with_options(
    task: type[CmdLineTask],
    repo: str,
    options: TaskOptions,
    *,
    base: Config | None = None,
    keeps_results: bool = False,
    on_outcome: Callable[[DataId, Outcome], None] | None = None,
) -> RunReport | None:
    """Run a task, and return what came of it, None if something was only shown.

    Parameters
    ----------
    task
        Its class.
    repo, options
        As for `perform`.
    base
        A configuration in place of the defaults.
    keeps_results
        Whether outcomes have what the task returned.
    on_outcome
        Is called for each data ID.
    """
    from pipelines.configuration.build_config import Override, build_config

    words = [part for one in options["shows"] for part in split_words(one)]
    asked = [(*word.partition("=")[::2],) for word in words]
    overrides = [Override(*one.split(_JOINT, 1)) for one in options["overrides"]]  # type: ignore[arg-type]
    config, loaded = build_config(task, _mapper_of(repo), overrides, base=base)
    for what, pattern in asked:
        _show(what, pattern, config)
    if asked and not {"run", "data"} & {what for what, _ in asked}:
        return None
    request = _request(task, config, repo, options, loaded)
    if options["dry_run"] or (asked and "run" not in {what for what, _ in asked}):
        _write_plan(request, options["form"])
        return None
    report = _run(replace(request, keeps_results=keeps_results), on_outcome)
    _write_report(report, options["form"])
    return report


def _mapper_of(repo: str) -> Mapper:
    from butler.repository.locations import absolute_location
    from butler.repository.opening import open_repository

    repository = open_repository(absolute_location(repo))
    repository.close()
    return repository.mapper


def _show(what: str, pattern: str, config: Config) -> None:
    from pipelines.configuration.shown import show_config, show_history, show_tasks

    if what == "config":
        click.echo(show_config(config, pattern))
    elif what == "history":
        click.echo(show_history(config, pattern or "*"))
    elif what == "tasks":
        click.echo("\n".join(show_tasks(config)))
    elif what not in _SHOWN:
        raise click.UsageError(f"--show takes {', '.join(_SHOWN)}, not {what!r}.")


def _request(
    task: type[CmdLineTask],
    config: Config,
    repo: str,
    options: TaskOptions,
    loaded: Sequence[object],
) -> RunRequest:
    from butler.id_syntax import parse_id
    from butler.registry.condition import from_id
    from pipelines.execution.places import find_places
    from pipelines.execution.run import RunRequest

    calibs = user_calibs_of(options["user_calibs"])
    places = find_places(repo, rerun=options["rerun"], output=options["output"], user_calibs=calibs)
    asked = _asked(task, places, options)
    return RunRequest(
        task,
        config,
        places,
        conditions=[from_id(parse_id(one)) for one in asked.ids],
        where=condition_of([], asked.where),
        asked=asked,
        loaded=loaded,  # type: ignore[arg-type]
        processes=options["processes"],
        engine=options["engine"],
        timeout_s=options["timeout_s"],
        clobber=_clobber(options),
        redoes=options["redo"],
        raises=options["doraise"],
        resumes=options["resume"],
        reuse_from=options["reuse_from"],
        profile=options["profile"],
        debugs=options["debug"],
        log_levels=log_levels_of(options["levels"]),
    )


def _clobber(options: TaskOptions) -> Clobber:
    from pipelines.execution.preparation import Clobber

    return Clobber(
        options["clobber_config"],
        options["clobber_versions"],
        keeps_backup=not options["no_backup_config"],
    )


def _asked(task: type[CmdLineTask], places: RunPlaces, options: TaskOptions) -> SelectionWords:
    """Return which data IDs are meant; of a run that is resumed those of the last one."""
    from pipelines.execution.selection_words import SelectionWords, read_selection

    if options["ids"] or options["where"]:
        words = tuple(tuple(split_words(one)) for one in options["ids"])
        return SelectionWords(words, options["where"] or "")
    if options["resume"]:
        return read_selection(task, places)
    raise click.UsageError("Say which data IDs: --id or --where. A bare --id means all.")


def _write_plan(request: RunRequest, form: str) -> None:
    from pipelines.execution.run import plan_run

    rows: list[dict[str, object]] = [
        {"action": one.action, **one.data_id.to_dict(), "missing": list(one.missing)}
        for one in plan_run(request)
    ]
    write_rows(rows, list(rows[0]), form)
    skipped = sum(row["action"] == "skip" for row in rows)
    note(
        f"{len(rows) - skipped} would be run, {skipped} are finished "
        f"(dry run: nothing was done in {request.places.output})"
    )


def _run(request: RunRequest, on_outcome: Callable[[DataId, Outcome], None] | None) -> RunReport:
    """Run, and tell people of each data ID: failures at once, else how far it is."""
    from pipelines.execution.run import run_task

    with estimating(request.task.default_name()) as show:

        def tell(data_id: DataId, outcome: Outcome, report: RunReport) -> None:
            if outcome.error:
                note(f"ERROR {data_id}: {outcome.error}")
            show(report.done + report.failed, report.total - report.skipped)
            if on_outcome is not None:
                on_outcome(data_id, outcome)

        return run_task(request, tell)


def summary_of(report: RunReport) -> str:
    """Return one line that says what came of a run."""
    parts = [f"{report.done} done", f"{report.failed} failed"]
    if report.skipped:
        parts.append(f"{report.skipped} finished before")
    if report.remaining:
        parts.append(f"{report.remaining} not tried")
    end = "; interrupted, run it again to go on" if report.is_interrupted else ""
    return f"{report.task}: {', '.join(parts)} in {report.wall_s:.1f} s, {report.output}{end}"


def _write_report(report: RunReport, form: str) -> None:
    for warning in report.warnings:
        note(f"WARNING {warning}")
    for one in report.failures:
        if one.log_uri:
            note(f"log of {one.data_id}: {one.log_uri}")
    for path in report.profiles:
        note(f"profile: {path}")
    note(summary_of(report))
    if form == "table":
        return
    failures = [
        {**one.data_id.to_dict(), "error": one.error, "log": one.log_uri} for one in report.failures
    ]
    fields: dict[str, object] = {
        "task": report.task,
        "output": report.output,
        "total": report.total,
        "done": report.done,
        "skipped": report.skipped,
        "failed": report.failed,
        "remaining": report.remaining,
        "is_interrupted": report.is_interrupted,
        "wall_s": round(report.wall_s, 3),
        "failures": failures,
        "warnings": report.warnings,
        "profiles": report.profiles,
    }
    write_fields(fields, form)
