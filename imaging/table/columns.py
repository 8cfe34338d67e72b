"""The columns of a structured array, its flags in packed bits, read and written by one row or many.

Flags lie as FITS has them: eight in a byte, the first in its highest bit.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar, cast, runtime_checkable

import numpy as np

from imaging.errors import ImagingError, ParameterTypeError, ParameterValueError, SchemaError
from imaging.table.schemas.fields import LARGEST_ELEMENT, Field, FieldValue, Key, element_type
from imaging.table.texts import REPLACING, check_encoding, decoded, encoded, longest_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from imaging.table.schemas.schema import Schema

__all__ = [
    "FLAGS",
    "CellFunctions",
    "CellReader",
    "CellSetter",
    "RowIndex",
    "blank_row",
    "cell_reader",
    "cell_setter",
    "column_values",
    "fill_column",
    "fitting_column",
    "flag_values",
    "packed_flags",
    "row_type",
]

FLAGS = "flags"
"""The column that holds all flags."""

RowIndex: TypeAlias = "slice | NDArray[np.int64]"
CellReader: TypeAlias = "Callable[[int], FieldValue]"
CellSetter: TypeAlias = "Callable[[int, ArrayLike], None]"
_Function = TypeVar("_Function")


@runtime_checkable
class _WithUnit(Protocol):
    @property
    def unit(self) -> object: ...
    def to_value(self, unit: str) -> NDArray[np.floating]: ...


def row_type(schema: Schema) -> np.dtype[np.void]:
    """Return the type of the rows of a table: the columns, and then the flags."""
    columns: list[tuple[str, object]] = []
    for entry in schema:
        field = entry.field
        if field.type == "String":
            columns.append((field.name, f"S{field.element_count}"))
        elif field.is_array:
            columns.append((field.name, (element_type(field.type), (field.element_count,))))
        elif field.type != "Flag":
            columns.append((field.name, element_type(field.type)))
    count = len(schema.flag_names)
    if count:
        columns.append((FLAGS, ("u1", (-(-count // 8),))))
    size = sum(np.dtype([column]).itemsize for column in columns)
    if size > LARGEST_ELEMENT:
        message = f"A record of these fields would be too large ({size:,} bytes): shorten arrays."
        raise SchemaError(message)
    return np.dtype(columns)


def blank_row(dtype: np.dtype[np.void]) -> NDArray[np.uint8]:
    """Return the bytes of a row without values: NaN, 0, no text, no flag."""
    row = np.zeros(1, dtype)
    for name in dtype.names or ():
        if row[name].dtype.kind == "f":
            row[name] = np.nan
    return row.view(np.uint8) if dtype.itemsize else np.zeros(0, np.uint8)


class CellFunctions(dict[object, _Function]):
    """Functions for the cells of a column, by key or name of the field; made when asked for.

    Parameters
    ----------
    make
        Returns the function of a column: `cell_reader` or `cell_setter`.
    array
        The rows.
    schema
        Their fields.
    bits
        Place of each flag in the packed column.
    """

    __slots__ = ("_array", "_bits", "_make", "_schema")

    def __init__(
        self,
        make: Callable[[NDArray[np.void], Field, Mapping[str, int]], _Function],
        array: NDArray[np.void],
        schema: Schema,
        bits: Mapping[str, int],
    ) -> None:
        super().__init__()
        self._make, self._array, self._schema, self._bits = make, array, schema, bits

    def __missing__(self, name: str | Key[np.generic]) -> _Function:
        entry = self._schema.find(name)
        if name not in {entry.key, entry.field.name}:
            return self[entry.key]  # an alias may change
        function = self._make(self._array, entry.field, self._bits)
        self[entry.key] = self[entry.field.name] = function
        return function


def cell_setter(array: NDArray[np.void], field: Field, bits: Mapping[str, int]) -> CellSetter:
    """Return a function that sets the value of a row; it is quick for Python's own numbers."""

    def set_any(row: int, value: ArrayLike) -> None:
        fill_column(array, field, bits, row, value)

    if field.type == "Flag":
        byte, mask = _place(bits[field.name])
        packed = array[FLAGS][:, byte]

        def set_flag(row: int, value: ArrayLike) -> None:
            if type(value) is bool:
                packed[row] = packed.item(row) & ~mask | (mask if value else 0)
            else:
                set_any(row, value)

        return set_flag
    if field.is_array or field.type == "String":
        return set_any
    column = array[field.name]
    kinds = (float, int) if column.dtype.kind == "f" else (int,)
    low, high = _limits(column.dtype)

    def set_number(row: int, value: ArrayLike) -> None:
        if isinstance(value, kinds) and (low <= value <= high or value != value):  # noqa: PLR0124 - NaN
            column[row] = value
        else:
            set_any(row, value)

    return set_number


def _limits(dtype: np.dtype[np.generic]) -> tuple[float, float]:
    """Return the least and the largest finite number of a type."""
    if dtype.kind == "f":
        real = np.finfo(dtype.str)
        return float(real.min), float(real.max)
    whole = np.iinfo(dtype.str)
    return whole.min, whole.max


def cell_reader(array: NDArray[np.void], field: Field, bits: Mapping[str, int]) -> CellReader:
    """Return a function that gives the value of a row, as Python's own type where there is one."""
    if field.type == "Flag":
        byte, mask = _place(bits[field.name])
        read = array[FLAGS][:, byte].item
        return lambda row: bool(read(row) & mask)
    column = array[field.name]
    if field.type == "String":
        text = column.item
        return lambda row: cast("bytes", text(row)).decode("utf-8", REPLACING)
    if field.is_array:
        return cast("CellReader", column.__getitem__)
    return cast("CellReader", column.item)


def _place(bit: int) -> tuple[int, int]:
    return bit // 8, 0x80 >> bit % 8


def column_values(
    array: NDArray[np.void], field: Field, bits: Mapping[str, int], rows: RowIndex
) -> NDArray[np.generic]:
    """Return a column of some rows.

    Returns
    -------
    numpy.ndarray
        A view for a slice of rows, except that flags and texts are copies.
    """
    if field.type == "Flag":
        return flag_values(array[FLAGS][rows], bits[field.name])
    column = array[field.name][rows]
    return decoded(column) if field.type == "String" else column


def flag_values(packed: NDArray[np.uint8], bit: int) -> NDArray[np.generic]:
    """Return one of the flags that are packed, shape (rows, bytes)."""
    byte, mask = _place(bit)
    return cast("NDArray[np.generic]", (packed[:, byte] & mask) != 0)


def packed_flags(columns: Sequence[NDArray[np.generic]]) -> NDArray[np.uint8]:
    """Return flags packed in their order, shape (rows, bytes); at least one is needed."""
    packed = np.zeros((len(columns[0]), -(-len(columns) // 8)), np.uint8)
    for bit, flags in enumerate(columns):
        byte, mask = _place(bit)
        packed[:, byte] |= flags.astype(np.uint8) * np.uint8(mask)
    return packed


def fill_column(
    array: NDArray[np.void],
    field: Field,
    bits: Mapping[str, int],
    rows: RowIndex | int,
    values: ArrayLike,
) -> None:
    """Write values into a column of some rows.

    Parameters
    ----------
    array
        All rows.
    field
        The column.
    bits
        Place of each flag.
    rows
        Which of them.
    values
        One for each row, or one for all. A Quantity is converted to the unit
        of the field; texts may be given in UTF-8.

    Raises
    ------
    ParameterTypeError
        If a number would lose its fraction, or it is no number at all.
    ParameterValueError
        If a value does not fit the type, is masked, or has another unit, or
        there is another number of them.
    """
    with _naming(field):
        fitting = _fitting(field, values)
        if field.type == "Flag":
            byte, mask = _place(bits[field.name])
            column = array[FLAGS][:, byte]
            column[rows] = column[rows] & ~np.uint8(mask) | np.where(fitting, np.uint8(mask), 0)
        else:
            array[field.name][rows] = fitting


def fitting_column(field: Field, values: ArrayLike, count: int) -> NDArray[np.generic]:
    """Return values in the type of a field, as many as asked for; see `fill_column`.

    Parameters
    ----------
    field
        The column.
    values
        One for each row, or one for all.
    count
        Number of rows.
    """
    with _naming(field):
        shape = (count, field.element_count) if field.is_array else (count,)
        return np.broadcast_to(_fitting(field, values), shape)


@contextmanager
def _naming(field: Field) -> Iterator[None]:
    """Name the field in errors of NumPy and astropy."""
    try:
        yield
    except (ValueError, TypeError, OverflowError) as error:
        if isinstance(error, ImagingError):
            raise
        message = f"Field {field.name!r} of type {field.type}: {error}"
        kind = ParameterTypeError if isinstance(error, TypeError) else ParameterValueError
        raise kind(message) from error


def _plain(field: Field, values: ArrayLike) -> ArrayLike:
    """Return values without unit and mask."""
    if isinstance(values, _WithUnit):
        values = values.to_value(field.units)
    mask = getattr(values, "mask", None) if isinstance(values, np.ndarray) else None
    if mask is not None and np.any(mask):
        message = (
            f"Field {field.name!r} cannot be given masked values: say what stands for them, with "
            "values.filled(...)."
        )
        raise ParameterValueError(message)
    return cast("ArrayLike", getattr(values, "unmasked", values))


def _as_flags(field: Field, values: ArrayLike) -> NDArray[np.bool_]:
    flags = np.asarray(values)
    if flags.dtype.kind != "b" and not (
        flags.dtype.kind in "iu" and ((flags == 0) | (flags == 1)).all()
    ):
        message = f"Field {field.name!r} is a flag: it takes booleans, not {flags.dtype} values."
        raise ParameterTypeError(message)
    return flags.astype(np.bool_, copy=False)


def _fitting(field: Field, values: ArrayLike) -> NDArray[np.generic]:
    values = _plain(field, values)
    if field.type == "Flag":
        return _as_flags(field, values)
    if field.type == "String":
        return _as_texts(field, values)
    given = np.asarray(values)
    wanted = element_type(field.type)
    if given.dtype.kind == "O":
        given = np.asarray(given.tolist())
    if not given.size:
        return np.zeros(given.shape, wanted)
    if given.dtype.kind not in "biuf" or (wanted.kind != "f" and given.dtype.kind == "f"):
        message = f"Field {field.name!r} of type {field.type} cannot take {given.dtype} values."
        raise ParameterTypeError(message)
    if wanted.kind == "f":
        return _in_range(field, given, wanted)
    if np.can_cast(given.dtype, wanted):
        return given
    limits = np.iinfo(wanted.str)
    if int(given.min()) < limits.min or int(given.max()) > limits.max:
        message = (
            f"Field {field.name!r} of type {field.type} takes {limits.min} to {limits.max}, "
            f"not {given.min()} to {given.max()}."
        )
        raise ParameterValueError(message)
    return given


def _in_range(
    field: Field, given: NDArray[np.generic], wanted: np.dtype[np.generic]
) -> NDArray[np.generic]:
    """Return numbers in the type of a field, in which none becomes infinite."""
    if given.dtype.kind != "f" or given.dtype.itemsize <= wanted.itemsize:
        return given
    with np.errstate(over="ignore"):
        narrow = given.astype(wanted)
    if (np.isinf(narrow) & np.isfinite(given)).any():
        limit = float(np.finfo(wanted.str).max)
        message = f"Field {field.name!r} of type {field.type} takes numbers up to {limit:.7g}."
        raise ParameterValueError(message)
    return narrow


def _as_texts(field: Field, values: ArrayLike) -> NDArray[np.generic]:
    texts = np.asarray(values)
    if texts.dtype.kind == "O":
        texts = np.asarray(texts.tolist())
    if not texts.size:
        return np.zeros(texts.shape, "S1")
    if texts.dtype.kind not in "US":
        message = f"Field {field.name!r} takes texts, not {texts.dtype} values."
        raise ParameterTypeError(message)
    if texts.dtype.kind == "U":
        texts = encoded(texts)
    else:
        check_encoding(texts)
    longest = longest_text(texts)
    if longest > field.element_count:
        message = (
            f"Field {field.name!r} has room for {field.element_count} bytes, a text has {longest}."
        )
        raise ParameterValueError(message)
    return texts
