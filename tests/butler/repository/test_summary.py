from __future__ import annotations

from typing import TYPE_CHECKING

from butler import Butler, create_repository
from butler.repository.summary import TypeSummary, summarise

if TYPE_CHECKING:
    from pathlib import Path

SUMMARY = {
    "summary": {
        "template": "summary/{visit:07d}-{ccd:03d}.json",
        "storage_class": "Json",
        "description": "numbers of one ccd",
    }
}


def test_types_are_counted_with_their_sizes(tmp_path: Path) -> None:
    create_repository(tmp_path / "DATA", "hsc", dataset_types=SUMMARY, shared=True)
    with Butler(tmp_path / "DATA") as butler:
        butler.put({"a": 1}, "summary", visit=1, ccd=2)
        butler.put({"a": 22}, "summary", visit=1, ccd=3)
        found = summarise(butler.repositories[0])
        size = sum(row.size or 0 for row in butler.query("summary"))
    assert found.types == (TypeSummary("summary", 2, size),)
    assert found.journal == "rollback"
    assert found.embedded == ()


def test_repository_in_memory_has_no_journal(tmp_path: Path) -> None:
    root = f"memory://{tmp_path.name}"
    create_repository(root, "hsc")
    with Butler(root) as butler:
        found = summarise(butler.repositories[0])
    assert (found.root, found.journal, found.types) == (root, "", ())
