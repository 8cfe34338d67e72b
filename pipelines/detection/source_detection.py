"""Finding the sources of an exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np

from imaging.table.source_catalog import SourceCatalog
from pipelines.detection.config import SourceDetectionConfig
from pipelines.detection.find_footprints import Regions, find_regions, to_footprints
from pipelines.detection.gen2_names import (
    DetectedSourcesNames,
    DetectionsNames,
    SourceDetectionNames,
)
from pipelines.detection.kernels import set_bits
from pipelines.detection.smoothing import blind_borders, smooth, unsmoothed
from pipelines.detection.threshold import Threshold, noise_level
from pipelines.errors import ExposureError, TaskSchemaError
from pipelines.keywords import renamed_keywords
from pipelines.task import Config, Struct, Task, time_method

if TYPE_CHECKING:
    from imaging.exposure.exposure import Exposure
    from imaging.footprint.store import FootprintStore
    from imaging.table.schemas.schema import Schema
    from imaging.table.table import SourceTable
    from pipelines.background.model import BackgroundList
    from pipelines.background.subtract_background import SubtractBackgroundTask
    from pipelines.detection.smoothing import SmoothedImage

__all__ = ["DetectedSources", "Detections", "SourceDetectionTask"]

_NEGATIVE = "flags_negative"
_BLIND = ("BAD", "NO_DATA")
_SIGNS = {"positive": (1.0,), "negative": (-1.0,), "both": (1.0, -1.0)}


class Detections(DetectionsNames, Struct):
    """The footprints that were found, and how many."""

    if TYPE_CHECKING:
        positive: FootprintStore | None
        """What is brighter than the background; None if it was not looked for."""
        negative: FootprintStore | None
        """What is darker."""
        n_positive: int
        n_negative: int
        n_positive_peaks: int
        n_negative_peaks: int
        background: BackgroundList | None
        """What was subtracted in the end; None if the background was not estimated anew."""


class DetectedSources(DetectedSourcesNames[Detections], Detections):
    """The catalog beside what `Detections` has."""

    if TYPE_CHECKING:
        sources: SourceCatalog
        """One record for each footprint, those of negative ones first."""
        footprint_sets: Detections
        """The footprints by themselves."""


class SourceDetectionTask(SourceDetectionNames, Task):
    """Find sources: smooth, threshold, and group what is above into footprints with peaks.

    Parameters
    ----------
    schema
        Of the catalogs that it will make; with ``thresholdPolarity="both"``
        it gets the field ``flags_negative``.
    config, name, parent_task, log
        As for `Task`.

    Notes
    -----
    The image is smoothed with a Gaussian as wide as the PSF, and the variance
    with its square; what exceeds the threshold forms a footprint for each
    connected region, with a peak for each local maximum. Footprints are
    grown, and those that then touch are one, with the peaks of both. Nothing
    is looked for in a margin of half the kernel, which begins behind columns
    and rows that are bad: what fills them is one pixel many times over, and
    its noise is that of one. The mask
    planes DETECTED and DETECTED_NEGATIVE are cleared, then set at exactly the
    pixels of the footprints. With ``reEstimateBackground`` a second run begins
    with the background of the first: it subtracts what that one has left, a
    few per cent of the correction, and the third nothing any more.
    """

    ConfigClass: ClassVar[type[Config]] = SourceDetectionConfig
    _DefaultName = "sourceDetection"
    config: SourceDetectionConfig

    def __init__(self, schema: Schema | None = None, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]  # Task names and checks them
        self._has_flag = schema is not None and self.config.thresholdPolarity == "both"
        self._background = self._subtask("background", wanted=self.config.reEstimateBackground)
        self._wide_background = self._subtask(
            "tempWideBackground", wanted=self.config.doTempWideBackground
        )
        self._local_background = self._subtask(
            "tempLocalBackground", wanted=self.config.doTempLocalBackground
        )
        if schema is not None and self._has_flag and _NEGATIVE not in schema:
            schema.add_field(_NEGATIVE, "Flag", "set if the source is darker than the background")

    def _subtask(self, name: str, *, wanted: bool) -> SubtractBackgroundTask | None:
        return cast("SubtractBackgroundTask", self.make_subtask(name)) if wanted else None

    @renamed_keywords(doSmooth="smooth_first", clearMask="clear_mask", expId="exposure_id")
    @time_method
    def run(
        self,
        table: SourceTable,
        exposure: Exposure,
        *,
        smooth_first: bool = True,
        sigma: float | None = None,
        clear_mask: bool = True,
        exposure_id: int | None = None,  # noqa: ARG002 - for tasks that draw random numbers
    ) -> DetectedSources:
        """Find the sources of an exposure.

        Parameters
        ----------
        table
            Makes the records of the catalog, and their identifiers.
        exposure
            Background subtracted. Its mask planes DETECTED, DETECTED_NEGATIVE
            and EDGE are set; with ``reEstimateBackground`` the background of
            its image is subtracted once more.
        smooth_first
            Whether to smooth the image.
        sigma
            Width of the PSF in pixels; by default that of the exposure's.
        clear_mask
            Whether what earlier runs have marked as detected is forgotten.
        exposure_id
            Of no effect here.

        Raises
        ------
        ExposureError
            If the exposure has no PSF and no ``sigma`` is given.
        TaskSchemaError
            If the table lacks the field of this task.
        """
        if self._has_flag and _NEGATIVE not in table.schema:
            raise TaskSchemaError(
                f"The table has no field {_NEGATIVE!r}, which {self.full_name} added to its "
                "schema. Make the table after the task, from the schema as it is then."
            )
        found = self.detect_footprints(
            exposure, smooth_first=smooth_first, sigma=sigma, clear_mask=clear_mask
        )
        sources = SourceCatalog(table)
        for footprints, is_negative in (found.negative, True), (found.positive, False):
            self._add_sources(sources, footprints, is_negative=is_negative)
        self.log.info(
            "Found %d positive footprints with %d peaks and %d negative ones with %d.",
            found.n_positive, found.n_positive_peaks, found.n_negative, found.n_negative_peaks,
        )  # fmt: skip
        return DetectedSources(sources=sources, footprint_sets=found, **found.to_dict())

    def _add_sources(
        self, sources: SourceCatalog, footprints: FootprintStore | None, *, is_negative: bool
    ) -> None:
        """Add a record for each footprint."""
        if footprints is None:
            return
        begin, table = len(sources), sources.table
        sources.resize(begin + len(footprints))
        new = sources[begin:]
        factory = table.id_factory
        new["id"] = np.array([factory() for _ in range(len(new))], np.int64)
        for number, row in enumerate(new.rows):
            table.set_footprint(row, footprints.get(number))
        if self._has_flag:
            new[_NEGATIVE] = is_negative

    def detect_footprints(
        self,
        exposure: Exposure,
        *,
        smooth_first: bool = True,
        sigma: float | None = None,
        clear_mask: bool = True,
    ) -> Detections:
        """Find footprints, without a catalog; see `run`."""
        if clear_mask:
            exposure.mask.clear_plane("DETECTED", "DETECTED_NEGATIVE")
        found = self._footprints(exposure, sigma, smooth_first=smooth_first)
        background = None
        if self._background is not None:
            # BGMEAN stays that of the background: this is a correction of it.
            background = self._background.run(exposure, stats=False).background
        return _counted(found.get(1.0), found.get(-1.0), background)

    def _footprints(
        self, exposure: Exposure, sigma: float | None, *, smooth_first: bool
    ) -> dict[float, FootprintStore]:
        """Return footprints by their sign, marked in the mask."""
        width = _psf_sigma(exposure) if sigma is None else sigma
        smoothed = self._above_backgrounds(exposure, width if smooth_first else 0.0)
        threshold = self._threshold(exposure, smoothed)
        found: dict[float, FootprintStore] = {}
        for sign in _SIGNS[self.config.thresholdPolarity]:
            regions = find_regions(
                smoothed,
                threshold,
                sign=sign,
                min_pixels=self.config.minPixels,
                multiplier=self.config.includeThresholdMultiplier,
            )
            plane = "DETECTED" if sign > 0 else "DETECTED_NEGATIVE"
            found[sign] = self._finished(exposure, regions, smoothed, width, plane)
        return found

    def _above_backgrounds(self, exposure: Exposure, sigma: float) -> SmoothedImage:
        """Smooth the image, with temporary backgrounds subtracted as far as that is wanted."""
        if self._wide_background is None and self._local_background is None:
            return self._smoothed(exposure, sigma)
        image = exposure.image.array
        before = image.copy()
        try:
            if self._wide_background is not None:
                self._wide_background.run(exposure, stats=False)
                _level_missing(exposure)
            if self._local_background is not None:
                self._local_background.run(exposure, stats=False)
            return self._smoothed(exposure, sigma)
        finally:
            image[:] = before

    def _smoothed(self, exposure: Exposure, sigma: float) -> SmoothedImage:
        """Smooth the image, and mark the margin in which nothing is looked for."""
        image, variance = exposure.image.array, exposure.variance.array
        if not sigma:
            return unsmoothed(image, variance)
        mask = exposure.mask
        blind = mask.get_bit_mask([name for name in _BLIND if name in mask.planes])
        borders = blind_borders((mask.array & blind) != 0)
        result = smooth(image, variance, sigma, self.config.nSigmaForKernel, borders)
        left, right, bottom, top = result.margins
        edge = mask.get_bit_mask("EDGE")
        for part in np.s_[:, :left], np.s_[:, -right:], np.s_[:bottom], np.s_[-top:]:
            mask.array[part] |= edge
        return result

    def _threshold(self, exposure: Exposure, smoothed: SmoothedImage) -> Threshold:
        mask = exposure.mask
        kind, value = self.config.thresholdType, self.config.thresholdValue
        if kind != "stdev":
            return Threshold.of(kind, value)
        bits = [mask.get_bit_mask(name) for name in self.config.statsMask if name in mask.planes]
        bad = (mask.array & sum(bits)) != 0
        return Threshold.of(kind, value * noise_level(smoothed, bad))

    def _finished(
        self,
        exposure: Exposure,
        regions: Regions,
        smoothed: SmoothedImage,
        sigma: float,
        plane: str,
    ) -> FootprintStore:
        """Grow regions, mark them in the mask and return their footprints."""
        shape = exposure.mask.array.shape
        grown = regions
        radius = self.config.nSigmaToGrow * sigma
        if radius >= 0.5 and len(regions):  # noqa: PLR2004 - less is no pixel
            grow = regions.grown if self.config.combinedGrow else regions.grown_apart
            grown = grow(radius, shape, is_round=self.config.isotropicGrow)
        set_bits(exposure.mask.array, grown.spans, exposure.mask.get_bit_mask(plane))
        kept = regions if self.config.returnOriginalFootprints else grown
        return to_footprints(kept, smoothed.image, exposure.bbox)


def _level_missing(exposure: Exposure) -> None:
    """Give pixels without data the median of all others: a background there is a guess."""
    mask = exposure.mask
    if "NO_DATA" not in mask.planes:
        return
    is_missing = (mask.array & mask.get_bit_mask("NO_DATA")) != 0
    if is_missing.any() and not is_missing.all():
        image = exposure.image.array
        image[is_missing] = np.nanmedian(image[~is_missing])


def _psf_sigma(exposure: Exposure) -> float:
    """Return the width of the PSF in the middle of the image."""
    psf = exposure.psf
    if psf is None:
        raise ExposureError(
            "Sources are found with the width of the PSF, and the exposure has none. "
            "Set exposure.psf, a SingleGaussianPsf for one, or give sigma in pixels."
        )
    return float(psf.compute_shape(exposure.bbox.center).determinant_radius)


def _counted(
    positive: FootprintStore | None,
    negative: FootprintStore | None,
    background: BackgroundList | None,
) -> Detections:
    counts = [
        (0, 0) if store is None else (len(store), int(store.arrays.n_peaks.sum()))
        for store in (positive, negative)
    ]
    return Detections(
        positive=positive,
        negative=negative,
        n_positive=counts[0][0],
        n_negative=counts[1][0],
        n_positive_peaks=counts[0][1],
        n_negative_peaks=counts[1][1],
        background=background,
    )
