"""``butler migrate``."""

from __future__ import annotations

import os

import click

from cli.arguments import repository_argument
from cli.command import verb
from cli.output import write_rows
from cli.reporting import note

__all__ = ["migrate"]


@verb
@repository_argument
@click.option("-n", "--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--shared", is_flag=True, help="Users without write permission will read it.")
def migrate(repo: str, *, dry_run: bool, shared: bool) -> None:
    """Make the Gen2 repository REPO one of ours, in place; or bring an old one up to date.

    No file is moved. Gen2's registry is kept as registry.gen2.sqlite3, an old
    one of ours as registry.VERSION.sqlite3.

    butler migrate DATA --dry-run
    butler migrate DATA
    """
    from butler.repository.locations import absolute_location
    from butler.repository.native import NativeRepository
    from butler.repository.opening import open_repository

    repository = open_repository(absolute_location(repo))
    try:
        if isinstance(repository, NativeRepository):
            _upgrade(repository.root, dry_run=dry_run)
            return
    finally:
        repository.close()
    from butler.repository.migrate import migrate_repository

    report = migrate_repository(repo, dry_run=dry_run, shared=shared)
    counts = report.datasets.items()
    rows = [{"dataset_type": name, "datasets": number} for name, number in counts]
    write_rows(rows, ("dataset_type", "datasets"), "table")
    for text in report.skipped:
        note(f"Not registered: {text}")
    if dry_run:
        note(f"{report.root} would become a repository of ours (dry run: nothing was done)")
        return
    kept = f" Gen2's registry is kept as {report.backup}." if report.backup else ""
    note(f"{report.root} is a repository of ours now, of the camera {report.camera}.{kept}")


def _upgrade(root: str, *, dry_run: bool) -> None:
    from butler.repository.upgrade import backup_name, upgrade_repository

    before, after = upgrade_repository(root, _migrations(), dry_run=dry_run)
    if before == after:
        note(f"{root} is up to date: its registry has version {after}.")
    elif dry_run:
        note(f"The registry of {root} has version {before} and would be brought to {after}.")
    else:
        note(
            f"The registry of {root} was brought from version {before} to {after}. "
            f"A registry in a file was copied first: {backup_name(before)}"
        )


def _migrations() -> str:
    """Return the folder of the migrations, which lies beside this package."""
    return os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "migrations")
