"""Catalogs as tables of astropy and pandas, and from columns of other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from imaging.errors import MetadataError, MissingLibraryError, ParameterValueError, SchemaError
from imaging.fits.metadata import Metadata
from imaging.table.content import TableContent, content_of_columns, field_of_array
from imaging.table.schemas.fields import header_text
from imaging.table.schemas.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from astropy.table import Table
    from numpy.typing import ArrayLike, NDArray
    from pandas import DataFrame

    from imaging.fits.cards import CardValue
    from imaging.table.schemas.fields import SchemaEntry

__all__ = ["from_arrays", "from_astropy", "to_astropy", "to_pandas"]

_UNVIEWABLE = "copy", "raise", "skip"
_MOST_BLOCKS = 80  # pandas warns of more than 100 arrays when a column is added


def to_astropy(
    content: TableContent, *, copy: bool, kind: type[Table] | None = None, unviewable: str = "copy"
) -> Table:
    """Return a table of astropy; see `imaging.table.exchange.Exchange.to_astropy`."""
    from astropy.table import Column, Table

    entries = _chosen_entries(content.schema, unviewable)
    names = [entry.field.name for entry in entries if copy or not _is_viewable(entry)]
    copies = content.columns(names)
    columns = [
        Column(
            copies[entry.field.name] if entry.field.name in copies else _view(content, entry),
            name=entry.field.name,
            unit=_unit(entry.field.units),
            description=entry.field.doc or None,
            copy=False,
        )
        for entry in entries
    ]
    return (kind or Table)(columns, copy=False, meta=content.metadata.to_dict())


def _chosen_entries(schema: Schema, unviewable: str) -> list[SchemaEntry]:
    """Return the fields that become columns."""
    if unviewable not in _UNVIEWABLE:
        message = f"unviewable={unviewable!r} is none of {', '.join(map(repr, _UNVIEWABLE))}."
        raise ParameterValueError(message)
    viewable = [entry for entry in schema if _is_viewable(entry)]
    if unviewable == "raise" and len(viewable) < len(schema):
        message = "There are no views of flags and texts; take unviewable='copy' or 'skip'."
        raise ParameterValueError(message)
    return viewable if unviewable == "skip" else list(schema)


def _is_viewable(entry: SchemaEntry) -> bool:
    return entry.key.type not in {"Flag", "String"}


def _view(content: TableContent, entry: SchemaEntry) -> NDArray[np.generic]:
    return content.array[entry.field.name]


def _unit(text: str) -> object:
    from astropy.units import Unit

    return Unit(text, parse_strict="silent") if text else None


def to_pandas(content: TableContent) -> DataFrame:
    """Return a data frame; see `imaging.table.exchange.Exchange.to_pandas`."""
    try:
        from pandas import DataFrame
    except ImportError as error:
        raise MissingLibraryError("pandas", "pandas") from error
    columns: dict[str, NDArray[np.generic]] = {}
    for name, values in content.columns().items():
        if values.ndim > 1:
            elements = np.ascontiguousarray(values.T)
            columns |= {f"{name}_{place}": element for place, element in enumerate(elements)}
        else:
            columns[name] = values
    return DataFrame(columns, copy=len(columns) > _MOST_BLOCKS)


def from_arrays(arrays: Mapping[str, ArrayLike], schema: Schema | None = None) -> TableContent:
    """Return rows made of arrays; see `imaging.table.exchange.Exchange.from_arrays`."""
    columns = {name: _values(name, values) for name, values in arrays.items()}
    counts = {name: len(values) for name, values in columns.items() if values.ndim}
    if len(counts) < len(columns) or len(set(counts.values())) > 1:
        message = f"The columns of a catalog have one length; these have {counts}."
        raise ParameterValueError(message)
    if schema is None:
        schema = Schema(
            field_of_array(name, values, units=str(getattr(arrays[name], "unit", None) or ""))
            for name, values in columns.items()
        )
    return content_of_columns(schema, columns, next(iter(counts.values()), 0))


def _plain(values: NDArray[np.generic]) -> NDArray[np.generic]:
    if values.dtype.kind != "O":
        return values
    listed = values.tolist()
    if all(isinstance(value, str) for value in listed):
        return np.asarray(listed, np.str_)
    return values


def from_astropy(table: Table, schema: Schema | None = None) -> TableContent:
    """Return rows made of a table; see `imaging.table.exchange.Exchange.from_astropy`."""
    columns = {name: _values(name, table[name]) for name in table.colnames}
    if schema is None:
        schema = Schema(
            field_of_array(
                name,
                values,
                header_text(str(table[name].info.description or "")),
                str(table[name].info.unit or ""),
            )
            for name, values in columns.items()
        )
    return content_of_columns(schema, columns, len(table), _metadata(table.meta))


def _values(name: str, column: object) -> NDArray[np.generic]:
    mask = getattr(column, "mask", None) if isinstance(column, np.ndarray) else None
    plain = getattr(column, "value", column)
    values = _plain(np.asarray(getattr(plain, "unmasked", plain)))
    if not isinstance(values, np.ndarray) or values.dtype.kind == "O":
        message = f"Column {name!r} holds objects. Leave it out, or convert it to numbers or texts."
        raise SchemaError(message)
    if mask is None or not np.any(mask):
        return values
    if values.dtype.kind != "f":
        message = (
            f"Column {name!r} has masked values, which a catalog does not: say what stands for "
            "them with filled(), of the column or of the table."
        )
        raise SchemaError(message)
    return cast("NDArray[np.generic]", np.where(mask, np.nan, values))


def _metadata(meta: Mapping[str, object]) -> Metadata:
    """Return what FITS cards can hold of the metadata of a table."""
    metadata = Metadata()
    for name, value in meta.items():
        values = value if isinstance(value, list) else [value]
        try:
            checked = Metadata()
            for single in values:
                checked.add(name, cast("CardValue", single))
        except MetadataError:
            continue
        for card in checked.cards:
            metadata.add(card.name, card.value)
    return metadata
