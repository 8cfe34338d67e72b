"""Whole images in tiles, with astropy's codecs: twice as quick as those of fitsio.

Of 4176 x 2048 pixels with quantized RICE, astropy writes an image in 0.65 s
and reads it in 0.15; fitsio takes 0.95 and 0.26. To import astropy takes 0.3 s
once, which small images are not worth.
"""

from __future__ import annotations

import sys
from io import BytesIO
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from imaging.fits.cards import Card
from imaging.fits.fields import read_fields, split_header
from imaging.fits.hdus import iter_hdus, padding
from imaging.fits.header import EXTEND, SIMPLE, header_bytes, tile_cards
from imaging.fits.metadata import Metadata
from imaging.fits.source import FitsSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imaging.fits.hdus import Hdu

__all__ = ["Codec", "decode_tiles", "encode_tiles", "is_decoded_quickly", "is_worth_astropy"]

Codec: TypeAlias = Literal["RICE_1", "GZIP_2"]

_WORTH_IMPORT = 1 << 22
"""Pixels of an image that saves about half of the time of the import."""
_WORTH_CALL = 1 << 18
_SUBTRACTIVE_DITHER_2 = 2
_SEED_FROM_PIXELS = -1
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_TIME = np.arange(4, 8)  # bytes of a gzipped stream (RFC 1952)
_GZIP_HEADER = 10
_GZIP_COLUMN = "GZIP_COMPRESSED_DATA"
_ZERO_POINTS = {(16, 1 << 15), (32, 1 << 31)}  # of unsigned integers


def is_worth_astropy(pixels: int) -> bool:
    """Whether an image has so many pixels that astropy is the quicker one."""
    return pixels >= (_WORTH_CALL if "astropy.io.fits" in sys.modules else _WORTH_IMPORT)


def is_decoded_quickly(hdu: Hdu, tile: Sequence[int]) -> bool:
    """Whether `decode_tiles` can decode an image, and is quicker than cfitsio.

    Parameters
    ----------
    hdu
        The header of the table of tiles.
    tile
        Lengths of a tile, first axis first.
    """
    height, width = hdu.image_shape or (0, 0)
    header = hdu.header
    scale, zero = header.get("BSCALE", 1), header.get("BZERO", 0)
    return (
        header.get("ZCMPTYPE") in {"RICE_1", "RICE_ONE"}
        and is_worth_astropy(height * width)
        and all(step <= length for step, length in zip(tile, reversed(hdu.shape), strict=True))
        and scale == 1
        and (zero == 0 or (hdu.bitpix, zero) in _ZERO_POINTS)
        and (hdu.bitpix < 0 or not {"BLANK", "ZBLANK"} & header.keys())
    )


def decode_tiles(source: FitsSource, hdu: Hdu) -> NDArray[np.number]:
    """Return all pixels of a compressed image.

    Parameters
    ----------
    source
        Standing at the first byte of the data.
    hdu
        The header of the table of tiles, of which nothing but the layout is used.

    Raises
    ------
    FitsFileError
        If the file ends within the data.
    """
    from astropy.io import fits

    primary = header_bytes((SIMPLE, Card("BITPIX", 8), Card("NAXIS", 0), EXTEND), Metadata())
    header = primary + header_bytes(tile_cards(hdu), Metadata())
    content = bytearray(len(header) + hdu.data_size + padding(hdu.data_size))
    content[: len(header)] = header
    source.read_into(memoryview(content)[len(header) : len(header) + hdu.data_size])
    with fits.open(BytesIO(content), memmap=False) as file:
        pixels: NDArray[np.number] = file[1].data
    return pixels


def encode_tiles(
    array: NDArray[np.number], codec: Codec, tile: tuple[int, int], levels: int | None
) -> bytes:
    """Return a FITS file in memory: an empty primary HDU and the compressed image.

    Parameters
    ----------
    array
        Shape (height, width), in the machine's byte order.
    codec
        RICE_1 for integers and quantized pixels, GZIP_2 for floating point as it is.
    tile
        Rows and columns of a tile.
    levels
        Levels per standard deviation of the noise to which pixels are
        rounded, dithered; None leaves them as they are.
    """
    from astropy.io import fits

    image = fits.CompImageHDU(
        array,
        compression_type=codec,
        tile_shape=tile,
        quantize_level=levels or 0,
        quantize_method=_SUBTRACTIVE_DITHER_2 if levels else None,
        dither_seed=_SEED_FROM_PIXELS,  # the same pixels give the same file
    )
    file = BytesIO()
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(file)
    content = bytearray(file.getbuffer())
    _clear_times(content)
    return bytes(content)


def _clear_times(content: bytearray) -> None:
    """Set the times in gzipped tiles to 0: the same pixels give the same file at any time."""
    source = FitsSource("memory", BytesIO(content), len(content))
    _, hdu = iter_hdus(source)
    count, width = hdu.integer("NAXIS2"), hdu.integer("NAXIS1")
    every = np.frombuffer(content, np.uint8)
    rows = every[hdu.data_offset : hdu.data_offset + count * width].reshape(count, width)
    heap = every[hdu.data_offset + count * width :]
    for field in read_fields(hdu, split_header(hdu)[1]):
        if field.descriptor is None:
            continue
        pairs = rows[:, field.begin : field.begin + field.width].copy().view(field.descriptor)
        begins = pairs[pairs[:, 0] >= _GZIP_HEADER][:, 1].astype(np.int64)
        gzipped = begins[(heap[begins] == _GZIP_MAGIC[0]) & (heap[begins + 1] == _GZIP_MAGIC[1])]
        if field.name == _GZIP_COLUMN or hdu.header["ZCMPTYPE"] == "GZIP_2":
            heap[gzipped[:, np.newaxis] + _GZIP_TIME] = 0
