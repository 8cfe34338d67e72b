"""Gen2 spellings give what the names of exposure give, also when those are overridden."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Box, Extent2I, Metadata, Point2I
from imaging.exposure import gen2_names
from imaging.exposure.exposure import Exposure
from imaging.exposure.filter_label import FilterLabel
from imaging.exposure.info import ExposureInfo
from imaging.exposure.visit_info import Observatory, VisitInfo, Weather

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
    Observatory: {
        "getLongitude": "longitude",
        "getLatitude": "latitude",
        "getElevation": "elevation_m",
    },
    Weather: {
        "getAirTemperature": "air_temperature_c",
        "getAirPressure": "air_pressure_pa",
        "getHumidity": "humidity_percent",
    },
    VisitInfo: {
        "getExposureId": "exposure_id",
        "getExposureTime": "exposure_time_s",
        "getDarkTime": "dark_time_s",
        "getDate": "date_avg",
        "getUt1": "ut1_mjd",
        "getEra": "era",
        "getBoresightRaDec": "boresight_radec",
        "getBoresightAzAlt": "boresight_azalt",
        "getBoresightAirmass": "boresight_airmass",
        "getBoresightRotAngle": "boresight_rotation",
        "getBoresightHourAngle": "boresight_hour_angle",
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
ELSEWHERE = {
    "FilterLabelNames": {"bandLabel", "physicalLabel", "hasBandLabel", "hasPhysicalLabel"},
    "ExposureNames": {"maskedImage", "setMaskedImage", "readFits"},
    "ComponentNames": {f"{verb}{part}" for verb in ("get", "set", "has") for part in PARTS}
    - {"hasFilter", "hasId", "hasMetadata"}
    | {"getCalib"},
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
