"""Chains: which repository wins, and what the others say."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest
from support.repositories import TYPES, make_repository, observation
from support.shared_data import find_shared_data

from butler.butler import Butler
from butler.errors import DatasetNotFoundError, RepositoryError, UnknownDatasetTypeError
from butler.repository.config import read_config, replace_config
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ONE = {"visit": 903334, "ccd": 16}


def names(butler: Butler) -> list[str]:
    return [os.path.basename(place.root) for place in butler.repositories]


def chain_of(folder: Path, **parents: Sequence[str]) -> None:
    """Make repositories, each with the parents that are named."""
    for name, above in parents.items():
        make_repository(folder / name, parents=[folder / one for one in above])


def test_the_search_goes_depth_first_outputs_before_inputs(tmp_path: Path) -> None:
    chain_of(tmp_path, A=[], B=["A"], C=[], D=["C"])
    butler = Butler(inputs=[tmp_path / "B", tmp_path / "D"], outputs=tmp_path / "OUT")
    assert names(butler) == ["OUT", "B", "A", "D", "C"]


def test_a_diamond_is_searched_once(tmp_path: Path) -> None:
    chain_of(tmp_path, TOP=[], LEFT=["TOP"], RIGHT=["TOP"], BOTTOM=["LEFT", "RIGHT"])
    assert names(Butler(tmp_path / "BOTTOM")) == ["BOTTOM", "LEFT", "TOP", "RIGHT"]
    (tmp_path / "LINK").symlink_to(tmp_path / "TOP")
    both = Butler(inputs=[tmp_path / "LINK", tmp_path / "TOP", tmp_path / "RIGHT"])
    assert len(both.repositories) == 2


def test_the_first_repository_that_holds_a_dataset_hides_the_others(tmp_path: Path) -> None:
    chain_of(tmp_path, A=[], B=["A"], C=["B"])
    for name in "ABC":
        Butler(tmp_path / name).put(name, "summary", ONE)
    assert Butler(tmp_path / "C").get("summary", ONE) == "C"
    Butler(outputs=tmp_path / "C").remove("summary", ONE)
    assert Butler(tmp_path / "C").get("summary", ONE) == "B"
    assert Butler(inputs=[tmp_path / "A", tmp_path / "C"]).get("summary", ONE) == "A"


def test_putting_what_a_parent_has_is_no_conflict(rerun: Butler, butler: Butler) -> None:
    butler.put("below", "summary", ONE)
    rerun.put("above", "summary", ONE)
    assert rerun.get("summary", ONE) == "above"
    assert butler.get("summary", ONE) == "below"


def _make_circle(folder: Path, members: Sequence[str]) -> None:
    for name, above in zip(members, [*members[1:], members[0]], strict=True):
        if not (folder / name).exists():
            make_repository(folder / name)
        config = read_config(str(folder / name))
        replace_config(str(folder / name), config.with_parents((str(folder / above),)))


@pytest.mark.parametrize("members", [("A",), ("A", "B"), ("A", "B", "C")])
def test_a_circle_is_refused_with_its_members(tmp_path: Path, members: Sequence[str]) -> None:
    _make_circle(tmp_path, members)
    with pytest.raises(RepositoryError, match="cannot be its own ancestor") as caught:
        Butler(tmp_path / "A")
    assert all(str(tmp_path / name) in str(caught.value) for name in members)


def test_an_output_with_itself_among_its_ancestors_is_refused(tmp_path: Path) -> None:
    chain_of(tmp_path, A=[], B=["A"])
    with pytest.raises(RepositoryError):
        Butler(inputs=tmp_path / "B", outputs=tmp_path / "A")


def test_a_missing_parent_is_named_with_the_way_out(tmp_path: Path) -> None:
    chain_of(tmp_path, A=[], B=["A"])
    shutil.move(tmp_path / "A", tmp_path / "ELSEWHERE")
    with pytest.raises(RepositoryError, match=r"has the parent .*no repository there") as caught:
        Butler(tmp_path / "B")
    assert "butler chain" in str(caught.value)
    assert str(tmp_path / "A") in str(caught.value)


def test_a_rerun_of_a_rerun_reads_all_below_it(data: Path, butler: Butler, rerun: Butler) -> None:
    butler.put("data", "summary", ONE)
    rerun.put("one", "notes", ONE)
    two = Butler(inputs=data / "rerun" / "one", outputs=data / "rerun" / "two")
    assert names(two) == ["two", "one", "DATA"]
    assert two.get("summary", ONE) == "data"
    assert two.get("notes", ONE) == "one"
    two.put("two", "settings")
    assert not rerun.dataset_exists("settings")


# Moved and copied trees (Gen2 read the old files: W2).


def _tree(root: Path) -> None:
    make_repository(root, observations=[observation(903334, 16)]).put("old", "summary", ONE)
    Butler(inputs=root, outputs=root / "rerun" / "one").put("old", "notes", ONE)


def test_a_copied_tree_reads_its_own_files(tmp_path: Path) -> None:
    _tree(tmp_path / "OLD")
    shutil.copytree(tmp_path / "OLD", tmp_path / "NEW")
    new = Butler(tmp_path / "NEW" / "rerun" / "one")
    assert [place.root for place in new.repositories] == [
        str(tmp_path / "NEW" / "rerun" / "one"),
        str(tmp_path / "NEW"),
    ]
    assert new.get_uri("summary", ONE).startswith(str(tmp_path / "NEW"))
    Butler(tmp_path / "OLD").put("changed", "summary", ONE, replace=True)
    assert new.get("summary", ONE) == "old"


def test_a_moved_tree_works_and_can_be_written(tmp_path: Path) -> None:
    _tree(tmp_path / "OLD")
    shutil.move(tmp_path / "OLD", tmp_path / "NEW")
    new = Butler(inputs=tmp_path / "NEW", outputs=tmp_path / "NEW" / "rerun" / "one")
    assert new.get("summary", ONE) == "old"
    new.put("new", "settings")
    assert new.get("settings") == "new"


def test_a_moved_tree_is_reached_by_a_link_too(tmp_path: Path) -> None:
    _tree(tmp_path / "OLD")
    (tmp_path / "LINK").symlink_to(tmp_path / "OLD")
    assert Butler(tmp_path / "LINK" / "rerun" / "one").get("summary", ONE) == "old"


def test_a_parent_elsewhere_is_kept_absolute(data: Path, tmp_path: Path) -> None:
    Butler(inputs=data, outputs=tmp_path / "HOME" / "mine")
    assert read_config(str(tmp_path / "HOME" / "mine")).parents == (str(data),)
    assert read_config(str(data)).parents == ()
    Butler(inputs=data, outputs=data / "rerun" / "one")
    assert read_config(str(data / "rerun" / "one")).parents == ("../..",)


# Dataset types of one member.


def test_a_rerun_holds_what_its_parent_defines(rerun: Butler, data: Path) -> None:
    assert read_config(str(data / "rerun" / "one")).dataset_types == {}
    rerun.put(1, "summary", ONE)
    assert rerun.dataset_exists("summary", ONE, write=True)
    assert [row["ccd"] for row in rerun.query("summary")] == [16]
    rerun.remove("summary", ONE)
    with pytest.raises(UnknownDatasetTypeError):
        Butler(inputs=data).get("sumary", ONE)


def test_the_nearest_definition_is_the_one_that_is_written(tmp_path: Path) -> None:
    make_repository(tmp_path / "A")
    other = {"summary": {**TYPES["summary"], "template": "mine/{visit}/{ccd}.json"}}  # type: ignore[dict-item]
    make_repository(tmp_path / "B", parents=[tmp_path / "A"], types=other)
    butler = Butler(tmp_path / "B")
    Butler(tmp_path / "A").put("a", "summary", ONE)
    assert butler.get("summary", ONE) == "a"
    butler.put("b", "summary", ONE)
    assert (tmp_path / "B" / "mine" / "903334" / "16.json").exists()


# Gen2 parents.


def test_a_native_rerun_reads_a_gen2_parent() -> None:
    found = find_shared_data()
    if found is None:
        pytest.skip("real data is not on this machine")
    old = Butler(inputs=found / "obs_test" / "input")
    assert old.get_uri("raw", visit=1).endswith("raw/raw_v1_fg.fits.gz")
    assert old.query_metadata("raw", ["visit", "filter"])[:2] == [(1, "g"), (2, "g")]


def test_a_rerun_on_a_gen2_parent_is_written_and_completed_by_it(tmp_path: Path) -> None:
    found = find_shared_data()
    if found is None:
        pytest.skip("real data is not on this machine")
    butler = Butler(inputs=found / "obs_test" / "input", outputs=tmp_path / "OUT")
    assert butler.data_ref("raw", visit=2).data_id == {"visit": 2, "filter": "g"}
    assert butler.dataset_exists("raw", visit=1)
    assert not butler.dataset_exists("calexp", visit=1)
    with pytest.raises(DatasetNotFoundError, match="visit=9"):
        butler.get("raw", visit=9)
    butler.put({"a": "1"}, "packages")
    assert butler.get("packages") == {"a": "1"}


# Two at once.


def _open_rerun(root: str, out: str) -> str:
    butler = Butler(inputs=root, outputs=out)
    butler.put(os.getpid(), "summary", visit=1, ccd=os.getpid())
    return str(butler.repositories[0].uuid)


def test_processes_that_make_one_rerun_at_once_share_it(data: Path) -> None:
    out = data / "rerun" / "shared"
    with get_context("spawn").Pool(4) as pool:
        uuids = pool.starmap(_open_rerun, [(str(data), str(out))] * 8, chunksize=1)
    assert len(set(uuids)) == 1
    assert Butler(out).query("summary").count() >= 1
    assert not list(out.glob(".butler.yaml*"))


def test_threads_that_make_one_rerun_at_once_share_it(data: Path) -> None:
    out = data / "rerun" / "shared"
    with ThreadPoolExecutor(8) as pool:
        butlers = list(pool.map(lambda _: Butler(inputs=data, outputs=out), range(8)))
    assert len({butler.repositories[0].uuid for butler in butlers}) == 1
    for number, butler in enumerate(butlers):
        butler.put(number, "summary", visit=1, ccd=number)
    assert butlers[0].query("summary").count() == 8


# What is not asked.


def test_the_parents_are_not_asked_where_the_output_answers(tmp_path: Path) -> None:
    chain_of(tmp_path, A=[], B=["A"])
    butler = Butler(tmp_path / "B")
    butler.put(1, "summary", ONE)
    parent = butler.repositories[1]
    assert isinstance(parent, NativeRepository)
    before = parent.registry.database.statement_count
    assert butler.get("summary", ONE) == 1
    assert parent.registry.database.statement_count == before
