"""Single images in FITS files: read whole or in part, and written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imaging.errors import HduNotFoundError
from imaging.fits.hdus import find_hdu
from imaging.fits.header import merged_metadata, without_layout, writable_cards
from imaging.fits.image_encoding import check_compression, encode_image, write_pieces
from imaging.fits.metadata import Metadata
from imaging.fits.pixels import read_pixels
from imaging.fits.reference_pixel import moved_reference, origin_cards, read_origin, without_origin
from imaging.fits.source import open_source
from imaging.fits.tiles import read_tiles
from imaging.geometry.box import Box
from imaging.geometry.origin import Origin, local_begin

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imaging.fits.hdus import Hdu
    from imaging.fits.source import FitsSource
    from imaging.fits.tiles import Compression
    from imaging.geometry.points import Point2I

__all__ = ["Plane", "bbox_of", "plane_of", "read_bbox", "read_plane", "write_plane"]


@dataclass(frozen=True, slots=True)
class Plane:
    """Pixels as they stand in one HDU, whatever they mean.

    Parameters
    ----------
    array
        Shape (height, width).
    origin
        Parent coordinates of the first pixel.
    header
        Cards, without those that describe the layout and the origin.
    """

    array: NDArray[np.number]
    origin: Point2I
    header: Metadata


def read_plane(
    path: str, *, bbox: Box | None = None, hdu: int | str | None = None, origin: Origin = "parent"
) -> Plane:
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
    Plane
        Its array is in the machine's byte order, owning its memory; no file stays open.
        BSCALE and BZERO are applied. The metadata are those of
        `imaging.fits.header.read_metadata` without the cards that describe
        the layout of the file and the origin of the image.

    Raises
    ------
    BoxError
        If the box is not inside the image.
    FitsFileError
        If the file cannot be read, is damaged, or has no such image.
    """
    with open_source(path) as source:
        primary, found = find_hdu(source, hdu, "image")
        inherits = hdu is None or found.header.get("INHERIT") is True
        plane = plane_of(source, primary if inherits else found, found, bbox, origin)
        source.finish()
    return plane


def plane_of(
    source: FitsSource, primary: Hdu, found: Hdu, bbox: Box | None, origin: Origin
) -> Plane:
    """Read an image or a part of it where a file stands.

    Parameters
    ----------
    source
        Standing at the first byte of the data.
    primary
        The header that the image inherits from; its own for none.
    found
        The header of the image.
    bbox, origin
        As for `read_plane`.
    """
    whole = bbox_of(found)
    part = Box.from_shape(whole.shape)
    if bbox is not None:
        part = Box(local_begin(bbox, whole, origin), bbox.dimensions)
    read = read_tiles if found.is_compressed else read_pixels
    pixels = read(source, found, part)
    metadata = merged_metadata(primary, found)
    metadata = moved_reference(without_origin(without_layout(metadata)), part.min)
    return Plane(pixels, whole.min + (part.min - Box().min), metadata)


def read_bbox(path: str, *, hdu: int | str | None = None) -> Box:
    """Read the box of an image, in parent coordinates, and nothing but headers.

    Parameters
    ----------
    path
        A FITS file.
    hdu
        As for `read_plane`.

    Raises
    ------
    FitsFileError
        If the file cannot be read, or has no such image.
    """
    with open_source(path) as source:
        return bbox_of(find_hdu(source, hdu, "image")[1])


def bbox_of(hdu: Hdu) -> Box:
    """Return the box of an image in parent coordinates.

    Parameters
    ----------
    hdu
        Its header.

    Raises
    ------
    HduNotFoundError
        If it is no image.
    """
    if hdu.image_shape is None:
        what = "a table" if hdu.is_table else f"{len(hdu.shape)} axes: {hdu.shape[::-1]}"
        reason = (
            f"HDU {hdu.index} has no two-dimensional pixels but {what}; choose another with hdu="
        )
        raise HduNotFoundError(hdu.path, reason)
    return Box.from_shape(hdu.image_shape, read_origin(hdu.header))


def write_plane(plane: Plane, path: str, *, compression: Compression | None = None) -> None:
    """Write an image to a file of its own.

    Parameters
    ----------
    plane
        Its header follows the cards that describe its layout and origin.
    path
        The file; one that exists is replaced by the whole of it, or not at
        all. What is called ``.gz`` is gzipped.
    compression
        None for a plain primary image. ``lossless`` and ``rice`` make tiles
        of 64 x 256 pixels in HDU 1, which DS9 and astropy show as an image.
        ``lossless`` keeps every bit. ``rice`` is exact for integers; for
        floating point it rounds to a sixteenth of the noise, dithered: 0.018
        of it (rms), single pixels up to 0.03, or 0.04 beside stars, at a
        seventh of the size. Images with infinite pixels, and those with a
        tile whose noise cannot be estimated (spikes in a constant), it
        stores as ``lossless`` does.

    Raises
    ------
    FitsFileError
        If it cannot be written.
    MetadataError
        If a card cannot be written.
    ParameterTypeError
        If FITS has no such pixels.
    ParameterValueError
        If there is no such compression, or the file would be gzipped, too.
    """
    check_compression(path, compression)
    kept, cards = origin_cards(writable_cards(plane.header), plane.origin)
    metadata = Metadata([*kept.cards, *cards])
    write_pieces(path, encode_image(plane.array, metadata, compression, is_primary=True))
