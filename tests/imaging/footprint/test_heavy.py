"""Footprints with pixel values of their own."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from imaging.errors import BoxError, FootprintError, ParameterTypeError
from imaging.footprint.footprint import Footprint
from imaging.footprint.heavy import HeavyFootprint
from imaging.footprint.span_set import SpanSet
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage

SHAPE = (7, 8)
BOX = Box.from_shape(SHAPE, (-4, 30))
selections = hnp.arrays(bool, SHAPE)


def numbered(seed: int = 1) -> MaskedImage:
    """An image of whole numbers, whose sums and products are exact."""
    random = np.random.default_rng(seed)
    image = Image(random.integers(-99, 99, SHAPE).astype(np.float32), BOX.min)
    mask = Mask(random.integers(0, 64, SHAPE).astype(np.int32), BOX.min)
    variance = Image(random.integers(1, 99, SHAPE).astype(np.float32), BOX.min)
    return MaskedImage(image, mask, variance)


def heavy_of(selected: np.ndarray, seed: int = 1) -> HeavyFootprint:
    spans = SpanSet.from_array(selected, BOX.min)
    return HeavyFootprint(Footprint(spans, [(0, 33, seed)], BOX), numbered(seed))


@given(selections)
def test_values_are_those_of_the_image_in_span_order(selected: np.ndarray) -> None:
    heavy, pixels = heavy_of(selected), numbered()
    assert heavy.is_heavy
    assert np.array_equal(heavy.image, pixels.image.array[selected])
    assert np.array_equal(heavy.mask, pixels.mask.array[selected])
    assert np.array_equal(heavy.variance, pixels.variance.array[selected])
    assert heavy.mask.dtype == np.int32


@given(selections)
def test_values_are_inserted_where_they_were_taken(selected: np.ndarray) -> None:
    image = Image(BOX.grown(2))
    heavy_of(selected).insert(image)
    inner = image[BOX].array
    assert np.array_equal(inner, np.where(selected, numbered().image.array, 0))
    assert image.array.sum() == inner.sum()


def test_all_planes_of_a_masked_image_are_inserted() -> None:
    selected = np.eye(*SHAPE, dtype=bool)
    target = numbered(2)
    heavy_of(selected).insert(target)
    for name in ("image", "mask", "variance"):
        first, second = (getattr(numbered(seed), name).array for seed in (1, 2))
        assert np.array_equal(getattr(target, name).array, np.where(selected, first, second))


def test_insertion_outside_is_refused_and_changes_nothing() -> None:
    heavy = heavy_of(np.ones(SHAPE, bool))
    small = MaskedImage(Image(BOX.grown(-1)), Mask(BOX.grown(-1)), Image(BOX.grown(-1)))
    for target in (small, small.image):
        with pytest.raises(BoxError, match="not all in the image"):
            heavy.insert(target)
    assert not small.image.array.any()


def test_insertion_into_pixels_that_cannot_hold_the_values_is_refused() -> None:
    with pytest.raises(ParameterTypeError, match="float32"):
        heavy_of(np.ones(SHAPE, bool)).insert(Image(BOX, dtype=np.int32))
    with pytest.raises(ParameterTypeError, match="inserted into an image"):
        heavy_of(np.ones(SHAPE, bool)).insert("image")  # type: ignore[arg-type]


@given(selections, selections)
def test_dot_sums_products_over_common_pixels(first: np.ndarray, second: np.ndarray) -> None:
    one, two = heavy_of(first, 1), heavy_of(second, 2)
    both = first & second
    products = numbered(1).image.array[both] * numbered(2).image.array[both]
    assert one.dot(two) == two.dot(one) == products.sum()


@given(selections, selections)
def test_sum_adds_values_and_joins_flags(first: np.ndarray, second: np.ndarray) -> None:
    total = heavy_of(first, 1) + heavy_of(second, 2)
    either = first | second
    expected = [
        np.where(part, getattr(numbered(seed), name).array, 0)
        for name in ("image", "mask", "variance")
        for part, seed in ((first, 1), (second, 2))
    ]
    assert np.array_equal(total.image, (expected[0] + expected[1])[either])
    assert np.array_equal(total.mask, (expected[2] | expected[3])[either])
    assert np.array_equal(total.variance, (expected[4] + expected[5])[either])
    assert [peak.value for peak in total.peaks] == [2, 1]


@given(selections)
def test_clipping_keeps_the_values_of_what_is_left(selected: np.ndarray) -> None:
    heavy = heavy_of(selected)
    heavy.clip(Box(BOX.min, Extent2I(5, 4)))
    part = selected[:4, :5]
    assert np.array_equal(heavy.image, numbered().image.array[:4, :5][part])
    assert heavy.area == heavy.mask.size == heavy.variance.size


@given(selections)
def test_pieces_have_their_own_values(selected: np.ndarray) -> None:
    pieces = heavy_of(selected).split()
    image = Image(BOX)
    for piece in pieces:
        assert isinstance(piece, HeavyFootprint)
        piece.insert(image)
    assert np.array_equal(image.array, np.where(selected, numbered().image.array, 0))


def test_values_move_with_the_pixels() -> None:
    heavy = heavy_of(np.eye(*SHAPE, dtype=bool))
    heavy.shift(100)
    assert heavy.bbox.min == Point2I(96, 30)
    assert np.array_equal(heavy.image, np.diag(numbered().image.array))


def test_growing_is_refused_because_there_are_no_values() -> None:
    heavy = heavy_of(np.eye(*SHAPE, dtype=bool))
    with pytest.raises(FootprintError, match="no values"):
        heavy.dilate(1)
    assert heavy == heavy_of(np.eye(*SHAPE, dtype=bool))


def test_arrays_that_do_not_fit_are_refused() -> None:
    footprint = Footprint(BOX)
    with pytest.raises(FootprintError, match="56 pixels"):
        HeavyFootprint.from_arrays(footprint, np.ones(56), np.ones(55, int), np.ones(56))


def test_copy_shares_nothing_that_changes() -> None:
    heavy = heavy_of(np.eye(*SHAPE, dtype=bool))
    other = heavy.copy()
    assert other == heavy
    other.image[0] += 1
    assert other != heavy
    assert heavy != Footprint(heavy.spans, heavy.peaks, heavy.region)


def test_heavy_footprint_survives_pickling() -> None:
    heavy = heavy_of(np.eye(*SHAPE, dtype=bool))
    assert pickle.loads(pickle.dumps(heavy)) == heavy
