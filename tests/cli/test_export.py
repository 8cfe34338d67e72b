from __future__ import annotations

from typing import TYPE_CHECKING

from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path


def test_a_repository_and_a_table_are_made(data: Path, tmp_path: Path) -> None:
    output = run_command("export", data, tmp_path / "OUT", "raw", "--table", tmp_path / "t.ecsv")
    assert "3 datasets: 3 taken" in output.stderr
    assert len(run_command("ls", tmp_path / "OUT", "raw", "--format", "json").rows) == 3
    assert (tmp_path / "t.ecsv").read_text().count("\nraw,") == 3
    assert "butler import" in run_command("export", data, tmp_path / "OUT", code=4).stderr


def test_dry_run_makes_nothing(data: Path, tmp_path: Path) -> None:
    output = run_command("export", data, tmp_path / "OUT", "-n", "--format", "json")
    assert len(output.rows) == 3
    assert not (tmp_path / "OUT").exists()


def test_no_files_and_no_table_is_nothing(data: Path) -> None:
    assert "--table FILE" in run_command("export", data, "-", code=2).stderr
