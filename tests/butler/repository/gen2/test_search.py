from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from butler.errors import UnknownKeyError
from butler.registry.condition import (
    And,
    Comparison,
    Everything,
    Membership,
    Not,
    Or,
    Range,
    all_of,
)
from butler.repository.base import RepositoryQuery
from butler.repository.gen2.gen2_repository import Gen2Repository
from butler.repository.gen2.search import fixed_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from butler.data_id import KeyValue
    from butler.registry.condition import Condition

Rows: TypeAlias = "list[tuple[str, tuple[KeyValue | None, ...]]]"


@pytest.fixture
def hsc(hsc_root: Path) -> Iterator[Gen2Repository]:
    for visit, name in ((903334, "HSC-R"), (903986, "HSC-I")):
        folder = hsc_root / f"00671/{name}/corr"
        folder.mkdir(parents=True)
        for ccd in (16, 23):
            (folder / f"CORR-{visit:07d}-{ccd:03d}.fits").touch()
    orphan = hsc_root / "00671/HSC-Z/corr/CORR-0000001-001.fits"  # of no observation
    orphan.parent.mkdir(parents=True)
    orphan.touch()
    repository = Gen2Repository(str(hsc_root))
    yield repository
    repository.close()


def run(
    repository: Gen2Repository,
    name: str,
    condition: Condition | None = None,
    *,
    order_by: tuple[tuple[str, bool], ...] = (),
    limit: int | None = None,
    columns: tuple[str, ...] = (),
) -> Rows:
    kind = repository.policy.dataset_type(name)
    query = RepositoryQuery(kind, condition, order_by, limit, columns)
    return [(stored.path.rpartition("/")[2], values) for stored, values in repository.query(query)]


def names(rows: Rows) -> list[str]:
    return [name for name, _ in rows]


ALL_RAW = [f"HSC-0{visit}-0{ccd}.fits" for visit in (903334, 903986) for ccd in (16, 23)]
ALL_CALEXP = ["CORR-0000001-001.fits", *(name.replace("HSC", "CORR") for name in ALL_RAW)]


def test_raws_come_from_the_registry_in_the_order_of_their_keys(hsc: Gen2Repository) -> None:
    assert names(run(hsc, "raw")) == ALL_RAW


def test_raws_whose_file_is_gone_are_left_out(hsc: Gen2Repository, hsc_root: Path) -> None:
    next(hsc_root.glob("STRIPE82L/*/*/*/HSC-0903334-016.fits")).unlink()
    assert names(run(hsc, "raw", limit=2)) == ALL_RAW[1:3]


def test_outputs_come_from_the_directories(hsc: Gen2Repository) -> None:
    assert names(run(hsc, "calexp")) == ALL_CALEXP
    assert run(hsc, "src") == []


@pytest.mark.parametrize("name", ["raw", "calexp"])
@pytest.mark.parametrize(
    ("condition", "picked"),
    [
        (Comparison("visit", "=", 903334), [0, 1]),
        (Comparison("filter", "=", "HSC-I"), [2, 3]),
        (all_of(Comparison("filter", "=", "HSC-I"), Comparison("ccd", "<", 20)), [2]),
        (Membership("ccd", (), (Range(20, 30),)), [1, 3]),
        (Or((Comparison("ccd", "=", 16), Comparison("visit", "=", 903986))), [0, 2, 3]),
        (Comparison("expTime", ">", 20.0), [0, 1, 2, 3]),
        (Comparison("expTime", "=", 30.0), [0, 1, 2, 3]),
        (Not(Comparison("expTime", ">", 20.0)), []),
        (And((Comparison("taiObs", "=", "2013-11-02"), Comparison("ccd", "=", 23))), [1, 3]),
        (And((Comparison("visit", "=", 903334), Comparison("visit", "=", 903986))), []),
        (Comparison("visit", "=", 7), []),
    ],
)
def test_conditions_mean_the_same_for_raws_and_outputs(
    hsc: Gen2Repository, name: str, condition: Condition, picked: list[int]
) -> None:
    known = ALL_RAW if name == "raw" else ALL_CALEXP[1:]
    assert names(run(hsc, name, condition)) == [known[number] for number in picked]


def test_order_descends_and_missing_values_are_the_smallest(hsc: Gen2Repository) -> None:
    rows = run(hsc, "calexp", order_by=(("expTime", True), ("ccd", True)), columns=("expTime",))
    assert names(rows) == [ALL_CALEXP[number] for number in (2, 4, 1, 3, 0)]
    assert [values for _, values in rows] == [(30.0,)] * 4 + [(None,)]
    assert names(run(hsc, "calexp", order_by=(("expTime", False),)))[0] == ALL_CALEXP[0]


def test_columns_of_the_observation_come_along(hsc: Gen2Repository) -> None:
    condition = Comparison("visit", "=", 903334)
    rows = run(hsc, "raw", condition, columns=("taiObs", "ccd", "proposal"), limit=1)
    assert rows == [("HSC-0903334-016.fits", ("2013-11-02", 16, None))]


@pytest.mark.parametrize("limit", [0, 1, 3, 100])
def test_limit_cuts_the_ordered_rows(hsc: Gen2Repository, limit: int) -> None:
    assert names(run(hsc, "calexp", limit=limit)) == ALL_CALEXP[:limit]
    assert names(run(hsc, "raw", limit=limit)) == ALL_RAW[:limit]


def test_distinct_values_are_sorted(hsc: Gen2Repository) -> None:
    kind = hsc.policy.dataset_type("calexp")
    assert hsc.distinct(kind, ["filter"], None, None) == [
        ("HSC-I",),
        ("HSC-R",),
        ("HSC-Z",),
    ]
    assert hsc.distinct(kind, ["expTime", "ccd"], None, 2) == [(None, 1), (30.0, 16)]


def test_computed_types_have_no_datasets(hsc: Gen2Repository) -> None:
    assert run(hsc, "ccdExposureId") == []


def test_unknown_names_are_refused(hsc: Gen2Repository) -> None:
    with pytest.raises(UnknownKeyError, match="Did you mean 'visit'"):
        run(hsc, "raw", Comparison("vist", "=", 1))
    with pytest.raises(UnknownKeyError):
        run(hsc, "raw", order_by=(("vist", False),))


def test_calibrations_are_listed_by_their_own_keys(hsc_calib: Path) -> None:
    repository = Gen2Repository(str(hsc_calib.parent))
    rows = run(repository, "flat", Comparison("filter", "=", "HSC-I"), columns=("calibDate",))
    assert rows == [("FLAT-2013-11-03-HSC-I-016.fits", ("2013-11-03",))]
    assert run(repository, "flat", Comparison("visit", "=", 903334)) == []
    repository.close()


def test_searching_leaves_no_trace(
    hsc: Gen2Repository, hsc_root: Path, untouched: Callable[[Path], Path]
) -> None:
    untouched(hsc_root)
    assert len(run(hsc, "calexp", Comparison("expTime", ">", 1.0))) == 4
    assert hsc.dataset_types() == {"raw": 4, "calexp": 5}


def test_values_that_a_condition_fixes() -> None:
    fixed = fixed_values(
        And(
            (
                Comparison("visit", "=", 1),
                Comparison("ccd", "<", 5),
                Membership("filter", ("g",)),
                Membership("field", ("a", "b")),
                Membership("run", (3,), negated=True),
                Or((Comparison("rerun", "=", 40),)),
                Not(Comparison("camcol", "=", 2)),
            )
        )
    )
    assert fixed == {"visit": 1, "filter": "g"}
    assert fixed_values(Everything()) == {}
