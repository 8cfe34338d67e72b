"""Exercise 5: the same as a class, whose tasks are made once for many exposures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.measure_exposure import guess_psf
from examples.measure_psf import BRIGHT
from imaging import SourceTable
from pipelines.background.subtract_background import SubtractBackgroundTask
from pipelines.deblending.source_deblend import SourceDeblendTask
from pipelines.detection.source_detection import SourceDetectionTask
from pipelines.measurement.source_measurement import SourceMeasurementTask
from pipelines.psf.measure_psf import MeasurePsfTask
from pipelines.repair.task import RepairTask

if TYPE_CHECKING:
    from imaging import Exposure, Schema, SourceCatalog

__all__ = ["ExposureMeasurement", "SourceSearch"]


class SourceSearch:
    """Detects, deblends and measures the sources of one exposure after the other.

    Parameters
    ----------
    schema
        Of the catalogs; gets the fields of the tasks.
    threshold
        How bright a source has to be, in standard deviations of the noise.
    """

    def __init__(self, schema: Schema, threshold: float) -> None:
        self.schema = schema
        config = SourceDetectionTask.ConfigClass(thresholdValue=threshold)
        self.detection = SourceDetectionTask(schema=schema, config=config)
        self.deblending = SourceDeblendTask(schema)
        self.measurement = SourceMeasurementTask(schema=schema)

    def run(self, exposure: Exposure) -> SourceCatalog:
        """Return a new catalog.

        Notes
        -----
        The table is made here: it numbers the sources, and of each exposure
        they shall begin with 1.
        """
        catalog = self.detection.run(SourceTable.make(self.schema), exposure).sources
        self.deblending.run(exposure, catalog)
        self.measurement.run(catalog, exposure)
        return catalog


class ExposureMeasurement:
    """From exposures without the signature of the instrument to PSFs and catalogs.

    Nothing of an exposure is kept for the next one.
    """

    def __init__(self) -> None:
        self.background = SubtractBackgroundTask()
        self.repair = RepairTask()
        schema = SourceTable.make_minimal_schema()
        self.measure_psf = MeasurePsfTask(schema=schema)
        self.bright = SourceSearch(schema, BRIGHT)
        self.deep = SourceSearch(SourceTable.make_minimal_schema(), 5.0)

    def run(self, exposure: Exposure) -> SourceCatalog:
        """Process one exposure.

        Parameters
        ----------
        exposure
            A ``postISRCCD``. It loses its background and its cosmic rays, and
            gets its PSF and mask planes.
        """
        self.background.run(exposure)
        exposure.psf = guess_psf()
        self.repair.run(exposure)
        self.measure_psf.run(exposure, self.bright.run(exposure))
        return self.deep.run(exposure)
