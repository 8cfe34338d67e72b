"""``butler certify``."""

from __future__ import annotations

import click

from cli.arguments import (
    condition_of,
    dataset_type_argument,
    dry_run_option,
    format_option,
    id_option,
    repository_argument,
    where_option,
)
from cli.command import verb
from cli.output import write_rows
from cli.reporting import note

__all__ = ["certify"]


@verb
@repository_argument
@dataset_type_argument()
@click.option("--begin", metavar="TIME", help="The first moment; without it the side is open.")
@click.option("--end", metavar="TIME", help="The first moment after it; likewise.")
@id_option
@where_option
@dry_run_option
@format_option
def certify(
    repo: str,
    dataset_type: str,
    begin: str | None,
    end: str | None,
    ids: tuple[str, ...],
    where: str | None,
    form: str,
    *,
    dry_run: bool,
) -> None:
    """Say from when to when calibrations of one TYPE in REPO are valid.

    All that match, or none. A range that overlaps that of another calibration
    for the same observations is refused. Times are like 2013-05-07, which is
    its midnight, or 2013-05-07T12:30:00.

    butler certify DATA flat --begin 2013-05-07 --end 2014-05-03 --id calibDate=2013-11-03
    """
    if not ids and not where:
        raise click.UsageError("Say which calibrations: --id or --where. A bare --id means all.")
    if begin is None and end is None:
        raise click.UsageError("Say --begin, --end, or both.")
    from butler import Butler

    with Butler(repo) as butler:
        condition = condition_of(ids, where)
        found = butler.certify_matching(dataset_type, condition, begin, end, dry_run=dry_run)
        rows = [{**one.data_id.to_dict(), "path": one.path} for one in found]
    write_rows(rows, tuple(rows[0]), form)
    would = " would be" if dry_run else ""
    note(f"{len(rows)} {dataset_type}{would} certified")
