"""Images in a data butler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imaging.errors import ParameterTypeError
from imaging.fits.header import read_metadata
from imaging.fits.planes import read_bbox
from imaging.formatters.parameters import (
    COMPRESSION_PARAMETERS,
    FITS_EXTENSIONS,
    bbox_parameter,
    compression_parameter,
    hdu_parameter,
    origin_parameter,
    refuse_component,
)
from imaging.image.image import Image

if TYPE_CHECKING:
    from imaging.fits.metadata import Metadata
    from imaging.geometry.box import Box

__all__ = ["ImageFormatter"]


class ImageFormatter:
    """`imaging.image.image.Image` in FITS files."""

    extensions = FITS_EXTENSIONS
    components = frozenset({"bbox", "metadata"})
    read_parameters = frozenset({"bbox", "hdu", "origin"})
    write_parameters = COMPRESSION_PARAMETERS

    def read(
        self, path: str, component: str | None = None, **parameters: object
    ) -> Image | Metadata | Box:
        """Return the image, a part of it, its metadata or its box.

        Parameters
        ----------
        path
            The file.
        component
            ``metadata`` or ``bbox``: nothing but headers is read.
        parameters
            ``bbox`` (a Box), ``hdu`` (number or EXTNAME), ``origin``
            (``parent`` or ``local``); see `imaging.fits.planes.read_plane`.

        Raises
        ------
        FitsFileError
            If the file cannot be read.
        ParameterTypeError
            If a parameter is of the wrong type.
        """
        hdu = hdu_parameter(parameters)
        if component == "metadata":
            return read_metadata(path, hdu)
        if component == "bbox":
            return read_bbox(path, hdu=hdu)
        refuse_component(component, self.components)
        bbox = bbox_parameter(parameters)
        return Image.read_fits(path, bbox=bbox, hdu=hdu, origin=origin_parameter(parameters))

    def write(self, obj: object, path: str, **parameters: object) -> None:
        """Write an image.

        Parameters
        ----------
        obj
            An Image.
        path
            The file.
        parameters
            ``compression`` or ``recipe``; see
            `imaging.formatters.parameters.compression_parameter`.

        Raises
        ------
        FitsFileError
            If the file cannot be written.
        ParameterTypeError
            If it is no Image.
        """
        compression = compression_parameter(parameters)
        if not isinstance(obj, Image):
            message = (
                f"An Image is needed, not {type(obj).__name__}. Use Image(array) for an array."
            )
            raise ParameterTypeError(message)
        obj.write_fits(path, compression=compression)
