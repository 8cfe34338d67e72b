"""Data refs and subsets, at the levels of a camera."""

from __future__ import annotations

import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from support.repositories import make_repository, observation
from support.shared_data import find_shared_data

from butler.butler import Butler
from butler.data_ref import DataRef, Subset
from butler.errors import AmbiguousDataIdError, DataIdError, DatasetNotFoundError
from butler.repository.create import create_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ONE = {"visit": 903334, "ccd": 16}


@pytest.fixture
def sky_survey(tmp_path: Path) -> Iterator[Butler]:
    """Two SDSS runs: 4192 camcol 4 field 300 in g and r, 6377 camcol 4 field 399 in g."""
    create_repository(tmp_path / "SDSS", "sdss")
    butler = Butler(tmp_path / "SDSS")
    path = tmp_path / "image.fit"
    path.write_bytes(b"")
    keys = {"rerun": 40, "camcol": 4}
    images = [
        {"run": 4192, "field": 300, "filter": "g"},
        {"run": 4192, "field": 300, "filter": "r"},
        {"run": 6377, "field": 399, "filter": "g"},
    ]
    butler.register("fpC", [(path, {**keys, **image}) for image in images])
    yield butler
    butler.close()


# Levels, as measured of Gen2 (gen2.md 1.4).


@pytest.mark.parametrize(
    ("level", "keys"),
    [
        ("run", {"run", "rerun"}),
        ("camcol", {"run", "rerun", "camcol"}),
        ("field", {"run", "rerun", "camcol", "field"}),
        ("", {"run", "rerun", "camcol", "field"}),
        ("filter", {"run", "rerun", "camcol", "field", "filter"}),
        (None, {"run", "rerun", "camcol", "field", "filter"}),
        ("skyTile", {"rerun"}),
    ],
)
def test_a_level_has_the_keys_that_gen2_gave_it(
    sky_survey: Butler, level: str | None, keys: set[str]
) -> None:
    assert set(sky_survey.get_keys("fpC", level)) == keys


def test_a_subset_has_one_ref_for_each_data_id_of_its_level(sky_survey: Butler) -> None:
    assert [ref.data_id for ref in sky_survey.subset("fpC")] == [
        {"run": 4192, "rerun": 40, "camcol": 4, "field": 300},
        {"run": 6377, "rerun": 40, "camcol": 4, "field": 399},
    ]
    runs = sky_survey.subset("fpC", level="run")
    assert [ref.data_id for ref in runs] == [
        {"run": 4192, "rerun": 40},
        {"run": 6377, "rerun": 40},
    ]
    assert len(sky_survey.subset("fpC", "filter")) == 3


def test_a_filter_stays_open_until_it_is_given(sky_survey: Butler) -> None:
    (open_one,) = sky_survey.subset("fpC", run=4192)
    assert "filter" not in open_one.data_id
    (red,) = sky_survey.subset("fpC", run=4192, filter="r")
    assert red.data_id["filter"] == "r"
    assert sky_survey.data_ref("fpC", run=4192).data_id == open_one.data_id
    with pytest.raises(AmbiguousDataIdError, match="filter=r"):
        sky_survey.data_ref("fpC", "filter", run=4192)


def test_sub_levels_are_the_keys_that_are_finer(sky_survey: Butler) -> None:
    run = sky_survey.data_ref("fpC", "run", run=4192)
    assert run.sub_levels() == {"camcol", "field", "filter"}
    assert sky_survey.data_ref("fpC", run=4192).sub_levels() == {"filter"}
    assert sky_survey.data_ref("fpC", "filter", run=6377).sub_levels() == set()


def test_sub_refs_are_one_level_down(sky_survey: Butler) -> None:
    (run, _) = sky_survey.subset("fpC", "run")
    below = run.sub_items()
    assert isinstance(below, Subset)
    assert [ref.data_id["field"] for ref in below] == [300]
    assert below.level == "field"
    finest = [ref for field in below for ref in field.sub_items()]
    assert [ref.data_id["filter"] for ref in finest] == ["g", "r"]
    assert len(finest[0].sub_items()) == 0
    assert len(run.sub_items("filter")) == 2


def test_an_unknown_level_gets_a_suggestion(sky_survey: Butler) -> None:
    for ask in (sky_survey.subset, sky_survey.data_ref, sky_survey.get_keys):
        with pytest.raises(DataIdError, match="Did you mean 'field'"):
            ask("fpC", "feild")
        with pytest.raises(DataIdError, match="A data ID comes after it"):
            ask("fpC", {"run": 4192})  # type: ignore[arg-type]


def test_real_runs_are_grouped_as_gen2_grouped_them() -> None:
    found = find_shared_data()
    if found is None:
        pytest.skip("real data is not on this machine")
    butler = Butler(found / "sdss_demo" / "input")
    run = butler.data_ref("fpC", "run", run=4192)
    assert run.data_id == {"run": 4192, "rerun": 40}
    (field,) = run.sub_items()
    assert field.data_id == {"run": 4192, "rerun": 40, "camcol": 4, "field": 300}
    uri = field.get_uri(filter="r")
    assert uri.endswith("4192/40/corr/4/fpC-004192-r4-0300.fit.gz")


# Refs.


@pytest.fixture
def visits(butler: Butler) -> Butler:
    """Has summaries of both ccds of both visits."""
    for visit in (903334, 903986):
        for ccd in (16, 17):
            butler.put([visit, ccd], "summary", visit=visit, ccd=ccd)
    return butler


def test_a_ref_completes_its_data_id_and_serves_any_dataset_type(visits: Butler) -> None:
    ref = visits.data_ref("notes", pointing=671, ccd=16)
    assert ref.data_id == {**ONE, "filter": "HSC-R", "pointing": 671}
    assert ref.get("summary") == [903334, 16]
    assert ref.get("ccdExposureId") == 903334 * 200 + 16
    assert not ref.dataset_exists()
    ref.put({"a": 1})
    assert ref.get() == {"a": 1}
    assert ref.dataset_exists()
    assert ref.get_uri() == visits.get_uri("notes", ONE)
    assert ref.get("summary", ccd=17) == [903334, 17]


def test_a_ref_may_name_what_does_not_exist_yet_but_was_observed(butler: Butler) -> None:
    assert butler.data_ref("summary", None, ONE).data_id == ONE
    assert butler.data_ref("summary", dataId=ONE).data_id == ONE
    with pytest.raises(DatasetNotFoundError):
        butler.data_ref("notes", visit=5, ccd=5)
    with pytest.raises(AmbiguousDataIdError, match="ccd=17"):
        butler.data_ref("summary", visit=903334)


def test_a_ref_of_a_level_leaves_its_keys_open(visits: Butler) -> None:
    visit = visits.data_ref("summary", "visit", visit=903334)
    assert visit.data_id == {"visit": 903334}
    assert [ref.data_id["ccd"] for ref in visit.sub_items()] == [16, 17]


def test_a_subset_takes_lists_ranges_and_old_spellings(visits: Butler) -> None:
    assert len(visits.subset("summary")) == 4
    assert len(visits.subset("summary", ccd=[16])) == 2
    assert len(visits.subset("summary", ccd=range(17), filter="HSC-I")) == 1
    assert len(visits.subset("summary", dataId={"visit": 903334})) == 2
    assert len(visits.subset("summary", None, {"visit": 903334}, ccd=17)) == 1
    assert len(visits.subset("summary", visit=1)) == 0
    assert len(visits.subset("summary", expTime=60.0)) == 2


def test_a_subset_is_a_sequence(visits: Butler) -> None:
    subset = visits.subset("summary")
    assert subset[0] == visits.data_ref("summary", data_id=ONE)
    assert [ref.data_id for ref in subset[1:3]] == [ref.data_id for ref in subset][1:3]
    assert isinstance(subset[1:3], Subset)
    assert subset[-1] in subset
    assert len(set(subset)) == 4
    assert "4 data IDs" in repr(subset)
    assert "visit=903334" in repr(subset[0])


def test_subsets_and_refs_survive_a_pickle(visits: Butler) -> None:
    subset = pickle.loads(pickle.dumps(visits.subset("summary", "visit")))
    assert isinstance(subset, Subset)
    assert [ref.data_id for ref in subset] == [{"visit": 903334}, {"visit": 903986}]
    assert [ref.get() for ref in subset[0].sub_items()] == [[903334, 16], [903334, 17]]
    ref = pickle.loads(pickle.dumps(visits.data_ref("summary", "visit", visit=903334)))
    assert isinstance(ref, DataRef)
    assert ref.level == "visit"


# Threads and forks (Gen2's connections were not made for either: W14).


def test_eight_threads_put_and_get_through_one_butler(tmp_path: Path) -> None:
    observed = [observation(1, ccd) for ccd in range(8)]
    butler = make_repository(tmp_path / "R", observations=observed)

    def work(ccd: int) -> list[object]:
        seen = []
        for number in range(6):
            butler.put([ccd, number], "notes", visit=1, ccd=ccd, replace=True)
            seen.append(butler.get("notes", visit=1, ccd=ccd))
        return seen

    with ThreadPoolExecutor(8) as pool:
        for ccd, seen in enumerate(pool.map(work, range(8))):
            assert seen == [[ccd, number] for number in range(6)]
    assert butler.query("notes").count() == 8


def test_threads_have_transactions_of_their_own(butler: Butler) -> None:
    def work(number: int) -> bool:
        with butler.transaction():
            butler.put(number, "summary", visit=1, ccd=number)
            return butler.dataset_exists("summary", visit=1, ccd=(number + 1) % 8)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert butler.query("summary").count() == 8


def test_a_child_after_a_fork_uses_the_butler(butler: Butler) -> None:
    butler.put("before", "summary", ONE)
    child = os.fork()
    if child == 0:
        try:
            ok = butler.get("summary", ONE) == "before"
            butler.put("child", "summary", ONE, ccd=17)
            os._exit(0 if ok else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert butler.get("summary", ONE, ccd=17) == "child"
    butler.put("after", "summary", ONE, ccd=18)
