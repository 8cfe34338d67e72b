from __future__ import annotations

import math
from datetime import datetime

import pytest
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from imaging import VisitInfo
from imaging.dates.times import time_from_nanoseconds
from mappers.visit_cards import CardNumber, VisitCards, earth_rotation_angle, tai_from_utc


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.5, 1.5),
        (2, 2.0),
        ("53.907456", 53.907456),
        (" 0.000 ", 0.0),
        ("21:22:59.982", 21.3833283333),
        ("+00:30:00.07", 0.5000194444),
        ("-00:30:00", -0.5),
        ("soon", math.nan),
        ("", math.nan),
        (True, math.nan),
        (None, math.nan),
    ],
)
def test_number_is_read_however_it_is_written(value: object, expected: float) -> None:
    assert CardNumber("A").find({"A": value}) == pytest.approx(expected, nan_ok=True)


def test_number_becomes_what_we_mean() -> None:
    turned = CardNumber("PA", scale=-1.0, offset=270.0, is_angle=True)
    assert turned.find({"PA": -100.0}) == 10.0
    assert CardNumber("K", offset=-273.15).find({"K": 272.35}) == pytest.approx(-0.8)
    assert math.isnan(turned.find({}))


@given(
    st.datetimes(
        min_value=datetime(1973, 1, 1),  # noqa: DTZ001 - UTC
        max_value=datetime(2026, 1, 1),  # noqa: DTZ001
    )
)
def test_instant_of_utc_is_that_of_astropy(moment: datetime) -> None:
    date, time = moment.isoformat(timespec="milliseconds").split("T")
    found = tai_from_utc(date, time)
    assert found is not None
    expected = Time(f"{date}T{time}", scale="utc")
    assert abs((time_from_nanoseconds(found) - expected).sec) < 1e-6  # of float days
    angle = expected.earth_rotation_angle("tio").deg
    assert (earth_rotation_angle(found) - angle + 180) % 360 - 180 == pytest.approx(0, abs=0.004)


def test_what_is_no_instant_is_not_known() -> None:
    assert tai_from_utc("2013-11-02", "noon") is None
    assert tai_from_utc(None, "06:15:55") is None


def test_header_without_any_card_tells_nothing() -> None:
    cards = VisitCards({"exposure_time_s": CardNumber("EXPTIME")}, {"object": "OBJECT"})
    assert cards.read({"OBJECT": 3}, 10, visit=None, exposure_id=None) == VisitInfo()
