from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    run_command("create", tmp_path / "MINE", "--camera", "hsc")
    return tmp_path / "MINE"


def test_raws_are_imported_and_again(data: Path, mine: Path) -> None:
    assert "3 datasets: 3 taken" in run_command("import", mine, data, "raw").stderr
    output = run_command("import", mine, data, "raw", "--format", "json")
    assert [row["outcome"] for row in output.rows] == ["already there"] * 3
    assert output.rows[0]["data_id"]["visit"] == 903334  # type: ignore[index]
    found = run_command("ls", mine, "raw", "--where", "expTime > 1", "--format", "json").rows
    assert len(found) == 3


def test_dry_run_and_choice(data: Path, mine: Path) -> None:
    output = run_command("import", mine, data, "raw", "--id", "ccd=22", "-n", "--format", "json")
    assert len(output.rows) == 1
    assert "nothing was done" in output.stderr
    assert run_command("ls", mine, "raw", "--format", "json").rows == []


def test_conflicts_are_listed_with_exit_code_4(data: Path, mine: Path, remark: Path) -> None:
    run_command("import", mine, data, "raw")
    run_command("put", mine, "raw", remark, "--id", "visit=903334 ccd=22", "--replace")
    output = run_command("import", mine, data, "raw", code=4)
    assert "conflict" in output.stdout


def test_a_table_is_imported(data: Path, mine: Path, tmp_path: Path) -> None:
    run_command("export", data, "-", "raw", "--table", tmp_path / "raws.csv")
    assert "3 taken" in run_command("import", mine, "--table", tmp_path / "raws.csv").stderr


def test_wrong_words_are_refused(data: Path, mine: Path, tmp_path: Path) -> None:
    assert "--table FILE" in run_command("import", mine, code=2).stderr
    run_command("import", mine, data, "rwa", code=2)
    run_command("import", mine, data, "raw", "--id", "ccd=1", code=3)
    run_command("import", mine, tmp_path / "nowhere", code=3)
    run_command("import", tmp_path / "nowhere", data, code=3)
    run_command("import", mine, "--table", "x.csv", "raw", "flat", code=2)
    run_command("import", mine, "--table", "x.csv", "--id", "ccd=1", code=2)
    run_command("import", data, data, code=2)
