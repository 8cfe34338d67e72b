"""``butler tag``."""

from __future__ import annotations

import click

from cli.arguments import (
    condition_of,
    dataset_type_argument,
    dry_run_option,
    format_option,
    id_option,
    repository_argument,
    where_option,
)
from cli.command import verb
from cli.output import write_rows
from cli.reporting import note as say

__all__ = ["tag"]


@verb
@repository_argument
@click.argument("name", required=False, metavar="[NAME]")
@dataset_type_argument(required=False)
@id_option
@where_option
@click.option("--note", metavar="TEXT", help="What the tag means.")
@click.option("--remove", is_flag=True, help="Take the tag; without a TYPE from everything.")
@click.option("--list", "is_list", is_flag=True, help="List the tags, as without a NAME.")
@dry_run_option
@format_option
def tag(
    repo: str,
    name: str | None,
    dataset_type: str | None,
    ids: tuple[str, ...],
    where: str | None,
    note: str | None,
    form: str,
    *,
    remove: bool,
    is_list: bool,
    dry_run: bool,
) -> None:
    """Give datasets of REPO the tag NAME, take it from them, or list the tags.

    Tagged datasets are found by --where "tag = 'NAME'" and --id tag=NAME. Only
    what REPO itself holds is tagged.

    butler tag DATA good raw --where "ccd < 50" --note "seeing below 0.7"
    butler tag DATA good raw --id ccd=16 --remove
    """
    from butler import Butler

    if name is None or is_list:
        if name is not None:
            raise click.UsageError("--list takes no NAME.")
        with Butler(repo) as butler:
            rows = [one._asdict() for one in butler.tags()]
        if not write_rows(rows, ("name", "datasets", "note"), form):
            say("There are no tags. To give one: butler tag REPO NAME TYPE --id ...")
        return
    if dataset_type is None:
        _remove_wholly(repo, name, is_meant=remove and not ids and not where, dry_run=dry_run)
        return
    if not ids and not where:
        raise click.UsageError("Say which datasets: --id or --where. A bare --id means all.")
    with Butler(repo) as butler:
        number, found = butler.tag_matching(
            name, dataset_type, condition_of(ids, where), note=note, remove=remove, dry_run=dry_run
        )
    write_rows([one.data_id.to_dict() for one in found], tuple(found[0].data_id), form)
    would = " would be" if dry_run else ""
    say(f"{number} of {len(found)} {dataset_type}{would} {'un' if remove else ''}tagged {name!r}")


def _remove_wholly(repo: str, name: str, *, is_meant: bool, dry_run: bool) -> None:
    """Take a tag from all datasets."""
    from butler import Butler
    from butler.errors import DataIdError, suggest

    if not is_meant:
        raise click.UsageError("Name a dataset TYPE; without one, --remove takes the whole tag.")
    with Butler(repo) as butler:
        known = {one.name: one.datasets for one in butler.tags()}
        if name not in known:
            raise DataIdError(f"There is no tag {name!r} in {repo}.{suggest(name, known)}")
        number = known[name] if dry_run else butler.untag(name)
    say(f"The tag {name!r} {'would go' if dry_run else 'is gone'}; {number} datasets had it.")
