"""Columns with another number of values in each row, whose values lie behind the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import FitsFileError, ParameterValueError
from imaging.fits.moves import CHUNK, Move, apply_moves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from imaging.fits.fields import Field
    from imaging.fits.hdus import Hdu

__all__ = ["VariableColumn", "gather_values"]

_LARGEST = 1 << 28  # bytes that may be made of a smaller heap, whose values then overlap


@dataclass(frozen=True, slots=True)
class VariableColumn:
    """The values of a column of variable length, those of all rows one after the other.

    Parameters
    ----------
    values
        One-dimensional, in the machine's byte order. Bits are packed bytes, texts ``S1``.
    offsets
        Those of row ``i`` are ``values[offsets[i]:offsets[i + 1]]``: one more than rows.
    """

    values: NDArray[np.generic]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> NDArray[np.generic]:
        """Return a view of the values of one row, counted from 0."""
        if not 0 <= row < len(self):
            message = f"There is no row {row} among {len(self)}."
            raise IndexError(message)
        return self.values[self.offsets[row] : self.offsets[row + 1]]

    def between(self, begin: int, end: int) -> VariableColumn:
        """Return some rows; their values are a view of the same memory."""
        offsets = self.offsets[begin : end + 1]
        first, last = (int(offsets[0]), int(offsets[-1])) if len(offsets) else (0, 0)
        return VariableColumn(self.values[first:last], offsets - first)

    def checked(self, name: str, rows: int) -> VariableColumn:
        """Return this column if it fits so many rows.

        Raises
        ------
        ParameterValueError
            If the offsets are not one more than the rows, go back, or leave the values.
        """
        offsets = self.offsets
        if (
            self.values.ndim == 1
            and len(offsets) == rows + 1
            and offsets[0] == 0
            and offsets[-1] == len(self.values)
            and (np.diff(offsets) >= 0).all()
        ):
            return self
        message = (
            f"Column {name!r}: its offsets must be {rows + 1}, ascending from 0 to the number of "
            f"its values, {self.values.size}."
        )
        raise ParameterValueError(message)


def gather_values(
    hdu: Hdu, field: Field, pairs: NDArray[np.int64], heap: NDArray[np.uint8]
) -> VariableColumn:
    """Return the values that descriptors point to.

    Parameters
    ----------
    hdu
        The header, for messages.
    field
        The column.
    pairs
        Number of values and first byte in the heap of each row, shape (rows, 2).
    heap
        What lies behind the rows.

    Raises
    ------
    FitsFileError
        If a descriptor points outside of the heap.
    """
    counts, begins = pairs[:, 0], pairs[:, 1]
    if field.letter == "X":
        counts = -(-counts // 8)
    size = field.dtype.itemsize
    is_used = counts != 0
    is_wrong = (counts < 0) | (counts > len(heap) // size)
    is_wrong |= is_used & (
        (begins < 0) | (begins > len(heap) - np.where(is_wrong, 0, counts) * size)
    )
    if is_wrong.any():
        row = int(np.argmax(is_wrong))
        reason = (
            f"HDU {hdu.index}: row {row} of column {field.name!r} has {int(pairs[row, 0])} values "
            f"from byte {int(begins[row])} of a heap of {len(heap)} bytes"
        )
        raise FitsFileError(hdu.path, reason)
    total = float(counts.sum(dtype=np.float64)) * size
    if total > max(len(heap), _LARGEST):
        reason = f"HDU {hdu.index}: the rows of column {field.name!r} overlap in the heap"
        raise FitsFileError(hdu.path, reason)
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    values = np.empty(int(offsets[-1]), field.dtype)
    _fill(field, values, _pieces(begins, offsets, size, heap))
    return VariableColumn(values, offsets)


def _pieces(
    begins: NDArray[np.int64], offsets: NDArray[np.int64], size: int, heap: NDArray[np.uint8]
) -> Iterator[NDArray[np.uint8]]:
    """Yield the bytes of the values in their order, some at a time."""
    ends = begins + np.diff(offsets) * size
    used = np.flatnonzero(ends > begins)
    if not len(used):
        return
    is_new = np.ones(len(used), np.bool_)  # rows that do not follow the one before in the heap
    is_new[1:] = begins[used[1:]] != ends[used[:-1]]
    starts = np.flatnonzero(is_new)
    if len(starts) * 8 < len(used) or len(starts) == 1:
        lasts = np.append(starts[1:], len(used)) - 1
        for first, last in zip(used[starts].tolist(), used[lasts].tolist(), strict=True):
            yield from _slices(heap[int(begins[first]) : int(ends[last])], size)
        return
    step = max(1, int(len(begins) * (CHUNK / size) / max(int(offsets[-1]), 1)))
    for first in range(0, len(begins), step):
        some = offsets[first : first + step + 1]
        places = np.arange(some[-1] - some[0]) - np.repeat(some[:-1] - some[0], np.diff(some))
        places = places * size + np.repeat(begins[first : first + step], np.diff(some))
        yield heap[(places[:, None] + np.arange(size)).reshape(-1)]


def _slices(content: NDArray[np.uint8], size: int) -> Iterator[NDArray[np.uint8]]:
    step = CHUNK // size * size
    for begin in range(0, len(content), step):
        yield content[begin : begin + step]


def _fill(field: Field, values: NDArray[np.generic], pieces: Iterator[NDArray[np.uint8]]) -> None:
    """Put bytes of the file into the values."""
    held = values.view(np.uint8).reshape(-1, field.unit)
    move = Move("bytes", field.unit, 1, 0, 0)
    if field.is_flipped or field.letter == "L":
        move = Move("flipped" if field.is_flipped else "truth", field.unit, 1, 0, 0)
    begin = 0
    for piece in pieces:
        stored = piece.reshape(-1, field.unit)
        apply_moves([move], stored, held[begin : begin + len(stored)], into="array")
        begin += len(stored)
