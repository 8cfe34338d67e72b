"""Tables in FITS files: read whole or by column, and written; with astropy.

Descriptions of columns stand on TDOC cards, as the LSST stack writes them;
where a file has none, the TCOMM cards of other programs are read.
"""

from __future__ import annotations

import logging
import re
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from imaging.errors import (
    ColumnNotFoundError,
    FitsFileError,
    HduNotFoundError,
    MetadataError,
    ParameterTypeError,
)
from imaging.fits.cards import Card
from imaging.fits.columns import column_names, selected_columns, table_meta
from imaging.fits.hdus import find_hdu, iter_hdus, padding
from imaging.fits.header import header_bytes, writable_cards
from imaging.fits.metadata import Metadata
from imaging.fits.new_file import open_new_file
from imaging.fits.source import FitsSource, open_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from astropy.table import Table
    from astropy.units import UnitBase
    from numpy.typing import NDArray
    from pandas import DataFrame

    from imaging.fits.hdus import Hdu

__all__ = [
    "read_table",
    "read_table_length",
    "read_table_metadata",
    "read_table_schema",
    "write_table",
]

_Tabular: TypeAlias = "Table | DataFrame | NDArray[np.void]"
logger = logging.getLogger(__name__)

_UNPRINTABLE = re.compile(r"[^ -~]")


def read_table(
    path: str, *, columns: Sequence[str] | None = None, hdu: int | str | None = None
) -> Table:
    """Read a table.

    Parameters
    ----------
    path
        A FITS file, plain or gzipped.
    columns
        Names of the columns to return, in this order; by default all.
    hdu
        Number or EXTNAME; by default the first HDU that is a table.

    Returns
    -------
    astropy.table.Table
        In the machine's byte order, owning its memory; no file stays open.
        Integers that are TNULL are masked; NaN stays NaN. Texts are ``str``.

    Raises
    ------
    ColumnNotFoundError
        If a column does not exist.
    FitsFileError
        If the file cannot be read, is damaged, or has no such table.
    """
    with open_source(path) as source:
        found = _find_table(source, hdu)
        _check_columns(found, columns)
        source.require(found.data_size, "rows")
        content = bytearray(found.data_size)
        source.read_into(memoryview(content))
        source.finish()
    return _to_table(found, bytes(content), columns)


def read_table_length(path: str, *, hdu: int | str | None = None) -> int:
    """Read the number of rows of a table, and nothing but headers; see `read_table`."""
    with open_source(path) as source:
        return _find_table(source, hdu).integer("NAXIS2")


def read_table_metadata(path: str, *, hdu: int | str | None = None) -> Metadata:
    """Read the header of a table alone; see `read_table`."""
    with open_source(path) as source:
        return _find_table(source, hdu).header


def read_table_schema(path: str, *, hdu: int | str | None = None) -> Table:
    """Read a table without its rows: names, types, units and descriptions; see `read_table`."""
    with open_source(path) as source:
        found = _find_table(source, hdu)
    return _to_table(found, b"", None)


def _find_table(source: FitsSource, hdu: int | str | None) -> Hdu:
    _, found = find_hdu(source, hdu, "table")
    if not found.is_table:
        raise HduNotFoundError(
            source.path, f"HDU {found.index} is not a table: choose another with hdu="
        )
    return found


def _check_columns(hdu: Hdu, columns: Sequence[str] | None) -> None:
    known = column_names(hdu)
    if columns is None:
        return
    names = [] if isinstance(columns, str) else list(columns)
    if not names or not all(isinstance(name, str) for name in names):
        message = f"columns={columns!r}: give a list of names, at least one."
        raise ParameterTypeError(message)
    missing = [name for name in names if name not in known]
    if missing:
        raise ColumnNotFoundError(missing, known, hdu.path)


def _to_table(hdu: Hdu, rows: bytes, columns: Sequence[str] | None) -> Table:
    """Let astropy understand the bytes of one HDU."""
    from astropy.io.fits import BinTableHDU, TableHDU
    from astropy.table import Table

    kind = BinTableHDU if hdu.header.get("XTENSION") == "BINTABLE" else TableHDU
    header, rows = selected_columns(hdu, rows, columns)
    content = header + rows + bytes(padding(len(rows)))
    try:
        table = Table.read(
            kind.fromstring(content, uint=True),
            format="fits",
            unit_parse_strict="silent",
            mask_invalid=False,
        )
        if columns is not None:
            table = table[list(columns)]
        for name in table.colnames:
            table[name] = _native(table[name])
    except Exception as error:  # astropy raises nearly anything for a damaged file
        raise FitsFileError(hdu.path, f"its table cannot be read ({error})") from error
    _describe(table, hdu)
    return table


def _native(column: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return a copy in the machine's byte order; what is no array is fine as it is."""
    dtype = getattr(column, "dtype", None)
    if dtype is None or not hasattr(column, "astype"):
        return column
    return column.astype(dtype.newbyteorder("="))


def _describe(table: Table, hdu: Hdu) -> None:
    for field, name in enumerate(column_names(hdu), 1):
        text = hdu.header.get(f"TDOC{field}") or hdu.header.get(f"TCOMM{field}")
        if name in table.colnames and text:
            table[name].info.description = str(text)
    table.meta.clear()
    table.meta.update(table_meta(hdu))


def write_table(table: _Tabular, path: str) -> None:
    """Write a table as HDU 1.

    Parameters
    ----------
    table
        A table of astropy, a structured array of numpy or a DataFrame of pandas.
    path
        The file; one that exists is replaced by the whole of it, or not at all.

    Raises
    ------
    FitsFileError
        If it cannot be written.
    ParameterTypeError
        If it is no table.
    """
    astropy_table = _as_table(table)
    content = _encoded(astropy_table, path)
    source = FitsSource(path, BytesIO(content), len(content))
    primary, hdu = iter_hdus(source)
    cards, metadata = _with_descriptions(hdu, astropy_table), _table_metadata(astropy_table)
    header = header_bytes(cards, metadata)
    with open_new_file(path) as file:
        file.write(content[: primary.data_offset])
        file.write(header)
        file.write(content[hdu.data_offset :])


def _as_table(table: object) -> Table:
    from astropy.table import Table

    if isinstance(table, Table):
        return table
    if isinstance(table, np.ndarray) and table.dtype.names:
        return Table(table, copy=False)
    if type(table).__module__.partition(".")[0] == "pandas" and hasattr(table, "columns"):
        return Table.from_pandas(table)
    message = (
        "A table is written from an astropy Table, a numpy array with named fields, "
        f"or a pandas DataFrame, not from {type(table).__name__}."
    )
    raise ParameterTypeError(message)


def _encoded(table: Table, path: str) -> bytes:
    """Let astropy write the columns; what it would warn about is ours to write."""
    from astropy.table import Column

    plain = table.copy(copy_data=False)
    plain.meta.clear()
    for name in plain.colnames:
        plain[name].info.description = None
        if isinstance(plain[name], Column):
            plain[name].unit = None
    file = BytesIO()
    try:
        plain.write(file, format="fits")
    except (ValueError, TypeError, KeyError) as error:
        raise FitsFileError(path, f"this table cannot be written as FITS ({error})") from error
    return file.getvalue()


def _with_descriptions(hdu: Hdu, table: Table) -> list[Card]:
    """Put unit and description after the TTYPE card of their column."""
    cards = []
    for card in hdu.header.cards:
        cards.append(card)
        if card.name.startswith("TTYPE") and card.value in table.colnames:
            field = card.name.removeprefix("TTYPE")
            info = table[str(card.value)].info
            if info.description:
                text = str(info.description).encode("ascii", "replace").decode()
                cards.append(Card(f"TDOC{field}", _UNPRINTABLE.sub(" ", text)))
            if info.unit and f"TUNIT{field}" not in hdu.header:
                cards.append(Card(f"TUNIT{field}", _unit_text(info.unit)))
    return cards


def _unit_text(unit: UnitBase) -> str:
    """Return a unit as FITS writes it, or as it is where FITS has no word for it."""
    try:
        return str(unit.to_string("fits"))
    except ValueError:
        return str(unit)


def _table_metadata(table: Table) -> Metadata:
    """Return what ``table.meta`` holds as cards; what a header cannot hold stays behind."""
    from astropy.io.fits.card import Undefined

    metadata = Metadata()
    for key, value in table.meta.items():
        name = "COMMENT" if key == "comments" else str(key)
        for single in value if isinstance(value, list | tuple) else [value]:
            try:
                metadata.add(name, None if isinstance(single, Undefined) else single)
            except MetadataError as error:
                logger.warning("table.meta[%r] is not written: %s", key, error)
    return writable_cards(metadata)
