from __future__ import annotations

import gzip
import logging
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import fitsio
import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from imaging import Box, Extent2I, Image, Metadata, Point2I
from imaging.errors import (
    BoxError,
    FitsFileError,
    FormatVersionError,
    HduNotFoundError,
    ParameterTypeError,
    ParameterValueError,
    UndecodableError,
    WcsError,
)
from imaging.exposure.bounded_field import BoundedField
from imaging.exposure.exposure import Exposure
from imaging.exposure.reading import COMPONENTS
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage
from imaging.wcs.wcs import Wcs

if TYPE_CHECKING:
    from collections.abc import Callable

FROZEN = Path(__file__).with_name("exposure_v1.fits.gz")
PARTS = (
    "wcs",
    "psf",
    "photo_calib",
    "detector",
    "visit_info",
    "filter",
    "aperture_corrections",
    "valid_polygon",
    "id",
    "metadata",
)
PART = Box(Point2I(103, 52), Extent2I(5, 4))


def same_bits(one: MaskedImage, other: MaskedImage) -> bool:
    return all(
        a.dtype == b.dtype and a.tobytes() == b.tobytes()
        for a, b in zip(one.arrays, other.arrays, strict=True)
    ) and (one.bbox == other.bbox and one.mask.planes == other.mask.planes)


def assert_same(one: Exposure, other: Exposure) -> None:
    assert same_bits(one.masked_image, other.masked_image)
    for name in PARTS:
        assert getattr(one, name) == getattr(other, name), name
    assert one.image.metadata == other.image.metadata
    assert one.mask.metadata == other.mask.metadata
    assert one.variance.metadata == other.variance.metadata


@pytest.fixture
def path(example: Exposure, tmp_path: Path) -> str:
    path = str(tmp_path / "exposure.fits")
    example.write_fits(path)
    return path


def test_everything_comes_back(example: Exposure, path: str) -> None:
    found = Exposure.read_fits(path)
    assert_same(found, example)
    assert not found.undecoded
    assert found.image.array.flags.owndata


def test_example_of_version_1_stays_readable(example: Exposure) -> None:
    assert_same(Exposure.read_fits(str(FROZEN)), example)


@pytest.mark.parametrize("compression", ["lossless", "rice"])
def test_compression_keeps_all_but_the_noise(
    example: Exposure, tmp_path: Path, compression: str
) -> None:
    path = str(tmp_path / "exposure.fits")
    generator = np.random.default_rng(1)
    exposure = Exposure(Box(Point2I(3, 4), Extent2I(300, 200)), wcs=example.wcs, psf=example.psf)
    exposure.image.array = generator.normal(200.0, 10.0, (200, 300))
    exposure.variance.array = generator.normal(100.0, 5.0, (200, 300))
    exposure.mask.array = generator.integers(0, 512, (200, 300))
    exposure.write_fits(path, compression=compression)  # type: ignore[arg-type]
    found = Exposure.read_fits(path)
    assert found.mask == exposure.mask
    assert found.bbox == exposure.bbox
    assert (found.wcs, found.psf) == (exposure.wcs, exposure.psf)
    if compression == "lossless":
        assert same_bits(found.masked_image, exposure.masked_image)
    difference = (found.image.array - exposure.image.array) / 10.0
    assert np.std(difference) < 0.02  # of the noise: what the recipe promises
    assert abs(np.mean(difference)) < 0.001  # dithering leaves means alone: 0.02 / sqrt(60000)
    part = Exposure.read_fits(path, bbox=Box(Point2I(100, 20), Extent2I(70, 90)))
    assert same_bits(part.masked_image, found.masked_image[part.bbox])


def test_part_is_that_of_the_whole(example: Exposure, path: str) -> None:
    found = Exposure.read_fits(path, bbox=PART)
    assert same_bits(found.masked_image, example.masked_image[PART])
    for name in PARTS:
        assert getattr(found, name) == getattr(example, name)
    local = Exposure.read_fits(path, bbox=PART.shifted_by(Extent2I(-100, -50)), origin="local")
    assert same_bits(local.masked_image, found.masked_image)
    with pytest.raises(BoxError, match="not inside"):
        Exposure.read_fits(path, bbox=PART.grown(50))


def test_written_part_has_its_place_on_the_sky(example: Exposure, tmp_path: Path) -> None:
    path = str(tmp_path / "part.fits")
    example[PART].write_fits(path)
    found = Exposure.read_fits(path)
    assert found.bbox == PART
    assert found.wcs == example.wcs
    header_wcs = Exposure.read_component(path, "header_wcs")
    assert header_wcs is not None
    assert example.wcs is not None
    # 1e-9 pixels: CRPIX is counted from another pixel in the header
    assert np.allclose(
        header_wcs.sky_to_pixel(*example.wcs.pixel_to_sky(105.0, 53.0)),  # type: ignore[union-attr]
        (105.0, 53.0),
        rtol=0,
        atol=1e-9,
    )


def test_gzipped_file_is_read(example: Exposure, path: str) -> None:
    with open(path, "rb") as plain, gzip.open(f"{path}.gz", "wb") as packed:
        shutil.copyfileobj(plain, packed)
    assert_same(Exposure.read_fits(f"{path}.gz"), example)
    assert Exposure.read_component(f"{path}.gz", "psf") == example.psf


def test_bare_exposure_has_no_tables(tmp_path: Path) -> None:
    path = str(tmp_path / "bare.fits")
    Exposure(Box(Point2I(), Extent2I(4, 3))).write_fits(path)
    with fits.open(path) as hdus:
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "IMAGE", "MASK", "VARIANCE"]
    found = Exposure.read_fits(path)
    for name in PARTS[:-1]:
        assert getattr(found, name) is None
        assert Exposure.read_component(path, name) is None
    assert found.metadata == Metadata()
    assert Exposure.read_component(path, "header_wcs") is None


@pytest.mark.parametrize("name", sorted(COMPONENTS - {"header_wcs"}))
def test_component_is_that_of_the_exposure(example: Exposure, path: str, name: str) -> None:
    found = Exposure.read_component(path, name)
    expected = getattr(example, name)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("name", ["image", "mask", "variance", "masked_image"])
def test_planes_are_read_in_part(example: Exposure, path: str, name: str) -> None:
    found = Exposure.read_component(path, name, bbox=PART)
    assert found == getattr(example[PART], name)


def test_component_is_read_without_the_pixels(example: Exposure, tmp_path: Path) -> None:
    path = tmp_path / "exposure.fits"
    example.write_fits(str(path), compression="lossless")
    content = bytearray(path.read_bytes())
    with fits.open(path, disable_image_compression=True) as hdus:
        for hdu in (1, 2, 3):
            begin = hdus[hdu].fileinfo()["datLoc"]
            content[begin : begin + 2880] = b"\xff" * 2880
    path.write_bytes(content)
    with pytest.raises(FitsFileError, match="pixels"):
        Exposure.read_fits(str(path))
    for name in (*PARTS, "bbox"):
        assert Exposure.read_component(str(path), name) == getattr(example, name)


def test_unknown_component_is_explained(path: str) -> None:
    with pytest.raises(ParameterValueError, match="Did you mean 'psf'"):
        Exposure.read_component(path, "psff")


def test_name_of_a_component_is_a_text(path: str) -> None:
    with pytest.raises(ParameterTypeError, match="a text, not None"):
        Exposure.read_component(path, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("part", ["image", "mask", "variance"])
def test_exposure_whose_planes_have_different_origins_is_not_written(
    part: str, example: Exposure, tmp_path: Path
) -> None:
    getattr(example, part).set_origin((2**40, 0))
    with pytest.raises(BoxError, match=str(2**40)):
        example.write_fits(str(tmp_path / "a.fits"))
    assert not list(tmp_path.iterdir())


def test_damaged_name_of_a_plane_does_not_drop_mask_and_variance(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    hdus = [fits.ImageHDU(np.ones((3, 4), "f4")) for _ in range(3)]
    for hdu, kind in zip(hdus, ("I]AGE", "MASK", "VARIANCE"), strict=True):
        hdu.header["EXTTYPE"] = kind
    primary = fits.PrimaryHDU()
    primary.header["AR_HDU"] = 5
    fits.HDUList([primary, *hdus]).writeto(path)
    for read in (Exposure.read_fits, lambda path: Exposure.read_component(path, "psf")):
        with pytest.raises(FitsFileError, match=r"AR_HDU.*not called IMAGE"):
            read(str(path))


def test_user_cards_about_tiles_do_not_change_an_exposure(
    example: Exposure, tmp_path: Path
) -> None:
    path = str(tmp_path / "a.fits")
    expected = example.copy()
    for metadata in (example.metadata, example.image.metadata, example.mask.metadata):
        metadata["ZIMAGE"] = True
        metadata["ZSCALE"] = 3
    example.write_fits(path)
    assert_same(Exposure.read_fits(path), expected)


def test_table_that_is_no_text_names_the_file(path: str) -> None:
    content = bytearray(Path(path).read_bytes())
    for name, text in (("WCS", b"ICRS"), ("APCORR", b"gauss")):
        begin = content.index(text, content.index(f"EXTNAME = '{name:<8}'".encode()))
        content[begin] = 0xE9
    Path(path).write_bytes(content)
    for component in ("wcs", "aperture_corrections"):
        with pytest.raises(FitsFileError, match=r"exposure\.fits.*damaged"):
            Exposure.read_component(path, component)


def test_user_cards_come_back_whatever_their_names(example: Exposure, tmp_path: Path) -> None:
    path = str(tmp_path / "cards.fits")
    cards = {"EXPTIME": 1.0, "FILTER": "x", "OBJECT": "mine", "CRPIX1": 5.0, "TIMESYS": "UTC"}
    example.metadata = Metadata({**cards, "SBID": 3, "SBCARDS": 9, "NAXIS": 7})
    example.write_fits(path)
    found = Exposure.read_fits(path)
    assert found.metadata == Metadata(cards)
    assert found.visit_info == example.visit_info
    assert found.id == example.id
    assert fits.getheader(path)["EXPTIME"] == 1.0
    assert fits.getheader(path)["BORE-RA" if "BORE-RA" in fits.getheader(path) else "OBS-LAT"]


def test_sky_cards_of_a_plane_give_way_to_the_wcs(example: Exposure, tmp_path: Path) -> None:
    path = str(tmp_path / "cards.fits")
    example.image.metadata.update({"CRPIX1": 5.0, "CTYPE1": "GLON-CAR", "GAIN": 2.0})
    example.write_fits(path)
    assert Exposure.read_fits(path).image.metadata == Metadata({"BUNIT": "adu", "GAIN": 2.0})
    assert fits.getheader(path, 1)["CTYPE1"] == "RA---TAN-SIP"
    example.wcs = None
    example.write_fits(path)
    assert Exposure.read_fits(path).image.metadata["CTYPE1"] == "GLON-CAR"


def test_other_programs_see_planes_and_sky(example: Exposure, path: str) -> None:
    assert example.wcs is not None
    with fits.open(path) as hdus:
        hdus.verify("exception")
        assert np.array_equal(hdus["IMAGE"].data, example.image.array, equal_nan=True)
        assert np.array_equal(hdus["MASK"].data, example.mask.array)
        assert hdus["MASK"].header["MP_CR"] == 3
        assert hdus[0].header["SBFORMAT"] == "Exposure"
        assert hdus[0].header["FILTER"] == "HSC-R2"
        for name in ("IMAGE", "MASK", "VARIANCE"):
            sky = WCS(hdus[name].header).pixel_to_world_values(4.0, 3.0)
            # 1e-9 degrees: rounding of two ways to compute the same
            assert np.allclose(sky, example.wcs.pixel_to_sky(104.0, 53.0), rtol=0, atol=1e-9)
            assert (hdus[name].header["CRVAL1A"], hdus[name].header["LTV2"]) == (100, -50)
    with fitsio.FITS(path) as file:
        assert np.array_equal(file["VARIANCE"].read(), example.variance.array, equal_nan=True)
        assert file["VISITINFO"].read()["id"][0] == 903334


@pytest.mark.skipif(shutil.which("fitsverify") is None, reason="fitsverify is not installed")
@pytest.mark.parametrize("compression", [None, "lossless"])
def test_file_is_what_the_standard_says(
    example: Exposure, tmp_path: Path, compression: str | None
) -> None:
    path = str(tmp_path / "exposure.fits")
    example.write_fits(path, compression=compression)  # type: ignore[arg-type]
    result = subprocess.run(["fitsverify", "-q", path], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_file_that_is_cut_off_is_never_half_read(path: str, tmp_path: Path) -> None:
    content = Path(path).read_bytes()
    damaged = tmp_path / "damaged.fits"
    for size in (*range(0, len(content), 2880), len(content) - 2880):
        damaged.write_bytes(content[:size])
        with pytest.raises(FitsFileError, match=r"damaged\.fits"):
            Exposure.read_fits(str(damaged))


def edited(path: str, change: Callable[[fits.HDUList], None]) -> str:
    with fits.open(path) as hdus:
        change(hdus)
        hdus.writeto(path + ".edited", output_verify="silentfix")
    return path + ".edited"


def test_newer_version_is_refused(path: str) -> None:
    newer = edited(path, lambda hdus: hdus[0].header.set("SBVERS", 2))
    with pytest.raises(FormatVersionError, match=r"version 2, newer than 1.*update"):
        Exposure.read_fits(newer)
    with pytest.raises(FormatVersionError):
        Exposure.read_component(newer, "psf")


@pytest.mark.parametrize(
    ("card", "value"), [("SBFORMAT", "Other"), ("SBVERS", "1"), ("SBPARTS", 3)]
)
def test_header_that_is_not_possible_is_refused(path: str, card: str, value: object) -> None:
    with pytest.raises(FitsFileError, match=card):
        Exposure.read_fits(edited(path, lambda hdus: hdus[0].header.set(card, value)))


def test_planes_of_different_shapes_are_refused(path: str) -> None:
    def cut(hdus: fits.HDUList) -> None:
        hdus["MASK"].data = hdus["MASK"].data[:, :-1]

    with pytest.raises(FitsFileError, match=r"MASK.* is 100:119"):
        Exposure.read_fits(edited(path, cut))


def test_part_of_an_unknown_kind_is_named(
    example: Exposure, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    def rename(hdus: fits.HDUList) -> None:
        hdus["PSF"].header["SBTYPE"] = "MagicPsf"
        hdus["DETECTOR"].header["SBVERS"] = 99

    strange = edited(path, rename)
    with caplog.at_level(logging.WARNING):
        found = Exposure.read_fits(strange)
    assert found.psf is None
    assert found.wcs == example.wcs
    assert set(found.undecoded) == {"psf", "detector"}
    assert "MagicPsf" in found.undecoded["psf"]
    assert len(caplog.records) == 1
    assert "MagicPsf" in caplog.text
    with pytest.raises(UndecodableError, match="MagicPsf"):
        Exposure.read_component(strange, "psf")
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        found.write_fits(path + ".again")
    assert "not written" in caplog.text


def test_tables_of_others_are_left_aside(example: Exposure, path: str) -> None:
    def add(hdus: fits.HDUList) -> None:
        hdus.append(fits.BinTableHDU.from_columns([fits.Column("a", "J", array=[1])], name="MINE"))
        hdus[0].header["ADDED"] = 5

    found = Exposure.read_fits(edited(path, add))
    assert found.metadata["ADDED"] == 5
    assert found.psf == example.psf


def test_plain_image_is_an_exposure_without_flags(tmp_path: Path) -> None:
    path = str(tmp_path / "plain.fits")
    header = fits.Header({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRPIX1": 5.0, "CRPIX2": 6.0})
    header.update({"CRVAL1": 150.0, "CRVAL2": 2.0, "CD1_1": -5e-5, "CD2_2": 5e-5})
    header.update({"FILTER": "HSC-R", "EXPTIME": 30.0, "GAIN": 2.0})
    pixels = np.arange(600, dtype=np.int32).reshape(20, 30)
    fits.PrimaryHDU(pixels, header).writeto(path)
    exposure = Exposure.read_fits(path)
    assert np.array_equal(exposure.image.array, pixels)
    assert not exposure.mask.array.any()
    assert not exposure.variance.array.any()
    assert exposure.wcs is not None
    # 1e-12 pixels: one rounding
    assert np.allclose(exposure.wcs.sky_to_pixel(150.0, 2.0), (4.0, 5.0), rtol=0, atol=1e-12)
    assert exposure.filter is not None
    assert exposure.filter.physical == "HSC-R"
    assert exposure.visit_info is not None
    assert exposure.visit_info.exposure_time_s == 30.0
    assert exposure.metadata["GAIN"] == 2.0
    assert "CRPIX1" not in exposure.metadata
    part = Exposure.read_fits(path, bbox=Box(Point2I(3, 4), Extent2I(5, 6)))
    assert part.masked_image == exposure.masked_image[part.bbox]
    assert part.wcs == exposure.wcs
    assert Exposure.read_component(path, "wcs") == exposure.wcs
    mask = Exposure.read_component(path, "mask", bbox=part.bbox)
    assert isinstance(mask, Mask)
    assert mask == part.mask
    assert Exposure.read_component(path, "variance") == exposure.variance
    assert Exposure.read_component(path, "bbox") == exposure.bbox


def test_image_of_this_package_is_a_plain_one(tmp_path: Path) -> None:
    path = str(tmp_path / "image.fits")
    image = Image(np.ones((3, 4), np.float32), (7, 8), Metadata({"A": 1}))
    image.write_fits(path)
    exposure = Exposure.read_fits(path)
    assert exposure.image.bbox == image.bbox
    assert exposure.metadata == Metadata({"A": 1})


def test_masked_image_of_this_package_is_an_exposure(example: Exposure, tmp_path: Path) -> None:
    path = str(tmp_path / "masked.fits")
    example.masked_image.write_fits(path)
    assert same_bits(Exposure.read_fits(path).masked_image, example.masked_image)


def test_wcs_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    path = str(tmp_path / "odd.fits")
    header = fits.Header({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CD1_1": 0.0, "CD2_2": 0.0})
    fits.PrimaryHDU(np.ones((3, 4)), header).writeto(path)
    exposure = Exposure.read_fits(path)
    assert exposure.wcs is None
    assert "WCS" in exposure.undecoded["wcs"]
    assert exposure.metadata["CTYPE1"] == "RA---TAN"
    with pytest.raises(FitsFileError, match="WCS"):
        Exposure.read_component(path, "header_wcs")


def test_sky_that_no_header_can_say_stands_in_its_table(example: Exposure, tmp_path: Path) -> None:
    class Unsayable(Wcs):
        def to_metadata(self, origin: object = None) -> Metadata:
            raise WcsError(f"nothing can be said from {origin}")

    path = str(tmp_path / "e.fits")
    assert isinstance(example.wcs, Wcs)
    sky = example.wcs
    example.wcs = Unsayable(sky.parameters)
    example.write_fits(path)
    assert Exposure.read_fits(path).wcs == sky
    assert Exposure.read_component(path, "header_wcs") is None


def test_files_without_an_image_are_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "empty.fits")
    fits.PrimaryHDU().writeto(path)
    with pytest.raises(HduNotFoundError, match="no image"):
        Exposure.read_fits(path)
    with pytest.raises(FitsFileError):
        Exposure.read_fits(str(tmp_path / "absent.fits"))


pixel_types = st.sampled_from([np.float32, np.float64, np.uint16, np.int32, np.uint8])
words = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30)
card_values = st.booleans() | st.integers(-(2**62), 2**62) | words
cards = st.dictionaries(
    st.from_regex(r"[A-Z][A-Z0-9]{0,6}", fullmatch=True).map(lambda name: f"{name}X"),
    card_values | st.floats(allow_nan=False, allow_infinity=False),
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.data())
def test_any_pixels_and_cards_come_back_bit_for_bit(tmp_path: Path, data: st.DataObject) -> None:
    shape = data.draw(arrays.array_shapes(min_dims=2, max_dims=2, max_side=9))
    pixels = data.draw(arrays.arrays(data.draw(pixel_types), shape))
    variance = data.draw(arrays.arrays(np.float32, shape))
    mask = data.draw(arrays.arrays(np.int32, shape, elements=st.integers(0, 511)))
    corner = data.draw(st.tuples(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6)))
    exposure = Exposure(
        MaskedImage(
            Image(pixels, corner, Metadata(data.draw(cards))),
            Mask(mask, corner),
            Image(variance, corner),
        ),
        metadata=Metadata(data.draw(cards)),
        id=data.draw(st.none() | st.integers(-(2**63), 2**63 - 1)),
    )
    path = str(tmp_path / "any.fits")
    exposure.write_fits(path)
    assert_same(Exposure.read_fits(path), exposure)


def test_field_of_the_calibration_is_evaluated_after_reading(path: str) -> None:
    calib = Exposure.read_component(path, "photo_calib")
    assert isinstance(calib.field, BoundedField)  # type: ignore[union-attr]
    assert calib.field.evaluate(109.5, 55.5) == pytest.approx(1.0)  # type: ignore[union-attr]
