"""``butler chain``."""

from __future__ import annotations

import click

from cli.arguments import format_option, repository_argument
from cli.command import verb
from cli.output import write_rows
from cli.reporting import note

__all__ = ["chain"]

_COLUMNS = ("order", "root", "kind", "camera", "writable")


@verb
@repository_argument
@click.option("--append", multiple=True, metavar="PARENT", help="Search it after the others.")
@click.option("--prepend", multiple=True, metavar="PARENT", help="Search it before the others.")
@click.option("--remove", multiple=True, metavar="PARENT", help="Do not search it any more.")
@format_option
def chain(
    repo: str,
    append: tuple[str, ...],
    prepend: tuple[str, ...],
    remove: tuple[str, ...],
    form: str,
) -> None:
    """Show the repositories that REPO reads, in order; or change its parents first.

    A parent that would make a circle is refused.

    butler chain DATA/rerun/mine
    butler chain DATA/rerun/mine --remove /old/place --append /new/place
    """
    from butler import Butler

    if append or prepend or remove:
        from butler.edit_parents import edit_parents

        parents = edit_parents(repo, append=append, prepend=prepend, remove=remove)
        note(f"The parents are now: {', '.join(parents) or '(none)'}")
    with Butler(repo) as butler:
        rows = [
            {
                "order": number,
                "root": one.root,
                "kind": one.kind,
                "camera": one.mapper.name,
                "writable": one.is_writable,
            }
            for number, one in enumerate(butler.repositories, 1)
        ]
    write_rows(rows, _COLUMNS, form)
