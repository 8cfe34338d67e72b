"""Raw files with one image for each amplifier."""

from __future__ import annotations

from imaging.errors import FitsFileError
from imaging.fits.hdus import iter_hdus
from imaging.fits.planes import plane_of
from imaging.fits.source import open_source
from imaging.image.image import Image

__all__ = ["read_amplifiers"]


def read_amplifiers(path: str) -> dict[str, Image]:
    """Read the images of all amplifiers of a raw file, in one pass.

    Parameters
    ----------
    path
        A FITS file, plain, gzipped, or with compressed pixels.

    Returns
    -------
    dict
        Every HDU with two-dimensional pixels by its EXTNAME, or by its
        number where it has none.

    Raises
    ------
    FitsFileError
        If the file cannot be read, is damaged, has no images, or two of one
        name.
    """
    images: dict[str, Image] = {}
    with open_source(path) as source:
        primary = None
        for hdu in iter_hdus(source):
            primary = hdu if primary is None else primary
            if hdu.image_shape is None:
                continue
            name = str(hdu.header.get("EXTNAME", "")).strip() or str(hdu.index)
            if name in images:
                raise FitsFileError(path, f"it has two images {name!r}, the second is {hdu.index}")
            inherits = hdu.header.get("INHERIT") is True
            plane = plane_of(source, primary if inherits else hdu, hdu, None, "parent")
            images[name] = Image(plane.array, plane.origin, plane.header)
        source.finish()
    if not images:
        raise FitsFileError(path, "it has no image of an amplifier")
    return images
