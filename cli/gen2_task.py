"""Commands that run one task as the LSST stack's second generation did: ``processCcd.py``."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, Unpack

import click

from cli.exit_codes import ExitCode
from cli.reporting import guarded, note, prepare_streams, verbose_option
from cli.task_options import TaskOptions, TaskVerb, task_options
from cli.task_run import perform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Gen2TaskCommand", "expand_files", "make_command", "run_command"]


class Gen2TaskCommand(TaskVerb):
    """A command of its own: errors become messages and exit codes here."""

    takes_files = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, those in ``@file`` too."""
        return super().parse_args(ctx, list(expand_files(args)))

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        return guarded(ctx, super().invoke)


def expand_files(arguments: Sequence[str]) -> Iterator[str]:
    """Yield arguments, those of a file where one is named by ``@file``.

    Parameters
    ----------
    arguments
        As the user gave them. A file has any number of lines, and comments
        that begin with ``#``.
    """
    for word in arguments:
        if not word.startswith("@"):
            yield word
            continue
        try:
            with open(word[1:], encoding="utf-8") as file:
                yield from expand_files(shlex.split(file.read(), comments=True))
        except (OSError, ValueError) as error:
            raise click.UsageError(f"{word} cannot be read: {error}") from error


def make_command(
    name: str, task: str, example: str, run: Callable[[str, TaskOptions], int] | None = None
) -> click.Command:
    """Return a command that runs a task with Gen2's options.

    Parameters
    ----------
    name
        As it is typed.
    task
        As `pipelines.task_lookup.find_task` takes it.
    example
        A line that shows it.
    run
        Runs it over a repository with options, and returns the exit code; by
        default `perform`.
    """

    @click.command(
        name,
        cls=Gen2TaskCommand,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        help=f"Run {task} over data IDs of REPO, as Gen2's command of this name did.\n\n{example}",
    )
    @click.argument("repo", metavar="REPO")
    @click.option("--calib", metavar="DIR", help="CALIB of REPO; others are linked there.")
    @click.option("--noExit", "no_exit", is_flag=True, help="Accepted: nothing to do.")
    @click.option("--longlog", is_flag=True, help="Accepted: logs have the time already.")
    @click.option("--no-versions", is_flag=True, help="The same as --clobber-versions.")
    @click.option("--clobber-output", is_flag=True, help="The same as --redo.")
    @task_options
    @verbose_option
    def command(
        repo: str,
        *,
        calib: str | None,
        no_exit: bool,  # noqa: ARG001 - there is nothing left for it to do
        longlog: bool,  # noqa: ARG001 - as above
        no_versions: bool,
        clobber_output: bool,
        **options: Unpack[TaskOptions],
    ) -> int:
        root = _below(repo, "PIPE_INPUT_ROOT")
        if options["output"]:
            options["output"] = _below(options["output"], "PIPE_OUTPUT_ROOT")
        options["clobber_versions"] |= no_versions
        options["redo"] |= clobber_output
        if calib is not None:
            _check_calib(root, _below(calib, "PIPE_CALIB_ROOT"))
        return perform(task, root, options) if run is None else run(root, options)

    return command


def _below(place: str, variable: str) -> str:
    """Return a place, below the folder that the environment names if there is one."""
    above = os.environ.get(variable)
    return place if above is None or os.path.isabs(place) else os.path.join(above, place)


def _check_calib(repo: str, calib: str) -> None:
    """Refuse calibrations that would not be found."""
    linked = os.path.join(repo, "CALIB")
    if os.path.exists(linked) and os.path.exists(calib) and os.path.samefile(linked, calib):
        return
    raise click.UsageError(
        f"Calibrations are read from CALIB of the repository. Link them there: "
        f"ln -s {os.path.abspath(calib)} {linked}; or name one: --user-calib flat:FILE"
    )


def run_command(command: click.Command) -> None:
    """Run a command with the arguments of the process, and end the process."""
    prepare_streams()
    try:
        command()
    except KeyboardInterrupt:
        note("Interrupted.")
        sys.exit(ExitCode.INTERRUPTED)
