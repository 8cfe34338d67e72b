"""``butler cp``."""

from __future__ import annotations

import click

from cli.arguments import (
    condition_of,
    dataset_type_argument,
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

__all__ = ["cp"]


@verb
@repository_argument
@dataset_type_argument()
@id_option
@where_option
@click.option(
    "--to",
    "target",
    type=click.Path(),
    required=True,
    metavar="DEST",
    help="A directory, or a repository.",
)
@click.option("--flat", "is_flat", is_flag=True, help="File names alone, without folders.")
@mode_option("copy", without=("skip", "move", "direct"))
@dry_run_option
@format_option
def cp(
    repo: str,
    dataset_type: str,
    ids: tuple[str, ...],
    where: str | None,
    target: str,
    mode: str,
    form: str,
    *,
    is_flat: bool,
    dry_run: bool,
) -> int:
    """Copy datasets of one TYPE from REPO and its parents to DEST.

    Into a directory files alone are copied; into another repository they come
    with all that is known of them, as with butler import. Nothing is
    overwritten.

    butler cp DATA raw --id visit=903334 --to somewhere --flat
    butler cp DATA/rerun/isr postISRCCD --where "ccd < 50" --to MINE
    """
    if not ids and not where:
        raise click.UsageError("Say which datasets: --id or --where. A bare --id means all.")
    from butler.moving.copying import copy_datasets

    with progress("Copying") as advance:
        report = copy_datasets(
            repo,
            target,
            [dataset_type],
            condition=condition_of(ids, where),
            mode=mode,
            is_flat=is_flat,
            dry_run=dry_run,
            on_dataset=lambda _report: advance(1),
        )
    write_move_report(report, form)
    return report.exit_code
