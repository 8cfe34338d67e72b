from __future__ import annotations

from typing import TYPE_CHECKING

from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path


def test_files_are_copied_out(data: Path, tmp_path: Path) -> None:
    output = run_command("cp", data, "raw", "--id", "ccd=16", "--to", tmp_path / "out", "--flat")
    assert "2 datasets: 2 taken" in output.stderr
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_which_ones_must_be_said(data: Path, tmp_path: Path) -> None:
    run_command("cp", data, "raw", "--to", tmp_path / "out", code=2)
    run_command("cp", data, "raw", "--id", "ccd=1", "--to", tmp_path / "out", code=3)
    assert not (tmp_path / "out").exists()
