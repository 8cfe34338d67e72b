from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from butler.errors import AmbiguousDataIdError, DataIdError, RegistryError
from butler.policies.dataset_type import CalibrationRule
from butler.repository.gen2.calib_registry import CalibRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FLAT = CalibrationRule("flat", ("filter", "ccd"))


@pytest.fixture
def real(shared_data: Path) -> Iterator[CalibRegistry]:
    registry = CalibRegistry(str(shared_data / "gen2/ci_hsc_calibRegistry.sqlite3"))
    yield registry
    registry.close()


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., CalibRegistry]]:
    """Makes a registry of flats from (calibDate, validStart, validEnd) of one ccd and filter."""
    registries: list[CalibRegistry] = []

    def make(*ranges: tuple[str | None, ...], filter_name: str = "HSC-R") -> CalibRegistry:
        path = tmp_path / "calibRegistry.sqlite3"
        connection = sqlite3.connect(path)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS flat (filter text, ccd int, calibDate text, "
            "validStart text, validEnd text)"
        )
        connection.executemany(
            "INSERT INTO flat VALUES (?, 16, ?, ?, ?)", [(filter_name, *one) for one in ranges]
        )
        connection.commit()
        connection.close()
        registries.append(CalibRegistry(str(path)))
        return registries[-1]

    yield make
    for registry in registries:
        registry.close()


def chosen(registry: CalibRegistry, date: str, filter_name: str = "HSC-R") -> object:
    values = registry.choose(FLAT, ["calibDate"], {"filter": filter_name, "ccd": 16}, date).values
    return None if values is None else values["calibDate"]


@pytest.mark.parametrize(
    ("table", "match", "calib_date"),
    [
        ("bias", {"ccd": 16}, "2013-11-03"),
        ("dark", {"ccd": 16}, "2013-11-03"),
        ("flat", {"ccd": 16, "filter": "HSC-R"}, "2013-06-17"),
        ("flat", {"ccd": 16, "filter": "HSC-I"}, "2013-11-03"),
        ("sky", {"ccd": 16, "filter": "HSC-R"}, "2014-11-12"),
        ("defects", {"ccd": 16}, "2013-01-31T00:00:00"),
    ],
)
def test_real_registry_answers_as_gen2_did(
    real: CalibRegistry, table: str, match: dict[str, int | str], calib_date: str
) -> None:
    choice = real.choose(CalibrationRule(table), ["calibDate"], match, "2013-11-02")
    assert choice.values == {"calibDate": calib_date}
    assert calib_date.removesuffix("T00:00:00") in choice.reason


def test_reason_says_why_there_is_none(real: CalibRegistry) -> None:
    fringe = real.choose(CalibrationRule("fringe"), ["calibDate"], {"ccd": 16}, "2013-11-02")
    assert fringe.values is None
    assert fringe.reason.endswith("table fringe: no row for ccd=16")
    late = real.choose(CalibrationRule("bias"), ["calibDate"], {"ccd": 16}, "2020-01-01")
    assert late.reason.endswith("none of the 1 rows for ccd=16 is valid on 2020-01-01")
    absent = real.choose(CalibrationRule("illumcor"), ["calibDate"], {"ccd": 16}, "2013-11-02")
    assert absent.reason.endswith("table illumcor: there is no such table")


def test_large_real_registry_with_times(shared_data: Path) -> None:
    registry = CalibRegistry(str(shared_data / "gen2/cfht_megacam_calibRegistry.sqlite3"))
    match: dict[str, int | float | str] = {"ccdNum": 18, "filter": "g", "extension": 1}
    choice = registry.choose(
        CalibrationRule("flat"), ["path", "extension"], match, "2003-05-23T10:00:00.5"
    )
    registry.close()
    assert choice.values == {"path": "flat/g/03Am04n.flat.g.18.00.fits", "extension": 1}


CUT = (("first", "2012-12-19", "2013-08-26"), ("second", "2013-08-26", "2014-05-02"))
APART = (("first", "2012-12-19", "2013-08-25"), ("second", "2013-08-26", "2014-05-02"))


@pytest.mark.parametrize("ranges", [CUT, APART])
@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2012-12-18", None),
        ("2012-12-18T23:59:59.999", None),
        ("2012-12-19", "first"),
        ("2013-08-25", "first"),
        ("2013-08-25T23:59:60.5", "first"),
        ("2013-08-26", "second"),
        ("2013-08-26T00:00:00", "second"),
        ("2013-08-26T12:00:00", "second"),
        ("2014-05-02T23:59:59", "second"),
        ("2014-05-03", None),
    ],
)
def test_a_day_belongs_to_one_range(
    made: Callable[..., CalibRegistry], ranges: tuple[tuple[str, ...]], date: str, expected: str
) -> None:
    assert chosen(made(*ranges), date) == expected


def test_next_range_may_begin_in_the_middle_of_the_last_day(
    made: Callable[..., CalibRegistry],
) -> None:
    registry = made(("a", "2013-01-01", "2013-02-01"), ("b", "2013-02-01T12:00:00", "2013-03-01"))
    assert chosen(registry, "2013-02-01T11:59:59.9") == "a"
    assert chosen(registry, "2013-02-01T12:00") == "b"


def test_instant_where_one_range_ends_and_the_next_begins_is_of_the_next(
    made: Callable[..., CalibRegistry],
) -> None:
    registry = made(
        ("a", "2003-01-03T18:00:00", "2003-01-10T18:00:00"),
        ("b", "2003-01-10T18:00:00.000", "2003-01-20T18:00:00"),
    )
    assert chosen(registry, "2003-01-10T18:00:00") == "b"
    assert chosen(registry, "2003-01-10T17:59:59.999999999") == "a"
    assert chosen(registry, "2003-01-20T18:00:00.0") == "b"
    assert chosen(registry, "2003-01-20T18:00:00.1") is None


def test_overlap_beyond_the_boundary_day_is_ambiguous(made: Callable[..., CalibRegistry]) -> None:
    registry = made(("a", "2013-01-01", "2013-06-01"), ("b", "2013-05-01", "2013-09-01"))
    assert chosen(registry, "2013-04-30") == "a"
    with pytest.raises(
        AmbiguousDataIdError, match="several rows for filter=HSC-R ccd=16"
    ) as caught:
        chosen(registry, "2013-05-15")
    assert len(caught.value.candidates) == 2
    assert "calibDate=a valid from 2013-01-01 to 2013-06-01" in str(caught.value)


def test_rows_that_say_the_same_are_one(made: Callable[..., CalibRegistry]) -> None:
    registry = made(("a", "2013-01-01", "2013-06-01"), ("a", "2013-05-01", "2013-09-01"))
    assert chosen(registry, "2013-05-15") == "a"


@pytest.mark.parametrize("end", ["2037-12-31", "2037-12-31T00:00:00", None])
def test_last_day_of_gen2_has_no_end(made: Callable[..., CalibRegistry], end: str | None) -> None:
    registry = made(("a", "2013-01-01", end))
    assert chosen(registry, "2037-12-31T15:00:00") == "a"
    assert chosen(registry, "2045-06-01") == "a"


def test_range_without_a_begin_begins_before_all(made: Callable[..., CalibRegistry]) -> None:
    assert chosen(made(("a", None, "2013-01-01")), "1999-01-01") == "a"


def test_rows_without_a_filter_serve_all_filters_where_the_rule_does_not_compare_it(
    made: Callable[..., CalibRegistry],
) -> None:
    registry = made(("a", "2013-01-01", "2014-01-01"), filter_name="NONE")
    rule = CalibrationRule("flat", ("ccd",))
    assert registry.choose(rule, ["calibDate"], {"ccd": 16}, "2013-05-01").values == {
        "calibDate": "a"
    }
    assert chosen(registry, "2013-05-01") is None


def test_other_filter_does_not_cut_a_range(made: Callable[..., CalibRegistry]) -> None:
    made(("i", "2013-02-01", "2013-05-01"), filter_name="HSC-I")
    registry = made(("r", "2013-01-01", "2013-02-01"))
    assert chosen(registry, "2013-02-01T15:00:00") == "r"


def test_date_that_is_none_is_refused(made: Callable[..., CalibRegistry]) -> None:
    registry = made(("a", "2013-01-01", "2014-01-01"))
    with pytest.raises(DataIdError, match="'yesterday' is no date"):
        chosen(registry, "yesterday")


def test_validity_that_is_no_range_is_refused(made: Callable[..., CalibRegistry]) -> None:
    with pytest.raises(RegistryError, match="from '2013-01-01' to 'forever' is no range"):
        chosen(made(("a", "2013-01-01", "forever")), "2013-02-01")


def test_missing_columns_are_named(made: Callable[..., CalibRegistry]) -> None:
    registry = made(("a", "2013-01-01", "2014-01-01"))
    with pytest.raises(RegistryError, match="table flat, has no column begun, snap; its columns"):
        registry.choose(
            CalibrationRule("flat", begin="begun"), ["calibDate"], {"snap": 0}, "2013-05-01"
        )


def test_explanation_lists_the_rows(real: CalibRegistry) -> None:
    text = real.explain(CalibrationRule("defects"), {"ccd": 16})
    assert text.splitlines()[0].endswith("table defects, ccd=16: 8 rows")
    assert "validStart=2013-01-31 validEnd=2014-04-02 calibDate=2013-01-31T00:00:00" in text
    assert real.explain(CalibrationRule("bias"), {}).splitlines()[-1].endswith("filter=NONE")
    assert "... and 820 more" in real.explain(CalibrationRule("defects"), {})
    assert "has no table 'qe_curve'" in real.explain(CalibrationRule("qe_curve"), {})


def test_a_large_table_answers_alike_before_and_after_it_is_kept(shared_data: Path) -> None:
    path = str(shared_data / "gen2/cfht_megacam_calibRegistry.sqlite3")
    match: dict[str, int | float | str] = {"filter": "i2", "extension": 3}
    dates = [f"2008-{month:02d}-{day:02d}T12:00:00" for month in range(1, 13) for day in (2, 17)]
    fresh = [CalibRegistry(path).choose(CalibrationRule("flat"), ["path"], match, d) for d in dates]
    kept = CalibRegistry(path)
    assert [kept.choose(CalibrationRule("flat"), ["path"], match, d) for d in dates] == fresh
    assert sum(one.values is not None for one in fresh) > 10


def test_a_kept_table_is_read_anew_when_the_file_changes(
    made: Callable[..., CalibRegistry],
) -> None:
    registry = made(("a", "2013-01-01", "2014-01-01"))
    assert chosen(registry, "2013-06-01") == "a"
    with closing(sqlite3.connect(registry.path)) as connection, connection:
        connection.execute("UPDATE flat SET calibDate = 'b'")
    assert chosen(registry, "2013-06-01") == "b"


def test_a_key_may_have_another_name_in_the_table(made: Callable[..., CalibRegistry]) -> None:
    registry = made(("a", "2013-01-01", "2014-01-01"))
    rule = CalibrationRule("flat", columns={"detector": "ccd", "date": "calibDate"})
    choice = registry.choose(rule, ["date"], {"detector": 16}, "2013-06-01")
    assert choice.values == {"date": "a"}
    assert "detector=16" in choice.reason
    assert "detector=16: 1 rows" in registry.explain(rule, {"detector": 16})
