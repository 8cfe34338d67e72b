from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from support.commands import run_command

from butler import Butler
from butler.errors import StorageError
from butler.repository import migrate as migration

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["obs_test/input", "sdss_demo/input"])
def gen2(request: pytest.FixtureRequest, shared_data: Path, tmp_path: Path) -> Path:
    """A copy of a real Gen2 repository."""
    root = tmp_path / "GEN2"
    shutil.copytree(shared_data / request.param, root, symlinks=True)
    for folder, _, files in os.walk(root):
        for name in (".", *files):
            os.chmod(os.path.join(folder, name), 0o755)
    return root


def listing(root: Path) -> dict[str, list[str]]:
    """Every dataset of every type, with its file."""
    with Butler(root) as butler:
        return {
            name: [f"{row.data_id} {os.path.realpath(row.uri)}" for row in butler.query(name)]
            for name in sorted(butler.get_dataset_types())
            if butler.repositories[0].policy.dataset_types[name].template is not None
        }


def files(root: Path) -> dict[str, int]:
    return {
        str(path.relative_to(root)): path.lstat().st_size
        for path in root.rglob("*")
        if not path.is_dir()
    }


def without_links(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Places with links followed are the same on both sides already."""
    return {name: sorted(rows) for name, rows in found.items()}


def test_everything_is_found_as_before(gen2: Path) -> None:
    before = listing(gen2)
    output = run_command("migrate", gen2)
    assert "is a repository of ours now" in output.stderr
    assert without_links(listing(gen2)) == without_links(before)
    (row,) = run_command("info", gen2, "--format", "json").rows
    assert (row["kind"], row["writable"]) == ("native", True)


def test_no_file_is_lost_and_the_registry_is_kept(gen2: Path) -> None:
    before = files(gen2)
    run_command("migrate", gen2)
    before["registry.gen2.sqlite3"] = before.pop("registry.sqlite3")
    after = files(gen2)
    assert {name: after[name] for name in before} == before


def test_dry_run_changes_nothing(gen2: Path) -> None:
    before = files(gen2)
    assert "nothing was done" in run_command("migrate", gen2, "--dry-run").stderr
    assert files(gen2) == before


def test_failure_leaves_a_gen2_repository(gen2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(gen2)

    def full_disk(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(migration, "write_config", full_disk)
    with pytest.raises(StorageError, match="No space left"):
        migration.migrate_repository(gen2)
    assert files(gen2) == before
    assert not (gen2 / "CALIB").exists()


def test_migrated_repository_is_up_to_date(gen2: Path) -> None:
    run_command("migrate", gen2)
    assert "up to date" in run_command("migrate", gen2).stderr


def test_gen2_rerun_on_top_still_reads(gen2: Path) -> None:
    rerun = gen2 / "rerun" / "old"
    rerun.mkdir(parents=True)
    os.symlink(gen2, rerun / "_parent")
    before = without_links(listing(rerun))
    run_command("migrate", gen2)
    assert without_links(listing(rerun)) == before


def test_backup_that_is_there_is_not_overwritten(gen2: Path) -> None:
    (gen2 / "registry.gen2.sqlite3").write_text("precious")
    run_command("migrate", gen2, code=4)
    assert (gen2 / "registry.gen2.sqlite3").read_text() == "precious"
    assert not (gen2 / "butler.yaml").exists()


def test_bare_directory_becomes_an_empty_repository(tmp_path: Path) -> None:
    root = tmp_path / "BARE"
    root.mkdir()
    (root / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    run_command("migrate", root)
    assert run_command("info", root, "--format", "json").rows[0]["camera"] == "hsc"


def test_directory_that_is_no_repository_is_not_found(tmp_path: Path) -> None:
    assert "no repository" in run_command("migrate", tmp_path, code=3).stderr
