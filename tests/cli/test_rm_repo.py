from __future__ import annotations

import os
from typing import TYPE_CHECKING

from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path


def test_repository_goes_and_what_it_links_to_stays(data: Path, observed: Path) -> None:
    run_command("rm-repo", data, "--yes")
    assert not data.exists()
    assert len(list((observed / "raw").iterdir())) == 3


def test_nothing_goes_without_consent(data: Path) -> None:
    assert "--yes" in run_command("rm-repo", data, code=2).stderr
    assert "would be removed" in run_command("rm-repo", data, "--dry-run").stderr
    assert len(run_command("ls", data, "raw", "--format", "json").rows) == 3


def test_repository_with_reruns_goes_only_by_force(notes: Path, data: Path) -> None:
    assert str(notes) in run_command("rm-repo", data, "--yes", code=2).stderr
    assert len(run_command("ls", data, "raw", "--format", "json").rows) == 3
    run_command("rm-repo", data, "--yes", "--force")
    assert (notes / "butler.yaml").exists()
    assert not (data / "butler.yaml").exists()


def test_what_is_not_the_repositorys_stays_and_is_named(data: Path, observed: Path) -> None:
    os.symlink(observed / "CALIB", data / "CALIB")
    (data / "notes.txt").write_text("mine")
    output = run_command("rm-repo", data, "--yes")
    assert "CALIB, notes.txt" in output.stderr
    assert sorted(os.listdir(data)) == ["CALIB", "notes.txt"]
    assert (observed / "CALIB" / "calibRegistry.sqlite3").exists()


def test_folder_that_is_a_link_is_not_followed(notes: Path, remark: Path, tmp_path: Path) -> None:
    run_command("put", notes, "notes", remark, "--id", "visit=903334 ccd=16")
    (notes / "notes").rename(tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", notes / "notes")
    run_command("rm-repo", notes, "--yes")
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1


def test_a_repository_without_its_registry_goes_by_force(data: Path) -> None:
    (data / "registry.sqlite3").unlink()
    output = run_command("rm-repo", data, "--yes", "--force")
    assert "STRIPE82L" in output.stderr
    assert not (data / "butler.yaml").exists()


def test_gen2_repository_is_left_alone(shared_data: Path) -> None:
    root = shared_data / "obs_test" / "input"
    assert "Gen2" in run_command("rm-repo", root, "--yes", code=5).stderr
    assert (root / "registry.sqlite3").exists()
