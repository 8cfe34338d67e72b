"""The configuration of the calibration of exposures."""

from __future__ import annotations

from pipelines.astrometry.task import AstrometryTask
from pipelines.deblending.source_deblend import SourceDeblendTask
from pipelines.detection.source_detection import SourceDetectionTask
from pipelines.measurement.aperture_correction import ApplyApCorrTask
from pipelines.measurement.catalog_calculation import CatalogCalculationTask
from pipelines.measurement.source_measurement import SourceMeasurementTask
from pipelines.photometry.task import PhotoCalTask
from pipelines.reference_objects.load import LoadReferenceObjectsTask
from pipelines.sky_objects.task import SkyObjectsTask
from pipelines.task import Config, ConfigurableField, Field, ListField, RangeField

__all__ = ["CalibrateConfig"]


class CalibrateConfig(Config):
    """How an exposure is calibrated; the names are those of the LSST stack."""

    doWrite = Field[bool](doc="Write calexp, calexpBackground and src?", default=True)
    doWriteMatches = Field[bool](
        doc="Write srcMatch too, if doWrite and doAstrometry?", default=True
    )
    doWriteMatchesDenormalized = Field[bool](
        doc="Write srcMatchFull too, with all that is known of both, if doWriteMatches?",
        default=False,
    )
    doSkySources = Field[bool](
        doc="Add places without sources to src, flagged sky_source?", default=False
    )
    skySources = ConfigurableField(doc="Choosing these places.", target=SkyObjectsTask)
    doDeblend = Field[bool](doc="Take blended sources apart?", default=True)
    doApCorr = Field[bool](doc="Apply the exposure's aperture corrections?", default=True)
    icSourceFieldsToCopy = ListField[str](
        doc="Flags of the sources of the characterisation that go to those found here.",
        dtype=str,
        default=["calib_psf_candidate", "calib_psf_used", "calib_psf_reserved"],
    )
    matchRadiusPix = RangeField[float](
        doc="How far both may be apart, in pixels.", dtype=float, default=3.0, min=0.0
    )
    doAstrometry = Field[bool](doc="Fit the WCS to known stars?", default=True)
    requireAstrometry = Field[bool](
        doc="Fail if sources and known stars do not match? Otherwise the WCS stays as it was.",
        default=True,
    )
    doPhotoCal = Field[bool](doc="Measure the zero point on known stars?", default=True)
    requirePhotoCal = Field[bool](
        doc="Fail if that is not possible? Otherwise there is no calibration.", default=True
    )
    astromRefObjLoader = ConfigurableField(
        doc="Known stars for the WCS.", target=LoadReferenceObjectsTask
    )
    astrometry = ConfigurableField(doc="Fitting the WCS.", target=AstrometryTask)
    photoRefObjLoader = ConfigurableField(
        doc="Known stars for the zero point.", target=LoadReferenceObjectsTask
    )
    photoCal = ConfigurableField(doc="Measuring the zero point.", target=PhotoCalTask)
    detection = ConfigurableField(doc="Detection of sources.", target=SourceDetectionTask)
    deblend = ConfigurableField(doc="Taking them apart.", target=SourceDeblendTask)
    measurement = ConfigurableField(doc="Measuring them.", target=SourceMeasurementTask)
    applyApCorr = ConfigurableField(doc="Applying aperture corrections.", target=ApplyApCorrTask)
    catalogCalculation = ConfigurableField(
        doc="Measuring again what follows from corrected fluxes.", target=CatalogCalculationTask
    )
