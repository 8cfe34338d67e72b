"""``butler put``."""

from __future__ import annotations

import click

from cli.arguments import data_ids_of, dataset_type_argument, id_option, repository_argument
from cli.command import verb
from cli.safe_text import safe_text

__all__ = ["put"]


@verb
@repository_argument
@dataset_type_argument()
@click.argument("file", type=click.Path(exists=True, dir_okay=False), metavar="FILE")
@id_option
@click.option("--replace", is_flag=True, help="Take the place of one that is there.")
@click.option("--backup", is_flag=True, help="Likewise, and keep the old file as name~1.")
def put(
    repo: str, dataset_type: str, file: str, ids: tuple[str, ...], *, replace: bool, backup: bool
) -> None:
    """Copy FILE into REPO as the TYPE of a data ID, and print where it is.

    The same content put again is no change.

    butler put DATA/rerun/mine calexp new.fits --id visit=903334 ccd=16
    """
    from butler import Butler

    data_ids = data_ids_of(ids)
    if len(data_ids) != 1:
        raise click.UsageError(f"One file is one dataset, and --id names {len(data_ids)}.")
    with Butler(repo) as butler:
        butler.put_file(file, dataset_type, data_ids[0], replace=replace, backup=backup)
        click.echo(safe_text(butler.get_uri(dataset_type, data_ids[0])))
