"""Images in memory."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging import Box, Extent2I, Image, Metadata, Point2I
from imaging.errors import BoxError, ParameterTypeError, ParameterValueError


@pytest.fixture
def image() -> Image:
    array = np.arange(30, dtype=np.int32).reshape(5, 6)
    return Image(array, (100, 200), Metadata({"CRPIX1": 3.5, "CRPIX2": 1.0, "OBJECT": "M31"}))


PART = Box(Point2I(102, 201), Extent2I(3, 2))


def test_part_is_a_view_in_parent_coordinates(image: Image) -> None:
    part = image[PART]
    assert part.bbox == PART
    assert np.shares_memory(part.array, image.array)
    part.array[0, 0] = -1
    assert image.array[1, 2] == -1
    assert image[Point2I(102, 201)] == -1


@st.composite
def boxes_inside(draw: st.DrawFn, outer: Box) -> Box:
    x = draw(st.integers(outer.min_x, outer.max_x))
    y = draw(st.integers(outer.min_y, outer.max_y))
    width = draw(st.integers(1, outer.end_x - x))
    return Box(Point2I(x, y), Extent2I(width, draw(st.integers(1, outer.end_y - y))))


@given(st.data())
def test_part_of_a_part_is_a_part(data: st.DataObject) -> None:
    whole = Image(np.arange(80).reshape(8, 10), (-3, 7))
    outer = data.draw(boxes_inside(whole.bbox))
    inner = data.draw(boxes_inside(outer))
    assert whole[outer][inner] == whole[inner]
    assert whole[inner].array[0, 0] == (inner.min_y - 7) * 10 + inner.min_x + 3


def test_local_box_counts_from_the_first_pixel(image: Image) -> None:
    local = Box(Point2I(2, 1), Extent2I(3, 2))
    assert image.subset(local, origin="local") == image[PART]


def test_part_outside_is_an_error_that_names_both_boxes(image: Image) -> None:
    with pytest.raises(BoxError, match=r"0:3,0:2 is not inside .*100:106,200:205"):
        image[Box(Point2I(0, 0), Extent2I(3, 2))]
    with pytest.raises(BoxError, match="not inside"):
        image[Box()]
    with pytest.raises(BoxError, match="not in the image"):
        image[Point2I(0, 0)]


def test_metadata_of_a_part_keep_the_sky_in_place(image: Image) -> None:
    part = image[PART]
    assert part.metadata.to_dict() == {"CRPIX1": 1.5, "CRPIX2": 0.0, "OBJECT": "M31"}
    part.metadata["OBJECT"] = "M33"
    assert image.metadata["OBJECT"] == "M31"


def test_assignment_to_a_part_changes_the_image(image: Image) -> None:
    image[PART] = 7
    assert (image.array[1:3, 2:5] == 7).all()
    image[PART] = Image(PART, dtype=np.int32)
    assert image.array[1:3, 2:5].sum() == 0
    image[Point2I(100, 200)] = 99
    assert image.array[0, 0] == 99


def test_image_of_an_array_shares_its_memory_and_has_a_box() -> None:
    array = np.zeros((2, 3), np.float32)
    image = Image(array, (5, 6))
    assert image.array is array
    assert image.bbox == Box(Point2I(5, 6), Extent2I(3, 2))
    image.bbox.grow(1)
    assert image.dimensions == Extent2I(3, 2)


def test_image_of_a_box_is_zero() -> None:
    image = Image(PART, dtype=np.float64)
    assert (image.bbox, image.dtype) == (PART, np.float64)
    assert not image.array.any()


def test_tutorial_constructors(image: Image) -> None:
    view = Image(image, bbox=PART, dtype=image.dtype, deep=False)
    assert np.shares_memory(view.array, image.array)
    copied = Image(image, bbox=PART, deep=True, dtype=np.float32)
    assert (copied.bbox, copied.dtype) == (PART, np.float32)
    assert not np.shares_memory(copied.array, image.array)
    with pytest.raises(ParameterValueError, match="deep=True"):
        Image(image, dtype=np.float32)


def test_copy_shares_nothing(image: Image) -> None:
    other = image.copy()
    other.array[0, 0] = 77
    other.metadata["OBJECT"] = "x"
    assert (image.array[0, 0], image.metadata["OBJECT"]) == (0, "M31")


def test_images_are_equal_by_box_type_and_pixels(image: Image) -> None:
    assert image == image.copy()
    assert image != Image(image.array, (0, 0))
    assert image != Image(image, dtype=np.int64, deep=True)
    other = image.copy()
    other.array[0, 0] += 1
    assert image != other
    assert Image(np.full((1, 1), np.nan)) == Image(np.full((1, 1), np.nan))


def test_pixels_are_numbers_in_two_dimensions() -> None:
    with pytest.raises(ParameterValueError, match="two dimensions"):
        Image(np.zeros(3))
    with pytest.raises(ParameterTypeError, match="not bool"):
        Image(np.zeros((2, 2), bool))


def test_index_of_rows_and_columns_is_refused(image: Image) -> None:
    with pytest.raises(ParameterTypeError, match=r"image\.array"):
        image[np.array([1, 2])]  # type: ignore[call-overload]


def test_image_pickle(image: Image) -> None:
    again = pickle.loads(pickle.dumps(image))
    assert again == image
    assert again.metadata == image.metadata


def test_image_says_what_it_is(image: Image) -> None:
    assert repr(image) == "<Image: 6 x 5 pixels, int32, box 100:106,200:205>"
    assert "6 &times; 5 pixels" in image._repr_html_()


def test_notebook_shows_a_small_picture() -> None:
    pytest.importorskip("PIL")
    html = Image(np.arange(30.0).reshape(5, 6))._repr_html_()
    assert html.startswith("<b>Image</b> of 6 &times; 5 pixels")
    assert html.count('src="data:image/png;base64,') == 1
    assert "<img" not in Image(np.zeros((0, 4)))._repr_html_()
