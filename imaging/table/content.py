"""What catalogs, files and other libraries' tables exchange: rows and what is said about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np

from imaging.errors import ParameterTypeError, ParameterValueError, SchemaError
from imaging.fits.metadata import Metadata
from imaging.table.attachments import Attachments
from imaging.table.columns import (
    FLAGS,
    blank_row,
    column_values,
    fitting_column,
    flag_values,
    packed_flags,
    row_type,
)
from imaging.table.schemas.fields import Field, kind_of
from imaging.table.texts import decoded, encoded, longest_text
from imaging.table.transfer import gathered, scatter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from imaging.table.schemas.schema import Schema

__all__ = ["TableContent", "chosen_names", "content_of_columns", "field_of_array", "text_size"]

_WIDER = {"i1": "i4", "i2": "i4", "u4": "i8", "u8": "i8", "f2": "f4", "f16": "f8"}


@dataclass(frozen=True, slots=True)
class TableContent:
    """The rows of a catalog and all that belongs to them.

    Parameters
    ----------
    schema
        The fields.
    array
        One element for each row; see `imaging.table.storage.Storage`.
    bits
        Place of each flag in the column ``flags``.
    metadata
        Header cards.
    attachments
        The footprints.
    numbers
        Which of them each row has, from 1; 0, or an empty array, for none.
    """

    schema: Schema
    array: NDArray[np.void]
    bits: Mapping[str, int]
    metadata: Metadata = field(default_factory=Metadata)
    attachments: Attachments = field(default_factory=Attachments)
    numbers: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))

    def column(self, name: str) -> NDArray[np.generic]:
        """Return a column; see `imaging.table.columns.column_values`."""
        return column_values(self.array, self.schema.find(name).field, self.bits, slice(None))

    def columns(
        self, names: Iterable[str] | None = None, *, as_stored: bool = False
    ) -> dict[str, NDArray[np.generic]]:
        """Return copies of columns by the names of their fields.

        Parameters
        ----------
        names
            Which of them; by default all.
        as_stored
            Whether texts stay bytes in UTF-8.
        """
        entries = self.schema if names is None else map(self.schema.find, names)
        fields = [entry.field for entry in entries]
        wanted = [FLAGS if one.type == "Flag" else one.name for one in fields]
        stored = gathered(self.array, dict.fromkeys(wanted))
        found: dict[str, NDArray[np.generic]] = {}
        for column in fields:
            name = column.name
            if column.type == "Flag":
                packed = cast("NDArray[np.uint8]", stored[FLAGS])
                found[name] = flag_values(packed, self.bits[name])
            elif column.type == "String" and not as_stored:
                found[name] = decoded(cast("NDArray[np.bytes_]", stored[name]))
            else:
                found[name] = stored[name]
        return found

    @property
    def is_regular(self) -> bool:
        """Whether the flags are packed in their order, without gaps."""
        flags = self.schema.flag_names
        return not flags or (
            [self.bits[name] for name in flags] == list(range(len(flags)))
            and self.array.dtype[FLAGS].shape == (-(-len(flags) // 8),)
        )


def chosen_names(columns: Sequence[str]) -> list[str]:
    """Return the names of columns that a reader is given.

    Raises
    ------
    ParameterTypeError
        If they are no texts.
    ParameterValueError
        If there are none.
    """
    if not isinstance(columns, Iterable):
        message = f"columns={columns!r}: give a list of names."
        raise ParameterTypeError(message)
    names = [columns] if isinstance(columns, str) else list(columns)
    wrong = [name for name in names if not isinstance(name, str)]
    if wrong:
        message = f"columns: {wrong[0]!r} is not the name of a column."
        raise ParameterTypeError(message)
    if not names:
        message = "columns names no column: leave it out to read all."
        raise ParameterValueError(message)
    return names


def content_of_columns(
    schema: Schema,
    columns: Mapping[str, ArrayLike],
    count: int,
    metadata: Metadata | None = None,
    *,
    is_stored: bool = False,
) -> TableContent:
    """Return rows made of columns.

    Parameters
    ----------
    schema
        The fields.
    columns
        Values by name of the field; the fields that are not there have none.
    count
        Number of rows.
    metadata
        Header cards.
    is_stored
        Whether texts are bytes that are kept as they are, if UTF-8 or not.

    Raises
    ------
    ParameterTypeError
        If a field cannot take values of such a type.
    ParameterValueError
        If a value does not fit, or a column has another length.
    """
    dtype = row_type(schema)
    array = np.empty(count, dtype)
    if dtype.itemsize:
        array.view(np.uint8).reshape(count, dtype.itemsize)[...] = blank_row(dtype)
    ready: dict[str, NDArray[np.generic]] = {}
    for name, values in columns.items():
        target = schema.find(name).field
        if is_stored and target.type == "String" and isinstance(values, np.ndarray):
            ready[name] = values
        else:
            ready[name] = fitting_column(target, values, count)
    flags = schema.flag_names
    if flags:
        none = np.broadcast_to(np.False_, count)
        ready[FLAGS] = packed_flags([ready.pop(name, none) for name in flags])
    scatter(ready, array)
    bits = {name: place for place, name in enumerate(flags)}
    return TableContent(schema, array, bits, Metadata() if metadata is None else metadata)


def field_of_array(name: str, values: NDArray[np.generic], doc: str = "", units: str = "") -> Field:
    """Return the field that can hold the values of an array without loss.

    Parameters
    ----------
    name
        Name of the field.
    values
        One-dimensional, or two-dimensional with an array for each row.
    doc, units
        What is said about it.

    Raises
    ------
    SchemaError
        If no field can.
    """
    kind = values.dtype.kind
    if kind in "US" and values.ndim == 1:
        return Field(name, "String", doc, units, max(text_size(values), 1))
    if kind == "b" and values.ndim == 1:
        return Field(name, "Flag", doc, units)
    if kind in "iuf" and values.ndim in {1, 2}:
        code = values.dtype.str[1:]
        if code == "u8" and values.size and int(values.max()) > np.iinfo(np.int64).max:
            message = f"Column {name!r} has integers above 2**63 - 1, which no field holds."
            raise ParameterValueError(message)
        type_name = kind_of(np.dtype(_WIDER.get(code, code)))
        if values.ndim == 2:  # noqa: PLR2004 - an array for each row
            return Field(name, f"Array{type_name}", doc, units, values.shape[1])
        is_angle = type_name == "D" and units == "rad"
        return Field(name, "Angle" if is_angle else type_name, doc, units)
    message = (
        f"Column {name!r} holds {values.dtype} in {values.ndim} dimensions, for which there is no "
        "type of fields. Leave it out, or convert it to numbers, booleans or texts."
    )
    raise SchemaError(message)


def text_size(values: NDArray[np.generic]) -> int:
    """Return how many bytes the longest of some texts takes in UTF-8."""
    if not values.size:
        return 0
    if values.dtype.kind == "U":
        return longest_text(encoded(cast("NDArray[np.str_]", values)))
    return longest_text(cast("NDArray[np.bytes_]", values))
