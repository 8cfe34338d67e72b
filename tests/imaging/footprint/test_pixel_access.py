"""Sets of pixels read and write images."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from imaging.errors import BoxError, ParameterTypeError, ParameterValueError
from imaging.footprint.span import Span
from imaging.footprint.span_set import SpanSet
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.image import Image
from imaging.image.mask import Mask

BOX = Box(Point2I(-2, 5), Extent2I(6, 4))
SPANS = SpanSet([Span(6, -1, 0), Span(7, 2, 2)])


def numbered() -> Image:
    return Image(np.arange(24, dtype=np.float32).reshape(4, 6), BOX.min)


@given(hnp.arrays(bool, (4, 6)), hnp.arrays(np.int32, (4, 6)))
def test_flat_pixels_are_those_a_boolean_array_selects(
    selected: np.ndarray, pixels: np.ndarray
) -> None:
    spans = SpanSet.from_array(selected, BOX.min)
    flat = spans.flatten(pixels, BOX.min)
    assert np.array_equal(flat, pixels[selected])
    expected = np.where(selected, pixels, 0)[spans.bbox.slices(BOX.min)]
    assert np.array_equal(spans.unflatten(flat), expected)


def test_flattening_keeps_further_axes() -> None:
    cube = np.arange(48).reshape(4, 6, 2)
    flat = SPANS.flatten(cube, BOX.min)
    assert flat.tolist() == [[14, 15], [16, 17], [32, 33]]
    assert SPANS.unflatten(flat, -1).shape == (2, 4, 2)


def test_image_gets_one_value_or_one_for_each_pixel() -> None:
    image = Image(BOX)
    SPANS.set_image(image, 3)
    assert image.array.sum() == 9
    SPANS.set_image(image, np.array([1, 2, 4]))
    assert image[Point2I(0, 6)] == 2
    assert image[Point2I(2, 7)] == 4


def test_pixels_are_copied_between_images_of_different_places() -> None:
    target = Image(BOX.grown(3))
    SPANS.copy_image(numbered(), target)
    assert target.array.sum() == 7 + 8 + 16
    assert target[Point2I(2, 7)] == 16


def test_bits_are_set_and_cleared_beside_others() -> None:
    mask = Mask(BOX)
    mask.array[...] = 1
    SPANS.set_mask(mask, 4)
    assert SpanSet.from_mask(mask, 4) == SPANS
    assert SpanSet.from_mask(mask) == SpanSet(BOX)
    SPANS.clear_mask(mask, 5)
    assert SpanSet.from_mask(mask, 1) == SpanSet(BOX) - SPANS


def test_pixels_outside_are_refused_and_nothing_is_changed() -> None:
    image, mask, outside = Image(BOX), Mask(BOX), SPANS.shifted_by(3)
    for act in (
        lambda: outside.set_image(image, 1),
        lambda: outside.set_mask(mask, 1),
        lambda: outside.clear_mask(mask, 1),
        lambda: outside.copy_image(numbered(), image),
        lambda: outside.flatten(image.array, image.xy0),
        lambda: outside.to_array(BOX),
    ):
        with pytest.raises(BoxError, match="clipped_to"):
            act()
    assert not image.array.any()
    assert not mask.array.any()


def test_values_that_do_not_fit_are_refused() -> None:
    image = Image(BOX, dtype=np.int32)
    with pytest.raises(ParameterTypeError, match="float64"):
        SPANS.set_image(image, np.ones(3))
    with pytest.raises(ParameterValueError, match="3 pixels"):
        SPANS.set_image(image, np.ones(4, np.int32))
    with pytest.raises(ParameterValueError, match="3 pixels"):
        SPANS.unflatten(np.ones(2))


def test_array_of_another_dimension_is_refused() -> None:
    with pytest.raises(ParameterValueError, match="two dimensions"):
        SpanSet.from_array(np.ones(3, bool))
