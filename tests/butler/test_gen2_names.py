"""Gen2's spellings: equal result, equal signature, and the override is what runs."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

from butler.butler import Butler
from butler.data_ref import DataRef, Subset
from butler.gen2_names import (
    ButlerGen2Names,
    DataRefGen2Names,
    SubsetGen2Names,
    modern_keywords,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ONE = {"visit": 903334, "ccd": 16}

# Gen2's name, ours, and what Gen2 called the parameters, in Gen2's order.
BUTLER = {
    "dataRef": ("data_ref", {"datasetType": "dataset_type", "dataId": "data_id"}),
    "datasetExists": ("dataset_exists", {"datasetType": "dataset_type", "dataId": "data_id"}),
    "defineAlias": ("define_alias", {"datasetType": "dataset_type"}),
    "getDatasetTypes": ("get_dataset_types", {}),
    "getKeys": ("get_keys", {"datasetType": "dataset_type"}),
    "getUri": ("get_uri", {"datasetType": "dataset_type", "dataId": "data_id"}),
    "queryMetadata": (
        "query_metadata",
        {"datasetType": "dataset_type", "format": "columns", "dataId": "data_id"},
    ),
}
REF = {
    "datasetExists": ("dataset_exists", {"datasetType": "dataset_type"}),
    "getUri": ("get_uri", {"datasetType": "dataset_type"}),
    "subItems": ("sub_items", {}),
    "subLevels": ("sub_levels", {}),
}
METHODS = [
    (owner, old, new, names)
    for owner, table in ((Butler, BUTLER), (DataRef, REF))
    for old, (new, names) in table.items()
]


@pytest.fixture
def filled(butler: Butler) -> Butler:
    butler.put("there", "summary", ONE)
    return butler


@pytest.mark.parametrize(("owner", "old", "new", "names"), METHODS)
def test_the_parameters_are_the_same_one_to_one(
    owner: type, old: str, new: str, names: dict[str, str]
) -> None:
    mine = inspect.signature(getattr(owner, new)).parameters
    theirs = inspect.signature(getattr(owner, old)).parameters
    translated = [names.get(name, name) for name in theirs]
    rest = {"rest": "keywords"}
    assert [rest.get(name, name) for name in translated] == list(mine)
    for (name, one), other in zip(theirs.items(), mine.values(), strict=True):
        assert one.default == other.default, name
        assert one.annotation == other.annotation, name


@pytest.mark.parametrize(
    ("mixin", "owner", "others"),
    [
        (ButlerGen2Names, Butler, {}),
        (DataRefGen2Names, DataRef, {"dataId", "getButler"}),
        (SubsetGen2Names, Subset, {"cache", "datasetType"}),
    ],
)
def test_no_spelling_is_left_untested(mixin: type, owner: type, others: set[str]) -> None:
    tested = {old for of, old, _, _ in METHODS if of is owner}
    offered = {name for name in vars(mixin) if not name.startswith("_")}
    assert offered == tested | set(others)


@pytest.mark.parametrize(
    ("old", "new", "arguments"),
    [
        ("dataRef", "data_ref", ("summary", None, ONE)),
        ("datasetExists", "dataset_exists", ("summary", ONE)),
        ("getDatasetTypes", "get_dataset_types", ()),
        ("getKeys", "get_keys", ("summary",)),
        ("getKeys", "get_keys", ("summary", "visit")),
        ("getUri", "get_uri", ("summary", ONE)),
        ("queryMetadata", "query_metadata", ("summary", ["visit", "ccd"])),
        ("queryMetadata", "query_metadata", ("summary", "visit", {"ccd": 16})),
    ],
)
def test_the_result_is_the_same(
    filled: Butler, old: str, new: str, arguments: tuple[object, ...]
) -> None:
    assert getattr(filled, old)(*arguments) == getattr(filled, new)(*arguments)


def test_the_results_of_a_ref_and_a_subset_are_the_same(filled: Butler) -> None:
    ref = filled.dataRef("summary", dataId=ONE)
    assert ref.dataId == ref.data_id == ONE
    assert ref.datasetExists() == ref.dataset_exists() == True  # noqa: E712 - both sides
    assert ref.datasetExists("notes", write=True) is False
    assert ref.getButler() is filled
    assert ref.getUri() == ref.get_uri()
    assert ref.getUri(write=True) == ref.get_uri(write=True)
    assert ref.subLevels() == ref.sub_levels()
    assert list(ref.subItems()) == list(ref.sub_items())
    subset = filled.subset("summary")
    assert subset.cache == subset.data_ids == (ONE,)
    assert subset.datasetType == "summary"


def test_keywords_of_gen2_are_understood(filled: Butler, data: Path) -> None:
    assert filled.get("summary", dataId=ONE) == "there"
    assert filled.datasetExists("summary", dataId=ONE, write=True)
    assert filled.getUri(datasetType="summary", dataId=ONE, write=True).startswith(str(data))
    assert filled.queryMetadata(datasetType="summary", format="ccd", dataId=ONE) == [16]
    assert filled.dataRef(datasetType="summary", level=None, dataId=ONE).dataId == ONE
    assert len(filled.subset("summary", dataId=ONE)) == 1
    filled.put("new", "summary", dataId=ONE, doBackup=True)
    assert filled.get("summary", ONE) == "new"
    filled.dataRef("summary", dataId=ONE).put("newer", doBackup=True)
    assert (data / "summary" / "0903334-016.json~2").exists()
    filled.defineAlias("s", "summary")
    assert filled.get("@s", ONE) == "newer"


def _overriding(owner: type, name: str) -> tuple[type, Callable[[object], list[str]]]:
    def answer(self: object, *arguments: object, **keywords: object) -> str:
        del self, arguments, keywords
        return "overridden"

    return type("Overriding", (owner,), {name: answer, "__slots__": ()}), answer  # type: ignore[return-value]


@pytest.mark.parametrize(("owner", "old", "new", "names"), METHODS)
def test_an_override_of_our_name_is_what_the_old_name_runs(
    filled: Butler, owner: type, old: str, new: str, names: dict[str, str]
) -> None:
    del names
    made, _ = _overriding(owner, new)
    if owner is Butler:
        instance = made(filled.repositories[0].root)
        arguments: tuple[object, ...] = {
            "getDatasetTypes": (),
            "defineAlias": ("x", "summary"),
            "queryMetadata": ("summary", "visit"),
        }.get(old, ("summary",))
    else:
        instance = made(filled, "summary", filled.data_ref("summary", data_id=ONE).data_id)
        arguments = ()
    result = getattr(instance, old)(*arguments)
    assert result == (None if old == "defineAlias" else "overridden")


def test_only_the_known_spellings_are_translated() -> None:
    given = {"dataId": 1, "doBackup": 2, "imageOrigin": 3, "visit": 4}
    assert modern_keywords(given) == {"data_id": 1, "backup": 2, "origin": 3, "visit": 4}
