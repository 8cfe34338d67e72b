"""Measuring sources whose truth is known."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Box, Exposure, Image, MaskedImage, Point2D, Point2I
from imaging.errors import FieldNotFoundError
from imaging.footprint.footprint import Footprint
from imaging.footprint.heavy import HeavyFootprint
from imaging.footprint.span_set import SpanSet
from imaging.psf.gaussian import SingleGaussianPsf
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable
from imaging.wcs.wcs import make_cd_matrix, make_tan_wcs
from pipelines.errors import ConfigError, ExposureError
from pipelines.measurement import registry
from pipelines.measurement.plugin import SourcePlugin
from pipelines.measurement.source_measurement import SourceMeasurementTask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.measurement.batch import Batch

SIGMA = 2.0
SHAPE = (120, 160)


@dataclass(frozen=True)
class Star:
    x: float
    y: float
    flux: float
    sigma: float = SIGMA
    radius: int = 9

    def light(self) -> NDArray[np.float64]:
        y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
        squares = ((x - self.x) ** 2 + (y - self.y) ** 2) / (2 * self.sigma**2)
        return self.flux / (2 * np.pi * self.sigma**2) * np.exp(-squares)

    def footprint(self) -> Footprint:
        spans = SpanSet.from_shape(self.radius, offset=(round(self.x), round(self.y)))
        spans = spans.clipped_to(Box.from_shape(SHAPE))
        return Footprint(spans, [(round(self.x), round(self.y), self.flux)])


STARS = (Star(40.3, 50.2, 5000), Star(110.6, 60.4, 800), Star(75.1, 90.8, 3000, 4.0, 16))


def exposure_of(*stars: Star, noise: float = 1.0, seed: int = 3) -> Exposure:
    image = sum((star.light() for star in stars), np.zeros(SHAPE))
    image += noise * np.random.default_rng(seed).normal(size=SHAPE)
    variance = Image(np.full(SHAPE, max(noise, 1e-3) ** 2, np.float32))
    exposure = Exposure(MaskedImage(Image(image.astype(np.float32)), variance=variance))
    exposure.psf = SingleGaussianPsf(25, 25, SIGMA)
    return exposure


def measure(
    exposure: Exposure,
    *footprints: Footprint | None,
    plugins: list[str] | None = None,
    **fields: object,
) -> SourceCatalog:
    schema = SourceTable.make_minimal_schema()
    config = SourceMeasurementTask.ConfigClass()
    config.update(**fields)
    if plugins is not None:
        config.plugins.names = plugins
    task = SourceMeasurementTask(schema=schema, config=config)
    catalog = SourceCatalog(SourceTable.make(schema))
    for footprint in footprints:
        catalog.add_new().footprint = footprint
    task.run(catalog, exposure)
    return catalog


@pytest.fixture(scope="module")
def catalog() -> SourceCatalog:
    return measure(exposure_of(*STARS), *(star.footprint() for star in STARS))


def test_positions_are_right_within_their_errors(catalog: SourceCatalog) -> None:
    for record, star in zip(catalog, STARS, strict=True):
        assert abs(record.x - star.x) < 4 * record["base_SdssCentroid_xErr"]
        assert abs(record.y - star.y) < 4 * record["base_SdssCentroid_yErr"]
        assert not record["base_SdssCentroid_flag"]


def test_psf_fluxes_of_stars_are_right_within_their_errors(catalog: SourceCatalog) -> None:
    for record, star in zip(catalog[:2], STARS, strict=False):
        error = record["base_PsfFlux_instFluxErr"]
        assert abs(record["base_PsfFlux_instFlux"] - star.flux) < 4 * error
        assert error == pytest.approx(np.sqrt(4 * np.pi) * SIGMA, rel=0.01)


def test_old_names_of_fluxes_are_aliases(catalog: SourceCatalog) -> None:
    assert catalog[0]["base_PsfFlux_flux"] == catalog[0]["base_PsfFlux_instFlux"]
    assert catalog[0].psf_flux == catalog[0]["base_PsfFlux_instFlux"]


def test_shapes_are_right_within_their_errors(catalog: SourceCatalog) -> None:
    for record, star in zip(catalog, STARS, strict=True):
        for part, true in (("xx", star.sigma**2), ("yy", star.sigma**2), ("xy", 0.0)):
            error = record[f"base_SdssShape_{part}Err"]
            assert abs(record[f"base_SdssShape_{part}"] - true) < 4 * error


def test_the_shape_of_the_psf_stands_beside(catalog: SourceCatalog) -> None:
    assert catalog["base_SdssShape_psf_xx"] == pytest.approx(np.full(3, SIGMA**2), rel=2e-3)


def test_gaussian_fluxes_see_the_light_of_extended_sources(catalog: SourceCatalog) -> None:
    assert catalog[2]["base_GaussianFlux_instFlux"] == pytest.approx(3000, rel=0.05)
    assert catalog[2]["base_PsfFlux_instFlux"] < 0.5 * 3000


def test_errors_of_gaussian_fluxes_have_those_of_the_moments_in_them() -> None:
    places = [(x, y) for x in range(20, 150, 20) for y in range(20, 110, 20)]
    pulls = []
    for seed in range(8):
        stars = [Star(x + 0.3, y - 0.2, 1000) for x, y in places]
        found = measure(exposure_of(*stars, seed=seed), *(star.footprint() for star in stars))
        error = found["base_GaussianFlux_instFluxErr"]
        pulls.append((found["base_GaussianFlux_instFlux"] - 1000) / error)
    # 280 deviates: their width is known to 4 %. Without those of the moments it would be 1.4.
    assert np.std(pulls) == pytest.approx(1, abs=0.13)


def test_apertures_see_what_a_gaussian_has_within_them(catalog: SourceCatalog) -> None:
    for radius in (3.0, 4.5, 6.0, 9.0):
        name = f"base_CircularApertureFlux_{radius}".replace(".", "_")
        part = 1 - np.exp(-(radius**2) / (2 * SIGMA**2))
        # The mean of a Gaussian over a pixel is wider than the Gaussian by 1/24 in variance.
        assert catalog[0][f"{name}_instFlux"] == pytest.approx(5000 * part, rel=0.02)


def test_kron_fluxes_hold_nearly_all_light(catalog: SourceCatalog) -> None:
    assert catalog[0]["ext_photometryKron_KronFlux_instFlux"] == pytest.approx(5000, rel=0.04)
    assert catalog[2]["ext_photometryKron_KronFlux_instFlux"] == pytest.approx(3000, rel=0.1)


def test_stars_are_told_from_what_is_larger(catalog: SourceCatalog) -> None:
    assert catalog["base_ClassificationExtendedness_value"].tolist() == [0, 0, 1]


def test_the_area_of_the_footprint_is_counted(catalog: SourceCatalog) -> None:
    areas = [star.footprint().area for star in STARS]
    assert catalog["base_FootprintArea_value"].tolist() == areas


def test_the_naive_centroid_is_near(catalog: SourceCatalog) -> None:
    assert catalog[0]["base_NaiveCentroid_x"] == pytest.approx(40.3, abs=0.3)
    assert not catalog[0]["base_NaiveCentroid_flag"]


def test_the_variance_around_sources_is_measured(catalog: SourceCatalog) -> None:
    assert catalog["base_Variance_value"].tolist() == [1, 1, 1]


def test_sources_alone_are_not_blended(catalog: SourceCatalog) -> None:
    for kind in ("raw", "abs", "old"):
        assert np.abs(catalog[f"base_Blendedness_{kind}"]).max() < 0.05
    for owner in ("child", "parent"):
        for kind in ("raw", "abs"):
            name = f"base_Blendedness_{kind}_{owner}"
            assert catalog[f"{name}_instFlux"] == pytest.approx([5000, 800, 3000], rel=0.05)
            assert catalog[f"{name}_xx"] == pytest.approx([4, 4, 16], rel=0.15)
            # A weight cut at three sigma leaves 0.6 % of the moments out.
            assert catalog[f"{name}_xy"] == pytest.approx([0, 0, 0], abs=0.8)


def test_the_background_around_sources_is_measured() -> None:
    stars = Star(40.3, 60.2, 500), Star(110.6, 60.4, 90000)
    exposure = exposure_of(*stars)
    exposure.image.array[:] += 7
    found = measure(exposure, *(star.footprint() for star in stars))
    # About 2,200 pixels with a standard deviation of 1.
    assert found["base_LocalBackground_instFlux"] == pytest.approx([7, 7], abs=0.1)
    assert found["base_LocalBackground_instFluxErr"] == pytest.approx([1, 1], abs=0.06)
    assert not found["base_LocalBackground_flag"].any()
    exposure.mask.set_plane("BAD", Box.from_shape((120, 80)))
    found = measure(exposure, *(star.footprint() for star in stars))
    assert found["base_LocalBackground_flag_noGoodPixels"].tolist() == [True, False]
    assert found["base_LocalBackground_flag"].tolist() == [True, False]


def test_a_ring_without_pixels_is_refused() -> None:
    config = SourceMeasurementTask.ConfigClass()
    config.plugins["base_LocalBackground"].update(annulusInner=20.0)
    with pytest.raises(ConfigError, match="annulusOuter the larger"):
        SourceMeasurementTask(schema=SourceTable.make_minimal_schema(), config=config)


def test_a_smallest_kron_radius_can_be_set() -> None:
    schema = SourceTable.make_minimal_schema()
    config = SourceMeasurementTask.ConfigClass()
    config.plugins["ext_photometryKron_KronFlux"].update(minimumRadius=4.0)
    task = SourceMeasurementTask(schema=schema, config=config)
    found = SourceCatalog(SourceTable.make(schema))
    for star in STARS:
        found.add_new().footprint = star.footprint()
    task.run(found, exposure_of(*STARS))
    name = "ext_photometryKron_KronFlux"
    # Kron radii of these Gaussians are 2.5, 2.5 and 5 pixels.
    assert found[f"{name}_flag_used_minimum_radius"].tolist() == [True, True, False]
    assert not found[f"{name}_flag_used_psf_radius"].any()
    assert found[f"{name}_radius"] == pytest.approx([4, 4, 5], rel=0.1)


def test_slots_are_defined(catalog: SourceCatalog) -> None:
    assert catalog.schema.aliases["slot_Shape"] == "base_SdssShape"
    assert catalog[0].shape.ixx == catalog[0]["base_SdssShape_xx"]
    assert not catalog[0]["base_PsfFlux_flag_badCentroid"]


def test_the_exposure_is_not_changed() -> None:
    exposure = exposure_of(*STARS)
    before = exposure.image.array.copy(), exposure.mask.array.copy()
    measure(exposure, *(star.footprint() for star in STARS))
    assert np.array_equal(exposure.image.array, before[0])
    assert np.array_equal(exposure.mask.array, before[1])


def test_neighbours_are_replaced_by_noise() -> None:
    star, neighbour = Star(60.0, 60.0, 2000), Star(82.0, 60.0, 90000)
    exposure = exposure_of(star, neighbour)
    footprints = star.footprint(), neighbour.footprint()
    alone = measure(exposure, *footprints)[0]
    together = measure(exposure, *footprints, doReplaceWithNoise=False)[0]
    radius = "base_CircularApertureFlux_25_0_instFlux"
    assert alone[radius] == pytest.approx(2000, abs=4 * alone[f"{radius}Err"])
    assert together[radius] > 20000
    assert alone["base_Blendedness_raw"] < 0.05


@pytest.mark.parametrize("source", ["measure", "variance"])
def test_noise_in_place_of_neighbours_comes_from_where_it_is_said(source: str) -> None:
    star, neighbour = Star(60.0, 60.0, 2000), Star(82.0, 60.0, 90000)
    exposure = exposure_of(star, neighbour)
    config = SourceMeasurementTask.ConfigClass()
    config.noiseReplacer.update(noiseSource=source)
    schema = SourceTable.make_minimal_schema()
    task = SourceMeasurementTask(schema=schema, config=config)
    catalog = SourceCatalog(SourceTable.make(schema))
    for one in (star, neighbour):
        catalog.add_new().footprint = one.footprint()
    task.run(catalog, exposure, 77)
    first = catalog["base_CircularApertureFlux_25_0_instFlux"].copy()
    task.run(catalog, exposure, 77)
    assert np.array_equal(first, catalog["base_CircularApertureFlux_25_0_instFlux"])
    task.run(catalog, exposure, 78)
    assert not np.array_equal(first, catalog["base_CircularApertureFlux_25_0_instFlux"])
    assert first[0] == pytest.approx(2000, rel=0.15)


def test_a_child_is_measured_with_its_own_pixels() -> None:
    star = Star(60.0, 60.0, 2000)
    exposure = exposure_of(star, Star(63.0, 61.0, 5000), noise=0.0)
    plain = star.footprint()
    light = star.light()
    values = plain.spans.flatten(light).astype(np.float32)
    heavy = HeavyFootprint.from_arrays(
        plain, values, np.zeros(values.size, np.int32), np.ones(values.size, np.float32)
    )
    record = measure(exposure, heavy)[0]
    assert record["base_PsfFlux_instFlux"] == pytest.approx(2000, rel=0.01)
    assert record.x == pytest.approx(60, abs=0.01)
    assert record["base_Blendedness_raw"] > 0.5
    assert record["base_Blendedness_abs"] == pytest.approx(record["base_Blendedness_raw"], abs=0.01)
    others = plain.spans.flatten(exposure.image.array - light)
    own = plain.spans.flatten(light)
    expected = (own * others).sum() / (own**2).sum()
    assert record["base_Blendedness_old"] == pytest.approx(expected, rel=1e-4)


def test_flags_say_which_pixels_are_bad() -> None:
    star, other = Star(60.0, 60.0, 2000), Star(110.0, 60.0, 2000)
    exposure = exposure_of(star, other)
    for x, plane in ((60, "SAT"), (66, "CR"), (54, "BAD"), (61, "SUSPECT"), (59, "INTRP")):
        exposure.mask.set_plane(plane, Box(Point2I(x, 60), Point2I(x, 60)))
    first, second = measure(exposure, star.footprint(), other.footprint())
    for word in ("saturated", "cr", "bad", "suspect", "interpolated"):
        assert first[f"base_PixelFlags_flag_{word}"]
        assert not second[f"base_PixelFlags_flag_{word}"]
    for word in ("saturatedCenter", "suspectCenter", "interpolatedCenter"):
        assert first[f"base_PixelFlags_flag_{word}"]
        assert not second[f"base_PixelFlags_flag_{word}"]
    assert not first["base_PixelFlags_flag_crCenter"]
    assert not first["base_PixelFlags_flag_edge"]


def test_sources_at_the_edge_are_flagged() -> None:
    star = Star(4.0, 60.0, 2000)
    exposure = exposure_of(star)
    exposure.mask.set_plane("EDGE", Box.from_shape((120, 3)))
    record = measure(exposure, star.footprint())[0]
    assert record["base_PixelFlags_flag_edge"]
    assert record["base_SdssCentroid_flag_edge"]
    assert record["base_PsfFlux_flag_edge"]
    assert record["base_CircularApertureFlux_9_0_flag_apertureTruncated"]
    assert record["base_CircularApertureFlux_9_0_flag"]
    assert not record["base_CircularApertureFlux_3_0_flag"]
    assert record["ext_photometryKron_KronFlux_flag_edge"]


def test_a_place_without_light_is_flagged() -> None:
    exposure = exposure_of(Star(60.0, 60.0, -3000), noise=0.1)
    record = measure(exposure, Star(60.0, 60.0, 1.0).footprint())[0]
    assert record["base_SdssCentroid_flag"]
    assert record["base_SdssCentroid_flag_noSecondDerivative"]
    assert (record.x, record.y) == (60, 60)
    assert record["base_SdssShape_flag_unweightedBad"]
    assert np.isnan(record["base_SdssShape_xx"])
    assert record["base_GaussianFlux_flag"]
    assert record["base_PsfFlux_flag"]
    assert record["base_NaiveCentroid_flag_noCounts"]
    assert record["ext_photometryKron_KronFlux_flag_bad_radius"]
    assert record["ext_photometryKron_KronFlux_flag_bad_shape"]
    assert record["base_Blendedness_flag_noShape"]
    assert record["base_ClassificationExtendedness_flag"]


def test_a_position_far_from_the_peak_is_not_believed() -> None:
    exposure = exposure_of(Star(66.0, 60.0, 20000), noise=0.1)
    record = measure(exposure, Star(60.0, 60.0, 1.0, radius=15).footprint())[0]
    assert record["base_SdssCentroid_flag_resetToPeak"]
    assert record["base_SdssCentroid_flag_notAtMaximum"]
    assert (record.x, record.y) == (60, 60)


def test_a_variance_without_free_pixels_is_flagged() -> None:
    star = Star(60.0, 60.0, 2000)
    exposure = exposure_of(star)
    exposure.mask.set_plane("DETECTED", Box(Point2I(30, 30), Point2I(90, 90)))
    record = measure(exposure, star.footprint())[0]
    assert record["base_Variance_flag_emptyFootprint"]


def test_a_source_without_footprint_is_flagged_and_harms_nobody() -> None:
    star = Star(60.0, 60.0, 2000)
    first, second = measure(exposure_of(star), None, star.footprint())
    assert first["base_SdssCentroid_flag"]
    assert first["base_PixelFlags_flag"]
    assert np.isnan(first["base_PsfFlux_instFlux"])
    assert second["base_PsfFlux_instFlux"] == pytest.approx(2000, rel=0.05)


def test_pixels_without_a_value_harm_nobody_else() -> None:
    star, other = Star(60.0, 60.0, 2000), Star(110.0, 60.0, 2000)
    exposure = exposure_of(star, other)
    exposure.image.array[58, 58] = np.nan
    exposure.variance.array[58, 58] = np.inf
    _, second = measure(exposure, star.footprint(), other.footprint())
    assert second["base_PsfFlux_instFlux"] == pytest.approx(2000, rel=0.05)


def test_coordinates_are_those_of_the_parent_and_of_the_sky() -> None:
    star = Star(60.3, 50.0, 20000)
    exposure = exposure_of(star)
    exposure.set_origin(Point2I(1000, 3000))
    footprint = star.footprint()
    footprint.shift(1000, 3000)
    exposure.wcs = make_tan_wcs((150.0, 2.0), Point2D(1080, 3060), make_cd_matrix(0.2))
    record = measure(exposure, footprint)[0]
    assert (record.x, record.y) == pytest.approx((1060.3, 3050.0), abs=0.02)
    assert record["base_SdssShape_x"] == pytest.approx(1060.3, abs=0.02)
    ra, dec = exposure.wcs.pixel_to_sky(record.x, record.y)
    assert (record.ra, record.dec) == pytest.approx((np.radians(ra), np.radians(dec)), rel=1e-12)


def test_an_empty_catalog_stays_empty() -> None:
    assert len(measure(exposure_of(STARS[0]))) == 0


def test_fewer_plugins_give_fewer_fields() -> None:
    names = ["base_SdssCentroid", "base_SdssShape", "base_PsfFlux", "base_GaussianFlux",
             "base_CircularApertureFlux"]  # fmt: skip
    catalog = measure(exposure_of(STARS[0]), STARS[0].footprint(), plugins=names)
    assert "base_PsfFlux_instFlux" in catalog.schema
    assert "base_Variance_value" not in catalog.schema


def test_radii_of_apertures_can_be_chosen() -> None:
    schema = SourceTable.make_minimal_schema()
    config = SourceMeasurementTask.ConfigClass()
    config.plugins["base_CircularApertureFlux"].radii = [12.0, 7.25]
    SourceMeasurementTask(schema=schema, config=config)
    assert "base_CircularApertureFlux_12_0_instFlux" in schema
    assert "base_CircularApertureFlux_3_0_instFlux" not in schema


def test_a_slot_that_nothing_measures_is_refused() -> None:
    config = SourceMeasurementTask.ConfigClass()
    config.plugins.names = ["base_SdssCentroid", "base_SdssShape"]
    with pytest.raises(ConfigError, match=r"slots\.apFlux"):
        SourceMeasurementTask(schema=SourceTable.make_minimal_schema(), config=config)


def test_a_catalog_made_too_early_is_refused() -> None:
    schema = SourceTable.make_minimal_schema()
    catalog = SourceCatalog(SourceTable.make(schema))
    task = SourceMeasurementTask(schema=schema)
    with pytest.raises(FieldNotFoundError, match="make the table again"):
        task.run(catalog, exposure_of(STARS[0]))


def test_an_exposure_without_psf_is_refused() -> None:
    exposure = exposure_of(STARS[0])
    exposure.psf = None
    with pytest.raises(ExposureError, match="PSF"):
        measure(exposure, STARS[0].footprint())


class PeakValue(SourcePlugin):
    """A plugin as another package would bring it."""

    def add_fields(self) -> None:
        self.add("value", "D", "value of the pixel at the peak", "count")

    def measure(self, batch: Batch) -> None:
        middle = batch.stamps.shape[1] // 2
        self.put(batch, value=batch.stamps[:, middle, middle].astype(np.float64))


def test_plugins_come_from_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("other_PeakValue", f"{__name__}:PeakValue", "skybutler.measurement_plugins")
    monkeypatch.setattr(EntryPoint, "load", lambda _: PeakValue)
    monkeypatch.setattr(registry, "entry_points", lambda **_: [entry])
    known = registry.known_plugins()
    schema = SourceTable.make_minimal_schema()
    plugin = known["other_PeakValue"](
        config=PeakValue.ConfigClass(), name="other_PeakValue", schema=schema
    )
    assert isinstance(plugin, PeakValue)
    assert "other_PeakValue_value" in schema


def test_order_of_fields_is_the_same_in_all_processes() -> None:
    code = (
        "from imaging import SourceTable\n"
        "from pipelines.measurement.source_measurement import SourceMeasurementTask\n"
        "schema = SourceTable.make_minimal_schema()\n"
        "SourceMeasurementTask(schema=schema)\n"
        "print(*schema.names, *schema.flag_names)\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
