"""Pixels of compressed FITS images, with fitsio or astropy, whichever is quicker.

Only cfitsio knows all the codecs and reads single tiles quickly: 200 x 200
pixels of a raw in 3 ms where astropy takes 9. Whole images take it 0.2 s and
astropy 0.1 s, whose import takes 0.3 s more; see `imaging.fits.tile_codecs`.
Neither is fed anything unchecked: cfitsio interprets characters in file names,
and a size that is not possible makes it crash.
"""

from __future__ import annotations

import math
import re
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from imaging.errors import FitsFileError, ImagingError, ParameterTypeError
from imaging.fits.fields import MAX_FIELDS
from imaging.fits.noise import has_noise
from imaging.fits.tile_codecs import (
    decode_tiles,
    encode_tiles,
    is_decoded_quickly,
    is_worth_astropy,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fitsio import FITS
    from numpy.typing import NDArray

    from imaging.fits.hdus import Hdu
    from imaging.fits.source import FitsSource
    from imaging.fits.tile_codecs import Codec
    from imaging.geometry.box import Box

__all__ = ["Compression", "compress_pixels", "read_tiles"]

Compression: TypeAlias = Literal["lossless", "rice"]

TILE = (64, 256)
"""Rows and columns of a tile: a cutout costs a third of what it does with whole rows."""
QUANTIZATION = 16
"""Levels per standard deviation of the noise: an error of 0.018 of it (rms)."""

_LAST_SEED = 10_000  # of the random numbers of the standard
_MOST_PARAMETERS = 20
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
    tile = _checked_tile(source, hdu)
    try:
        if part.shape == hdu.image_shape and is_decoded_quickly(hdu, tile):
            pixels = decode_tiles(source, hdu)
        else:
            plane = source.opened_by(_open_with_fitsio)[hdu.index]
            leading = (slice(0, 1),) * (len(hdu.shape) - 2)
            pixels = plane[(*leading, *part.slices())]
        pixels = pixels.reshape(part.shape)
    except ImagingError:
        raise
    except Exception as error:  # both raise nearly anything for a damaged file
        raise FitsFileError(hdu.path, f"its compressed pixels cannot be read ({error})") from error
    return np.array(pixels, pixels.dtype.newbyteorder("="), copy=None)


@contextmanager
def _open_with_fitsio(path: str) -> Iterator[FITS]:
    from fitsio import FITS

    with _plain_name(path) as name, FITS(name) as file:
        yield file


def _checked_tile(source: FitsSource, hdu: Hdu) -> list[int]:
    """Return the lengths of a tile, first axis first; check what others would believe."""
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
    _check_codec(hdu, codec)
    return tile


def _check_codec(hdu: Hdu, codec: str) -> None:
    """Check parameters that make cfitsio and astropy crash where they are wrong."""
    hdu.integer("TFIELDS", MAX_FIELDS)  # astropy counts to whatever stands there
    header, is_real = hdu.header, hdu.bitpix < 0
    wrong = []
    if header.get("XTENSION") != "BINTABLE":  # cfitsio would show the tiles themselves
        wrong.append(f"XTENSION = {header.get('XTENSION')!r}")
    if is_real and str(header.get("ZQUANTIZ")).startswith("SUBTRACTIVE"):
        seed = header.get("ZDITHER0", 1)
        if not isinstance(seed, int) or not 1 <= seed <= _LAST_SEED:
            wrong.append(f"ZDITHER0 = {seed!r}")
    for number in range(1, _MOST_PARAMETERS) if codec.startswith("RICE") else ():
        name, value = header.get(f"ZNAME{number}"), header.get(f"ZVAL{number}")
        size = 4 if is_real else hdu.bitpix // 8
        if {"BLOCKSIZE": value in {16, 32}, "BYTEPIX": value == size}.get(str(name), True):
            continue
        wrong.append(f"{name} = {value!r}")
    names = {header.get(f"TTYPE{field}") for field in range(1, _MOST_PARAMETERS)}
    if is_real and codec.startswith("RICE") and "ZSCALE" not in names and "ZSCALE" not in header:
        wrong.append("floating point without ZSCALE")
    if wrong:
        reason = f"HDU {hdu.index}: {', '.join(wrong)} is not possible for pixels in {codec}"
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
        ``lossless`` keeps every bit.
        ``rice`` rounds floating-point pixels to a sixteenth of their noise,
        dithered, so that means stay right; it is ``lossless`` for integers,
        for images with infinite pixels, and for those that have no noise
        to round to.

    Raises
    ------
    ParameterTypeError
        If there is no codec for pixels of this type.
    """
    is_real = array.dtype.kind == "f"
    if array.dtype.str[1:] not in {"u1", "i2", "u2", "i4", "u4", "f4", "f8"}:
        message = (
            f"Pixels of type {array.dtype} cannot be compressed. "
            "Use compression=None, or convert them to 32 bits."
        )
        raise ParameterTypeError(message)
    tile = (min(TILE[0], array.shape[0]), min(TILE[1], array.shape[1]))
    native = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
    is_infinite = is_real and bool(np.isinf(native).any())  # codecs make NaN of it
    is_rounded = is_real and compression == "rice"
    quantized = is_rounded and not is_infinite and has_noise(native, tile)
    codec: Codec = "GZIP_2" if is_real and not quantized else "RICE_1"
    is_special = is_real and not quantized and not np.isfinite(native).all()
    is_for_astropy = is_worth_astropy(array.size) or is_special  # cfitsio makes one NaN of all
    encode = encode_tiles if is_for_astropy else _encode_with_fitsio
    return encode(native, codec, tile, QUANTIZATION if quantized else None)


def _encode_with_fitsio(
    array: NDArray[np.number], codec: Codec, tile: tuple[int, int], levels: int | None
) -> bytes:
    from fitsio import FITS

    with FITS("mem://", "rw") as file:
        file.write_image(
            array,
            compress="RICE" if codec == "RICE_1" else codec,
            tile_dims=tile,
            qlevel=levels,
            qmethod="SUBTRACTIVE_DITHER_2" if levels else "NO_DITHER",
            dither_seed="checksum",  # the same pixels give the same file
        )
        content: bytes = file.read_raw()
    return content
