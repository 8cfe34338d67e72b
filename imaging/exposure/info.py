"""What belongs to an exposure beside its pixels."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import SupportsIndex, TypedDict

from imaging.detector.detector import Detector
from imaging.errors import ParameterTypeError
from imaging.exposure.aperture_corrections import ApertureCorrections
from imaging.exposure.filter_label import FilterLabel
from imaging.exposure.gen2_names import ComponentNames
from imaging.exposure.photo_calib import PhotoCalib
from imaging.exposure.visit_info import VisitInfo
from imaging.fits.metadata import Metadata
from imaging.geometry.polygon import Polygon
from imaging.psf.psf import Psf
from imaging.wcs.projection import SkyProjection

__all__ = ["ExposureInfo", "ExposureParts"]


_CLASSES: Mapping[str, tuple[type, str]] = {
    "wcs": (SkyProjection, "a Wcs, as make_tan_wcs and Wcs.from_metadata make it"),
    "psf": (Psf, "a Psf, such as SingleGaussianPsf(21, 21, 2.0)"),
    "photo_calib": (PhotoCalib, "a PhotoCalib(nanojansky_per_count)"),
    "detector": (Detector, "a Detector of a camera"),
    "visit_info": (VisitInfo, "a VisitInfo"),
    "filter": (FilterLabel, "a FilterLabel(band, physical)"),
    "aperture_corrections": (ApertureCorrections, "an ApertureCorrections(fields)"),
    "valid_polygon": (Polygon, "a Polygon(corners)"),
    "id": (int, "an integer"),
    "metadata": (Metadata, "a Metadata(mapping)"),
    "undecoded": (Mapping, "a mapping of names to reasons"),
}
_ALWAYS = frozenset({"metadata", "undecoded"})


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

    Raises
    ------
    ParameterTypeError
        If a part is of another class, now or when it is replaced.
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

    def __setattr__(self, name: str, part: object) -> None:
        object.__setattr__(self, name, _checked(name, part))

    def copy(self, *, deep: bool = False) -> ExposureInfo:
        """Return an object of its own with the same parts.

        Parameters
        ----------
        deep
            Whether to copy the parts that can be changed in place: header
            cards and the mapping of aperture corrections.
        """
        other = object.__new__(type(self))
        for name in _CLASSES:
            object.__setattr__(other, name, getattr(self, name))
        if deep:
            other.metadata = self.metadata.copy()
            if self.aperture_corrections is not None:
                other.aperture_corrections = self.aperture_corrections.copy()
        return other

    def __repr__(self) -> str:
        known = [part.name for part in fields(self) if getattr(self, part.name)]
        return f"<ExposureInfo: {', '.join(known) or 'nothing'}>"


def _checked(name: str, part: object) -> object:
    """Return a part if it is of the class that it must be, an identifier as Python's integer."""
    if name not in _CLASSES or (part is None and name not in _ALWAYS):
        return part
    kind, described = _CLASSES[name]
    if kind is int and isinstance(part, SupportsIndex):
        part = operator.index(part)
    if isinstance(part, kind):
        return part
    none = "" if name in _ALWAYS else ", or None"
    message = (
        f"The {name} of an exposure is {described}{none}; not {type(part).__name__}: {part!r}."
    )
    raise ParameterTypeError(message)
