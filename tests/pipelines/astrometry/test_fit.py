"""Which order of polynomials positions are worth."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.astrometry.fit import StarFit, fit_positions
from pipelines.astrometry.motion import Motion, fit_motion
from pipelines.astrometry.task import AstrometryTask
from testdata.star_field import StarFieldRecipe, make_star_field, star_schema

CORNERS = (-0.5, -0.5, 1999.5, 1999.5)


def fit(points: np.ndarray, goals: np.ndarray, errors: np.ndarray) -> StarFit:
    return fit_positions(points, goals, errors, CORNERS, max_order=3, rounds=3, clip=3.0)


def scattered(count: int, error: float, part: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Positions in a part of the image, and the same with noise."""
    rng = np.random.default_rng(count)
    goals = rng.uniform(0, 2000 * part, (count, 2))
    return goals + rng.normal(0, error, goals.shape), goals


def curved(places: np.ndarray) -> np.ndarray:
    """A distortion of third order, 2 pixels at the corners."""
    offsets = (places - 1000) / 1000
    return np.asarray(places + offsets * (offsets**2).sum(axis=1)[:, np.newaxis])


def test_a_shift_is_worth_no_polynomial() -> None:
    points, goals = scattered(40, 0.1)
    assert fit(points, goals + 5.0, np.full(40, 0.1)).order == 0


def test_curves_are_worth_the_third_order() -> None:
    points, goals = scattered(60, 0.05)
    assert fit(points, curved(goals), np.full(60, 0.05)).order == 3


@pytest.mark.parametrize("part", [0.3, 0.5])
def test_no_curve_is_drawn_far_from_the_stars(part: float) -> None:
    points, goals = scattered(200, 0.05, part)
    assert fit(points, curved(goals), np.full(200, 0.05)).order <= 1


def test_outliers_are_left_out_by_their_own_errors() -> None:
    points, goals = scattered(100, 0.02)
    errors = np.full(100, 0.02)
    errors[:10] = 0.5
    points[:10] += 0.4
    points[10:15] += 0.4
    kept = fit(points, goals, errors).kept
    assert kept[:10].all()
    assert not kept[10:15].any()


def test_scatter_that_errors_do_not_explain_goes_into_the_weights() -> None:
    points, goals = scattered(400, 0.2)
    weights = fit(points, goals, np.full(400, 0.01)).weights
    assert 1 / np.sqrt(weights[0]) == pytest.approx(0.2, rel=0.1)  # 400 distances: 4 %


def test_worst_error_is_that_of_the_corners() -> None:
    errors, trials = [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        goals = rng.uniform(0, 2000, (50, 2))
        points = goals + rng.normal(0, 0.1, goals.shape)
        found = fit(points, goals, np.full(50, 0.1))
        motion = fit_motion(points, goals, found.weights * found.kept, (999.5, 999.5))
        corner = np.array([[-0.5, -0.5]])
        errors.append((motion.move(corner) - corner)[0, 0])
        trials.append(found.worst)
    assert np.std(errors) == pytest.approx(np.mean(trials), rel=0.25)


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_a_motion_is_found_again_and_undone(is_mirrored: bool) -> None:
    rng = np.random.default_rng(2)
    points = rng.uniform(0, 1000, (20, 2))
    motion = Motion((400.0, 600.0), 30.0, 1.2, is_mirrored, 7.0, -9.0)
    goals = motion.move(points)
    found = fit_motion(points, goals, np.ones(20), motion.centre, is_mirrored=is_mirrored)
    assert found.angle == pytest.approx(30.0)
    assert found.scale == pytest.approx(1.2)
    assert found.dx == pytest.approx(7.0)
    assert found.dy == pytest.approx(-9.0)
    np.testing.assert_allclose(motion.move_back(goals), points, atol=1e-9)


@pytest.mark.parametrize("part", [(0.4, 0.4), (0.1, 1.0)])
def test_sources_far_from_all_stars_are_not_thrown_off(part: tuple[float, float]) -> None:
    schema = star_schema()
    task = AstrometryTask(schema=schema)
    field = make_star_field(StarFieldRecipe(common=300, part=part, offset_arcsec=5), schema)
    task.run(field.exposure, field.sources, field.stars)
    x, y = np.array([2047.0, 2047.0, 0.0]), np.array([4175.0, 0.0, 4175.0])
    wcs = field.exposure.wcs
    assert wcs is not None
    found = wcs.sky_to_pixel(*field.truth.pixel_to_sky(x, y))
    # no star has seen the distortion there, a pixel and a half; a cubic is off by 4 to 700
    assert np.hypot(found[0] - x, found[1] - y).max() < 2.0


def test_bright_stars_weigh_more_than_faint_ones() -> None:
    schema = star_schema()
    task = AstrometryTask(schema=schema)
    field = make_star_field(StarFieldRecipe(common=400, distortion=0.0), schema)
    task.run(field.exposure, field.sources, field.stars)
    x, y = (axis.ravel() for axis in np.meshgrid(np.linspace(0, 2047, 9), np.linspace(0, 4175, 9)))
    wcs = field.exposure.wcs
    assert wcs is not None
    found = wcs.sky_to_pixel(*field.truth.pixel_to_sky(x, y))
    rms = np.sqrt(np.mean((found[0] - x) ** 2 + (found[1] - y) ** 2) / 2)
    weights = 1 / field.errors[:400] ** 2
    alike = np.sqrt(np.mean(field.errors[:400] ** 2) / 400)
    assert rms < alike  # what a mean of stars that weigh the same would be off by
    assert rms > 0.1 / np.sqrt(weights.sum())
