"""Images in FITS files: read whole or in part, and written."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from imaging.box import Box
from imaging.errors import FitsFileError, HduNotFoundError, ParameterTypeError, ParameterValueError
from imaging.fits_hdus import find_hdu, iter_hdus, padding
from imaging.fits_header import EXTEND, SIMPLE, header_bytes, merged_metadata, without_layout
from imaging.fits_pixels import encode_pixels, read_pixels
from imaging.fits_source import FitsSource, open_source
from imaging.fits_tiles import Compression, compress_pixels, read_tiles
from imaging.image import Image, Origin, local_begin
from imaging.metadata import Metadata
from imaging.reference_pixel import moved_reference, origin_cards, read_origin, without_origin

if TYPE_CHECKING:
    from imaging.fits_hdus import Hdu

__all__ = ["read_bbox", "read_image", "write_image"]


def read_image(
    path: str, *, bbox: Box | None = None, hdu: int | str | None = None, origin: Origin = "parent"
) -> Image:
    """Read an image or a part of it.

    Parameters
    ----------
    path
        A FITS file, plain, gzipped, or with compressed pixels.
    bbox
        The part; by default all of it. Of plain files only its rows are
        read, of compressed pixels only its tiles; a gzipped file is inflated
        to its end in any case, so that its checksum can be compared.
    hdu
        Number (0 is the primary HDU) or EXTNAME; by default the first HDU
        with two-dimensional pixels.
    origin
        Whether ``bbox`` is in ``parent`` coordinates, which begin at the
        origin that the file gives, or in ``local`` ones, which begin at
        (0, 0).

    Returns
    -------
    Image
        In the machine's byte order, owning its memory; no file stays open.
        BSCALE and BZERO are applied. The metadata are those of
        `imaging.fits_header.read_metadata` without the cards that describe
        the layout of the file and the origin of the image.

    Raises
    ------
    BoxError
        If the box is not inside the image.
    FitsFileError
        If the file cannot be read, is damaged, or has no such image.
    """
    with open_source(path) as source:
        primary, found = _find_image(source, hdu)
        whole = _bbox(found)
        part = Box.from_shape(whole.shape)
        if bbox is not None:
            part = Box(local_begin(bbox, whole, origin), bbox.dimensions)
        read = read_tiles if found.is_compressed else read_pixels
        pixels = read(source, found, part)
        source.finish()
    inherits = hdu is None or found.header.get("INHERIT") is True
    metadata = merged_metadata(primary if inherits else found, found)
    metadata = moved_reference(without_origin(without_layout(metadata)), part.min)
    return Image(pixels, whole.min + (part.min - Box().min), metadata)


def read_bbox(path: str, *, hdu: int | str | None = None) -> Box:
    """Read the box of an image, in parent coordinates, and nothing but headers.

    Parameters
    ----------
    path
        A FITS file.
    hdu
        As for `read_image`.

    Raises
    ------
    FitsFileError
        If the file cannot be read, or has no such image.
    """
    with open_source(path) as source:
        return _bbox(_find_image(source, hdu)[1])


def _find_image(source: FitsSource, hdu: int | str | None) -> tuple[Hdu, Hdu]:
    primary, found = find_hdu(source, hdu, "image")
    if found.image_shape is None:
        what = "a table" if found.is_table else f"{len(found.shape)} axes: {found.shape[::-1]}"
        reason = f"HDU {found.index} has no two-dimensional pixels but {what}"
        raise HduNotFoundError(source.path, reason)
    return primary, found


def _bbox(hdu: Hdu) -> Box:
    return Box.from_shape(hdu.image_shape or (0, 0), read_origin(hdu.header))


def write_image(image: Image, path: str, *, compression: Compression | None = None) -> None:
    """Write an image.

    Parameters
    ----------
    image
        The image; its metadata follow the cards that describe its layout and
        origin.
    path
        The file; one that exists is overwritten.
    compression
        None for a plain primary image. ``lossless`` and ``rice`` make tiles
        of 64 x 256 pixels in HDU 1, which DS9 and astropy show as an image.
        ``rice`` is exact for integers; for floating point it rounds to a
        sixteenth of the noise, dithered: 0.018 of it (rms) at a seventh of
        the size.

    Raises
    ------
    FitsFileError
        If it cannot be written; what is there then is of no use.
    MetadataError
        If a card cannot be written.
    ParameterTypeError
        If there is no such image, or FITS has no such pixels.
    ParameterValueError
        If there is no such compression.
    """
    if not isinstance(image, Image):
        message = f"An Image is needed, not {type(image).__name__}. Use Image(array) for an array."
        raise ParameterTypeError(message)
    if compression not in {None, "lossless", "rice"}:
        message = f"compression={compression!r}: choose None, 'lossless' or 'rice'."
        raise ParameterValueError(message)
    if not image.array.size:
        message = "An image without pixels cannot be written."
        raise ParameterValueError(message)
    kept, cards = origin_cards(without_layout(image.metadata), image.xy0)
    metadata = Metadata([*kept.cards, *cards])
    try:
        with open(path, "wb") as file:
            if compression is None:
                layout, pixels = encode_pixels(image.array)
                file.write(header_bytes((SIMPLE, *layout, EXTEND), metadata))
                file.write(pixels.data)
                file.write(bytes(padding(pixels.nbytes)))
            else:
                content = compress_pixels(image.array, compression)
                file.writelines(_with_metadata(content, metadata))
    except OSError as error:
        if isinstance(error, FitsFileError):
            raise
        raise FitsFileError(path, f"it cannot be written: {error.strerror or error}") from error


def _with_metadata(content: bytes, metadata: Metadata) -> tuple[bytes, ...]:
    """Put metadata into the header of the second HDU of a file in memory."""
    source = FitsSource("memory", BytesIO(content), len(content))
    primary, tiles = iter_hdus(source)
    layout = tuple(card for card in tiles.header.cards if card.name not in {"COMMENT", "EXTNAME"})
    return (
        content[: primary.data_offset],
        header_bytes(layout, metadata),
        content[tiles.data_offset :],
    )
