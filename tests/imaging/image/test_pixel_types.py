"""``ImageF`` and its like take the arguments of the LSST stack and make plain objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Box, Extent2I, Image, Mask, MaskedImage, Metadata, Point2I
from imaging.errors import MaskPlaneError, ParameterTypeError, ParameterValueError
from imaging.image.gen2_names import ImageOrigin
from imaging.image.pixel_types import (
    ImageD,
    ImageF,
    ImageI,
    ImageL,
    ImageU,
    MaskedImageD,
    MaskedImageF,
    MaskedImageI,
    MaskedImageL,
    MaskedImageU,
    MaskX,
    make_image,
    make_mask,
    make_masked_image,
)

if TYPE_CHECKING:
    from pathlib import Path

BOX = Box(Point2I(100, 200), Extent2I(6, 5))
LOCAL = Box(Point2I(1, 2), Extent2I(3, 2))
PART = Box(Point2I(101, 202), Extent2I(3, 2))
TYPES = {
    ImageD: np.float64,
    ImageF: np.float32,
    ImageI: np.int32,
    ImageL: np.int64,
    ImageU: np.uint16,
    MaskedImageD: np.float64,
    MaskedImageF: np.float32,
    MaskedImageI: np.int32,
    MaskedImageL: np.int64,
    MaskedImageU: np.uint16,
    MaskX: np.int32,
}


def pixels_of(made: Image | Mask | MaskedImage) -> np.ndarray:
    return made.image.array if isinstance(made, MaskedImage) else made.array


@pytest.mark.parametrize(("name", "dtype"), TYPES.items())
def test_sizes_make_zeros_of_the_type(name: type, dtype: type) -> None:
    at_zero = Box(Point2I(0, 0), Extent2I(6, 5))
    for made, box in [
        (name(6, 5), at_zero),
        (name(np.int64(6), 5), at_zero),
        (name(width=6, height=5), at_zero),
        (name(Extent2I(6, 5)), at_zero),
        (name(dimensions=Extent2I(6, 5)), at_zero),
        (name(BOX), BOX),
        (name(bbox=BOX), BOX),
    ]:
        assert (made.bbox, made.dtype) == (box, dtype)
        assert not pixels_of(made).any()
        assert type(made) is name.plain


@pytest.mark.parametrize("name", [ImageD, ImageI, MaskX])
def test_a_size_may_have_a_value(name: type) -> None:
    for made in (name(6, 5, 3), name(Extent2I(6, 5), 3), name(BOX, 3), name(BOX, initialValue=3)):
        assert made.array.tolist() == [[3] * 6] * 5


@pytest.mark.parametrize(("name", "dtype"), TYPES.items())
def test_objects_make_views_and_copies(name: type, dtype: type) -> None:
    whole = name(BOX)
    views = [name(whole), name(whole, False), name(whole, BOX), name(whole, deep=False)]
    parts = [
        name(whole, PART),
        name(whole, LOCAL, "local"),
        name(whole, PART, "parent", False),
        name(whole, bbox=LOCAL, origin="local"),
        whole.Factory(whole, PART),
        whole.Factory(whole, LOCAL, ImageOrigin.LOCAL),
    ]
    copies = [name(whole, True), name(whole, deep=True), whole.Factory(whole, True)]
    small = [name(whole, PART, "parent", True), whole.Factory(whole, LOCAL, "local", True)]
    pixels_of(whole)[2, 1] = 7
    assert [made.bbox for made in views] == [BOX] * 4
    assert [made.bbox for made in parts] == [PART] * 6
    assert [pixels_of(made)[2, 1] for made in views] == [7] * 4
    assert [pixels_of(made)[0, 0] for made in parts] == [7] * 6
    assert not any(pixels_of(made).any() for made in copies + small)
    assert {made.dtype for made in views + parts + copies + small} == {np.dtype(dtype)}


@pytest.mark.parametrize("name", [ImageD, ImageI, MaskX, MaskedImageF, MaskedImageI])
def test_files_are_read_whole_or_in_part(name: type, tmp_path: Path) -> None:
    path = tmp_path / "pixels.fits"
    whole = name(BOX)
    pixels_of(whole)[2, 1] = 7
    whole.writeFits(str(path))
    assert name(str(path)) == name(path) == name.readFits(str(path)) == whole
    assert name(str(path), PART) == name(str(path), LOCAL, "local") == whole[PART]
    assert name(str(path), bbox=PART) == whole.Factory(str(path), PART) == whole[PART]
    assert name(str(path), Box()) == whole


def test_pixels_of_a_file_become_those_of_the_name(tmp_path: Path) -> None:
    path = str(tmp_path / "pixels.fits")
    half = MaskedImageD(BOX)
    half.image.fill(0.5)
    half.write_fits(path)
    assert ImageF(path, 1).dtype == ImageF.readFits(path, hdu=1).dtype == np.float32
    assert MaskedImageF.readFits(path).dtype == MaskedImageF(path).dtype == np.float32
    assert type(ImageF(path, 1)) is Image
    with pytest.raises(ParameterTypeError, match="fractions"):
        ImageI(path, 1)
    ImageI(BOX, 70000).write_fits(path)
    with pytest.raises(ParameterValueError, match="70000"):
        ImageU(path)


def test_arrays_are_taken_as_in_the_plain_class() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert np.shares_memory(ImageF(array).array, array)
    assert not np.shares_memory(ImageF(array, True).array, array)
    assert ImageF(array, False, Point2I(3, 4)).xy0 == ImageF(array, (3, 4)).xy0 == Point2I(3, 4)
    assert ImageF(array, xy0=Point2I(3, 4)).xy0 == Point2I(3, 4)
    assert ImageF(array, metadata=Metadata({"A": 1})).metadata["A"] == 1
    assert ImageD(array).dtype == np.float64
    assert MaskX(array.astype(np.int32), planes=["A"]).planes == {"A": 0}
    masked = MaskedImageF(Image(array), Mask(array.astype(np.int32)), Image(array))
    assert masked.variance.array is not None
    assert masked.mask.array.sum() == 15
    assert MaskedImageF(Image(array)).dtype == np.float32


def test_isinstance_asks_for_the_pixels() -> None:
    image, mask, masked = Image(BOX, dtype=np.float32), Mask(BOX), MaskedImage(BOX)
    assert isinstance(image, ImageF)
    assert not isinstance(image, ImageD)
    assert not isinstance(mask, ImageI)
    assert isinstance(mask, MaskX)
    assert isinstance(masked, MaskedImageF)
    assert not isinstance(masked, ImageF | MaskedImageD | MaskX)
    assert issubclass(ImageF, Image)
    assert type(ImageF(BOX) + 1) is type(ImageF(BOX)[PART]) is Image
    assert isinstance(ImageF(BOX) + ImageD(BOX), ImageD)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        (ImageF, ()),
        (ImageF, (3,)),
        (ImageF, (3, 4, "x")),
        (ImageF, (3, 4, 5, 6)),
        (ImageF, (True, 4)),
        (ImageF, (BOX, BOX)),
        (ImageF, (ImageF(BOX), True, PART)),
        (ImageF, (ImageF(BOX), 3)),
        (ImageF, ("x.fits", True, 3)),
        (MaskX, (BOX, 1.5, 2)),
        (MaskX, (ImageF(BOX),)),
        (MaskedImageF, ()),
        (MaskedImageF, (BOX, 3.0)),
        (MaskedImageF, (ImageF(BOX), ImageF(BOX))),
        (MaskedImageF, (MaskedImageF(BOX), ImageF(BOX))),
    ],
)
def test_what_is_no_form_of_the_name_is_refused(name: type, arguments: tuple[object, ...]) -> None:
    with pytest.raises((ParameterTypeError, ParameterValueError)):
        name(*arguments)


def test_wrong_keywords_are_named() -> None:
    with pytest.raises(ParameterTypeError, match="ImageF: colour=3 cannot be understood"):
        ImageF(BOX, colour=3)
    with pytest.raises(ParameterTypeError, match="deep=3 is no bool"):
        ImageF(ImageF(BOX), deep=3)


def test_a_view_of_another_type_needs_a_copy() -> None:
    with pytest.raises(ParameterValueError, match="deep=True"):
        ImageF(ImageD(BOX))
    assert ImageF(ImageD(BOX), True).dtype == np.float32
    assert MaskedImageD(MaskedImageF(BOX), deep=True).dtype == np.float64


def test_pixels_are_converted() -> None:
    image = ImageD(BOX, 2.5)
    image.metadata["A"] = 1
    for made, name in [(image.convertF(), ImageF), (ImageF(BOX, 2.5).convertD(), ImageD)]:
        assert isinstance(made, name)
        assert (made.array == 2.5).all()
    assert image.convertF().metadata == image.metadata
    assert isinstance(ImageU(BOX, 3).convertI(), ImageI)
    assert isinstance(ImageI(BOX, 3).convertU(), ImageU)
    assert isinstance(MaskedImageD(BOX).convertF(), MaskedImageF)
    with pytest.raises(ParameterTypeError, match="fractions"):
        image.convertI()


def test_class_of_masks_knows_the_standard_planes() -> None:
    assert MaskX.getPlaneBitMask("SAT") == 2
    assert MaskX.getPlaneBitMask(["SAT", "CR"]) == 10
    assert MaskX.getMaskPlane("DETECTED") == MaskX.addMaskPlane("DETECTED") == 5
    assert MaskX.getMaskPlaneDict() == dict(Mask(BOX).planes)
    assert MaskX.interpret(6) == "INTRP,SAT"
    with pytest.raises(MaskPlaneError, match="planes belong to a mask"):
        MaskX.addMaskPlane("CROSSTALK")
    with pytest.raises(MaskPlaneError, match="CROSSTALK"):
        MaskX.getPlaneBitMask("CROSSTALK")


def test_parts_are_put_together() -> None:
    array = np.ones((2, 3), np.float32)
    assert make_image(array, (1, 2)).xy0 == make_mask(array.astype(int), (1, 2)).xy0
    masked = make_masked_image(array, array.astype(np.int32), array)
    assert masked.arrays[1].sum() == 6
    assert np.shares_memory(masked.arrays[2], array)
    image = Image(array, (1, 2))
    assert make_masked_image(image, None, 4 * array).variance.xy0 == Point2I(1, 2)
    assert make_masked_image(image).image is image
