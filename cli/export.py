"""``butler export``."""

from __future__ import annotations

import click

from cli.arguments import (
    condition_of,
    dry_run_option,
    format_option,
    id_option,
    mode_option,
    repository_argument,
    where_option,
)
from cli.command import verb
from cli.move_report import write_move_report
from cli.progress import progress

__all__ = ["export"]


@verb
@repository_argument
@click.argument("destination", type=click.Path(), metavar="DEST")
@click.argument("dataset_types", nargs=-1, metavar="[TYPE]...")
@id_option
@where_option
@click.option("--chain", "with_parents", is_flag=True, help="Also what REPO's parents hold.")
@mode_option("copy", without=("skip", "move"))
@click.option(
    "--table", type=click.Path(), metavar="FILE", help="A table of contents: .ecsv or .csv."
)
@dry_run_option
@format_option
def export(
    repo: str,
    destination: str,
    dataset_types: tuple[str, ...],
    ids: tuple[str, ...],
    where: str | None,
    mode: str,
    table: str | None,
    form: str,
    *,
    with_parents: bool,
    dry_run: bool,
) -> int:
    """Make a new repository at DEST with datasets of REPO.

    It has all that REPO knows of them, and opens anywhere. It appears whole or
    not at all. With --table there is a table of contents too, or alone if
    DEST is "-".

    butler export DATA SMALL raw calexp --where "visit = 903334"
    butler export DATA - raw --table raws.ecsv
    """
    from butler.moving.exporting import export_datasets

    if destination == "-" and table is None:
        raise click.UsageError('DEST is "-", which means no files: say --table FILE.')
    with progress("Exporting") as advance:
        report = export_datasets(
            repo,
            None if destination == "-" else destination,
            dataset_types,
            condition=condition_of(ids, where),
            with_parents=with_parents,
            mode=mode,
            table=table,
            dry_run=dry_run,
            on_dataset=lambda _report: advance(1),
        )
    write_move_report(report, form)
    return report.exit_code
