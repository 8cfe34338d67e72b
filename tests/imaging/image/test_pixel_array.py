"""What images and masks have in common: coordinates, views and assignment."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging import Box, Extent2I, Image, Point2I
from imaging.errors import BoxError, ParameterTypeError, ParameterValueError
from imaging.image.mask import Mask

KINDS = [Image, Mask]
PART = Box(Point2I(102, 201), Extent2I(3, 2))
LOCAL = Box(Point2I(2, 1), Extent2I(3, 2))


def made(kind: type[Image | Mask]) -> Image | Mask:
    return kind(np.arange(30, dtype=np.int32).reshape(5, 6), (100, 200))


@pytest.mark.parametrize("kind", KINDS)
def test_local_coordinates_are_asked_for(kind: type[Image | Mask]) -> None:
    whole = made(kind)
    assert whole[LOCAL, "local"] == whole[PART] == whole[PART, "parent"]
    assert whole[Point2I(2, 1), "local"] == whole[Point2I(102, 201)] == 8
    whole[LOCAL, "local"] = 0
    whole[Point2I(5, 4), "local"] = 77
    assert not whole[PART].array.any()
    assert whole.array[4, 5] == 77
    assert kind(whole, "local", bbox=LOCAL) == whole[PART]  # type: ignore[call-overload]
    with pytest.raises(ParameterValueError, match="'parent' or 'local'"):
        whole[LOCAL, "global"]
    with pytest.raises(BoxError, match=r"not in the image, which is 0:6,0:5"):
        whole[Point2I(6, 0), "local"]


@pytest.mark.parametrize("kind", KINDS)
def test_box_is_given_in_both_coordinates(kind: type[Image | Mask]) -> None:
    whole = made(kind)
    assert whole.get_bbox() == whole.bbox == Box(Point2I(100, 200), Extent2I(6, 5))
    assert whole.get_bbox("local") == Box(Point2I(0, 0), Extent2I(6, 5))
    whole.get_bbox().grow(3)
    assert whole.bbox.width == 6
    with pytest.raises(ParameterValueError, match="'parent' or 'local'"):
        whole.get_bbox("x")  # type: ignore[arg-type]
    assert kind(Box()).get_bbox("local") == Box()


@pytest.mark.parametrize("kind", KINDS)
def test_second_argument_may_be_box_or_depth(kind: type[Image | Mask]) -> None:
    whole = made(kind)
    assert np.shares_memory(kind(whole, PART).array, whole.array)  # type: ignore[call-overload]
    assert kind(whole, PART) == whole[PART]  # type: ignore[call-overload]
    assert not np.shares_memory(kind(whole, True).array, whole.array)  # type: ignore[call-overload]
    assert np.shares_memory(kind(whole, False).array, whole.array)  # type: ignore[call-overload]
    with pytest.raises(ParameterTypeError, match="set_origin"):
        kind(whole, (3, 4))  # type: ignore[call-overload]
    with pytest.raises(ParameterTypeError, match=r"coordinates \(x, y\)"):
        kind(np.zeros((2, 2), int), "local")  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", KINDS)
def test_fill_changes_only_the_view(kind: type[Image | Mask]) -> None:
    whole = kind(Box(Point2I(100, 200), Extent2I(6, 5)))
    whole[PART].fill(3)
    assert whole.array.sum() == 18
    assert (whole.array[1:3, 2:5] == 3).all()


@pytest.mark.parametrize("kind", KINDS)
def test_assign_takes_pixels_of_the_same_dimensions(kind: type[Image | Mask]) -> None:
    whole, zeros = made(kind), kind(np.zeros((2, 3), np.int32), (7, 8))
    whole.assign(zeros, PART)  # type: ignore[arg-type]
    assert not whole[PART].array.any()
    assert whole.array.any()
    with pytest.raises(BoxError, match=r"7:10,8:10 do not fit into 100:106,200:205"):
        whole.assign(zeros)  # type: ignore[arg-type]
    with pytest.raises(BoxError, match=r"7:10,8:10 do not fit into 100:106,200:205"):
        whole[whole.bbox] = zeros


def test_array_changed_in_place_is_the_image() -> None:
    image = made(Image)
    image.array += 1
    assert image.array[0, 0] == 1


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(0, 5), st.integers(0, 4))
def test_parent_coordinates_are_local_ones_and_the_origin(
    x0: int, y0: int, column: int, row: int
) -> None:
    image = Image(np.arange(30).reshape(5, 6), (x0, y0))
    expected = image.array[row, column]
    assert image[Point2I(x0 + column, y0 + row)] == expected
    assert image[Point2I(column, row), "local"] == expected
    box = Box(Point2I(x0 + column, y0 + row), image.bbox.max)
    assert image[box].array[0, 0] == expected
    assert image[box][Point2I(0, 0), "local"] == expected
