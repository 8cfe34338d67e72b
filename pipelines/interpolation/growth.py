"""Mask planes that grow round their pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.interpolation.places import find_places

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["grow_bits"]


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
    places = find_places(mask, bits)
    if len(places) == 0:
        return
    y, x = places[:, 0], places[:, 1]
    ny, nx = mask.shape
    value = np.int32(bits if grown is None else grown)
    for dy in range(-radius, radius + 1):
        reach = int(np.sqrt(radius**2 - dy**2))
        inside = (y + dy >= 0) & (y + dy < ny)
        rows, columns = y[inside] + dy, x[inside]
        for dx in range(-reach, reach + 1):
            mask[rows, np.clip(columns + dx, 0, nx - 1)] |= value
