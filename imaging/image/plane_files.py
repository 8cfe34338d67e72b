"""Which HDU of a file is which plane of an image: IMAGE, MASK or VARIANCE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from imaging.errors import FitsFileError, HduNotFoundError
from imaging.fits.hdus import iter_hdus
from imaging.fits.header import merged_metadata, without_layout
from imaging.fits.pixels import read_pixels
from imaging.fits.planes import Plane
from imaging.fits.reference_pixel import moved_reference, read_origin, without_origin
from imaging.fits.source import open_source
from imaging.fits.tiles import read_tiles
from imaging.geometry.box import Box
from imaging.geometry.origin import Origin, local_begin

if TYPE_CHECKING:
    from imaging.fits.hdus import Hdu
    from imaging.fits.source import FitsSource

__all__ = ["PLANE_NAMES", "PlaneName", "find_plane", "read_planes"]

PlaneName: TypeAlias = Literal["IMAGE", "MASK", "VARIANCE"]

PLANE_NAMES: tuple[PlaneName, ...] = ("IMAGE", "MASK", "VARIANCE")
"""EXTNAME of the three, in the order in which they are written."""


def _named_plane(hdu: Hdu) -> str:
    """Return EXTNAME, or EXTTYPE as the LSST stack wrote it before 2020."""
    return hdu.name or str(hdu.header.get("EXTTYPE", "")).strip().upper()


def find_plane(path: str, name: PlaneName) -> int | None:
    """Return the number of the HDU of a plane, None if the file says nowhere which it is.

    Parameters
    ----------
    path
        A FITS file; only headers are read.
    name
        The plane.

    Raises
    ------
    FitsFileError
        If the file cannot be read.
    """
    with open_source(path) as source:
        for hdu in iter_hdus(source):
            if _named_plane(hdu) == name and hdu.image_shape is not None:
                return hdu.index
    return None


def read_planes(
    path: str, bbox: Box | None = None, origin: Origin = "parent"
) -> dict[PlaneName, Plane]:
    """Read image, mask and variance, or the same part of each.

    Parameters
    ----------
    path
        A FITS file that has them as HDUs whose EXTNAME or EXTTYPE is IMAGE,
        MASK and VARIANCE; it is read once, from its beginning to the last of
        them.
    bbox
        The part; by default all of it.
    origin
        Whether ``bbox`` is in ``parent`` or in ``local`` coordinates.

    Returns
    -------
    dict
        All three. The header of IMAGE has the cards of the primary header too.

    Raises
    ------
    BoxError
        If the box is not inside the image.
    FitsFileError
        If the file cannot be read, lacks one of them, or their boxes differ.
    """
    planes: dict[PlaneName, Plane] = {}
    whole: Box | None = None
    with open_source(path) as source:
        primary: Hdu | None = None
        for hdu in iter_hdus(source):
            primary = primary or hdu
            name = _wanted(hdu, planes)
            if name is None:
                continue
            whole = _checked_box(hdu, whole)
            part = _part(whole, bbox, origin)
            planes[name] = _read_one(source, primary if name == "IMAGE" else hdu, hdu, whole, part)
            if len(planes) == len(PLANE_NAMES):
                source.finish()
                return planes
    missing = ", ".join(name for name in PLANE_NAMES if name not in planes)
    reason = f"it has no HDU called {missing}. To read a single image, use Image.read_fits"
    raise HduNotFoundError(path, reason)


def _wanted(hdu: Hdu, planes: dict[PlaneName, Plane]) -> PlaneName | None:
    for name in PLANE_NAMES:
        if _named_plane(hdu) == name and name not in planes and hdu.image_shape is not None:
            return name
    return None


def _checked_box(hdu: Hdu, whole: Box | None) -> Box:
    """Return the box of an HDU; where it gives no origin, that of the HDU before."""
    box = Box.from_shape(hdu.image_shape or (0, 0), read_origin(hdu.header))
    if whole is None or box == whole:
        return box
    if box.shape == whole.shape and box.min == Box().min:
        return whole
    reason = f"HDU {hdu.index} ({_named_plane(hdu)}) is {box}, not {whole} like those before it"
    raise FitsFileError(hdu.path, reason)


def _part(whole: Box, bbox: Box | None, origin: Origin) -> Box:
    """Return the part, counted from the first pixel."""
    if bbox is None:
        return Box.from_shape(whole.shape)
    return Box(local_begin(bbox, whole, origin), bbox.dimensions)


def _read_one(source: FitsSource, primary: Hdu, hdu: Hdu, whole: Box, part: Box) -> Plane:
    read = read_tiles if hdu.is_compressed else read_pixels
    pixels = read(source, hdu, part)
    header = without_origin(without_layout(merged_metadata(primary, hdu)))
    header = moved_reference(header.without(["EXTNAME", "EXTTYPE", "EXTVER"]), part.min)
    return Plane(pixels, whole.min + (part.min - Box().min), header)
