"""Catalogs in FITS files.

The table has the layout of the LSST stack (see `imaging.table.file_schema`),
so that one reader reads both; what this package writes says so on the cards
SBTYPE and SBVERS, and keeps footprints in tables of its own, one row for each
row of the catalog. The archives in which the stack keeps them are read, too.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np

from imaging.errors import ColumnNotFoundError, FitsFileError
from imaging.fits.archive import read_archive
from imaging.fits.hdus import find_hdu, iter_hdus
from imaging.fits.metadata import Metadata
from imaging.fits.parts import open_parts
from imaging.fits.persisted import TYPE_CARD, check_kind, describe
from imaging.fits.rows import Rows, check_kind_of_table, read_rows
from imaging.fits.source import open_source
from imaging.fits.stamp import file_stamp
from imaging.fits.writer import RowsPart, write_parts
from imaging.footprint.archived import store_from_archive
from imaging.footprint.persisted import TABLES
from imaging.footprint.store import FootprintStore
from imaging.table.attachments import Attachments
from imaging.table.columns import FLAGS, row_type
from imaging.table.content import TableContent, chosen_names, content_of_columns
from imaging.table.file_schema import read_file_schema, schema_cards
from imaging.table.schemas.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imaging.fits.hdus import Hdu
    from imaging.fits.stamp import FileStamp
    from imaging.table.file_schema import FileSchema
    from imaging.table.schemas.fields import Field

__all__ = [
    "read_content",
    "read_kind",
    "read_length",
    "read_metadata_of",
    "read_schema",
    "write_content",
]

_NAME = "CATALOG"
_KIND = "Catalog"
_VERSION = 1
_CLASSES = {"Flag": "Flag", "Angle": "Angle", "String": "String"}


def write_content(content: TableContent, path: str, kind: str) -> None:
    """Write a catalog.

    Parameters
    ----------
    content
        Its rows.
    path
        The file; one that exists is replaced by the whole of it, or not at all.
    kind
        What the LSST stack calls such a catalog: SOURCE, SIMPLE or BASE.

    Raises
    ------
    FitsFileError
        If it cannot be written.
    """
    tables = _store(content).to_rows() if content.numbers.any() else {}
    rows = _rows(_regular(content), kind, tuple(tables))
    parts = [RowsPart(rows, _NAME), *(RowsPart(part, name) for name, part in tables.items())]
    write_parts(path, Metadata(), parts)


def _regular(content: TableContent) -> TableContent:
    """Return the same rows with flags packed in their order."""
    if content.is_regular:
        return content
    columns = content.columns(as_stored=True)
    count = len(content.array)
    return content_of_columns(content.schema, columns, count, content.metadata, is_stored=True)


def _rows(content: TableContent, kind: str, promised: tuple[str, ...]) -> Rows:
    schema = content.schema
    fields = {entry.field.name: entry.field for entry in schema if entry.key.type != "Flag"}
    flags = schema.flag_names
    names = [*fields, *([FLAGS] if flags else [])]
    array = content.array
    rows = Rows(
        array if array.dtype.names == tuple(names) else array[names],
        schema_cards(schema, content.metadata, kind, promised),
        units={name: field.units for name, field in fields.items() if field.units},
        descriptions={name: field.doc for name, field in fields.items() if field.doc},
        bits={FLAGS: len(flags)} if flags else {},
        column_cards={name: {"TCCLS": _class(field)} for name, field in fields.items()},
    )
    return describe(rows, _KIND, _VERSION)


def _class(field: Field) -> str:
    return "Array" if field.is_array else _CLASSES.get(field.type, "Scalar")


def _store(content: TableContent) -> FootprintStore:
    """Return the footprints of the rows; those never handed out are not made for it."""
    attachments, numbers = content.attachments, content.numbers
    source = attachments.source
    is_kept = np.array(
        [number > 0 and attachments.is_untouched(number) for number in numbers.tolist()]
    )
    if isinstance(source, FootprintStore) and is_kept.any():
        kept = source.take(numbers[is_kept] - 1)
        others = FootprintStore.from_footprints(
            attachments.get(number) if number else None for number in numbers[~is_kept].tolist()
        )
        order = np.empty(len(numbers), np.int64)
        order[is_kept] = np.arange(len(kept))
        order[~is_kept] = len(kept) + np.arange(len(others))
        return FootprintStore.concatenate([kept, others]).take(order)
    return FootprintStore.from_footprints(
        attachments.get(number) if number else None for number in numbers.tolist()
    )


def read_content(
    path: str,
    *,
    columns: Sequence[str] | None = None,
    hdu: int | str | None = None,
    required: Sequence[str] = (),
    kind: str = "",
) -> TableContent:
    """Read a catalog; see `imaging.table.exchange.Exchange.read_fits`.

    Parameters
    ----------
    path, columns, hdu
        As there.
    required
        Fields that the table in the file needs, read or not, unless it says
        that it is of this kind.
    kind
        What the LSST stack calls such a catalog.
    """
    stamp = file_stamp(path)
    with open_source(path) as source:
        _, found = find_hdu(source, hdu, "table")
        check_kind_of_table(found)
        _check_version(found)
        about = read_file_schema(found)
        lacking = [name for name in required if name not in about.schema.names]
        if lacking and found.header.get("AFW_TYPE") != kind:
            reason = (
                f"its table (HDU {found.index}) has no fields {', '.join(map(repr, lacking))}, "
                "which such a catalog has: choose another with hdu=, or read a BaseCatalog"
            )
            raise FitsFileError(path, reason)
        schema = about.schema if columns is None else _chosen(about, columns, path)
        wanted = list(dict.fromkeys(about.sources[name] for name in schema.names))
        wanted += [about.footprint] if about.footprint else []
        rows = read_rows(source, found, wanted)
        source.finish()
    content = _content(rows, schema, about)
    attachments, numbers = _attachments(path, rows, about, stamp)
    return TableContent(
        content.schema, content.array, content.bits, about.metadata, attachments, numbers
    )


def _check_version(hdu: Hdu) -> None:
    if hdu.header.get(TYPE_CARD) is not None:
        check_kind(Rows(np.zeros(0, np.dtype([])), hdu.header), {_KIND: _VERSION}, hdu.path)


def _chosen(about: FileSchema, columns: Sequence[str], path: str) -> Schema:
    schema = about.schema
    names = chosen_names(columns)
    resolved = {name: schema.resolve(name) for name in names}
    missing = [name for name, target in resolved.items() if target is None]
    if missing:
        raise ColumnNotFoundError(missing, [*schema.names, *schema.aliases], path)
    targets = dict.fromkeys(target for target in resolved.values() if target)
    return Schema((schema.find(target).field for target in targets), schema.aliases)


def _content(rows: Rows, schema: Schema, about: FileSchema) -> TableContent:
    """Return the rows as they are if a table can use them so, otherwise converted."""
    bits = {name: about.bits[name] for name in schema.flag_names if name in about.bits}
    array = rows.array
    flags = next((about.sources[name] for name in bits), FLAGS)
    names = {about.sources[name]: name for name in schema.names if name not in bits}
    names |= {flags: FLAGS} if bits else {}
    renamed = [names.get(name, name) for name in array.dtype.names or ()]
    if renamed != list(array.dtype.names or ()):
        array.dtype.names = tuple(renamed)
    wanted = row_type(schema)
    fits = all(array.dtype[name] == wanted[name] for name in wanted.names or () if name != FLAGS)
    if fits and about.is_stacks and len(bits) == len(schema.flag_names):
        return TableContent(schema, array, bits)
    found = {name: _plain_texts(array[name]) for name in schema.names if name not in bits}
    raw = TableContent(schema, array, bits)
    found |= {name: raw.column(name) for name in bits}
    return content_of_columns(schema, found, len(array), is_stored=True)


def _plain_texts(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return texts without the blanks that other programs fill them with."""
    if values.dtype.kind != "S":
        return values
    return np.char.rstrip(cast("NDArray[np.bytes_]", values), b" ")


def _attachments(
    path: str, rows: Rows, about: FileSchema, stamp: FileStamp
) -> tuple[Attachments, NDArray[np.int32]]:
    count = len(rows)
    place = os.path.abspath(path)  # read later, maybe from another working directory
    if about.footprint:
        ids = rows.array[about.footprint].astype(np.int64)
        if about.archive is None:
            if ids.any():
                reason = "its rows have footprints, but AR_HDU does not say where: it is damaged"
                raise FitsFileError(path, reason)
            return Attachments(), np.zeros(0, np.int32)
        _check_archive(path, about.archive)
        load = partial(_load_archived, place, stamp, about.archive, ids)
        numbers = np.where(ids != 0, np.arange(1, count + 1), 0).astype(np.int32)
        return Attachments(count, load), numbers
    if about.promised:
        _check_promised(path, about.promised)
        numbers = np.arange(1, count + 1, dtype=np.int32)
        return Attachments(count, partial(_load_own, place, stamp, count)), numbers
    return Attachments(), np.zeros(0, np.int32)


def _check_promised(path: str, promised: Sequence[str]) -> None:
    """Raise an error if the file does not hold whole tables of footprints."""
    missing = list(promised)
    with open_source(path) as source:
        for hdu in iter_hdus(source):
            if hdu.name in missing and hdu.is_table:
                source.require(hdu.data_size, "rows")
                missing.remove(hdu.name)
            if not missing:
                return
    reason = f"it lacks {', '.join(missing)}, which its catalog promises: copy it again"
    raise FitsFileError(path, reason)


def _check_archive(path: str, index: int) -> None:
    """Raise an error if the file does not have the archive that its catalog names."""
    with open_source(path) as source:
        for hdu in iter_hdus(source):
            if hdu.index == index and hdu.header.get("EXTTYPE") == "ARCHIVE_INDEX":
                return
            if hdu.index >= index:
                break
    reason = f"it lacks the archive in HDU {index} that its catalog promises: copy it again"
    raise FitsFileError(path, reason)


def _check_stamp(path: str, stamp: FileStamp) -> None:
    if file_stamp(path) != stamp:
        reason = (
            "it was replaced since its catalog was read, so the footprints are not those of the "
            "catalog any more: read it again"
        )
        raise FitsFileError(path, reason)


def _load_archived(
    path: str, stamp: FileStamp, index: int, ids: NDArray[np.int64]
) -> FootprintStore:
    _check_stamp(path, stamp)
    return store_from_archive(read_archive(path, index), ids)


def _load_own(path: str, stamp: FileStamp, count: int) -> FootprintStore:
    _check_stamp(path, stamp)
    with open_parts(path) as parts:
        tables = {part.name: part.rows() for part in parts.iter_hdus() if part.name in TABLES}
    store = FootprintStore.from_rows(tables, path)
    if len(store) != count:
        raise FitsFileError(path, f"it has footprints of {len(store)} rows for {count} records")
    return store


def _header_of(path: str, hdu: int | str | None) -> Hdu:
    with open_source(path) as source:
        _, found = find_hdu(source, hdu, "table")
    check_kind_of_table(found)
    return found


def read_schema(path: str, *, hdu: int | str | None = None) -> Schema:
    """Read the schema of a catalog, and nothing but headers; see `read_content`."""
    return read_file_schema(_header_of(path, hdu)).schema


def read_length(path: str, *, hdu: int | str | None = None) -> int:
    """Read the number of records of a catalog, and nothing but headers; see `read_content`."""
    return _header_of(path, hdu).integer("NAXIS2")


def read_metadata_of(path: str, *, hdu: int | str | None = None) -> Metadata:
    """Read the metadata of a catalog, and nothing but headers; see `read_content`."""
    return read_file_schema(_header_of(path, hdu)).metadata


def read_kind(path: str, *, hdu: int | str | None = None) -> str:
    """Read what the LSST stack calls the catalog: SOURCE, SIMPLE or BASE."""
    return str(_header_of(path, hdu).header.get("AFW_TYPE", "BASE"))
