"""From a raw to a calibrated exposure and its catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from pipelines.calibrate.calibrate import CalibrateTask
from pipelines.characterize.characterize_image import CharacterizedImage, CharacterizeImageTask
from pipelines.isr.task import IsrTask
from pipelines.process_ccd.reuse import STEPS, last_step_there
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
    steps: ClassVar[tuple[str, ...]] = STEPS
    config: ProcessCcdConfig
    isr: IsrTask
    charImage: CharacterizeImageTask
    calibrate: CalibrateTask

    def __init__(self, butler: ReferenceSource | None = None, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]  # Task names and checks them
        self.make_subtask("isr")
        self.make_subtask("charImage")
        if self.config.doCalibrate:
            schema = self.charImage.schema
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
            The raw. Of the ``reused_steps`` the last one whose outputs are all
            there, and those before it, are not done again.

        Raises
        ------
        CalibrationError, InstrumentError
            If the signature cannot be removed; see `IsrTask.run_data_ref`.
        AstrometryError, PhotoCalError
            If the known stars are not those of the exposure.
        DatasetNotFoundError
            If a reference catalog is not there; nothing has been done then.
        ExposureError
            If no stars are found.
        """
        steps = STEPS if self.config.doCalibrate else STEPS[:-1]
        reused = last_step_there(ref, [step for step in steps if step in self.reused_steps])
        if reused:
            self.metadata["reused"] = reused
            self.log.info("%s: the outputs of %s are reused.", ref.data_id, reused)
        if reused == steps[-1]:
            return self._read_back(ref)
        if self.config.doCalibrate:
            self.calibrate.require_catalogs(ref.butler)
        known = None if reused == "charImage" else self._characterize(ref, reads=reused == "isr")
        if known is None:
            made = self.calibrate.run_data_ref(ref)
        elif self.config.doCalibrate:
            made = self.calibrate.run_data_ref(ref, known.exposure, known.background, known.sources)
        else:
            return ProcessedCcd(exposure=known.exposure, sources=None, background=known.background)
        return ProcessedCcd(
            exposure=made.exposure, sources=made.sources, background=made.background
        )

    def _characterize(self, ref: DataRef, *, reads: bool) -> CharacterizedImage:
        """Return what the second step makes of what the first one makes, or has made."""
        exposure = None if reads else self.isr.run_data_ref(ref).exposure
        return self.charImage.run_data_ref(ref, exposure)

    def _read_back(self, ref: DataRef) -> ProcessedCcd:
        """Return what an earlier run has made."""
        name = "calexp" if self.config.doCalibrate else "icExp"
        return ProcessedCcd(
            exposure=cast("Exposure", ref.get(name)),
            sources=cast("SourceCatalog", ref.get("src")) if self.config.doCalibrate else None,
            background=cast("BackgroundList", ref.get(f"{name}Background")),
        )
