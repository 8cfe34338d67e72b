from __future__ import annotations

from butler.registry.calibration_groups import (
    DatedCalibration,
    Groups,
    KnownCalibration,
    RangeChange,
)
from butler.registry.validity import Range

GROUP = (16, "HSC-R")


def known(
    number: int, date: str, begin: str | None, end: str | None, days: int | None
) -> KnownCalibration:
    times = [None if one is None else f"{one}T00:00:00" for one in (begin, end)]
    return KnownCalibration(number, date, f"flat-{date}", date, GROUP, times[0], times[1], days)


def new(date: str, days: int = 10, group: tuple[int, str] = GROUP) -> DatedCalibration:
    return DatedCalibration(date, group, date, days)


OLD = known(1, "2013-01-11", "2013-01-01", "2013-01-22", 10)
BY_HAND = known(2, "2013-02-01", "2013-02-01", "2013-03-01", None)


def test_a_neighbour_is_shortened() -> None:
    fresh = known(3, "2013-01-15", None, None, None)
    groups = Groups([OLD, fresh], until_next=False)
    assert groups.add(new("2013-01-15")) == ""
    assert list(groups.changes()) == [
        RangeChange(1, Range("2013-01-01T00:00:00", "2013-01-14T00:00:00"), 10),
        RangeChange(3, Range("2013-01-14T00:00:00", "2013-01-26T00:00:00"), 10),
    ]


def test_those_that_serve_others_are_left_alone() -> None:
    fresh = known(3, "2013-01-15", None, None, None)._replace(group=(17, "HSC-R"))
    groups = Groups([OLD, fresh], until_next=False)
    groups.add(new("2013-01-15", group=(17, "HSC-R")))
    assert [change.number for change in groups.changes()] == [3]


def test_the_same_again_changes_nothing() -> None:
    groups = Groups([OLD], until_next=False)
    assert groups.add(new("2013-01-11")) == ""
    assert list(groups.changes()) == []
    assert groups.ranges() == {OLD.date: Range("2013-01-01T00:00:00", "2013-01-22T00:00:00")}


def test_other_days_give_another_range() -> None:
    groups = Groups([OLD], until_next=False)
    groups.add(new("2013-01-11", days=1))
    (change,) = groups.changes()
    assert change.range == ("2013-01-10T00:00:00", "2013-01-13T00:00:00")


def test_a_range_given_by_hand_is_never_overlapped() -> None:
    groups = Groups([OLD, BY_HAND], until_next=False)
    refusal = groups.add(new("2013-01-25"))
    assert "[2013-01-19, 2013-02-05) would overlap [2013-02-01, 2013-03-01)" in refusal
    assert "flat-2013-02-01 was certified by hand" in refusal
    assert list(groups.changes()) == []


def test_a_neighbour_grows_up_to_a_range_given_by_hand() -> None:
    cut = known(1, "2013-01-25", "2013-01-15", "2013-01-26", 10)
    groups = Groups([cut, BY_HAND], until_next=False)
    groups.add(new("2013-01-05"))
    assert groups.ranges()["2013-01-25"] == ("2013-01-16T00:00:00", "2013-02-01T00:00:00")


def test_two_of_one_date_are_refused() -> None:
    groups = Groups([OLD], until_next=False)
    other = DatedCalibration("another", GROUP, "2013-01-11T00:00:00", 10)
    assert groups.add(other) == "flat-2013-01-11 serves the same observations and has the same date"


def test_ranges_given_by_hand_are_told() -> None:
    groups = Groups([BY_HAND], until_next=False)
    assert groups.fixed_ranges(new("2013-02-01")) == [
        Range("2013-02-01T00:00:00", "2013-03-01T00:00:00")
    ]
