"""All sources of a characterised exposure, measured, and where and how bright they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from butler.butler import Butler
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable
from pipelines.background.model import BackgroundList
from pipelines.calibrate.config import CalibrateConfig
from pipelines.calibrate.copy_flags import copy_flags
from pipelines.calibrate.gen2_names import CalibratedExposureNames
from pipelines.calibrate.match_catalog import match_catalog, match_details
from pipelines.errors import AstrometryError, PhotoCalError, TaskSchemaError
from pipelines.exposure_ids import ExposureIds, find_exposure_ids
from pipelines.keywords import renamed_keywords
from pipelines.task import CmdLineTask, Struct, time_method
from pipelines.task.debug import display_for_debugging

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.data_ref import DataRef
    from imaging.exposure.exposure import Exposure
    from imaging.table.catalog import BaseCatalog
    from imaging.table.record import BaseRecord
    from imaging.table.schemas.schema import Schema
    from pipelines.astrometry.task import AstrometryResult, AstrometryTask
    from pipelines.deblending.source_deblend import SourceDeblendTask
    from pipelines.detection.source_detection import SourceDetectionTask
    from pipelines.measurement.aperture_correction import ApplyApCorrTask
    from pipelines.measurement.catalog_calculation import CatalogCalculationTask
    from pipelines.measurement.source_measurement import SourceMeasurementTask
    from pipelines.photometry.task import PhotoCalTask
    from pipelines.reference_objects.load import (
        LoadReferenceObjectsTask,
        ReferenceObjects,
        ReferenceSource,
    )
    from pipelines.sky_objects.task import SkyObjectsTask
    from pipelines.task import Config, Task

__all__ = ["CalibrateTask", "CalibratedExposure"]

_DETECTED = "calib_detected"
_SKY = "sky_source"
_PSF_USED = "calib_psf_used"


class CalibratedExposure(CalibratedExposureNames, Struct):
    """An exposure and what is in it."""

    if TYPE_CHECKING:
        exposure: Exposure
        """The one that was given."""
        sources: SourceCatalog
        """All of them, measured with all plugins."""
        background: BackgroundList
        """All models that were subtracted."""
        matches: BaseCatalog[BaseRecord]
        """Which sources are which known stars; see `match_catalog`."""
        match_details: BaseCatalog[BaseRecord] | None
        """The same with all fields, if wanted; see `match_details`."""


class CalibrateTask(CmdLineTask):
    """Find and measure the sources of a characterised exposure, and place it on the sky.

    Parameters
    ----------
    butler
        Has the reference catalogs; by default that of the data ref.
    source_schema
        Of the sources of the characterisation, for ``icSourceFieldsToCopy``;
        by default that of icSrc in ``butler``. Without one, or if it has no
        stars of the PSF, nothing is copied.
    config, name, parent_task, log
        As for `pipelines.task.Task`.

    Raises
    ------
    TaskSchemaError
        If ``source_schema`` lacks a field that is to be copied.
    """

    ConfigClass: ClassVar[type[Config]] = CalibrateConfig
    _DefaultName: ClassVar[str] = "calibrate"
    data_type: ClassVar[str] = "icExp"
    config: CalibrateConfig
    detection: SourceDetectionTask
    deblend: SourceDeblendTask
    measurement: SourceMeasurementTask
    astrometry: AstrometryTask

    @renamed_keywords(icSourceSchema="source_schema")
    def __init__(
        self,
        butler: ReferenceSource | None = None,
        source_schema: Schema | None = None,
        **keywords: object,
    ) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]  # Task names and checks them
        self.schema = SourceTable.make_minimal_schema()
        """Of the catalog, complete."""
        known = _schema_of_known(butler) if source_schema is None else source_schema
        self._has_flags = known is not None and _PSF_USED in known
        if known is not None and self._has_flags:
            self._add_flags(known)
        if self.config.doSkySources:
            self._sky_objects = cast("SkyObjectsTask", self.make_subtask("skySources"))
            self.schema.add_field(_SKY, "Flag", "a place without sources, to measure the sky")
        self._make("detection")
        if self.config.doDeblend:
            self._make("deblend")
        self._make("measurement")
        if self.config.doApCorr:
            self._apply_corrections = cast("ApplyApCorrTask", self._make("applyApCorr"))
        self._calculate = cast("CatalogCalculationTask", self._make("catalogCalculation"))
        if self.config.doAstrometry:
            self._make("astrometry")
            self._position_loader = self._make_loader("astromRefObjLoader", butler)
        if self.config.doPhotoCal:
            self._photo_cal = cast("PhotoCalTask", self._make("photoCal"))
            self._flux_loader = self._make_loader("photoRefObjLoader", butler)

    def _make_loader(self, name: str, butler: ReferenceSource | None) -> LoadReferenceObjectsTask:
        return cast("LoadReferenceObjectsTask", self.make_subtask(name, butler=butler))

    def _make(self, name: str) -> Task:
        return self.make_subtask(name, schema=self.schema)

    def _add_flags(self, source_schema: Schema) -> None:
        names = list(self.config.icSourceFieldsToCopy)
        missing = [name for name in names if name not in source_schema]
        if missing:
            raise TaskSchemaError(
                f"icSourceFieldsToCopy has {', '.join(missing)}, which the characterisation does "
                "not measure. Leave them out, or let it measure them."
            )
        self.schema.add_field(_DETECTED, "Flag", "the characterisation had this source")
        for name in names:
            self.schema.add_field(source_schema.find(name).field)

    @classmethod
    def input_types(cls, config: Config) -> tuple[str, ...]:  # noqa: ARG003 - the same for all
        """Return what the characterisation writes."""
        return ("icExp", "icExpBackground", "icSrc")

    @classmethod
    def output_types(cls, config: Config) -> tuple[str, ...]:
        """Return calexp, calexpBackground and src if they are written, and what was matched."""
        if not isinstance(config, CalibrateConfig) or not config.doWrite:
            return ()
        names = ["calexp", "calexpBackground", "src"]
        if config.doWriteMatches and config.doAstrometry:
            names += ["srcMatch", *(["srcMatchFull"] * config.doWriteMatchesDenormalized)]
        return tuple(names)

    def schema_catalogs(self) -> Mapping[str, object]:
        """Return an empty src."""
        return {"src": SourceCatalog(SourceTable.make(self.schema))} if self.config.doWrite else {}

    def run_data_ref(
        self,
        ref: DataRef,
        exposure: Exposure | None = None,
        background: BackgroundList | None = None,
        sources: SourceCatalog | None = None,
    ) -> CalibratedExposure:
        """Calibrate an exposure, and put the results with ``doWrite``.

        Parameters
        ----------
        ref
            Of one detector.
        exposure, background, sources
            What the characterisation returned; by default icExp,
            icExpBackground and icSrc.

        Raises
        ------
        DatasetNotFoundError
            If a reference catalog is not there.
        ExposureError
            As for `run`.
        """
        self.require_catalogs(ref.butler)
        if exposure is None:
            exposure = cast("Exposure", ref.get("icExp"))
            background = cast("BackgroundList", ref.get("icExpBackground"))
            sources = cast("SourceCatalog", ref.get("icSrc"))
        config = self.config
        result = self.run(exposure, find_exposure_ids(ref), background, sources)
        if config.doWrite:
            ref.put(result.sources, "src")
            if config.doWriteMatches and config.doAstrometry:
                ref.put(result.matches, "srcMatch")
                if config.doWriteMatchesDenormalized:
                    ref.put(result.match_details, "srcMatchFull")
            ref.put(result.exposure, "calexp")
            ref.put(result.background, "calexpBackground")
        return result

    def require_catalogs(self, butler: object) -> None:
        """Open the reference catalogs that are wanted, before much work is done in vain.

        Parameters
        ----------
        butler
            For loaders that were given none.

        Raises
        ------
        DatasetNotFoundError
            If one is not there.
        """
        for loader in self._loaders():
            if loader.butler is None:
                loader.butler = cast("ReferenceSource", butler)
            loader.require_catalog()

    def _loaders(self) -> list[LoadReferenceObjectsTask]:
        """Return what loads the stars that are wanted."""
        loaders = [self._position_loader] if self.config.doAstrometry else []
        return [*loaders, *([self._flux_loader] if self.config.doPhotoCal else [])]

    @renamed_keywords(exposureIdInfo="exposure_ids", icSourceCat="known")
    @time_method
    def run(
        self,
        exposure: Exposure,
        exposure_ids: ExposureIds | None = None,
        background: BackgroundList | None = None,
        known: SourceCatalog | None = None,
    ) -> CalibratedExposure:
        """Calibrate an exposure in place.

        Parameters
        ----------
        exposure
            Characterised: its background subtracted, with a PSF. The
            background is subtracted once more if the detection does that.
        exposure_ids
            Where the identifiers of sources come from.
        background
            Models that were subtracted already; new ones are added to them.
        known
            Sources of the characterisation, whose flags are copied.

        Returns
        -------
        CalibratedExposure
            All sources, and all models of the background.

        Raises
        ------
        AstrometryError
            If sources and known stars do not match, with ``requireAstrometry``.
        ExposureError
            If the exposure has no PSF.
        PhotoCalError
            If there is no zero point, with ``requirePhotoCal``.
        """
        config = self.config
        ids = ExposureIds() if exposure_ids is None else exposure_ids
        models = BackgroundList() if background is None else background
        sources = self._detect(exposure, ids, models)
        if config.doDeblend:
            self.deblend.run(exposure, sources)
        self.measurement.run(sources, exposure, ids.exposure_id)
        corrections = exposure.aperture_corrections
        if config.doApCorr and corrections is not None:
            self._apply_corrections.run(sources, corrections)
        self._calculate.run(sources)
        if known is not None and self._has_flags:
            self._copy_flags(known, sources)
        stars, pairs = self._place(exposure, sources)
        display_for_debugging(self, "calibrate", exposure, sources)
        return CalibratedExposure(
            exposure=exposure,
            sources=sources,
            background=models,
            matches=match_catalog(sources, stars, pairs),
            match_details=self._details(sources, stars, pairs),
        )

    def _detect(
        self, exposure: Exposure, ids: ExposureIds, models: BackgroundList
    ) -> SourceCatalog:
        """Return what is found, and sky objects if they are wanted."""
        table = SourceTable.make(self.schema, ids.make_id_factory())
        found = self.detection.run(table, exposure, exposure_id=ids.exposure_id)
        for model in found.background or ():
            models.append(model)
        if self.config.doSkySources:
            for footprint in self._sky_objects.run(exposure.mask, ids.exposure_id):
                record = found.sources.add_new()
                record.footprint = footprint
                record[_SKY] = True
        return found.sources

    def _details(
        self,
        sources: SourceCatalog,
        stars: ReferenceObjects | None,
        found: AstrometryResult | None,
    ) -> BaseCatalog[BaseRecord] | None:
        if not self.config.doWriteMatchesDenormalized:
            return None
        return match_details(sources, None if stars is None else stars.catalog, found)

    def _place(
        self, exposure: Exposure, sources: SourceCatalog
    ) -> tuple[ReferenceObjects | None, AstrometryResult | None]:
        """Fit WCS and zero point, as far as they are wanted; return what was loaded and matched."""
        config, stars, found = self.config, None, None
        if config.doAstrometry:
            stars = self._position_loader.run(exposure)
            try:
                found = self.astrometry.run(exposure, sources, stars)
            except AstrometryError as error:
                if config.requireAstrometry:
                    raise
                self.log.warning("The WCS stays as it was. %s", error)
        if config.doPhotoCal:
            try:
                self._photo_cal.run(exposure, sources, self._flux_stars(exposure, stars))
            except PhotoCalError as error:
                if config.requirePhotoCal:
                    raise
                self.log.warning("There is no zero point. %s", error)
        return stars, found

    def _flux_stars(self, exposure: Exposure, stars: ReferenceObjects | None) -> ReferenceObjects:
        """Load the stars of the zero point, unless they are those of the WCS."""
        loaders = self.config.astromRefObjLoader, self.config.photoRefObjLoader
        if stars is not None and loaders[0].value.compare(loaders[1].value, shortcut=True):
            return stars
        return self._flux_loader.run(exposure)

    def _copy_flags(self, known: SourceCatalog, sources: SourceCatalog) -> None:
        self.metadata["known"] = copy_flags(
            known,
            sources,
            self.config.icSourceFieldsToCopy,
            radius=self.config.matchRadiusPix,
            match=_DETECTED,
        )


def _schema_of_known(butler: object) -> Schema | None:
    """Return the schema that a characterisation has left in a repository, if it has."""
    if not isinstance(butler, Butler) or not butler.dataset_exists("icSrc_schema"):
        return None
    return cast("SourceCatalog", butler.get("icSrc_schema")).schema
