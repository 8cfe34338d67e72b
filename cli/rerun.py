"""``butler rerun``."""

from __future__ import annotations

import click

from cli.arguments import repository_argument
from cli.command import verb

__all__ = ["rerun"]


@verb
@repository_argument
@click.argument("name", metavar="NAME")
@click.option(
    "--parent",
    "parents",
    multiple=True,
    metavar="PARENT",
    help="Another rerun of REPO, or a repository, to read from instead of REPO; may be repeated.",
)
def rerun(repo: str, name: str, parents: tuple[str, ...]) -> None:
    """Make REPO/rerun/NAME, which reads from REPO or from the named parents.

    butler rerun DATA isr
    butler rerun DATA measured --parent isr
    """
    from butler.repository.reruns import create_rerun

    click.echo(create_rerun(repo, name, parents))
