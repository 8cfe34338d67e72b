"""A repository with three datasets, and how the doctor is asked about it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from support.repositories import make_repository

from butler.doctor import Treatment, examine
from butler.doctor.finding import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from butler.butler import Butler
    from butler.doctor import Finding, Report


class Patient(NamedTuple):
    """A repository and what the doctor says of it."""

    root: Path

    def examine(self, **treatment: object) -> Report:
        """Examine it; of the trash everything is old."""
        return examine(self.root, Treatment(grace_s=-1, **treatment))  # type: ignore[arg-type]

    def findings(self, **treatment: object) -> list[Finding]:
        """What is found that is more than a fact."""
        found = self.examine(**treatment).findings
        return [one for one in found if one.severity is not Severity.INFO]

    def codes(self, **treatment: object) -> list[str]:
        """The kinds of what is found."""
        return [one.code for one in self.findings(**treatment)]

    def the(self, code: str, **treatment: object) -> Finding:
        """The one thing that is found, which is of this kind."""
        (finding,) = self.findings(**treatment)
        assert finding.code == code
        return finding


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    """Holds summaries of ccds 16, 17 and 18 of visit 903334."""
    root = tmp_path / "DATA"
    with make_repository(root) as butler:
        fill(butler)
    return Patient(root)


def fill(butler: Butler) -> None:
    for ccd in (16, 17, 18):
        butler.put({"ccd": ccd}, "summary", visit=903334, ccd=ccd)


@pytest.fixture
def summary(patient: Patient) -> Path:
    """The file of one dataset."""
    return patient.root / "summary" / "0903334-016.json"


@pytest.fixture(scope="session")
def dead_pid() -> int:
    """The number of a process that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid
