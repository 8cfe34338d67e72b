"""``butler du``."""

from __future__ import annotations

from dataclasses import asdict

import click

from cli.arguments import format_option, repository_argument
from cli.command import verb
from cli.output import write_rows
from cli.sizes import size_text

__all__ = ["du"]

_COLUMNS = ("part", "name", "datasets", "size", "own")
_PARTS = ("type", "run", "rerun")


@verb
@repository_argument
@click.option(
    "--by", "parts", type=click.Choice(_PARTS), multiple=True, help="Only this; may be repeated."
)
@format_option
def du(repo: str, parts: tuple[str, ...], form: str) -> None:
    """Show what takes how much space in REPO: by dataset type, by run, by known rerun.

    "size" is that of the files, wherever links lead; "own" is what lies in
    the repository itself. The total is without reruns.

    butler du DATA
    butler du DATA --by rerun --format json
    """
    from butler.repository.usage import measure_usage

    wanted = {*(parts or _PARTS), "total"}
    rows = [asdict(one) for one in measure_usage(repo) if one.part in wanted]
    if form == "table":
        for row in rows:
            row |= {"size": size_text(row["size"]), "own": size_text(row["own"])}
    write_rows(rows, _COLUMNS, form)
