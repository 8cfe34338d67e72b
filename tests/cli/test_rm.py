from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import run_command


@pytest.fixture
def full(notes: Path, remark: Path) -> Path:
    """``notes`` with two datasets."""
    for ccd in (16, 22):
        run_command("put", notes, "notes", remark, "--id", f"visit=903334 ccd={ccd}")
    return notes


def ccds(root: Path) -> list[object]:
    return [row["ccd"] for row in run_command("ls", root, "notes", "--format", "json").rows]


def test_datasets_are_removed_with_their_files(full: Path) -> None:
    place = Path(run_command("get", full, "notes", "--id", "visit=903334 ccd=16").stdout.strip())
    output = run_command("rm", full, "notes", "--id", "ccd=16", "--yes", "--format", "json")
    assert [row["ccd"] for row in output.rows] == [16]
    assert "1 dataset removed, 1 files" in output.stderr
    assert not place.exists()
    assert ccds(full) == [22]


def test_dry_run_lists_and_removes_nothing(full: Path) -> None:
    output = run_command("rm", full, "notes", "--id", "--dry-run", "--format", "json")
    assert [row["ccd"] for row in output.rows] == [16, 22]
    assert ccds(full) == [16, 22]


def test_all_are_removed_by_a_bare_id_only(full: Path) -> None:
    assert "bare --id" in run_command("rm", full, "notes", "--yes", code=2).stderr
    run_command("rm", full, "notes", "--id", "--yes")
    assert ccds(full) == []


def test_word_after_an_id_is_never_taken_for_everything(full: Path) -> None:
    output = run_command("rm", full, "--id", "notes", "--yes", code=2)
    assert "TYPE" in output.stderr
    assert "key=value" in run_command("rm", full, "notes", "--id", "22", "--yes", code=2).stderr
    assert ccds(full) == [16, 22]


def test_calibration_that_only_lies_there_is_not_removed(data: Path, observed: Path) -> None:
    os.symlink(observed / "CALIB", data / "CALIB")
    output = run_command("rm", data, "bias", "--id", "--yes", code=5)
    assert "not registered" in output.stderr
    assert output.stdout == ""


def test_nothing_is_removed_when_nobody_can_be_asked(full: Path) -> None:
    assert "--yes" in run_command("rm", full, "notes", "--id", "ccd=16", code=2).stderr
    assert ccds(full) == [16, 22]


@pytest.mark.parametrize(("answer", "left", "code"), [(b"n\n", [16, 22], 1), (b"y\n", [22], 0)])
def test_user_is_asked_on_a_terminal(full: Path, answer: bytes, left: list[int], code: int) -> None:
    master, slave = pty.openpty()
    command = [str(Path(sys.executable).parent / "butler"), "rm", str(full), "notes"]
    os.write(master, answer)
    done = subprocess.run(
        [*command, "--id", "ccd=16"], stdin=slave, capture_output=True, text=True, check=False
    )
    os.close(slave)
    os.close(master)
    assert "Remove 1 dataset from" in done.stderr
    assert done.returncode == code
    assert ccds(full) == left


def test_dataset_of_a_parent_is_not_removed(full: Path, data: Path) -> None:
    output = run_command("rm", full, "raw", "--id", "visit=903334", "--yes", code=5)
    assert str(data) in output.stderr
    assert len(run_command("ls", data, "raw", "--format", "json").rows) == 3


def test_what_a_link_leads_to_stays(data: Path, observed: Path) -> None:
    run_command("rm", data, "raw", "--id", "visit=903334", "--yes")
    assert len(list((observed / "raw").iterdir())) == 3
    assert len(list(data.rglob("HSC-*.fits"))) == 1


def test_what_is_not_there_is_not_found(full: Path) -> None:
    output = run_command("rm", full, "notes", "--id", "ccd=99", "--yes", code=3)
    assert "99" in output.stderr
