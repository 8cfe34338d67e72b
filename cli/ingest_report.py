"""Ingest with a progress bar, and what is shown afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.output import write_rows
from cli.progress import progress
from cli.reporting import note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from butler.ingest.report import FileReport, IngestReport
    from butler.repository.native import NativeRepository

__all__ = ["run_ingest", "summary_of", "with_progress", "write_report"]

_COLUMNS = ("path", "outcome", "reason", "data_id", "target", "warnings")
_VALIDITY = "validity"


def run_ingest(
    repo: str,
    files: Sequence[str],
    *,
    mode: str,
    processes: int,
    dry_run: bool,
    fail_fast: bool = False,
    checksum: bool = False,
    bad_files: Sequence[str] = (),
    bad_ids: Sequence[Mapping[str, object]] = (),
) -> IngestReport:
    """Ingest files and show how far it is.

    Parameters
    ----------
    repo
        Where to.
    files, mode, processes, dry_run, fail_fast, checksum, bad_files, bad_ids
        As for `ingest_files`.
    """
    from butler.ingest.ingest import ingest_files

    def work(repository: NativeRepository, on_file: Callable[[FileReport], None]) -> IngestReport:
        return ingest_files(
            repository,
            files,
            mode=mode,
            processes=processes,
            dry_run=dry_run,
            fail_fast=fail_fast,
            checksum=checksum,
            bad_files=bad_files,
            bad_ids=bad_ids,
            on_file=on_file,
        )

    return with_progress(repo, len(files), work)


def with_progress(
    repo: str,
    number: int,
    work: Callable[[NativeRepository, Callable[[FileReport], None]], IngestReport],
) -> IngestReport:
    """Open a repository to ingest into it, and show how far it is.

    Parameters
    ----------
    repo
        Where to.
    number
        How many files, as far as is known.
    work
        Ingests into the repository, and calls what it is given for each file.
    """
    from butler.ingest.destination import repository_for_ingest

    repository = repository_for_ingest(repo)
    try:
        with progress("Ingesting", number) as advance:
            return work(repository, lambda _report: advance(1))
    finally:
        repository.close()


def write_report(report: IngestReport, form: str) -> None:
    """Write rows to stdout, and what people want to know to stderr.

    Parameters
    ----------
    report
        What became of the files.
    form
        Of the rows; the table has only those that need attention.
    """
    rows = report.as_rows()
    if form == "table" and not report.is_dry_run:
        quiet = {"ingested", "already there"}
        rows = [row for row in rows if row["outcome"] not in quiet or row["warnings"]]
    columns: tuple[str, ...] = _COLUMNS
    if any(_VALIDITY in row for row in rows):
        columns = (*columns, _VALIDITY)
        rows = [{_VALIDITY: None, **row} for row in rows]
    if form == "table":
        columns = tuple(name for name in columns if any(row[name] for row in rows))
    write_rows(rows, columns, form)
    for text in report.notes:
        note(text)
    note(summary_of(report))


def summary_of(report: IngestReport) -> str:
    """Return one line that says how many files met which end."""
    parts = [f"{number} {outcome}" for outcome, number in report.counts.items() if number]
    would = " (dry run: nothing was done)" if report.is_dry_run else ""
    return f"{len(report.files)} files: {', '.join(parts) or 'nothing to do'}{would}"
