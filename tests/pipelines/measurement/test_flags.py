"""Every flag of a catalog, from detection to corrected fluxes, seen both up and down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from imaging import Box, Exposure, Image, MaskedImage, Point2I
from imaging.exposure.aperture_corrections import ApertureCorrections
from imaging.exposure.bounded_field import ChebyshevField
from imaging.footprint.footprint import Footprint
from imaging.footprint.span_set import SpanSet
from imaging.psf.gaussian import SingleGaussianPsf
from imaging.psf.kernel import KernelPsf
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable
from pipelines.calibrate.calibrate import CalibrateTask
from pipelines.deblending.source_deblend import SourceDeblendTask
from pipelines.detection.source_detection import SourceDetectionTask
from pipelines.measurement.aperture_correction import ApplyApCorrTask
from pipelines.measurement.catalog_calculation import CatalogCalculationTask
from pipelines.measurement.source_measurement import SourceMeasurementTask
from pipelines.psf.measure_psf import MeasurePsfTask

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imaging.psf.psf import Psf

SIGMA = 2.0
SIZE = 260

NEVER = {
    "base_LocalBackground_flag_noPsf": "nothing is measured without a PSF",
    "ext_photometryKron_KronFlux_flag_bad_shape_no_psf": "nothing is measured without a PSF",
    "ext_photometryKron_KronFlux_flag_no_minimum_radius": "nothing is measured without a PSF",
    "ext_photometryKron_KronFlux_flag_no_fallback_radius": "nothing is measured without a PSF",
}
"""Flags that are never up, and why."""
CALIBRATED = {"calib_detected", "calib_astrometry_used", "calib_photometry_used"}
"""Flags of the calibration, which needs a reference catalog: see the tests of those tasks."""

Star = tuple[float, float, float, float]
"""Column, row, flux and sigma."""


def exposure_of(*stars: Star, psf: Psf | None = None, size: int = SIZE) -> Exposure:
    y, x = np.mgrid[:size, :size]
    image = np.random.default_rng(5).normal(size=(size, size))
    for x0, y0, flux, sigma in stars:
        squares = ((x - x0) ** 2 + (y - y0) ** 2) / (2 * sigma**2)
        image += flux / (2 * np.pi * sigma**2) * np.exp(-squares)
    variance = Image(np.ones((size, size), np.float32))
    exposure = Exposure(MaskedImage(Image(image.astype(np.float32)), variance=variance))
    exposure.psf = SingleGaussianPsf(25, 25, SIGMA) if psf is None else psf
    return exposure


@dataclass
class Chain:
    """The tasks from detection to corrected fluxes, with one schema, and the flags seen."""

    values: dict[str, set[bool]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.schema = SourceTable.make_minimal_schema()
        self.detection()
        psf = MeasurePsfTask.ConfigClass()
        psf.reserve.fraction = 0.3
        self.measure_psf = MeasurePsfTask(schema=self.schema, config=psf)
        SourceDeblendTask(self.schema)
        self.measurement()
        self.correction = ApplyApCorrTask(self.schema)
        self.calculation = CatalogCalculationTask(self.schema)

    def detection(self, grow: float = 2.4) -> SourceDetectionTask:
        config = SourceDetectionTask.ConfigClass()
        config.update(thresholdPolarity="both", reEstimateBackground=False, nSigmaToGrow=grow)
        return SourceDetectionTask(schema=self.schema, config=config)

    def measurement(self, kron_radius: float = 0.0) -> SourceMeasurementTask:
        config = SourceMeasurementTask.ConfigClass()
        config.plugins["ext_photometryKron_KronFlux"].update(minimumRadius=kron_radius)
        return SourceMeasurementTask(schema=self.schema, config=config)

    def found(self, exposure: Exposure, grow: float = 2.4, **deblending: object) -> SourceCatalog:
        """Detect, take apart and measure what is in an image."""
        catalog = self.detection(grow).run(SourceTable.make(self.schema), exposure).sources
        config = SourceDeblendTask.ConfigClass()
        config.update(**deblending)
        SourceDeblendTask(self.schema, config=config).run(exposure, catalog)
        return self.measured(exposure, catalog)

    def placed(
        self, exposure: Exposure, *footprints: Footprint | None, kron_radius: float = 0.0
    ) -> SourceCatalog:
        """Measure given footprints."""
        catalog = SourceCatalog(SourceTable.make(self.schema))
        for footprint in footprints:
            catalog.add_new().footprint = footprint
        return self.measured(exposure, catalog, kron_radius)

    def measured(
        self, exposure: Exposure, catalog: SourceCatalog, kron_radius: float = 0.0
    ) -> SourceCatalog:
        self.measurement(kron_radius).run(catalog, exposure)
        corrections = ApertureCorrections()
        for name in self.correction.names:
            corrections[f"{name}_instFlux"] = ChebyshevField.constant(exposure.bbox, 1.02)
        self.correction.run(catalog, corrections)
        self.calculation.run(catalog)
        self.note(catalog)
        return catalog

    def note(self, catalog: SourceCatalog) -> None:
        for name in self.schema.flag_names:
            seen = np.unique(np.asarray(catalog.values(name), np.bool_)).tolist()
            self.values.setdefault(name, set()).update(seen)


def disk(x: int, y: int, radius: int = 9) -> Footprint:
    spans = SpanSet.from_shape(radius, offset=(x, y)).clipped_to(Box.from_shape((SIZE, SIZE)))
    return Footprint(spans, [(x, y, 100.0)])


def stars_with_bad_pixels(chain: Chain) -> None:
    """Let planes be set in footprints, at their centres and outside of all."""
    places = {"SAT": 40, "CR": 80, "SUSPECT": 120, "INTRP": 160, "BAD": 200}
    exposure = exposure_of(*((x, 60, 4000, SIGMA) for x in places.values()), (130, 130, 4000, 2))
    for plane, x in places.items():
        exposure.mask.set_plane(plane, Box(Point2I(x, 60), Point2I(x, 60)))
    chain.found(exposure)


def stars_at_the_edge(chain: Chain) -> None:
    """Let footprints, circles and peaks meet the end of the image."""
    exposure = exposure_of((12, 130, 9000, SIGMA), (130, 130, 9000, SIGMA), (0, 40, 9000, SIGMA))
    chain.found(exposure)
    chain.placed(exposure, disk(0, 40), disk(130, 130))


def blends(chain: Chain) -> None:
    """Let parents be taken apart, in part or not at all."""
    trio: Iterable[Star] = ((100, 100, 9000, 2), (110, 103, 7000, 2), (106, 112, 9000, 3.5))
    exposure = exposure_of(*trio, (200, 200, 9000, SIGMA))
    chain.found(exposure)
    chain.found(exposure, maxNumberOfPeaks=2)
    chain.found(exposure, maxFootprintArea=20)
    exposure.mask.add_plane("NO_DATA")
    exposure.mask.set_plane("NO_DATA", Box(Point2I(80, 80), Point2I(104, 130)))
    chain.found(exposure)
    cut = exposure_of((9, 100, 40000, 2), (9, 109, 40000, 3), (200, 200, 9000, SIGMA))
    for handling in ("ramp", "noclip"):
        chain.found(cut, grow=4.0, edgeHandling=handling)  # beyond the margin of the search


def places_without_sources(chain: Chain) -> None:
    """Let positions and moments fail in each way."""
    exposure = exposure_of(
        (40, 60, -9000, SIGMA),  # no light
        (106, 60, 30000, SIGMA),  # too far from the peak
        (200, 60, 4000, SIGMA),
        (67, 200, 30000, 4.0),
    )
    pixels = exposure.image.array
    pixels[149:152, 39:42] = [[0, 0, 0], [-50, 2, 60], [0, 0, 0]]
    exposure.mask.set_plane("DETECTED", Box(Point2I(180, 40), Point2I(220, 80)))
    exposure.mask.set_plane("BAD", Box(Point2I(160, 20), Point2I(240, 100)))
    chain.found(exposure)
    chain.placed(
        exposure, disk(40, 60), disk(100, 60, 15), disk(200, 60), disk(40, 150), disk(60, 200, 20),
        None, Footprint(SpanSet.from_shape(3, offset=(-20, 50)), [(-20, 50, 1.0)]),
    )  # fmt: skip
    chain.placed(exposure, disk(200, 60), kron_radius=4.0)


def noise_alone(chain: Chain) -> None:
    """Let moments of noise go on forever."""
    exposure = exposure_of()
    rng = np.random.default_rng(1)
    places = rng.integers(20, SIZE - 20, (400, 2)).tolist()
    chain.placed(exposure, *(disk(x, y, 6) for x, y in places))


def a_psf_without_moments(chain: Chain) -> None:
    """Let the PSF be a plain."""
    psf = KernelPsf(Image(np.ones((25, 25))))
    exposure = exposure_of((130, 130, 9000, SIGMA), psf=psf)
    chain.placed(exposure, disk(130, 130))


def stars_of_the_psf(chain: Chain) -> None:
    """Let the PSF be made from some stars, others being kept back, and one not fitting."""
    places = [(x + 0.2, y - 0.3) for x in range(40, 230, 45) for y in range(40, 230, 45)]
    stars = [(x, y, 9000.0, SIGMA) for x, y in places]
    exposure = exposure_of(*stars, (88.5, 88.0, 500.0, 0.8))
    catalog = chain.found(exposure)
    chain.measure_psf.run(exposure, catalog)
    chain.note(catalog)


@pytest.fixture(scope="module")
def chain() -> Chain:
    """All scenes, one after the other."""
    chain = Chain()
    for scene in (
        stars_with_bad_pixels,
        stars_at_the_edge,
        blends,
        places_without_sources,
        noise_alone,
        a_psf_without_moments,
        stars_of_the_psf,
    ):
        scene(chain)
    return chain


def test_every_flag_is_seen_up_and_down(chain: Chain) -> None:
    always = sorted(name for name, seen in chain.values.items() if seen == {True})
    never = sorted(name for name, seen in chain.values.items() if seen == {False})
    assert always == []
    assert never == sorted(NEVER)


def test_these_are_all_flags_of_a_calibrated_catalog(chain: Chain) -> None:
    flags = {name: None for name in chain.schema.flag_names if name.startswith("calib_")}
    source_schema = SourceTable.make_minimal_schema()
    for name in flags:
        source_schema.add_field(name, "Flag", "of a star")
    calibrate = CalibrateTask(butler=cast("object", None), source_schema=source_schema)
    flags_of_src = set(calibrate.schema.flag_names)
    assert flags_of_src - set(chain.values) == CALIBRATED
