from __future__ import annotations

from typing import TYPE_CHECKING

from support.calibrations import write_calibration, write_flats
from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path


def test_ranges_stand_in_the_rows_of_programs(data: Path, tmp_path: Path) -> None:
    files = write_flats(tmp_path / "new", "2013-06-17", "2013-11-03")
    rows = run_command("ingest-calibs", data, *files, "--validity", "180", "--format", "json").rows
    assert [row["validity"] for row in rows] == [
        ["2012-12-19T00:00:00", "2013-08-26T00:00:00"],
        ["2013-08-26T00:00:00", "2014-05-03T00:00:00"],
    ]
    found = run_command("get", data, "flat", "--id", "visit=903334", "ccd=16")
    assert "FLAT-2013-11-03-HSC-R-016.fits" in found.stdout


def test_a_dry_run_ingests_nothing(data: Path, tmp_path: Path) -> None:
    path = write_calibration(tmp_path / "a.fits")
    output = run_command("ingest-calibs", data, path, "--validity", "10", "--dry-run")
    assert "2013-10-24T00:00:00" in output.stdout
    assert "1 ingested (dry run: nothing was done)" in output.stderr
    assert not (data / "CALIB").exists()


def test_ingesting_again_does_nothing(data: Path, tmp_path: Path) -> None:
    words = ("ingest-calibs", data, write_calibration(tmp_path / "a.fits"), "--validity", "10")
    run_command(*words)
    assert "1 files: 1 already there" in run_command(*words).stderr


def test_a_file_that_is_refused_stops_no_other(data: Path, tmp_path: Path) -> None:
    bad = write_calibration(tmp_path / "bad.fits", "picture")
    good = write_calibration(tmp_path / "good.fits")
    output = run_command("ingest-calibs", data, bad, good, "--validity", "10", code=1)
    assert "OBSTYPE says 'picture'" in output.stdout
    assert "1 ingested, 1 rejected" in output.stderr


def test_a_misspelt_type_gets_a_suggestion(data: Path, tmp_path: Path) -> None:
    path = write_calibration(tmp_path / "a.fits")
    output = run_command("ingest-calibs", data, path, "--type", "biass", code=2)
    assert "Did you mean 'bias'?" in output.stderr


def test_a_negative_validity_is_refused(data: Path, tmp_path: Path) -> None:
    path = write_calibration(tmp_path / "a.fits")
    output = run_command("ingest-calibs", data, path, "--validity", "-1", code=2)
    assert "-1 is not in the range" in output.stderr
