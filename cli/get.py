"""``butler get``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.arguments import (
    data_ids_of,
    dataset_type_argument,
    id_option,
    repository_argument,
    user_calib_option,
    user_calibs_of,
)
from cli.command import verb
from cli.exit_codes import ExitCode
from cli.reporting import note
from cli.safe_text import safe_text

if TYPE_CHECKING:
    from butler import Butler, DataId

__all__ = ["get"]

_GONE = (
    "It is registered, but the file is gone. If it was a link, what it led to has been moved or "
    "removed."
)


@verb
@repository_argument
@dataset_type_argument()
@id_option
@user_calib_option
@click.option("--to", "target", type=click.Path(), metavar="PATH", help="Copy the file there.")
@click.option("--overwrite", is_flag=True, help="With --to: replace a file that is there.")
def get(
    repo: str,
    dataset_type: str,
    ids: tuple[str, ...],
    user_calibs: tuple[str, ...],
    target: str | None,
    *,
    overwrite: bool,
) -> int:
    """Print where the TYPE of a data ID is, or copy its file out.

    Several data IDs print a line each; to copy them, PATH is a directory.

    butler get DATA raw --id visit=903334 ccd=16
    butler get DATA raw --id visit=903334 ccd=16 --to somewhere.fits
    """
    from butler import Butler
    from butler.errors import DatasetNotFoundError

    data_ids = data_ids_of(ids)
    if target is not None and len(data_ids) > 1:
        _require_directory(target)
    missing = 0
    with Butler(repo, user_calibs=user_calibs_of(user_calibs)) as butler:
        for data_id in data_ids:
            try:
                place = _place(butler, dataset_type, data_id, target, overwrite=overwrite)
            except DatasetNotFoundError as error:
                if len(data_ids) == 1:
                    raise
                missing += 1
                note(f"Error: {error}")
            else:
                click.echo(safe_text(place))
    if missing == len(data_ids):
        return ExitCode.NOT_FOUND
    return ExitCode.SOME_FAILED if missing else ExitCode.DONE


def _place(
    butler: Butler, dataset_type: str, data_id: DataId, target: str | None, *, overwrite: bool
) -> str:
    """Return where a dataset is, or where it was copied to."""
    from butler.errors import DatasetNotFoundError

    uri = butler.get_uri(dataset_type, data_id)
    if not butler.dataset_exists(dataset_type, data_id):
        raise DatasetNotFoundError(dataset_type, str(data_id), [uri], _GONE)
    if target is None:
        return uri
    from butler.copy_out import copy_out

    found = butler.locate(dataset_type, data_id)
    return copy_out(found, target, overwrite=overwrite)


def _require_directory(target: str) -> None:
    import os

    if not os.path.isdir(target):
        raise click.UsageError(
            f"--id names several datasets, so --to must name a directory, and {target} is none."
        )
