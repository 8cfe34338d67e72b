"""Several images and tables in one FITS file, written piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imaging.fits.cards import Card
from imaging.fits.header import EXTEND, SIMPLE, header_bytes, writable_cards
from imaging.fits.image_encoding import check_compression, encode_image, padded, write_pieces
from imaging.fits.metadata import Metadata
from imaging.fits.reference_pixel import origin_cards
from imaging.fits.rows_encoding import encode_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imaging.fits.planes import Plane
    from imaging.fits.rows import Rows
    from imaging.fits.tiles import Compression

__all__ = ["PlanePart", "RowsPart", "write_parts"]


@dataclass(frozen=True, slots=True)
class PlanePart:
    """An image that is one of several parts of a file.

    Parameters
    ----------
    plane
        Pixels, origin and header.
    name
        EXTNAME.
    compression
        As for `imaging.fits.planes.write_plane`.
    """

    plane: Plane
    name: str
    compression: Compression | None = None


@dataclass(frozen=True, slots=True)
class RowsPart:
    """A binary table that is one of several parts of a file.

    Parameters
    ----------
    rows
        The table.
    name
        EXTNAME.
    """

    rows: Rows
    name: str


def write_parts(path: str, primary: Metadata, parts: Sequence[PlanePart | RowsPart]) -> None:
    """Write a file of a header and several parts.

    Parameters
    ----------
    path
        The file; one that exists is replaced by the whole of it, or not at
        all. What is called ``.gz`` is gzipped.
    primary
        Cards of the primary header; those that describe a layout are left out.
    parts
        HDU 1 and those that follow. Images inherit the primary header
        (``INHERIT = T``) if it says anything.

    Raises
    ------
    FitsFileError
        If it cannot be written.
    MetadataError
        If a card cannot be written.
    ParameterTypeError
        If FITS has no pixels or values of such a type.
    ParameterValueError
        If an image has no pixels, a table is not consistent, or there is no
        such compression.

    Notes
    -----
    Plain images and tables pass through a buffer of 128 kB. All
    headers are made before the file is touched.
    """
    for part in parts:
        check_compression(path, part.compression if isinstance(part, PlanePart) else None)
    metadata = writable_cards(primary)
    header = header_bytes((SIMPLE, Card("BITPIX", 8), Card("NAXIS", 0), EXTEND), metadata)
    encoded = [_encoded(part, inherits=bool(metadata)) for part in parts]
    write_pieces(path, (piece for pieces in ([header], *encoded) for piece in pieces))


def _encoded(part: PlanePart | RowsPart, *, inherits: bool) -> Iterator[bytes | memoryview]:
    name = Card("EXTNAME", part.name)
    if isinstance(part, RowsPart):
        cards, content = encode_rows(part.rows)
        metadata = writable_cards(part.rows.header).without({"EXTNAME"})
        return padded(header_bytes((*cards, name), metadata), content)
    kept, cards = origin_cards(writable_cards(part.plane.header), part.plane.origin)
    inherit = [Card("INHERIT", value=True, comment="the primary header counts, too")]
    first = [name, *(inherit if inherits else [])]
    own = (card for card in kept.cards if card.name != "EXTNAME")
    metadata = Metadata([*first, *own, *cards])
    return encode_image(part.plane.array, metadata, part.compression, is_primary=False)
