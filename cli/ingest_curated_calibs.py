"""``butler ingest-curated-calibs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.arguments import dry_run_option, format_option, repository_argument
from cli.command import verb
from cli.ingest_report import with_progress, write_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from butler.ingest.report import FileReport, IngestReport
    from butler.repository.native import NativeRepository

__all__ = ["ingest_curated_calibs"]


@verb
@repository_argument
@click.argument("directory", type=click.Path(), metavar="DIR")
@dry_run_option
@format_option
def ingest_curated_calibs(repo: str, directory: str, form: str, *, dry_run: bool) -> int:
    """Take the calibrations below DIR that are kept as text into REPO.

    They lie there as TYPE/DETECTOR/DATE.ecsv; defects may be DATE.txt, with
    x0 y0 width height on each line. Each is valid from its date until that of
    the next one. Ingesting again does nothing.

    butler ingest-curated-calibs DATA obs_subaru_data --dry-run
    """
    from butler.calibrations.curated import ingest_curated_calibs as ingest

    def work(repository: NativeRepository, on_file: Callable[[FileReport], None]) -> IngestReport:
        return ingest(repository, directory, dry_run=dry_run, on_file=on_file)

    report = with_progress(repo, 1, work)
    write_report(report, form)
    return report.exit_code
