"""Binary tables from NumPy to the bytes of a file, a few rows at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.fits.cards import Card, to_card_value
from imaging.fits.fields import MAX_FIELDS, described_field, field_begins, form_cards
from imaging.fits.moves import CHUNK, Move, apply_moves, joined_moves, rows_per_chunk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from imaging.fits.cards import CardValue
    from imaging.fits.fields import Field
    from imaging.fits.heap import VariableColumn
    from imaging.fits.rows import Rows

__all__ = ["encode_rows"]

_LAST_OF_P = 2**31 - 1  # the largest number in a descriptor of 32 bits


def encode_rows(rows: Rows) -> tuple[tuple[Card, ...], Iterator[memoryview]]:
    """Return a table as it stands in a file.

    Parameters
    ----------
    rows
        The table. Its ``header`` is not part of the result.

    Returns
    -------
    tuple
        The cards that describe structure and columns, XTENSION first; and an
        iterator of the data without padding, in pieces of about 128 kB, each
        of which must be used before the next is asked for.

    Raises
    ------
    ParameterTypeError
        If FITS has no values of such a type.
    ParameterValueError
        If there are too many columns, or the offsets of one of variable
        length do not fit its values.
    """
    if rows.array.dtype.names is None and rows.array.dtype.itemsize:
        message = f"Rows are a structured array, not one of {rows.array.dtype}."
        raise ParameterTypeError(message)
    fields, moves = _fixed_fields(rows)
    width = sum(field.width for field in fields)
    columns = {name: column.checked(name, len(rows)) for name, column in rows.variable.items()}
    size = sum(column.values.nbytes for column in columns.values())
    pointer = np.dtype(">i8" if size > _LAST_OF_P else ">i4")
    for name, column in columns.items():
        is_printable = _is_printable(column.values)
        base = described_field(name, column.values.dtype, None, is_printable=is_printable)
        fields.append(replace(base, begin=width, width=2 * pointer.itemsize, descriptor=pointer))
        width += 2 * pointer.itemsize
    if len(fields) > MAX_FIELDS:
        message = f"A FITS table has {MAX_FIELDS} columns at most, not {len(fields)}."
        raise ParameterValueError(message)
    layout = (
        Card("XTENSION", "BINTABLE", "binary table"),
        Card("BITPIX", 8),
        Card("NAXIS", 2),
        Card("NAXIS1", width, "bytes of a row"),
        Card("NAXIS2", len(rows), "rows"),
        Card("PCOUNT", size, "bytes behind the rows"),
        Card("GCOUNT", 1),
        Card("TFIELDS", len(fields), "columns"),
    )
    cards = (*layout, *_column_cards(rows, fields))
    return cards, _content(rows, fields, joined_moves(moves), width)


def _fixed_fields(rows: Rows) -> tuple[list[Field], list[Move]]:
    fields: list[Field] = []
    moves = []
    begin, begins = 0, field_begins(rows.array.dtype)
    for name in rows.array.dtype.names or ():
        is_printable = _is_printable(rows.array[name])
        described = described_field(
            name, rows.array.dtype[name], rows.bits.get(name), is_printable=is_printable
        )
        field = replace(described, begin=begin)
        fields.append(field)
        moves.append(Move.of_field(field, begins[name]))
        begin += field.width
    return fields, moves


def _is_printable(values: NDArray[np.generic]) -> bool:
    """Whether texts have nothing but printable ASCII, and NUL at their end; true for others."""
    if values.dtype.kind != "S" or not values.size or not values.dtype.itemsize:
        return True
    step = rows_per_chunk(values.nbytes // len(values))
    for begin in range(0, len(values), step):
        some = np.ascontiguousarray(values[begin : begin + step])
        letters = some.view(np.uint8).reshape(-1, values.dtype.itemsize)
        is_end = letters == 0
        is_wrong = ~is_end & ((letters < ord(" ")) | (letters > ord("~")))
        if is_wrong.any() or (is_end[:, :-1] & ~is_end[:, 1:]).any():
            return False
    return True


def _column_cards(rows: Rows, fields: list[Field]) -> Iterator[Card]:
    for number, field in enumerate(fields, 1):
        name = field.name
        longest = 0
        if name in rows.variable and len(rows):
            longest = int(np.diff(rows.variable[name].offsets).max())
        yield from form_cards(field, number, longest)
        more: dict[str, CardValue] = {}
        if name in rows.units:
            more["TUNIT"] = rows.units[name]
        if name in rows.descriptions:
            more["TDOC"] = rows.descriptions[name]
        for card, value in {**more, **rows.column_cards.get(name, {})}.items():
            yield Card(f"{card}{number}", to_card_value(f"{card} of {name}", value))


def _content(
    rows: Rows, fields: list[Field], moves: list[Move], width: int
) -> Iterator[memoryview]:
    """Yield the rows, then the values that they point to."""
    pointers = list(_descriptors(rows, fields))
    array = rows.array
    count = len(array)
    step = rows_per_chunk(width)
    buffer = np.empty((min(step, count), width), np.uint8)
    for begin in range(0, count if width else 0, step):
        stored = buffer[: min(step, count - begin)]
        end = begin + len(stored)
        if moves:
            held = np.ascontiguousarray(_native(array[begin:end]))
            apply_moves(moves, stored, held.view(np.uint8).reshape(len(stored), -1), into="file")
        for field, counts, begins in pointers:
            some = slice(field.begin, field.begin + field.width)
            pairs = np.stack([counts[begin:end], begins[begin:end]], axis=1)
            stored[:, some] = pairs.astype(field.descriptor).view(np.uint8)
        yield stored.reshape(-1).data
    for field in fields:
        if field.descriptor is not None:
            yield from _heap(field, rows.variable[field.name])


def _native(array: NDArray[np.void]) -> NDArray[np.void]:
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _descriptors(
    rows: Rows, fields: Iterable[Field]
) -> Iterator[tuple[Field, NDArray[np.int64], NDArray[np.int64]]]:
    """Yield for each column of variable length how many values its rows have, and where."""
    begin = 0
    for field in fields:
        if field.descriptor is not None:
            column = rows.variable[field.name]
            places = begin + column.offsets[:-1] * field.dtype.itemsize
            yield field, np.diff(column.offsets), places
            begin += column.values.nbytes


def _heap(field: Field, column: VariableColumn) -> Iterator[memoryview]:
    move = replace(Move.of_field(field, 0), stored=0, count=1)
    step = CHUNK // field.unit
    size = field.dtype.itemsize
    for begin in range(0, len(column.values), step):
        values = column.values[begin : begin + step]
        values = np.ascontiguousarray(values, values.dtype.newbyteorder("="))
        held = values.view(np.uint8).reshape(-1, field.unit)
        stored = np.empty((len(values) * size // field.unit, field.unit), np.uint8)
        apply_moves([move], stored, held, into="file")
        yield stored.reshape(-1).data
