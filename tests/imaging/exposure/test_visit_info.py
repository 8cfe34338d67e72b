from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from imaging import Metadata
from imaging.errors import FitsFileError, ParameterTypeError, ParameterValueError
from imaging.exposure.visit_info import Observatory, VisitInfo, Weather

if TYPE_CHECKING:
    from pathlib import Path

FULL = VisitInfo(
    exposure_id=47127245141,
    exposure_time_s=30.0011086463928,
    dark_time_s=30.9427,
    date_avg_ns=1747791080647836617,
    ut1_mjd=60816.06342,
    era_deg=261.309039024314,
    boresight_ra_deg=150.196682634826,
    boresight_dec_deg=2.24901145319972,
    boresight_azimuth_deg=302.77585025761,
    boresight_altitude_deg=39.8241035508658,
    boresight_airmass=1.5594039765794,
    boresight_rotation_deg=57.8248295796518,
    rotation_type="SKY",
    observatory=Observatory(-70.7494170285165, -30.2446389756252, 2662.99616375123),
    weather=Weather(12.1499996185303, 74510.0, 21.3250007629395),
    instrument_label="LSSTCam",
    id=2025052000177,
    focus_z_mm=-1.8695301477484,
    observation_type="science",
    science_program="BLOCK-365",
    observation_reason="field_survey_science",
    object="COSMOS",
)


def test_nothing_is_known_of_an_empty_observation() -> None:
    info = VisitInfo()
    assert math.isnan(info.exposure_time_s)
    assert info.id is None
    assert info.date_avg is None
    assert info.date_avg_text == ""
    assert info == VisitInfo(exposure_time_s=float("nan"))
    assert hash(info) == hash(VisitInfo(exposure_time_s=float("nan")))


def test_cards_come_back_as_the_same_observation() -> None:
    metadata = FULL.to_metadata()
    assert VisitInfo.from_metadata(metadata) == FULL
    assert VisitInfo.from_metadata(Metadata.from_header(metadata.to_header())) == FULL
    assert metadata["DATE-AVG"] == "2025-05-21T01:31:20.647836617"
    assert metadata["BORE-AIRMASS"] == FULL.boresight_airmass


def test_what_is_not_known_has_no_card() -> None:
    assert set(VisitInfo().to_metadata()) == {"ROTTYPE", "HAS-SIMULATED-CONTENT"}


def test_cards_hold_question_marks_for_what_they_cannot() -> None:
    metadata = VisitInfo(object="Größe\n").to_metadata()
    assert metadata["OBJECT"] == "Gr??e?"


def test_real_header_of_lsstcam_is_read(shared_data: Path) -> None:
    header = yaml.safe_load((shared_data / "headers/visit_info.yaml").read_text())
    cards = {name: value for name, value in header.items() if name.isascii() and name}
    metadata = Metadata()
    for name, value in cards.items():
        if isinstance(value, bool | int | float | str) and name not in {"COMMENT", "HISTORY"}:
            metadata[name] = value
    info = VisitInfo.from_metadata(metadata)
    assert info.date_avg_text == "2025-05-21T01:31:20.647836617"
    assert info == VisitInfo(**{**_values(FULL), "ut1_mjd": math.nan})  # type: ignore[arg-type]


def test_real_header_of_a_decam_calexp_is_read(shared_data: Path) -> None:
    rows = yaml.load(
        (shared_data / "headers/fitsheader-decam-calexp-0412037_10.yaml").read_text(), _Plain
    )
    metadata = Metadata()
    for name, _, value, _ in rows:
        if isinstance(value, bool | int | float | str) and name not in {"COMMENT", "HISTORY"}:
            metadata[name] = value
    info = VisitInfo.from_metadata(metadata)
    assert info.exposure_time_s == 86.0
    assert info.date_avg_text == "2015-02-20T00:48:39.126220000"
    assert (info.boresight_ra_deg, info.boresight_dec_deg) == (138.380083333333, -2.300305)
    assert info.weather.air_pressure_pa == 77161.1
    assert info.observatory.elevation_m == 2215.0


class _Plain(yaml.SafeLoader):
    """Takes the values of `!<lsst.daf.base.PropertyList>` as they are."""


_Plain.add_multi_constructor("", lambda loader, _, node: loader.construct_sequence(node, deep=True))


def _values(info: VisitInfo) -> dict[str, object]:
    return {name: getattr(info, name) for name in type(info).__slots__}


@pytest.mark.parametrize(
    ("cards", "text"),
    [
        ({"DATE-AVG": "2020-01-01T00:00:00.5", "TIMESYS": "TAI"}, "2020-01-01T00:00:00.500000000"),
        ({"DATE-AVG": "2020-01-01T00:00:00", "TIMESYS": "UTC"}, "2020-01-01T00:00:37.000000000"),
        ({"DATE-AVG": "2020-01-01T00:00:00"}, "2020-01-01T00:00:37.000000000"),
        ({"TIME-MID": "1999-01-15T04:15:27.791998208Z"}, "1999-01-15T04:15:59.791998208"),
        ({"TIME-MID": "1969-12-31T23:59:51.999918240Z"}, ""),
        ({"DATE-AVG": "UNKNOWN", "TIMESYS": "TAI"}, ""),
        ({"DATE-AVG": 3.0}, ""),
    ],
)
def test_date_is_in_the_scale_that_the_header_names(cards: dict[str, str], text: str) -> None:
    found = VisitInfo.from_metadata(Metadata(cards))  # type: ignore[arg-type]
    # the sum of two doubles that astropy keeps a time in is good to a nanosecond
    expected = VisitInfo.from_metadata(Metadata({"DATE-AVG": text, "TIMESYS": "TAI"}))
    if text:
        assert found.date_avg_ns == pytest.approx(expected.date_avg_ns, abs=1)
    else:
        assert found.date_avg_ns is None


def test_cards_of_other_types_are_as_if_absent() -> None:
    metadata = Metadata(
        {"EXPTIME": "53.907456", "DARKTIME": "x", "IDNUM": 2**70, "EXPID": 1.5, "OBJECT": 3}
    )
    metadata.update({"ROTTYPE": "sideways", "HAS-SIMULATED-CONTENT": "no", "HUMIDITY": True})
    info = VisitInfo.from_metadata(metadata)
    assert info == VisitInfo(exposure_time_s=53.907456)


def test_instant_and_place_are_astropys_objects() -> None:
    assert FULL.date_avg is not None
    assert FULL.date_avg.scale == "tai"
    assert FULL.boresight_radec.ra.deg == FULL.boresight_ra_deg
    assert FULL.boresight_azalt.alt.deg == FULL.boresight_altitude_deg
    assert FULL.boresight_rotation.deg == FULL.boresight_rotation_deg
    assert FULL.observatory.longitude.deg == FULL.observatory.longitude_deg
    assert FULL.observatory.latitude.deg == FULL.observatory.latitude_deg
    hour_angle = FULL.era_deg + FULL.observatory.longitude_deg - FULL.boresight_ra_deg
    assert FULL.boresight_hour_angle.deg == hour_angle
    # a known answer: HASTART and HAEND of the same header are 2.686 and 2.695 hours
    assert FULL.boresight_hour_angle.hour == pytest.approx(2.691, abs=0.005)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"exposure_time_s": "30"}, ParameterTypeError),
        ({"object": 3}, ParameterTypeError),
        ({"has_simulated_content": False, "id": 1.5}, ParameterValueError),
        ({"id": 2**63}, ParameterValueError),
        ({"rotation_type": "UP"}, ParameterValueError),
        ({"exposure_id": True}, ParameterTypeError),
    ],
)
def test_values_of_wrong_types_are_refused(
    values: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error, match=next(reversed(values))):
        VisitInfo(**values)  # type: ignore[arg-type]


texts = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: text.rstrip(" \0"))
numbers = st.floats()
integers = st.none() | st.integers(-(2**63), 2**63 - 1)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "exposure_id": integers,
            "id": integers,
            "date_avg_ns": integers,
            "exposure_time_s": numbers,
            "ut1_mjd": numbers,
            "rotation_type": st.sampled_from(["UNKNOWN", "SKY", "HORIZON", "MOUNT"]),
            "observatory": st.builds(Observatory, numbers, numbers, numbers),
            "weather": st.builds(Weather, numbers, numbers, numbers),
            "object": texts,
            "science_program": texts,
            "has_simulated_content": st.booleans(),
        },
    )
)
def test_rows_come_back_as_the_same_observation(values: dict[str, object]) -> None:
    info = VisitInfo(**values)  # type: ignore[arg-type]
    found = VisitInfo.from_rows(info.to_rows())
    assert found == info
    assert repr(found) == repr(info)  # tells -0.0 from 0.0


def test_columns_of_newer_files_are_left_aside_and_missing_ones_are_not_known() -> None:
    rows = VisitInfo(id=3).to_rows()
    assert VisitInfo.from_rows(rows) == VisitInfo(id=3)
    names = [name for name in rows.array.dtype.names or () if name != "dark_time_s"]
    object.__setattr__(rows, "array", rows.array[names].copy())
    assert VisitInfo.from_rows(rows) == VisitInfo(id=3)


def test_damaged_rows_are_refused() -> None:
    rows = VisitInfo(rotation_type="SKY").to_rows()
    rows.array["rotation_type"] = b"UP"
    with pytest.raises(FitsFileError, match=r"x\.fits: its visit info is damaged"):
        VisitInfo.from_rows(rows, "x.fits")
    object.__setattr__(rows, "array", rows.array[:0])
    with pytest.raises(FitsFileError, match="damaged"):
        VisitInfo.from_rows(rows, "x.fits")


@pytest.mark.parametrize(("more", "expected"), [({}, None), ({"BORE-RA": 10.0}, -70.8)])
def test_longitude_of_noao_counts_to_the_west_and_is_not_taken(
    more: dict[str, float], expected: float | None
) -> None:
    sign = 1 if expected is None else -1
    header = Metadata({"OBSERVAT": "CTIO", "OBS-LONG": 70.8 * sign, "OBS-LAT": -30.2, **more})
    place = VisitInfo.from_metadata(header).observatory
    assert place.latitude_deg == -30.2
    assert place.longitude_deg == expected or (expected is None and math.isnan(place.longitude_deg))
