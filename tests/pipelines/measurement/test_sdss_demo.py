"""Real pixels: our catalog of five fields of SDSS against that of the LSST stack.

The stack's parameters are those of its demonstration: no fit of the PSF, which
comes with the data, and a smooth background. Its PSF and Gaussian fluxes are
aperture corrected, ours are not: the ratio is taken for smooth over a field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.spatial import cKDTree
from support.sdss_demo import FILTERS, read_expected, read_sdss

from imaging.table.table import SourceTable
from pipelines.background.subtract_background import SubtractBackgroundTask
from pipelines.deblending.source_deblend import SourceDeblendTask
from pipelines.detection.source_detection import SourceDetectionTask
from pipelines.measurement.flag_kernels import bits_at_centers
from pipelines.measurement.source_measurement import SourceMeasurementTask

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from imaging import Exposure
    from imaging.table.source_catalog import SourceCatalog


class Comparison:
    """Our catalog of one field, and the stack's, row by row."""

    def __init__(self, shared_data: Path, band: str) -> None:
        self.exposure = read_sdss(shared_data, band)
        self.ours = process(self.exposure)
        self.theirs = read_expected(shared_data, band)
        x, y = (self.expected(f"base_SdssCentroid_{axis}") for axis in "xy")
        self.x, self.y = x, y
        places = np.column_stack([x, y])
        mine = np.column_stack([self.ours[f"base_SdssCentroid_{axis}"] for axis in "xy"])
        self.distance, self.nearest = cKDTree(mine).query(places)
        self.purity = float((cKDTree(places).query(mine)[0] < 2).mean())
        flux = self.expected("base_PsfFlux_instFlux")
        self.signal = flux / self.expected("base_PsfFlux_instFluxErr")
        alone = cKDTree(places).query(places, k=2)[0][:, 1] > 14
        bad = np.zeros(len(x), bool)
        for name in ("edge", "saturated", "interpolated"):
            bad |= self.flag(f"base_PixelFlags_flag_{name}")
        bad |= self.flag("base_SdssCentroid_flag") | self.flag("base_SdssShape_flag")
        self.good = alone & ~bad & (self.distance < 2)
        self.is_star = self.expected("base_ClassificationExtendedness_value") == 0

    def expected(self, name: str) -> NDArray[np.float64]:
        return np.array(self.theirs[name], float)

    def flag(self, name: str) -> NDArray[np.bool_]:
        return np.array([str(value) == "True" for value in self.theirs[name]])

    def found(self, name: str) -> NDArray[np.float64]:
        return np.asarray(self.ours[name], float)[self.nearest]

    def ratio(self, name: str) -> NDArray[np.float64]:
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.found(name) / self.expected(name)


def process(exposure: Exposure) -> SourceCatalog:
    config = SubtractBackgroundTask.ConfigClass(binSize=512, approxOrderX=2)
    background = SubtractBackgroundTask(config=config)
    schema = SourceTable.make_minimal_schema()
    detection = SourceDetectionTask(
        schema=schema,
        config=SourceDetectionTask.ConfigClass(thresholdType="stdev", reEstimateBackground=False),
    )
    deblending, measurement = SourceDeblendTask(schema), SourceMeasurementTask(schema=schema)
    background.run(exposure)
    detection.detect_footprints(exposure)
    background.run(exposure)
    catalog = detection.run(SourceTable.make(schema), exposure).sources
    deblending.run(exposure, catalog)
    measurement.run(catalog, exposure)
    return catalog.copy(deep=True)


@pytest.fixture(scope="module")
def comparisons(shared_data_of_module: Path) -> list[Comparison]:
    return [Comparison(shared_data_of_module, band) for band in FILTERS]


@pytest.fixture(scope="module")
def shared_data_of_module(request: pytest.FixtureRequest) -> Path:
    path: Path = request.getfixturevalue("shared_data")
    return path


def passing(comparisons: list[Comparison], values: str, chosen: str, tolerance: float) -> float:
    """Return, and print, which part of the values of all fields is within a tolerance."""
    parts = []
    for one in comparisons:
        signal = one.signal
        part = {
            "stars above 50": one.is_star & (signal > 50),
            "stars 20-50": one.is_star & (signal > 20) & (signal <= 50),
            "galaxies above 20": ~one.is_star & (signal > 20),
            "above 50": signal > 50,
            "20-50": (signal > 20) & (signal <= 50),
            "above 20": signal > 20,
        }[chosen]
        parts.append(MEASURES[values](one)[part & one.good])
    deviations = np.abs(np.concatenate(parts))
    return float((deviations < tolerance).mean())


def psf_flux(one: Comparison) -> NDArray[np.float64]:
    """The ratio of PSF fluxes, without its quadratic dependence on the place."""
    ratio = one.ratio("base_PsfFlux_instFlux")
    chosen = one.good & one.is_star & (one.signal > 50)
    u, v = one.x / 1000, one.y / 1000
    design = np.column_stack([np.ones_like(u), u, v, u * u, u * v, v * v])
    kept = np.flatnonzero(chosen)
    for _ in range(5):
        answer, *_ = np.linalg.lstsq(design[kept], ratio[kept], rcond=None)
        residual = ratio - design @ answer
        limit = 4 * max(float(np.median(np.abs(residual[kept]))), 1e-4)
        kept = np.flatnonzero(chosen & (np.abs(residual) < limit))
    return np.asarray(residual)


MEASURES = {
    "centroid, pixels": lambda one: one.distance,
    "aperture flux": lambda one: one.ratio("base_CircularApertureFlux_6_0_instFlux") - 1,
    "aperture error": lambda one: one.ratio("base_CircularApertureFlux_6_0_instFluxErr") - 1,
    "PSF signal to noise": lambda one: (
        one.found("base_PsfFlux_instFlux") / one.found("base_PsfFlux_instFluxErr") / one.signal - 1
    ),
    "PSF flux": psf_flux,
    "moment xx": lambda one: np.nan_to_num(one.ratio("base_SdssShape_xx") - 1, nan=9),
    "moment yy": lambda one: np.nan_to_num(one.ratio("base_SdssShape_yy") - 1, nan=9),
    "moment xy, pixels^2": lambda one: np.nan_to_num(
        one.found("base_SdssShape_xy") - one.expected("base_SdssShape_xy"), nan=9
    ),
}


@pytest.mark.parametrize(
    ("low", "high", "least"), [(5, 7, 0.90), (7, 10, 0.95), (10, 20, 0.98), (20, np.inf, 0.99)]
)
def test_rows_of_the_stack_are_found(
    comparisons: list[Comparison], low: float, high: float, least: float
) -> None:
    near = np.concatenate([f.distance[(f.signal > low) & (f.signal <= high)] for f in comparisons])
    assert (near < 2).mean() >= least


def test_few_of_our_rows_are_not_those_of_the_stack(comparisons: list[Comparison]) -> None:
    for one, band in zip(comparisons, FILTERS, strict=True):
        assert one.purity >= (0.85 if band in "uz" else 0.90)


@pytest.mark.parametrize(
    ("values", "chosen", "tolerance", "least"),
    [
        ("centroid, pixels", "stars above 50", 0.05, 0.98),
        ("centroid, pixels", "stars 20-50", 0.08, 0.98),
        ("centroid, pixels", "galaxies above 20", 0.2, 0.85),
        ("aperture flux", "above 50", 0.006, 0.95),
        ("aperture flux", "20-50", 0.025, 0.95),
        ("aperture error", "above 20", 0.03, 0.95),
        ("PSF signal to noise", "above 20", 0.005, 0.95),
        ("PSF flux", "stars above 50", 0.005, 0.90),
        ("moment xx", "stars above 50", 0.01, 0.95),
        ("moment yy", "stars above 50", 0.01, 0.95),
        ("moment xx", "stars 20-50", 0.015, 0.95),
        ("moment yy", "stars 20-50", 0.015, 0.95),
        ("moment xx", "galaxies above 20", 0.03, 0.90),
        ("moment yy", "galaxies above 20", 0.03, 0.90),
        ("moment xy, pixels^2", "stars above 50", 0.005, 0.95),
    ],
)
def test_columns_are_those_of_the_stack(
    comparisons: list[Comparison], values: str, chosen: str, tolerance: float, least: float
) -> None:
    assert passing(comparisons, values, chosen, tolerance) >= least


@pytest.mark.parametrize(
    ("name", "plane"), [("saturatedCenter", "SAT"), ("interpolatedCenter", "INTRP")]
)
def test_flags_at_centres_are_exactly_those_of_the_stack(
    comparisons: list[Comparison], name: str, plane: str
) -> None:
    for one in comparisons:
        mask = one.exposure.mask
        bits = bits_at_centers(np.ascontiguousarray(mask.array), one.x, one.y)
        ours = (bits & mask.get_bit_mask(plane)) != 0
        assert np.array_equal(ours, one.flag(f"base_PixelFlags_flag_{name}"))


def test_positions_on_the_sky_are_those_of_the_stack(comparisons: list[Comparison]) -> None:
    for one in comparisons:
        wcs = one.exposure.wcs
        assert wcs is not None
        ra, dec = wcs.pixel_to_sky(one.x, one.y)
        difference = np.column_stack(
            [
                (ra - one.expected("coord_ra")) * np.cos(np.radians(dec)),
                dec - one.expected("coord_dec"),
            ]
        )
        # 2 milliarcseconds; the stack fits a TAN-SIP to the solution that is evaluated here.
        assert np.abs(difference).max() * 3.6e6 < 2


def test_stars_are_told_from_galaxies_as_the_stack_does(comparisons: list[Comparison]) -> None:
    agree = np.concatenate(
        [
            (f.found("base_ClassificationExtendedness_value") == 0)[f.good & (f.signal > 20)]
            == f.is_star[f.good & (f.signal > 20)]
            for f in comparisons
        ]
    )
    assert agree.mean() > 0.95
