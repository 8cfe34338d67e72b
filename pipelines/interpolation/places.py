"""Where a mask has some bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.interpolation.kernels import find_bits

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["find_places"]

_ROOM: Final = 100_000
"""Pixels for which the mask is looked through once; for more twice."""


def find_places(mask: NDArray[np.int32], bits: int) -> NDArray[np.int32]:
    """Return row and column of each pixel that has any of some bits.

    Parameters
    ----------
    mask
        Shape (ny, nx), rows contiguous.
    bits
        Which.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2), row by row.
    """
    places = np.empty((_ROOM, 2), np.int32)
    count = find_bits(mask, bits, places)
    if count > len(places):
        places = np.empty((count, 2), np.int32)
        find_bits(mask, bits, places)
    return places[:count]
