"""Images in files."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from imaging import Box, Extent2I, Image, Metadata, Point2I
from imaging.errors import (
    BoxError,
    FitsFileError,
    HduNotFoundError,
    ParameterTypeError,
    ParameterValueError,
)
from imaging.fits.header import read_metadata
from imaging.fits.planes import read_bbox
from imaging.formatters.image import ImageFormatter

if TYPE_CHECKING:
    from pathlib import Path

    from imaging.fits.tiles import Compression

INTEGERS = ("u1", "i2", "u2", "i4", "u4")
TYPES = (*INTEGERS, "i1", "i8", "u8", "f4", "f8")
SMALL = {
    "max_examples": 40,
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}


def some_image(dtype: str = "u2", shape: tuple[int, int] = (100, 300)) -> Image:
    rng = np.random.default_rng(20131102)
    pixels = rng.normal(1000, 20, shape)
    return Image(pixels.astype(dtype), (7, -3), Metadata({"OBJECT": "M31", "CRPIX1": 5.0}))


@settings(**SMALL)
@given(st.data())
def test_plain_image_round_trip_bit_for_bit(tmp_path: Path, data: st.DataObject) -> None:
    dtype = np.dtype(data.draw(st.sampled_from(TYPES)))
    shape = st.tuples(st.integers(1, 9), st.integers(1, 9))
    array = data.draw(npst.arrays(dtype, shape))
    origin = Point2I(data.draw(st.integers(-5000, 5000)), data.draw(st.integers(-5000, 5000)))
    path = str(tmp_path / "a.fits")
    Image(array, origin).write_fits(path)
    again = Image.read_fits(path)
    assert (again.dtype, again.xy0) == (dtype, origin)
    assert again.dtype.isnative
    assert again.array.tobytes() == array.tobytes()
    assert fits.getdata(path).shape == array.shape


LOSSLESS = [(None, t) for t in TYPES] + [("rice", t) for t in INTEGERS]
LOSSLESS += [("lossless", t) for t in (*INTEGERS, "f4", "f8")]


@pytest.mark.parametrize(("compression", "dtype"), LOSSLESS)
def test_lossless_recipes_give_every_bit_back(
    tmp_path: Path, compression: Compression | None, dtype: str
) -> None:
    image = some_image(dtype)
    path = str(tmp_path / "a.fits")
    image.write_fits(path, compression=compression)
    again = Image.read_fits(path)
    assert again == image
    assert again.metadata == image.metadata
    assert again.array.tobytes() == image.array.tobytes()
    with fits.open(path, memmap=False) as file:
        hdu = file[0 if compression is None else 1]
        np.testing.assert_array_equal(hdu.data, image.array)
        assert (hdu.header["OBJECT"], hdu.header["LTV1"], hdu.header["CRVAL2A"]) == ("M31", -7, -3)


def test_rice_rounds_floating_point_to_a_fraction_of_the_noise(tmp_path: Path) -> None:
    image = some_image("f4")
    image.array[3, 4] = np.nan
    path = str(tmp_path / "a.fits")
    image.write_fits(path, compression="rice")
    error = Image.read_fits(path).array - image.array
    assert np.isnan(error[3, 4])
    assert np.isnan(error).sum() == 1
    # A step is 1/16 of the noise (20), the rms error of rounding 1/sqrt(12) of a step: 0.36.
    assert 0.2 < np.nanstd(error) < 0.5


def test_same_pixels_compress_to_the_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        some_image("f4").write_fits(str(tmp_path / name), compression="rice")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


BOX = Box(Point2I(207, 47), Extent2I(60, 20))


@pytest.mark.parametrize("kind", ["plain", "gzipped", "rice", "lossless", "float rice"])
def test_cutout_equals_the_part_of_the_whole(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.fits"
    image = some_image("f4" if kind in {"lossless", "float rice"} else "u2")
    recipes: dict[str, Compression] = {"rice": "rice", "lossless": "lossless", "float rice": "rice"}
    image.write_fits(str(path), compression=recipes.get(kind))
    if kind == "gzipped":
        path.write_bytes(gzip.compress(path.read_bytes()))
    whole = Image.read_fits(str(path))
    part = Image.read_fits(str(path), bbox=BOX)
    assert part == whole[BOX]
    assert part.metadata == whole[BOX].metadata
    assert part.array.base is None or part.array.base.nbytes <= part.array.nbytes
    local = BOX.shifted_by(Extent2I(-7, 3))
    assert Image.read_fits(str(path), bbox=local, origin="local") == part
    with pytest.raises(BoxError, match=r"not inside the image"):
        Image.read_fits(str(path), bbox=local.shifted_by(Extent2I(-250, 0)))


def test_cutout_that_is_written_lies_in_place(tmp_path: Path) -> None:
    some_image().write_fits(str(tmp_path / "a.fits"))
    part = Image.read_fits(str(tmp_path / "a.fits"), bbox=BOX)
    part.write_fits(str(tmp_path / "b.fits"))
    assert Image.read_fits(str(tmp_path / "b.fits")) == part
    assert read_bbox(str(tmp_path / "b.fits")) == BOX
    assert fits.getheader(tmp_path / "b.fits")["CRPIX1"] == 5.0 - 200


@pytest.mark.parametrize(
    "name",
    ["x[ext.fits", "x(1).fits", "!x.fits", "a|b.fits", "mem:x", "-", "$HOME+1.fits", "é ü.fits"],
)
@pytest.mark.parametrize("compression", [None, "rice"])
def test_no_file_name_is_interpreted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, compression: Compression | None
) -> None:
    monkeypatch.chdir(tmp_path)
    image = some_image()
    image.write_fits(name, compression=compression)
    assert os.listdir(tmp_path) == [name]
    assert Image.read_fits(name) == image
    assert Image.read_fits(name, bbox=BOX) == image[BOX]
    assert read_metadata(name)["OBJECT"] == "M31"


@pytest.mark.parametrize("compression", [None, "rice"])
def test_a_thousand_images_leave_no_file_open(
    tmp_path: Path, compression: Compression | None
) -> None:
    path = str(tmp_path / "a.fits")
    some_image(shape=(20, 30)).write_fits(path, compression=compression)
    Image.read_fits(path)
    before = os.listdir("/proc/self/fd")
    kept = [Image.read_fits(path).array for _ in range(1000)]
    assert len(os.listdir("/proc/self/fd")) == len(before)
    assert len(kept) == 1000


def test_scaled_integers_become_floating_point(tmp_path: Path) -> None:
    hdu = fits.PrimaryHDU(np.array([[1, 2], [3, -32768]], np.int16))
    hdu.header["BSCALE"], hdu.header["BZERO"], hdu.header["BLANK"] = 0.5, 100, -32768
    hdu.writeto(tmp_path / "a.fits", output_verify="ignore")
    raw = (tmp_path / "a.fits").read_bytes()
    assert b"BSCALE" in raw
    image = Image.read_fits(str(tmp_path / "a.fits"))
    assert image.dtype == np.float32
    np.testing.assert_array_equal(image.array, [[100.5, 101], [101.5, np.nan]])


def test_first_hdu_with_two_dimensional_pixels_is_the_image(tmp_path: Path) -> None:
    cube = fits.ImageHDU(np.zeros((2, 3, 4), np.int16), name="CUBE")
    table = fits.BinTableHDU.from_columns([fits.Column("a", "J", array=[1])], name="TABLE")
    flat = fits.ImageHDU(np.ones((1, 3, 4), np.int16), name="FLAT")
    path = str(tmp_path / "a.fits")
    fits.HDUList([fits.PrimaryHDU(), cube, table, flat]).writeto(path)
    assert Image.read_fits(path).array.tolist() == [[1] * 4] * 3
    assert Image.read_fits(path, hdu="flat") == Image.read_fits(path, hdu=3)
    with pytest.raises(HduNotFoundError, match=r"3 axes: \(4, 3, 2\)"):
        Image.read_fits(path, hdu=1)
    with pytest.raises(HduNotFoundError, match="but a table"):
        Image.read_fits(path, hdu="TABLE")
    with pytest.raises(ParameterTypeError, match=r"hdu=1\.5"):
        Image.read_fits(path, hdu=1.5)  # type: ignore[arg-type]


def test_origin_of_another_meaning_is_kept_as_it_is(tmp_path: Path) -> None:
    cards = {"LTV1": 56.0, "CTYPE1A": "Seg_X", "CTYPE2A": "Seg_Y", "CRPIX1A": 0.0, "CRVAL1A": 9.0}
    path = str(tmp_path / "a.fits")
    Image(np.zeros((3, 4), np.int16), (0, 0), Metadata(cards)).write_fits(path)
    image = Image.read_fits(path)
    assert image.xy0 == Point2I(0, 0)
    assert image.metadata.to_dict() == cards


def test_damaged_gzip_raises_for_image_and_cutout(tmp_path: Path) -> None:
    path = tmp_path / "a.fits.gz"
    some_image().write_fits(str(path))
    content = bytearray(path.read_bytes())
    content[-7] ^= 0xFF
    path.write_bytes(content)
    for box in (None, BOX):
        with pytest.raises(FitsFileError, match="CRC"):
            Image.read_fits(str(path), bbox=box)


def lying_header(**cards: object) -> bytes:
    header = fits.Header({"SIMPLE": True, "BITPIX": 16, "NAXIS": 2, "NAXIS1": 10, "NAXIS2": 10})
    header.update(cards)
    return header.tostring().encode() + bytes(2880)


@pytest.mark.parametrize("gzipped", [False, True])
def test_header_that_promises_terabytes_takes_no_memory(tmp_path: Path, *, gzipped: bool) -> None:
    content = lying_header(NAXIS1=10**6, NAXIS2=10**7)
    path = tmp_path / "a.fits"
    path.write_bytes(gzip.compress(content) if gzipped else content)
    for box in (None, Box(Point2I(0, 0), Extent2I(1, 1))):
        with pytest.raises(FitsFileError, match="more than the file can hold"):
            Image.read_fits(str(path), bbox=box)


@pytest.mark.parametrize(
    ("card", "value"),
    [
        ("ZNAXIS1", 10**9),
        ("ZNAXIS1", -64),
        ("ZTILE1", 0),
        ("ZNAXIS", 999),
        ("ZTILE2", 10**9),
        ("ZBITPIX", 0),
    ],
)
def test_compressed_header_that_is_not_possible_never_reaches_cfitsio(
    tmp_path: Path, card: str, value: int
) -> None:
    path = tmp_path / "a.fits"
    some_image().write_fits(str(path), compression="rice")
    content = path.read_bytes()
    place = content.index(f"{card:<8}=".encode())
    path.write_bytes(content[:place] + f"{card:<8}= {value:>20}".encode() + content[place + 30 :])
    with pytest.raises(FitsFileError, match=r"not possible|cannot hold"):
        Image.read_fits(str(path))


def test_truncated_file_is_an_error(tmp_path: Path) -> None:
    for compression in (None, "rice"):
        path = tmp_path / "a.fits"
        some_image().write_fits(str(path), compression=compression)  # type: ignore[arg-type]
        path.write_bytes(path.read_bytes()[:-5760])
        with pytest.raises(FitsFileError, match="more than the file can hold"):
            Image.read_fits(str(path))


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    with pytest.raises(ParameterTypeError, match="An Image is needed, not ndarray"):
        ImageFormatter().write(np.zeros((2, 2)), path)
    with pytest.raises(ParameterValueError, match="choose None, 'lossless' or 'rice'"):
        some_image().write_fits(path, compression="zip")  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match="no pixels of type float16"):
        some_image("f2").write_fits(path)
    with pytest.raises(ParameterTypeError, match="cannot be compressed"):
        some_image("i8").write_fits(path, compression="rice")
    with pytest.raises(ParameterValueError, match="without pixels"):
        Image(Box()).write_fits(path)
    with pytest.raises(FitsFileError, match="cannot be written"):
        some_image().write_fits(str(tmp_path / "gone" / "a.fits"))


@pytest.mark.parametrize(
    ("name", "shape", "dtype", "xy0"),
    [
        ("sdss_demo/input/4192/40/corr/4/fpC-004192-r4-0300.fit.gz", (1489, 2048), "u2", (0, 0)),
        ("obs_test/input/raw/raw_v1_fg.fits.gz", (2000, 1026), "u2", (0, 0)),
        ("hsc_pixels/HSC-0908120-056-small.fits", (200, 200), "f4", (100, 100)),
        ("hsc_pixels/modelfit_calexp_101.fits", (101, 101), "f4", (1868, 2100)),
        ("hsc_pixels/act-img.fits", (250, 250), "f4", (690, 2090)),
        ("obs_lsst_imsim/raw/204595/R11/00204595-R11-S20-det042.fits", (2048, 544), "i4", (0, 0)),
        ("lsstcam_assembly/e2v_spot.fits.gz", (2048, 576), "i4", (0, 0)),
        ("raw_small/sep_image.fits", (256, 256), "f4", (0, 0)),
        ("raw_small/a8280271.fits", (520, 536), "u2", (0, 0)),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # astropy, of cards in real files
def test_real_image_is_what_astropy_reads(
    shared_data: Path, name: str, shape: tuple[int, int], dtype: str, xy0: tuple[int, int]
) -> None:
    path = str(shared_data / name)
    image = Image.read_fits(path)
    assert (image.array.shape, image.dtype, tuple(image.xy0)) == (shape, np.dtype(dtype), xy0)
    with fits.open(path, memmap=False) as file:
        index = next(i for i, hdu in enumerate(file) if getattr(hdu, "shape", None) == shape)
        # astropy scales integers in 32 bits and rounds twice: two units in the last place
        tolerance = 2 * np.finfo(np.float32).eps if "sep_image" in name else 0
        np.testing.assert_allclose(image.array, file[index].data, rtol=tolerance)
    assert read_bbox(path) == image.bbox
    box = Box(image.xy0 + Extent2I(20, 30), Extent2I(50, 60))
    assert Image.read_fits(path, bbox=box) == image[box]
