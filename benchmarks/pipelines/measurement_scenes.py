"""Simulated CCDs whose truth is known, and what our tasks find in them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from imaging import Exposure, Image, MaskedImage
from imaging.psf.gaussian import SingleGaussianPsf
from imaging.table.table import SourceTable
from pipelines.deblending.source_deblend import SourceDeblendTask
from pipelines.detection.source_detection import SourceDetectionTask
from pipelines.measurement.aperture_correction import ApplyApCorrTask, MeasureApCorrTask
from pipelines.measurement.source_measurement import SourceMeasurementTask
from pipelines.psf.measure_psf import MeasurePsfTask
from testdata.calibrated import CalibratedCcd, simulate_calibrated
from testdata.sky import SkyModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.psf.kernel import PolynomialPsf
    from imaging.table.source_catalog import SourceCatalog
    from pipelines.psf.candidates import PsfCandidate

__all__ = ["CROWDED", "SCENES", "Found", "Scene", "process", "signal_to_noise"]


@dataclass(frozen=True)
class Scene:
    """What is simulated: a full CCD of 2048 x 4176 pixels."""

    seed: int
    sky_e: float
    fwhm_pix: float
    star_density: float = 40_000.0

    def simulate(self) -> CalibratedCcd:
        sky = SkyModel(seed=self.seed, star_density=self.star_density)
        return simulate_calibrated(
            903_334, 22, seed=self.seed, sky=sky, sky_e=self.sky_e, fwhm_pix=self.fwhm_pix
        )


# None of these seeds was used while the algorithms were written.
SCENES = tuple(
    Scene(seed=first + number, sky_e=sky_e, fwhm_pix=fwhm_pix)
    for first in (101, 106)
    for number, (sky_e, fwhm_pix) in enumerate(
        ((600.0, 4.0), (600.0, 5.5), (3000.0, 4.0), (3000.0, 5.5))
    )
)
CROWDED = Scene(seed=105, sky_e=1000, fwhm_pix=4.2, star_density=300_000)


@dataclass
class Found:
    """The exposure, its PSF and the stars of it, the catalog, and CPU seconds of each step."""

    scene: Scene
    ccd: CalibratedCcd
    exposure: Exposure
    catalog: SourceCatalog
    psf_stars: list[PsfCandidate]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def psf(self) -> PolynomialPsf:
        psf = self.exposure.psf
        assert psf is not None
        return psf  # type: ignore[return-value]  # that of the determiner

    @property
    def peaks(self) -> NDArray[np.void]:
        """Peaks of all footprints that were detected."""
        whole = self.catalog[np.asarray(self.catalog["parent"]) == 0]
        return np.concatenate([r.footprint.peaks.array for r in whole if r.footprint is not None])


def process(scene: Scene) -> Found:
    """Simulate a scene and run the tasks of a single exposure on it."""
    ccd = scene.simulate()
    exposure = Exposure(MaskedImage(Image(ccd.image.copy()), variance=Image(ccd.variance.copy())))
    exposure.psf = SingleGaussianPsf(41, 41, scene.fwhm_pix / 2.2)
    seconds: dict[str, float] = {}
    stars = _measure_psf(exposure, seconds)
    schema = SourceTable.make_minimal_schema()
    detection = SourceDetectionTask(schema=schema)
    deblending, measurement = SourceDeblendTask(schema), SourceMeasurementTask(schema=schema)
    correction = ApplyApCorrTask(schema)
    table = SourceTable.make(schema)
    begin = time.process_time()
    catalog = detection.run(table, exposure).sources
    seconds["detection"] = time.process_time() - begin
    begin = time.process_time()
    deblending.run(exposure, catalog)
    seconds["deblending"] = time.process_time() - begin
    begin = time.process_time()
    measurement.run(catalog, exposure, scene.seed)
    seconds["measurement"] = time.process_time() - begin
    corrections = exposure.aperture_corrections
    assert corrections is not None
    correction.run(catalog, corrections)
    return Found(scene, ccd, exposure, catalog.copy(deep=True), stars, seconds)


def _measure_psf(exposure: Exposure, seconds: dict[str, float]) -> list[PsfCandidate]:
    """Find bright stars, and measure the PSF and the aperture corrections on them."""
    schema = SourceTable.make_minimal_schema()
    detection = SourceDetectionTask(
        schema=schema,
        # The sky is known and was subtracted. A background between stars of 50 sigma would hold
        # the light of all fainter ones: 0.04 sigma of the sky too much, a third of a sigma for a
        # star. `ProcessCcdTask` estimates it with everything above five sigma left out.
        config=SourceDetectionTask.ConfigClass(thresholdValue=50.0, reEstimateBackground=False),
    )
    deblending, measurement = SourceDeblendTask(schema), SourceMeasurementTask(schema=schema)
    task = MeasurePsfTask(schema=schema)
    bright = detection.run(SourceTable.make(schema), exposure).sources
    deblending.run(exposure, bright)
    measurement.run(bright, exposure)
    begin = time.process_time()
    found = task.run(exposure, bright)
    seconds["psf"] = time.process_time() - begin
    measurement.run(bright, exposure)  # PSF fluxes of the PSF that was just made
    MeasureApCorrTask(schema=schema).run(exposure, bright)
    return [star for star in found.candidates if star.is_used]


def signal_to_noise(ccd: CalibratedCcd) -> NDArray[np.float64]:
    """Return the signal to noise of the PSF flux of each true source, as if it were a star."""
    found = np.empty(len(ccd.sources))
    sky = float(ccd.variance.min())
    for number, source in enumerate(ccd.sources):
        star = ccd.psf_image(source["x"], source["y"], 15).astype(float)
        noise = (star**2 * (sky + source["flux_e"] * star)).sum()
        found[number] = source["flux_e"] * (star**2).sum() / np.sqrt(noise)
    return found
