from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from butler import Butler, create_repository
from butler.doctor import examine
from butler.errors import RepositoryError, RepositoryNotFoundError
from butler.repository.native import NativeRepository
from butler.repository.removal import RemovalReport, plan_removal, remove_repository
from butler.repository.reruns import create_child, known_reruns, registered_reruns

if TYPE_CHECKING:
    from pathlib import Path

SUMMARY = {
    "summary": {
        "template": "summary/{visit:07d}-{ccd:03d}.json",
        "storage_class": "Json",
        "description": "numbers of one ccd",
    }
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with three datasets."""
    place = tmp_path / "DATA"
    create_repository(place, "hsc", dataset_types=SUMMARY)
    with Butler(place) as butler:
        for ccd in range(3):
            butler.put({"ccd": ccd}, "summary", visit=1, ccd=ccd)
    return place


def test_plan_tells_what_would_go_and_changes_nothing(root: Path) -> None:
    plan = plan_removal(root)
    assert (plan.datasets, plan.reruns) == (3, ())
    assert plan.size == sum(path.stat().st_size for path in (root / "summary").iterdir())


def test_file_that_was_registered_where_it_lies_stays(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    with Butler(root) as butler:
        butler.register("summary", [(outside, {"visit": 2, "ccd": 1})])
    told: list[int] = []
    report = remove_repository(root, on_files=told.append)
    assert (report.files, report.left) == (3, ())
    assert sum(told) == 4
    assert outside.exists()
    assert not root.exists()


def test_replaced_files_go_too(root: Path) -> None:
    with Butler(root) as butler:
        butler.put({"ccd": 99}, "summary", visit=1, ccd=1, replace=True)
    remove_repository(root)
    assert not root.exists()


def test_removal_that_is_interrupted_leaves_what_can_be_removed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(name: str) -> None:
        if name == "delete:forgotten":
            raise KeyboardInterrupt

    monkeypatch.setattr("butler.storage.commit.step", interrupt)
    with pytest.raises(KeyboardInterrupt):
        remove_repository(root)
    monkeypatch.undo()
    with Butler(root) as butler:
        assert list(butler.query("summary")) == []
    remove_repository(root)
    assert not root.exists()


def test_repository_in_memory_goes(tmp_path: Path) -> None:
    root = f"memory://{tmp_path.name}"
    create_repository(root, "hsc", dataset_types=SUMMARY)
    with Butler(root) as butler:
        butler.put({"a": 1}, "summary", visit=1, ccd=1)
    remove_repository(root)
    with pytest.raises(RepositoryNotFoundError):
        plan_removal(root)


def test_rerun_of_a_rerun_holds_it_back(root: Path) -> None:
    Butler(inputs=root, outputs=root / "rerun" / "a").close()
    Butler(inputs=root / "rerun" / "a", outputs=root / "rerun" / "b").close()
    with pytest.raises(RepositoryError, match=os.path.join("rerun", "b")):
        remove_repository(root / "rerun" / "a")
    remove_repository(root / "rerun" / "b")
    remove_repository(root / "rerun" / "a")
    assert not (root / "rerun" / "a").exists()


def test_a_repository_whose_registry_is_missing_is_not_taken_for_an_empty_one(root: Path) -> None:
    (root / "registry.sqlite3").unlink()
    for remove in (plan_removal, remove_repository):
        with pytest.raises(RepositoryError, match=r"registry .* is missing"):
            remove(root)
    assert (root / "butler.yaml").exists()
    assert remove_repository(root, force=True).left == ("summary",)
    assert len(list((root / "summary").iterdir())) == 3


def test_parent_forgets_a_child_that_lay_elsewhere(root: Path, tmp_path: Path) -> None:
    child = str(tmp_path / "child")
    create_child(child, [root])
    assert [one.root for one in known_reruns(root)] == [child]
    remove_repository(child)
    parent = NativeRepository(str(root))
    assert registered_reruns(parent) == []
    parent.close()


def test_dataset_in_a_folder_that_is_linked_in_is_forgotten_and_its_file_stays(
    root: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (root / "summary").rename(elsewhere)
    (root / "summary").symlink_to(elsewhere)
    with Butler(root) as butler:
        butler.remove("summary", visit=1, ccd=1)
        assert butler.query("summary").count() == 2
    assert len(list(elsewhere.iterdir())) == 3
    assert not examine(root).findings


def test_folders_of_datasets_that_went_before_are_no_remains(root: Path) -> None:
    (root / "flats" / "2013-11-03").mkdir(parents=True)
    create_repository(root / "exported", "hsc")
    (root / "exported" / "empty").mkdir()
    assert remove_repository(root) == RemovalReport(3, ("exported",))
    assert (root / "exported" / "empty").is_dir()  # of another repository
    remove_repository(root / "exported")
    root.rmdir()  # nothing else is there
