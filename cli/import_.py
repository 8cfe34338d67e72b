"""``butler import``."""

from __future__ import annotations

import click

from cli.arguments import (
    condition_of,
    format_option,
    id_option,
    where_option,
)
from cli.command import verb
from cli.move_report import mode_option, write_move_report
from cli.progress import progress

__all__ = ["import_"]


@verb
@click.argument("repo", type=click.Path(), metavar="DEST")
@click.argument("source", type=click.Path(), metavar="SRC")
@click.argument("dataset_types", nargs=-1, metavar="[TYPE]...")
@id_option
@where_option
@click.option("--chain", "with_parents", is_flag=True, help="Also what SRC's parents hold.")
@mode_option
@click.option("-n", "--dry-run", is_flag=True, help="Only say what would be done.")
@click.option(
    "--checksum", is_flag=True, help="Read files that are only linked for their sha256, too."
)
@format_option
def import_(
    repo: str,
    source: str,
    dataset_types: tuple[str, ...],
    ids: tuple[str, ...],
    where: str | None,
    mode: str,
    form: str,
    *,
    with_parents: bool,
    dry_run: bool,
    checksum: bool,
) -> int:
    """Take datasets from the repository SRC into DEST.

    They come with what SRC knows of them: observations, provenance, validity
    ranges, tags. Importing again does nothing; nothing is overwritten, and
    what is there with other content is listed as a conflict.

    butler import MINE DATA raw --where "ccd < 50" --mode link
    butler import MINE DATA/rerun/isr --chain --dry-run
    """
    from butler.moving.importing import import_datasets

    with progress("Importing") as advance:
        report = import_datasets(
            repo,
            source,
            dataset_types,
            condition=condition_of(ids, where),
            with_parents=with_parents,
            mode=mode,
            dry_run=dry_run,
            checksum=checksum,
            on_dataset=lambda _report: advance(1),
        )
    write_move_report(report, form)
    return report.exit_code
