"""Light of sources and of their neighbours, against plain statements of the same thing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import foldnorm, truncnorm

from pipelines.measurement.blend_kernels import excess_light, positive_light, weighted_light

SIZE = 41


@pytest.mark.parametrize("value", [-4.0, -1.0, 0.0, 0.7, 3.0, 9.0])
@pytest.mark.parametrize("sigma", [0.5, 1.0])
def test_positive_light_is_the_absolute_value_less_what_noise_adds(
    value: float, sigma: float
) -> None:
    expected = truncnorm(-value / sigma, np.inf, loc=value, scale=sigma).mean()
    added = foldnorm(expected / sigma, scale=sigma).mean() - expected
    # Above six sigma it is not subtracted: less than 1e-9 of sigma.
    assert positive_light(value, sigma**2) == pytest.approx(abs(value) - added, abs=1e-6)


def test_positive_light_without_noise_is_the_absolute_value() -> None:
    assert positive_light(-3.0, 0.0) == 3.0
    assert positive_light(2.0, np.nan) == 2.0


def test_light_is_weighted_with_the_gaussian_of_the_moments() -> None:
    rng = np.random.default_rng(3)
    alone, together = rng.normal(1, 2, (2, SIZE, SIZE)).astype(np.float32)
    together[:15] = alone[:15]
    variance = rng.uniform(2, 6, (SIZE, SIZE)).astype(np.float32)
    x, y, (xx, yy, xy) = 19.6, 20.3, (9.0, 5.0, 2.0)
    found = weighted_light(
        alone[None],
        np.zeros((1, 2), np.int64),
        together,
        variance,
        np.array([x]),
        np.array([y]),
        np.array([[xx, yy, xy]]),
        3.0,
    )[0]
    rows, columns = np.mgrid[:SIZE, :SIZE]
    dx, dy = columns - x, rows - y
    squares = (yy * dx**2 - 2 * xy * dx * dy + xx * dy**2) / (xx * yy - xy**2)
    weight = np.where(squares <= 9, np.exp(-squares / 2), 0)
    for owner, image in enumerate((alone, together)):
        positive = np.vectorize(positive_light)(image.astype(float), variance.astype(float))
        for kind, pixels in enumerate((image, positive)):
            flux, *moments = found[owner, kind]
            light = (weight * pixels).sum()
            assert flux == pytest.approx(light * weight.sum() / (weight**2).sum(), rel=1e-5)
            expected = [2 * (weight * pixels * p).sum() / light for p in (dx**2, dy**2, dx * dy)]
            assert moments == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_light_under_no_ellipse_is_no_number() -> None:
    ones = np.ones((1, SIZE, SIZE), np.float32)
    middle, corner = np.array([20.0]), np.zeros((1, 2), np.int64)
    impossible = np.array([[1.0, 1.0, 2.0]])
    found = weighted_light(ones, corner, ones[0], ones[0], middle, middle, impossible, 3.0)
    assert np.isnan(found).all()


def test_excess_light_is_that_of_others_weighted_with_ones_own() -> None:
    image = np.arange(100, dtype=np.float32).reshape(10, 10)
    spans = np.array([[2, 1, 3], [3, 8, 11], [5, 0, 1]], np.int32)
    values = np.array([1, 2, 3, 4, 5, 6, 7, 50, 51], np.float32)
    found = excess_light(image, spans, np.array([0, 2, 3]), values, np.array([0, 7, 9]))
    own, all_light = np.array([1, 2, 3, 4, 5.0]), np.array([21, 22, 23, 38, 39.0])
    expected = (own * (all_light - own)).sum() / (own**2).sum()
    assert found == pytest.approx([expected, 0])
