"""The names that users of the LSST stack's second generation know: exposures and their parts.

Each class is a mixin of one-line delegations to the PEP 8 name, so that an override changes both.
What a mixin needs of its class is said by a protocol of `imaging.exposure.gen2_protocols`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from imaging.dates.date_time import DateTime
from imaging.exposure.undecoded import require_decoded
from imaging.image.gen2_names import PixelNames
from imaging.sky.angle import Angle
from imaging.sky.sphere_point import SpherePoint

if TYPE_CHECKING:
    from imaging.detector.detector import Detector
    from imaging.exposure.gen2_protocols import (
        AirState,
        Cuttable,
        Informed,
        Label,
        PixelParts,
        Readable,
        Site,
        Situated,
        Undecoded,
        Visit,
        Weathered,
    )
    from imaging.fits.metadata import Metadata
    from imaging.geometry.box import Box
    from imaging.geometry.origin import Origin
    from imaging.geometry.polygon import Polygon
    from imaging.image.image import Image
    from imaging.image.mask import Mask
    from imaging.image.masked_image import MaskedImage
    from imaging.psf.psf import Psf
    from imaging.wcs.projection import SkyProjection

__all__ = [
    "ComponentNames",
    "ExposureNames",
    "FilterLabelNames",
    "ObservatoryNames",
    "UnreadNames",
    "VisitInfoNames",
    "WeatherNames",
]

_PhotoCalib = TypeVar("_PhotoCalib")
_VisitInfo = TypeVar("_VisitInfo")
_Filter = TypeVar("_Filter")
_Corrections = TypeVar("_Corrections")
_Size = TypeVar("_Size")
_Part = TypeVar("_Part")
_Place = TypeVar("_Place")
_Result = TypeVar("_Result")


class FilterLabelNames:
    """Gen2 spellings of `imaging.exposure.filter_label.FilterLabel`."""

    __slots__ = ()

    @property
    def bandLabel(self: Label) -> str | None:
        return self.band

    @property
    def physicalLabel(self: Label) -> str | None:
        return self.physical

    def hasBandLabel(self: Label) -> bool:
        return self.band is not None

    def hasPhysicalLabel(self: Label) -> bool:
        return self.physical is not None

    def getName(self: Label) -> str:
        return self.name


class ObservatoryNames:
    """Gen2 spellings of `imaging.exposure.visit_info.Observatory`."""

    __slots__ = ()

    def getLongitude(self: Site) -> Angle:
        return Angle(self.longitude.rad)

    def getLatitude(self: Site) -> Angle:
        return Angle(self.latitude.rad)

    def getElevation(self: Site) -> float:
        return self.elevation_m


class WeatherNames:
    """Gen2 spellings of `imaging.exposure.visit_info.Weather`."""

    __slots__ = ()

    def getAirTemperature(self: AirState) -> float:
        return self.air_temperature_c

    def getAirPressure(self: AirState) -> float:
        return self.air_pressure_pa

    def getHumidity(self: AirState) -> float:
        return self.humidity_percent


class VisitInfoNames:
    """Gen2 spellings of `imaging.exposure.visit_info.VisitInfo`."""

    __slots__ = ()

    def getExposureId(self: Visit) -> int | None:
        return self.exposure_id

    def getExposureTime(self: Visit) -> float:
        return self.exposure_time_s

    def getDarkTime(self: Visit) -> float:
        return self.dark_time_s

    def getDate(self: Visit) -> DateTime:
        return DateTime(self.date_avg_ns)

    def getUt1(self: Visit) -> float:
        return self.ut1_mjd

    def getEra(self: Visit) -> Angle:
        return Angle(self.era.rad)

    def getLocalEra(self: Visit) -> Angle:
        return Angle(self.local_era.rad)

    def getBoresightRaDec(self: Visit) -> SpherePoint:
        return SpherePoint(self.boresight_radec)

    def getBoresightAzAlt(self: Visit) -> SpherePoint:
        return SpherePoint(Angle(self.boresight_azalt.az.rad), Angle(self.boresight_azalt.alt.rad))

    def getBoresightAirmass(self: Visit) -> float:
        return self.boresight_airmass

    def getBoresightRotAngle(self: Visit) -> Angle:
        return Angle(self.boresight_rotation.rad)

    def getBoresightHourAngle(self: Visit) -> Angle:
        return Angle(self.boresight_hour_angle.rad)

    def getBoresightParAngle(self: Visit) -> Angle:
        return Angle(self.boresight_parallactic_angle.rad)

    def getRotType(self: Visit) -> str:
        return self.rotation_type

    def getObservatory(self: Situated[_Part]) -> _Part:
        return self.observatory

    def getWeather(self: Weathered[_Part]) -> _Part:
        return self.weather

    def getInstrumentLabel(self: Visit) -> str:
        return self.instrument_label

    def getId(self: Visit) -> int | None:
        return self.id

    def getFocusZ(self: Visit) -> float:
        return self.focus_z_mm

    def getObservationType(self: Visit) -> str:
        return self.observation_type

    def getScienceProgram(self: Visit) -> str:
        return self.science_program

    def getObservationReason(self: Visit) -> str:
        return self.observation_reason

    def getObject(self: Visit) -> str:
        return self.object

    def getHasSimulatedContent(self: Visit) -> bool:
        return self.has_simulated_content

    exposureTime = property(getExposureTime)
    darkTime = property(getDarkTime)
    date = property(getDate)
    ut1 = property(getUt1)
    localEra = property(getLocalEra)
    boresightRaDec = property(getBoresightRaDec)
    boresightAzAlt = property(getBoresightAzAlt)
    boresightAirmass = property(getBoresightAirmass)
    boresightRotAngle = property(getBoresightRotAngle)
    boresightHourAngle = property(getBoresightHourAngle)
    boresightParAngle = property(getBoresightParAngle)
    rotType = property(getRotType)
    instrumentLabel = property(getInstrumentLabel)
    focusZ = property(getFocusZ)
    observationType = property(getObservationType)
    scienceProgram = property(getScienceProgram)
    observationReason = property(getObservationReason)
    hasSimulatedContent = property(getHasSimulatedContent)


class UnreadNames:
    """Gen2 spellings of parts that are not read here: whether a file had them, and why they fail.

    A part that the file did not have is None, as in Gen2.
    """

    __slots__ = ()

    def hasCoaddInputs(self: Undecoded) -> bool:
        return "coadd_inputs" in self.undecoded

    def getCoaddInputs(self: Undecoded) -> None:
        require_decoded(self.undecoded, "coadd_inputs")

    def hasTransmissionCurve(self: Undecoded) -> bool:
        return "transmission_curve" in self.undecoded

    def getTransmissionCurve(self: Undecoded) -> None:
        require_decoded(self.undecoded, "transmission_curve")

    def hasSummaryStats(self: Undecoded) -> bool:
        return "summary_stats" in self.undecoded

    def getSummaryStats(self: Undecoded) -> None:
        require_decoded(self.undecoded, "summary_stats")


class ComponentNames(UnreadNames, Generic[_PhotoCalib, _VisitInfo, _Filter, _Corrections]):
    """Gen2 spellings of the parts of an exposure that are not pixels."""

    if not TYPE_CHECKING:  # mypy would miss the attributes, which subclasses have
        __slots__ = ()

    wcs: SkyProjection | None
    psf: Psf | None
    photo_calib: _PhotoCalib | None
    detector: Detector | None
    visit_info: _VisitInfo | None
    filter: _Filter | None
    aperture_corrections: _Corrections | None
    valid_polygon: Polygon | None
    id: int | None
    metadata: Metadata

    def getWcs(self) -> SkyProjection | None:
        return self.wcs

    def setWcs(self, part: SkyProjection | None) -> None:
        self.wcs = part

    def hasWcs(self) -> bool:
        return self.wcs is not None

    def getPsf(self) -> Psf | None:
        return self.psf

    def setPsf(self, part: Psf | None) -> None:
        self.psf = part

    def hasPsf(self) -> bool:
        return self.psf is not None

    def getPhotoCalib(self) -> _PhotoCalib | None:
        return self.photo_calib

    def setPhotoCalib(self, part: _PhotoCalib | None) -> None:
        self.photo_calib = part

    def getCalib(self) -> _PhotoCalib | None:
        return self.photo_calib

    def hasPhotoCalib(self) -> bool:
        return self.photo_calib is not None

    def getDetector(self) -> Detector | None:
        return self.detector

    def setDetector(self, part: Detector | None) -> None:
        self.detector = part

    def hasDetector(self) -> bool:
        return self.detector is not None

    def getVisitInfo(self) -> _VisitInfo | None:
        return self.visit_info

    def setVisitInfo(self, part: _VisitInfo | None) -> None:
        self.visit_info = part

    def hasVisitInfo(self) -> bool:
        return self.visit_info is not None

    def getFilter(self) -> _Filter | None:
        return self.filter

    def setFilter(self, part: _Filter | None) -> None:
        self.filter = part

    def getFilterLabel(self) -> _Filter | None:
        return self.filter

    def setFilterLabel(self, part: _Filter | None) -> None:
        self.filter = part

    def hasFilterLabel(self) -> bool:
        return self.filter is not None

    def getApCorrMap(self) -> _Corrections | None:
        return self.aperture_corrections

    def setApCorrMap(self, part: _Corrections | None) -> None:
        self.aperture_corrections = part

    def hasApCorrMap(self) -> bool:
        return self.aperture_corrections is not None

    def getValidPolygon(self) -> Polygon | None:
        return self.valid_polygon

    def setValidPolygon(self, part: Polygon | None) -> None:
        self.valid_polygon = part

    def hasValidPolygon(self) -> bool:
        return self.valid_polygon is not None

    def getId(self) -> int | None:
        return self.id

    def setId(self, part: int | None) -> None:
        self.id = part

    def getMetadata(self) -> Metadata:
        return self.metadata

    def setMetadata(self, metadata: Metadata) -> None:
        self.metadata = metadata

    photoCalib = property(getPhotoCalib, setPhotoCalib)
    visitInfo = property(getVisitInfo, setVisitInfo)
    filterLabel = property(getFilterLabel, setFilterLabel)
    apCorrMap = property(getApCorrMap, setApCorrMap)
    validPolygon = property(getValidPolygon, setValidPolygon)


class ExposureNames(PixelNames):
    """Gen2 spellings of `imaging.exposure.exposure.Exposure`, beside those of its parts."""

    __slots__ = ()

    @property
    def maskedImage(self: PixelParts) -> MaskedImage:
        return self.masked_image

    @maskedImage.setter
    def maskedImage(self: PixelParts, pixels: MaskedImage) -> None:
        self.masked_image = pixels

    def getMaskedImage(self: PixelParts) -> MaskedImage:
        return self.masked_image

    def setMaskedImage(self: PixelParts, maskedImage: MaskedImage) -> None:
        self.masked_image = maskedImage

    def getImage(self: PixelParts) -> Image:
        return self.image

    def getMask(self: PixelParts) -> Mask:
        return self.mask

    def getVariance(self: PixelParts) -> Image:
        return self.variance

    def getInfo(self: Informed[_Part]) -> _Part:
        return self.info

    def setInfo(self: Informed[_Part], info: _Part) -> None:
        setattr(self, "info", info)  # noqa: B010 - mypy would see an attribute of the mixin

    def getCutout(self: Cuttable[_Place, _Size, _Result], center: _Place, size: _Size) -> _Result:
        return self.get_cutout(center, size)

    @classmethod
    def readFits(
        cls: type[Readable[_Result]],
        fileName: str,
        bbox: Box | None = None,
        origin: Origin = "parent",
    ) -> _Result:
        return cls.read_fits(fileName, bbox=bbox, origin=origin)
