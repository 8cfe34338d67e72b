"""``butler decertify``."""

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

__all__ = ["decertify"]


@verb
@repository_argument
@dataset_type_argument()
@id_option
@where_option
@dry_run_option
@format_option
def decertify(
    repo: str,
    dataset_type: str,
    ids: tuple[str, ...],
    where: str | None,
    form: str,
    *,
    dry_run: bool,
) -> None:
    """Take back when calibrations of one TYPE in REPO are valid.

    They stay, and are found by their own dates, but serve no observation.

    butler decertify DATA flat --id calibDate=2013-11-03 ccd=16
    """
    if not ids and not where:
        raise click.UsageError("Say which calibrations: --id or --where. A bare --id means all.")
    from butler import Butler

    with Butler(repo) as butler:
        condition = condition_of(ids, where)
        found = butler.decertify_matching(dataset_type, condition, dry_run=dry_run)
        rows = [{**one.data_id.to_dict(), "path": one.path} for one in found]
    write_rows(rows, tuple(rows[0]), form)
    would = " would be" if dry_run else ""
    note(f"{len(rows)} {dataset_type}{would} decertified")
