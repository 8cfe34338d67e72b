from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from butler import Butler, create_repository
from butler.doctor import Treatment, examine
from butler.storage.fsspec_store import FsspecStore

if TYPE_CHECKING:
    from butler.doctor import Report

TYPES = {"summary": {"template": "summary/{visit}.json", "storage_class": "Json"}}


@pytest.fixture
def root() -> str:
    """A repository in memory with two datasets."""
    place = f"memory://{uuid4().hex}"
    create_repository(place, "hsc", dataset_types=TYPES)
    with Butler(place) as butler:
        for visit in (1, 2):
            butler.put({"visit": visit}, "summary", visit=visit)
    return place


def look(root: str, **treatment: object) -> Report:
    return examine(root, Treatment(**treatment))  # type: ignore[arg-type]


def test_whole_store_is_clean(root: str) -> None:
    report = look(root, deep=True)
    assert (report.findings, report.datasets, report.digests) == ([], 2, 2)


def test_lost_and_changed_objects_are_damage(root: str) -> None:
    store = FsspecStore(root)
    store.remove("summary/1.json")
    store.replace("summary/2.json", store.read_bytes("summary/2.json").replace(b"2", b"3"))
    assert [one.code for one in look(root, deep=True).findings] == [
        "file_missing",
        "content_differs",
    ]
    store.replace("summary/2.json", b"{}")
    assert [one.code for one in look(root).findings] == ["file_missing", "size_differs"]


def test_lost_objects_are_given_up_on_demand(root: str) -> None:
    store = FsspecStore(root)
    store.remove("summary/1.json")
    store.replace("summary/2.json", b"{}")
    assert look(root, repair="safe", forget_missing=True).exit_code == 1
    assert [one.code for one in look(root).findings] == ["set_aside"]


def test_object_without_a_row_is_set_aside_once_it_is_old(root: str) -> None:
    FsspecStore(root).create("summary/3.json", b"3")
    assert look(root, repair="quarantine").findings == []  # its writer may be alive
    report = look(root, repair="quarantine", longest_s=-1)
    assert [(one.code, one.status) for one in report.findings] == [("orphan", "repaired")]
    assert [one.code for one in look(root, longest_s=-1).findings] == ["set_aside"]
