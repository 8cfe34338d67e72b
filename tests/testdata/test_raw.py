from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astro_metadata_translator import ObservationInfo
from astropy.io import fits

from testdata.detector import REFERENCE_GAIN, detector_truth
from testdata.errors import CcdNumberError
from testdata.geometry import FULL, SMALL, Geometry
from testdata.raw import SimulatedRaw, simulate_raw, write_raw
from testdata.refcat import REFERENCE_LIMIT_MAG

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def detrend(raw: SimulatedRaw, geometry: Geometry) -> NDArray[np.float64]:
    """Correct a raw as a simple pipeline would, with the true calibrations."""
    detector = raw.truth.detector
    image = np.zeros(geometry.ccd_shape)
    for amplifier in geometry.amplifiers:
        level = np.median(raw.pixels[amplifier.overscan.slices], axis=1, keepdims=True)
        image[amplifier.assembled.slices] = raw.pixels[amplifier.data.slices] - level
    exposure_time = raw.truth.observation.exposure_time_s
    image -= detector.bias_adu + detector.dark_adu_per_s() * exposure_time
    return image / detector.flat(raw.truth.observation.band)


@pytest.fixture(scope="module")
def small() -> SimulatedRaw:
    return simulate_raw(903334, 16, geometry=SMALL)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_raw(tmp_path_factory.mktemp("raw"), 903334, 16, geometry=SMALL)


def test_raw_translates_as_the_tutorial_s_visit(written: Path) -> None:
    info = ObservationInfo(fits.getheader(written), pedantic=True)
    assert (info.instrument, info.exposure_id, info.visit_id) == ("HSC", 903334, 903334)
    assert (info.detector_num, info.detector_unique_name) == (16, "0_30")
    assert info.detector_exposure_id == 180666816
    assert (info.physical_filter, info.object, info.observation_type) == (
        "HSC-R",
        "STRIPE82L",
        "science",
    )
    assert info.observing_day == 20131102
    assert info.datetime_begin.isot.startswith("2013-11-02T05")
    assert info.exposure_time.to_value("s") == 30


@pytest.mark.parametrize(
    ("visit", "ccd", "date", "detector"),
    [
        (904024, 50, None, "1_12"),
        (40900, 37, dt.date(2015, 10, 10), "1_07"),
        (1_234_567, 103, None, "1_31"),
        (7, 0, None, "1_53"),
    ],
)
def test_any_visit_and_ccd_translates(
    visit: int, ccd: int, date: dt.date | None, detector: str
) -> None:
    raw = simulate_raw(visit, ccd, geometry=SMALL, date_obs=date)
    info = ObservationInfo(raw.header, pedantic=True)
    assert (info.exposure_id, info.detector_num) == (visit, ccd)
    assert info.detector_unique_name == detector
    assert info.boresight_airmass >= 1
    ra, dec = raw.truth.observation.boresight_deg
    # Half of the last digit of RA2000 and DEC2000.
    assert info.tracking_radec.ra.deg == pytest.approx(ra, abs=3e-6)
    assert info.tracking_radec.dec.deg == pytest.approx(dec, abs=2e-6)


def test_file_is_named_and_stored_as_the_camera_does(written: Path) -> None:
    assert written.name == "HSCA90333430.fits"
    assert written.stat().st_size < 100_000
    with fits.open(written, do_not_scale_image_data=True) as hdus:
        assert len(hdus) == 1
        assert (hdus[0].header["BITPIX"], hdus[0].header["BZERO"]) == (16, 32768)
        assert 125 <= len(hdus[0].header) <= 150


def test_header_has_the_keys_of_a_real_one(written: Path, shared_data: Path) -> None:
    lines = (shared_data / "headers" / "fitsheader-hsc.yaml").read_text().splitlines()
    real = {line[3:].split(",")[0] for line in lines if line.startswith("- [")}
    assert len(real) > 120
    assert real - set(fits.getheader(written)) == set()


def test_same_seed_gives_the_same_bytes(tmp_path: Path, written: Path) -> None:
    again = write_raw(tmp_path / "named.fits", 903334, 16, geometry=SMALL)
    assert again == tmp_path / "named.fits"
    assert again.read_bytes() == written.read_bytes()
    truths = [path.parent / "truth" / f"{path.stem}-truth.fits" for path in (again, written)]
    assert truths[0].read_bytes() == truths[1].read_bytes()


def test_another_seed_gives_other_pixels(small: SimulatedRaw) -> None:
    other = simulate_raw(903334, 16, geometry=SMALL, seed=5)
    assert (other.pixels != small.pixels).mean() > 0.9


def test_cards_name_the_regions_where_bias_and_sky_lie(written: Path) -> None:
    pixels, header = fits.getdata(written, header=True)
    detector = detector_truth(16, SMALL, 20131102)
    for channel in range(1, 5):
        x0, x1, y0, y1 = (
            header[f"T_EFM{end}{channel}{axis}"] - (end == "N") for axis in "12" for end in "NX"
        )
        o0, o1 = header[f"T_OSMN{channel}1"] - 1, header[f"T_OSMX{channel}1"]
        overscan = np.median(pixels[y0:y1, o0:o1])
        above = np.median(
            pixels[header[f"T_OSMN{channel}2"] - 1 : header[f"T_OSMX{channel}2"], x0:x1]
        )
        sky = np.median(pixels[y0:y1, x0:x1]) - overscan
        level = detector.bias_levels_adu[channel - 1]
        # The drift moves the level by up to 7 ADU.
        assert overscan == pytest.approx(level, abs=7)
        assert above == pytest.approx(level, abs=8)
        # 220 ADU times vignetting (0.85 at ccd 16), the gain's 10 % and 30 stars.
        assert 140 < sky < 290
        assert header[f"T_GAIN{channel}"] == detector.gains[channel - 1]


def test_gen2_ingest_finds_its_cards(small: SimulatedRaw) -> None:
    header = small.header
    assert int(header["MJD"]) - 55927 == 671
    assert (header["FRAMEID"], header["EXP-ID"]) == ("HSCA90333430", "HSCA90333400")
    assert header["FILTER01"].upper() == "HSC-R"
    assert header["T_CFGFIL"] == "20130327.cfg"
    assert header["T_CCDTV"] == pytest.approx(-101.158)
    assert header["T_AG"] is False


def test_detrending_recovers_the_sky(small: SimulatedRaw) -> None:
    image = detrend(small, SMALL)
    is_sky = small.truth.flags == 0
    for source in small.truth.sources:
        y, x = np.ogrid[: SMALL.ccd_height, : SMALL.ccd_width]
        is_sky &= np.hypot(x - source["x"], y - source["y"]) > 12
    level = np.median(image[is_sky])
    assert is_sky.sum() > 2000
    # Shot noise of 8 ADU over 2000 pixels: 0.2; wings of about 60 sources lift it by 1 to 3 %.
    assert level == pytest.approx(small.truth.sky_adu, rel=0.04)
    assert small.truth.sky_adu == pytest.approx(220, rel=0.03)


def test_detrending_recovers_the_flux_of_an_isolated_star() -> None:
    raw = simulate_raw(
        903338, 25, geometry=Geometry(amp_width=128, amp_height=400), exposure_time_s=30
    )
    geometry = raw.truth.detector.geometry
    image = detrend(raw, geometry)
    sky = raw.truth.detector.sky_e(raw.truth.observation) / REFERENCE_GAIN
    radius = 10.0
    table = raw.truth.sources
    is_inside = (table["x"] > 25) & (table["x"] < 487) & (table["y"] > 25) & (table["y"] < 375)
    chosen = table[
        is_inside & table["is_star"] & (table["nearest_pix"] > 16) & (table["magnitude"] < 20)
    ]
    y, x = np.mgrid[: geometry.ccd_height, : geometry.ccd_width].astype(float)
    ratios = []
    for star in chosen:
        distance = np.hypot(x - star["x"], y - star["y"])
        aperture = distance < radius
        if raw.truth.flags[aperture].any():
            continue
        signal = (image - sky)[aperture].sum()
        psf = raw.truth.psf.at(np.array([star["x"]]), np.array([star["y"]])).evaluate(
            x[:1] - star["x"], y[:, :1].T - star["y"]
        )[0]
        ratios.append(signal / (star["flux_adu"] * psf[aperture].sum()))
    assert len(ratios) >= 5
    # Noise of a 20th-magnitude star is 1 %, non-linearity and sky 0.5 %: the median is good to 1 %.
    assert np.median(ratios) == pytest.approx(1, abs=0.01)
    assert np.std(ratios) < 0.04


def test_overlapping_exposures_show_the_same_sky() -> None:
    first, second = (
        simulate_raw(visit, ccd, geometry=SMALL).truth.sources
        for visit, ccd in ((903334, 16), (903986, 16))
    )
    common, i, j = np.intersect1d(first["id"], second["id"], return_indices=True)
    # The dither moves the CCD by a twentieth of its width.
    assert len(common) > 0.6 * len(first) > 20
    np.testing.assert_array_equal(first["ra"][i], second["ra"][j])
    shift_x = first["x"][i] - second["x"][j]
    shift_y = first["y"][i] - second["y"][j]
    assert np.hypot(shift_x, shift_y).min() > 1
    # The same shift for all, but for the distortion.
    assert np.std(shift_x) < 1
    assert np.std(shift_y) < 1


def test_truth_file_says_what_was_made(written: Path) -> None:
    path = written.parent / "truth" / "HSCA90333430-truth.fits"
    with fits.open(path) as hdus:
        header, sources, pixels = hdus[0].header, hdus["SOURCES"].data, hdus["PIXELS"].data
        assert (header["VISIT"], header["CCD"], header["FILTER"]) == (903334, 16, "HSC-R")
        assert header["XTALK1_2"] == pytest.approx(-125e-6)
        magnitude = header["ZPADU"] - 2.5 * np.log10(sources["flux_adu"])
        np.testing.assert_allclose(magnitude, sources["magnitude"])
        np.testing.assert_allclose(sources["flux_e"], REFERENCE_GAIN * sources["flux_adu"])
        assert (sources["is_star"] & (sources["magnitude"] < REFERENCE_LIMIT_MAG)).sum() >= 20
        assert sources["group_size"].max() >= 3
        groups, counts = np.unique(sources["blend_group"], return_counts=True)
        assert len(groups) < len(sources)
        assert (
            sources["group_size"] >= counts[np.searchsorted(groups, sources["blend_group"])]
        ).all()
        assert set(np.unique(pixels["flags"])) >= {1, 4}


def test_nothing_is_written_for_a_ccd_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(CcdNumberError, match="no ccd 112"):
        write_raw(tmp_path / "raw", 903334, 112, geometry=SMALL)
    assert list(tmp_path.iterdir()) == []


def test_full_size_raw_is_what_the_tutorial_expects() -> None:
    raw = simulate_raw(903334, 16)
    assert raw.pixels.shape == FULL.raw_shape
    assert ObservationInfo(raw.header, pedantic=True).detector_num == 16
    image = detrend(raw, FULL)
    shown = image[1792:2384, 682:1366]
    # The grey scale of the figure is 175 to 300, set for a sky near 220.
    assert np.median(shown) == pytest.approx(220, abs=4)
    assert ((shown > 175) & (shown < 300)).mean() > 0.95
    table = raw.truth.sources
    in_figure = (abs(table["x"] - 1024) < 342) & (abs(table["y"] - 2088) < 296)
    crowded = table[in_figure & (table["group_size"] >= 4) & (table["magnitude"] < 21)]
    assert len(np.unique(crowded["blend_group"])) >= 3
    assert 800 < (table["magnitude"] < 24).sum() < 2000
