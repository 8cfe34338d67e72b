from __future__ import annotations

from typing import TYPE_CHECKING

from butler import Butler
from butler.doctor import Treatment, examine

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Patient


def test_replaced_file_waits_for_its_readers(patient: Patient, summary: Path) -> None:
    with Butler(patient.root) as butler:
        butler.put({"new": 1}, "summary", visit=903334, ccd=16, replace=True)
    report = examine(patient.root, Treatment(repair="quarantine"))
    assert [one.code for one in report.findings] == ["trash_waiting"]
    assert (report.exit_code, summary.exists()) == (0, True)
    assert patient.the("trash_left", repair="safe").status == "repaired"
    assert not summary.exists()
    assert patient.codes() == []


def test_file_in_the_trash_that_a_dataset_uses_is_kept(patient: Patient, summary: Path) -> None:
    with Butler(patient.root) as butler:
        (writer,) = butler._writable()
        writer.repository.registry.insert([], trash=["summary/0903334-016.json"])
    assert patient.the("trash_in_use").status == "found"
    assert patient.the("trash_in_use", repair="safe").status == "repaired"
    assert summary.exists()
    assert patient.codes() == []


def test_trash_that_cannot_be_removed_is_not_repaired(patient: Patient, summary: Path) -> None:
    with Butler(patient.root) as butler:
        butler.put({"new": 1}, "summary", visit=903334, ccd=16, replace=True)
    summary.unlink()
    summary.mkdir()
    done = patient.the("trash_left", repair="safe")
    assert (done.status, str(summary) in done.outcome) == ("not repaired", True)
    summary.rmdir()
    assert patient.the("trash_left", repair="safe").status == "repaired"
