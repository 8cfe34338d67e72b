"""Instants as users of the LSST stack have them; astropy knows them as well."""

from __future__ import annotations

from datetime import datetime

import pytest
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from imaging.dates.date_time import DateTime
from imaging.dates.gen2_names import DateTimeNames
from imaging.errors import ParameterTypeError, ParameterValueError

TEXT = "2013-06-17T13:35:00.123456789"
DATE = DateTime(TEXT)
SAME = {
    "isValid": "is_valid",
    "toAstropy": "to_astropy",
    "toPython": "to_datetime",
    "toString": "to_text",
    "nsecs": "nanoseconds_in",
}


def test_an_instant_is_given_in_many_ways() -> None:
    time = Time("2013-06-17T13:34:25", scale="utc")
    instants = [
        DateTime("2013-06-17T13:35:00"),
        DateTime("2013-06-17T13:34:25", DateTime.UTC),
        DateTime(time.tai.mjd),
        DateTime(time.utc.mjd, DateTime.MJD, DateTime.UTC),
        DateTime(time.tai.jd, DateTime.JD),
        DateTime(DATE.nsecs() - 123456789),
        DateTime(DATE.nsecs(DateTime.UTC) - 123456789, DateTime.UTC),
    ]
    # one double of 2.5e6 days holds 40 microseconds
    for instant in instants:
        assert abs(instant.nsecs() - instants[0].nsecs()) < 40_000


def test_dates_are_those_of_astropy() -> None:
    time = Time(TEXT, scale="tai")
    assert DATE.get() == DATE.get(DateTime.MJD, DateTime.TAI) == pytest.approx(time.mjd, abs=1e-11)
    assert DATE.get(DateTime.JD, DateTime.UTC) == pytest.approx(time.utc.jd, abs=1e-9)
    assert DATE.get(system=DateTime.EPOCH, scale=DateTime.TT) == pytest.approx(time.tt.jyear)
    assert abs((DATE.toAstropy() - time).sec) < 1e-9
    assert DATE.toPython() == datetime(2013, 6, 17, 13, 35, 0, 123456)  # noqa: DTZ001
    assert DATE.toPython(DateTime.UTC) == datetime(2013, 6, 17, 13, 34, 25, 123456)  # noqa: DTZ001
    assert DATE.toString(DateTime.UTC) == "2013-06-17T13:34:25.123456789Z"
    assert DATE.toString() == TEXT
    assert DATE.nsecs(DateTime.TT) - DATE.nsecs() == 32_184_000_000
    assert repr(DATE) == f'DateTime("{TEXT}", TAI)'


@given(st.integers(63_072_010_000_000_000, 1_790_000_000_000_000_000))
def test_nanoseconds_of_utc_come_back(nanoseconds: int) -> None:
    date = DateTime(nanoseconds)
    assert abs(DateTime(date.nsecs(DateTime.UTC), DateTime.UTC).nsecs() - nanoseconds) <= 1_000


def test_no_date_is_not_valid() -> None:
    assert not DateTime().isValid()
    assert DATE.isValid()
    assert repr(DateTime()) == "DateTime()"
    with pytest.raises(ParameterValueError, match="not known"):
        DateTime().get()
    with pytest.raises(ParameterValueError, match="is not a date"):
        DateTime("yesterday")
    with pytest.raises(ParameterTypeError, match="number or a text"):
        DateTime([1])  # type: ignore[arg-type]


def test_now_is_after_this_was_written() -> None:
    assert DateTime.now().get() > 61_000


def test_every_gen2_name_is_in_the_table_of_this_test() -> None:
    assert {name for name in vars(DateTimeNames) if not name.startswith("_")} == set(SAME)


@pytest.mark.parametrize(("old", "new"), SAME.items())
def test_gen2_name_follows_an_override(old: str, new: str) -> None:
    made = property(lambda _: "x") if new == "is_valid" else lambda *_: "x"
    assert getattr(type("Overridden", (DateTime,), {new: made})(), old)() == "x"
