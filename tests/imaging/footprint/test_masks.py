"""Footprints from masks and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from imaging.errors import MaskPlaneError
from imaging.footprint.footprint import Footprint
from imaging.footprint.masks import footprints_from_mask, footprints_to_mask
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.mask import Mask

BOX = Box(Point2I(100, -5), Extent2I(9, 8))


def mask_with(selected: np.ndarray) -> Mask:
    mask = Mask(BOX)
    mask.array[...] = np.where(selected, mask.get_bit_mask("DETECTED"), 0)
    mask.array[2:4] |= mask.get_bit_mask("CR")
    return mask


@given(hnp.arrays(bool, BOX.shape))
def test_footprints_are_the_connected_regions_of_a_plane(selected: np.ndarray) -> None:
    store = footprints_from_mask(mask_with(selected), "DETECTED")
    labels, count = ndimage.label(selected, np.ones((3, 3)))
    assert len(store) == count
    for number, footprint in enumerate(store, 1):
        assert footprint is not None
        assert np.array_equal(footprint.spans.to_array(BOX), labels == number)
        assert footprint.region == BOX


@given(hnp.arrays(bool, BOX.shape))
def test_mask_is_restored_from_its_footprints(selected: np.ndarray) -> None:
    store = footprints_from_mask(mask_with(selected), "DETECTED")
    empty = mask_with(np.zeros(BOX.shape, bool))
    footprints_to_mask(store, empty, "DETECTED")
    assert empty == mask_with(selected)


def test_pixels_beyond_the_mask_are_left_out() -> None:
    mask = Mask(BOX)
    large = Footprint(BOX.grown(5))
    footprints_to_mask([large, None, Footprint(BOX)], mask, "DETECTED")  # and they overlap
    assert (mask.array == mask.get_bit_mask("DETECTED")).all()


def test_plane_that_does_not_exist_is_refused() -> None:
    with pytest.raises(MaskPlaneError):
        footprints_from_mask(Mask(BOX), "DETECTTED")
    with pytest.raises(MaskPlaneError):
        footprints_to_mask([], Mask(BOX), "DETECTTED")
