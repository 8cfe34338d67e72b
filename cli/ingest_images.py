"""``ingestImages.py``: Gen2's command, as its users type it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cli.command import Verb, Words, split_words
from cli.exit_codes import ExitCode
from cli.ingest_report import run_ingest, summary_of
from cli.reporting import guarded, note, prepare_streams, verbose_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from butler.ingest.report import IngestReport

__all__ = ["IngestImages", "ingest_images", "main"]

_MODES = ("move", "copy", "link", "skip", "hardlink", "relsymlink", "direct", "auto")
_JOINT = "\0"


class IngestImages(Verb):
    """A command of its own: errors become messages and exit codes here."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        return guarded(ctx, super().invoke)


class _Patterns(Words):
    takes_pairs = False


@click.command(
    "ingestImages.py",
    cls=IngestImages,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.argument("repo", type=click.Path(), metavar="REPO")
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILES...")
@click.option("--mode", type=click.Choice(_MODES), default="link", show_default=True)
@click.option("-n", "--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--create", is_flag=True, help="Accepted: a registry is made where there is none.")
@click.option("--ignore-ingested", is_flag=True, help="Say nothing of files that are there.")
@click.option(
    "--badFile",
    "bad_files",
    cls=_Patterns,
    multiple=True,
    metavar="PATTERN...",
    help="Names of files to leave out.",
)
@click.option(
    "--badId",
    "bad_ids",
    cls=Words,
    multiple=True,
    metavar="KEY=VALUE...",
    help="Data IDs to leave out.",
)
@click.option("-j", "--processes", type=click.IntRange(1), default=1, help="How many read headers.")
@verbose_option
def ingest_images(
    repo: str,
    files: tuple[str, ...],
    mode: str,
    bad_files: tuple[str, ...],
    bad_ids: tuple[str, ...],
    processes: int,
    *,
    dry_run: bool,
    create: bool,  # noqa: ARG001 - there is nothing left for it to do
    ignore_ingested: bool,
) -> int:
    """Take raw FILES into REPO, as Gen2's command of this name did.

    REPO may be a directory that holds nothing but a _mapper.

    ingestImages.py DATA raw/*.fits --mode=link
    """
    report = run_ingest(
        repo,
        files,
        mode=mode,
        processes=processes,
        dry_run=dry_run,
        bad_files=[word for one in bad_files for word in one.split(_JOINT) if word],
        bad_ids=_expanded(bad_ids),
    )
    _warn(report, ignore_ingested=ignore_ingested)
    return report.exit_code


def _expanded(bad_ids: Sequence[str]) -> list[dict[str, object]]:
    from butler.id_syntax import expand_id, parse_id

    return [dict(data_id) for one in bad_ids for data_id in expand_id(parse_id(split_words(one)))]


def _warn(report: IngestReport, *, ignore_ingested: bool) -> None:
    for one in report.files:
        if one.outcome == "already there" and not ignore_ingested:
            note(f"WARNING {one.path}: already ingested")
        elif one.outcome in {"rejected", "conflict"}:
            note(f"ERROR {one.path}: {one.outcome}: {one.reason}")
        for warning in one.warnings:
            note(f"WARNING {one.path}: {warning}")
    note(summary_of(report))


def main() -> None:
    """Run the command with the arguments of the process, and end the process."""
    prepare_streams()
    try:
        ingest_images()
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
