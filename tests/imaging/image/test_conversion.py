"""What pixels are made of, and what is refused because something would be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy import units
from astropy.nddata import CCDData
from hypothesis import given
from hypothesis import strategies as st

from imaging import Box, Extent2I, Image, Mask, MaskedImage, Metadata, Point2I
from imaging.errors import BoxError, ParameterTypeError, ParameterValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MASKED = np.ma.masked_array([[1.0, 2.0], [3.0, 4.0]], mask=[[True, False], [False, False]])
SQUARE = Box(Point2I(0, 0), Extent2I(2, 2))


@pytest.mark.parametrize("kind", [Image, Mask])
def test_array_with_masked_elements_is_refused(kind: type[Image | Mask]) -> None:
    with pytest.raises(ParameterTypeError, match=r"set_plane\('BAD', array.mask\)"):
        kind(MASKED.astype(np.int32))
    assert np.array_equal(kind(np.ma.masked_array([[1, 2]])).array, [[1, 2]])


def test_masked_elements_are_refused_in_every_assignment() -> None:
    image = Image(SQUARE)
    with pytest.raises(ParameterTypeError, match="masked array"):
        image.array = MASKED
    with pytest.raises(ParameterTypeError, match="masked array"):
        image[SQUARE] = MASKED
    assert not image.array.any()


@pytest.mark.parametrize(
    "array",
    [np.ones((2, 2)) * units.adu, CCDData(np.ones((2, 2)), unit="adu")],
    ids=["Quantity", "CCDData"],
)
def test_array_with_a_unit_is_refused(array: NDArray[np.float64]) -> None:
    with pytest.raises(ParameterTypeError, match="has 'adu'"):
        Image(array)


@pytest.mark.parametrize("value", [1e10, -1e10, 40_000.0, np.nan, np.inf])
def test_floating_point_numbers_that_do_not_fit_into_integers_are_refused(value: float) -> None:
    image = Image(SQUARE, dtype=np.int16)
    with pytest.raises(ParameterValueError, match="int16 cannot hold"):
        Image(np.full((2, 2), value), dtype="i2", deep=True)
    with pytest.raises(ParameterValueError, match="int16 cannot hold"):
        image.fill(value)
    with pytest.raises(ParameterValueError, match="int16 cannot hold"):
        image[1, 1] = value
    assert not image.array.any()


def test_fractions_are_refused_by_integers_and_whole_numbers_taken() -> None:
    image = Image(SQUARE, dtype=np.int32)
    with pytest.raises(ParameterTypeError, match="Round them"):
        image.fill(1.5)
    image.fill(2.0)
    assert (image.array == 2).all()
    assert Image([[7.0]], dtype=np.int64).array.dtype == np.int64


def test_numbers_too_large_for_32_bit_floating_point_are_refused() -> None:
    with pytest.raises(ParameterValueError, match="float32 cannot hold values 1e"):
        Image([[1e300]], dtype=np.float32)
    kept = Image([[np.inf, np.nan, 0.1]], dtype=np.float32).array
    assert np.array_equal(kept, np.array([[np.inf, np.nan, 0.1]], "f4"), equal_nan=True)


@given(st.integers(-(2**63), 2**64 - 1), st.sampled_from(["i1", "u2", "i4", "u4", "i8", "u8"]))
def test_integers_are_kept_or_refused(value: int, dtype: str) -> None:
    limits = np.iinfo(dtype)
    source = np.array([[value]], "i8" if value < 2**63 else "u8")
    if limits.min <= value <= limits.max:
        assert int(Image(source, dtype=dtype)[0, 0]) == value
    else:
        with pytest.raises(ParameterValueError, match="cannot hold"):
            Image(source, dtype=dtype)


def test_rows_of_different_lengths_and_unknown_types_are_named() -> None:
    with pytest.raises(ParameterValueError, match="array of numbers"):
        Image([[1, 2], [3]])
    with pytest.raises(ParameterTypeError, match="'abc' is no type of pixels"):
        Image([[1, 2]], dtype="abc")
    with pytest.raises(ParameterTypeError, match="not complex128"):
        Image(SQUARE, dtype=complex)


def test_values_of_another_kind_or_shape_are_refused_in_assignments() -> None:
    image = Image(SQUARE)
    with pytest.raises(ParameterTypeError, match="not <U3"):
        image.array = "abc"
    with pytest.raises(BoxError, match=r"\(3, 3\) does not fit into pixels of shape \(2, 2\)"):
        image.array = np.ones((3, 3))
    with pytest.raises(ParameterTypeError, match="one number"):
        image.fill([1, 2])  # type: ignore[arg-type]  # the mistake
    with pytest.raises(BoxError, match="does not fit"):
        image[0, 0] = [1, 2]


@pytest.mark.parametrize("origin", [(1, 2, 3), 5, None, (0.5, 1)])
def test_origin_is_a_pair_of_integers(origin: tuple[int, int]) -> None:
    image = Image(SQUARE)
    with pytest.raises(ParameterTypeError):
        image.set_origin(origin)
    assert image.xy0 == Point2I(0, 0)


@pytest.mark.parametrize("size", [2**20, 2**40, 10**30])
@pytest.mark.parametrize("kind", [Image, Mask, MaskedImage])
def test_pixels_that_no_memory_holds_are_refused(
    kind: type[Image | Mask | MaskedImage], size: int
) -> None:
    with pytest.raises(ParameterValueError, match="GiB, more than the memory"):
        kind(Box(Point2I(0, 0), Extent2I(size, size)))


def test_deep_copy_shares_nothing_and_a_converted_one_neither() -> None:
    array = np.arange(4, dtype="f4").reshape(2, 2)
    assert np.shares_memory(Image(array).array, array)
    for image in (Image(array, deep=True), Image(array, dtype="f8")):
        assert not np.shares_memory(image.array, array)
        assert np.array_equal(image.array, array)


def test_pixels_are_taken_over_from_pixels_alone() -> None:
    for target in (Image(SQUARE), Mask(SQUARE), MaskedImage(SQUARE)):
        for source in (None, np.ones((2, 2)), Box()):
            with pytest.raises(ParameterTypeError, match=r"needed here, .*\.array"):
                target.assign(source)  # type: ignore[arg-type]  # the mistake


def test_metadata_of_pixels_are_metadata() -> None:
    for target in (Image(SQUARE), Mask(SQUARE), MaskedImage(SQUARE)):
        with pytest.raises(ParameterTypeError, match=r"Metadata\(mapping\), not {}"):
            target.metadata = {}  # type: ignore[assignment]  # the mistake
        target.metadata = Metadata({"A": 1})
        assert target.metadata["A"] == 1
