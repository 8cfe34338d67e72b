"""``butler provenance``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.commands import run_command

from tests.cli.numbers import TASK, make_numbers

if TYPE_CHECKING:
    from pathlib import Path


def test_task_versions_inputs_and_times_are_shown(tmp_path: Path) -> None:
    root = make_numbers(tmp_path / "DATA")
    run_command("run", TASK, root, "--rerun", "one", "--id", "ccd=1")
    words = ("provenance", root / "rerun" / "one", "notes", "--id", "visit=903334", "ccd=1")
    shown = run_command(*words)
    assert "support.tasks.DoubleTask" in shown.stdout
    assert "numpy: " in shown.stdout
    assert f"summary ccd=1 visit=903334 of {root} sha256 " in shown.stdout
    assert "config.scale.factor" not in shown.stdout
    assert "config.scale.factor=2.0" in run_command(*words, "--full").stdout


def test_what_a_parent_holds_is_found_through_the_chain(tmp_path: Path) -> None:
    root = make_numbers(tmp_path / "DATA")
    run_command("run", TASK, root, "--rerun", "one", "--id", "ccd=1")
    run_command("rerun", root, "two", "--parent", "one")
    words = ("provenance", root / "rerun" / "two", "notes", "--id", "visit=903334", "ccd=1")
    assert "DoubleTask" in run_command(*words).stdout


def test_dataset_that_somebody_put_has_none(tmp_path: Path) -> None:
    root = make_numbers(tmp_path / "DATA")
    words = ("provenance", root, "summary", "--id", "visit=903334", "ccd=1")
    assert "nobody has recorded" in run_command(*words, code=3).stderr


def test_dataset_that_is_nowhere_is_told(tmp_path: Path) -> None:
    root = make_numbers(tmp_path / "DATA")
    words = ("provenance", root, "notes", "--id", "visit=903334", "ccd=1")
    assert "No 'notes'" in run_command(*words, code=3).stderr


def test_one_data_id_at_a_time(tmp_path: Path) -> None:
    root = make_numbers(tmp_path / "DATA")
    refused = run_command("provenance", root, "notes", "--id", "ccd=1^2", code=2)
    assert "names 2" in refused.stderr
