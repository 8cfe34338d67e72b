from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path


def test_rerun_reads_its_repository(data: Path) -> None:
    assert run_command("rerun", data, "isr").stdout.strip() == str(data / "rerun" / "isr")
    rows = run_command("ls", data / "rerun" / "isr", "raw", "--format", "json").rows
    assert len(rows) == 3
    assert "parents:\n- ../..\n" in (data / "rerun" / "isr" / "butler.yaml").read_text()


def test_rerun_reads_the_reruns_that_are_named(data: Path) -> None:
    run_command("rerun", data, "isr")
    run_command("rerun", data, "me/second", "--parent", "isr")
    rows = run_command("chain", data / "rerun" / "me" / "second", "--format", "json").rows
    roots = [data / "rerun" / "me" / "second", data / "rerun" / "isr", data]
    assert [row["root"] for row in rows] == list(map(str, roots))


@pytest.mark.parametrize("name", ["", "../up", "/tmp/x", "a//b", ".hidden", "a/../b", "a\nb"])
def test_name_that_is_none_is_refused(name: str, data: Path) -> None:
    run_command("rerun", data, "--", name, code=2)
    assert not (data / "rerun").exists()


def test_no_rerun_is_made_inside_another(data: Path) -> None:
    run_command("rerun", data, "isr")
    assert "--parent" in run_command("rerun", data, "isr/second", code=2).stderr


def test_second_rerun_of_a_name_is_a_conflict(data: Path) -> None:
    run_command("rerun", data, "isr")
    assert "already" in run_command("rerun", data, "isr", code=4).stderr


def test_rerun_of_nothing_is_not_found(tmp_path: Path) -> None:
    run_command("rerun", tmp_path / "nowhere", "isr", code=3)
    assert list(tmp_path.iterdir()) == []


def test_rerun_stands_on_a_gen2_repository_too(shared_data: Path, tmp_path: Path) -> None:
    parent = shared_data / "obs_test" / "input"
    run_command("create", tmp_path / "mine", "--parent", parent)
    assert len(run_command("ls", tmp_path / "mine", "raw", "--format", "json").rows) == 2
