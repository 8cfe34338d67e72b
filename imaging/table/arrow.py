"""Catalogs as tables of Arrow and in Parquet files; needs pyarrow.

The schema of the catalog, with documentation, units and aliases, stands in
the metadata of the file, so that what is read is what was written. Footprints
are not kept: they belong into FITS files.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import (
    ColumnNotFoundError,
    DataFileError,
    FormatVersionError,
    MissingLibraryError,
    SchemaError,
)
from imaging.fits.new_file import open_new_file
from imaging.fits.regular_file import checked_path, open_regular
from imaging.table.content import TableContent, chosen_names, content_of_columns, field_of_array
from imaging.table.schemas.fields import Field
from imaging.table.schemas.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    import pyarrow as pa
    from numpy.typing import NDArray
    from pyarrow.parquet import ParquetFile

__all__ = ["read_parquet", "to_arrow", "write_parquet"]

_SCHEMA = b"skybutler.catalog"
_VERSION = 1


def _require(module: str) -> ModuleType:
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise MissingLibraryError("pyarrow", "parquet") from error


def to_arrow(content: TableContent) -> pa.Table:
    """Return a table of Arrow; see `imaging.table.exchange.Exchange.to_arrow`."""
    arrow = _require("pyarrow")
    arrays, fields = [], []
    columns = content.columns()
    for entry in content.schema:
        field = entry.field
        values = columns[field.name]
        if field.is_array:
            flat = arrow.array(np.ascontiguousarray(values).reshape(-1))
            array = arrow.FixedSizeListArray.from_arrays(flat, field.element_count)
        else:
            array = arrow.array(np.ascontiguousarray(values))
        about = {"doc": field.doc, "unit": field.units, "type": field.type}
        arrays.append(array)
        fields.append(arrow.field(field.name, array.type, nullable=False, metadata=about))
    return arrow.Table.from_arrays(
        arrays, schema=arrow.schema(fields, metadata={_SCHEMA: _as_json(content.schema)})
    )


def _as_json(schema: Schema) -> bytes:
    fields = [
        [field.name, field.type, field.doc, field.units, field.size]
        for field in (entry.field for entry in schema)
    ]
    return json.dumps(
        {"version": _VERSION, "fields": fields, "aliases": dict(schema.aliases)}
    ).encode()


def write_parquet(content: TableContent, path: str) -> None:
    """Write the columns; see `imaging.table.exchange.Exchange.write_parquet`."""
    parquet, table = _require("pyarrow.parquet"), to_arrow(content)
    with open_new_file(path, DataFileError, may_gzip=False) as file:
        parquet.write_table(table, file)


def read_parquet(path: str, columns: Sequence[str] | None = None) -> TableContent:
    """Read columns; see `imaging.table.exchange.Exchange.read_parquet`."""
    parquet, path = _require("pyarrow.parquet"), checked_path(path)
    wanted = None if columns is None else chosen_names(columns)
    try:
        os.close(open_regular(path, DataFileError))  # Arrow waits for pipes
        with parquet.ParquetFile(path) as file:
            return _read(file, path, wanted)
    except (DataFileError, ColumnNotFoundError):
        raise
    except Exception as error:  # Arrow raises nearly anything for a damaged file
        raise DataFileError(path, f"it cannot be read as Parquet ({error})") from error


def _read(file: ParquetFile, path: str, columns: Sequence[str] | None) -> TableContent:
    stored = file.schema_arrow
    schema = _read_schema(stored, path)
    _check_names(schema, stored.names, path)
    known = [*stored.names, *(schema.aliases if schema else ())]
    names = _chosen(schema, stored.names, columns, known, path)
    table = file.read(columns=names)
    found = {name: _values(table[name]) for name in names}
    if schema is None:
        schema = Schema(field_of_array(name, values) for name, values in found.items())
    elif columns is not None:
        schema = Schema((schema.find(name).field for name in names), schema.aliases)
    return content_of_columns(schema, found, table.num_rows)


def _check_names(schema: Schema | None, stored: list[str], path: str) -> None:
    """Check that each column is there once, and that a catalog has all of its own."""
    repeated = sorted({name for name in stored if stored.count(name) > 1})
    if repeated:
        raise DataFileError(path, f"it has several columns {', '.join(map(repr, repeated))}")
    if schema is not None and {entry.field.name for entry in schema} != set(stored):
        reason = "its columns are not those of the catalog that its metadata describe"
        raise DataFileError(path, f"{reason}: it is damaged, or another program changed it")


def _read_schema(stored: pa.Schema, path: str) -> Schema | None:
    """Return the schema of a catalog, None if another program wrote the file."""
    text = (stored.metadata or {}).get(_SCHEMA)
    if text is None:
        return None
    try:
        said = json.loads(text)
        version = int(said["version"])
        if version > _VERSION:
            reason = f"its catalog has version {version}, newer than {_VERSION}: update skybutler"
            raise FormatVersionError(path, reason)
        return Schema((Field(*field) for field in said["fields"]), said["aliases"])
    except (ValueError, KeyError, TypeError, SchemaError) as error:
        raise DataFileError(path, f"the schema in its metadata is damaged ({error})") from error


def _chosen(
    schema: Schema | None,
    stored: list[str],
    columns: Sequence[str] | None,
    known: list[str],
    path: str,
) -> list[str]:
    if columns is None:
        return list(stored)
    resolved = {
        name: (schema.resolve(name) if schema else name if name in stored else None)
        for name in columns
    }
    missing = [name for name, target in resolved.items() if target is None]
    if missing:
        raise ColumnNotFoundError(missing, known, path)
    return list(dict.fromkeys(target for target in resolved.values() if target))


def _values(column: pa.ChunkedArray) -> NDArray[np.generic]:
    array = column.combine_chunks()
    size = getattr(array.type, "list_size", None)
    if size is not None:
        flat = array.flatten().to_numpy(zero_copy_only=False)
        return np.asarray(flat.reshape(-1, size))
    values = np.asarray(array.to_numpy(zero_copy_only=False))
    return values if values.dtype.kind != "O" else np.asarray(values.tolist())
