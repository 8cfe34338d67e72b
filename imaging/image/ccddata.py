"""Masked images as astropy's ``CCDData``, and back.

``CCDData`` knows no origin and one mask. What it has no place for goes where
it survives copies and files:

* the origin into ``meta``, as the cards that files have (CRVAL1A, CRVAL2A and
  those beside them); ``CCDData`` does not change them when it is sliced;
* the bits of the mask into ``flags``, names of its planes into ``meta`` as
  cards ``MP_BAD = 0`` and so on, and as MASKBITS which of them make a pixel
  masked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import ImagingError, ParameterTypeError, ParameterValueError
from imaging.fits.metadata import Metadata
from imaging.fits.reference_pixel import origin_cards, read_origin, without_origin
from imaging.geometry.points import Point2I
from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.mask_planes import MaskPlanes
from imaging.image.masked_image import MaskedImage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from astropy.nddata import CCDData
    from numpy.typing import NDArray

__all__ = ["BAD_PLANES", "from_ccddata", "to_ccddata"]

BAD_PLANES = ("BAD", "SAT", "INTRP", "CR", "EDGE", "SUSPECT", "NO_DATA")
"""Planes that make a pixel masked, as far as a mask has them: all but those of detections."""

_MASK_BITS = "MASKBITS"


def to_ccddata(
    masked_image: MaskedImage,
    *,
    unit: str | None = None,
    bad_planes: Iterable[str] | None = None,
    wcs_header: Metadata | None = None,
) -> CCDData:
    """Return image, mask and variance as a ``CCDData`` that shares their memory.

    Parameters
    ----------
    masked_image
        What is converted.
    unit
        Unit of the pixels, in astropy's spelling. By default the card BUNIT,
        or no unit (dimensionless) without one.
    bad_planes
        Planes that make a pixel masked; by default `BAD_PLANES`.
    wcs_header
        Cards of a WCS that counts pixels from the first one of the image, as
        FITS does; without it the result has no WCS.

    Returns
    -------
    astropy.nddata.CCDData
        ``data`` and ``uncertainty`` (a ``VarianceUncertainty``) are views;
        ``mask`` is boolean, ``flags`` are the bits of the mask.

    Raises
    ------
    MaskPlaneError
        If one of ``bad_planes`` does not exist.
    ParameterValueError
        If there is no such unit.
    """
    from astropy.nddata import CCDData, VarianceUncertainty
    from astropy.units import Unit

    mask = masked_image.mask
    if bad_planes is None:
        bad_planes = [name for name in BAD_PLANES if name in mask.planes]
    bits = mask.get_bit_mask(bad_planes)
    text = str(masked_image.metadata.get("BUNIT", "")) if unit is None else unit
    try:
        parsed = Unit(text.strip())
    except ValueError as error:
        message = f"{text!r} is not a unit; give unit='electron', for example."
        raise ParameterValueError(message) from error
    return CCDData(
        masked_image.image.array,
        unit=parsed,
        mask=(mask.array & np.int32(bits)) != 0,
        flags=mask.array,
        uncertainty=VarianceUncertainty(masked_image.variance.array, copy=False),
        meta=_meta(masked_image, bits).to_header(),
        wcs=None if wcs_header is None else _wcs(wcs_header),
    )


def _meta(masked_image: MaskedImage, bits: int) -> Metadata:
    plain = MaskPlanes.without_cards(masked_image.metadata)
    kept, cards = origin_cards(plain, masked_image.xy0)
    planes = masked_image.mask.planes.to_metadata()
    metadata = Metadata([*kept.cards, *cards, *planes.cards])
    metadata.set(_MASK_BITS, bits, "bits of the flags that make a pixel masked")
    return metadata


def _wcs(header: Metadata) -> object:
    from astropy.wcs import WCS

    return WCS(header.to_header())


def from_ccddata(
    ccd: CCDData,
    *,
    planes: Mapping[str, int] | None = None,
    mask_plane: str = "BAD",
    origin: Point2I | tuple[int, int] | None = None,
) -> MaskedImage:
    """Return a masked image that shares its pixels with a ``CCDData`` where it can.

    Parameters
    ----------
    ccd
        Its ``flags`` become the mask, if they are integers. Where its own mask
        (which astropy keeps as booleans) is True and no flag says why, the
        pixel gets ``mask_plane``. Uncertainties are converted to variances in
        the square of the unit of the data; without any the variance is 0.
    planes
        Names of the bits; by default those in ``meta``, or the standard ones.
    mask_plane
        The plane of pixels that are masked for an unknown reason.
    origin
        Coordinates of the first pixel, x before y; by default those in
        ``meta``, or (0, 0).

    Raises
    ------
    ImagingError
        If the data are not a two-dimensional image, or the mask or the
        uncertainty is of another kind.
    """
    metadata = _metadata(ccd)
    first = read_origin(metadata) if origin is None else Point2I(*origin)
    if planes is None:
        planes = MaskPlanes.from_metadata(metadata) or None
    header = MaskPlanes.without_cards(without_origin(metadata)).without([_MASK_BITS])
    if ccd.unit is not None and "BUNIT" not in header and str(ccd.unit):
        header.set("BUNIT", str(ccd.unit))
    image = Image(_native(ccd.data), first, header)
    explained = metadata.get(_MASK_BITS)
    mask = _mask(ccd, Mask(image.bbox, planes=planes), mask_plane, explained)
    return MaskedImage(image, mask, Image(_variance(ccd, image), first))


def _metadata(ccd: CCDData) -> Metadata:
    """Return what meta says, without what a FITS header cannot hold."""
    from astropy.io.fits import Header

    if isinstance(ccd.meta, Header):
        return Metadata.from_header(ccd.meta)
    metadata = Metadata()
    for name, value in (ccd.meta or {}).items():
        try:
            metadata.set(str(name), value)
        except ImagingError:
            continue
    return metadata


def _native(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return an array in the machine's byte order; astropy reads files in FITS's."""
    return np.asarray(array, array.dtype.newbyteorder("="))


def _mask(ccd: CCDData, empty: Mask, mask_plane: str, explained: object) -> Mask:
    mask = empty
    if isinstance(ccd.flags, np.ndarray):
        mask = Mask(_native(ccd.flags), empty.xy0, planes=empty.planes)
    if ccd.mask is None:
        return mask
    known = np.int32(explained) if isinstance(explained, int) else np.int32(-1)
    news = np.broadcast_to(ccd.mask, mask.array.shape) & ((mask.array & known) == 0)
    if news.any():
        mask = mask.copy()
        mask.add_plane(mask_plane)
        mask.set_plane(mask_plane, news)
    return mask


def _variance(ccd: CCDData, image: Image) -> NDArray[np.generic]:
    from astropy.nddata import VarianceUncertainty

    if ccd.uncertainty is None:
        return np.zeros(image.array.shape, np.float32)
    try:
        with np.errstate(divide="ignore"):  # no weight is an infinite variance
            uncertainty = ccd.uncertainty.represent_as(VarianceUncertainty)
    except TypeError as error:
        message = (
            f"An uncertainty of the kind {ccd.uncertainty.uncertainty_type!r} is no variance. "
            "Use a VarianceUncertainty, StdDevUncertainty or InverseVariance."
        )
        raise ParameterTypeError(message) from error
    variance = _native(np.asarray(uncertainty.array))
    if variance.dtype.kind != "f":
        variance = variance.astype(np.float64)
    unit = uncertainty.unit
    if unit is not None and ccd.unit is not None and unit != ccd.unit**2:
        variance = np.multiply(variance, unit.to(ccd.unit**2), dtype=variance.dtype)
    return variance if variance.ndim else np.full(image.array.shape, variance)
