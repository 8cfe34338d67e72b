"""``butler provenance``."""

from __future__ import annotations

import click

from cli.arguments import (
    data_ids_of,
    dataset_type_argument,
    format_option,
    id_option,
    repository_argument,
)
from cli.command import verb
from cli.output import write_fields
from cli.reporting import note

__all__ = ["provenance"]


@verb
@repository_argument
@dataset_type_argument()
@id_option
@click.option("--full", is_flag=True, help="Show the whole configuration too.")
@format_option
def provenance(
    repo: str, dataset_type: str, ids: tuple[str, ...], form: str, *, full: bool
) -> None:
    """Say which task, configuration, versions and inputs made the TYPE of a data ID.

    butler provenance DATA/rerun/first postISRCCD --id visit=903334 ccd=16
    """
    from butler import Butler
    from butler.provenance import find_provenance

    data_ids = data_ids_of(ids)
    if len(data_ids) != 1:
        raise click.UsageError(f"One dataset at a time, and --id names {len(data_ids)}.")
    with Butler(repo) as butler:
        found = find_provenance(butler, dataset_type, data_ids[0])
    made = found.made
    fields: dict[str, object] = {
        "dataset": f"{dataset_type} {found.data_id}",
        "uri": found.uri,
        "task": made.task,
        "started": made.started,
        "wall_s": made.wall_s,
        "cpu_s": made.cpu_s,
        "versions": (made.versions or "").split("\n")[:-1],
        "inputs": [
            text + (f" sha256 {one.sha256.hex()}" if one.sha256 else "")
            for text, one in zip(found.inputs, made.inputs, strict=True)
        ],
    }
    if full:
        fields["configuration"] = (made.configuration or "").splitlines()
    write_fields(fields, form)
    if form == "table" and made.configuration and not full:
        note("The configuration, too: --full")
