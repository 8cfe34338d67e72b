from __future__ import annotations

import os
from typing import TYPE_CHECKING

from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path


def test_camera_registry_and_datasets_are_shown(data: Path, observed: Path) -> None:
    os.symlink(observed / "CALIB", data / "CALIB")
    (row,) = run_command("info", data, "--format", "json").rows
    assert (row["camera"], row["kind"], row["writable"]) == ("hsc", "native", True)
    assert row["registry"] == str(data / "registry.sqlite3")
    assert row["journal"] in {"wal", "rollback"}
    (raw,) = row["types"]  # type: ignore[misc]
    assert raw["datasets"] == 3
    assert raw["size"] == sum(path.stat().st_size for path in (observed / "raw").iterdir())
    assert row["embedded"] == ["CALIB: calibrations, with a registry"]


def test_table_is_for_people(data: Path) -> None:
    lines = run_command("info", data).stdout.splitlines()
    assert "camera            hsc" in lines
    assert any(line.startswith("raw ") and line.endswith("kB") for line in lines)


def test_chain_of_a_rerun_is_shown(notes: Path, data: Path) -> None:
    (row,) = run_command("info", notes, "--format", "json").rows
    assert row["chain"] == [str(data)]


def test_gen2_repository_is_shown_as_it_is(shared_data: Path) -> None:
    root = shared_data / "obs_test" / "input"
    (row,) = run_command("info", root, "--format", "json").rows
    assert (row["camera"], row["kind"], row["writable"]) == ("obs_test", "gen2", False)
    assert row["registry"] == str(root / "registry.sqlite3")


def test_file_is_no_repository(data: Path) -> None:
    output = run_command("info", data / "butler.yaml", code=3)
    assert "no directory" in output.stderr
    assert "Did you mean" not in output.stderr
