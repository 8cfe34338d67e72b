"""Bytes of many rows moved between a file's layout and that of an array, a few rows at a time.

What is next to each other and changes its byte order alike moves together. A
chunk stays in the processor's cache between the file and its place: for a
million rows this is faster than to change the order of all of them in place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from imaging.fits.fields import Field

__all__ = ["CHUNK", "Move", "apply_moves", "joined_moves", "rows_per_chunk"]

CHUNK = 1 << 17
"""Bytes that are moved at a time, so that they stay in the second-level cache of a core."""

_Kind: TypeAlias = Literal["bytes", "truth", "flipped"]
_TRUE, _FALSE = ord("T"), ord("F")


@dataclass(frozen=True, slots=True)
class Move:
    """Neighbouring numbers of a row that move in the same way.

    Parameters
    ----------
    kind
        ``bytes`` change their order only, ``truth`` also becomes a boolean or
        a letter, of what is ``flipped`` the highest bit is inverted.
    unit
        Number of bytes that change their order together.
    count
        How many such units there are.
    stored
        First byte in a row of the file.
    held
        First byte in a row of the array.
    """

    kind: _Kind
    unit: int
    count: int
    stored: int
    held: int

    @classmethod
    def of_field(cls, field: Field, held: int) -> Move:
        """Return the move of one column, whose place in the array's row is ``held``."""
        kind: _Kind = "flipped" if field.is_flipped else "truth" if field.letter == "L" else "bytes"
        return cls(kind, field.unit, field.width // field.unit, field.begin, held)


def joined_moves(moves: Iterable[Move]) -> list[Move]:
    """Return the same moves, those of neighbours as one."""
    joined: list[Move] = []
    for move in moves:
        if joined:
            last = joined[-1]
            size = last.unit * last.count
            alike = (last.kind, last.unit) == (move.kind, move.unit)
            if alike and (last.stored + size, last.held + size) == (move.stored, move.held):
                joined[-1] = replace(last, count=last.count + move.count)
                continue
        if move.count:
            joined.append(move)
    return joined


def rows_per_chunk(width: int) -> int:
    """Return how many rows of so many bytes are moved at a time."""
    return max(1, CHUNK // max(width, 1))


def apply_moves(
    moves: Iterable[Move],
    stored: NDArray[np.uint8],
    held: NDArray[np.uint8],
    *,
    into: Literal["array", "file"],
) -> None:
    """Move some rows.

    Parameters
    ----------
    moves
        What goes where.
    stored
        Bytes in the file's layout, shape (rows, bytes of one), contiguous.
    held
        Bytes in the array's layout, in the same shape and order of rows.
    into
        Which of the two is changed.
    """
    for move in moves:
        file_side = _numbers(stored, move, move.stored, ">")
        array_side = _numbers(held, move, move.held, "=")
        if into == "array":
            _copy(move, file_side, array_side)
            if move.kind == "truth":
                array_side[...] = file_side == _TRUE
        else:
            _copy(move, array_side, file_side)
            if move.kind == "truth":
                file_side[...] = np.where(array_side, np.uint8(_TRUE), np.uint8(_FALSE))


def _copy(move: Move, source: NDArray[np.generic], target: NDArray[np.generic]) -> None:
    if move.kind == "flipped":
        highest = np.array(1 << (8 * move.unit - 1), f"u{move.unit}")
        target[...] = np.bitwise_xor(source, highest)
    elif move.kind == "bytes":
        target[...] = source


def _numbers(rows: NDArray[np.uint8], move: Move, begin: int, order: str) -> NDArray[np.generic]:
    """Return a view of what moves as unsigned integers, shape (rows, count)."""
    shape, strides = (len(rows), move.count), (rows.strides[0], move.unit)
    return np.ndarray(shape, f"{order}u{move.unit}", rows, begin, strides)
