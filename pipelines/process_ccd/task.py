"""From a raw to a calibrated exposure and its catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pipelines.calibrate.calibrate import CalibrateTask
from pipelines.characterize.characterize_image import CharacterizeImageTask
from pipelines.isr.task import IsrTask
from pipelines.task import CmdLineTask, Config, ConfigurableField, Field, Struct, time_method

if TYPE_CHECKING:
    from butler.data_ref import DataRef
    from imaging.exposure.exposure import Exposure
    from imaging.table.source_catalog import SourceCatalog
    from pipelines.background.model import BackgroundList
    from pipelines.reference_objects.load import ReferenceSource

__all__ = ["ProcessCcdConfig", "ProcessCcdTask", "ProcessedCcd"]


class ProcessedCcd(Struct):
    """A calibrated exposure and its catalog."""

    if TYPE_CHECKING:
        exposure: Exposure
        sources: SourceCatalog | None
        """None without ``doCalibrate``."""
        background: BackgroundList
        """All models that were subtracted."""


class ProcessCcdConfig(Config):
    """The steps from a raw to a catalog; the names are those of the LSST stack."""

    isr = ConfigurableField(doc="What removes the signature of the instrument.", target=IsrTask)
    charImage = ConfigurableField(
        doc="Background, PSF, cosmic rays, aperture corrections.", target=CharacterizeImageTask
    )
    doCalibrate = Field[bool](doc="Go on to calibrate?", default=True)
    calibrate = ConfigurableField(doc="Sources, astrometry and photometry.", target=CalibrateTask)

    def setDefaults(self) -> None:
        """Write what comes out in the end, and not what the steps hand on."""
        super().setDefaults()
        self.isr.value.update(doWrite=False)
        self.charImage.value.update(doWriteExposure=False)


class ProcessCcdTask(CmdLineTask):
    """Remove the instrument's signature from a raw, characterise it, and calibrate it.

    Parameters
    ----------
    butler
        Has the reference catalogs; by default that of the data ref.
    config, name, parent_task, log
        As for `pipelines.task.Task`.
    """

    ConfigClass: ClassVar[type[Config]] = ProcessCcdConfig
    _DefaultName: ClassVar[str] = "processCcd"
    config: ProcessCcdConfig
    isr: IsrTask
    charImage: CharacterizeImageTask
    calibrate: CalibrateTask

    def __init__(self, butler: ReferenceSource | None = None, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]  # Task names and checks them
        self.make_subtask("isr")
        self.make_subtask("charImage")
        if self.config.doCalibrate:
            has_stars = self.charImage.config.doMeasurePsf
            schema = self.charImage.schema if has_stars else None
            self.make_subtask("calibrate", butler=butler, source_schema=schema)

    @classmethod
    def input_types(cls, config: Config) -> tuple[str, ...]:
        """Return what the camera's task reads."""
        field = config.isr
        return field.target.input_types(field.value)  # type: ignore[no-any-return]

    @classmethod
    def output_types(cls, config: Config) -> tuple[str, ...]:
        """Return what the steps write."""
        names: list[str] = []
        for step in ("isr", "charImage", "calibrate"):
            field = getattr(config, step)
            if step != "calibrate" or config.doCalibrate:
                names += field.target.output_types(field.value)
        return tuple(names)

    @time_method
    def run_data_ref(self, ref: DataRef) -> ProcessedCcd:
        """Process a raw; each step puts what it makes.

        Parameters
        ----------
        ref
            The raw.

        Raises
        ------
        CalibrationError, InstrumentError
            If the signature cannot be removed; see `IsrTask.run_data_ref`.
        AstrometryError, PhotoCalError
            If the known stars are not those of the exposure.
        ExposureError
            If no stars are found.
        """
        exposure = self.isr.run_data_ref(ref).exposure
        known = self.charImage.run_data_ref(ref, exposure)
        if not self.config.doCalibrate:
            return ProcessedCcd(exposure=exposure, sources=None, background=known.background)
        made = self.calibrate.run_data_ref(ref, exposure, known.background, known.sources)
        return ProcessedCcd(
            exposure=made.exposure, sources=made.sources, background=made.background
        )
