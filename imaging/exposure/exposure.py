"""An exposure: pixels, and what is known about them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Self, Unpack

from imaging.errors import BoxError, ParameterTypeError
from imaging.exposure.components import ExposureComponents
from imaging.exposure.cutout import cutout_pixels
from imaging.exposure.gen2_names import ExposureNames
from imaging.exposure.info import ExposureInfo, ExposureParts
from imaging.exposure.reading import read_component, read_exposure
from imaging.exposure.writing import write_exposure
from imaging.fits.metadata import Metadata
from imaging.geometry.box import Box
from imaging.image.ccddata import from_ccddata, to_ccddata
from imaging.image.gen2_names import ConvertedNames
from imaging.image.image import Image
from imaging.image.indexing import chosen_pixels
from imaging.image.masked_image import MaskedImage
from imaging.image.pixel_geometry import PixelGeometry
from imaging.wcs.wcs import Wcs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from astropy.coordinates import SkyCoord
    from astropy.nddata import CCDData
    from numpy.typing import DTypeLike

    from imaging.exposure.reading import Component
    from imaging.fits.tiles import Compression
    from imaging.geometry.origin import Origin
    from imaging.geometry.points import Extent2I, Point2D, Point2I
    from imaging.image.indexing import PartIndex
    from imaging.image.mask import Mask
    from imaging.sky.sphere_point import SpherePoint

__all__ = ["Exposure"]


class Exposure(ExposureComponents, PixelGeometry, ConvertedNames, ExposureNames):
    """Pixels with flags and variances, and what is known about them.

    Parameters
    ----------
    source
        A masked image or an image, which are not copied; or a box, for zeros;
        or another exposure, for a view of a part of it.
    bbox
        The part of another exposure or masked image, in parent coordinates.
    origin
        Whether ``bbox`` is in ``parent`` or in ``local`` coordinates.
    dtype
        Type of the image's pixels; see `imaging.image.masked_image.MaskedImage`.
    deep
        Whether to copy pixels, header cards and aperture corrections.
    parts
        Attributes of `imaging.exposure.info.ExposureInfo`, such as ``wcs``
        and ``psf``. Those of another exposure are taken over.

    Raises
    ------
    BoxError
        If ``bbox`` is not inside.
    ParameterTypeError
        If the source is of another kind, or there is no such part.
    ParameterValueError
        If a view is asked for that needs a copy.

    Notes
    -----
    A view (``exposure[box]``, ``Exposure(exposure, bbox=box)``) shares pixels,
    mask planes and header cards with the exposure: what changes in one
    changes in the other. It begins with the same other parts, which are
    replaced in each by itself: a PSF that is set on an exposure later is not
    seen in its views. Its WCS and PSF are those of the parent coordinates,
    which are the same in both.
    """

    __slots__ = ("_pixels",)
    __hash__ = None  # type: ignore[assignment]  # its pixels can be changed

    def __init__(
        self,
        source: Exposure | MaskedImage | Image | Box,
        bbox: Box | None = None,
        origin: Origin = "parent",
        *,
        dtype: DTypeLike | None = None,
        deep: bool = False,
        **parts: Unpack[ExposureParts],
    ) -> None:
        info = source.info.copy(deep=deep) if isinstance(source, Exposure) else ExposureInfo()
        for name, part in parts.items():
            if name not in ExposureParts.__annotations__:
                known = ", ".join(sorted(ExposureParts.__annotations__))
                message = f"An exposure has no part {name!r}; there are {known}."
                raise ParameterTypeError(message)
            setattr(info, name, part)
        if not (bbox is None or (isinstance(bbox, Box) and not isinstance(source, Box))):
            message = f"{bbox!r} is in the place of the part. Give other things by name: wcs=..."
            raise ParameterTypeError(message)
        pixels = source.masked_image if isinstance(source, Exposure) else source
        if isinstance(pixels, Image):
            pixels = MaskedImage(pixels)
        if isinstance(pixels, Box):
            self._pixels = MaskedImage(pixels, dtype=dtype)
        elif isinstance(pixels, MaskedImage):
            self._pixels = MaskedImage(pixels, origin=origin, bbox=bbox, dtype=dtype, deep=deep)
        else:
            message = f"An exposure is made of pixels or a box, not of {pixels!r}."
            raise ParameterTypeError(message)
        super().__init__(info)

    @property
    def masked_image(self) -> MaskedImage:
        """Image, mask and variance; assignment of another one of the same box replaces them."""
        return self._pixels

    @masked_image.setter
    def masked_image(self, pixels: MaskedImage) -> None:
        if pixels is not self._pixels:  # as after ``exposure.masked_image -= 1``
            if not isinstance(pixels, MaskedImage):
                message = (
                    f"A MaskedImage is needed here, not {pixels!r}: exposure.image.array = ..."
                )
                raise ParameterTypeError(message)
            if pixels.bbox != self.bbox:
                message = f"The exposure is {self.bbox}; pixels of {pixels.bbox} do not fit it."
                raise BoxError(message)
            self._pixels = pixels

    @property
    def image(self) -> Image:
        """The image; assignment replaces its pixels."""
        return self._pixels.image

    @image.setter
    def image(self, pixels: Image) -> None:
        self._pixels.image = pixels

    @property
    def mask(self) -> Mask:
        """The mask; assignment replaces its pixels."""
        return self._pixels.mask

    @mask.setter
    def mask(self, pixels: Mask) -> None:
        self._pixels.mask = pixels

    @property
    def variance(self) -> Image:
        """The variance of every pixel; assignment replaces its pixels."""
        return self._pixels.variance

    @variance.setter
    def variance(self, pixels: Image) -> None:
        self._pixels.variance = pixels

    def set_origin(self, origin: Point2I | tuple[int, int]) -> None:
        """Give the first pixel other parent coordinates; WCS, PSF and polygon stay as they are."""
        self._pixels.set_origin(origin)

    def subset(self, bbox: Box, origin: Origin = "parent") -> Self:
        """Return a view of a part.

        Parameters
        ----------
        bbox
            The part.
        origin
            Whether it is in ``parent`` or in ``local`` coordinates.

        Raises
        ------
        BoxError
            If the box is not inside the exposure.
        """
        return type(self)(self, bbox, origin)

    def __getitem__(self, place: PartIndex) -> Self:
        chosen, origin = chosen_pixels(place, self.bbox)
        if not isinstance(chosen, Box):
            message = f"{place!r} is one pixel, not an exposure. Take it of exposure.masked_image."
            raise ParameterTypeError(message)
        return self.subset(chosen, origin)

    def copy(self, *, deep: bool = True) -> Self:
        """Return an equal exposure that shares nothing that can be changed in place.

        Parameters
        ----------
        deep
            Whether to copy pixels, header cards and aperture corrections; if
            not, only what is set on the copy is its own.
        """
        return type(self)(self, deep=deep)

    def astype(self, dtype: DTypeLike) -> Self:
        """Return a deep copy whose image has another type; see `Image.astype`."""
        made = type(self)(self.masked_image.astype(dtype))
        made._info = self.info.copy(deep=True)  # noqa: SLF001 - a new exposure of this class
        return made

    def make_similar(
        self,
        source: Box | Exposure,
        bbox: Box | None = None,
        origin: Origin = "parent",
        *,
        deep: bool = False,
    ) -> Self:
        """Return zeros of the same type for a box, or a view or copy of another exposure."""
        if isinstance(source, Box):
            return type(self)(MaskedImage(source, dtype=self.dtype, planes=self.mask.planes))
        return type(self)(source, bbox, origin, deep=deep)

    def get_cutout(
        self, center: Point2D | Point2I | SkyCoord | SpherePoint, size: Extent2I | int
    ) -> Self:
        """Return a copy of the surroundings of a position.

        Parameters
        ----------
        center
            A position in parent coordinates or on the sky, inside the exposure.
        size
            Width and height in pixels. Even ones have one pixel more on the
            side of the larger coordinates.

        Returns
        -------
        Exposure
            Of exactly this size. Pixels outside of the exposure are NaN (0 in
            integers), their variance is NaN, and their mask is NO_DATA.

        Raises
        ------
        BoxError
            If the position is outside, or the size is not positive.
        WcsError
            If a position on the sky is given, and there is no WCS.
        """
        made = type(self)(cutout_pixels(self.masked_image, self.wcs, center, size))
        made._info = self.info.copy(deep=True)  # noqa: SLF001 - a new exposure of this class
        return made

    @classmethod
    def read_fits(cls, path: str, *, bbox: Box | None = None, origin: Origin = "parent") -> Self:
        """Read an exposure, or a part of it.

        Parameters
        ----------
        path
            A file that this class wrote, or the LSST stack, or any other FITS
            file with an image. Of the latter the first HDU with pixels is the
            image, mask and variance are zero; its cards are the metadata.
        bbox
            The part; by default all of it. Only its rows, or of compressed
            pixels its tiles, are read.
        origin
            Whether ``bbox`` is in ``parent`` or in ``local`` coordinates.

        Returns
        -------
        Exposure
            What the file has and cannot be decoded is named in ``undecoded``,
            and in one warning of the log.

        Raises
        ------
        BoxError
            If the box is not inside the image.
        FitsFileError
            If the file cannot be read, is damaged or not complete.
        FormatVersionError
            If it was written by a newer version.
        """
        pixels, info = read_exposure(path, bbox, origin)
        made = cls(pixels)
        made._info = info
        return made

    @staticmethod
    def read_component(
        path: str, name: str, *, bbox: Box | None = None, origin: Origin = "parent"
    ) -> Component:
        """Read one part of an exposure, and nothing else of the file but headers.

        Parameters
        ----------
        path
            As for `read_fits`.
        name
            An attribute of exposures that files hold; or ``header_wcs``, the
            WCS that other programs see in the header of the image.
        bbox, origin
            For planes, as for `read_fits`.

        Returns
        -------
        object
            None if the file does not have it.

        Raises
        ------
        FitsFileError
            If the file cannot be read.
        ParameterValueError
            If there is no component of this name.
        UndecodableError
            If it is of a kind that is not known here.
        """
        return read_component(path, name, bbox, origin)

    def write_fits(self, path: str, *, compression: Compression | None = None) -> None:
        """Write the exposure so that `read_fits` gives back the same, and others can see it.

        Parameters
        ----------
        path
            The file; one that exists is replaced by the whole of it, or not at all.
        compression
            None, ``lossless`` or ``rice`` for image and variance; see
            `imaging.fits.planes.write_plane`. The mask is always kept exactly.

        Raises
        ------
        BoxError
            If image, mask or variance was given another origin than the others.
        FitsFileError
            If it cannot be written.
        MetadataError
            If a card cannot be written.
        ParameterTypeError
            If FITS has no such pixels.

        Notes
        -----
        Header cards that describe the layout of a file are not written, nor
        those of `imaging.exposure.part_cards.OWN_CARDS`. Cards of the WCS that
        image, mask or variance have of their own are left out if the exposure
        has a WCS.
        """
        write_exposure(self._pixels, self._info, path, compression)

    def to_ccddata(
        self, *, unit: str | None = None, bad_planes: Iterable[str] | None = None
    ) -> CCDData:
        """Return astropy's ``CCDData`` of the same pixels, in the same memory.

        Parameters
        ----------
        unit, bad_planes
            As for `imaging.image.ccddata.to_ccddata`. The WCS goes along, and
            the cards about the exposure join those of the image in ``meta``.
        """
        sky = None if self.wcs is None else self.wcs.to_metadata(self.xy0)
        ccd = to_ccddata(self.masked_image, unit=unit, bad_planes=bad_planes, wcs_header=sky)
        for card in self.metadata.to_header().cards:
            if card.keyword not in ccd.meta:
                ccd.meta.append(card)
        return ccd

    @classmethod
    def from_ccddata(
        cls,
        ccd: CCDData,
        *,
        planes: Mapping[str, int] | None = None,
        mask_plane: str = "BAD",
        origin: Point2I | tuple[int, int] | None = None,
    ) -> Self:
        """Return an exposure that shares its pixels with a ``CCDData`` where it can.

        Parameters
        ----------
        ccd, planes, mask_plane, origin
            As for `imaging.image.ccddata.from_ccddata`. Its WCS is taken
            over, and ``meta`` are the cards about the exposure.
        """
        pixels = from_ccddata(ccd, planes=planes, mask_plane=mask_plane, origin=origin)
        exposure = cls(pixels, metadata=pixels.metadata)
        pixels.metadata = Metadata()
        if ccd.wcs is not None:
            header = Metadata.from_header(ccd.wcs.to_header(relax=True))
            exposure.wcs = Wcs.find_in(header, pixels.xy0)
        return exposure

    def __repr__(self) -> str:
        return (
            f"<Exposure: {self.width} x {self.height} pixels, {self.dtype}, box {self.bbox}, "
            f"{self.info!r}>"
        )

    def _repr_html_(self) -> str:
        words = self.image.html_summary("Exposure", len(self.metadata))
        parts = escape(repr(self.info)[1:-1])
        return f"{words}, {self.mask.planes!r}<br>{parts}{self.image.html_thumbnail()}"
