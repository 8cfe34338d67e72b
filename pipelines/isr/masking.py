"""Flags for pixels that a raw shows to be useless or doubtful."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.isr.kernels import count_not_finite, widen_runs
from pipelines.isr.section import plain_pixels

if TYPE_CHECKING:
    from imaging.image.mask import Mask
    from imaging.image.masked_image import MaskedImage

__all__ = ["mask_edges", "mask_nan", "widen_trails"]

_TRAILS: Final = ((6, 1), (8, 3), (10, 4))
"""Width from which a trail is widened, and by how many pixels on each side, as in the LSST
stack: found by HSC on real trails."""


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


def widen_trails(mask: Mask, plane: str = "SAT") -> None:
    """Widen trails of saturated pixels along the rows, the wider ones by more.

    Parameters
    ----------
    mask
        Whole, rows contiguous. Its plane is changed.
    plane
        Of saturated pixels.

    Notes
    -----
    Charge that runs along a column also spoils its neighbours. Runs of 6 and 7
    pixels grow by 1 on each side, of 8 and 9 by 3, wider ones by 4.
    """
    widths, steps = np.array(_TRAILS, np.int64).T
    bits = mask.get_bit_mask(plane)
    widen_runs(mask.array, bits, np.ascontiguousarray(widths), np.ascontiguousarray(steps))
