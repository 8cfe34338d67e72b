"""Bringing fluxes to those of an aperture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Box, Exposure, MaskedImage
from imaging.exposure.aperture_corrections import ApertureCorrections
from imaging.exposure.bounded_field import ChebyshevField
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable
from pipelines.errors import ExposureError
from pipelines.measurement.aperture_correction import ApplyApCorrTask, MeasureApCorrTask

if TYPE_CHECKING:
    from imaging.table.schemas.schema import Schema

BOX = Box.from_shape((1000, 500))


def schema_with_fluxes() -> Schema:
    schema = SourceTable.make_minimal_schema()
    for axis in "xy":
        schema.add_field(f"base_SdssCentroid_{axis}", "D", "position", "pixel")
    for name in ("base_PsfFlux", "base_CircularApertureFlux_12_0"):
        schema.add_field(f"{name}_instFlux", "D", "flux", "count")
        schema.add_field(f"{name}_instFluxErr", "D", "error", "count")
        schema.add_field(f"{name}_flag", "Flag", "bad")
    schema.add_field("calib_psf_used", "Flag", "star")
    schema.aliases["slot_Centroid"] = "base_SdssCentroid"
    schema.aliases["slot_CalibFlux"] = "base_CircularApertureFlux_12_0"
    return schema


def factor(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 1.03 + 2e-5 * x - 1e-5 * y + 1e-8 * x * y


def stars(schema: Schema, count: int = 60) -> SourceCatalog:
    """Stars whose PSF flux is too small by a factor that varies, one of them by far more."""
    catalog = SourceCatalog(SourceTable.make(schema))
    catalog.resize(count)
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 500, count), rng.uniform(0, 1000, count)
    flux = rng.uniform(1e3, 1e5, count)
    catalog["base_SdssCentroid_x"], catalog["base_SdssCentroid_y"] = x, y
    catalog["base_CircularApertureFlux_12_0_instFlux"] = flux
    catalog["base_PsfFlux_instFlux"] = flux / factor(x, y)
    catalog["base_PsfFlux_instFluxErr"] = 10.0
    catalog["calib_psf_used"] = True
    catalog["base_PsfFlux_instFlux"][count - 1] *= 1.5
    return catalog


def exposure() -> Exposure:
    return Exposure(MaskedImage(BOX))


def test_a_correction_is_found_that_varies_over_the_image() -> None:
    image, catalog = exposure(), stars(schema_with_fluxes())
    result = MeasureApCorrTask().run(image, catalog)
    field = result.corrections["base_PsfFlux_instFlux"]
    x, y = np.array([10.0, 250.0, 480.0]), np.array([20.0, 900.0, 400.0])
    assert field.evaluate(x, y) == pytest.approx(factor(x, y), rel=1e-6)
    assert result.n_stars == {"base_PsfFlux": 59}
    assert image.aperture_corrections is result.corrections


def test_faint_stars_do_not_blur_what_bright_ones_say() -> None:
    schema = schema_with_fluxes()
    catalog = stars(schema, 241)
    reference = "base_CircularApertureFlux_12_0"
    faint = np.arange(240) >= 40
    noise = np.where(faint, 0.05, 0.0005) * catalog[f"{reference}_instFlux"][:240]
    catalog[f"{reference}_instFluxErr"][:240] = noise
    catalog[f"{reference}_instFlux"][:240] += noise * np.random.default_rng(2).normal(size=240)
    result = MeasureApCorrTask().run(exposure(), catalog)
    x, y = np.meshgrid(np.linspace(20, 480, 9), np.linspace(20, 980, 9))
    found = result.corrections["base_PsfFlux_instFlux"].evaluate(x.ravel(), y.ravel())
    # Six terms from forty stars of 0.05 %; from all stars alike the error would be 1 %.
    assert np.std(found / factor(x.ravel(), y.ravel()) - 1) < 0.0015
    error = result.corrections["base_PsfFlux_instFluxErr"].evaluate(0.0, 0.0)
    assert error == pytest.approx(0.002 / np.sqrt(40), rel=0.8)


def test_a_star_of_unknown_error_does_not_outweigh_the_others() -> None:
    catalog = stars(schema_with_fluxes())
    flux = catalog["base_CircularApertureFlux_12_0_instFlux"]
    catalog["base_CircularApertureFlux_12_0_instFluxErr"] = 0.05 * flux
    catalog["base_CircularApertureFlux_12_0_instFluxErr"][0] = np.nan
    flux[0] *= 1.02
    image = exposure()
    MeasureApCorrTask(catalog.schema).run(image, catalog)
    field = image.aperture_corrections["base_PsfFlux_instFlux"]
    x, y = np.array([100.0, 400.0]), np.array([200.0, 900.0])
    np.testing.assert_allclose(field.evaluate(x, y), factor(x, y), rtol=3e-4)


def test_one_star_leaves_its_own_error() -> None:
    catalog = stars(schema_with_fluxes(), count=2)[:1]
    flux = float(catalog["base_CircularApertureFlux_12_0_instFlux"][0])
    catalog["base_CircularApertureFlux_12_0_instFluxErr"] = 0.02 * flux
    image = exposure()
    MeasureApCorrTask(catalog.schema).run(image, catalog)
    error = image.aperture_corrections["base_PsfFlux_instFluxErr"].evaluate(10.0, 10.0)
    assert error == pytest.approx(0.02, rel=0.1)


def test_few_stars_give_one_number() -> None:
    field = (
        MeasureApCorrTask()
        .run(exposure(), stars(schema_with_fluxes(), 4))
        .corrections["base_PsfFlux_instFlux"]
    )
    assert field.evaluate(0.0, 0.0) == field.evaluate(499.0, 999.0)


def test_no_stars_are_an_error_that_names_the_flag() -> None:
    catalog = stars(schema_with_fluxes())
    catalog["calib_psf_used"] = False
    with pytest.raises(ExposureError, match="calib_psf_used"):
        MeasureApCorrTask().run(exposure(), catalog)


def test_fluxes_and_errors_are_corrected_once() -> None:
    schema = schema_with_fluxes()
    task = ApplyApCorrTask(schema)
    catalog = stars(schema)
    corrections = MeasureApCorrTask().run(exposure(), catalog).corrections
    for _ in range(2):
        task.run(catalog, corrections)
        wanted = catalog["base_CircularApertureFlux_12_0_instFlux"][:-1]
        assert catalog["base_PsfFlux_instFlux"][:-1] == pytest.approx(wanted, rel=1e-6)
    x, y = catalog["base_SdssCentroid_x"], catalog["base_SdssCentroid_y"]
    assert catalog["base_PsfFlux_instFluxErr"] == pytest.approx(10 * factor(x, y), rel=1e-6)
    assert catalog["base_PsfFlux_apCorr"] == pytest.approx(factor(x, y), rel=1e-6)
    assert not catalog["base_PsfFlux_flag_apCorr"].any()


def test_sources_without_a_place_and_fluxes_without_a_correction_are_flagged() -> None:
    schema = schema_with_fluxes()
    task = ApplyApCorrTask(schema)
    catalog = stars(schema)
    catalog["base_SdssCentroid_x"][3] = np.nan
    before = catalog["base_PsfFlux_instFlux"].copy()
    task.run(catalog, ApertureCorrections())
    assert catalog["base_PsfFlux_flag_apCorr"].all()
    task.run(
        catalog, ApertureCorrections({"base_PsfFlux_instFlux": ChebyshevField.constant(BOX, 2.0)})
    )
    assert np.flatnonzero(catalog["base_PsfFlux_flag_apCorr"]).tolist() == [3]
    assert catalog["base_PsfFlux_instFlux"][3] == before[3]
    assert catalog["base_PsfFlux_instFlux"][4] == 2 * before[4]
