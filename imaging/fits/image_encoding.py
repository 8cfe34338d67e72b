"""Images from NumPy to the bytes of an HDU, and bytes into a file."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from imaging.errors import ParameterValueError
from imaging.fits.cards import Card
from imaging.fits.hdus import iter_hdus, padding
from imaging.fits.header import EXTEND, SIMPLE, header_bytes
from imaging.fits.new_file import is_gzip_name, open_new_file
from imaging.fits.pixels import encode_pixels
from imaging.fits.regular_file import checked_path
from imaging.fits.source import FitsSource
from imaging.fits.tiles import compress_pixels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from imaging.fits.metadata import Metadata
    from imaging.fits.tiles import Compression

__all__ = ["check_compression", "encode_image", "padded", "write_pieces"]

_COMPRESSIONS = ("lossless", "rice")


def check_compression(path: str, compression: object) -> None:
    """Refuse a compression that does not exist, or that the file cannot have.

    Raises
    ------
    ParameterValueError
        If there is no such compression, or the file would be gzipped, too.
    """
    if compression is None:
        return
    if not isinstance(compression, str) or compression not in _COMPRESSIONS:
        message = f"compression={compression!r}: choose None, 'lossless' or 'rice'."
        raise ParameterValueError(message)
    if is_gzip_name(checked_path(path)):
        message = (
            f"{path} would be gzipped, which makes tiles unreadable: call it .fits, "
            f"or leave out compression={compression!r}."
        )
        raise ParameterValueError(message)


def encode_image(
    array: NDArray[np.number],
    metadata: Metadata,
    compression: Compression | None,
    *,
    is_primary: bool,
) -> Iterator[bytes | memoryview]:
    """Return the bytes of an image, header first.

    Parameters
    ----------
    array
        Shape (height, width).
    metadata
        What follows the cards that describe the layout.
    compression
        As for `imaging.fits.planes.write_plane`.
    is_primary
        Whether the file begins with this image; before a compressed one comes
        an empty primary HDU then.

    Returns
    -------
    Iterator
        Pieces, each of which must be used before the next is asked for.

    Raises
    ------
    MetadataError
        If a card cannot be written.
    ParameterTypeError
        If FITS has no such pixels.
    ParameterValueError
        If there are no pixels.
    """
    if not array.size:
        message = "An image without pixels cannot be written."
        raise ParameterValueError(message)
    if compression is not None:
        pieces = _tiles(compress_pixels(array, compression), metadata)
        return iter(pieces if is_primary else pieces[1:])
    axes, scaling, content = encode_pixels(array)
    if is_primary:
        layout: tuple[Card, ...] = (SIMPLE, *axes, *scaling, EXTEND)
    else:
        counts = (Card("PCOUNT", 0), Card("GCOUNT", 1))
        layout = (Card("XTENSION", "IMAGE", "image extension"), *axes, *counts, *scaling)
    return padded(header_bytes(layout, metadata), content)


def _tiles(content: bytes, metadata: Metadata) -> tuple[bytes | memoryview, ...]:
    """Put metadata into the header of the second HDU of a file in memory."""
    source = FitsSource("memory", BytesIO(content), len(content))
    primary, tiles = iter_hdus(source)
    layout = tuple(card for card in tiles.header.cards if card.name not in {"COMMENT", "EXTNAME"})
    return (
        content[: primary.data_offset],
        header_bytes(layout, metadata),
        content[tiles.data_offset :],
    )


def padded(header: bytes, content: Iterable[memoryview]) -> Iterator[bytes | memoryview]:
    """Yield a header, data, and what fills the last block."""
    yield header
    size = 0
    for piece in content:
        yield piece
        size += piece.nbytes
    yield bytes(padding(size))


def write_pieces(path: str, pieces: Iterable[bytes | memoryview]) -> None:
    """Write a file piece by piece.

    Parameters
    ----------
    path
        The file; one that exists is replaced by the whole of it, or not at all.
    pieces
        Asked for one after the other.

    Raises
    ------
    FitsFileError
        If it cannot be written.
    """
    with open_new_file(path) as file:
        file.writelines(pieces)
