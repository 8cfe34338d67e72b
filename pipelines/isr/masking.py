"""Flags for pixels that a raw shows to be useless or doubtful."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.isr.kernels import count_not_finite
from pipelines.isr.section import plain_pixels

if TYPE_CHECKING:
    from imaging.image.mask import Mask
    from imaging.image.masked_image import MaskedImage

__all__ = ["mask_edges", "mask_nan"]


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
    count = count_not_finite(plain_pixels(pixels.image))
    if count:
        pixels.mask.add_plane(plane)
        pixels.mask.set_plane(plane, ~np.isfinite(pixels.image.array))
    return count
