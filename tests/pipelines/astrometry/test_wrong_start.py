"""How wrong the WCS of a raw may be, and what is said when it is more wrong than that."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pytest

from pipelines.astrometry.task import AstrometryTask
from pipelines.errors import AstrometryError
from testdata.star_field import StarField, StarFieldRecipe, make_star_field, star_schema

CROWDED = StarFieldRecipe(common=2000, only_known=1000, only_measured=2000)


def solve(
    recipe: StarFieldRecipe, bad_flags: tuple[str, ...] = (), **matcher: object
) -> tuple[StarField, AstrometryTask]:
    """Place a field on the sky."""
    config = AstrometryTask.ConfigClass(badFlags=list(bad_flags))
    for name, value in matcher.items():
        setattr(config.matcher, name, value)
    schema = star_schema()
    task = AstrometryTask(schema=schema, config=config)
    field = make_star_field(recipe, schema)
    result = task.run(field.exposure, field.sources, field.stars)
    assert (result.sources == result.references).mean() > 0.99
    return field, task


def largest_error(field: StarField) -> float:
    """The largest difference to the truth in the image, in pixels."""
    box, wcs = field.exposure.bbox, field.exposure.wcs
    assert wcs is not None
    axes = np.linspace(0, box.width - 1, 9), np.linspace(0, box.height - 1, 9)
    x, y = (axis.ravel() for axis in np.meshgrid(*axes))
    found = wcs.sky_to_pixel(*field.truth.pixel_to_sky(x, y))
    return float(np.hypot(found[0] - x, found[1] - y).max())


@pytest.mark.parametrize(
    "wrong",
    [
        {"offset_arcsec": 40.0},
        {"turn": -1.0},
        {"stretch": 1.02},
        {"stretch": 0.98},
        {"offset_arcsec": 30.0, "turn": 1.0, "stretch": 0.99},
        {"centre": (0.0, 2.0), "offset_arcsec": 10.0},
        {"centre": (10.0, 89.999), "offset_arcsec": 10.0},
    ],
)
def test_what_the_configuration_allows_is_found(wrong: dict[str, object]) -> None:
    field, _ = solve(replace(StarFieldRecipe(), **wrong))  # type: ignore[arg-type]  # its fields
    # 300 stars, most of 0.1 pixels: some hundredths at the corners
    assert largest_error(field) < 0.06


def test_a_crowded_field_is_found_in_spite_of_a_turn() -> None:
    field, _ = solve(replace(CROWDED, turn=0.8, stretch=1.005, offset_arcsec=20))
    assert largest_error(field) < 0.02


def test_brightest_stars_may_be_saturated() -> None:
    recipe = StarFieldRecipe(common=1500, bright_missing=900, offset_arcsec=10)
    field, _ = solve(recipe, ("f_flag",))
    assert largest_error(field) < 0.15


def test_a_mirrored_wcs_is_set_right_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        field, task = solve(StarFieldRecipe(is_mirrored=True))
    assert largest_error(field) < 0.06
    assert "mirror image of the sky" in caplog.text
    assert task.metadata["is_mirrored"] is True


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"offset_arcsec": 120.0}, r"They do with a shift of 71\d pixels \(120 arcsec\)"),
        ({"turn": 3.0}, r"a turn of 3\.00 degrees"),
        ({"turn": -120.0}, r"a turn of -120\.00 degrees"),
        ({"stretch": 1.05}, r"and \+[45]\.\d\d % of the scale"),
    ],
)
def test_what_is_more_wrong_is_an_error_that_tells_how_wrong(
    wrong: dict[str, object], said: str
) -> None:
    recipe = replace(StarFieldRecipe(), **wrong)  # type: ignore[arg-type]  # its fields
    with pytest.raises(AstrometryError, match=said):
        solve(recipe)


def test_a_mirrored_wcs_can_be_refused() -> None:
    with pytest.raises(AstrometryError, match=r"Mirrored, they do.*allowMirror"):
        solve(StarFieldRecipe(is_mirrored=True), allowMirror=False)


def test_what_is_told_to_be_allowed_works() -> None:
    field, _ = solve(
        StarFieldRecipe(offset_arcsec=120, turn=3, stretch=1.04),
        maxOffsetPix=800,
        maxRotationDeg=3.5,
        maxScalePercent=5,
    )
    assert largest_error(field) < 0.06


@pytest.mark.parametrize(("known", "measured"), [(6, 5), (30, 20), (300, 300), (4000, 4000)])
@pytest.mark.parametrize("seed", [11, 12])
def test_a_catalog_of_another_field_never_matches(known: int, measured: int, seed: int) -> None:
    recipe = StarFieldRecipe(seed=seed, common=0, only_known=known, only_measured=measured)
    with pytest.raises(AstrometryError, match="Nor do they in a search four times as wide"):
        solve(recipe)


@pytest.mark.parametrize("common", [5, 10])
def test_few_stars_are_enough_if_they_agree(common: int) -> None:
    recipe = StarFieldRecipe(
        common=common, only_known=3, only_measured=3, distortion=0.0, offset_arcsec=15
    )
    field, _ = solve(recipe)
    assert largest_error(field) < 1.0  # at the corners, of stars with errors up to 0.2 pixels


def test_three_stars_are_too_few() -> None:
    with pytest.raises(AstrometryError, match=r"0 pairs agree, and 4 are needed.*minMatchedPairs"):
        solve(StarFieldRecipe(common=3, only_known=0, only_measured=0))


def test_a_few_right_pairs_among_many_sources_are_too_few() -> None:
    with pytest.raises(AstrometryError, match=r"pairs agree, and 30 are needed"):
        solve(StarFieldRecipe(common=20, only_known=300, only_measured=200))


def test_a_camera_with_large_pixels_is_placed() -> None:
    recipe = StarFieldRecipe(
        shape=(1024, 1024), scale_arcsec=1.5, offset_arcsec=60, turn=0.5, stretch=1.01
    )
    field, _ = solve(recipe)
    assert largest_error(field) < 0.1


def test_pairs_that_are_far_apart_are_refused() -> None:
    config = AstrometryTask.ConfigClass(maxMeanDistanceArcsec=0.001)
    schema = star_schema()
    task = AstrometryTask(schema=schema, config=config)
    field = make_star_field(StarFieldRecipe(), schema)
    before = field.exposure.wcs
    with pytest.raises(AstrometryError, match=r"more than maxMeanDistanceArcsec = 0\.001"):
        task.run(field.exposure, field.sources, field.stars)
    assert field.exposure.wcs is before
    assert not field.sources["calib_astrometry_used"].any()


def test_stars_without_a_position_or_flux_do_no_harm() -> None:
    schema = star_schema()
    task = AstrometryTask(schema=schema)
    field = make_star_field(StarFieldRecipe(), schema)
    field.stars.ra[:5] = np.nan
    field.stars.dec[5] = -field.stars.dec[5] - 80.0  # not on this half of the sky
    field.stars.flux[::2] = np.nan
    result = task.run(field.exposure, field.sources, field.stars)
    assert largest_error(field) < 0.06
    assert not set(range(5)) & set(result.sources.tolist())


def test_stars_that_are_listed_twice_do_no_harm() -> None:
    schema = star_schema()
    task = AstrometryTask(schema=schema)
    field = make_star_field(StarFieldRecipe(), schema)
    twice = {
        name: np.concatenate([getattr(field.stars, name)] * 2)
        for name in ("ids", "ra", "dec", "flux")
    }
    result = task.run(field.exposure, field.sources, type(field.stars)(**twice))
    assert largest_error(field) < 0.06
    assert len(set(result.sources.tolist())) == len(result.sources) > 280
