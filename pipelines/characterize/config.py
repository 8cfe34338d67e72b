"""The configuration of the characterisation of exposures."""

from __future__ import annotations

from typing import Final

from pipelines.background.subtract_background import SubtractBackgroundTask
from pipelines.deblending.source_deblend import SourceDeblendTask
from pipelines.detection.source_detection import SourceDetectionTask
from pipelines.measurement.aperture_correction import ApplyApCorrTask, MeasureApCorrTask
from pipelines.measurement.catalog_calculation import CatalogCalculationTask
from pipelines.measurement.source_measurement import SourceMeasurementTask
from pipelines.psf.install_gaussian_psf import InstallGaussianPsfTask
from pipelines.psf.measure_psf import MeasurePsfTask
from pipelines.repair.task import RepairTask
from pipelines.task import Config, ConfigurableField, Field, RangeField

__all__ = ["CharacterizeImageConfig"]

_PLUGINS: Final = (
    "base_PixelFlags",
    "base_SdssCentroid",
    "base_SdssShape",
    "base_GaussianFlux",
    "base_PsfFlux",
    "base_CircularApertureFlux",
    "ext_photometryKron_KronFlux",  # aperture corrections are measured on what is measured here
    "base_SkyCoord",
)


class CharacterizeImageConfig(Config):
    """How an exposure is characterised; the names are those of the LSST stack."""

    doMeasurePsf = Field[bool](
        doc="Measure the PSF? Otherwise the exposure's own is kept.", default=True
    )
    doWrite = Field[bool](doc="Write results?", default=True)
    doWriteExposure = Field[bool](
        doc="Write icExp and icExpBackground beside icSrc, if doWrite?", default=True
    )
    psfIterations = RangeField[int](
        doc="Rounds of detection, measurement and PSF. The first one has a PSF of a guessed size.",
        dtype=int,
        default=2,
        min=1,
    )
    useSimplePsf = Field[bool](
        doc="Begin each round with a Gaussian of the PSF's size, not with the PSF of the last?",
        default=True,
    )
    doDeblend = Field[bool](doc="Take blended sources apart?", default=True)
    doApCorr = Field[bool](doc="Measure and apply aperture corrections?", default=True)
    background = ConfigurableField(
        doc="The first background, before anything is detected.", target=SubtractBackgroundTask
    )
    installSimplePsf = ConfigurableField(
        doc="The PSF of the first round.", target=InstallGaussianPsfTask
    )
    repair = ConfigurableField(doc="Cosmic rays.", target=RepairTask)
    detection = ConfigurableField(doc="Detection of bright sources.", target=SourceDetectionTask)
    deblend = ConfigurableField(doc="Taking them apart.", target=SourceDeblendTask)
    measurement = ConfigurableField(doc="Measuring them.", target=SourceMeasurementTask)
    measurePsf = ConfigurableField(doc="Stars and PSF.", target=MeasurePsfTask)
    measureApCorr = ConfigurableField(
        doc="Measuring aperture corrections.", target=MeasureApCorrTask
    )
    applyApCorr = ConfigurableField(doc="Applying them.", target=ApplyApCorrTask)
    catalogCalculation = ConfigurableField(
        doc="Measuring again what follows from corrected fluxes.", target=CatalogCalculationTask
    )

    def setDefaults(self) -> None:
        """Find bright sources alone, and measure of them what the PSF needs."""
        super().setDefaults()
        self.detection.value.update(thresholdValue=5.0, includeThresholdMultiplier=10.0)
        self.measurement.value.plugins.names = list(_PLUGINS)

    def validate(self) -> None:
        """Refuse aperture corrections without stars."""
        super().validate()
        if self.doApCorr and not self.doMeasurePsf:
            raise ValueError(
                "doApCorr measures on the stars that doMeasurePsf finds; switch both on, or both "
                "off."
            )
