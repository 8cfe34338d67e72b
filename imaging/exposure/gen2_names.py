"""The names that users of the LSST stack's second generation know: exposures and their parts.

Each class is a mixin of one-line delegations to the PEP 8 name, so that an override changes both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from imaging.image.gen2_names import PixelNames

if TYPE_CHECKING:
    from astropy.coordinates import Angle, SkyCoord
    from astropy.time import Time

    from imaging.detector.detector import Detector
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
    "PhotoCalibNames",
    "VisitInfoNames",
    "WeatherNames",
]

_PhotoCalib = TypeVar("_PhotoCalib")
_VisitInfo = TypeVar("_VisitInfo")
_Filter = TypeVar("_Filter")
_Corrections = TypeVar("_Corrections")
_Size = TypeVar("_Size")
_Size_contra = TypeVar("_Size_contra", contravariant=True)
_Part = TypeVar("_Part")
_Part_co = TypeVar("_Part_co", covariant=True)
_Flux = TypeVar("_Flux")
_Flux_contra = TypeVar("_Flux_contra", contravariant=True)
_Place = TypeVar("_Place")
_Place_contra = TypeVar("_Place_contra", contravariant=True)
_Result = TypeVar("_Result")
_Result_co = TypeVar("_Result_co", covariant=True)


class _Label(Protocol):
    @property
    def band(self) -> str | None: ...
    @property
    def physical(self) -> str | None: ...
    @property
    def name(self) -> str: ...


class FilterLabelNames:
    """Gen2 spellings of `imaging.exposure.filter_label.FilterLabel`."""

    __slots__ = ()

    @property
    def bandLabel(self: _Label) -> str | None:
        return self.band

    @property
    def physicalLabel(self: _Label) -> str | None:
        return self.physical

    def hasBandLabel(self: _Label) -> bool:
        return self.band is not None

    def hasPhysicalLabel(self: _Label) -> bool:
        return self.physical is not None

    def getName(self: _Label) -> str:
        return self.name


class _Site(Protocol):
    @property
    def longitude(self) -> Angle: ...
    @property
    def latitude(self) -> Angle: ...
    @property
    def elevation_m(self) -> float: ...


class ObservatoryNames:
    """Gen2 spellings of `imaging.exposure.visit_info.Observatory`."""

    __slots__ = ()

    def getLongitude(self: _Site) -> Angle:
        return self.longitude

    def getLatitude(self: _Site) -> Angle:
        return self.latitude

    def getElevation(self: _Site) -> float:
        return self.elevation_m


class _Air(Protocol):
    @property
    def air_temperature_c(self) -> float: ...
    @property
    def air_pressure_pa(self) -> float: ...
    @property
    def humidity_percent(self) -> float: ...


class WeatherNames:
    """Gen2 spellings of `imaging.exposure.visit_info.Weather`."""

    __slots__ = ()

    def getAirTemperature(self: _Air) -> float:
        return self.air_temperature_c

    def getAirPressure(self: _Air) -> float:
        return self.air_pressure_pa

    def getHumidity(self: _Air) -> float:
        return self.humidity_percent


class _Visit(Protocol):
    @property
    def exposure_id(self) -> int | None: ...
    @property
    def exposure_time_s(self) -> float: ...
    @property
    def dark_time_s(self) -> float: ...
    @property
    def date_avg(self) -> Time | None: ...
    @property
    def ut1_mjd(self) -> float: ...
    @property
    def era(self) -> Angle: ...
    @property
    def boresight_radec(self) -> SkyCoord: ...
    @property
    def boresight_azalt(self) -> SkyCoord: ...
    @property
    def boresight_airmass(self) -> float: ...
    @property
    def boresight_rotation(self) -> Angle: ...
    @property
    def boresight_hour_angle(self) -> Angle: ...
    @property
    def rotation_type(self) -> str: ...
    @property
    def instrument_label(self) -> str: ...
    @property
    def id(self) -> int | None: ...
    @property
    def focus_z_mm(self) -> float: ...
    @property
    def observation_type(self) -> str: ...
    @property
    def science_program(self) -> str: ...
    @property
    def observation_reason(self) -> str: ...
    @property
    def object(self) -> str: ...
    @property
    def has_simulated_content(self) -> bool: ...


class _Situated(Protocol[_Part_co]):
    @property
    def observatory(self) -> _Part_co: ...


class _Weathered(Protocol[_Part_co]):
    @property
    def weather(self) -> _Part_co: ...


class VisitInfoNames:
    """Gen2 spellings of `imaging.exposure.visit_info.VisitInfo`."""

    __slots__ = ()

    def getExposureId(self: _Visit) -> int | None:
        return self.exposure_id

    def getExposureTime(self: _Visit) -> float:
        return self.exposure_time_s

    def getDarkTime(self: _Visit) -> float:
        return self.dark_time_s

    def getDate(self: _Visit) -> Time | None:
        return self.date_avg

    def getUt1(self: _Visit) -> float:
        return self.ut1_mjd

    def getEra(self: _Visit) -> Angle:
        return self.era

    def getBoresightRaDec(self: _Visit) -> SkyCoord:
        return self.boresight_radec

    def getBoresightAzAlt(self: _Visit) -> SkyCoord:
        return self.boresight_azalt

    def getBoresightAirmass(self: _Visit) -> float:
        return self.boresight_airmass

    def getBoresightRotAngle(self: _Visit) -> Angle:
        return self.boresight_rotation

    def getBoresightHourAngle(self: _Visit) -> Angle:
        return self.boresight_hour_angle

    def getRotType(self: _Visit) -> str:
        return self.rotation_type

    def getObservatory(self: _Situated[_Part]) -> _Part:
        return self.observatory

    def getWeather(self: _Weathered[_Part]) -> _Part:
        return self.weather

    def getInstrumentLabel(self: _Visit) -> str:
        return self.instrument_label

    def getId(self: _Visit) -> int | None:
        return self.id

    def getFocusZ(self: _Visit) -> float:
        return self.focus_z_mm

    def getObservationType(self: _Visit) -> str:
        return self.observation_type

    def getScienceProgram(self: _Visit) -> str:
        return self.science_program

    def getObservationReason(self: _Visit) -> str:
        return self.observation_reason

    def getObject(self: _Visit) -> str:
        return self.object

    def getHasSimulatedContent(self: _Visit) -> bool:
        return self.has_simulated_content


class _Calibrated(Protocol):
    @property
    def calibration_mean(self) -> float: ...
    @property
    def calibration_error(self) -> float: ...
    @property
    def inst_flux_at_zero_magnitude(self) -> float: ...


class _Calibrating(Protocol[_Flux_contra, _Place_contra, _Result_co]):
    def inst_flux_to_nanojansky(
        self,
        inst_flux: _Flux_contra,
        inst_flux_error: _Flux_contra | None = None,
        position: _Place_contra | None = None,
    ) -> _Result_co: ...
    def inst_flux_to_magnitude(
        self,
        inst_flux: _Flux_contra,
        inst_flux_error: _Flux_contra | None = None,
        position: _Place_contra | None = None,
    ) -> _Result_co: ...
    def magnitude_to_inst_flux(
        self, magnitude: _Flux_contra, position: _Place_contra | None = None
    ) -> _Result_co: ...


class PhotoCalibNames:
    """Gen2 spellings of `imaging.exposure.photo_calib.PhotoCalib`."""

    __slots__ = ()

    def getCalibrationMean(self: _Calibrated) -> float:
        return self.calibration_mean

    def getCalibrationErr(self: _Calibrated) -> float:
        return self.calibration_error

    def getInstFluxAtZeroMagnitude(self: _Calibrated) -> float:
        return self.inst_flux_at_zero_magnitude

    def instFluxToNanojansky(
        self: _Calibrating[_Flux, _Place, _Result],
        instFlux: _Flux,
        instFluxErr: _Flux | None = None,
        point: _Place | None = None,
    ) -> _Result:
        return self.inst_flux_to_nanojansky(instFlux, instFluxErr, point)

    def instFluxToMagnitude(
        self: _Calibrating[_Flux, _Place, _Result],
        instFlux: _Flux,
        instFluxErr: _Flux | None = None,
        point: _Place | None = None,
    ) -> _Result:
        return self.inst_flux_to_magnitude(instFlux, instFluxErr, point)

    def magnitudeToInstFlux(
        self: _Calibrating[_Flux, _Place, _Result],
        magnitude: _Flux,
        point: _Place | None = None,
    ) -> _Result:
        return self.magnitude_to_inst_flux(magnitude, point)


class ComponentNames(Generic[_PhotoCalib, _VisitInfo, _Filter, _Corrections]):
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


class _Pixels(Protocol):
    masked_image: MaskedImage

    @property
    def image(self) -> Image: ...
    @property
    def mask(self) -> Mask: ...
    @property
    def variance(self) -> Image: ...


class _Informed(Protocol[_Part_co]):
    @property
    def info(self) -> _Part_co: ...


class _Cut(Protocol[_Place_contra, _Size_contra, _Result_co]):
    def get_cutout(self, center: _Place_contra, size: _Size_contra) -> _Result_co: ...


class _Read(Protocol[_Result_co]):
    @classmethod
    def read_fits(
        cls, path: str, *, bbox: Box | None = None, origin: Origin = "parent"
    ) -> _Result_co: ...


class ExposureNames(PixelNames):
    """Gen2 spellings of `imaging.exposure.exposure.Exposure`, beside those of its parts."""

    __slots__ = ()

    @property
    def maskedImage(self: _Pixels) -> MaskedImage:
        return self.masked_image

    @maskedImage.setter
    def maskedImage(self: _Pixels, pixels: MaskedImage) -> None:
        self.masked_image = pixels

    def getMaskedImage(self: _Pixels) -> MaskedImage:
        return self.masked_image

    def setMaskedImage(self: _Pixels, maskedImage: MaskedImage) -> None:
        self.masked_image = maskedImage

    def getImage(self: _Pixels) -> Image:
        return self.image

    def getMask(self: _Pixels) -> Mask:
        return self.mask

    def getVariance(self: _Pixels) -> Image:
        return self.variance

    def getInfo(self: _Informed[_Part]) -> _Part:
        return self.info

    def getCutout(self: _Cut[_Place, _Size, _Result], center: _Place, size: _Size) -> _Result:
        return self.get_cutout(center, size)

    @classmethod
    def readFits(
        cls: type[_Read[_Result]],
        fileName: str,
        bbox: Box | None = None,
        origin: Origin = "parent",
    ) -> _Result:
        return cls.read_fits(fileName, bbox=bbox, origin=origin)
