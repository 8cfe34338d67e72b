"""Binary tables as NumPy sees them: rows in one structured array, bit for bit.

No astropy, no scaling, no masks: what the file holds, in the machine's byte
order. `imaging.fits.table` reads the same tables for users of astropy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import (
    ColumnNotFoundError,
    FitsFileError,
    HduNotFoundError,
    ParameterTypeError,
)
from imaging.fits.fields import (
    TEXT_CARD,
    field_begins,
    read_fields,
    require_binary_table,
    split_header,
)
from imaging.fits.hdus import find_hdu
from imaging.fits.heap import VariableColumn, gather_values
from imaging.fits.metadata import Metadata
from imaging.fits.moves import Move, apply_moves, joined_moves, rows_per_chunk
from imaging.fits.source import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from imaging.fits.cards import Card, CardValue
    from imaging.fits.fields import Field
    from imaging.fits.hdus import Hdu
    from imaging.fits.source import FitsSource

__all__ = [
    "Rows",
    "VariableColumn",
    "check_kind_of_table",
    "iter_rows_of",
    "read_rows",
    "read_rows_of",
]

_MOST_EMPTY = 1_000_000  # rows without columns, which the size of a file does not limit
_STRUCTURE = re.compile(
    r"XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|THEAP|CHECKSUM|DATASUM|INHERIT|LONGSTRN"
)
_OWN_CARDS = frozenset(
    {"TTYPE", "TFORM", "TDIM", "TUNIT", "TDOC", "TCOMM", "TSCAL", "TZERO", TEXT_CARD}
)


@dataclass(frozen=True, slots=True)
class Rows:
    """A binary table.

    Parameters
    ----------
    array
        One structured element per row, in the machine's byte order. Booleans
        are ``bool``; X(n) columns are packed bytes, shape (ceil(n / 8),), of
        which the highest bit of the first is the first; texts are ``S`` with
        the blanks that the file has, and may be UTF-8.
    header
        Cards that describe neither structure nor columns; EXTNAME, and the
        TFLAGn and TFDOCn of the LSST stack, are among them.
    units
        TUNIT of the columns that have one.
    descriptions
        TDOC, or TCOMM, of the columns that have one.
    bits
        Number of bits of the X columns.
    column_cards
        Other cards of a column (``TCCLS``, ``TNULL``, ``TDISP``), their names
        without the number.
    variable
        Columns with another number of values in each row; not in ``array``.
    """

    array: NDArray[np.void]
    header: Metadata = field(default_factory=Metadata)
    units: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    bits: Mapping[str, int] = field(default_factory=dict)
    column_cards: Mapping[str, Mapping[str, CardValue]] = field(default_factory=dict)
    variable: Mapping[str, VariableColumn] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.array)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns, those of variable length last."""
        return (*(self.array.dtype.names or ()), *self.variable)

    def between(self, begin: int, end: int) -> Rows:
        """Return some rows, as views of the same memory.

        Parameters
        ----------
        begin
            The first.
        end
            The one after the last; inside the table, as `begin` is.
        """
        variable = {name: column.between(begin, end) for name, column in self.variable.items()}
        return replace(self, array=self.array[begin:end], variable=variable)


def read_rows_of(
    path: str, hdu: int | str | None = None, columns: Sequence[str] | None = None
) -> Rows:
    """Read a binary table of a file.

    Parameters
    ----------
    path
        A FITS file, plain or gzipped.
    hdu
        Number or EXTNAME; by default the first HDU that is a table.
    columns
        As for `read_rows`.

    Raises
    ------
    ColumnNotFoundError
        If a column does not exist.
    FitsFileError
        If the file cannot be read, is damaged, or has no such table.
    """
    with open_source(path) as source:
        _, found = find_hdu(source, hdu, "table")
        rows = read_rows(source, found, columns)
        source.finish()
    return rows


def read_rows(source: FitsSource, hdu: Hdu, columns: Sequence[str] | None = None) -> Rows:
    """Read a binary table where a file stands.

    Parameters
    ----------
    source
        Standing at the first byte of the data.
    hdu
        The header of the table.
    columns
        Names of the columns to return, in this order; by default all.

    Returns
    -------
    Rows
        Owning its memory. TZERO is applied where it makes integers unsigned
        (or bytes signed); TNULL is not looked at.

    Raises
    ------
    ColumnNotFoundError
        If a column does not exist.
    FitsFileError
        If it is no binary table, or its header and its data do not fit together.
    """
    layout = _layout_of(source, hdu, columns)
    array, descriptors = _read_fixed(source, layout.count, layout.width, layout.chosen)
    variable = {}
    if descriptors:
        heap = _read_heap(source, hdu)
        fields = {found.name: found for found in layout.chosen}
        variable = {
            name: gather_values(hdu, fields[name], pairs, heap)
            for name, pairs in descriptors.items()
        }
    return layout.described(Rows(array, variable=variable))


def iter_rows_of(
    path: str,
    hdu: int | str | None = None,
    columns: Sequence[str] | None = None,
    *,
    count: int = 65536,
) -> Iterator[Rows]:
    """Read a binary table of a file, some rows at a time.

    Parameters
    ----------
    path, hdu, columns
        As for `read_rows_of`. Columns with another number of values in each
        row are refused.
    count
        How many rows at a time, the last ones excepted.

    Yields
    ------
    Rows
        The next rows; none of a table without rows.

    Raises
    ------
    ColumnNotFoundError, FitsFileError
        As for `read_rows_of`.
    """
    with open_source(path) as source:
        _, found = find_hdu(source, hdu, "table")
        layout = _layout_of(source, found, columns)
        lists = [field.name for field in layout.chosen if field.descriptor is not None]
        if lists:
            reason = f"columns {', '.join(lists)} have another number of values in each row"
            raise FitsFileError(path, reason)
        for begin in range(0, layout.count, count):
            step = min(count, layout.count - begin)
            array, _ = _read_fixed(source, step, layout.width, layout.chosen)
            yield layout.described(Rows(array))
        source.finish()


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the header of a table says, as far as chosen columns are concerned."""

    count: int
    width: int
    chosen: list[Field]
    cards: dict[str, dict[str, CardValue]]
    others: list[Card]

    def described(self, rows: Rows) -> Rows:
        """Put what the header says about table and columns beside the values."""
        return _described(rows, self.others, self.cards, self.chosen)


def _layout_of(source: FitsSource, hdu: Hdu, columns: Sequence[str] | None) -> _Layout:
    check_kind_of_table(hdu)
    count, width = hdu.integer("NAXIS2"), hdu.integer("NAXIS1")
    if not width and count > _MOST_EMPTY:
        raise FitsFileError(hdu.path, f"HDU {hdu.index}: {count} rows of no bytes are not possible")
    source.require(max(hdu.data_size, count * width), "rows")
    others, by_field = split_header(hdu)
    fields = {found.name: found for found in read_fields(hdu, by_field)}
    numbers = {name: number for number, name in enumerate(fields, 1)}
    names = _chosen_names(hdu, list(fields), columns)
    cards = {name: by_field.get(numbers[name], {}) for name in names}
    return _Layout(count, width, [fields[name] for name in names], cards, others)


def check_kind_of_table(hdu: Hdu) -> None:
    """Raise an error if an HDU is no binary table.

    Raises
    ------
    FitsFileError
        If it is something else, or a table that is not read here.
    """
    require_binary_table(hdu)
    if hdu.header.get("ZTABLE") is True:
        reason = (
            f"HDU {hdu.index} is a compressed table, which is not read: restore it with funpack, "
            "or choose another with hdu="
        )
        raise FitsFileError(hdu.path, reason)
    if not hdu.is_table:
        reason = f"HDU {hdu.index} is not a table: choose another with hdu="
        raise HduNotFoundError(hdu.path, reason)
    layout = tuple(hdu.header.get(name) for name in ("BITPIX", "NAXIS", "GCOUNT"))
    if layout not in {(8, 2, 1), (8, 2, None)}:
        reason = f"HDU {hdu.index}: a table with BITPIX, NAXIS, GCOUNT = {layout} is not possible"
        raise FitsFileError(hdu.path, reason)


def _chosen_names(hdu: Hdu, known: list[str], columns: Sequence[str] | None) -> list[str]:
    if columns is None:
        return known
    names = list(dict.fromkeys([columns] if isinstance(columns, str) else columns))
    if not all(isinstance(name, str) for name in names):
        message = f"columns={columns!r}: give a list of names."
        raise ParameterTypeError(message)
    missing = [name for name in names if name not in known]
    if missing:
        raise ColumnNotFoundError(missing, known, hdu.path)
    return names


def _read_fixed(
    source: FitsSource, count: int, width: int, chosen: list[Field]
) -> tuple[NDArray[np.void], dict[str, NDArray[np.int64]]]:
    """Read the rows once; return their values, and the descriptors of variable columns."""
    fixed = [found for found in chosen if found.descriptor is None]
    dtype = np.dtype([(found.name, found.dtype, found.shape) for found in fixed])
    array = np.empty(count, dtype)
    held = array.view(np.uint8).reshape(count, -1) if count and dtype.itemsize else None
    begins = field_begins(dtype)
    moves = joined_moves(Move.of_field(found, begins[found.name]) for found in fixed)
    pointers = [(found, found.descriptor) for found in chosen if found.descriptor is not None]
    descriptors = {found.name: np.zeros((count, 2), np.int64) for found, _ in pointers}
    step = rows_per_chunk(width)
    buffer = np.empty((min(step, count), width), np.uint8)
    for begin in range(0, count if width else 0, step):
        stored = buffer[: min(step, count - begin)]
        end = begin + len(stored)
        source.read_into(stored.reshape(-1).data)
        if held is not None:
            apply_moves(moves, stored, held[begin:end], into="array")
        for found, descriptor in pointers:
            if found.width:
                pairs = stored[:, found.begin : found.begin + found.width].copy()
                descriptors[found.name][begin:end] = pairs.view(descriptor)
    return array, descriptors


def _read_heap(source: FitsSource, hdu: Hdu) -> NDArray[np.uint8]:
    begin = hdu.data_offset + hdu.integer("NAXIS1") * hdu.integer("NAXIS2")
    end = hdu.data_offset + hdu.data_size
    if "THEAP" in hdu.header:
        begin = max(begin, hdu.data_offset + hdu.integer("THEAP"))
    if begin > end:
        reason = f"HDU {hdu.index}: THEAP = {hdu.header['THEAP']} is behind its data"
        raise FitsFileError(hdu.path, reason)
    source.skip_to(begin)
    heap = np.empty(end - begin, np.uint8)
    source.read_into(heap.data)
    return heap


def _described(
    rows: Rows, others: list[Card], cards: dict[str, dict[str, CardValue]], chosen: list[Field]
) -> Rows:
    """Put what the header says about table and columns beside the values."""
    more = {
        name: {card: value for card, value in about.items() if card not in _OWN_CARDS}
        for name, about in cards.items()
    }
    documents = {name: about.get("TDOC") or about.get("TCOMM") for name, about in cards.items()}
    return replace(
        rows,
        header=Metadata(card for card in others if not _STRUCTURE.fullmatch(card.name)),
        units={name: str(about["TUNIT"]) for name, about in cards.items() if about.get("TUNIT")},
        descriptions={name: str(text) for name, text in documents.items() if text},
        bits={found.name: found.bits for found in chosen if found.letter == "X"},
        column_cards={name: about for name, about in more.items() if about},
    )
