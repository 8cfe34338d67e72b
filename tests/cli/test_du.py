from __future__ import annotations

from typing import TYPE_CHECKING

from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path


def test_space_is_shown_by_type_run_and_rerun(notes: Path, remark: Path, data: Path) -> None:
    run_command("put", notes, "notes", remark, "--id", "visit=903334 ccd=16")
    rows = run_command("du", data, "--format", "json").rows
    assert [row["part"] for row in rows] == ["type", "run", "rerun", "total"]
    assert rows[0] | {"size": 0} == {
        "part": "type", "name": "raw", "datasets": 3, "size": 0, "own": 0
    }  # fmt: skip
    assert rows[2]["own"] == remark.stat().st_size
    only = run_command("du", data, "--by", "rerun", "--format", "json").rows
    assert [row["part"] for row in only] == ["rerun", "total"]
    assert "kB" in run_command("du", data).stdout


def test_no_repository_is_not_found(tmp_path: Path) -> None:
    assert "no repository" in run_command("du", tmp_path, code=3).stderr
