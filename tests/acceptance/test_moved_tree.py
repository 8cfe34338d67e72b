"""A tree that is moved reads its own files, and a removed rerun leaves its parent untouched."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from butler import Butler, create_repository

if TYPE_CHECKING:
    from pathlib import Path

SUMMARY = {"template": "summary/{visit:07d}-{ccd:03d}.json", "storage_class": "Json"}


def state(root: Path) -> tuple[dict[str, list[object]], dict[str, int]]:
    """Return every row of the registry and every file of a repository, by plain means."""
    with closing(sqlite3.connect(root / "registry.sqlite3")) as registry:
        names = [name for (name,) in registry.execute("SELECT name FROM sqlite_master")]
        tables = [name for name in names if not name.startswith(("sqlite_", "ix_", "uq_"))]
        rows = {name: registry.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    files = {}
    for directory, folders, leaves in os.walk(root):
        folders[:] = [name for name in folders if name != "rerun"]
        for name in leaves:
            if not name.startswith("registry.sqlite3"):  # compared row by row
                path = os.path.join(directory, name)
                files[os.path.relpath(path, root)] = os.stat(path).st_mtime_ns
    return rows, files


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "DATA"
    create_repository(root, "hsc", dataset_types={"summary": SUMMARY})
    with Butler(root) as butler:
        butler.put({"in": "DATA"}, "summary", visit=1, ccd=1)
    with Butler(inputs=root, outputs=root / "rerun" / "a") as butler:
        butler.put({"in": "a"}, "summary", visit=1, ccd=2)
    with Butler(inputs=root / "rerun" / "a", outputs=root / "rerun" / "b") as butler:
        butler.put({"in": "b"}, "summary", visit=1, ccd=3)
    return root


@pytest.mark.parametrize("move", [shutil.move, shutil.copytree], ids=["moved", "copied"])
def test_a_moved_tree_reads_its_own_files(tree: Path, tmp_path: Path, move: object) -> None:
    new = tmp_path / "elsewhere" / "DATA"
    new.parent.mkdir()
    move(tree, new)  # type: ignore[operator]
    with Butler(new / "rerun" / "b") as butler:
        assert [place.root for place in butler.repositories] == [
            str(new / "rerun" / "b"),
            str(new / "rerun" / "a"),
            str(new),
        ]
        found = [butler.get("summary", visit=1, ccd=ccd) for ccd in (1, 2, 3)]
        assert found == [{"in": "DATA"}, {"in": "a"}, {"in": "b"}]
        assert butler.get_uri("summary", visit=1, ccd=1).startswith(str(new))


def test_a_rerun_that_is_removed_leaves_its_parents_untouched(tree: Path) -> None:
    before, parent_before = state(tree), state(tree / "rerun" / "a")
    with Butler(tree / "rerun" / "b") as butler:
        butler.get("summary", visit=1, ccd=1)
    shutil.rmtree(tree / "rerun" / "b")
    assert state(tree) == before
    assert state(tree / "rerun" / "a") == parent_before
    with Butler(tree / "rerun" / "a") as butler:
        assert butler.query("summary").count() == 2
