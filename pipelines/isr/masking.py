"""Flags for pixels that a raw shows to be useless or doubtful."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pipelines.isr.kernels import flag_range
from pipelines.isr.section import plain_pixels, section_bounds

if TYPE_CHECKING:
    from imaging.geometry.box import Box
    from imaging.image.mask import Mask
    from imaging.image.masked_image import MaskedImage

__all__ = ["flag_levels", "mask_edges", "mask_nan"]


def flag_levels(
    pixels: MaskedImage, box: Box, plane: str, low: float, high: float = math.inf
) -> int:
    """Set a plane where a section's pixels are from one level up to another.

    Parameters
    ----------
    pixels
        Raw or assembled, in ADU. Only the mask is changed.
    box
        The section.
    plane
        Such as ``SAT``.
    low, high
        The first is included, the second is not. Nothing is done if ``low``
        is NaN: the level is not known.

    Returns
    -------
    int
        Number of pixels.
    """
    if math.isnan(low):
        return 0
    bounds = section_bounds(pixels.image, box)
    bits = pixels.mask.get_bit_mask(plane)
    high = math.inf if math.isnan(high) else high
    return flag_range(plain_pixels(pixels.image), pixels.mask.array, *bounds, low, high, bits)


def mask_edges(mask: Mask, width: int, plane: str = "SUSPECT") -> None:
    """Set a plane in the outermost pixels, ``width`` on each side; all if that is too wide."""
    if width <= 0:
        return
    bits = np.int32(mask.get_bit_mask(plane))
    array = mask.array
    for part in (array[:width], array[-width:], array[:, :width], array[:, -width:]):
        np.bitwise_or(part, bits, out=part)


def mask_nan(pixels: MaskedImage, plane: str = "UNMASKEDNAN") -> int:
    """Set a plane, made if need be, where image pixels are not finite; return how many are not."""
    is_lost = ~np.isfinite(pixels.image.array)
    count = int(np.count_nonzero(is_lost))
    if count:
        pixels.mask.add_plane(plane)
        pixels.mask.set_plane(plane, is_lost)
    return count
