"""``butler import``."""

from __future__ import annotations

from typing import Any

import click

from cli.arguments import (
    condition_of,
    dry_run_option,
    format_option,
    id_option,
    mode_option,
    where_option,
)
from cli.command import verb
from cli.move_report import write_move_report
from cli.progress import progress

__all__ = ["import_"]


@verb
@click.argument("repo", type=click.Path(), metavar="DEST")
@click.argument("words", nargs=-1, metavar="[SRC] [TYPE]...")
@click.option("--table", type=click.Path(), metavar="FILE", help="Files by a table, not from SRC.")
@id_option
@where_option
@click.option("--chain", "with_parents", is_flag=True, help="Also what SRC's parents hold.")
@mode_option(without=("skip",))
@click.option("--force", is_flag=True, help="With --mode move: also what known reruns need.")
@dry_run_option
@click.option(
    "--checksum", is_flag=True, help="Read files that are only linked for their sha256, too."
)
@format_option
def import_(
    repo: str,
    words: tuple[str, ...],
    table: str | None,
    ids: tuple[str, ...],
    where: str | None,
    mode: str,
    form: str,
    *,
    with_parents: bool,
    dry_run: bool,
    checksum: bool,
    force: bool,
) -> int:
    """Take datasets from the repository SRC, or files by a table, into DEST.

    They come with what SRC knows of them: observations, provenance, validity
    ranges, tags. Importing again does nothing; nothing is overwritten, and
    what is there with other content is listed as a conflict. A table (ECSV,
    CSV) has the columns path, data-ID keys, and dataset_type unless a TYPE is
    named.

    butler import MINE DATA raw --where "ccd < 50" --mode link
    butler import MINE DATA/rerun/isr --chain --dry-run
    butler import MINE --table files.ecsv calexp
    """
    from butler.moving.importing import import_datasets, import_table

    if table is not None:
        _check_words(words, is_choosing=bool(ids or where or with_parents))
    elif not words:
        raise click.UsageError("Say where from: a repository SRC, or --table FILE.")
    with progress("Importing") as advance:
        how: dict[str, Any] = {"mode": mode, "dry_run": dry_run, "checksum": checksum}
        how["on_dataset"] = lambda _report: advance(1)
        if table is not None:
            report = import_table(repo, table, words[0] if words else None, **how)
        else:
            report = import_datasets(
                repo,
                words[0],
                words[1:],
                condition=condition_of(ids, where),
                with_parents=with_parents,
                force=force,
                **how,
            )
    write_move_report(report, form)
    return report.exit_code


def _check_words(words: tuple[str, ...], *, is_choosing: bool) -> None:
    if len(words) > 1:
        raise click.UsageError("With --table there is no SRC, and one TYPE at most.")
    if is_choosing:
        raise click.UsageError("With --table every row is taken: leave out --id, --where, --chain.")
