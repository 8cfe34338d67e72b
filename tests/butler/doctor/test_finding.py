from __future__ import annotations

import re
from typing import get_args

from support.shared_data import REPOSITORY

from butler.doctor import Finding, Report, Severity
from butler.doctor.finding import KINDS, Status

PAGE = (REPOSITORY / "docs" / "doctor.md").read_text()


def test_every_kind_has_a_title_and_a_cure() -> None:
    assert all(kind.title and kind.cure for kind in KINDS.values())


def test_every_kind_is_documented_with_its_severity() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", PAGE, re.MULTILINE))
    rows |= dict(re.findall(r"`(probe\w*)` \((\w+)\)", PAGE))
    assert rows == {code: str(kind.severity) for code, kind in KINDS.items()}


def test_report_counts_what_it_does_not_keep() -> None:
    report = Report("DATA", keep=2)
    for number in range(5):
        report.add(Finding("orphan", str(number)))
    report.add(Finding("orphan", status="repaired"))
    assert (len(report.findings), report.count("orphan")) == (2, 6)


def test_exit_code_is_that_of_the_worst_that_is_left() -> None:
    report = Report("DATA")
    assert report.exit_code == 0
    report.add(Finding("foreign_file"))
    assert (report.exit_code, report.is_clean) == (0, True)
    report.add(Finding("file_missing", status="repaired"))
    assert (report.exit_code, report.has_damage) == (1, False)
    report.add(Finding("file_missing", status="not repaired"))
    assert report.exit_code == 5


def test_only_what_was_repaired_is_closed() -> None:
    open_ones = [one for one in get_args(Status) if Finding("orphan", status=one).is_open]
    assert open_ones == ["found", "would be repaired", "not repaired"]
    assert Finding("orphan").severity is Severity.NOTE
