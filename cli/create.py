"""``butler create``."""

from __future__ import annotations

import click

from cli.arguments import repository_argument
from cli.command import verb

__all__ = ["create"]


@verb
@repository_argument
@click.option("--camera", help="Name of the camera; butler cameras lists them.")
@click.option(
    "--parent",
    "parents",
    multiple=True,
    metavar="PARENT",
    help="A repository to read from; may be repeated.",
)
@click.option("--registry", metavar="URL", help="A PostgreSQL database for the registry.")
@click.option("--shared", is_flag=True, help="Users without write permission will read it.")
@click.option(
    "--durability",
    type=click.Choice(["full", "fast"]),
    default="full",
    help="fast: files are not flushed to the disk; a power cut may then lose some.",
)
def create(
    repo: str,
    camera: str | None,
    parents: tuple[str, ...],
    registry: str | None,
    durability: str,
    *,
    shared: bool,
) -> None:
    """Make a new repository at REPO.

    The camera may be left out where there are parents.

    butler create DATA --camera hsc
    butler create mine --parent DATA
    """
    from butler.repository.locations import absolute_location
    from butler.repository.reruns import create_child

    config = create_child(
        repo, parents, camera, registry=registry, shared=shared, durability=durability
    )
    click.echo(f"{absolute_location(repo)}: a new repository of the camera {config.camera}")
