"""A repository whose registry is a PostgreSQL database behaves as any other."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from butler import Butler, create_repository
from butler.errors import DatasetExistsError, RepositoryError

if TYPE_CHECKING:
    from pathlib import Path

SUMMARY = {"template": "summary/{visit:07d}-{ccd:03d}.json", "storage_class": "Json"}


@pytest.fixture
def root(tmp_path: Path, postgres_database: str) -> Path:
    root = tmp_path / "DATA"
    create_repository(root, "hsc", registry=postgres_database, dataset_types={"summary": SUMMARY})
    return root


def test_datasets_are_put_found_replaced_and_removed(root: Path) -> None:
    with Butler(root) as butler:
        for ccd in range(3):
            butler.put({"ccd": ccd}, "summary", visit=1, ccd=ccd)
        with pytest.raises(DatasetExistsError):
            butler.put({"ccd": 9}, "summary", visit=1, ccd=1)
        butler.put({"ccd": 9}, "summary", visit=1, ccd=1, replace=True)
        butler.remove("summary", visit=1, ccd=2)
        found = {row["ccd"]: butler.get("summary", row.data_id) for row in butler.query("summary")}
    assert found == {0: {"ccd": 0}, 1: {"ccd": 9}}
    assert not (root / "registry.sqlite3").exists()


def test_a_rerun_on_it_has_a_file_of_its_own(root: Path) -> None:
    with Butler(root) as butler:
        butler.put({"ccd": 1}, "summary", visit=1, ccd=1)
    with Butler(inputs=root, outputs=root / "rerun" / "a") as butler:
        with butler.transaction():
            butler.put({"ccd": 2}, "summary", visit=1, ccd=2)
        assert [row["ccd"] for row in butler.query("summary", where="ccd in (1..5)")] == [1, 2]
    assert (root / "rerun" / "a" / "registry.sqlite3").exists()


def test_a_moved_tree_goes_on_with_its_registry(root: Path, tmp_path: Path) -> None:
    with Butler(root) as butler:
        butler.put({"ccd": 1}, "summary", visit=1, ccd=1)
    shutil.move(root, tmp_path / "MOVED")
    with Butler(tmp_path / "MOVED") as butler:
        butler.put({"ccd": 2}, "summary", visit=1, ccd=2)
        assert butler.query("summary").count() == 2


def test_a_copied_tree_is_refused_while_the_original_is_there(root: Path, tmp_path: Path) -> None:
    with Butler(root) as butler:
        butler.put({"ccd": 1}, "summary", visit=1, ccd=1)
    shutil.copytree(root, tmp_path / "COPY")
    with pytest.raises(RepositoryError, match="rerun"):
        Butler(tmp_path / "COPY").put({"ccd": 2}, "summary", visit=1, ccd=2)
    with Butler(root) as butler:
        assert butler.query("summary").count() == 1


def test_a_password_is_not_written_down(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="PGPASSFILE"):
        create_repository(tmp_path / "DATA", "hsc", registry="postgresql+psycopg://u:secret@h/d")
    assert not (tmp_path / "DATA" / "butler.yaml").exists()
