"""Each kernel against a plain statement of the same thing."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.deblending.kernels import (
    fit_star,
    limit_to_falling,
    lost_pixels,
    mirrored_template,
    share_light,
)


def gaussian(x0: float, y0: float, size: int = 15) -> np.ndarray:
    y, x = np.mgrid[:size, :size]
    star = np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / (2 * 1.8**2))
    return (star / star.sum()).astype(np.float32)


def test_a_star_fit_is_a_weighted_least_squares_fit() -> None:
    rng = np.random.default_rng(1)
    stars = np.array([gaussian(7, 7), gaussian(10, 8)])
    variance = rng.uniform(0.5, 2, (15, 15)).astype(np.float32)
    image = (300 * gaussian(7.2, 6.9) + 200 * stars[1] + 3).astype(np.float32)
    image += np.sqrt(variance) * rng.normal(size=image.shape).astype(np.float32)
    flux, dx, dy, chi2, excess, level = fit_star(
        image, variance, np.ones((15, 15), bool), stars, np.zeros((2, 2), np.int64),
        np.array([0, 1]), (7, 7, 6),
    )  # fmt: skip
    y, x = np.mgrid[:15, :15]
    used = (x - 7) ** 2 + (y - 7) ** 2 <= 36
    star = np.pad(stars[0].astype(float), 1)
    terms = [
        stars[0],
        (star[1:-1, :-2] - star[1:-1, 2:]) / 2,
        (star[:-2, 1:-1] - star[2:, 1:-1]) / 2,
        x - 7,
        y - 7,
        stars[1],
        np.ones((15, 15)),
        star[1:-1, :-2] + star[1:-1, 2:] + star[:-2, 1:-1] + star[2:, 1:-1] - 4 * stars[0],
    ]
    error = np.sqrt(variance[used] + (0.02 * image[7, 7]) ** 2)
    design = np.array([term[used] for term in terms]).T / error[:, None]
    answers = [np.linalg.lstsq(design[:, :n], image[used] / error, rcond=None) for n in (6, 7, 8)]
    (_, without_level, _, _), (answer, squares, _, _), (wider, least, _, _) = answers
    assert flux == pytest.approx(answer[0], rel=1e-5)
    assert (dx, dy) == pytest.approx((answer[1] / answer[0], answer[2] / answer[0]), rel=1e-4)
    assert chi2 == pytest.approx(squares[0] / (used.sum() - 7), rel=1e-5)
    assert level**2 == pytest.approx(without_level[0] - squares[0], rel=1e-3)
    assert excess**2 == pytest.approx(squares[0] - least[0], rel=1e-3)
    assert np.sign([level, excess]).tolist() == np.sign([answer[6], wider[7]]).tolist()
    assert (dx, dy) == pytest.approx((0.2, -0.1), abs=0.1)


def test_a_fit_tells_what_is_broader_than_a_star() -> None:
    y, x = np.mgrid[:15, :15]
    star, variance = gaussian(7, 7), np.ones((15, 15), np.float32)
    everywhere, corner = np.ones((15, 15), bool), np.zeros((1, 2), np.int64)
    found = {}
    for sigma in (1.6, 1.8, 2.0):
        source = np.exp(-((x - 7) ** 2 + (y - 7) ** 2) / (2 * sigma**2))
        image = (2000 * source / source.sum()).astype(np.float32)
        found[sigma] = fit_star(
            image, variance, everywhere, star[None], corner, np.array([0]), (7, 7, 6)
        )[4]
    assert found[1.6] < -5
    assert found[1.8] == pytest.approx(0, abs=1e-3)  # 32-bit numbers
    assert found[2.0] > 5


def test_a_fit_without_pixels_has_no_answer() -> None:
    stars = gaussian(7, 7)[None]
    image = np.ones((15, 15), np.float32)
    outside = np.zeros((15, 15), bool)
    corner, member = np.zeros((1, 2), np.int64), np.array([0])
    assert np.isnan(fit_star(image, image, outside, stars, corner, member, (7, 7, 4))[0])


def test_a_mirrored_template_is_the_fainter_of_two_opposite_pixels() -> None:
    image = np.random.default_rng(4).normal(2, 2, (9, 11)).astype(np.float32)
    inside = np.ones((9, 11), bool)
    inside[2, 3] = False
    template = np.empty((9, 11), np.float32)
    mirrored_template(image, inside, 4, 5, (0, 10, 0, 8), False, template)
    light = np.where(inside, image, 0)
    assert np.array_equal(template, np.maximum(np.minimum(light, light[::-1, ::-1]), 0))


@pytest.mark.parametrize("keeps_edge", [True, False])
def test_light_opposite_to_the_outside_is_kept_where_the_image_ends(keeps_edge: bool) -> None:
    image = np.full((5, 9), 3, np.float32)
    template = np.empty((5, 9), np.float32)
    mirrored_template(image, image > 0, 2, 2, (0, 8, 0, 4), keeps_edge, template)
    assert (template[:, :5] == 3).all()
    assert (template[:, 5:] == (3 if keeps_edge else 0)).all()


def test_a_template_falls_from_its_peak_outwards() -> None:
    template = np.abs(np.random.default_rng(6).normal(size=(11, 13))).astype(np.float32)
    template[5, 6] = 9
    limited = template.copy()
    limit_to_falling(limited, 5, 6)
    assert (limited <= template).all()
    for y, x in np.ndindex(11, 13):
        steps = max(abs(y - 5), abs(x - 6))
        if steps:
            row = int(np.floor(y - (y - 5) / steps + 0.5))
            column = int(np.floor(x - (x - 6) / steps + 0.5))
            assert limited[y, x] == min(template[y, x], limited[row, column])


def test_light_is_shared_in_proportion_to_the_templates_and_strays_to_the_nearest() -> None:
    image = np.array([[4, 6, 8, 2, 5]], np.float32)
    templates = np.array([3, 1, 0, 1, 1, 0], np.float32)
    boxes = np.array([[0, 2, 0, 0], [1, 3, 0, 0]])
    values, owned = np.zeros(6, np.float32), np.zeros(6, bool)
    stray = share_light(
        image, np.ones((1, 5), bool), templates, np.array([0, 3]), boxes,
        np.array([[0, 0], [2, 0]]), values, owned,
    )  # fmt: skip
    assert values.tolist() == [4, 3, 0, 3, 8, 2]
    assert owned.tolist() == [True, True, False, True, True, True]
    assert stray.tolist() == [False, True]


def test_pixels_of_no_child_go_to_the_nearest_peak() -> None:
    inside = np.ones((2, 6), bool)
    inside[1, :2] = False
    peaks = np.array([[1, 0], [4, 1]])
    boxes = np.array([[0, 2, 0, 0], [3, 4, 0, 1]])
    owned = np.array([True, True, False, True, True, False, True])
    found = lost_pixels(inside, owned, np.array([0, 3]), boxes, peaks)
    covered = np.zeros((2, 6), bool)
    covered[0, [0, 1, 3, 4]] = covered[1, 4] = True
    expected = [
        [y, x, int(np.argmin(((peaks - [x, y]) ** 2).sum(axis=1)))]
        for y, x in np.argwhere(inside & ~covered).tolist()
    ]
    assert found.tolist() == expected
