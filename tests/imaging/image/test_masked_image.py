"""Masked images in memory."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from imaging import Box, Extent2I, Image, Metadata, Point2I
from imaging.errors import BoxError, ParameterTypeError, ParameterValueError
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage
from imaging.image.pixel_types import (
    ImageD,
    ImageF,
    ImageI,
    ImageL,
    ImageU,
    MaskedImageD,
    MaskedImageF,
    MaskedImageI,
    MaskX,
)

WHOLE = Box(Point2I(100, 200), Extent2I(6, 5))
PART = Box(Point2I(102, 201), Extent2I(3, 2))
LOCAL = Box(Point2I(2, 1), Extent2I(3, 2))


@pytest.fixture
def masked() -> MaskedImage:
    image = Image(np.arange(30, dtype=np.float32).reshape(5, 6), (100, 200))
    return MaskedImage(image, Mask(WHOLE), Image(image, deep=True))


def test_masked_image_of_a_box_is_zero() -> None:
    masked = MaskedImage(WHOLE)
    assert (masked.bbox, masked.dtype, masked.variance.dtype) == (WHOLE, np.float32, np.float32)
    assert not any(array.any() for array in masked.arrays)
    other = MaskedImage(WHOLE, dtype=np.int32, planes=["A"])
    assert (other.dtype, dict(other.mask.planes)) == (np.int32, {"A": 0})


def test_planes_are_not_copied_and_zero_if_not_given() -> None:
    image, mask = Image(WHOLE), Mask(WHOLE)
    masked = MaskedImage(image, mask)
    assert masked.image is image
    assert masked.mask is mask
    assert not masked.variance.array.any()


def test_planes_of_other_boxes_or_kinds_are_refused() -> None:
    image, mask, variance = Image(WHOLE), Mask(WHOLE), Image(WHOLE)
    with pytest.raises(BoxError, match=r"100:106,200:205, the other 102:105,201:203"):
        MaskedImage(image, mask[PART], variance)
    with pytest.raises(BoxError, match="not of the same pixels"):
        MaskedImage(image, mask, variance[PART])
    with pytest.raises(ParameterTypeError, match="is a Mask"):
        MaskedImage(image, image)  # type: ignore[call-overload]
    with pytest.raises(ParameterTypeError, match="floating-point Image"):
        MaskedImage(image, mask, Image(WHOLE, dtype=np.int32))
    with pytest.raises(ParameterTypeError, match="an Image, a Box or a MaskedImage"):
        MaskedImage(np.zeros((2, 2)))  # type: ignore[call-overload]
    with pytest.raises(ParameterTypeError, match="has its mask"):
        MaskedImage(MaskedImage(image), mask)  # type: ignore[call-overload]


def test_part_is_a_view_of_all_three(masked: MaskedImage) -> None:
    part = masked[PART]
    assert part.bbox == part.mask.bbox == part.variance.bbox == PART
    part.fill(-1, 4, 9)
    for array, value in zip(masked.arrays, (-1, 4, 9), strict=True):
        assert (array[1:3, 2:5] == value).all()
        assert (array == value).sum() <= 7
    assert masked[LOCAL, "local"] == masked.subset(LOCAL, "local") == part
    assert masked[Point2I(102, 201)] == masked[Point2I(2, 1), "local"] == (-1, 4, 9)
    part.mask.add_plane("NEW")
    assert "NEW" in masked.mask.planes
    with pytest.raises(BoxError, match="not inside"):
        masked[Box(Point2I(0, 0), Extent2I(1, 1))]


def test_constructors_of_the_lsst_stack(masked: MaskedImage) -> None:
    view = MaskedImage(masked, bbox=PART, dtype=masked.dtype, deep=False)
    assert all(map(np.shares_memory, view.arrays, masked.arrays))
    assert MaskedImage(masked, PART) == MaskedImage(masked, bbox=LOCAL, origin="local") == view
    for deep in (
        MaskedImage(masked, True),
        MaskedImage(masked, deep=True, dtype=np.float64),
        masked.copy(),
    ):
        assert not any(map(np.shares_memory, deep.arrays, masked.arrays))
    assert MaskedImage(masked, deep=True, dtype=np.float64).dtype == np.float64
    with pytest.raises(ParameterValueError, match="deep=True"):
        MaskedImage(masked, dtype=np.float64)


def test_copies_have_planes_of_their_own(masked: MaskedImage) -> None:
    other = masked.copy()
    other.mask.add_plane("NEW")
    other.metadata["OBJECT"] = "M31"
    assert "NEW" not in masked.mask.planes
    assert "OBJECT" not in masked.metadata


def test_assigned_images_replace_pixels(masked: MaskedImage) -> None:
    array = masked.image.array
    masked.image = Image(np.ones((5, 6)), (100, 200))
    masked.variance = Image(np.full((5, 6), 2.0), (100, 200))
    masked.mask = Mask(np.full((5, 6), 1), (100, 200), planes=["SAT"])
    assert (array == 1).all()
    assert [plane.array[0, 0] for plane in (masked.image, masked.mask, masked.variance)] == [
        1,
        2,
        2,
    ]
    masked.image -= 1
    masked.mask |= 1
    masked.variance *= 2
    assert masked.image.array is array
    assert masked[Point2I(100, 200)] == (0, 3, 4)
    for name, plane in (("image", Image(PART)), ("mask", Mask(PART)), ("variance", Image(PART))):
        with pytest.raises(BoxError, match="not of the same pixels"):
            setattr(masked, name, plane)


def test_parts_are_assigned(masked: MaskedImage) -> None:
    other = MaskedImage(Image(np.full((2, 3), 7.0), (102, 201)), Mask(PART, planes=["NEW"]))
    other.mask.set_plane("NEW")
    masked[PART] = other
    assert masked[Point2I(102, 201)] == (7, 512, 0)
    masked[LOCAL, "local"] = other.image
    assert masked[Point2I(102, 201)] == (7, 0, 0)
    masked[PART] = 3.5
    assert masked[Point2I(104, 202)] == (3.5, 0, 0)
    masked.assign(other, LOCAL, "local")
    assert masked[Point2I(104, 202)] == (7, 512, 0)
    before = masked.copy()
    with pytest.raises(BoxError, match="do not fit"):
        masked.assign(other)
    assert masked == before


def test_origin_of_all_three_is_moved(masked: MaskedImage) -> None:
    masked.set_origin(Point2I(1, 2))
    assert masked.xy0 == masked.mask.xy0 == masked.variance.xy0 == Point2I(1, 2)
    assert (masked.x0, masked.y0, masked.width, masked.height) == (1, 2, 6, 5)
    assert masked.dimensions == Extent2I(6, 5)
    assert masked.get_bbox("local") == Box(Point2I(0, 0), Extent2I(6, 5))
    masked.get_bbox().grow(1)
    assert masked.bbox == Box(Point2I(1, 2), Extent2I(6, 5))


def test_masked_images_are_equal_by_all_three(masked: MaskedImage) -> None:
    assert masked == masked.copy()
    for plane in ("image", "mask", "variance"):
        other = masked.copy()
        getattr(other, plane).array[0, 0] += 1
        assert other != masked
    assert pickle.loads(pickle.dumps(masked)) == masked
    with pytest.raises(TypeError, match="unhashable"):
        hash(masked)


def test_masked_image_says_what_it_is(masked: MaskedImage) -> None:
    assert repr(masked) == "<MaskedImage: 6 x 5 pixels, float32, box 100:106,200:205>"
    assert masked._repr_html_().startswith("<b>MaskedImage</b> of 6 &times; 5 pixels")
    assert "SAT=1" in masked._repr_html_()


def test_metadata_are_those_of_the_image(masked: MaskedImage) -> None:
    masked.metadata = Metadata({"OBJECT": "M31"})
    assert masked.image.metadata["OBJECT"] == "M31"


def test_similar_ones_have_the_same_type_and_planes() -> None:
    masked = MaskedImage(WHOLE, dtype=np.float64, planes=["A"])
    assert masked.make_similar(PART) == masked[PART]
    assert np.shares_memory(masked.make_similar(masked, PART).image.array, masked.image.array)
    image = Image(WHOLE, dtype=np.int32)
    assert image.make_similar(PART) == image[PART]
    assert not np.shares_memory(image.make_similar(image, deep=True).array, image.array)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        (ImageF, np.float32),
        (ImageD, np.float64),
        (ImageI, np.int32),
        (ImageL, np.int64),
        (ImageU, np.uint16),
        (MaskedImageF, np.float32),
        (MaskedImageD, np.float64),
        (MaskedImageI, np.int32),
        (MaskX, np.int32),
    ],
)
def test_names_with_letters_make_images_of_a_type(name: object, dtype: type) -> None:
    made = name(PART)  # type: ignore[operator]
    assert (made.dtype, made.bbox) == (dtype, PART)
    assert name(made, deep=True) == made  # type: ignore[operator]


def test_notebook_shows_a_small_picture_of_the_image() -> None:
    pytest.importorskip("PIL")
    html = MaskedImage(Image(np.arange(30.0).reshape(5, 6)))._repr_html_()
    assert html.index("SAT=1") < html.index("<img")
