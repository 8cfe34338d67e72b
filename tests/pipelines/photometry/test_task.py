"""The zero point of an exposure."""

from __future__ import annotations

import numpy as np
import pytest

from imaging import Box, Exposure, Point2D, make_cd_matrix, make_tan_wcs
from imaging.exposure.visit_info import VisitInfo
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable
from pipelines.errors import PhotoCalError
from pipelines.photometry.task import PhotoCalTask
from pipelines.reference_objects.load import ReferenceObjects
from testdata.star_field import StarFieldRecipe, make_star_field, star_schema

ZERO_POINT = 30.5


def make_field(count: int = 200) -> tuple[PhotoCalTask, Exposure, SourceCatalog, ReferenceObjects]:
    """Stars with fluxes to 0.02 mag, a tenth of them variable."""
    rng = np.random.default_rng(5)
    schema = SourceTable.make_minimal_schema()
    for name in ("c_x", "c_y", "f_instFlux", "f_instFluxErr"):
        schema.add_field(name, "D", "value")
    schema.add_field("f_flag", "Flag", "no flux")
    schema.aliases["slot_Centroid"] = "c"
    schema.aliases["slot_CalibFlux"] = "f"
    task = PhotoCalTask(schema=schema)
    exposure = Exposure(Box.from_shape((1000, 1000)))
    exposure.wcs = make_tan_wcs((150.0, 2.0), Point2D(500, 500), make_cd_matrix(0.2))
    x, y = rng.uniform(0, 1000, (2, count))
    ra, dec = exposure.wcs.pixel_to_sky(x, y)
    flux = rng.uniform(1e3, 1e5, count)
    scatter = rng.normal(0, 0.02, count)
    scatter[: count // 10] += 0.8
    sources = SourceCatalog(SourceTable.make(schema))
    sources.resize(count)
    sources["c_x"], sources["c_y"] = x, y
    sources["f_instFlux"] = flux * 10 ** (0.4 * (ZERO_POINT - 31.4 + scatter))
    sources["f_instFluxErr"] = np.full(count, 5.0)
    stars = ReferenceObjects(ids=np.arange(count), ra=ra, dec=dec, flux=flux)
    return task, exposure, sources, stars


def test_zero_point_is_the_median_of_stars_that_agree() -> None:
    task, exposure, sources, stars = make_field()
    result = task.run(exposure, sources, stars)
    assert result.zero_point == pytest.approx(ZERO_POINT, abs=5 * 0.02 * 1.25 / np.sqrt(180))
    assert result.sigma == pytest.approx(0.02, rel=0.25)
    assert not sources["calib_photometry_used"][:20].any()
    assert result.n_stars == sources["calib_photometry_used"].sum() >= 160
    assert exposure.photo_calib is not None
    magnitude = exposure.photo_calib.inst_flux_to_magnitude(1.0)
    assert magnitude == pytest.approx(result.zero_point, abs=1e-6)


def test_flagged_sources_and_stars_without_a_flux_do_not_count() -> None:
    task, exposure, sources, stars = make_field()
    flags = np.zeros(len(sources), np.bool_)
    flags[50:60] = True
    sources["f_flag"] = flags
    stars.flux[60:70] = np.nan
    task.run(exposure, sources, stars)
    assert not sources["calib_photometry_used"][50:70].any()


def test_no_star_is_an_error_that_counts() -> None:
    task, exposure, sources, stars = make_field()
    exposure.wcs = make_tan_wcs((151.0, 2.0), Point2D(500, 500), make_cd_matrix(0.2))
    with pytest.raises(PhotoCalError, match="0 of 200 usable sources"):
        task.run(exposure, sources, stars)
    assert exposure.photo_calib is None


def test_pairs_that_chance_would_make_too_are_refused() -> None:
    schema = star_schema()
    task = PhotoCalTask(schema=schema)
    recipe = StarFieldRecipe(common=0, only_known=3000, only_measured=3000)
    field = make_star_field(recipe, schema)
    with pytest.raises(PhotoCalError, match=r"chance alone would bring \d\d\.\d there"):
        task.run(field.exposure, field.sources, field.stars)
    assert field.exposure.photo_calib is None


def test_one_star_has_the_error_of_its_flux() -> None:
    schema = star_schema()
    task = PhotoCalTask(schema=schema)
    field = make_star_field(StarFieldRecipe(common=1, only_known=0, only_measured=0), schema)
    field.exposure.wcs = field.truth
    calibration = task.run(field.exposure, field.sources, field.stars).photo_calib
    part = calibration.calibration_error / calibration.calibration_mean
    flux, error = (field.sources[f"f_instFlux{end}"][0] for end in ("", "Err"))
    assert part == pytest.approx(1.2533 * error / flux, rel=1e-3)


def test_error_of_a_zero_point_is_its_scatter() -> None:
    off, errors = [], []
    for seed in range(60):
        schema = star_schema()
        task = PhotoCalTask(schema=schema)
        field = make_star_field(StarFieldRecipe(seed=seed, common=40), schema)
        field.exposure.wcs = field.truth
        result = task.run(field.exposure, field.sources, field.stars)
        off.append(result.zero_point - field.zero_point)
        calibration = result.photo_calib
        errors.append(1.0857 * calibration.calibration_error / calibration.calibration_mean)
    # 60 zero points: their scatter is known to 9 %; the error takes all stars for alike
    assert np.std(off) == pytest.approx(np.median(errors), rel=0.35)


def test_cards_say_what_the_zero_point_is_of_a_second() -> None:
    task, exposure, sources, stars = make_field()
    exposure.visit_info = VisitInfo(exposure_time_s=100.0)
    result = task.run(exposure, sources, stars)
    cards = exposure.metadata
    assert cards["MAGZERO"] == pytest.approx(result.zero_point - 5.0)
    assert (cards["MAGZERO_RMS"], cards["MAGZERO_NOBJ"]) == (result.sigma, result.n_stars)
