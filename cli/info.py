"""``butler info``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.arguments import format_option, repository_argument
from cli.command import verb
from cli.output import write_fields, write_rows
from cli.sizes import size_text

if TYPE_CHECKING:
    from butler.repository.summary import RepositorySummary

__all__ = ["info"]


@verb
@repository_argument
@format_option
def info(repo: str, form: str) -> None:
    """Show what REPO is: camera, chain, datasets and sizes, registry.

    butler info DATA
    """
    from butler import Butler
    from butler.repository.summary import summarise

    with Butler(repo) as butler:
        first, *parents = butler.repositories
        summary = summarise(first)
        chain = [one.root for one in parents]
        fields = {**_fields(summary, chain), "refcats": butler.refcat_names()}
    types = [
        {"dataset_type": one.name, "datasets": one.datasets, "size": one.size}
        for one in summary.types
    ]
    if form != "table":
        write_fields({**fields, "types": types}, form)
        return
    write_fields({name: value for name, value in fields.items() if value not in (None, "")}, form)
    if types:
        click.echo()
    shown = [{**row, "size": size_text(row["size"])} for row in types]
    write_rows(shown, ("dataset_type", "datasets", "size"), form)


def _fields(summary: RepositorySummary, chain: list[str]) -> dict[str, object]:
    return {
        "root": summary.root,
        "kind": summary.kind,
        "camera": summary.camera,
        "uuid": summary.uuid,
        "writable": summary.is_writable,
        "chain": chain,
        "registry": summary.registry,
        "registry_version": summary.registry_version,
        "journal": summary.journal,
        "embedded": list(summary.embedded),
    }
