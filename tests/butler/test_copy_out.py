from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from butler import Butler, create_repository
from butler.copy_out import copy_out
from butler.errors import DatasetExistsError, StorageError
from butler.repository.chain import Chain

if TYPE_CHECKING:
    from pathlib import Path

    from butler.repository.base import Found

SUMMARY = {
    "summary": {
        "template": "summary/{visit:07d}.json",
        "storage_class": "Json",
        "description": "numbers",
    }
}


def put_one(root: str | Path) -> Found:
    create_repository(root, "hsc", dataset_types=SUMMARY)
    with Butler(root) as butler:
        butler.put({"a": 1}, "summary", visit=1)
        found = Chain(butler.repositories).find(
            "summary", next(iter(butler.query("summary"))).data_id
        )
    assert found is not None
    return found


@pytest.mark.parametrize("kind", ["local", "memory"])
def test_file_is_copied_from_any_store(kind: str, tmp_path: Path) -> None:
    found = put_one(tmp_path / "DATA" if kind == "local" else f"memory://{tmp_path.name}")
    assert copy_out(found, tmp_path) == str(tmp_path / "0000001.json")
    assert copy_out(found, tmp_path / "mine.json") == str(tmp_path / "mine.json")
    assert (tmp_path / "mine.json").read_text() == (tmp_path / "0000001.json").read_text()


def test_file_that_is_there_stays(tmp_path: Path) -> None:
    found = put_one(tmp_path / "DATA")
    (tmp_path / "mine.json").write_text("mine")
    with pytest.raises(DatasetExistsError):
        copy_out(found, tmp_path / "mine.json")
    assert (tmp_path / "mine.json").read_text() == "mine"
    copy_out(found, tmp_path / "mine.json", overwrite=True)
    assert (tmp_path / "mine.json").read_text() != "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["DATA", "mine.json"]


def test_lost_file_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    found = put_one(tmp_path / "DATA")
    (tmp_path / "DATA" / "summary" / "0000001.json").unlink()
    with pytest.raises(StorageError, match=r"0000001\.json"):
        copy_out(found, tmp_path / "mine.json")
    assert [path.name for path in tmp_path.iterdir()] == ["DATA"]
