"""Files are copied out of a repository, or into another one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.invariants import broken_promises, dataset_rows
from support.repositories import make_repository, observation

from butler import Butler
from butler.errors import DatasetNotFoundError, ParameterError
from butler.moving.copying import copy_datasets
from butler.registry.where import parse_where

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A rerun with one summary, on top of a repository with another."""
    with make_repository(tmp_path / "DATA", observations=[observation(1, 16)]) as butler:
        butler.put({"n": 16}, "summary", visit=1, ccd=16)
    with make_repository(tmp_path / "RERUN", parents=[tmp_path / "DATA"]) as butler:
        butler.put({"n": 22}, "summary", visit=1, ccd=22)
    return tmp_path / "RERUN"


def found(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_files_keep_their_folders_unless_flat(root: Path, tmp_path: Path) -> None:
    copy_datasets(root, tmp_path / "OUT", ["summary"])
    assert found(tmp_path / "OUT") == ["summary/0000001-016.json", "summary/0000001-022.json"]
    copy_datasets(root, tmp_path / "FLAT", ["summary"], is_flat=True)
    assert found(tmp_path / "FLAT") == ["0000001-016.json", "0000001-022.json"]


def test_copying_again_changes_nothing_and_goes_over_nothing(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    copy_datasets(root, out, ["summary"])
    (out / "summary" / "0000001-016.json").write_text("mine")
    report = copy_datasets(root, out, ["summary"])
    assert [one.outcome for one in report.datasets] == ["conflict", "already there"]
    assert report.exit_code == 4
    assert (out / "summary" / "0000001-016.json").read_text() == "mine"


def test_a_repository_takes_them_with_their_rows(root: Path, tmp_path: Path) -> None:
    make_repository(tmp_path / "MINE").close()
    report = copy_datasets(root, tmp_path / "MINE", ["summary"])
    assert report.counts["taken"] == 2
    with Butler(tmp_path / "MINE") as butler:
        assert butler.get("summary", visit=1, ccd=16) == {"n": 16}
    assert broken_promises(tmp_path / "MINE") == []
    with pytest.raises(ParameterError, match="folders of its own"):
        copy_datasets(root, tmp_path / "MINE", ["summary"], is_flat=True)


def test_a_dry_run_copies_nothing(root: Path, tmp_path: Path) -> None:
    report = copy_datasets(root, tmp_path / "OUT", ["summary"], dry_run=True)
    assert report.counts["taken"] == 2
    assert not (tmp_path / "OUT").exists()


def test_a_damaged_file_is_not_copied(root: Path, tmp_path: Path) -> None:
    path = root / "summary" / "0000001-022.json"
    status = path.stat()
    path.write_bytes(path.read_bytes().replace(b"22", b"23"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    report = copy_datasets(root, tmp_path / "OUT", ["summary"])
    assert [one.outcome for one in report.datasets] == ["taken", "rejected"]
    assert found(tmp_path / "OUT") == ["summary/0000001-016.json"]
    assert list(dataset_rows(root)) == ["summary/0000001-022.json"]


def test_nothing_that_matches_is_an_error(root: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFoundError):
        copy_datasets(root, tmp_path / "OUT", ["summary"], condition=parse_where("ccd = 1"))


def test_links_can_be_made_instead(root: Path, tmp_path: Path) -> None:
    copy_datasets(root, tmp_path / "OUT", ["summary"], mode="relsymlink", is_flat=True)
    assert all(path.is_symlink() and path.is_file() for path in (tmp_path / "OUT").iterdir())
