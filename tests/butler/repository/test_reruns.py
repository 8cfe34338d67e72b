from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from butler import create_repository
from butler.errors import RepositoryError
from butler.repository.reruns import create_child, create_rerun, known_reruns, rerun_location

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_repository(tmp_path / "DATA", "hsc")
    return tmp_path / "DATA"


def test_parents_of_several_cameras_need_a_name(root: Path, tmp_path: Path) -> None:
    create_repository(tmp_path / "SDSS", "sdss")
    parents = [root, tmp_path / "SDSS"]
    with pytest.raises(RepositoryError, match="hsc and sdss"):
        create_child(tmp_path / "both", parents)
    assert create_child(tmp_path / "both", parents, "hsc").camera == "hsc"


def test_parent_is_a_rerun_before_it_is_a_place(root: Path, tmp_path: Path) -> None:
    made = create_rerun(root, "isr")
    assert rerun_location(str(root), "isr") == made
    assert rerun_location(str(root), tmp_path / "elsewhere") == str(tmp_path / "elsewhere")


def test_rerun_that_was_taken_out_of_the_chain_is_not_known(root: Path, tmp_path: Path) -> None:
    from butler.edit_parents import edit_parents

    create_child(tmp_path / "mine", [root])
    assert [one.root for one in known_reruns(root)] == [str(tmp_path / "mine")]
    edit_parents(tmp_path / "mine", remove=[root])
    assert known_reruns(root) == []


def test_parent_that_may_not_be_written_stays_ignorant(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("butler.repository.native.NativeRepository.is_writable", False)
    create_child(tmp_path / "mine", [root])
    monkeypatch.undo()
    assert known_reruns(root) == []


def test_link_to_a_rerun_elsewhere_is_known(root: Path, tmp_path: Path) -> None:
    create_child(tmp_path / "mine", [root])
    (root / "rerun").mkdir()
    (root / "rerun" / "mine").symlink_to(tmp_path / "mine")
    assert [one.name for one in known_reruns(root)] == ["mine"]


def test_link_in_a_circle_hides_no_rerun(root: Path) -> None:
    create_rerun(root, "isr")
    (root / "rerun" / "loop").symlink_to("loop")
    assert [one.name for one in known_reruns(root)] == ["isr"]
