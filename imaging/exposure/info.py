"""What belongs to an exposure beside its pixels."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, TypedDict

from imaging.exposure.gen2_names import ComponentNames
from imaging.fits.metadata import Metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imaging.detector.detector import Detector
    from imaging.exposure.aperture_corrections import ApertureCorrections
    from imaging.exposure.filter_label import FilterLabel
    from imaging.exposure.photo_calib import PhotoCalib
    from imaging.exposure.visit_info import VisitInfo
    from imaging.geometry.polygon import Polygon
    from imaging.psf.psf import Psf
    from imaging.wcs.projection import SkyProjection

__all__ = ["ExposureInfo", "ExposureParts"]


class ExposureParts(TypedDict, total=False):
    """The attributes of `ExposureInfo`, as keywords."""

    wcs: SkyProjection | None
    psf: Psf | None
    photo_calib: PhotoCalib | None
    detector: Detector | None
    visit_info: VisitInfo | None
    filter: FilterLabel | None
    aperture_corrections: ApertureCorrections | None
    valid_polygon: Polygon | None
    id: int | None
    metadata: Metadata
    undecoded: Mapping[str, str]


@dataclass(slots=True, eq=False)
class ExposureInfo(ComponentNames["PhotoCalib", "VisitInfo", "FilterLabel", "ApertureCorrections"]):
    """The parts of an exposure that are not pixels; each may be absent, and be replaced.

    Parameters
    ----------
    wcs
        Where on the sky a pixel is, in parent coordinates.
    psf
        The point-spread function.
    photo_calib
        The photometric calibration.
    detector
        The detector, as the camera describes it.
    visit_info
        The observation.
    filter
        The filter.
    aperture_corrections
        Factors by which fluxes are to be multiplied.
    valid_polygon
        The part of the image that is of use, in parent coordinates.
    id
        Identifier of the exposure of one detector.
    metadata
        Header cards about the exposure.
    undecoded
        What the file has, but could not be decoded: names of parts, each with
        the reason.
    """

    wcs: SkyProjection | None = None
    psf: Psf | None = None
    photo_calib: PhotoCalib | None = None
    detector: Detector | None = None
    visit_info: VisitInfo | None = None
    filter: FilterLabel | None = None
    aperture_corrections: ApertureCorrections | None = None
    valid_polygon: Polygon | None = None
    id: int | None = None
    metadata: Metadata = field(default_factory=Metadata)
    undecoded: Mapping[str, str] = field(default_factory=dict)

    def copy(self, *, deep: bool = False) -> ExposureInfo:
        """Return an object of its own with the same parts.

        Parameters
        ----------
        deep
            Whether to copy the parts that can be changed in place: header
            cards and the mapping of aperture corrections.
        """
        other = replace(self)
        if deep:
            other.metadata = self.metadata.copy()
            if self.aperture_corrections is not None:
                other.aperture_corrections = self.aperture_corrections.copy()
        return other

    def __repr__(self) -> str:
        known = [part.name for part in fields(self) if getattr(self, part.name)]
        return f"<ExposureInfo: {', '.join(known) or 'nothing'}>"
