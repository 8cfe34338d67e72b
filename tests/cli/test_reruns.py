from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from support.commands import run_command

from butler import Butler

if TYPE_CHECKING:
    from pathlib import Path


def names(root: Path) -> list[object]:
    return [row["name"] for row in run_command("reruns", root, "--format", "json").rows]


def test_reruns_below_and_elsewhere_are_known(data: Path, tmp_path: Path) -> None:
    run_command("rerun", data, "isr")
    run_command("rerun", data, "me/second", "--parent", "isr")
    run_command("create", tmp_path / "mine", "--parent", data)
    assert names(data) == [str(tmp_path / "mine"), "isr", "me/second"]
    assert names(data / "rerun" / "isr") == [str(data / "rerun" / "me" / "second")]


def test_rerun_made_by_a_butler_is_known_to_its_sibling(data: Path) -> None:
    Butler(inputs=data, outputs=data / "rerun" / "a").close()
    Butler(inputs=data / "rerun" / "a", outputs=data / "rerun" / "b").close()
    assert names(data / "rerun" / "a") == [str(data / "rerun" / "b")]


def test_rerun_made_elsewhere_by_a_butler_is_known(data: Path, tmp_path: Path) -> None:
    Butler(inputs=data, outputs=tmp_path / "mine").close()
    assert names(data) == [str(tmp_path / "mine")]


def test_rerun_that_is_gone_is_not_known_any_more(data: Path, tmp_path: Path) -> None:
    run_command("create", tmp_path / "mine", "--parent", data)
    shutil.rmtree(tmp_path / "mine")
    assert names(data) == []


def test_rerun_that_cannot_be_read_is_listed_with_its_problem(data: Path) -> None:
    run_command("rerun", data, "isr")
    (data / "rerun" / "isr" / "butler.yaml").write_text("format: 99\ncamera: hsc\n")
    (row,) = run_command("reruns", data, "--format", "json").rows
    assert "format 99" in str(row["problem"])
    assert "isr" in run_command("reruns", data).stdout


def test_no_rerun_is_said_on_stderr(data: Path) -> None:
    output = run_command("reruns", data)
    assert output.stdout == ""
    assert "butler rerun" in output.stderr
