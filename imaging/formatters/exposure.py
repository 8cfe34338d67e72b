"""Exposures in a data butler."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from imaging.errors import ParameterTypeError
from imaging.formatters.parameters import (
    COMPRESSION_PARAMETERS,
    FITS_EXTENSIONS,
    bbox_parameter,
    compression_parameter,
    hdu_parameter,
    origin_parameter,
)

if TYPE_CHECKING:
    from imaging.exposure.exposure import Exposure
    from imaging.exposure.reading import Component
    from imaging.image.image import Image

__all__ = ["ExposureFormatter"]

_COMPONENTS = (
    "aperture_corrections bbox detector filter header_wcs id image mask masked_image metadata "
    "photo_calib psf valid_polygon variance visit_info wcs"
)


class ExposureFormatter:
    """`imaging.exposure.exposure.Exposure` in FITS files, ours, the LSST stack's and others."""

    extensions = FITS_EXTENSIONS
    components = frozenset(_COMPONENTS.split())
    read_parameters = frozenset({"bbox", "hdu", "origin"})
    write_parameters = COMPRESSION_PARAMETERS

    def read(
        self, path: str, component: str | None = None, **parameters: object
    ) -> Exposure | Component:
        """Return the exposure, a part of it, or one of its components.

        Parameters
        ----------
        path
            The file; see `imaging.exposure.exposure.Exposure.read_fits`.
        component
            See `imaging.exposure.exposure.Exposure.read_component`. None is
            returned for one that the file does not have. ``metadata`` is the
            whole header, as in Gen2: also the cards that describe the pixels
            and those that repeat other components.
        parameters
            ``bbox`` (a Box) and ``origin`` (``parent`` or ``local``), also for
            components with pixels; ``hdu`` (number or EXTNAME), the image of
            a file that nobody wrote as an exposure.

        Raises
        ------
        FitsFileError
            If the file cannot be read.
        ParameterTypeError
            If a parameter is of the wrong type.
        ParameterValueError
            If there is no such component.
        """
        from imaging.exposure.exposure import Exposure

        bbox, origin = bbox_parameter(parameters), origin_parameter(parameters)
        hdu = hdu_parameter(parameters)
        if component == "metadata":
            from imaging.fits.header import read_metadata

            return read_metadata(path, hdu)
        if hdu is not None:
            from imaging.image.image import Image

            image = Image.read_fits(path, bbox=bbox, hdu=hdu, origin=origin)
            exposure = _exposure_of_image(image)
            name = "wcs" if component == "header_wcs" else component
            return exposure if name is None else cast("Component", getattr(exposure, name))
        if component is None:
            return Exposure.read_fits(path, bbox=bbox, origin=origin)
        return Exposure.read_component(path, component, bbox=bbox, origin=origin)

    def write(self, obj: object, path: str, **parameters: object) -> None:
        """Write an exposure.

        Parameters
        ----------
        obj
            An Exposure, a MaskedImage or an Image. Header cards of an image
            become those of the exposure, and its WCS, where they say one.
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
            If it is none of these.
        """
        from imaging.exposure.exposure import Exposure
        from imaging.image.image import Image
        from imaging.image.masked_image import MaskedImage

        compression = compression_parameter(parameters)
        if isinstance(obj, Image):
            obj = _exposure_of_image(obj)
        elif isinstance(obj, MaskedImage):
            obj = Exposure(obj)
        if not isinstance(obj, Exposure):
            message = (
                f"An Exposure is needed, not {type(obj).__name__}. "
                f"Use Exposure(Image(array)) for an array."
            )
            raise ParameterTypeError(message)
        obj.write_fits(path, compression=compression)


def _exposure_of_image(image: Image) -> Exposure:
    """Return an exposure of the same pixels, with what the header cards of the image say.

    It is what reading a plain FITS file as an exposure gives.
    """
    from imaging.errors import WcsError
    from imaging.exposure.derived_cards import without_wcs
    from imaging.exposure.exposure import Exposure
    from imaging.exposure.filter_label import FilterLabel
    from imaging.exposure.visit_info import VisitInfo
    from imaging.fits.header import without_layout
    from imaging.image.image import Image
    from imaging.wcs.wcs import Wcs

    cards = without_layout(image.metadata)
    try:
        wcs = Wcs.find_in(cards, image.xy0)
    except WcsError:
        wcs = None
    visit_info = VisitInfo.from_metadata(cards)
    return Exposure(
        Image(image.array, image.xy0),
        wcs=wcs,
        id=visit_info.exposure_id,
        visit_info=None if visit_info == VisitInfo() else visit_info,
        filter=FilterLabel.from_metadata(cards),
        metadata=cards if wcs is None else without_wcs(cards),
    )
