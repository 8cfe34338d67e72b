"""Mask planes that grow round their pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.interpolation.kernels import find_bits

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["grow_bits"]

_ROOM: Final = 100_000
"""Pixels for which the mask is looked through once; for more twice."""


def grow_bits(mask: NDArray[np.int32], bits: int, radius: int, grown: int | None = None) -> None:
    """Set bits in all pixels near those that have any of them, in place.

    Parameters
    ----------
    mask
        Shape (ny, nx), rows contiguous.
    bits
        Which pixels grow.
    radius
        Pixels; those whose centres are at most so far away. 0 changes nothing.
    grown
        The bits to set, by default ``bits``; with several bits all of them.
    """
    if radius <= 0:
        return
    places = np.empty((_ROOM, 2), np.int32)
    count = find_bits(mask, bits, places)
    if count > len(places):
        places = np.empty((count, 2), np.int32)
        find_bits(mask, bits, places)
    y, x = places[:count, 0], places[:count, 1]
    if count == 0:
        return
    ny, nx = mask.shape
    value = np.int32(bits if grown is None else grown)
    for dy in range(-radius, radius + 1):
        reach = int(np.sqrt(radius**2 - dy**2))
        inside = (y + dy >= 0) & (y + dy < ny)
        rows, columns = y[inside] + dy, x[inside]
        for dx in range(-reach, reach + 1):
            mask[rows, np.clip(columns + dx, 0, nx - 1)] |= value
