"""Arrays made smaller: the mean of each block of pixels, or whether any of them is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["block_any", "block_mean", "block_size"]


def block_size(shape: tuple[int, int], longest: int) -> int:
    """Return the side of the blocks that make an array at most ``longest`` pixels long.

    Parameters
    ----------
    shape
        Height and width.
    longest
        Pixels of the longer side of the result.
    """
    return max(1, -(-max(shape) // longest))


def block_mean(array: NDArray[np.number], size: int) -> NDArray[np.float32]:
    """Return the mean of each block.

    Parameters
    ----------
    array
        Shape (height, width), of any numbers. Not modified.
    size
        Side of the blocks in pixels; those at the upper and right border hold
        what is left.

    Returns
    -------
    numpy.ndarray
        Shape (ceil(height / size), ceil(width / size)). Pixels that are not
        finite do not count; a block without any other is NaN.
    """
    if size == 1:
        return np.where(np.isfinite(array), array, np.nan).astype(np.float32)
    sums = _block_sums(array, size)
    if np.isfinite(sums).all():  # so every pixel is
        return (sums / _block_counts(array.shape, size)).astype(np.float32)
    finite = np.isfinite(array)
    sums = _block_sums(np.where(finite, array, 0), size)
    counts = _block_sums(finite, size)
    with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN that is wanted
        return (sums / counts).astype(np.float32)


def _block_sums(array: NDArray[np.generic], size: int) -> NDArray[np.float64]:
    is_short = array.dtype.kind == "f" and array.dtype.itemsize <= 4  # noqa: PLR2004 - float32
    kind = np.float32 if is_short else np.float64  # a block is small enough for its own precision
    rows, columns = (length // size for length in array.shape)
    height, width = rows * size, columns * size
    sums = np.zeros([-(-length // size) for length in array.shape])
    whole = array[:height, :width].reshape(rows, size, columns, size)
    sums[:rows, :columns] = whole.sum(axis=(1, 3), dtype=kind)
    if width < array.shape[1]:
        right = array[:height, width:].reshape(rows, size, array.shape[1] - width)
        sums[:rows, columns] = right.sum(axis=(1, 2), dtype=kind)
    if height < array.shape[0]:
        upper = array[height:, :width].reshape(array.shape[0] - height, columns, size)
        sums[rows, :columns] = upper.sum(axis=(0, 2), dtype=kind)
        if width < array.shape[1]:
            sums[rows, columns] = array[height:, width:].sum(dtype=kind)
    return sums


def _block_counts(shape: tuple[int, ...], size: int) -> NDArray[np.float64]:
    heights, widths = (
        np.diff(np.append(np.arange(0, length, size), length)).astype(float) for length in shape
    )
    counts: NDArray[np.float64] = np.multiply.outer(heights, widths)
    return counts


def block_any(flags: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Return whether any pixel of each block is set; shapes as for `block_mean`."""
    rows, columns = (np.arange(0, length, size) for length in flags.shape)
    narrow = np.logical_or.reduceat(flags, rows, axis=0)
    return np.logical_or.reduceat(narrow, columns, axis=1)
