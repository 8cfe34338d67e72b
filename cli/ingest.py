"""``butler ingest``."""

from __future__ import annotations

import click

from cli.arguments import (
    dry_run_option,
    format_option,
    mode_option,
    processes_option,
    repository_argument,
)
from cli.command import verb
from cli.ingest_report import run_ingest, write_report

__all__ = ["ingest"]


@verb
@repository_argument
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILES...")
@mode_option()
@processes_option
@dry_run_option
@click.option("--fail-fast", is_flag=True, help="Stop at the first file that is refused.")
@click.option(
    "--checksum", is_flag=True, help="Read files that are only linked for their sha256, too."
)
@format_option
def ingest(
    repo: str,
    files: tuple[str, ...],
    mode: str,
    processes: int,
    form: str,
    *,
    dry_run: bool,
    fail_fast: bool,
    checksum: bool,
) -> int:
    """Take raw FILES (files, directories, patterns) into REPO.

    Ingesting again does nothing. A file that is refused is reported and stops
    no other. The table leaves out files that were ingested or were there
    already; the other formats have a row for every file.

    butler ingest DATA raw/*.fits --mode link -j 4
    """
    report = run_ingest(
        repo,
        files,
        mode=mode,
        processes=processes,
        dry_run=dry_run,
        fail_fast=fail_fast,
        checksum=checksum,
    )
    write_report(report, form)
    return report.exit_code
