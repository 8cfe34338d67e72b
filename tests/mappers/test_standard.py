"""Raw files as exposures: what a camera adds to what the file says."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.coordinates import AltAz, EarthLocation, SkyCoord
from astropy.io import fits
from astropy.time import Time
from support.headers import read_yaml_header
from support.repositories import make_repository, observation

from butler import Butler
from butler.data_id import DataId
from butler.errors import FormatterError
from butler.mapper_lookup import find_mapper
from imaging import Box, Detector, Exposure, FilterLabel, Metadata, VisitInfo, Wcs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from butler.mapper import Header

ONE = {"visit": 904024, "ccd": 50}


@pytest.fixture(scope="module")
def header(shared_data: Path) -> Header:
    """Of a real file of HSC of 2013."""
    return read_yaml_header(shared_data / "headers" / "fitsheader-hsc.yaml")


@pytest.fixture(scope="module")
def _hsc(header: Header, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hsc") / "R"
    seen = observation(904024, 50, filter="HSC-I", dateObs="2013-11-02")
    with make_repository(root, observations=[seen]) as butler:
        path = root.parent / "raw.fits"
        write_raw(path, header)
        butler.register("raw", [(str(path), butler.data_ref("raw", data_id=ONE).data_id)])
    return root


@pytest.fixture
def hsc(_hsc: Path) -> Iterator[Butler]:
    with Butler(_hsc) as butler:
        yield butler


def write_raw(path: Path, header: Header) -> None:
    """Write pixels of HSC's size with a header's cards."""
    hdu = fits.PrimaryHDU(np.zeros((4241, 2144), np.uint16))
    for name, value in header.items():
        if name not in hdu.header and name not in {"COMMENT", "HISTORY"}:
            hdu.header[name] = value
    hdu.writeto(path)


def seen_from(info: VisitInfo) -> SkyCoord:
    """Where astropy says that the boresight was at the middle of the exposure."""
    place = EarthLocation.from_geodetic(
        info.observatory.longitude_deg, info.observatory.latitude_deg, info.observatory.elevation_m
    )
    return info.boresight_radec.transform_to(AltAz(obstime=info.date_avg, location=place))


def test_raw_of_hsc_is_an_exposure_with_all_that_is_known(hsc: Butler) -> None:
    raw = hsc.get("raw", ONE)
    assert isinstance(raw, Exposure)
    assert raw.image.array.shape == (4241, 2144)
    assert raw.dtype == np.uint16
    assert raw.detector is not None
    assert (raw.detector.id, raw.detector.name) == (50, "1_12")
    assert raw.filter == FilterLabel("i", "HSC-I")
    assert raw.id == 904024 * 200 + 50
    assert raw.metadata["T_CCDSN"] == "120"
    assert raw.wcs is not None
    ra, dec = raw.wcs.pixel_to_sky(1023.5, 4394.167)  # CRPIX, counted from 0
    assert (ra, dec) == pytest.approx((320.749925, 0.500019444444), abs=1e-9)  # CRVAL


def test_visit_info_of_hsc_is_that_of_the_header(hsc: Butler) -> None:
    info = hsc.get("raw.visit_info", ONE)
    assert isinstance(info, VisitInfo)
    begin = Time("2013-11-02T06:15:55.908", scale="utc")
    middle = info.date_avg
    assert middle is not None
    assert (middle - begin).sec == pytest.approx(15.0, abs=1e-6)  # of float days
    assert (info.id, info.exposure_id) == (904024, 904024 * 200 + 50)
    assert (info.exposure_time_s, info.dark_time_s) == (30.0, 30.0)
    assert info.boresight_rotation_deg == 270.0
    assert (info.rotation_type, info.instrument_label) == ("SKY", "HSC")
    assert (info.object, info.observation_type) == ("STRIPE82L", "OBJECT")
    assert info.weather.air_temperature_c == pytest.approx(-0.8)
    assert info.weather.air_pressure_pa == pytest.approx(62_170.0)
    assert info.weather.humidity_percent == 33.1
    assert info.boresight_radec.separation(SkyCoord("21h22m59.982s", "+0d30m0.07s")).arcsec < 1e-6


def test_earth_rotation_angle_is_astropys(hsc: Butler) -> None:
    info = hsc.get("raw.visit_info", ONE)
    assert isinstance(info, VisitInfo)
    assert info.date_avg is not None
    expected = info.date_avg.utc.earth_rotation_angle("tio").deg
    assert info.era_deg == pytest.approx(expected, abs=0.004)  # UT1 is within 0.9 s of UTC


def test_place_and_time_of_hsc_give_its_azimuth_and_altitude(hsc: Butler) -> None:
    info = hsc.get("raw.visit_info", ONE)
    assert isinstance(info, VisitInfo)
    there = seen_from(info)
    assert info.boresight_azimuth_deg == pytest.approx(there.az.deg, abs=0.3)  # of 15 s of time
    assert info.boresight_altitude_deg == pytest.approx(there.alt.deg, abs=0.1)


@pytest.mark.parametrize("name", ["detector", "visit_info", "wcs", "filter", "id"])
def test_component_of_a_raw_is_that_of_the_whole(hsc: Butler, name: str) -> None:
    assert hsc.get(f"raw.{name}", ONE) == getattr(hsc.get("raw", ONE), name)


def test_metadata_of_a_raw_are_its_whole_header(hsc: Butler) -> None:
    header, raw = hsc.get("raw.metadata", ONE), hsc.get("raw", ONE)
    assert isinstance(header, Metadata)
    assert isinstance(raw, Exposure)
    assert header["CTYPE1"] == "RA---TAN"
    assert header["NAXIS1"] == raw.width
    assert all(header[name] == raw.metadata[name] for name in raw.metadata)


def test_part_of_a_raw_has_what_the_whole_has(hsc: Butler) -> None:
    box = Box.from_string("100:120,200:230")
    part = hsc.get("raw", ONE, bbox=box)
    assert isinstance(part, Exposure)
    assert part.bbox == box
    assert part.visit_info == hsc.get("raw.visit_info", ONE)
    assert part.wcs == hsc.get("raw.wcs", ONE)


def test_component_that_no_raw_has_gets_a_suggestion(hsc: Butler) -> None:
    with pytest.raises(FormatterError, match=r"'visitinfo'.*Did you mean 'visit_info'"):
        hsc.get("raw.visitinfo", ONE)


def test_raw_that_was_put_comes_back_the_same(hsc: Butler, tmp_path: Path) -> None:
    raw = hsc.get("raw", ONE, bbox=Box.from_string("0:9,0:8"))
    assert isinstance(raw, Exposure)
    with Butler(inputs=hsc.repositories[0].root, outputs=tmp_path / "out") as rerun:
        rerun.put(raw, "raw", ONE)
        again = rerun.get("raw", ONE)
        assert isinstance(again, Exposure)
        assert again.masked_image == raw.masked_image
        for name in ("detector", "visit_info", "wcs", "filter", "id"):
            assert getattr(again, name) == getattr(raw, name), name


def test_file_of_another_camera_keeps_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "other.fits"
    Exposure(Box.from_string("0:4,0:3"), visit_info=VisitInfo(object="M31")).write_fits(str(path))
    with make_repository(tmp_path / "R", observations=[observation(1, 16)]) as butler:
        butler.register("raw", [(str(path), butler.data_ref("raw", visit=1).data_id)])
        for info in (butler.get("raw.visit_info", visit=1), butler.get("raw", visit=1).visit_info):  # type: ignore[attr-defined]
            assert info == VisitInfo(object="M31")


def test_cards_that_are_missing_are_not_known() -> None:
    hsc = find_mapper("hsc")
    header = Metadata({"EXP-ID": "HSCA00000200", "EXPTIME": "soon", "RA2000": "##NODATA##"})

    def read(component: str | None) -> object:
        return {"metadata": header}[str(component)]

    info = hsc.read_raw("raw", DataId(observation(2, 16)), "visit_info", read)
    assert info == VisitInfo(
        id=2,
        exposure_id=416,
        rotation_type="SKY",
        instrument_label="HSC",
        observatory=info.observatory,  # type: ignore[attr-defined]
    )


def test_raw_of_obs_test(shared_data: Path, tmp_path: Path) -> None:
    root = tmp_path / "input"
    shutil.copytree(shared_data / "obs_test" / "input", root)
    with Butler(root) as butler:
        raw = butler.get("raw", visit=1)
        assert isinstance(raw, Exposure)
        assert raw.image.array.shape == (2000, 1026)
        assert raw.detector == butler.get("camera")[0]  # type: ignore[index]
        assert raw.filter == FilterLabel("g")
        assert (raw.id, raw.wcs is None) == (1, False)
        info = raw.visit_info
        assert info is not None
        assert info.date_avg is not None
        begin = Time(51195.2035520278, format="mjd", scale="tai")
        assert (info.date_avg - begin).sec == pytest.approx(7.5, abs=1e-5)  # of a card of 15 digits
        there = seen_from(info)  # the simulator's azimuth is off by a degree
        assert info.boresight_azimuth_deg == pytest.approx(there.az.deg, abs=1.5)
        assert info.boresight_altitude_deg == pytest.approx(there.alt.deg, abs=0.3)
        assert info.weather.air_pressure_pa == pytest.approx(69_327.6, abs=0.1)  # 520 mm


def test_raw_of_sdss(shared_data: Path) -> None:
    with Butler(shared_data / "sdss_demo" / "input") as butler:
        keys = {"run": 4192, "camcol": 4, "field": 300, "filter": "r"}
        raw = butler.get("fpC", keys)
        assert isinstance(raw, Exposure)
        assert isinstance(raw.detector, Detector)
        assert raw.detector.name == "r4"
        assert raw.filter == FilterLabel("r")
        assert raw.id == butler.get("ccdExposureId", keys)
        assert isinstance(raw.wcs, Wcs)
        info = raw.visit_info
        assert info is not None
        assert info.exposure_time_s == 53.907456
        there = seen_from(info)  # at the first row, half an exposure before
        assert info.boresight_azimuth_deg == pytest.approx(there.az.deg, abs=0.6)
        assert info.boresight_altitude_deg == pytest.approx(there.alt.deg, abs=0.2)
