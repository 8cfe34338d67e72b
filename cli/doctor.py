"""``butler doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.arguments import format_option, repository_argument
from cli.command import OptionalChoice, verb
from cli.doctor_report import COLUMNS, write_summary
from cli.output import write_rows
from cli.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from butler.doctor import Finding, Report, Treatment

__all__ = ["doctor"]

_SHOWN = 5


@verb
@repository_argument
@click.option("--deep", is_flag=True, help="Read every file and compare its sha256.")
@click.option(
    "--repair",
    cls=OptionalChoice,
    choices=("safe", "adopt", "quarantine"),
    help="Take away what dead processes left half done (safe, the default); adopt also registers "
    "whole files that have no row, quarantine moves them to .butler/orphans.",
)
@click.option("--probe", is_flag=True, help="Try out what the file system can do.")
@click.option(
    "--restore-from",
    multiple=True,
    type=click.Path(),
    metavar="REPO",
    help="Where a repair may bring lost files back from.",
)
@click.option(
    "--forget-missing", is_flag=True, help="Let a repair give up datasets whose files are lost."
)
@click.option("-n", "--dry-run", is_flag=True, help="Only say what would be repaired.")
@click.option("--all", "show_all", is_flag=True, help="Show every finding of each kind.")
@format_option
def doctor(
    repo: str,
    repair: str | None,
    restore_from: tuple[str, ...],
    form: str,
    *,
    deep: bool,
    probe: bool,
    forget_missing: bool,
    dry_run: bool,
    show_all: bool,
) -> int:
    """Find what crashes, full disks, lost files or flipped bits have left in REPO.

    Others may go on writing meanwhile. Nothing is changed without --repair,
    and no content is ever removed: what has no row goes to .butler/orphans.
    Exit code 0: clean; 1: something was found, or repaired; 5: damage is left.

    butler doctor DATA
    butler doctor DATA --deep --repair adopt
    """
    from butler.doctor import Treatment

    treatment = Treatment(
        deep=deep,
        repair=repair or "no",  # type: ignore[arg-type]  # one of the choices
        dry_run=dry_run,
        probe=probe,
        forget_missing=forget_missing,
        restore_from=restore_from,
    )
    if form == "table":
        report = _run(repo, treatment, None if show_all else _SHOWN)
        write_summary(report, show_all=show_all)
        return report.exit_code
    rows: list[dict[str, object]] = []
    report = _run(repo, treatment, 0, lambda finding: rows.append(finding.as_row()))
    write_rows(rows, COLUMNS, form)
    return report.exit_code


def _run(
    repo: str,
    treatment: Treatment,
    keep: int | None,
    on_finding: Callable[[Finding], None] | None = None,
) -> Report:
    from butler.doctor import examine

    with progress("Examining") as advance:
        return examine(repo, treatment, keep=keep, on_finding=on_finding, on_progress=advance)
