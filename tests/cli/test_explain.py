from __future__ import annotations

import os
from typing import TYPE_CHECKING

from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path

ONE = ("--id", "visit=903334", "ccd=16")


def test_choice_of_a_calibration_is_explained(data: Path, observed: Path) -> None:
    os.symlink(observed / "CALIB", data / "CALIB")
    text = run_command("explain", data, "bias", *ONE).stdout
    assert "taiObs=2013-11-02" in text
    assert "valid from" in text


def test_steps_are_rows_for_programs(data: Path) -> None:
    (row,) = run_command("explain", data, "raw", *ONE, "--format", "json").rows
    assert row["given"] == {"visit": 903334, "ccd": 16}
    assert str(row["uri"]).endswith("HSC-0903334-016.fits")


def test_what_is_missing_is_explained_and_no_error(data: Path) -> None:
    assert "not found" in run_command("explain", data, "calexp", *ONE).stdout
