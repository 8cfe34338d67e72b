"""Gen2 spellings give what the names of exposure give, also when those are overridden."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.coordinates import Angle

import imaging.sky.angle
from imaging import Box, Extent2I, Metadata, Point2D, Point2I
from imaging.dates.date_time import DateTime
from imaging.errors import ParameterTypeError, UndecodableError
from imaging.exposure import gen2_names
from imaging.exposure.exposure import Exposure
from imaging.exposure.filter_label import FilterLabel
from imaging.exposure.info import ExposureInfo
from imaging.exposure.visit_info import Observatory, VisitInfo, Weather
from imaging.sky.angle import degrees
from imaging.sky.sphere_point import SpherePoint

if TYPE_CHECKING:
    from pathlib import Path

PARTS = {
    "Wcs": "wcs",
    "Psf": "psf",
    "PhotoCalib": "photo_calib",
    "Detector": "detector",
    "VisitInfo": "visit_info",
    "Filter": "filter",
    "FilterLabel": "filter",
    "ApCorrMap": "aperture_corrections",
    "ValidPolygon": "valid_polygon",
    "Id": "id",
    "Metadata": "metadata",
}
GETTERS = {
    FilterLabel: {"getName": "name"},
    Observatory: {"getElevation": "elevation_m"},
    Weather: {
        "getAirTemperature": "air_temperature_c",
        "getAirPressure": "air_pressure_pa",
        "getHumidity": "humidity_percent",
    },
    VisitInfo: {
        "getExposureId": "exposure_id",
        "getExposureTime": "exposure_time_s",
        "getDarkTime": "dark_time_s",
        "getUt1": "ut1_mjd",
        "getBoresightAirmass": "boresight_airmass",
        "getRotType": "rotation_type",
        "getObservatory": "observatory",
        "getWeather": "weather",
        "getInstrumentLabel": "instrument_label",
        "getId": "id",
        "getFocusZ": "focus_z_mm",
        "getObservationType": "observation_type",
        "getScienceProgram": "science_program",
        "getObservationReason": "observation_reason",
        "getObject": "object",
        "getHasSimulatedContent": "has_simulated_content",
    },
    Exposure: {
        "getMaskedImage": "masked_image",
        "getImage": "image",
        "getMask": "mask",
        "getVariance": "variance",
        "getInfo": "info",
    },
}
METHODS = {
    Exposure: {"getCutout": "get_cutout"},
}
ANGLES = {
    Observatory: {"getLongitude": "longitude", "getLatitude": "latitude"},
    VisitInfo: {
        "getEra": "era",
        "getLocalEra": "local_era",
        "getBoresightRotAngle": "boresight_rotation",
        "getBoresightHourAngle": "boresight_hour_angle",
        "getBoresightParAngle": "boresight_parallactic_angle",
    },
}
PROPERTIES = (
    "exposureTime",
    "darkTime",
    "date",
    "ut1",
    "localEra",
    "boresightRaDec",
    "boresightAzAlt",
    "boresightAirmass",
    "boresightRotAngle",
    "boresightHourAngle",
    "boresightParAngle",
    "rotType",
    "instrumentLabel",
    "focusZ",
    "observationType",
    "scienceProgram",
    "observationReason",
    "hasSimulatedContent",
)
PART_PROPERTIES = ("PhotoCalib", "VisitInfo", "FilterLabel", "ApCorrMap", "ValidPolygon")
UNREAD = {"CoaddInputs": "coadd_inputs", "TransmissionCurve": "transmission_curve"}
UNREAD["SummaryStats"] = "summary_stats"
ELSEWHERE = {
    "UnreadNames": {f"{verb}{part}" for verb in ("get", "has") for part in UNREAD},
    "ObservatoryNames": set(ANGLES[Observatory]),
    "VisitInfoNames": {
        *PROPERTIES,
        *ANGLES[VisitInfo],
        "getDate",
        "getBoresightRaDec",
        "getBoresightAzAlt",
    },
    "FilterLabelNames": {"bandLabel", "physicalLabel", "hasBandLabel", "hasPhysicalLabel"},
    "ExposureNames": {"maskedImage", "setMaskedImage", "setInfo", "readFits"},
    "ComponentNames": {f"{verb}{part}" for verb in ("get", "set", "has") for part in PARTS}
    - {"hasFilter", "hasId", "hasMetadata"}
    | {"getCalib", *(f"{name[0].lower()}{name[1:]}" for name in PART_PROPERTIES)},
}


def test_every_gen2_name_is_in_a_table_of_this_test() -> None:
    known = {f"{kind.__name__}Names": set(names) for kind, names in GETTERS.items()}
    for kind, methods in METHODS.items():
        known[f"{kind.__name__}Names"] |= set(methods)
    for mixin, names in ELSEWHERE.items():
        known[mixin] = known.get(mixin, set()) | names
    for mixin in gen2_names.__all__:
        members = {name for name in vars(getattr(gen2_names, mixin)) if not name.startswith("_")}
        assert members == known[mixin], mixin


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [(k, old, new) for k, names in GETTERS.items() for old, new in names.items()],
)
def test_getter_follows_an_override(kind: type, old: str, new: str) -> None:
    overridden = type("Overridden", (kind,), {new: property(lambda _: "result")})
    assert getattr(overridden.__new__(overridden), old)() == "result"


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [(k, old, new) for k, names in ANGLES.items() for old, new in names.items()],
)
def test_angle_follows_an_override(kind: type, old: str, new: str) -> None:
    overridden = type("Overridden", (kind,), {new: property(lambda _: Angle(30, "deg"))})
    found = getattr(overridden.__new__(overridden), old)()
    assert isinstance(found, imaging.sky.angle.Angle)
    assert found.asDegrees() == pytest.approx(30)


def test_an_observation_is_described_by_angles_positions_and_a_date() -> None:
    place = Observatory(longitude_deg=-70.0, latitude_deg=-30.0)
    info = VisitInfo(
        date_avg_ns=1_371_476_100_123_456_789,
        era_deg=200.0,
        boresight_ra_deg=100.0,
        boresight_dec_deg=-40.0,
        boresight_azimuth_deg=10.0,
        boresight_altitude_deg=60.0,
        observatory=place,
    )
    assert info.getBoresightRaDec().getRa().asDegrees() == pytest.approx(100)
    assert info.boresightRaDec.getDec().asDegrees() == pytest.approx(-40)
    assert info.getBoresightAzAlt().getLatitude().asDegrees() == pytest.approx(60)
    assert info.boresightAzAlt[0].asDegrees() == pytest.approx(10)
    assert info.getDate() == DateTime(1_371_476_100_123_456_789) == info.date
    assert info.getDate().toAstropy() == info.date_avg
    assert info.getLocalEra().asDegrees() == pytest.approx(130)
    assert info.getBoresightHourAngle().asDegrees() == pytest.approx(30)
    zenith = SpherePoint(info.getLocalEra(), place.getLatitude())
    bearing = info.getBoresightRaDec().bearingTo(zenith)  # from east through north
    expected = (90 - bearing.asDegrees()) * degrees
    assert abs(info.boresightParAngle.difference(expected)) < 1e-12
    assert not VisitInfo().getDate().isValid()
    assert not VisitInfo().getBoresightRaDec().isFinite()


@pytest.mark.parametrize("name", PROPERTIES)
def test_what_is_known_has_a_property_beside_its_getter(name: str) -> None:
    info = VisitInfo(exposure_time_s=30.0, boresight_ra_deg=1.0, boresight_dec_deg=2.0)
    found = getattr(info, name)
    expected = getattr(info, f"get{name[0].upper()}{name[1:]}")()
    assert repr(found) == repr(expected)  # also of NaN


@pytest.mark.parametrize("name", PART_PROPERTIES)
def test_parts_have_a_property_beside_their_getter(example: Exposure, name: str) -> None:
    old = f"{name[0].lower()}{name[1:]}"
    assert getattr(example, old) is getattr(example, f"get{name}")()
    setattr(example, old, None)
    assert getattr(example, PARTS[name]) is None


def test_a_position_on_the_sky_is_the_centre_of_a_cutout(example: Exposure) -> None:
    middle = Point2D(106.25, 53.25)
    part = example.getCutout(example.getWcs().pixelToSky(middle), Extent2I(3, 3))
    assert part.bbox == example.getCutout(middle, Extent2I(3, 3)).bbox


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [(k, old, new) for k, names in METHODS.items() for old, new in names.items()],
)
def test_method_follows_an_override(kind: type, old: str, new: str) -> None:
    overridden = type("Overridden", (kind,), {new: lambda _, *args: args})
    count = len(inspect.signature(getattr(kind, new)).parameters) - 1
    given = tuple("abc"[:count])
    assert getattr(overridden.__new__(overridden), old)(*given) == given


@pytest.mark.parametrize(("old", "new"), PARTS.items())
def test_parts_have_their_names_in_exposure_and_info(example: Exposure, old: str, new: str) -> None:
    for holder in (example, example.info, example.getInfo()):
        assert getattr(holder, f"get{old}")() is getattr(holder, new)
        if hasattr(holder, f"has{old}"):
            assert getattr(holder, f"has{old}")()
        value = Metadata() if old == "Metadata" else None
        kept = getattr(holder, new)
        getattr(holder, f"set{old}")(value)
        assert getattr(example, new) is value
        if hasattr(holder, f"has{old}"):
            assert not getattr(holder, f"has{old}")()
        getattr(holder, f"set{old}")(kept)
        assert holder.getCalib() is example.photo_calib


def test_parts_follow_an_override() -> None:
    overridden = type("Overridden", (ExposureInfo,), {"psf": property(lambda _: "result")})
    assert overridden.__new__(overridden).getPsf() == "result"


def test_pixels_have_their_names(example: Exposure, tmp_path: Path) -> None:
    assert example.getBBox() == example.bbox
    assert example.getXY0() == example.xy0
    assert example.getDimensions() == example.dimensions
    assert example.maskedImage is example.masked_image is example.getMaskedImage()
    pixels, others = example.masked_image.copy(), example.masked_image.copy()
    example.setMaskedImage(pixels)
    assert example.maskedImage is pixels
    setattr(example, "maskedImage", others)  # noqa: B010 - a name that has its place elsewhere
    assert example.masked_image is others
    part = Box(Point2I(103, 52), Extent2I(5, 4))
    assert np.shares_memory(example.Factory(example, part).image.array, example.image.array)
    assert not np.shares_memory(example.clone().image.array, example.image.array)
    example.writeFits(str(tmp_path / "e.fits"))
    assert Exposure.readFits(str(tmp_path / "e.fits"), part).getBBox() == part


def test_labels_have_their_names() -> None:
    label = FilterLabel("r")
    assert (label.bandLabel, label.physicalLabel) == ("r", None)
    assert (label.hasBandLabel(), label.hasPhysicalLabel()) == (True, False)


@pytest.mark.parametrize(("old", "new"), UNREAD.items())
def test_parts_that_are_not_read_say_so(old: str, new: str) -> None:
    part = Box(Point2I(0, 0), Extent2I(2, 2))
    absent, present = Exposure(part), Exposure(part, undecoded={new: "it is not read here"})
    for holder in (absent, absent.getInfo()):
        assert not getattr(holder, f"has{old}")()
        assert getattr(holder, f"get{old}")() is None
    for holder in (present, present.getInfo()):
        assert getattr(holder, f"has{old}")()
        with pytest.raises(UndecodableError, match=f"{new}: it is not read here"):
            getattr(holder, f"get{old}")()


def test_info_can_be_given_to_another_exposure(example: Exposure) -> None:
    other = Exposure(Box(Point2I(0, 0), Extent2I(2, 2)))
    other.setInfo(example.getInfo())
    assert other.wcs is example.wcs
    with pytest.raises(ParameterTypeError, match="ExposureInfo is needed"):
        other.setInfo(None)
