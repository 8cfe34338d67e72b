"""``butler ls``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.arguments import (
    condition_of,
    dataset_type_argument,
    format_option,
    id_option,
    repository_argument,
    where_option,
)
from cli.command import verb
from cli.output import write_rows
from cli.reporting import note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from butler.queries.query import Query
    from butler.repository.chain import Chain

__all__ = ["ls"]

_TYPE_COLUMNS = ("dataset_type", "datasets", "storage_class", "keys", "description")
_PLACE_COLUMNS = ("size", "repository", "uri")


@verb
@repository_argument
@dataset_type_argument(required=False)
@id_option
@where_option
@click.option("--all", "find_all", is_flag=True, help="Also what a nearer repository hides.")
@click.option("--order-by", multiple=True, metavar="NAME", help="-NAME descends; may be repeated.")
@click.option("--limit", type=click.IntRange(0), help="At most so many rows.")
@click.option("--column", "columns", multiple=True, metavar="NAME", help="Further columns.")
@click.option("-l", "--long", "is_long", is_flag=True, help="Also size, repository and place.")
@format_option
def ls(
    repo: str,
    dataset_type: str | None,
    ids: tuple[str, ...],
    where: str | None,
    order_by: tuple[str, ...],
    limit: int | None,
    columns: tuple[str, ...],
    form: str,
    *,
    find_all: bool,
    is_long: bool,
) -> None:
    """List the dataset types of REPO and its parents, or the datasets of one TYPE.

    Without a TYPE only those are listed of which there is a dataset; --all
    lists the others too.

    butler ls DATA
    butler ls DATA raw --id visit=903334^903336 ccd=0..8:2
    butler ls DATA raw --where "expTime > 30" --column expTime --format csv
    """
    from butler import Butler
    from butler.repository.chain import Chain

    with Butler(repo) as butler:
        chain = Chain(butler.repositories)
        if dataset_type is None:
            _list_types(chain, form, find_all=find_all)
            return
        from butler.queries.questions import query_from_condition

        lookup = chain.lookup(dataset_type)
        query = query_from_condition(
            lookup,
            condition_of(ids, where),
            order_by=order_by,
            limit=limit,
            find_all=find_all,
            columns=columns,
        )
        template = lookup.dataset_type.template
        names = tuple(dict.fromkeys([*(template.keys if template else ()), *columns]))
        shown = (*names, *(_PLACE_COLUMNS if is_long else ()))
        if not write_rows(_rows(query, names, is_long=is_long), shown, form) and limit != 0:
            note(query.explain())


def _rows(query: Query, names: Sequence[str], *, is_long: bool) -> Iterator[dict[str, object]]:
    for row in query:
        values: dict[str, object] = {name: row[name] for name in names}
        if is_long:
            values |= {"size": row.size, "repository": row.repository.root, "uri": row.uri}
        yield values


def _list_types(chain: Chain, form: str, *, find_all: bool) -> None:
    counts: dict[str, int] = {}
    for repository in chain.repositories:
        behind = repository.unregistered
        for place in (repository,) if behind is None else (repository, behind):
            for name, number in place.dataset_types().items():
                counts[name] = counts.get(name, 0) + number
    rows = []
    for name in chain.dataset_type_names():
        if not find_all and not counts.get(name):
            continue
        kind = chain.lookup(name).dataset_type
        rows.append(
            {
                "dataset_type": name,
                "datasets": counts.get(name, 0),
                "storage_class": kind.storage_class,
                "keys": [] if kind.template is None else list(kind.template.keys),
                "description": kind.description,
            }
        )
    if not write_rows(rows, _TYPE_COLUMNS, form):
        note("There is no dataset yet. All dataset types: butler ls REPO --all")
