"""The parts of an exposure as attributes of the exposure itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imaging.errors import ParameterTypeError
from imaging.exposure.gen2_names import ComponentNames
from imaging.exposure.info import ExposureInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imaging.detector.detector import Detector
    from imaging.exposure.aperture_corrections import ApertureCorrections
    from imaging.exposure.filter_label import FilterLabel
    from imaging.exposure.photo_calib import PhotoCalib
    from imaging.exposure.visit_info import VisitInfo
    from imaging.fits.metadata import Metadata
    from imaging.geometry.polygon import Polygon
    from imaging.psf.psf import Psf
    from imaging.wcs.projection import SkyProjection

__all__ = ["ExposureComponents"]


class ExposureComponents(
    ComponentNames["PhotoCalib", "VisitInfo", "FilterLabel", "ApertureCorrections"]
):
    """Attributes that are those of an `imaging.exposure.info.ExposureInfo`.

    Parameters
    ----------
    info
        Where they are kept.
    """

    __slots__ = ("_info",)

    def __init__(self, info: ExposureInfo) -> None:
        self._info = info

    @property
    def info(self) -> ExposureInfo:
        """Everything but the pixels; the attributes of the exposure are those of it."""
        return self._info

    @info.setter
    def info(self, info: ExposureInfo) -> None:
        if not isinstance(info, ExposureInfo):
            raise ParameterTypeError(f"An ExposureInfo is needed here, not {info!r}.")
        self._info = info

    @property
    def wcs(self) -> SkyProjection | None:
        """Where on the sky a pixel is, in parent coordinates."""
        return self._info.wcs

    @wcs.setter
    def wcs(self, part: SkyProjection | None) -> None:
        self._info.wcs = part

    @property
    def psf(self) -> Psf | None:
        """The point-spread function."""
        return self._info.psf

    @psf.setter
    def psf(self, part: Psf | None) -> None:
        self._info.psf = part

    @property
    def photo_calib(self) -> PhotoCalib | None:
        """The photometric calibration."""
        return self._info.photo_calib

    @photo_calib.setter
    def photo_calib(self, part: PhotoCalib | None) -> None:
        self._info.photo_calib = part

    @property
    def detector(self) -> Detector | None:
        """The detector, as the camera describes it."""
        return self._info.detector

    @detector.setter
    def detector(self, part: Detector | None) -> None:
        self._info.detector = part

    @property
    def visit_info(self) -> VisitInfo | None:
        """The observation."""
        return self._info.visit_info

    @visit_info.setter
    def visit_info(self, part: VisitInfo | None) -> None:
        self._info.visit_info = part

    @property
    def filter(self) -> FilterLabel | None:
        """The filter."""
        return self._info.filter

    @filter.setter  # noqa: A003 - it is the property
    def filter(self, part: FilterLabel | None) -> None:
        self._info.filter = part

    @property
    def aperture_corrections(self) -> ApertureCorrections | None:
        """Factors by which fluxes are to be multiplied."""
        return self._info.aperture_corrections

    @aperture_corrections.setter
    def aperture_corrections(self, part: ApertureCorrections | None) -> None:
        self._info.aperture_corrections = part

    @property
    def valid_polygon(self) -> Polygon | None:
        """The part of the image that is of use, in parent coordinates."""
        return self._info.valid_polygon

    @valid_polygon.setter
    def valid_polygon(self, part: Polygon | None) -> None:
        self._info.valid_polygon = part

    @property
    def id(self) -> int | None:
        """Identifier of the exposure of one detector."""
        return self._info.id

    @id.setter  # noqa: A003 - it is the property
    def id(self, part: int | None) -> None:
        self._info.id = part

    @property
    def metadata(self) -> Metadata:
        """Header cards about the exposure."""
        return self._info.metadata

    @metadata.setter
    def metadata(self, part: Metadata) -> None:
        self._info.metadata = part

    @property
    def undecoded(self) -> Mapping[str, str]:
        """What the file has, but could not be decoded: names of parts, each with the reason."""
        return self._info.undecoded
