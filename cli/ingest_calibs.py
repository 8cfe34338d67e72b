"""``butler ingest-calibs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.arguments import (
    dry_run_option,
    format_option,
    mode_option,
    processes_option,
    repository_argument,
)
from cli.command import verb
from cli.ingest_report import with_progress, write_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from butler.ingest.report import FileReport, IngestReport
    from butler.repository.native import NativeRepository

__all__ = ["ingest_calibs"]


@verb
@repository_argument
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILES...")
@click.option(
    "--validity",
    type=click.IntRange(0, 3_652_059),
    metavar="DAYS",
    help="How many days before and after its date a calibration may serve. Neighbours are cut in "
    "the middle. Those that are valid until the next one, like defects, do not need it.",
)
@click.option(
    "--type", "dataset_type", metavar="TYPE", help="What all FILES are, whatever headers say."
)
@mode_option()
@processes_option
@dry_run_option
@click.option("--fail-fast", is_flag=True, help="Stop at the first file that is refused.")
@click.option(
    "--checksum", is_flag=True, help="Read files that are only linked for their sha256, too."
)
@format_option
def ingest_calibs(
    repo: str,
    files: tuple[str, ...],
    validity: int | None,
    dataset_type: str | None,
    mode: str,
    processes: int,
    form: str,
    *,
    dry_run: bool,
    fail_fast: bool,
    checksum: bool,
) -> int:
    """Take calibration FILES into REPO, each with the time in which it is valid.

    Ingesting again does nothing, unless the validity is another. A new
    calibration shortens its neighbours; what was certified by hand is never
    changed. The table leaves out files without a remark.

    butler ingest-calibs DATA flats/*.fits --validity 180 --mode link
    """
    from butler.calibrations.ingestion import ingest_calibs as ingest

    def work(repository: NativeRepository, on_file: Callable[[FileReport], None]) -> IngestReport:
        return ingest(
            repository,
            files,
            validity=validity,
            dataset_type=dataset_type,
            mode=mode,
            processes=processes,
            dry_run=dry_run,
            fail_fast=fail_fast,
            checksum=checksum,
            on_file=on_file,
        )

    report = with_progress(repo, len(files), work)
    write_report(report, form)
    return report.exit_code
