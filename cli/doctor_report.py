"""What a doctor has found, for people: grouped, counted, the worst last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.reporting import note
from cli.safe_text import safe_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from butler.doctor import Finding, Report

__all__ = ["COLUMNS", "write_summary"]

COLUMNS = (
    "code",
    "severity",
    "status",
    "path",
    "dataset_type",
    "data_id",
    "detail",
    "outcome",
    "cure",
)


def write_summary(report: Report, *, show_all: bool) -> None:
    """Write findings to stdout, grouped by kind, and a verdict to stderr.

    Parameters
    ----------
    report
        What was found.
    show_all
        Whether every finding is there, or the first of each kind.
    """
    order = ("info", "note", "leftover", "damage")
    codes = dict.fromkeys(finding.code for finding in report.findings)
    for severity in order:
        for code in codes:
            group = [finding for finding in report.findings if finding.code == code]
            if group[0].severity == severity:
                for line in _group_lines(report, group):
                    click.echo(line)
    left = sum(report.counts.values()) - len(report.findings)
    if left and not show_all:
        note(f"{left} more are not shown; to see them: --all, or --format json")
    note(_verdict(report))


def _group_lines(report: Report, group: list[Finding]) -> Iterator[str]:
    first = group[0]
    number = report.count(first.code)
    statuses = [
        f"{count} {status}"
        for (code, status), count in sorted(report.counts.items())
        if code == first.code and status != "found"
    ]
    said = f" ({', '.join(statuses)})" if statuses else ""
    yield f"{first.severity}: {first.kind.title} [{first.code}]: {number}{said}"
    for finding in group:
        yield f"  {_one_line(finding)}"
    if any(finding.is_open for finding in group) and first.severity != "info":
        yield f"  -> {first.kind.cure}"


def _one_line(finding: Finding) -> str:
    name = finding.path
    if finding.dataset_type:
        name += f" ({finding.dataset_type} {finding.data_id})"
    parts = [name, finding.detail, finding.outcome]
    return safe_text(": ".join(part for part in parts if part))


def _verdict(report: Report) -> str:
    seen = f"{report.root}: {report.datasets} datasets"
    if report.files:
        seen += f", {report.files} files"
    if report.digests:
        seen += f", {report.digests} read"
    if report.recorded:
        seen += f", {report.recorded} checksums recorded for the first time"
    if report.has_damage:
        return f"{seen}. Damage is left."
    repaired = sum(n for (_, status), n in report.counts.items() if status == "repaired")
    if repaired:
        return f"{seen}. {repaired} repaired; to see whether it is clean now, examine it again."
    return f"{seen}. Clean." if report.is_clean else f"{seen}. No data are lost."
