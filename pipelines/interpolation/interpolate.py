"""Fill pixels of some mask planes from their neighbours."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import ParameterTypeError
from pipelines.interpolation.kernels import interpolate_pixels, interpolate_rows
from pipelines.interpolation.places import find_places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from imaging.image.masked_image import MaskedImage

__all__ = ["fill_pixels", "fill_planes", "filled_for_a_while", "known_bits"]


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


@contextmanager
def filled_for_a_while(pixels: MaskedImage, bits: int) -> Iterator[None]:
    """Fill pixels with any of some bits along their rows, and put back later what they were.

    Parameters
    ----------
    pixels
        Of 32 bits, rows contiguous. The mask is not changed. What is still no number
        is 0 for this while.
    bits
        As `known_bits` gives them.
    """
    image, mask = _plain_planes(pixels)
    y, x = find_places(mask, bits).T
    kept = image[y, x]
    interpolate_rows(image, mask, bits, 0)
    with np.errstate(invalid="ignore", over="ignore"):
        is_finite = np.isfinite(image.sum())  # cheaper than to look at each pixel
    lost = np.zeros(0, np.intp) if is_finite else np.flatnonzero(~np.isfinite(image))
    kept_lost = image.flat[lost]
    image.flat[lost] = 0
    try:
        yield
    finally:
        image.flat[lost] = kept_lost
        image[y, x] = kept


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
