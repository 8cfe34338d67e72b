"""Filling pixels of mask planes."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.errors import ParameterTypeError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.image import Image
from imaging.image.masked_image import MaskedImage
from pipelines.interpolation.growth import grow_bits
from pipelines.interpolation.interpolate import (
    fill_pixels,
    fill_planes,
    filled_for_a_while,
    known_bits,
)


def slope(dtype: str = "float32") -> MaskedImage:
    y, x = np.mgrid[:20, :30]
    return MaskedImage(Image((10 * x + y).astype(dtype)))


def test_bad_pixels_get_what_lies_between_and_a_flag() -> None:
    pixels, expected = slope(), slope().image.array
    pixels.mask.set_plane("BAD", Box(Point2I(5, 0), Extent2I(3, 20)))
    pixels.image.array[:, 5:8] = -999
    assert fill_planes(pixels, ["BAD", "SAT"]) == 60
    np.testing.assert_allclose(pixels.image.array, expected, rtol=1e-6)
    assert pixels.mask.get_plane("INTRP").sum() == 60


def test_a_view_is_filled_in_its_parent() -> None:
    pixels, expected = slope(), slope().image.array
    pixels.mask.set_plane("BAD", Box(Point2I(12, 8), Extent2I(2, 2)))
    pixels.image.array[8:10, 12:14] = -999
    fill_planes(pixels[Box(Point2I(10, 5), Extent2I(8, 8))], ["BAD"])
    np.testing.assert_allclose(pixels.image.array, expected, rtol=1e-6)
    assert pixels.mask.get_plane("INTRP").sum() == 4


def test_single_pixels_are_filled_from_all_sides() -> None:
    pixels, expected = slope(), slope().image.array
    pixels.mask.array[10, 15] = pixels.mask.get_bit_mask("CR")
    pixels.image.array[10, 15] = 1e6
    assert fill_pixels(pixels, np.array([[10, 15]]), ["CR"]) == 1
    np.testing.assert_allclose(pixels.image.array, expected, rtol=1e-6)
    assert pixels.mask.get_plane("INTRP").sum() == 1


def test_planes_that_a_mask_lacks_are_passed_over() -> None:
    assert known_bits(slope(), ["BAD", "VIGNETTED"]) == 1


def test_other_types_of_pixels_are_refused() -> None:
    with pytest.raises(ParameterTypeError, match="Pixels of float64 cannot be filled"):
        fill_planes(slope("float64"), ["BAD"])


def test_pixels_are_filled_for_a_while_and_then_as_they_were() -> None:
    pixels, expected = slope(), slope().image.array
    pixels.mask.set_plane("BAD", Box(Point2I(5, 0), Extent2I(3, 20)))
    pixels.image.array[:, 5:8] = np.nan
    pixels.image.array[3, 20] = np.inf  # not flagged
    before = pixels.copy()
    with filled_for_a_while(pixels, known_bits(pixels, ["BAD"])):
        expected[3, 20] = 0
        np.testing.assert_allclose(pixels.image.array, expected, rtol=1e-6)
    np.testing.assert_array_equal(pixels.image.array, before.image.array)
    np.testing.assert_array_equal(pixels.mask.array, before.mask.array)


def test_pixels_are_put_back_after_an_error() -> None:
    pixels = slope()
    pixels.mask.set_plane("BAD", Box(Point2I(5, 0), Extent2I(3, 20)))
    pixels.image.array[:, 5:8] = -999
    with pytest.raises(KeyError), filled_for_a_while(pixels, known_bits(pixels, ["BAD"])):
        raise KeyError
    assert (pixels.image.array[:, 5:8] == -999).all()


@pytest.mark.parametrize(("radius", "count"), [(0, 1), (1, 5), (2, 13), (4, 49)])
def test_bits_grow_to_circles(radius: int, count: int) -> None:
    mask = np.zeros((21, 21), np.int32)
    mask[10, 10] = 2
    grow_bits(mask, 2, radius)
    y, x = np.nonzero(mask)
    assert len(y) == count
    assert ((y - 10) ** 2 + (x - 10) ** 2 <= radius**2).all()


def test_bits_grow_into_another_bit_and_not_over_the_edge() -> None:
    mask = np.zeros((5, 5), np.int32)
    mask[0, 4] = 2
    grow_bits(mask, 2, 1, grown=8)
    assert mask.tolist() == [
        [0, 0, 0, 8, 10],
        [0, 0, 0, 0, 8],
        *[[0] * 5] * 3,
    ]
