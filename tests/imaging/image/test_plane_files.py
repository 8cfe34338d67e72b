"""Masks and masked images in files."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from imaging import Box, Box2D, Extent2I, Image, Metadata, Point2I
from imaging.errors import BoxError, FitsFileError, HduNotFoundError, ParameterTypeError
from imaging.image.mask import Mask
from imaging.image.mask_planes import MaskPlanes
from imaging.image.masked_image import MaskedImage

if TYPE_CHECKING:
    from imaging.fits.tiles import Compression

DATA = Path(__file__).parents[4] / "shared" / "data" / "hsc_pixels"
PART = Box(Point2I(110, 205), Extent2I(30, 20))
OLD_PLANES = "BAD SAT INTRP CR EDGE DETECTED DETECTED_NEGATIVE"
COMPRESSIONS = [None, "lossless", "rice"]


def real(name: str) -> str:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there: it holds what the LSST stack wrote")
    return str(path)


@pytest.fixture
def masked() -> MaskedImage:
    rng = np.random.default_rng(5)
    shape = (70, 90)
    image = Image(
        rng.normal(100, 10, shape).astype(np.float32),
        (100, 200),
        Metadata({"OBJECT": "M31", "CRPIX1": 3.5, "CRPIX2": 1.0}),
    )
    mask = Mask(rng.integers(0, 512, shape), (100, 200))
    mask.add_plane("STREAK", "crossed by a satellite")
    variance = Image(rng.uniform(90, 110, shape).astype(np.float32), (100, 200))
    return MaskedImage(image, mask, variance)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_mask_is_read_as_written(
    masked: MaskedImage, compression: Compression | None, tmp_path: Path
) -> None:
    path = str(tmp_path / "mask.fits")
    mask = masked.mask
    mask.metadata["OBJECT"] = "M31"
    mask.write_fits(path, compression=compression)
    again = Mask.read_fits(path)
    assert again == mask
    assert again.metadata == mask.metadata
    assert again.planes.describe("STREAK") == "crossed by a satellite"
    assert Mask.read_fits(path, bbox=PART) == mask[PART]
    local = Box(Point2I(10, 5), PART.dimensions)
    assert Mask.read_fits(path, bbox=local, origin="local") == mask[PART]


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "u4", "i8"])
def test_masks_of_other_programs_are_read_whatever_their_integers(
    dtype: str, tmp_path: Path
) -> None:
    path = str(tmp_path / "mask.fits")
    array = np.array([[0, 1, 64], [2, 3, 127]], dtype)
    fits.PrimaryHDU(array).writeto(path)
    mask = Mask.read_fits(path)
    assert (mask.dtype, mask.array.tolist()) == (np.int32, array.tolist())
    assert mask.planes == MaskPlanes()


def test_highest_bit_of_16_is_no_sign(tmp_path: Path) -> None:
    path = str(tmp_path / "mask.fits")
    fits.PrimaryHDU(np.array([[-(2**15)]], np.int16)).writeto(path)
    assert Mask.read_fits(path).array[0, 0] == 2**15


def test_bits_without_a_name_are_kept_and_not_given_to_new_planes(tmp_path: Path) -> None:
    path = str(tmp_path / "mask.fits")
    hdu = fits.PrimaryHDU(np.array([[1, 2, 4]], np.int32))
    hdu.header["MP_A"] = 0
    hdu.writeto(path)
    mask = Mask.read_fits(path)
    assert mask.array.tolist() == [[1, 2, 4]]
    assert mask.interpret(3) == "A,bit 1"
    assert mask.add_plane("B") == 3


@pytest.mark.parametrize(
    ("array", "cards"),
    [
        (np.ones((2, 2)), {}),
        (np.full((2, 2), 2**40), {}),
        (np.ones((2, 2), np.int32), {"MP_BAD": "x"}),
        (np.ones((2, 2), np.int32), {"MP_BAD": 31}),
        (np.ones((2, 2), np.int32), {"MP_BAD": 1, "MP_SAT": 1}),
    ],
)
def test_damaged_mask_is_an_error_that_names_the_file(
    array: np.ndarray, cards: dict[str, object], tmp_path: Path
) -> None:
    path = str(tmp_path / "mask.fits")
    hdu = fits.PrimaryHDU(array)
    hdu.header.update(cards)
    hdu.writeto(path)
    with pytest.raises(FitsFileError, match=r"mask\.fits: it has no mask that can be read"):
        Mask.read_fits(path)


@pytest.mark.parametrize("compression", [None, "lossless"])
def test_masked_image_is_read_as_written(
    masked: MaskedImage, compression: Compression | None, tmp_path: Path
) -> None:
    path = str(tmp_path / "masked.fits")
    masked.write_fits(path, compression=compression)
    again = MaskedImage.read_fits(path)
    assert again == masked
    assert again.metadata == masked.metadata
    assert again.mask.planes.describe("STREAK") == "crossed by a satellite"
    assert all(array.dtype.isnative for array in again.arrays)
    part = MaskedImage.read_fits(path, bbox=PART)
    assert part == masked[PART]
    assert part.metadata == masked[PART].metadata
    local = Box(Point2I(10, 5), PART.dimensions)
    assert MaskedImage.read_fits(path, bbox=local, origin="local") == part


def test_rice_keeps_masks_exactly_and_a_sixteenth_of_the_noise(
    masked: MaskedImage, tmp_path: Path
) -> None:
    path = str(tmp_path / "masked.fits")
    masked.write_fits(path, compression="rice")
    again = MaskedImage.read_fits(path)
    assert again.mask == masked.mask
    # a step is the noise, 10, by 16; the noise is estimated from 64 x 256 pixels, to 5 %
    assert np.abs(again.image.array - masked.image.array).max() < 10 / 16 / 2 * 1.1


def test_other_programs_see_three_images(masked: MaskedImage, tmp_path: Path) -> None:
    path = str(tmp_path / "masked.fits")
    masked.write_fits(path)
    with fits.open(path) as hdus:
        hdus.verify("exception")
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "IMAGE", "MASK", "VARIANCE"]
        for hdu, array in zip(hdus[1:], masked.arrays, strict=True):
            np.testing.assert_array_equal(hdu.data, array)
            assert (hdu.header["CRVAL1A"], hdu.header["CRVAL2A"]) == (100, 200)
        assert hdus["MASK"].header["MP_STREAK"] == 9
        assert hdus["MASK"].header["MP_DETECTED_NEGATIVE"] == 6


def test_gzipped_masked_image_is_read(masked: MaskedImage, tmp_path: Path) -> None:
    path = tmp_path / "masked.fits"
    masked.write_fits(str(path))
    packed = tmp_path / "masked.fits.gz"
    packed.write_bytes(gzip.compress(path.read_bytes(), 1))
    assert MaskedImage.read_fits(str(packed), bbox=PART) == masked[PART]
    assert Mask.read_fits(str(packed)) == masked.mask


@pytest.mark.parametrize("name", ["IMAGE", "MASK", "VARIANCE"])
def test_missing_plane_is_named(masked: MaskedImage, name: str, tmp_path: Path) -> None:
    path = str(tmp_path / "masked.fits")
    masked.write_fits(path)
    with fits.open(path) as hdus:
        del hdus[name]
        hdus.writeto(path, overwrite=True)
    with pytest.raises(HduNotFoundError, match=f"no HDU called {name}. .*Image.read_fits"):
        MaskedImage.read_fits(path)


def test_planes_of_other_boxes_are_an_error(masked: MaskedImage, tmp_path: Path) -> None:
    path = str(tmp_path / "masked.fits")
    masked.write_fits(path)
    with fits.open(path) as hdus:
        hdus["VARIANCE"].data = hdus["VARIANCE"].data[:-1]
        hdus.writeto(path, overwrite=True)
    with pytest.raises(FitsFileError, match=r"HDU 3 \(VARIANCE\) is 100:190,200:269, not 100:190"):
        MaskedImage.read_fits(path)
    masked.write_fits(path)
    fits.setval(path, "CRVAL1A", value=101, ext=2)
    with pytest.raises(FitsFileError, match=r"HDU 2 \(MASK\) is 101:191"):
        MaskedImage.read_fits(path)


def test_origin_that_only_the_image_has_counts_for_all(masked: MaskedImage, tmp_path: Path) -> None:
    path = str(tmp_path / "masked.fits")
    masked.write_fits(path)
    with fits.open(path) as hdus:
        for name in ("MASK", "VARIANCE"):
            for card in ("CRVAL1A", "CRVAL2A"):
                del hdus[name].header[card]
        hdus.writeto(path, overwrite=True)
    assert MaskedImage.read_fits(path, bbox=PART).mask.array.tolist() == (
        masked[PART].mask.array.tolist()
    )


def test_cut_file_is_an_error(masked: MaskedImage, tmp_path: Path) -> None:
    path = tmp_path / "masked.fits"
    masked.write_fits(str(path))
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(FitsFileError, match=r"masked\.fits"):
        MaskedImage.read_fits(str(path))


def test_box_outside_of_the_file_is_an_error(masked: MaskedImage, tmp_path: Path) -> None:
    path = str(tmp_path / "masked.fits")
    masked.write_fits(path)
    with pytest.raises(BoxError, match="100:190,200:270 in parent"):
        MaskedImage.read_fits(path, bbox=Box(Point2I(0, 0), Extent2I(3, 3)))


def test_file_that_cannot_be_written_is_an_error(masked: MaskedImage, tmp_path: Path) -> None:
    path = str(tmp_path / "nowhere" / "masked.fits")
    with pytest.raises(FitsFileError, match="cannot be written"):
        masked.write_fits(path)
    with pytest.raises(FitsFileError, match="cannot be written"):
        masked.mask.write_fits(path)


def test_variance_of_integers_becomes_floating_point(masked: MaskedImage, tmp_path: Path) -> None:
    path = str(tmp_path / "masked.fits")
    masked.write_fits(path)
    with fits.open(path) as hdus:
        hdus["VARIANCE"].data = hdus["VARIANCE"].data.astype(np.int16)
        hdus.writeto(path, overwrite=True)
    assert MaskedImage.read_fits(path).variance.dtype == np.float32


@pytest.mark.filterwarnings("ignore:Invalid 'BLANK'")  # astropy about floating-point pixels
@pytest.mark.parametrize(
    ("name", "planes", "corner"),
    [
        (
            "HSC-0908120-056-small.fits",
            f"{OLD_PLANES} SUSPECT CROSSTALK NO_DATA UNMASKEDNAN",
            (100, 100),
        ),
        (
            "modelfit_calexp_101.fits",
            f"{OLD_PLANES} SUSPECT",
            (1868, 2100),
        ),
        (
            "act-img.fits",
            f"{OLD_PLANES} UNMASKEDNAN",
            (690, 2090),
        ),
    ],
)
def test_files_of_the_lsst_stack_are_read(
    name: str, planes: str, corner: tuple[int, int], tmp_path: Path
) -> None:
    path = real(name)
    masked = MaskedImage.read_fits(path)
    assert list(masked.mask.planes) == planes.split()
    assert masked.xy0 == Point2I(*corner)
    with fits.open(path) as hdus:
        for hdu, array in zip(hdus[1:4], masked.arrays, strict=True):
            np.testing.assert_array_equal(hdu.data, array)
    assert Mask.read_fits(path) == masked.mask
    box = masked.bbox.grown(-30)
    assert MaskedImage.read_fits(path, bbox=box) == masked[box]
    copied = str(tmp_path / "copy.fits")
    masked.write_fits(copied, compression="lossless")
    again = MaskedImage.read_fits(copied)
    assert again == masked
    assert again.metadata == masked.metadata


@pytest.mark.parametrize("part", ["image", "mask", "variance"])
def test_planes_with_another_origin_than_the_others_are_not_written(
    part: str, masked: MaskedImage, tmp_path: Path
) -> None:
    getattr(masked, part).set_origin((2**40, 0))
    path = tmp_path / "a.fits"
    with pytest.raises(BoxError, match=str(2**40)):
        masked.write_fits(str(path))
    assert not path.exists()


@pytest.mark.parametrize("bbox", [(1, 2, 3, 4), Box2D(PART), "0:3,0:4"])
def test_parts_are_boxes_of_whole_pixels(bbox: object, masked: MaskedImage, tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    masked.write_fits(path)
    for kind in (Image, Mask, MaskedImage):
        with pytest.raises(ParameterTypeError, match="give a Box"):
            kind.read_fits(path, bbox=bbox)  # type: ignore[arg-type]
