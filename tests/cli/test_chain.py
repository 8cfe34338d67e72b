from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.commands import run_command


def chain(root: Path, *words: object) -> list[str]:
    rows = run_command("chain", root, *map(str, words), "--format", "json").rows
    return [Path(str(row["root"])).name for row in rows]


@pytest.fixture
def mine(tmp_path: Path, data: Path) -> Path:
    run_command("create", tmp_path / "mine", "--parent", data)
    return tmp_path / "mine"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    run_command("create", tmp_path / "other", "--camera", "hsc")
    return tmp_path / "other"


def test_repositories_are_shown_in_the_order_of_search(mine: Path) -> None:
    assert chain(mine) == ["mine", "DATA"]


def test_parents_are_added_at_either_end_and_taken_out(mine: Path, other: Path, data: Path) -> None:
    assert chain(mine, "--append", other) == ["mine", "DATA", "other"]
    assert chain(mine, "--remove", other) == ["mine", "DATA"]
    assert chain(mine, "--prepend", other) == ["mine", "other", "DATA"]
    assert chain(mine, "--remove", data, "--append", data) == ["mine", "other", "DATA"]


def test_parent_named_twice_is_there_once(mine: Path, data: Path) -> None:
    assert chain(mine, "--append", data) == ["mine", "DATA"]


@pytest.mark.parametrize("way", ["--append", "--prepend"])
def test_circle_is_refused_and_nothing_changes(way: str, mine: Path, data: Path) -> None:
    before = (data / "butler.yaml").read_bytes()
    assert "ancestor" in run_command("chain", data, way, mine, code=2).stderr
    assert "ancestor" in run_command("chain", data, way, data, code=2).stderr
    assert (data / "butler.yaml").read_bytes() == before


def test_parent_that_is_gone_is_taken_out(mine: Path, other: Path, data: Path) -> None:
    chain(mine, "--append", other)
    shutil.rmtree(other)
    assert "--remove" in run_command("chain", mine, code=2).stderr
    assert chain(mine, "--remove", other) == ["mine", "DATA"]
    assert data.exists()


def test_what_is_no_parent_cannot_be_taken_out(mine: Path, other: Path) -> None:
    assert "no parent" in run_command("chain", mine, "--remove", other, code=2).stderr


def test_new_parent_must_be_there(mine: Path, tmp_path: Path) -> None:
    run_command("chain", mine, "--append", tmp_path / "nowhere", code=3)
    assert chain(mine) == ["mine", "DATA"]


def test_new_child_is_known_to_its_parent(mine: Path, other: Path) -> None:
    chain(mine, "--append", other)
    (row,) = run_command("reruns", other, "--format", "json").rows
    assert row["root"] == str(mine)
