"""What is shown of datasets that were moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.output import write_rows
from cli.reporting import note

if TYPE_CHECKING:
    from butler.moving.report import MoveReport

__all__ = ["write_move_report"]

_COLUMNS = ("dataset_type", "data_id", "outcome", "reason", "source", "target", "warnings")
_QUIET = {"taken", "already there"}


def write_move_report(report: MoveReport, form: str) -> None:
    """Write rows to stdout, and what people want to know to stderr.

    Parameters
    ----------
    report
        What became of the datasets.
    form
        Of the rows; the table has only those that need attention.
    """
    rows = report.as_rows()
    if form == "table" and not report.is_dry_run:
        rows = [row for row in rows if row["outcome"] not in _QUIET or row["warnings"]]
    columns: tuple[str, ...] = _COLUMNS
    if form == "table":
        columns = tuple(name for name in columns if any(row[name] for row in rows))
    write_rows(rows, columns, form)
    for text in report.notes:
        note(text)
    parts = [f"{number} {outcome}" for outcome, number in report.counts.items() if number]
    would = " (dry run: nothing was done)" if report.is_dry_run else ""
    number = len(report.datasets)
    head = f"{number} {'dataset' if number == 1 else 'datasets'}"
    note(f"{head}: {', '.join(parts) or 'nothing to do'}{would}")
