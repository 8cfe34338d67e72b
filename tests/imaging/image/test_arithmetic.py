"""Arithmetic of images: the numbers of NumPy, with clear types and errors."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy import units
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from imaging import Box, Extent2I, Image, Metadata, Point2I
from imaging.errors import BoxError, ParameterTypeError, ParameterValueError
from imaging.image.arithmetic import row_blocks
from imaging.image.mask import Mask

if TYPE_CHECKING:
    from numpy.typing import NDArray

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv]
IN_PLACE = [operator.iadd, operator.isub, operator.imul, operator.itruediv]
Operation = Callable[[object, object], object]

# float32 has 24 bits: one rounding of the result and none of the operands
ONE_ROUNDING = 2.0**-23

real = st.floats(-1e6, 1e6, width=32).filter(lambda x: x == 0 or abs(x) > 1e-3)
nonzero = real.filter(bool)


def arrays(elements: st.SearchStrategy[float]) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float32, (3, 4), elements=elements)


@pytest.mark.parametrize("operation", OPERATORS)
@settings(max_examples=30)
@given(left=arrays(real), right=arrays(nonzero))
def test_images_are_combined_as_their_pixels_are(
    operation: Operation, left: np.ndarray, right: np.ndarray
) -> None:
    result = operation(Image(left, (5, 6)), Image(right, (5, 6)))
    assert isinstance(result, Image)
    assert (result.dtype, result.bbox) == (np.float32, Image(left, (5, 6)).bbox)
    exact = operation(left.astype(float), right.astype(float))
    # the difference of nearly equal pixels is exact in float32 too
    np.testing.assert_allclose(result.array, exact, rtol=ONE_ROUNDING, atol=0)


@pytest.mark.parametrize("operation", OPERATORS)
@settings(max_examples=30)
@given(left=arrays(nonzero), number=nonzero)
def test_numbers_stand_on_either_side(
    operation: Operation, left: np.ndarray, number: float
) -> None:
    image = Image(left)
    for one in (number, np.float64(number), np.array(number)):
        after, before = operation(image, one), operation(one, image)
        assert isinstance(after, Image)
        assert isinstance(before, Image)
        assert after.dtype == before.dtype == np.float32
        wide = left.astype(float)
        np.testing.assert_allclose(after.array, operation(wide, number), rtol=ONE_ROUNDING)
        np.testing.assert_allclose(before.array, operation(number, wide), rtol=ONE_ROUNDING)


@pytest.mark.parametrize("operation", OPERATORS)
@settings(max_examples=30)
@given(left=arrays(nonzero), right=arrays(nonzero))
def test_arrays_stand_on_either_side(
    operation: Operation, left: np.ndarray, right: np.ndarray
) -> None:
    image = Image(left, (1, 2))
    assert operation(image, right) == Image(operation(left, right), (1, 2))
    assert operation(right, image) == Image(operation(right, left), (1, 2))


@pytest.mark.parametrize(("operation", "in_place"), list(zip(OPERATORS, IN_PLACE, strict=True)))
@settings(max_examples=30)
@given(left=arrays(real), right=arrays(nonzero))
def test_in_place_changes_the_pixels_and_only_them(
    operation: Operation, in_place: Operation, left: np.ndarray, right: np.ndarray
) -> None:
    whole = Image(left.copy(), (5, 6))
    part = whole[Box(Point2I(6, 7), Extent2I(2, 2))]
    expected = left.copy()
    expected[1:3, 1:3] = operation(left[1:3, 1:3], right[1:3, 1:3])
    result = in_place(part, Image(right, (5, 6))[part.bbox])
    assert result is part
    np.testing.assert_array_equal(whole.array, expected)


@settings(max_examples=30)
@given(left=arrays(real), right=arrays(real), factor=real)
def test_scaled_plus_adds_a_multiple(left: np.ndarray, right: np.ndarray, factor: float) -> None:
    image = Image(left.copy())
    image.scaled_plus(factor, Image(right))
    exact = left.astype(float) + factor * right.astype(float)
    size = np.abs(left.astype(float)) + np.abs(factor * right.astype(float))
    # two roundings, each of half a unit of the larger term
    assert (np.abs(image.array - exact) <= ONE_ROUNDING * size).all()
    other = Image(left.copy())
    other.scaled_minus(-factor, right)
    assert other == image


def test_scaled_plus_of_a_shifted_view_of_itself_uses_the_old_pixels() -> None:
    array = np.arange(40_000, dtype=np.float32).reshape(20_000, 2)
    lower, upper = Image(array[:-1]), Image(array[1:])
    expected = array[1:] + 2 * array[:-1]
    upper.scaled_plus(2.0, lower)
    np.testing.assert_array_equal(upper.array, expected)


def test_boxes_must_be_equal_and_are_named() -> None:
    left, right = Image(np.ones((2, 3)), (10, 20)), Image(np.ones((2, 3)), (11, 20))
    with pytest.raises(BoxError, match=r"10:13,20:22.*11:14,20:22.*set_origin"):
        left + right
    with pytest.raises(BoxError, match="not of the same pixels"):
        left -= right
    with pytest.raises(BoxError, match="not of the same pixels"):
        left.scaled_plus(2, right)
    assert (left.array == 1).all()


def test_array_of_another_shape_is_refused_and_named() -> None:
    with pytest.raises(BoxError, match=r"shape \(3, 2\).*shape \(2, 3\)"):
        Image(np.ones((2, 3))) * np.ones((3, 2))
    with pytest.raises(BoxError, match=r"shape \(4, 2, 3\)"):
        Image(np.ones((2, 3))) * np.ones((4, 2, 3))


def test_a_row_or_column_of_numbers_is_used_for_all() -> None:
    image = Image(np.ones((2, 3), np.float32))
    image -= np.array([[1.0], [2.0]])
    np.testing.assert_array_equal(image.array, [[0, 0, 0], [-1, -1, -1]])


@pytest.mark.parametrize("other", ["1", None, Mask(np.ones((2, 2), int)), [1, 2]])
def test_other_things_are_no_operands(other: object) -> None:
    image = Image(np.ones((2, 2)))
    with pytest.raises(TypeError, match="unsupported operand"):
        image + other
    with pytest.raises(ParameterTypeError, match="combined with"):
        image /= other
    with pytest.raises(ParameterTypeError, match="combined with"):
        image.scaled_plus(2, other)


def test_complex_numbers_are_no_pixels() -> None:
    with pytest.raises(ParameterTypeError, match="complex"):
        Image(np.ones((2, 2))) * np.ones((2, 2), complex)


@pytest.mark.parametrize(
    ("dtype", "other", "added", "divided"),
    [
        (np.uint16, 1, np.int32, np.float32),
        (np.int16, np.uint16(3), np.int32, np.float32),
        (np.uint16, 0.5, np.float32, np.float32),
        (np.uint8, 2**20, np.int32, np.float32),
        (np.int32, 1, np.int32, np.float64),
        (np.int32, 0.5, np.float64, np.float64),
        (np.int32, 2**40, np.int64, np.float64),
        (np.uint32, 1, np.int64, np.float64),
        (np.float32, 1e10, np.float32, np.float32),
        (np.float64, 1, np.float64, np.float64),
    ],
)
def test_types_of_results(dtype: type, other: float, added: type, divided: type) -> None:
    image = Image(np.ones((2, 2), dtype))
    assert (image + other).dtype == added
    assert (other - image).dtype == added
    assert (image / other).dtype == divided
    assert (image + other).array[0, 0] == 1 + other


def test_difference_of_unsigned_raws_can_be_negative() -> None:
    low, high = (Image(np.full((2, 2), value, np.uint16)) for value in (10, 65_000))
    assert (low - high).array[0, 0] == -64_990
    assert (high + high).array[0, 0] == 130_000
    assert (-high).array[0, 0] == -65_000


def test_mixed_types_are_as_in_numpy() -> None:
    raw, flat = Image(np.ones((2, 2), np.uint16)), Image(np.ones((2, 2), np.float32))
    assert (raw * flat).dtype == np.float32
    assert (Image(flat, dtype=np.float64, deep=True) * flat).dtype == np.float64
    flat *= np.ones((2, 2), np.float64)
    assert flat.dtype == np.float32


def test_number_of_more_than_64_bits_is_refused() -> None:
    with pytest.raises(ParameterValueError, match="64 bits"):
        Image(np.ones((2, 2), np.int32)) + 2**70


def test_integer_pixels_refuse_fractions_in_place() -> None:
    image = Image(np.full((2, 2), 7, np.int32))
    for in_place, other in ((operator.itruediv, 2), (operator.iadd, 0.5), (operator.imul, 2.0)):
        with pytest.raises(ParameterTypeError, match=r"int32 cannot hold fractions.*new image"):
            in_place(image, other)
    with pytest.raises(ParameterTypeError, match="fractions"):
        image.scaled_plus(0.5, image)
    assert (image.array == 7).all()
    image.scaled_plus(2, image)
    assert (image.array == 21).all()


@pytest.mark.parametrize(
    ("dtype", "pixels", "change"),
    [(np.uint16, [500, 2000], -1000), (np.int16, [30_000, 0], 10_000), (np.int32, [0, 1], 2**31)],
)
def test_integer_pixels_refuse_results_that_do_not_fit(
    dtype: type, pixels: list[int], change: int
) -> None:
    image = Image(np.array([pixels], dtype))
    with pytest.raises(ParameterValueError, match=r"cannot hold values from .* Nothing was"):
        image += change
    assert image.array.tolist() == [pixels]


def test_integer_pixels_take_results_that_fit() -> None:
    image = Image(np.array([[1000, 2000]], np.uint16))
    image -= 1000
    image *= 3
    assert (image.dtype, image.array.tolist()) == (np.uint16, [[0, 3000]])


def test_result_has_the_metadata_of_the_left_image() -> None:
    left = Image(np.ones((2, 2)), (0, 0), Metadata({"OBJECT": "M31"}))
    result = left + Image(np.ones((2, 2)), (0, 0), Metadata({"OBJECT": "M33"}))
    result.metadata["FILTER"] = "i"
    assert left.metadata.to_dict() == {"OBJECT": "M31"}
    assert result.metadata.to_dict() == {"OBJECT": "M31", "FILTER": "i"}


@settings(max_examples=30)
@given(st.integers(0, 300), st.integers(0, 40_000))
def test_blocks_are_all_rows_in_order(height: int, width: int) -> None:
    rows = [row for block in row_blocks((height, width)) for row in range(height)[block]]
    assert rows == list(range(height))


@pytest.mark.parametrize(
    "array", [np.ma.masked_array(np.ones((2, 3)), mask=np.eye(2, 3)), np.ones((2, 3)) * units.adu]
)
def test_arrays_that_would_lose_something_are_refused(array: NDArray[np.float64]) -> None:
    image = Image(np.ones((2, 3)))
    for operate in (image.__add__, image.__imul__):
        with pytest.raises(ParameterTypeError, match=r"masked array|has 'adu'"):
            operate(array)
    assert (image.array == 1).all()
