"""Datasets have tags, and are found by them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.repositories import make_repository, observation

from butler import Butler
from butler.errors import (
    DataIdError,
    DatasetNotFoundError,
    ParameterError,
    ReadOnlyError,
    UnknownKeyError,
)
from butler.registry.condition import evaluate
from butler.registry.tags import check_tag, without_tags
from butler.registry.where import parse_where

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def butler(tmp_path: Path) -> Iterator[Butler]:
    """Three summaries of one visit; 1 and 2 are good, 2 and 3 are odd."""
    seen = [observation(1, ccd) for ccd in (1, 2, 3)]
    with make_repository(tmp_path / "DATA", observations=seen) as made:
        for ccd in (1, 2, 3):
            made.put({"n": ccd}, "summary", visit=1, ccd=ccd)
        made.tag("good", "summary", ccd=[1, 2], note="seeing below 0.7")
        made.tag("odd", "summary", where="ccd > 1")
        yield made


def ccds(butler: Butler, where: str | None = None, **filters: object) -> list[object]:
    return [row["ccd"] for row in butler.query("summary", where=where, **filters)]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("tag = 'good'", [1, 2]),
        ("tag != 'good'", [3]),
        ("tag in ('good', 'odd')", [1, 2, 3]),
        ("tag not in ('good', 'odd')", []),
        ("tag = 'good' and tag = 'odd'", [2]),
        ("not tag = 'odd'", [1]),
        ("tag = 'odd' and ccd < 3", [2]),
        ("tag = 'none'", []),
        ("tag = 'odd' or ccd = 1", [1, 2, 3]),
    ],
)
def test_conditions_ask_for_tags(butler: Butler, where: str, expected: list[int]) -> None:
    assert ccds(butler, where) == expected


def test_keywords_ask_for_tags(butler: Butler) -> None:
    assert ccds(butler, tag="good") == [1, 2]
    assert ccds(butler, tag=["good", "odd"]) == [1, 2, 3]
    assert butler.query_metadata("summary", "ccd", tag="odd") == [2, 3]
    assert [ref.data_id["ccd"] for ref in butler.subset("summary", tag="odd")] == [2, 3]


def test_tags_are_listed_with_their_notes(butler: Butler) -> None:
    assert [tuple(one) for one in butler.tags()] == [
        ("good", "seeing below 0.7", 2),
        ("odd", None, 2),
    ]


def test_a_tag_is_given_once(butler: Butler) -> None:
    assert butler.tag("good", "summary", visit=1) == 1
    assert butler.tag("good", "summary", visit=1) == 0


def test_a_tag_is_taken_from_some_or_from_all(butler: Butler) -> None:
    assert butler.untag("good", "summary", ccd=1) == 1
    assert ccds(butler, tag="good") == [2]
    assert butler.untag("good") == 1
    assert [one.name for one in butler.tags()] == ["odd"]


def test_removing_a_dataset_removes_its_tags(butler: Butler) -> None:
    butler.remove("summary", visit=1, ccd=2)
    assert [one.datasets for one in butler.tags()] == [1, 1]


def test_replacing_a_dataset_keeps_its_tags(butler: Butler) -> None:
    butler.put({"n": 9}, "summary", visit=1, ccd=2, replace=True)
    assert ccds(butler, tag="good") == [1, 2]


@pytest.mark.usefixtures("butler")
def test_a_parent_is_not_tagged_through_its_child(tmp_path: Path) -> None:
    with make_repository(tmp_path / "MINE", parents=[tmp_path / "DATA"]) as mine:
        assert ccds(mine, tag="good") == [1, 2]
        with pytest.raises(ReadOnlyError, match=r"butler tag .*DATA better summary"):
            mine.tag("better", "summary", ccd=1)


@pytest.mark.usefixtures("butler")
def test_what_hides_a_tagged_dataset_must_be_tagged_itself(tmp_path: Path) -> None:
    with make_repository(tmp_path / "MINE", parents=[tmp_path / "DATA"]) as mine:
        mine.put({"n": "new"}, "summary", visit=1, ccd=1)
        assert ccds(mine, tag="good") == [2]
        assert ccds(mine, tag="good", limit=1) == [2]
        assert ccds(mine, tag="good", all=True) == [1, 2]
        assert mine.query_metadata("summary", "ccd", tag="good") == [2]
        mine.tag("good", "summary", ccd=1)
        assert ccds(mine, tag="good") == [1, 2]
        assert [(one.name, one.datasets) for one in mine.tags()] == [("good", 3), ("odd", 2)]


def test_datasets_without_a_registry_have_no_tags(shared_data: Path, tmp_path: Path) -> None:
    root = tmp_path / "GEN2"
    shutil.copytree(shared_data / "obs_test/input", root, symlinks=True)
    with Butler(root) as gen2:
        assert gen2.query("raw", tag="good").count() == 0
        assert gen2.query("raw", where="tag != 'good'").count() == gen2.query("raw").count() > 0


def test_what_is_put_in_a_transaction_has_no_tags_yet(butler: Butler) -> None:
    with butler.transaction():
        butler.put({"n": 4}, "summary", visit=1, ccd=4)
        assert ccds(butler, tag="good") == [1, 2]
        assert ccds(butler, "tag != 'good'") == [3, 4]


def test_why_nothing_matched_names_the_tags(butler: Butler) -> None:
    assert "'good'" in butler.query("summary", tag="god").explain()


def test_nothing_is_ordered_by_tags(butler: Butler) -> None:
    with pytest.raises(UnknownKeyError, match="tag"):
        butler.query("summary", order_by="tag")
    with pytest.raises(UnknownKeyError, match="tag"):
        butler.query("summary", columns=["tag"])


def test_get_goes_on_to_mean_the_tags_of_repositories(butler: Butler) -> None:
    with pytest.raises(ParameterError, match="No repository of this Butler has the tag"):
        butler.get("summary", visit=1, ccd=1, tag="good")


def test_what_is_not_there_is_not_tagged(butler: Butler) -> None:
    with pytest.raises(DatasetNotFoundError):
        butler.tag("good", "summary", ccd=99)
    assert len(butler.tags()) == 2


@pytest.mark.parametrize("name", ["", "a b", ".hidden", "-dash", "a/b", "ü", "a" * 201, "a\n"])
def test_names_are_checked(butler: Butler, name: str) -> None:
    with pytest.raises(DataIdError, match="no name for a tag"):
        butler.tag(name, "summary", ccd=1)


@given(st.text(alphabet="abcXYZ019_.,:+-", min_size=1, max_size=20))
def test_good_names_stay_as_they_are(name: str) -> None:
    if name[0] not in ".-":
        assert check_tag(name) == name


@given(
    st.sampled_from(
        ["tag = 'a'", "tag != 'a'", "not tag in ('a')", "tag = 'a' or ccd = 1", "ccd = 1"]
    ),
    st.integers(0, 2),
)
def test_without_tags_a_condition_means_what_it_says_of_the_rest(where: str, ccd: int) -> None:
    found = evaluate(without_tags(parse_where(where)), {"ccd": ccd})
    is_one = "ccd = 1" in where and ccd == 1
    assert found == (is_one or where in {"tag != 'a'", "not tag in ('a')"})
