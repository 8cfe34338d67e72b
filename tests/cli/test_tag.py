from __future__ import annotations

from typing import TYPE_CHECKING

from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path


def test_tags_are_given_found_listed_and_taken(data: Path) -> None:
    output = run_command("tag", data, "good", "raw", "--id", "ccd=16", "--note", "fine")
    assert "2 of 2 raw tagged 'good'" in output.stderr
    found = run_command("ls", data, "raw", "--where", "tag = 'good'", "--format", "json").rows
    assert [row["ccd"] for row in found] == [16, 16]
    assert run_command("ls", data, "raw", "--id", "tag=good", "--format", "json").rows == found
    expected = [{"name": "good", "datasets": 2, "note": "fine"}]
    assert run_command("tag", data, "--format", "json").rows == expected
    assert run_command("tag", data, "--list", "--format", "json").rows == expected
    run_command("tag", data, "good", "raw", "--id", "visit=903334", "--remove")
    assert run_command("tag", data, "--format", "json").rows[0]["datasets"] == 1
    assert "is gone; 1 datasets" in run_command("tag", data, "good", "--remove").stderr
    assert "There are no tags" in run_command("tag", data).stderr


def test_dry_run_changes_nothing(data: Path) -> None:
    output = run_command("tag", data, "good", "raw", "--id", "--dry-run")
    assert "3 of 3 raw would be tagged" in output.stderr
    assert run_command("tag", data, "--format", "json").rows == []


def test_wrong_words_are_refused(data: Path) -> None:
    run_command("tag", data, "good", "raw", code=2)
    run_command("tag", data, "good", code=2)
    run_command("tag", data, "good", "--list", code=2)
    run_command("tag", data, "a b", "raw", "--id", code=2)
    run_command("tag", data, "good", "raw", "--id", "ccd=99", code=3)
    run_command("tag", data, "good", "raw", "--id")
    assert "Did you mean 'good'" in run_command("tag", data, "god", "--remove", code=2).stderr
