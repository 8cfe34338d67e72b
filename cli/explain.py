"""``butler explain``."""

from __future__ import annotations

import click

from cli.arguments import (
    data_ids_of,
    dataset_type_argument,
    format_option,
    id_option,
    repository_argument,
    user_calib_option,
    user_calibs_of,
)
from cli.command import verb
from cli.output import write_rows
from cli.safe_text import safe_text

__all__ = ["explain"]

_COLUMNS = ("dataset_type", "given", "completed", "uri", "steps")


@verb
@repository_argument
@dataset_type_argument()
@id_option
@user_calib_option
@format_option
def explain(
    repo: str, dataset_type: str, ids: tuple[str, ...], user_calibs: tuple[str, ...], form: str
) -> None:
    """Say how the TYPE of a data ID is looked for, and why it is found or not.

    butler explain DATA flat --id visit=903334 ccd=16
    """
    from butler import Butler

    with Butler(repo, user_calibs=user_calibs_of(user_calibs)) as butler:
        found = [butler.explain(dataset_type, data_id) for data_id in data_ids_of(ids)]
    if form == "table":
        texts = [safe_text(str(one), keep_lines=True) for one in found]
        click.echo("\n\n".join(texts))
    else:
        rows = [
            {
                "dataset_type": one.dataset_type,
                "given": one.given.to_dict(),
                "completed": None if one.completed is None else one.completed.to_dict(),
                "uri": one.uri,
                "steps": list(one.lines),
            }
            for one in found
        ]
        write_rows(rows, _COLUMNS, form)
