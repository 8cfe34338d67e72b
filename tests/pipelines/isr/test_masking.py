"""Flags of saturated, doubtful and lost pixels."""

from __future__ import annotations

import numpy as np

from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage
from pipelines.isr.masking import mask_edges, mask_nan, widen_trails


def make_pixels() -> MaskedImage:
    image = np.arange(100, dtype=np.float32).reshape(10, 10)
    return MaskedImage(Image(image, (5, 7)))


def test_edges_are_flagged_all_round() -> None:
    mask = Mask(Box(Point2I(0, 0), Extent2I(8, 6)))
    mask_edges(mask, 2)
    inner = ~mask.get_plane("SUSPECT")
    assert inner.sum() == 4 * 2
    assert inner[2:4, 2:6].all()


def test_no_edge_is_flagged_by_default_and_all_by_a_wide_one() -> None:
    mask = Mask(Box(Point2I(0, 0), Extent2I(8, 6)))
    mask_edges(mask, 0)
    assert not mask.array.any()
    mask_edges(mask, 99)
    assert mask.get_plane("SUSPECT").all()


def test_what_is_no_number_gets_a_plane_of_its_own() -> None:
    pixels = make_pixels()
    assert mask_nan(pixels) == 0
    assert "UNMASKEDNAN" not in pixels.mask.planes
    pixels.image.array[2, 3], pixels.image.array[4, 5] = np.nan, np.inf
    assert mask_nan(pixels) == 2
    assert pixels.mask.get_plane("UNMASKEDNAN").nonzero()[0].tolist() == [2, 4]


def test_wide_trails_of_saturated_pixels_become_wider() -> None:
    mask = Mask(Box(Point2I(0, 0), Extent2I(40, 8)))
    for row, width in enumerate((1, 5, 6, 7, 8, 9, 10, 20)):
        mask.set_plane("SAT", Box(Point2I(10, row), Extent2I(width, 1)))
    widen_trails(mask)
    assert mask.get_plane("SAT").sum(axis=1).tolist() == [1, 5, 8, 9, 14, 15, 18, 28]
    assert mask.get_plane("SAT")[7].nonzero()[0].tolist() == list(range(6, 34))
