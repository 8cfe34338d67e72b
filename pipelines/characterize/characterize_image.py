"""Background, PSF, cosmic rays and aperture corrections of an exposure, from its bright sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from imaging.exposure.exposure import Exposure
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable
from pipelines.background.model import BackgroundList
from pipelines.characterize.config import CharacterizeImageConfig
from pipelines.characterize.gen2_names import CharacterizedImageNames
from pipelines.errors import ExposureError
from pipelines.exposure_ids import ExposureIds, find_exposure_ids
from pipelines.keywords import renamed_keywords
from pipelines.task import CmdLineTask, Struct, time_method
from pipelines.task.debug import display_for_debugging

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.data_ref import DataRef
    from imaging.table.schemas.schema import Schema
    from pipelines.background.subtract_background import SubtractBackgroundTask
    from pipelines.deblending.source_deblend import SourceDeblendTask
    from pipelines.detection.source_detection import SourceDetectionTask
    from pipelines.measurement.aperture_correction import ApplyApCorrTask, MeasureApCorrTask
    from pipelines.measurement.catalog_calculation import CatalogCalculationTask
    from pipelines.measurement.source_measurement import SourceMeasurementTask
    from pipelines.psf.install_gaussian_psf import InstallGaussianPsfTask
    from pipelines.psf.measure_psf import MeasurePsfTask
    from pipelines.repair.task import RepairTask
    from pipelines.task import Config, Task

__all__ = ["CharacterizeImageTask", "CharacterizedImage"]


class CharacterizedImage(CharacterizedImageNames, Struct):
    """An exposure with what is known of it now."""

    if TYPE_CHECKING:
        exposure: Exposure
        """The one that was given."""
        sources: SourceCatalog
        """Bright ones, measured with the PSF."""
        background: BackgroundList
        """All models that were subtracted."""


class CharacterizeImageTask(CmdLineTask):
    """Subtract the background of an exposure, measure its PSF, and find its cosmic rays.

    Parameters
    ----------
    schema
        To begin with, for the catalog; a minimal one by default.
    config, name, parent_task, log
        As for `pipelines.task.Task`.
    """

    ConfigClass: ClassVar[type[Config]] = CharacterizeImageConfig
    _DefaultName: ClassVar[str] = "characterizeImage"
    data_type: ClassVar[str] = "postISRCCD"
    config: CharacterizeImageConfig
    background: SubtractBackgroundTask
    repair: RepairTask
    detection: SourceDetectionTask
    deblend: SourceDeblendTask
    measurement: SourceMeasurementTask

    def __init__(self, schema: Schema | None = None, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]  # Task names and checks them
        self.schema = SourceTable.make_minimal_schema() if schema is None else schema
        """Of the catalog, complete."""
        for name in ("background", "repair"):
            self.make_subtask(name)
        self._guess_psf = cast("InstallGaussianPsfTask", self.make_subtask("installSimplePsf"))
        self._make("detection")
        if self.config.doDeblend:
            self._make("deblend")
        self._make("measurement")
        if self.config.doMeasurePsf:
            self._measure_psf = cast("MeasurePsfTask", self._make("measurePsf"))
        if self.config.doApCorr:
            self._measure_corrections = cast("MeasureApCorrTask", self._make("measureApCorr"))
            self._apply_corrections = cast("ApplyApCorrTask", self._make("applyApCorr"))
        self._calculate = cast("CatalogCalculationTask", self._make("catalogCalculation"))

    def _make(self, name: str) -> Task:
        return self.make_subtask(name, schema=self.schema)

    @classmethod
    def output_types(cls, config: Config) -> tuple[str, ...]:
        """Return icSrc, icExp and icExpBackground, as far as they are written."""
        if not isinstance(config, CharacterizeImageConfig) or not config.doWrite:
            return ()
        return ("icSrc", "icExp", "icExpBackground") if config.doWriteExposure else ("icSrc",)

    def schema_catalogs(self) -> Mapping[str, object]:
        """Return an empty icSrc."""
        return (
            {"icSrc": SourceCatalog(SourceTable.make(self.schema))} if self.config.doWrite else {}
        )

    def run_data_ref(
        self,
        ref: DataRef,
        exposure: Exposure | None = None,
        background: BackgroundList | None = None,
    ) -> CharacterizedImage:
        """Characterise an exposure, and put the results with ``doWrite``.

        Parameters
        ----------
        ref
            Of one detector.
        exposure
            Without its signature; by default postISRCCD. It is changed.
        background
            Models that were subtracted from it already.

        Raises
        ------
        ExposureError
            As for `run`.
        """
        if exposure is None:
            found = ref.get("postISRCCD")
            if not isinstance(found, Exposure):
                raise ExposureError(
                    f"postISRCCD for {ref.data_id} is a {type(found).__name__}, no exposure."
                )
            exposure = found
        result = self.run(exposure, find_exposure_ids(ref), background)
        if self.config.doWrite:
            ref.put(result.sources, "icSrc")
            if self.config.doWriteExposure:
                ref.put(exposure, "icExp")
                ref.put(result.background, "icExpBackground")
        return result

    @renamed_keywords(exposureIdInfo="exposure_ids")
    @time_method
    def run(
        self,
        exposure: Exposure,
        exposure_ids: ExposureIds | None = None,
        background: BackgroundList | None = None,
    ) -> CharacterizedImage:
        """Characterise an exposure in place.

        Parameters
        ----------
        exposure
            Without the signature of the instrument, with a variance. Its
            background is subtracted, cosmic rays are filled; it gets a PSF and
            aperture corrections.
        exposure_ids
            Where the identifiers of sources come from.
        background
            Models that were subtracted already; new ones are added to them.

        Returns
        -------
        CharacterizedImage
            Bright sources, and all models of the background.

        Raises
        ------
        ExposureError
            If no stars are found, or the exposure has no PSF and none is measured.
        CosmicRayError
            If cosmic rays have too many pixels.

        Notes
        -----
        Each round finds cosmic rays, which need a PSF, then bright sources,
        then the PSF, which needs both. The PSF at the end is that of the last
        round, with which bright sources are measured once more: aperture
        corrections compare its fluxes.
        """
        config = self.config
        ids = ExposureIds() if exposure_ids is None else exposure_ids
        models = BackgroundList() if background is None else background
        if exposure.psf is None and not config.doMeasurePsf:
            self._guess_psf.run(exposure)
        self.background.run(exposure, models)
        for _ in range(config.psfIterations if config.doMeasurePsf else 1):
            sources = self._find_bright(exposure, ids, models)
            if config.doMeasurePsf:
                self._measure_psf.run(exposure, sources, ids.exposure_id)
            display_for_debugging(self, "psf_iter", exposure, sources)
        self._find_rays(exposure, keeps=False)
        display_for_debugging(self, "repair", exposure, sources)
        self.measurement.run(sources, exposure, ids.exposure_id)
        if config.doApCorr:
            corrections = self._measure_corrections.run(exposure, sources).corrections
            self._apply_corrections.run(sources, corrections)
        self._calculate.run(sources)
        display_for_debugging(self, "measure", exposure, sources)
        return CharacterizedImage(exposure=exposure, sources=sources, background=models)

    def _find_bright(
        self, exposure: Exposure, ids: ExposureIds, models: BackgroundList
    ) -> SourceCatalog:
        """Return bright sources, measured with the PSF there is."""
        if exposure.psf is None or (self.config.doMeasurePsf and self.config.useSimplePsf):
            self._guess_psf.run(exposure)
        self._find_rays(exposure, keeps=True)
        display_for_debugging(self, "repair_iter", exposure)
        table = SourceTable.make(self.schema, ids.make_id_factory())
        found = self.detection.run(table, exposure, exposure_id=ids.exposure_id)
        for model in found.background or ():
            models.append(model)
        if self.config.doDeblend:
            self.deblend.run(exposure, found.sources)
        display_for_debugging(self, "background_iter", exposure)
        self.measurement.run(found.sources, exposure, ids.exposure_id)
        return found.sources

    def _find_rays(self, exposure: Exposure, *, keeps: bool) -> None:
        """Find cosmic rays anew: those of another PSF may have been stars."""
        exposure.mask.clear_plane("CR")
        self.repair.run(exposure, keep_rays=keeps)
