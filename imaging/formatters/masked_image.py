"""Masked images and masks in a data butler."""

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
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage
from imaging.image.plane_files import find_plane

if TYPE_CHECKING:
    from imaging.fits.metadata import Metadata
    from imaging.geometry.box import Box

__all__ = ["MaskFormatter", "MaskedImageFormatter"]


class MaskedImageFormatter:
    """`imaging.image.masked_image.MaskedImage` in FITS files."""

    extensions = FITS_EXTENSIONS
    components = frozenset({"bbox", "image", "mask", "metadata", "variance"})
    read_parameters = frozenset({"bbox", "origin"})
    write_parameters = COMPRESSION_PARAMETERS

    def read(
        self, path: str, component: str | None = None, **parameters: object
    ) -> MaskedImage | Image | Mask | Metadata | Box:
        """Return the masked image, a part of it, one of its planes, its metadata or its box.

        Parameters
        ----------
        path
            The file, which has HDUs called IMAGE, MASK and VARIANCE.
        component
            ``image``, ``mask``, ``variance``; ``metadata`` or ``bbox``, for
            which nothing but headers is read.
        parameters
            ``bbox`` (a Box), ``origin`` (``parent`` or ``local``).

        Raises
        ------
        FitsFileError
            If the file cannot be read.
        ParameterTypeError
            If a parameter is of the wrong type.
        """
        bbox, origin = bbox_parameter(parameters), origin_parameter(parameters)
        if component is None:
            return MaskedImage.read_fits(path, bbox=bbox, origin=origin)
        if component == "mask":
            return Mask.read_fits(path, bbox=bbox, origin=origin)
        if component == "metadata":
            return read_metadata(path, find_plane(path, "IMAGE"))
        if component == "bbox":
            return read_bbox(path, hdu=find_plane(path, "IMAGE"))
        if component not in {"image", "variance"}:
            refuse_component(component, self.components)
        hdu = find_plane(path, "IMAGE" if component == "image" else "VARIANCE")
        return Image.read_fits(path, bbox=bbox, hdu=hdu, origin=origin)

    def write(self, obj: object, path: str, **parameters: object) -> None:
        """Write a masked image.

        Parameters
        ----------
        obj
            A MaskedImage, or an Image, which gets an empty mask.
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
            If it is no masked image.
        """
        compression = compression_parameter(parameters)
        if isinstance(obj, Image):
            obj = MaskedImage(obj)
        if not isinstance(obj, MaskedImage):
            message = (
                f"A MaskedImage is needed, not {type(obj).__name__}. "
                "Of an exposure it is exposure.masked_image."
            )
            raise ParameterTypeError(message)
        obj.write_fits(path, compression=compression)


class MaskFormatter:
    """`imaging.image.mask.Mask` in FITS files."""

    extensions = FITS_EXTENSIONS
    components = frozenset({"bbox", "metadata"})
    read_parameters = frozenset({"bbox", "hdu", "origin"})
    write_parameters = COMPRESSION_PARAMETERS

    def read(
        self, path: str, component: str | None = None, **parameters: object
    ) -> Mask | Metadata | Box:
        """Return the mask, a part of it, its metadata or its box.

        Parameters
        ----------
        path
            The file.
        component
            ``metadata`` or ``bbox``: nothing but headers is read.
        parameters
            ``bbox`` (a Box), ``hdu`` (number or EXTNAME), ``origin``
            (``parent`` or ``local``); see `imaging.image.mask.Mask.read_fits`.

        Raises
        ------
        FitsFileError
            If the file cannot be read.
        ParameterTypeError
            If a parameter is of the wrong type.
        """
        hdu = hdu_parameter(parameters)
        if component is not None:
            found = find_plane(path, "MASK") if hdu is None else hdu
            if component == "metadata":
                return read_metadata(path, found)
            if component == "bbox":
                return read_bbox(path, hdu=found)
            refuse_component(component, self.components)
        bbox, origin = bbox_parameter(parameters), origin_parameter(parameters)
        return Mask.read_fits(path, bbox=bbox, hdu=hdu, origin=origin)

    def write(self, obj: object, path: str, **parameters: object) -> None:
        """Write a mask.

        Parameters
        ----------
        obj
            A Mask.
        path
            The file.
        parameters
            ``compression`` or ``recipe``; the pixels are kept exactly.

        Raises
        ------
        FitsFileError
            If the file cannot be written.
        ParameterTypeError
            If it is no mask.
        """
        if not isinstance(obj, Mask):
            message = f"A Mask is needed, not {type(obj).__name__}. Use Mask(array) for an array."
            raise ParameterTypeError(message)
        obj.write_fits(path, compression=compression_parameter(parameters))
