"""Headers of FITS files: read without the data behind them, and written.

A file often says things in two places: the primary header has what belongs
to the exposure, that of the image extension what belongs to its pixels. Read
without ``hdu``, the two are merged:

* the cards of the primary header come first, then those of the first HDU
  with two-dimensional pixels, or where there is none, of the first HDU that
  has data; where both have a name, the value of the latter counts;
* cards that describe the layout of an HDU (BITPIX, NAXIS1, TTYPE1, ...) come
  from the latter alone;
* a compressed image is described as it was before: NAXIS1 is the width of
  the image, not of the table that holds it.

With ``hdu`` it is that header alone, merged in the same way if it has
``INHERIT = T``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from imaging.errors import FitsFileError
from imaging.fits.cards import CARD_LENGTH, Card, format_card
from imaging.fits.hdus import BLOCK, find_hdu, iter_hdus
from imaging.fits.metadata import Metadata
from imaging.fits.new_file import open_new_file
from imaging.fits.source import open_source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imaging.fits.hdus import Hdu

__all__ = [
    "EXTEND",
    "SIMPLE",
    "described_as_image",
    "header_bytes",
    "merged_metadata",
    "read_metadata",
    "tile_cards",
    "without_layout",
    "writable_cards",
    "write_metadata",
]

SIMPLE = Card("SIMPLE", value=True, comment="conforms to the FITS standard")
EXTEND = Card("EXTEND", value=True, comment="extensions may follow")

_LAYOUT = re.compile(
    r"SIMPLE|XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|EXTEND|GROUPS|BSCALE|BZERO|BLANK"
    r"|CHECKSUM|DATASUM|INHERIT|LONGSTRN"
)
_TABLE_LAYOUT = re.compile(r"TFIELDS|THEAP|T(?:TYPE|FORM|DISP|NULL|SCAL|ZERO|DIM)\d+")
_TILES = re.compile(
    r"Z(?:IMAGE|TENSION|SIMPLE|EXTEND|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|BLOCKED|BLANK|SCALE|ZERO"
    r"|TILE\d+|CMPTYPE|NAME\d+|VAL\d+|QUANTIZ|DITHER0|MASKCMP|HECKSUM|DATASUM"
    r"|TABLE|TILELEN|THEAP|FORM\d+|CTYP\d+)"
)
_LONG_TEXTS = Card("LONGSTRN", "OGIP 1.0", "texts may go on behind CONTINUE")
_SCALING = frozenset({"BSCALE", "BZERO", "BLANK", "INHERIT"})
_BOILERPLATE = (
    "FITS (Flexible Image Transport System) format is defined in 'Astronomy",
    "and Astrophysics', volume 376, page 359; bibcode: 2001A&A...376..359H",
)


def read_metadata(path: str, hdu: int | str | None = None) -> Metadata:
    """Read a header, and nothing but headers.

    Parameters
    ----------
    path
        A FITS file, plain or gzipped. Of the latter only as much is inflated
        as the headers need, and its checksum is not compared.
    hdu
        Number (0 is the primary header) or EXTNAME. By default the primary
        header merged with that of the image; see the notes of this module.

    Raises
    ------
    FitsFileError
        If the file is not a FITS file, or has no such HDU.
    """
    with open_source(path) as source:
        if hdu is not None:
            first, found = find_hdu(source, hdu, "image")
            inherits = found.header.get("INHERIT") is True
            return merged_metadata(first if inherits else found, found)
        primary: Hdu | None = None
        chosen: Hdu | None = None
        for found in iter_hdus(source):
            primary = primary or found
            if found.image_shape is not None:
                chosen = found
                break
            if chosen is None and found.data_size:
                chosen = found
        if primary is None:
            raise FitsFileError(path, "it has no header")
        return merged_metadata(primary, chosen or primary)


def merged_metadata(primary: Hdu, found: Hdu) -> Metadata:
    """Return the primary header's cards and those of another HDU, which win."""
    own = described_as_image(found)
    if found.index == primary.index:
        return own
    layout = [card for card in own.cards if _is_layout(card)]
    inherited = [
        card
        for card in described_as_image(primary).cards
        if not _is_layout(card)
        and (card.name in {"COMMENT", "HISTORY", ""} or card.name not in own)
    ]
    return Metadata([*layout, *inherited, *(card for card in own.cards if not _is_layout(card))])


def described_as_image(hdu: Hdu) -> Metadata:
    """Return the header of an HDU; if it holds a compressed image, as it was before."""
    cards = (card for card in hdu.header.cards if not _is_boilerplate(card))
    if not hdu.is_compressed:
        return Metadata(cards)
    shape = hdu.shape
    layout = [Card("XTENSION", "IMAGE"), Card("BITPIX", hdu.bitpix), Card("NAXIS", len(shape))]
    layout += [Card(f"NAXIS{axis}", size) for axis, size in enumerate(reversed(shape), 1)]
    layout += [Card("PCOUNT", 0), Card("GCOUNT", 1)]
    rest = (card for card in cards if card.name in _SCALING or not _describes_tiles(card))
    return Metadata([*layout, *rest])


def tile_cards(hdu: Hdu) -> list[Card]:
    """Return the cards of a compressed image that say what its pixels are, and nothing else."""
    return [
        card
        for card in hdu.header.cards
        if card.name in _SCALING or (card.name != "EXTNAME" and _describes_tiles(card))
    ]


def _is_boilerplate(card: Card) -> bool:
    return card.name == "COMMENT" and str(card.value).strip() in _BOILERPLATE


def _describes_tiles(card: Card) -> bool:
    return _is_about_tiles(card.name) or (
        card.name == "EXTNAME" and card.value == "COMPRESSED_IMAGE"  # what cfitsio calls it
    )


@lru_cache(maxsize=2048)
def _is_about_tiles(name: str) -> bool:
    return bool(_is_about_layout(name) or _TILES.fullmatch(name))


def _is_layout(card: Card) -> bool:
    return _is_about_layout(card.name)


@lru_cache(maxsize=2048)
def _is_about_layout(name: str) -> bool:
    return bool(_LAYOUT.fullmatch(name) or _TABLE_LAYOUT.fullmatch(name))


def without_layout(metadata: Metadata) -> Metadata:
    """Return a copy without the cards that describe how data lie in a file."""
    return Metadata(card for card in metadata.cards if not _is_layout(card))


def writable_cards(metadata: Metadata) -> Metadata:
    """Return a copy without the cards that would say how data lie in a file, were they written.

    Beside those that `without_layout` leaves out they are those of compressed
    pixels and tables: a ZSCALE of the user would change the pixels.
    """
    return Metadata(card for card in metadata.cards if not _is_about_tiles(card.name))


def header_bytes(layout: Iterable[Card], metadata: Metadata) -> bytes:
    """Return a header as it stands in a file.

    Parameters
    ----------
    layout
        The cards that describe the data, in the order that FITS prescribes.
    metadata
        What follows, without layout.

    Raises
    ------
    MetadataError
        If a card cannot be written.
    """
    written = [format_card(card) for card in (*layout, *metadata.cards)]
    if any(card.startswith("CONTINUE", CARD_LENGTH) for card in written):
        written.append(format_card(_LONG_TEXTS))
    content = "".join([*written, f"{'END':<80}"]).encode("ascii")
    return content + b" " * (-len(content) % BLOCK)


def write_metadata(metadata: Metadata, path: str) -> None:
    """Write a FITS file that is a header only.

    Parameters
    ----------
    metadata
        Cards that describe the layout of data are left out.
    path
        The file; one that exists is replaced by the whole of it, or not at all.

    Raises
    ------
    FitsFileError
        If it cannot be written.
    MetadataError
        If a card cannot be written.
    """
    layout = (SIMPLE, Card("BITPIX", 8), Card("NAXIS", 0), EXTEND)
    content = header_bytes(layout, writable_cards(metadata))
    with open_new_file(path) as file:
        file.write(content)
