from __future__ import annotations

import pytest
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from imaging.dates.times import (
    nanoseconds_from_text,
    text_from_nanoseconds,
    time_from_nanoseconds,
)

YEARS = st.integers(-(10**9) * 86400 * 365 * 60, 10**9 * 86400 * 365 * 200)


@given(YEARS)
def test_text_comes_back_to_the_nanosecond(nanoseconds: int) -> None:
    assert nanoseconds_from_text(text_from_nanoseconds(nanoseconds), "TAI") == nanoseconds


@given(YEARS)
def test_astropy_has_the_same_text(nanoseconds: int) -> None:
    time = time_from_nanoseconds(nanoseconds)
    time.precision = 9
    assert time.isot == text_from_nanoseconds(nanoseconds)


@pytest.mark.parametrize(
    "text", ["2015-02-20T00:48:39.126220000", "2025-05-21T01:31:20.647836617Z"]
)
def test_utc_differs_by_the_leap_seconds(text: str) -> None:
    tai, utc = nanoseconds_from_text(text, "TAI"), nanoseconds_from_text(text, "utc")
    assert tai is not None
    assert utc is not None
    seconds = 35 if text.startswith("2015") else 37
    assert utc - tai == pytest.approx(seconds * 10**9, abs=1)  # astropy's sum of two doubles


def test_terrestrial_time_is_what_astropy_makes_of_it() -> None:
    found = nanoseconds_from_text("2020-01-01T00:00:32.184", "TT")
    assert found == nanoseconds_from_text("2020-01-01T00:00:00", "TAI")
    assert Time("2020-01-01T00:00:32.184", scale="tt").tai.isot == "2020-01-01T00:00:00.000"


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("yesterday", "TAI"),
        ("2020-13-01T00:00:00", "TAI"),
        ("2020-13-01T00:00:00", "UTC"),
        ("2020-01-01T00:00:00", "HST"),
        ("2020-01-01T00:00:00", "local"),
    ],
)
def test_what_is_no_date_gives_none(text: str, scale: str) -> None:
    assert nanoseconds_from_text(text, scale) is None
