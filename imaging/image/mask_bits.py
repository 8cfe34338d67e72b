"""Bits of masks as NumPy sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.image.arithmetic import row_blocks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["as_bits", "moved_bits", "used_bits"]

_LOWEST, _HIGHEST = -(2**31), 2**32 - 1


def as_bits(array: NDArray[np.generic]) -> NDArray[np.int32]:
    """Return integers as 32 bits; those that are so already are not copied.

    Parameters
    ----------
    array
        Integers of any size, of which the lowest 32 bits count. Nothing is
        made of the sign: -1 in 16 bits is 65535.

    Raises
    ------
    ParameterTypeError
        If they are no integers.
    ParameterValueError
        If a value has more than 32 bits.
    """
    if array.dtype.kind not in "iu":
        message = (
            f"A mask holds integers, not {array.dtype}. "
            "For a plane that is set where an array is True, use mask.set_plane(name, array)."
        )
        raise ParameterTypeError(message)
    if array.dtype == np.int32:
        return np.asarray(array, np.int32)
    if array.dtype.itemsize > 4 and array.size:  # noqa: PLR2004 - bytes
        lowest, highest = int(array.min()), int(array.max())
        if lowest < _LOWEST or highest > _HIGHEST:
            message = f"A mask has 32 bits, and here are values from {lowest} to {highest}."
            raise ParameterValueError(message)
    if array.dtype.itemsize < 4:  # noqa: PLR2004 - bytes
        array = array.astype(array.dtype.str.replace("i", "u"))
    return array.astype(np.uint32).view(np.int32)


def used_bits(array: NDArray[np.int32]) -> int:
    """Return which bits are set in at least one pixel; never negative."""
    return int(np.bitwise_or.reduce(array, axis=None)) & 0xFFFF_FFFF


def moved_bits(array: NDArray[np.int32], moves: Mapping[int, int]) -> NDArray[np.int32]:
    """Return pixels in which bits have other numbers.

    Parameters
    ----------
    array
        Shape (height, width).
    moves
        New numbers by old ones; no two the same. Other bits stay.
    """
    changes = {bit: to for bit, to in moves.items() if bit != to}
    if not changes:
        return array.copy()
    keep = np.int32(~sum(1 << bit for bit in changes))
    moved = np.empty_like(array)
    for rows in row_blocks(array.shape):
        block, result = array[rows], moved[rows]
        np.bitwise_and(block, keep, out=result)
        for bit, to in changes.items():
            result |= ((block >> np.int32(bit)) & np.int32(1)) << np.int32(to)
    return moved
