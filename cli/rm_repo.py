"""``butler rm-repo``."""

from __future__ import annotations

import click

from cli.arguments import repository_argument
from cli.command import verb
from cli.confirmation import is_confirmed
from cli.exit_codes import ExitCode
from cli.progress import progress
from cli.reporting import note
from cli.sizes import size_text

__all__ = ["rm_repo"]


@verb
@repository_argument
@click.option("-n", "--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Also if reruns stand on it, or its registry is lost.")
def rm_repo(repo: str, *, dry_run: bool, yes: bool, force: bool) -> int:
    """Remove REPO: its datasets, its registry, its description.

    What links lead to stays, and so do files that REPO does not know. A
    PostgreSQL schema is dropped.

    butler rm-repo DATA/rerun/mine
    """
    from butler.repository.removal import plan_removal, remove_repository

    plan = plan_removal(repo, force=force)
    what = f"{plan.root}: {plan.datasets} datasets, {size_text(plan.size)}"
    if plan.reruns:
        note(f"{len(plan.reruns)} known reruns stand on {plan.root}.")
    if dry_run:
        note(f"{what} would be removed (dry run: nothing was done)")
        return ExitCode.DONE
    is_wanted = (plan.reruns and not force) or is_confirmed(f"Remove {what}?", yes=yes)
    if not is_wanted:
        note("Nothing was removed.")
        return ExitCode.SOME_FAILED
    with progress("Removing", plan.datasets) as advance:
        report = remove_repository(repo, force=force, on_files=advance)
    note(f"{plan.root} is removed, {report.files} files.")
    if report.left:
        note(f"Left there, because it is not the repository's: {', '.join(report.left)}")
    return ExitCode.DONE
