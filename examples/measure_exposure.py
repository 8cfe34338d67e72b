"""Exercise 1: from a detrended exposure to a catalog, by one call."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from imaging import SingleGaussianPsf, SourceTable
from pipelines.background.subtract_background import SubtractBackgroundTask
from pipelines.deblending.source_deblend import SourceDeblendTask
from pipelines.detection.source_detection import SourceDetectionTask
from pipelines.measurement.source_measurement import SourceMeasurementTask
from pipelines.repair.task import RepairTask

if TYPE_CHECKING:
    from imaging import Exposure, Schema, SourceCatalog

__all__ = ["clean_exposure", "guess_psf", "measure_exposure", "measure_sources"]

PIXEL_SCALE_ARCSEC: Final = 0.168
SEEING_ARCSEC: Final = 0.7


def measure_exposure(exposure: Exposure) -> SourceCatalog:
    """Find and measure all sources of an exposure.

    Parameters
    ----------
    exposure
        A ``postISRCCD``. It loses its background and its cosmic rays, and gets
        a PSF, a round Gaussian, and mask planes.

    Returns
    -------
    SourceCatalog
        Parents and their children, with all measurements.
    """
    clean_exposure(exposure)
    return measure_sources(exposure)


def clean_exposure(exposure: Exposure) -> None:
    """Subtract the background, guess the PSF and fill in cosmic rays, in place."""
    SubtractBackgroundTask().run(exposure)
    exposure.psf = guess_psf()
    RepairTask().run(exposure)


def guess_psf() -> SingleGaussianPsf:
    """Return the PSF of a usual seeing."""
    sigma = SEEING_ARCSEC / PIXEL_SCALE_ARCSEC / math.sqrt(8 * math.log(2))
    width = int(sigma * 6)
    return SingleGaussianPsf(width, width, sigma=sigma)


def measure_sources(
    exposure: Exposure, *, threshold: float = 5.0, schema: Schema | None = None
) -> SourceCatalog:
    """Detect, deblend and measure.

    Parameters
    ----------
    exposure
        Without background, and with a PSF.
    threshold
        How bright a source has to be, in standard deviations of the noise.
    schema
        Of the catalog, with the fields of tasks that will be given it; the
        fields of the tasks of this function are added.
    """
    schema = SourceTable.make_minimal_schema() if schema is None else schema
    detection = SourceDetectionTask(
        schema=schema, config=SourceDetectionTask.ConfigClass(thresholdValue=threshold)
    )
    deblending = SourceDeblendTask(schema)
    measurement = SourceMeasurementTask(schema=schema)
    table = SourceTable.make(schema)  # only now has the schema all fields
    catalog = detection.run(table, exposure).sources
    deblending.run(exposure, catalog)
    measurement.run(catalog, exposure)
    return catalog
