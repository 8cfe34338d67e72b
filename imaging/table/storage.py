"""The rows of a table: one structured array that grows, and what hangs on its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

import numpy as np

from imaging.errors import (
    FieldNotFoundError,
    ParameterTypeError,
    ParameterValueError,
    SchemaError,
)
from imaging.fits.metadata import Metadata
from imaging.footprint.footprint import Footprint
from imaging.table.attachments import Attachments
from imaging.table.columns import (
    FLAGS,
    CellFunctions,
    blank_row,
    cell_reader,
    cell_setter,
    column_values,
    fill_column,
    row_type,
)
from imaging.table.schemas.mapping import SchemaMapper, mapping_between

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from imaging.table.columns import RowIndex
    from imaging.table.schemas.fields import Field, FieldValue, Key
    from imaging.table.schemas.schema import Schema

__all__ = ["Storage", "copied_rows", "missing_field"]

_FIRST = 16  # rows that a table has room for at once
_GROWTH = 1.5
_MOST = 2**31 - 1  # rows: footprints are counted in 32 bits


class Storage:
    """Rows in memory.

    Parameters
    ----------
    schema
        Their fields; a copy is kept.
    array
        Rows to begin with, which are not copied: a structured array with a
        column for each field, and ``flags`` with the packed bits.
    bits
        Place of each flag in ``flags``; by default the order of the schema.
    attachments
        The footprints.
    numbers
        Which of them each row has, from 1; 0 for none.

    Notes
    -----
    When the array is full another takes its place. Columns that were taken
    before then show the rows of that time and are no longer part of the table.
    """

    def __init__(
        self,
        schema: Schema,
        array: NDArray[np.void] | None = None,
        *,
        bits: Mapping[str, int] | None = None,
        attachments: Attachments | None = None,
        numbers: NDArray[np.int32] | None = None,
    ) -> None:
        if FLAGS in schema.names:
            message = f"No field can be called {FLAGS!r}: the column of that name holds all flags."
            raise SchemaError(message)
        self._schema = schema.copy()
        self.metadata = Metadata()
        self.attachments = Attachments() if attachments is None else attachments
        flags = self._schema.flag_names
        self._bits = dict(bits or {name: place for place, name in enumerate(flags)})
        self._numbers = np.zeros(0, np.int32) if numbers is None else numbers
        self._use(np.empty(0, row_type(self._schema)) if array is None else array)
        self._count = len(self._array)
        self._mappers: WeakKeyDictionary[Storage, SchemaMapper | None] = WeakKeyDictionary()

    def _use(self, array: NDArray[np.void]) -> None:
        self._array = array
        self._blank = blank_row(array.dtype)
        self.cells = CellFunctions(cell_reader, array, self._schema, self._bits)
        self.setters = CellFunctions(cell_setter, array, self._schema, self._bits)

    @property
    def schema(self) -> Schema:
        """The fields: a copy, whose aliases are those of this table."""
        return self._schema.sharing_aliases()

    @property
    def array(self) -> NDArray[np.void]:
        """All rows, as they lie in memory."""
        return self._array[: self._count]

    @property
    def bits(self) -> Mapping[str, int]:
        """Place of each flag in the column ``flags``."""
        return self._bits

    def __len__(self) -> int:
        return self._count

    def reserve(self, count: int) -> None:
        """Make room for so many rows altogether.

        Raises
        ------
        ParameterValueError
            If there is not the memory for them.
        """
        if count > len(self._array):
            array = self._room_for(count)
            held = _as_bytes(array)
            held[: self._count] = _as_bytes(self.array)
            held[self._count :] = self._blank
            self._use(array)

    def _room_for(self, count: int) -> NDArray[np.void]:
        size = count * self._array.dtype.itemsize
        try:
            if count <= _MOST:
                return np.empty(count, self._array.dtype)
        except MemoryError as error:
            message = f"There is no memory for {count} records, which take {size:,} bytes."
            raise ParameterValueError(message) from error
        message = f"A table has at most {_MOST} records, not {count}."
        raise ParameterValueError(message)

    def add_rows(self, count: int) -> range:
        """Add rows without values and return their places; see `reserve`."""
        begin, end = self._count, self._count + count
        if end > len(self._array):
            self.reserve(max(end, int(len(self._array) * _GROWTH), _FIRST))
        self._count = end
        return range(begin, end)

    def field(self, name: str | Key[np.generic]) -> Field:
        """Return a field of this table.

        Raises
        ------
        FieldNotFoundError
            If it has none of that name.
        """
        try:
            return self._schema.find(name).field
        except FieldNotFoundError as error:
            raise missing_field(error) from None

    def column(self, name: str | Key[np.generic], rows: RowIndex) -> NDArray[np.generic]:
        """Return a column of some rows; see `imaging.table.columns.column_values`."""
        return column_values(self._array, self.field(name), self._bits, rows)

    def fill(self, name: str | Key[np.generic], rows: RowIndex | int, values: ArrayLike) -> None:
        """Write into a column of some rows; see `imaging.table.columns.fill_column`."""
        fill_column(self._array, self.field(name), self._bits, rows, values)

    def mapper_from(self, other: Storage) -> SchemaMapper | None:
        """Return what to copy of rows of another table with the same fields; None for whole rows.

        Raises
        ------
        SchemaError
            If the fields are not the same.
        """
        if other not in self._mappers:
            mapper = mapping_between(other.schema, self._schema)
            same = other.array.dtype == self._array.dtype and other.bits == self._bits
            self._mappers[other] = None if same else mapper
        return self._mappers[other]

    def copy_rows(
        self, other: Storage, source: RowIndex, target: range, mapper: SchemaMapper | None = None
    ) -> None:
        """Copy the values of some rows.

        Parameters
        ----------
        other
            Where they come from.
        source
            Which rows there.
        target
            As many rows here.
        mapper
            What to copy; not needed if the fields are the same.

        Raises
        ------
        SchemaError
            If the fields are not the same and there is no mapper.
        """
        rows = slice(target.start, target.stop)
        if mapper is None:
            mapper = self.mapper_from(other)
        if mapper is None:
            _as_bytes(self._array)[rows] = _as_bytes(other.array)[source]
            return
        for name, goal in mapper.pairs():
            mine, theirs = self.field(goal), other.field(name)
            if mine.type == theirs.type == "String" and mine.element_count >= theirs.element_count:
                self._array[mine.name][rows] = other.array[theirs.name][source]
            else:
                self.fill(goal, rows, other.column(name, source))

    def value(self, name: str | Key[np.generic], row: int) -> FieldValue:
        """Return one value."""
        try:
            return self.cells[name](row)
        except FieldNotFoundError as error:
            raise missing_field(error) from None

    @property
    def numbers(self) -> NDArray[np.int32]:
        """Which footprint each row has, from 1; 0 for none."""
        if len(self._numbers) < self._count:
            longer = np.zeros(len(self._array), np.int32)
            longer[: len(self._numbers)] = self._numbers
            self._numbers = longer
        return self._numbers[: self._count]

    def footprint(self, row: int) -> Footprint | None:
        """Return the footprint of a row, or None if it has none."""
        number = int(self._numbers[row]) if row < len(self._numbers) else 0
        return self.attachments.get(number) if number else None

    def set_footprint(self, row: int, footprint: Footprint | None) -> None:
        """Give a row a footprint, or none.

        Raises
        ------
        ParameterTypeError
            If it is something else.
        """
        if footprint is not None and not isinstance(footprint, Footprint):
            message = f"A record has a Footprint or None, not {footprint!r}."
            raise ParameterTypeError(message)
        self.numbers[row] = 0 if footprint is None else self.attachments.add(footprint)

    def share_footprints(self, other: Storage, source: RowIndex, target: range) -> None:
        """Give rows the footprints that rows of another table have."""
        numbers = other.numbers[source]
        if not numbers.any():
            return
        mine = self.numbers
        for row, number in zip(target, numbers.tolist(), strict=True):
            footprint = other.attachments.get(number) if number else None
            mine[row] = 0 if footprint is None else self.attachments.add(footprint)

    def __getstate__(self) -> dict[str, object]:
        state = self.__dict__ | {"_array": self.array.copy(), "_numbers": self.numbers.copy()}
        del state["cells"], state["setters"], state["_mappers"]
        return state

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._use(self._array)
        self._mappers = WeakKeyDictionary()


def copied_rows(array: NDArray[np.void], rows: RowIndex) -> NDArray[np.void]:
    """Return copies of some rows; as plain bytes, which is five times faster than by column."""
    if not array.dtype.itemsize:
        return array[rows].copy()
    plain = array.view(f"V{array.dtype.itemsize}")[rows]
    return cast("NDArray[np.void]", np.ascontiguousarray(plain.copy()).view(array.dtype))


def _as_bytes(array: NDArray[np.void]) -> NDArray[np.uint8]:
    """Return rows as bytes, shape (rows, bytes of one)."""
    size = array.dtype.itemsize
    plain = array.view(np.uint8) if size else np.empty(0, np.uint8)
    return plain.reshape(len(array), size)


def missing_field(error: FieldNotFoundError) -> FieldNotFoundError:
    """Return the same error, saying why a table may lack a field that a schema has."""
    advice = (
        "A table keeps the fields that its schema had when it was made: if a task added this one "
        "afterwards, make the table again from the schema as it is now."
    )
    return FieldNotFoundError(error.name, error.known, advice)
