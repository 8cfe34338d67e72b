"""Pixels of compressed FITS images, with fitsio.

Only cfitsio knows all the codecs and reads single tiles quickly: 200 x 200
pixels of a raw in 3 ms where astropy takes 9. (Whole images take it 0.2 s,
astropy 0.1 s, after an import that is 0.35 s shorter.) It is fed nothing
unchecked: it interprets characters in file names, and a size that is not
possible makes it crash.
"""

from __future__ import annotations

import math
import re
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from imaging.errors import FitsFileError, ParameterTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from imaging.fits.hdus import Hdu
    from imaging.fits.source import FitsSource
    from imaging.geometry.box import Box

__all__ = ["Compression", "compress_pixels", "read_tiles"]

Compression: TypeAlias = Literal["lossless", "rice"]

TILE = (64, 256)
"""Rows and columns of a tile: a cutout costs a third of what it does with whole rows."""
QUANTIZATION = 16
"""Levels per standard deviation of the noise: an error of 0.018 of it (rms)."""

_PLAIN_NAME = re.compile(r"(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")
_RATIO = {"RICE_1": 1100, "RICE_ONE": 1100, "GZIP_1": 1100, "GZIP_2": 1100, "NOCOMPRESS": 2}
_BEST_RATIO = 20_000  # PLIO_1 and HCOMPRESS_1 of constant pixels


def read_tiles(source: FitsSource, hdu: Hdu, part: Box) -> NDArray[np.number]:
    """Read a part of a compressed image; only the tiles it needs.

    Parameters
    ----------
    source
        Standing at the first byte of the data.
    hdu
        The header of the table of tiles.
    part
        Columns and rows, counted from the first pixel, inside the image.

    Returns
    -------
    numpy.ndarray
        The values in the machine's byte order, owning their memory.

    Raises
    ------
    FitsFileError
        If header and size do not fit together, or the pixels cannot be decoded.
    """
    if source.is_gzipped:
        reason = "a gzipped file of compressed pixels is not read: inflate it with gunzip first"
        raise FitsFileError(hdu.path, reason)
    _check_tiles(source, hdu)
    from fitsio import FITS

    try:
        with _plain_name(hdu.path) as name, FITS(name) as file:
            plane = file[hdu.index]
            leading = (slice(0, 1),) * (len(hdu.shape) - 2)
            pixels = plane[(*leading, *part.slices())]
    except Exception as error:  # fitsio raises nearly anything for a damaged file
        raise FitsFileError(hdu.path, f"its compressed pixels cannot be read ({error})") from error
    return np.array(pixels.reshape(part.shape), pixels.dtype.newbyteorder("="), copy=None)


def _check_tiles(source: FitsSource, hdu: Hdu) -> None:
    """Check what cfitsio would believe."""
    source.require(hdu.data_size, "compressed pixels")
    shape = hdu.shape
    tile = [
        hdu.integer(f"ZTILE{axis}")
        if f"ZTILE{axis}" in hdu.header
        else (length if axis == 1 else 1)
        for axis, length in enumerate(reversed(shape), 1)
    ]
    size = math.prod(shape) * abs(hdu.bitpix) // 8
    codec = str(hdu.header.get("ZCMPTYPE"))
    if (
        not all(tile)
        or hdu.integer("NAXIS2") != math.prod(_tile_counts(shape, tile))
        or size > hdu.data_size * _RATIO.get(codec, _BEST_RATIO)
    ):
        reason = (
            f"HDU {hdu.index}: {hdu.data_size:,} bytes in {hdu.header.get('NAXIS2')} tiles of "
            f"{'x'.join(map(str, tile))} cannot hold {'x'.join(map(str, shape[::-1]))} pixels"
        )
        raise FitsFileError(hdu.path, reason)


def _tile_counts(shape: tuple[int, ...], tile: list[int]) -> Iterator[int]:
    for length, step in zip(reversed(shape), tile, strict=True):
        yield -(-length // step)


@contextmanager
def _plain_name(path: str) -> Iterator[str]:
    """Give a file a name in which cfitsio finds nothing to interpret."""
    absolute = Path(path).absolute()
    if _PLAIN_NAME.fullmatch(str(absolute)):
        yield str(absolute)
        return
    with TemporaryDirectory(prefix="fits-") as folder:
        link = Path(folder, "image.fits")
        link.symlink_to(absolute)
        yield str(link)


def compress_pixels(array: NDArray[np.number], compression: Compression) -> bytes:
    """Return a FITS file in memory: an empty primary HDU and the compressed image.

    Parameters
    ----------
    array
        Shape (height, width).
    compression
        ``rice`` loses a hundredth of the noise of floating-point pixels
        (dithered, so that means stay right) and nothing of integers;
        ``lossless`` nothing at all.

    Raises
    ------
    ParameterTypeError
        If there is no codec for pixels of this type.
    """
    from fitsio import FITS

    is_real = array.dtype.kind == "f"
    if array.dtype.str[1:] not in {"u1", "i2", "u2", "i4", "u4", "f4", "f8"}:
        message = (
            f"Pixels of type {array.dtype} cannot be compressed. "
            "Use compression=None, or convert them to 32 bits."
        )
        raise ParameterTypeError(message)
    quantized = is_real and compression == "rice"
    with FITS("mem://", "rw") as file:
        file.write_image(
            np.ascontiguousarray(array, array.dtype.newbyteorder("=")),
            compress="GZIP_2" if is_real and not quantized else "RICE",
            tile_dims=tuple(map(min, TILE, array.shape)),
            qlevel=QUANTIZATION if quantized else None,
            qmethod="SUBTRACTIVE_DITHER_2" if quantized else "NO_DITHER",
            dither_seed="checksum",  # the same pixels give the same file
        )
        content: bytes = file.read_raw()
    return content
