"""Brackets mean the same behind images, masks, masked images and exposures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Box, Exposure, Extent2I, Image, Mask, MaskedImage, Point2I, SingleGaussianPsf
from imaging.errors import BoxError, ParameterTypeError

if TYPE_CHECKING:
    from imaging.image.indexing import PartIndex

PIXELS = np.arange(30, dtype=np.int32).reshape(5, 6)
BOX = Box(Point2I(100, 200), Extent2I(6, 5))


def all_kinds() -> list[Image | Mask | MaskedImage | Exposure]:
    image = Image(PIXELS.copy(), (100, 200))
    return [image, Mask(image.array, (100, 200)), MaskedImage(image), Exposure(image)]


@pytest.mark.parametrize("whole", all_kinds())
def test_ranges_are_x_first_exclusive_and_in_parent_coordinates(
    whole: Image | Mask | MaskedImage | Exposure,
) -> None:
    part = whole[102:105, 201:203]
    assert part.bbox == Box(Point2I(102, 201), Extent2I(3, 2))
    pixels = part.array if isinstance(part, Image | Mask) else part.image.array
    assert pixels.tolist() == [[8, 9, 10], [14, 15, 16]]
    assert whole[2:5, 1:3, "local"].bbox == part.bbox
    assert whole[:, 204:].bbox == Box(Point2I(100, 204), Extent2I(6, 1))
    assert whole[-2:, :-1, "local"].bbox == Box(Point2I(104, 200), Extent2I(2, 4))
    assert whole[:].bbox == whole[..., "local"].bbox == whole.bbox


@pytest.mark.parametrize("whole", all_kinds())
@pytest.mark.parametrize(
    ("place", "error"),
    [
        ((slice(100, 104, 2), slice(None)), ParameterTypeError),
        ((slice(None), 200), ParameterTypeError),
        ((100, slice(None)), ParameterTypeError),
        ((slice(100.5, 102), slice(None)), ParameterTypeError),
        ((slice(None),), ParameterTypeError),
        (slice(100, 102), ParameterTypeError),
        (100, ParameterTypeError),
        ("local", ParameterTypeError),
        (PIXELS > 3, ParameterTypeError),
        ((slice(-2, None), slice(None)), BoxError),
        ((slice(100, 107), slice(None)), BoxError),
        ((slice(104, 102), slice(None)), BoxError),
        ((slice(102, 102), slice(None)), BoxError),
    ],
)
def test_what_could_be_misread_is_refused(
    whole: Image | Mask | MaskedImage | Exposure, place: PartIndex, error: type[Exception]
) -> None:
    with pytest.raises(error):
        whole[place]


def test_pixel_is_given_by_x_and_y() -> None:
    image, mask, masked, exposure = all_kinds()
    assert isinstance(image, Image)
    assert isinstance(mask, Mask)
    assert isinstance(masked, MaskedImage)
    assert image[102, 201] == mask[102, 201] == image[np.int64(2), 1, "local"] == 8
    assert image[-1, -1, "local"] == 29
    assert masked[102, 201] == (8, 0, 0)
    with pytest.raises(BoxError, match=r"count from the end or be a parent coordinate"):
        image[-1, -1]
    with pytest.raises(BoxError, match="not in the image"):
        image[2, 1]
    for place in ((102, 201), Point2I(102, 201)):
        with pytest.raises(ParameterTypeError, match=r"one pixel.*masked_image"):
            exposure[place]  # type: ignore[index]


def test_coordinates_below_zero_need_a_point_or_a_box() -> None:
    image = Image(PIXELS, (-3, -2))
    assert image[Point2I(-3, -2)] == 0
    assert image[0:3, 0:3] == image[Box(Point2I(0, 0), Extent2I(3, 3))]
    with pytest.raises(BoxError, match="Point2I"):
        image[-3, -2]


def test_brackets_take_values() -> None:
    image = Image(PIXELS.copy(), (100, 200))
    image[:] = 1
    image[102:104, 200:202] = 5
    image[0, 0, "local"] = 7
    assert image.array.sum() == 30 + 4 * 4 + 6
    image[100:102, :] = Image(np.zeros((5, 2), np.int32))
    assert image.array.sum() == 20 + 4 * 4
    masked = MaskedImage(image)
    masked[101, 203] = (9, 2, 4.0)
    assert masked[101, 203] == (9, 2, 4)
    assert masked.mask.array.sum() == 2
    masked[:] = MaskedImage(BOX)
    assert not image.array.any()


def test_constructors_refuse_what_they_would_misread() -> None:
    image, mask, masked, _ = all_kinds()
    part = Box(Point2I(0, 0), Extent2I(2, 2))
    psf = SingleGaussianPsf(5, 5, sigma=1)
    for made, arguments, keywords in [
        (Image, (image, part, "local"), {}),
        (Mask, (mask, part, "local"), {}),
        (MaskedImage, (masked, part, "local"), {}),
        (Image, (BOX, 3.0), {}),
        (Mask, (BOX, 1), {}),
        (MaskedImage, (BOX, 1), {}),
        (Exposure, (BOX, psf), {}),
        (Exposure, (masked, psf), {}),
        (Exposure, (Exposure(BOX), True), {}),
        (Image, (PIXELS,), {"bbox": part}),
        (Mask, (PIXELS,), {"bbox": part}),
        (MaskedImage, (image,), {"bbox": part}),
        (MaskedImage, (image,), {"dtype": np.float32}),
        (MaskedImage, (masked,), {"planes": ["A"]}),
        (Image, ("image.fits",), {}),
        (Image, (3, 4), {}),
        (Mask, (Extent2I(3, 4),), {}),
    ]:
        with pytest.raises(ParameterTypeError):
            made(*arguments, **keywords)  # type: ignore[operator]
    assert MaskedImage(masked, part, origin="local").bbox == part.shifted_by(Extent2I(100, 200))
