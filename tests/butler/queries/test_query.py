"""Queries over repositories and chains, against a model of a few lines."""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.repositories import TYPES, make_repository, observation, observe

from butler.butler import Butler
from butler.errors import ExpressionError, ParameterError, UnknownKeyError
from butler.repository.create import create_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from butler.queries.query import Query


@pytest.fixture
def visits(butler: Butler) -> Butler:
    """Has summaries of both ccds of both visits, and of one that nobody observed."""
    for visit in (903334, 903986):
        for ccd in (16, 17):
            butler.put([visit, ccd], "summary", visit=visit, ccd=ccd)
    butler.put("unobserved", "summary", visit=1, ccd=2)
    return butler


def found(query: Query) -> list[tuple[object, object]]:
    return [(row["visit"], row["ccd"]) for row in query]


def test_every_dataset_is_found_in_the_order_of_its_keys(visits: Butler) -> None:
    assert found(visits.query("summary")) == [
        (1, 2), (903334, 16), (903334, 17), (903986, 16), (903986, 17),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"visit": 903334}, 2),
        ({"visit": [1, 903986]}, 3),
        ({"ccd": range(17)}, 3),
        ({"ccd": np.arange(16, 18)}, 4),
        ({"visit": "903334", "ccd": "016"}, 1),
        ({"filter": "HSC-R"}, 2),
        ({"filter": {"HSC-I", "HSC-Z"}}, 2),
        ({"expTime": 60.0}, 2),
        ({"visit": []}, 0),
        ({"visit": 2}, 0),
    ],
)
def test_keywords_filter(visits: Butler, filters: dict[str, object], count: int) -> None:
    assert visits.query("summary", **filters).count() == count


def test_an_expression_filters_by_keys_and_by_observation_columns(visits: Butler) -> None:
    assert found(visits.query("summary", "ccd > 16 and expTime > 45")) == [(903986, 17)]
    assert found(visits.query("summary", where="filter = 'HSC-R' and ccd < 17")) == [(903334, 16)]
    bound = visits.query("summary", "ccd = :ccd or visit = :visit", bind={"ccd": 17, "visit": 1})
    assert found(bound) == [(1, 2), (903334, 17), (903986, 17)]
    assert found(visits.query("summary", "expTime > 45", ccd=16)) == [(903986, 16)]


def test_rows_are_ordered_by_anything_either_way(visits: Butler) -> None:
    assert found(visits.query("summary", order_by="-visit"))[0] == (903986, 16)
    assert found(visits.query("summary", order_by=["-expTime", "-ccd"])) == [
        (903986, 17), (903986, 16), (903334, 17), (903334, 16), (1, 2),
    ]  # fmt: skip
    assert found(visits.query("summary", order_by=("expTime", "-ccd")))[:2] == [
        (1, 2), (903334, 17),
    ]  # fmt: skip


def test_a_limit_is_a_limit(visits: Butler) -> None:
    assert found(visits.query("summary", limit=2)) == [(1, 2), (903334, 16)]
    assert found(visits.query("summary", limit=np.int64(1))) == [(1, 2)]
    assert found(visits.query("summary", limit=0)) == []
    assert "match" in repr(visits.query("summary", limit=0))
    first = visits.query("summary", order_by="-ccd").first()
    assert first is not None
    assert first["ccd"] == 17
    assert visits.query("summary", visit=7).first() is None


@pytest.mark.parametrize("limit", [-1, "2", 1.5, True])
def test_a_limit_that_is_none_is_refused(visits: Butler, limit: int) -> None:
    with pytest.raises(ParameterError, match="limit is a number of rows"):
        visits.query("summary", limit=limit)


def test_rows_tell_what_was_asked_for(visits: Butler, data: Path) -> None:
    (row,) = visits.query("summary", visit=903334, ccd=16, columns=["filter", "expTime"])
    assert row.data_id == {"visit": 903334, "ccd": 16}
    assert row.dataset_type == "summary"
    assert (row["filter"], row["expTime"]) == ("HSC-R", 30.0)
    assert row.keys() == ("visit", "ccd", "filter", "expTime")
    assert row.uri == str(data / "summary" / "0903334-016.json")
    assert row.size == len("[903334, 16]\n")
    with pytest.raises(KeyError, match="field"):
        row["field"]


def test_a_query_can_be_run_again_and_sees_what_came_since(visits: Butler) -> None:
    query = visits.query("summary", visit=5)
    assert query.count() == 0
    visits.put(1, "summary", visit=5, ccd=5)
    assert query.count() == 1
    assert query.count() == 1


def test_a_wrong_name_or_expression_is_refused_at_once(visits: Butler) -> None:
    for wrong in ({"order_by": "vist"}, {"columns": ["vist"]}, {"vist": 1}, {"where": "vist = 1"}):
        with pytest.raises(UnknownKeyError, match="Did you mean 'visit'"):
            visits.query("summary", **wrong)  # type: ignore[arg-type]
    with pytest.raises(ExpressionError):
        visits.query("summary", "visit = ")
    with pytest.raises(ExpressionError):
        visits.query("summary", "ccd = :nobody", bind={})


# Tables.


def test_a_table_has_typed_columns_and_masks_what_is_missing(visits: Butler) -> None:
    table = visits.query("summary", columns=["filter", "expTime"]).to_table()
    assert isinstance(table, Table)
    assert table.colnames == ["visit", "ccd", "filter", "expTime"]
    assert [table[name].dtype.kind for name in table.colnames] == ["i", "i", "U", "f"]
    assert list(table["visit"]) == [1, 903334, 903334, 903986, 903986]
    assert list(table["filter"].mask) == [True, False, False, False, False]
    assert list(table["expTime"][1:]) == [30.0, 30.0, 60.0, 60.0]


def test_an_empty_table_has_the_same_columns(visits: Butler) -> None:
    table = visits.query("summary", visit=7, columns="expTime").to_table()
    assert (len(table), table.colnames) == (0, ["visit", "ccd", "expTime"])
    assert [table[name].dtype.kind for name in table.colnames] == ["i", "i", "f"]
    unobserved = visits.query("summary", visit=1, columns=["expTime", "filter"]).to_table()
    assert [unobserved[name].dtype.kind for name in ("expTime", "filter")] == ["f", "U"]


def test_pandas_gets_the_columns_of_the_table(visits: Butler) -> None:
    pytest.importorskip("pandas")
    query = visits.query("summary", columns=["expTime"])
    assert list(query.to_pandas().columns) == query.to_table().colnames
    assert list(query.to_pandas()["ccd"]) == list(query.to_table()["ccd"])
    assert query.to_pandas()["expTime"].isna().tolist() == [True, False, False, False, False]


# What is empty, and why.


def test_an_empty_result_is_explained(visits: Butler) -> None:
    assert "no dataset of type 'notes' at all" in visits.query("notes").explain()
    text = visits.query("summary", visit=903334, filter="HSC-Z").explain()
    assert "HSC-Z" in text
    assert "HSC-R" in text
    assert visits.query("summary").explain() == "Datasets of type 'summary' match."
    assert "nothing." in repr(visits.query("summary", visit=7))


def test_the_representation_shows_ten_rows(visits: Butler) -> None:
    for ccd in range(20):
        visits.put(ccd, "summary", visit=5, ccd=ccd)
    lines = repr(visits.query("summary")).splitlines()
    assert len(lines) == 12
    assert lines[1].strip() == "visit=1 ccd=2"
    assert lines[-1].strip() == "..."


# Distinct values.


def test_metadata_are_the_distinct_values_of_datasets_that_exist(visits: Butler) -> None:
    assert visits.query_metadata("summary", "visit") == [1, 903334, 903986]
    assert visits.query_metadata("summary", ["filter", "visit"], ccd=16) == [
        ("HSC-I", 903986), ("HSC-R", 903334),
    ]  # fmt: skip
    assert visits.query_metadata("summary", "ccd", {"visit": [1, 903334]}) == [2, 16, 17]
    assert visits.query_metadata("summary", "ccd", dataId={"visit": 1}) == [2]
    assert visits.query_metadata("summary", "expTime") == [None, 30.0, 60.0]
    assert visits.query_metadata("notes", "visit") == []
    with pytest.raises(UnknownKeyError):
        visits.query_metadata("summary", "vist")


# Chains.


def test_a_nearer_dataset_hides_the_others_unless_all_are_wanted(
    visits: Butler, rerun: Butler
) -> None:
    rerun.put("nearer", "summary", visit=903334, ccd=16)
    rows = list(rerun.query("summary"))
    assert len(rows) == 5
    nearer = [row for row in rows if row.repository.root == rerun.outputs[0].root]
    assert [row.data_id for row in nearer] == [{"visit": 903334, "ccd": 16}]
    assert rerun.query("summary", all=True).count() == 6
    assert found(rerun.query("summary", limit=2)) == [(1, 2), (903334, 16)]
    assert rerun.query_metadata("summary", "visit") == visits.query_metadata("summary", "visit")


def test_a_nearer_dataset_hides_one_whose_observation_differs(data: Path, butler: Butler) -> None:
    """The rerun put before anybody had ingested the visit, so it knows no exposure time."""
    rerun = Butler(inputs=data, outputs=data / "rerun" / "early")
    rerun.put("nearer", "summary", visit=5, ccd=5)
    observe(butler, [observation(5, 5, expTime=10.0)])
    butler.put("below", "summary", visit=5, ccd=5)
    butler.put("below", "summary", visit=903334, ccd=16)
    assert found(rerun.query("summary", order_by="expTime")) == [(5, 5), (903334, 16)]


VISITS, CCDS, FILTERS = (1, 2, 3), (0, 1, 2), ("HSC-G", "HSC-R", None)
_DATASETS = st.sets(st.tuples(st.sampled_from(VISITS), st.sampled_from(CCDS)))
_ORDERS = st.lists(
    st.sampled_from(["visit", "-visit", "ccd", "-ccd", "filter", "-filter", "expTime", "-expTime"]),
    max_size=3,
)
_CONDITIONS = st.sampled_from(
    [
        (None, bool),
        ("ccd > 0", lambda row: row["ccd"] > 0),
        ("visit != 2 or ccd = 1", lambda row: row["visit"] != 2 or row["ccd"] == 1),
        ("filter = 'HSC-R'", lambda row: row["filter"] == "HSC-R"),
        ("expTime > 15", lambda row: row["expTime"] is not None and row["expTime"] > 15),
        (
            "not (filter = 'HSC-R' and ccd = 1)",
            lambda row: row["ccd"] != 1 or row["filter"] == "HSC-G",
        ),
    ]
)


@pytest.fixture(scope="module")
def three() -> Iterator[tuple[Butler, ...]]:
    """A chain of three: visits 1 (G, 10 s) and 2 (R, 20 s) are observed, 3 is not."""
    with TemporaryDirectory() as folder:
        butlers: list[Butler] = []
        for number in range(3):
            root = f"{folder}/{number}"
            parents = [f"{folder}/{number - 1}"] if number else []
            create_repository(root, "hsc", parents=parents, dataset_types=TYPES, durability="fast")
            butlers.append(Butler(root))
        rows = [
            observation(visit, ccd, filter=FILTERS[visit - 1] or "", expTime=10.0 * visit)
            for visit in (1, 2)
            for ccd in CCDS
        ]
        observe(butlers[0], rows)
        yield tuple(butlers)
        for butler in butlers:
            butler.close()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    held=st.tuples(_DATASETS, _DATASETS, _DATASETS),
    condition=_CONDITIONS,
    order=_ORDERS,
    limit=st.none() | st.integers(0, 6),
    find_all=st.booleans(),
)
def test_a_chain_answers_as_a_plain_list_would(
    three: tuple[Butler, ...],
    held: tuple[set[tuple[int, int]], ...],
    condition: tuple[str | None, object],
    order: list[str],
    limit: int | None,
    find_all: bool,
) -> None:
    for butler, datasets in zip(three, held, strict=True):
        with butler.transaction():
            for visit, ccd in sorted(datasets):
                butler.put([visit, ccd], "summary", visit=visit, ccd=ccd)
    where, matches = condition
    assert callable(matches)
    model = []
    hidden: set[tuple[int, int]] = set()
    for number in (2, 1, 0):
        for visit, ccd in sorted(held[number]):
            row: dict[str, object] = {"visit": visit, "ccd": ccd, "place": -number}
            row["filter"] = FILTERS[visit - 1]
            row["expTime"] = 10.0 * visit if visit < 3 else None
            if matches(row) and (find_all or (visit, ccd) not in hidden):
                model.append(row)
            hidden.add((visit, ccd))
    model.sort(key=lambda row: (row["visit"], row["ccd"], row["place"]))
    for name in reversed(order):
        model.sort(
            key=lambda row: (row[name.lstrip("-")] is not None, row[name.lstrip("-")] or 0),
            reverse=name.startswith("-"),
        )
    query = three[2].query("summary", where, order_by=order, limit=limit, all=find_all)
    try:
        assert found(query) == [(row["visit"], row["ccd"]) for row in model[:limit]]
        distinct = three[2].query("summary", where).distinct(["filter"])
        assert distinct == sorted({(row["filter"],) for row in model}, key=lambda v: v[0] or "")
    finally:
        for butler, datasets in zip(three, held, strict=True):
            for visit, ccd in datasets:
                butler.remove("summary", visit=visit, ccd=ccd)


def test_a_repository_of_its_own_needs_no_parent(tmp_path: Path) -> None:
    assert make_repository(tmp_path / "R").query("raw").count() == 0
