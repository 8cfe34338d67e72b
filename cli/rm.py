"""``butler rm``."""

from __future__ import annotations

import click

from cli.arguments import (
    condition_of,
    dataset_type_argument,
    format_option,
    id_option,
    repository_argument,
    where_option,
)
from cli.command import verb
from cli.confirmation import is_confirmed
from cli.exit_codes import ExitCode
from cli.output import write_rows
from cli.reporting import note

__all__ = ["rm"]

_SHOWN = 20


@verb
@repository_argument
@dataset_type_argument()
@id_option
@where_option
@click.option("-n", "--dry-run", is_flag=True, help="Only list what would be removed.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Also what known reruns need.")
@format_option
def rm(
    repo: str,
    dataset_type: str,
    ids: tuple[str, ...],
    where: str | None,
    form: str,
    *,
    dry_run: bool,
    yes: bool,
    force: bool,
) -> int:
    """Remove datasets of one TYPE from REPO, and list them.

    Parents lose nothing. What a link leads to stays, and so does a file that
    was registered where it lies; and what a known rerun needs, unless --force
    is given. --id alone means all of them.

    butler rm DATA/rerun/mine calexp --id visit=903334 --dry-run
    """
    if not ids and not where:
        raise click.UsageError("Say which datasets: --id or --where. A bare --id means all.")
    from butler.writes.removal import datasets_to_remove, refuse_needed, remove_found

    with datasets_to_remove(repo, dataset_type, condition_of(ids, where)) as found:
        rows = [{**one.data_id.to_dict(), "path": one.path} for one in found.datasets]
        columns = tuple(rows[0]) if rows else ("path",)
        write_rows(rows, columns, form)
        number = f"{len(rows)} {'dataset' if len(rows) == 1 else 'datasets'}"
        dependents = found.dependents()
        for one in dependents[:_SHOWN] if dry_run or force else ():
            note(f"Needed: {one}")
        if dry_run:
            note(f"{number} would be removed (dry run: nothing was done)")
            return ExitCode.DONE
        if not force:
            refuse_needed(dependents)
        if not is_confirmed(f"Remove {number} from {found.repository.root}?", yes=yes):
            note("Nothing was removed.")
            return ExitCode.SOME_FAILED
        files = remove_found(found, force=True)  # who needs them was asked before the user
        note(f"{number} removed, {len(files)} files")
    return ExitCode.DONE
