"""``butler cameras``."""

from __future__ import annotations

from cli.arguments import format_option
from cli.command import verb
from cli.output import write_rows

__all__ = ["cameras"]


@verb
@format_option
def cameras(form: str) -> None:
    """List the cameras that are installed.

    butler cameras
    """
    from butler.mapper_lookup import find_mapper, mapper_names

    policies = [find_mapper(name).policy for name in mapper_names()]
    rows = [
        {"name": one.name, "description": one.description, "gen2_names": list(one.gen2_names)}
        for one in policies
    ]
    columns = ("name", "description") if form == "table" else ("name", "description", "gen2_names")
    write_rows(rows, columns, form)
