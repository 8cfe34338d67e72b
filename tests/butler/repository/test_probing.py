"""Long chains, whose repositories are first asked for yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.repositories import TYPES, make_repository, observation

from butler.butler import Butler
from butler.errors import DatasetNotFoundError
from butler.repository.create import create_repository
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from pathlib import Path

LENGTH = 6
ONE = {"visit": 903334, "ccd": 16}


@pytest.fixture
def long_chain(tmp_path: Path) -> list[Butler]:
    """Each reads through all that come before it; the first knows the observation."""
    root = tmp_path / "0"
    made = [make_repository(root, observations=[observation(903334, 16)])]
    for number in range(1, LENGTH):
        create_repository(tmp_path / str(number), "hsc", parents=[root])
        root = tmp_path / str(number)
        made.append(Butler(root))
    return made


@pytest.mark.parametrize("dataset_type", ["summary", "notes"])
def test_the_nearest_of_many_repositories_wins(long_chain: list[Butler], dataset_type: str) -> None:
    last = long_chain[-1]
    assert not last.dataset_exists(dataset_type, ONE)
    for number in (0, 2, 4):
        long_chain[number].put(number, dataset_type, ONE)
        assert last.get(dataset_type, ONE) == number
    whole = {**ONE, "pointing": 671, "filter": "HSC-R"} if dataset_type == "notes" else ONE
    assert last.get(dataset_type, whole) == 4
    assert long_chain[3].get(dataset_type, whole) == 2


def test_a_dataset_type_may_be_recorded_after_a_repository_was_asked(
    long_chain: list[Butler],
) -> None:
    long_chain[0].put("old", "text", name="x,%y")
    last = long_chain[-1]
    assert last.get("text", name="x,%y") == "old"
    long_chain[3].put("new", "text", name="x,%y")
    assert last.get("text", name="x,%y") == "new"
    assert Butler(last.repositories[0].root).get("text", name="x,%y") == "new"


def test_what_no_repository_holds_is_named_with_all_of_them(long_chain: list[Butler]) -> None:
    long_chain[1].put(1, "summary", ONE)
    long_chain[1].remove("summary", ONE)
    with pytest.raises(DatasetNotFoundError) as caught:
        long_chain[-1].get("summary", ONE)
    assert all(place.root in str(caught.value) for place in long_chain[-1].repositories)


def test_an_open_transaction_stands_before_a_long_chain(long_chain: list[Butler]) -> None:
    long_chain[0].put("far", "summary", ONE)
    last = long_chain[-1]
    with last.transaction():
        assert last.get("summary", ONE) == "far"
        last.put("near", "summary", ONE)
        assert last.get("summary", ONE) == "near"
        assert Butler(last.repositories[0].root).get("summary", ONE) == "far"
    assert last.get("summary", ONE) == "near"


def test_a_repository_that_defines_the_type_otherwise_is_asked_all_the_same(
    tmp_path: Path,
) -> None:
    longer = {**TYPES, "text": {**TYPES["text"], "template": "text/{tract}/{name}.txt"}}  # type: ignore[dict-item]
    make_repository(tmp_path / "0", types=longer)
    root = tmp_path / "0"
    for number in range(1, LENGTH):
        make_repository(tmp_path / str(number), parents=[root])
        root = tmp_path / str(number)
    Butler(tmp_path / "2").put("two", "text", name="a")
    assert Butler(root).get("text", name="a") == "two"


def test_what_misses_costs_one_statement_in_each_repository(long_chain: list[Butler]) -> None:
    for butler in long_chain:
        butler.put(0, "summary", ONE)
    last = long_chain[-1]
    found = [place for place in last.repositories if isinstance(place, NativeRepository)]
    assert not last.dataset_exists("summary", visit=1, ccd=2)
    before = [place.registry.database.statement_count for place in found]
    assert not last.dataset_exists("summary", visit=1, ccd=2)
    after = [place.registry.database.statement_count for place in found]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1] * LENGTH
