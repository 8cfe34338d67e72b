"""``butler run``."""

from __future__ import annotations

from typing import Unpack

import click

from cli.arguments import repository_argument
from cli.reporting import verbose_option
from cli.task_options import TaskOptions, TaskVerb, task_options
from cli.task_run import perform

__all__ = ["run"]


@click.command("run", cls=TaskVerb)
@click.argument("task", metavar="TASK")
@repository_argument
@task_options
@verbose_option
def run(task: str, repo: str, **options: Unpack[TaskOptions]) -> int:
    """Run a TASK over data IDs of REPO, those that are finished excepted.

    A TASK is one of those that are installed, or module:Class. What a data ID
    puts is published together or not at all; a data ID that fails is reported
    with its log and stops no other. Run it again to go on.

    butler run isr DATA --rerun first --id visit=903334 ccd=0..8 -j 4
    butler run isr DATA --rerun first --id --dry-run
    butler run isr DATA --show config=*flat* tasks
    """
    return perform(task, repo, options)
