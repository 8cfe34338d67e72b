from __future__ import annotations

import pytest
from astropy.time import Time

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.reference.epochs import mjd_of_epoch, mjd_of_julian_year


@pytest.mark.parametrize(
    ("epoch", "mjd"),
    [
        (56598.25, 56598.25),
        (56598, 56598.0),
        ("J2000.0", 51544.5),
        ("J2016.0", 57388.5),
        (Time(57388.5, format="mjd", scale="tai"), 57388.5),
    ],
)
def test_epoch_is_mjd_in_tai(epoch: object, mjd: float) -> None:
    assert mjd_of_epoch(epoch) == mjd  # type: ignore[arg-type]


def test_text_is_in_utc() -> None:
    offset_s = (mjd_of_epoch("2013-11-02T06:15:56") - mjd_of_epoch(56598.0)) * 86400
    # 35 leap seconds since 1972 and 10 before; a double of MJD has 1e-6 s
    assert offset_s == pytest.approx(6 * 3600 + 15 * 60 + 56 + 35, abs=1e-5)


def test_julian_year_is_that_of_astropy() -> None:
    assert mjd_of_julian_year(2015.5) == Time(2015.5, format="jyear", scale="tai").mjd


@pytest.mark.parametrize("epoch", ["yesterday", "J20x", float("nan"), float("inf")])
def test_what_is_no_time_is_refused(epoch: str | float) -> None:
    with pytest.raises(ParameterValueError, match=r"no date|no time"):
        mjd_of_epoch(epoch)


@pytest.mark.parametrize("epoch", [True, [1, 2], object(), Time([56598.0, 56599.0], format="mjd")])
def test_what_is_not_one_time_is_refused(epoch: object) -> None:
    with pytest.raises(ParameterTypeError, match="epoch="):
        mjd_of_epoch(epoch)  # type: ignore[arg-type]
