from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.errors import DataIdError
from butler.registry.validity import (
    OPEN_BEGIN,
    OPEN_END,
    Dated,
    Range,
    derive_ranges,
    make_range,
    normal_time,
)

LAST_DAY = "2037-12-31"  # what Gen2 wrote for an open end


def ranges(days: int, *dates: str, until_next: bool = False) -> list[Range]:
    found = derive_ranges([Dated(one, one, days) for one in dates], until_next=until_next)
    return [found[one] for one in dates]


def as_gen2_wrote_it(valid: Range, following: Range | None, *, increment: bool) -> tuple[str, str]:
    """The inclusive days that Gen2's registry has, with ``incrementValidEnd`` or without."""
    if valid.end == OPEN_END:
        return valid.begin[:10], LAST_DAY
    is_cut = following is not None and following.begin == valid.end
    end = date.fromisoformat(valid.end[:10])
    if not (is_cut and increment):
        end -= timedelta(days=1)
    return valid.begin[:10], end.isoformat()


def all_as_gen2_wrote_them(found: list[Range], *, increment: bool) -> list[tuple[str, str]]:
    following = [*found[1:], None]
    return [
        as_gen2_wrote_it(one, other, increment=increment)
        for one, other in zip(found, following, strict=True)
    ]


RED = ("2013-06-17", "2013-11-03", "2014-11-12")
APART = [("2014-05-16", "2015-05-11")]


@pytest.mark.parametrize(
    ("increment", "dates", "written"),
    [
        (True, RED, [("2012-12-19", "2013-08-26"), ("2013-08-26", "2014-05-02"), *APART]),
        (False, RED, [("2012-12-19", "2013-08-25"), ("2013-08-26", "2014-05-02"), *APART]),
        (True, ("2013-11-03",), [("2013-05-07", "2014-05-02")]),
        (False, ("2013-11-03",), [("2013-05-07", "2014-05-02")]),
    ],
)
def test_ranges_of_180_days_are_those_that_gen2_wrote(
    increment: bool, dates: tuple[str, ...], written: list[tuple[str, str]]
) -> None:
    assert all_as_gen2_wrote_them(ranges(180, *dates), increment=increment) == written


def test_ranges_until_the_next_are_those_that_gen2_wrote() -> None:
    found = ranges(0, "1970-01-01", "2013-01-31", "2014-04-03", until_next=True)
    assert all_as_gen2_wrote_them(found, increment=True) == [
        ("1970-01-01", "2013-01-31"),
        ("2013-01-31", "2014-04-03"),
        ("2014-04-03", LAST_DAY),
    ]


def test_ranges_of_gen2_that_shared_a_day_meet_at_its_midnight() -> None:
    first, second, _ = ranges(180, *RED)
    assert first.end == second.begin == "2013-08-26T00:00:00"


def test_dates_with_times_are_cut_in_the_exact_middle() -> None:
    first, second = ranges(10, "2013-01-01T06:00:00", "2013-01-04T12:00:00.5")
    assert first == ("2012-12-22T06:00:00", "2013-01-02T21:00:00.25")
    assert second == ("2013-01-02T21:00:00.25", "2013-01-14T12:00:00.5")


def test_zero_days_mean_the_day_itself() -> None:
    assert ranges(0, "2013-01-01") == [("2013-01-01T00:00:00", "2013-01-02T00:00:00")]


def test_a_range_beyond_all_time_is_open() -> None:
    assert ranges(10**9, "2013-01-01") == [(OPEN_BEGIN, OPEN_END)]


def test_a_short_range_beside_a_long_one_keeps_its_length() -> None:
    dated = [Dated("short", "2013-01-01", 1), Dated("long", "2013-06-01", 365)]
    found = derive_ranges(dated, until_next=False)
    assert found["short"] == ("2012-12-31T00:00:00", "2013-01-03T00:00:00")
    assert found["long"].begin == "2013-01-03T00:00:00"


def test_a_fixed_range_is_left_alone() -> None:
    fixed = Range("2013-03-01T00:00:00", "2013-04-01T00:00:00")
    found = derive_ranges([Dated("a", "2013-01-01", 180)], until_next=False, fixed=[fixed])
    assert found["a"].end == fixed.begin
    later = derive_ranges([Dated("a", "2013-05-01", 180)], until_next=False, fixed=[fixed])
    assert later["a"].begin == fixed.end


@pytest.mark.parametrize("second", ["2013-01-31", "2013-01-31T00:00:00"])
def test_two_of_the_same_date_are_refused(second: str) -> None:
    dated = [Dated("a", "2013-01-31", 5), Dated("b", second, 5)]
    with pytest.raises(DataIdError, match="have the date 2013-01-31"):
        derive_ranges(dated, until_next=True)


def test_what_is_no_date_is_refused() -> None:
    with pytest.raises(DataIdError, match="'yesterday' is no time"):
        ranges(5, "yesterday")


@given(
    st.lists(
        st.tuples(st.dates(date(1970, 1, 1), date(2100, 1, 1)), st.integers(0, 400)),
        min_size=1,
        max_size=12,
        unique_by=lambda one: one[0],
    ),
    st.booleans(),
)
def test_ranges_never_overlap_and_hold_their_own_dates(
    calibrations: list[tuple[date, int]], until_next: bool
) -> None:
    dated = [Dated(n, day.isoformat(), days) for n, (day, days) in enumerate(calibrations)]
    found = derive_ranges(dated, until_next=until_next)
    for one in dated:
        valid = found[one.number]
        assert valid.begin <= normal_time(one.date) < valid.end
    ordered = sorted(found.values())
    assert all(one.end <= other.begin for one, other in pairwise(ordered))


def test_a_range_without_a_moment_is_refused() -> None:
    with pytest.raises(DataIdError, match="is empty"):
        make_range("2013-01-01", "2013-01-01T00:00:00")
