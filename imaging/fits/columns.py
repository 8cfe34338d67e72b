"""The columns of a binary table: which bytes of a row they are, and a table with some of them.

astropy takes most of its time for the cards of a header: 0.2 s for a catalog
of 126 columns. It is given what it needs for the columns asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import FitsFileError
from imaging.fits.cards import Card
from imaging.fits.header import header_bytes
from imaging.fits.metadata import Metadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imaging.fits.cards import CardValue
    from imaging.fits.hdus import Hdu

__all__ = ["column_names", "selected_columns", "table_meta"]

_MAX_FIELDS = 999  # the standard's; astropy loops over whatever it finds
_FIELD = re.compile(r"T(?:TYPE|FORM|UNIT|NULL|SCAL|ZERO|DISP|DIM)(\d+)")
_ABOUT_FIELDS = re.compile(_FIELD.pattern + r"|T(?:DOC|COMM|CCLS|FLAG|BCOL)\d+")
_STRUCTURE = re.compile(r"XTENSION|BITPIX|NAXIS[12]?|PCOUNT|GCOUNT|TFIELDS|THEAP")
_FORM = re.compile(r"(\d*)([LXBIJKAEDCMPQ])")
_BYTES = dict(zip("LBIJKAEDCMPQ", (1, 1, 2, 4, 8, 1, 4, 8, 8, 16, 8, 16), strict=True))
_MIXINS = "--BEGIN-ASTROPY-SERIALIZED-COLUMNS--"


def column_names(hdu: Hdu) -> list[str]:
    """Return the names of the columns of a table.

    Raises
    ------
    FitsFileError
        If the number of columns is not possible.
    """
    fields = range(1, hdu.integer("TFIELDS", _MAX_FIELDS) + 1)
    return [str(hdu.header.get(f"TTYPE{field}", f"col{field}")) for field in fields]


def selected_columns(hdu: Hdu, rows: bytes, columns: Sequence[str] | None) -> tuple[bytes, bytes]:
    """Return header and data of a table that has only some columns.

    Parameters
    ----------
    hdu
        The header of the whole table.
    rows
        Its data, with what follows the rows; empty for a table without rows.
    columns
        Names of columns that exist; None for all. Tables of text, and tables
        in which astropy keeps objects of several columns, stay whole.

    Returns
    -------
    tuple
        A header with nothing but the structure, and the data.

    Raises
    ------
    FitsFileError
        If the columns do not fill a row exactly.
    """
    comments = [card for card in hdu.header.cards if card.name == "COMMENT"]
    kept = comments if any(_MIXINS in str(card.value) for card in comments) else []
    structure = Metadata(card for card in hdu.header.cards if _STRUCTURE.fullmatch(card.name))
    cards = _cards_by_field(hdu)
    if not rows:
        structure["NAXIS2"] = structure["PCOUNT"] = 0
    elif columns is not None and not kept and hdu.header.get("XTENSION") == "BINTABLE":
        names = column_names(hdu)
        chosen = [names.index(name) + 1 for name in dict.fromkeys(columns)]
        cards = [
            Card(re.sub(r"\d+$", str(number), card.name), card.value)
            for number, field in enumerate(chosen, 1)
            for card in cards
            if _field(card) == field
        ]
        rows = _selected_bytes(hdu, rows, chosen, structure)
    return header_bytes([*structure.cards, *cards], Metadata(kept)), rows


def _cards_by_field(hdu: Hdu) -> list[Card]:
    """Return the cards of the columns, without their comments, which take astropy time."""
    return [Card(card.name, card.value) for card in hdu.header.cards if _field(card)]


def _field(card: Card) -> int:
    match = _FIELD.fullmatch(card.name)
    return int(match[1]) if match else 0


def _selected_bytes(hdu: Hdu, rows: bytes, chosen: list[int], structure: Metadata) -> bytes:
    width, count = hdu.integer("NAXIS1"), hdu.integer("NAXIS2")
    ends = np.cumsum([0, *_widths(hdu)]).tolist()
    if ends[-1] != width:
        reason = f"HDU {hdu.index}: its columns take {ends[-1]} bytes of rows of {width}"
        raise FitsFileError(hdu.path, reason)
    table = np.frombuffer(rows, np.uint8, width * count).reshape(count, width)
    parts = [table[:, ends[field - 1] : ends[field]] for field in chosen]
    begin = hdu.integer("THEAP") if "THEAP" in hdu.header else width * count
    heap = rows[begin:]
    structure.update({"NAXIS1": sum(part.shape[1] for part in parts), "TFIELDS": len(chosen)})
    structure["PCOUNT"] = len(heap)
    if "THEAP" in structure:
        del structure["THEAP"]
    return np.hstack(parts).tobytes() + heap


def _widths(hdu: Hdu) -> Iterator[int]:
    """Yield the bytes that each column takes."""
    for field in range(1, hdu.integer("TFIELDS", _MAX_FIELDS) + 1):
        form = str(hdu.header.get(f"TFORM{field}"))
        match = _FORM.match(form)
        if match is None:
            raise FitsFileError(
                hdu.path, f"HDU {hdu.index}: TFORM{field} = {form!r} is not possible"
            )
        repeat = int(match[1] or 1)
        yield -(-repeat // 8) if match[2] == "X" else repeat * _BYTES[match[2]]


def table_meta(hdu: Hdu) -> dict[str, CardValue | list[CardValue]]:
    """Return what a header says beside columns and structure, as astropy's tables have it.

    Parameters
    ----------
    hdu
        The header. COMMENT becomes a list called ``comments``, without the
        text in which astropy keeps objects.
    """
    cards = [
        card
        for card in hdu.header.cards
        if not (_STRUCTURE.fullmatch(card.name) or _ABOUT_FIELDS.fullmatch(card.name))
    ]
    meta = (
        Metadata(cards).without({"COMMENT", "EXTNAME", "CHECKSUM", "DATASUM", "LONGSTRN"}).to_dict()
    )
    comments = [card.value for card in cards if card.name == "COMMENT"]
    if comments and not any(_MIXINS in str(text) for text in comments):
        meta["comments"] = comments
    return meta
