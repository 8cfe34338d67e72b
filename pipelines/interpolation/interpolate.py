"""Fill pixels of some mask planes from their neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import ParameterTypeError
from pipelines.interpolation.kernels import interpolate_pixels, interpolate_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from imaging.image.masked_image import MaskedImage

__all__ = ["fill_pixels", "fill_planes", "filled_copy", "known_bits"]


def known_bits(pixels: MaskedImage, planes: Iterable[str]) -> int:
    """Return the bits of those planes that the mask has."""
    return pixels.mask.get_bit_mask([name for name in planes if name in pixels.mask.planes])


def fill_planes(pixels: MaskedImage, planes: Iterable[str], flag: str = "INTRP") -> int:
    """Fill pixels that have any of some planes, along their rows, in place.

    Parameters
    ----------
    pixels
        Image and mask are changed; the variance stays that of the pixels.
    planes
        Such as ``SAT`` and ``BAD``; those that the mask lacks are passed over.
    flag
        The plane that filled pixels get.

    Returns
    -------
    int
        The number of filled pixels.

    Notes
    -----
    Straight lines along rows: what is wide in these images (bleed trails, bad
    columns) is narrow along the rows. A row without a good pixel stays.
    """
    image, mask = _plain_planes(pixels)
    filled = interpolate_rows(
        image, mask, known_bits(pixels, planes), pixels.mask.get_bit_mask(flag)
    )
    _give_back(pixels, image, mask)
    return filled


def fill_pixels(
    pixels: MaskedImage,
    places: NDArray[np.int32],
    planes: Iterable[str],
    reach: int = 10,
    flag: str = "INTRP",
) -> int:
    """Fill some pixels from the good ones round them, in place.

    Parameters
    ----------
    pixels
        Image and mask are changed.
    places
        Shape (n, 2): row and column in the arrays. All have one of the planes.
    planes
        Pixels with any of these are not good.
    reach
        How far good ones are looked for, pixels.
    flag
        The plane that these pixels get.

    Returns
    -------
    int
        The number of pixels that were filled.
    """
    image, mask = _plain_planes(pixels)
    rows = np.ascontiguousarray(places, np.int32)
    filled = interpolate_pixels(image, mask, rows, known_bits(pixels, planes), reach)
    mask[rows[:, 0], rows[:, 1]] |= np.int32(pixels.mask.get_bit_mask(flag))
    _give_back(pixels, image, mask)
    return filled


def filled_copy(pixels: MaskedImage, bits: int) -> NDArray[np.float32]:
    """Return a copy of the image whose pixels with any of some bits are filled.

    Parameters
    ----------
    pixels
        Not changed, nor is its mask.
    bits
        As `known_bits` gives them.

    Returns
    -------
    numpy.ndarray
        32-bit, rows contiguous. What is still no number is 0.
    """
    copy = np.array(pixels.image.array, np.float32, order="C")
    interpolate_rows(copy, np.ascontiguousarray(pixels.mask.array, np.int32), bits, 0)
    if not np.isfinite(copy.sum(dtype=np.float64)):  # cheaper than to look at each pixel
        np.nan_to_num(copy, copy=False, posinf=0, neginf=0)
    return copy


def _plain_planes(pixels: MaskedImage) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return image and mask with contiguous rows: the arrays themselves if they are so."""
    if pixels.image.dtype != np.float32:
        raise ParameterTypeError(
            f"Pixels of {pixels.image.dtype} cannot be filled; use image.astype('float32')."
        )
    return (
        np.ascontiguousarray(pixels.image.array, np.float32),
        np.ascontiguousarray(pixels.mask.array, np.int32),
    )


def _give_back(pixels: MaskedImage, image: NDArray[np.float32], mask: NDArray[np.int32]) -> None:
    """Take over what was done to copies of a view's pixels."""
    if image is not pixels.image.array:
        pixels.image.array[:] = image
    if mask is not pixels.mask.array:
        pixels.mask.array[:] = mask
