"""Each loop of instrument signature removal beside the same thing in plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import correlate

from pipelines.isr import kernels

SECTION = (5, 60, 8, 40)  # rows 5 to 60, columns 8 to 40
ROWS, COLUMNS = slice(5, 60), slice(8, 40)


@pytest.fixture
def image() -> np.ndarray:
    rng = np.random.default_rng(20131102)
    return rng.normal(1000, 200, (70, 48)).astype(np.float32)


def test_flags_are_set_from_the_low_limit_up_to_the_high_one(image: np.ndarray) -> None:
    mask = np.full(image.shape, 4, np.int32)
    count = kernels.flag_range(image, mask, *SECTION, np.float32(900), np.float32(1200), 2)
    expected = np.full(image.shape, 4, np.int32)
    part = image[ROWS, COLUMNS]
    expected[ROWS, COLUMNS] |= np.where((part >= 900) & (part < 1200), 2, 0)
    np.testing.assert_array_equal(mask, expected)
    assert count == np.count_nonzero(expected & 2)


@pytest.mark.parametrize("columns", [(8, 24), (8, 25), (0, 48)])
def test_medians_are_those_of_numpy_without_what_is_not_finite(
    image: np.ndarray, columns: tuple[int, int]
) -> None:
    image[10, 9], image[11, 8:12] = np.nan, np.inf
    medians = np.empty(55)
    kernels.row_medians(image, 5, 60, *columns, medians)
    part = np.where(np.isfinite(image), image, np.nan)[ROWS, columns[0] : columns[1]]
    np.testing.assert_array_equal(medians, np.nanmedian(part.astype(np.float64), axis=1))


def test_the_median_of_no_pixel_is_not_a_number(image: np.ndarray) -> None:
    image[7] = np.nan
    medians = np.empty(55)
    kernels.row_medians(image, *SECTION, medians)
    assert np.flatnonzero(np.isnan(medians)).tolist() == [2]


def test_each_row_loses_its_level(image: np.ndarray) -> None:
    expected = image.copy()
    levels = np.linspace(0, 30, 55)
    expected[ROWS, COLUMNS] -= levels.astype(np.float32)[:, None]
    kernels.subtract_rows(image, *SECTION, levels)
    np.testing.assert_array_equal(image, expected)


def test_a_polynomial_begins_with_the_square_and_above_the_threshold(image: np.ndarray) -> None:
    wide = image.astype(np.float64)
    change = 1e-6 * wide**2 - 2e-10 * wide**3
    expected = wide.copy()
    expected[ROWS, COLUMNS] += np.where(wide > 950, change, 0)[ROWS, COLUMNS]
    kernels.add_polynomial(image, *SECTION, np.array([1e-6, -2e-10]), np.float32(950))
    np.testing.assert_allclose(image, expected, rtol=3e-7)  # a few roundings of 32 bits


def test_crosstalk_meets_where_pixels_are_read_together() -> None:
    rng = np.random.default_rng(3)
    image = rng.normal(1000, 200, (40, 48)).astype(np.float32)
    coefficients = rng.uniform(-1e-3, 1e-3, (4, 4))
    # lower left, lower right, upper right, upper left, each 20 x 24 pixels
    places = np.array([[0, 0, 0, 0], [0, 24, 0, 1], [20, 24, 1, 1], [20, 0, 1, 0]])
    parts = []
    for y, x, is_top, is_right in places:
        part = image[y : y + 20, x : x + 24].astype(np.float64)
        parts.append(part[:: -1 if is_top else 1, :: -1 if is_right else 1])
    expected = image.astype(np.float64)
    for victim, (y, x, is_top, is_right) in enumerate(places):
        echo = sum(coefficients[victim, k] * parts[k] for k in range(4) if k != victim)
        expected[y : y + 20, x : x + 24] -= echo[:: -1 if is_top else 1, :: -1 if is_right else 1]
    kernels.subtract_crosstalk(image, image.copy(), places, 20, 24, coefficients)
    np.testing.assert_allclose(image, expected, rtol=3e-7)


def test_the_variance_is_that_of_the_counts_and_of_reading(image: np.ndarray) -> None:
    image[20, 20] = -5
    variance = np.zeros_like(image)
    kernels.fill_variance(image, variance, *SECTION, np.float32(3.5), np.float32(1.2))
    expected = np.zeros(image.shape)
    expected[ROWS, COLUMNS] = (np.maximum(image, 0) / 3.5 + 1.44)[ROWS, COLUMNS]
    np.testing.assert_allclose(variance, expected, rtol=3e-7)


def test_a_flat_divides_the_image_and_squared_the_variance(image: np.ndarray) -> None:
    rng = np.random.default_rng(5)
    flat = rng.uniform(0.5, 1.5, image.shape).astype(np.float32)
    variance = np.full_like(image, 400)
    mask = np.zeros(image.shape, np.int32)
    expected = image / (flat.astype(np.float64) / 2)
    assert kernels.divide_by(image, variance, mask, flat, np.float32(2), 8) == 0
    np.testing.assert_allclose(image, expected, rtol=3e-7)
    np.testing.assert_allclose(variance, 400 / (flat / 2.0) ** 2, rtol=5e-7)
    assert not mask.any()


def test_a_flat_that_is_no_positive_number_loses_the_pixel(image: np.ndarray) -> None:
    flat = np.ones_like(image)
    flat[3, 4], flat[5, 6], flat[7, 8], flat[9, 10] = 0, -1, np.nan, np.inf
    variance, mask = np.ones_like(image), np.zeros(image.shape, np.int32)
    lost = kernels.divide_by(image, variance, mask, flat, np.float32(1), 8)
    bad = [(3, 4), (5, 6), (7, 8), (9, 10)]
    assert lost == 4
    for plane in (np.isnan(image), np.isnan(variance), mask == 8):
        assert list(zip(*map(list, np.nonzero(plane)), strict=True)) == bad


@pytest.mark.parametrize("size", [5, 7, 17])
def test_a_sum_of_products_convolves_as_the_whole_kernel(image: np.ndarray, size: int) -> None:
    rng = np.random.default_rng(size)
    columns = rng.normal(size=(3, size)).astype(np.float32)
    rows = rng.normal(size=(3, size)).astype(np.float32)
    whole = np.einsum("ky,kx->yx", columns.astype(float), rows.astype(float))
    out = np.empty_like(image)
    kernels.convolve_separable(image, columns, rows, out)
    expected = correlate(image.astype(np.float64), whole, mode="nearest")
    # Sums of some 3 * 17 * 17 terms of about 1000 in 32 bits
    np.testing.assert_allclose(out, expected, atol=3e-6 * np.abs(image).sum() / image.size * size)


def test_charge_moves_by_the_divergence_of_charge_times_slope(image: np.ndarray) -> None:
    rng = np.random.default_rng(6)
    potential = rng.normal(0, 0.1, image.shape).astype(np.float32)
    recorded = image + rng.normal(0, 5, image.shape).astype(np.float32)
    charge, wide = image.astype(np.float64), potential.astype(np.float64)
    expected = recorded.astype(np.float64)
    for axis in (0, 1):
        first = np.moveaxis(charge, axis, 0)
        flow = 0.25 * (first[1:] + first[:-1]) * np.diff(np.moveaxis(wide, axis, 0), axis=0)
        target = np.moveaxis(expected, axis, 0)
        target[:-1] += flow
        target[1:] -= flow
    change = kernels.move_charge(recorded, image, potential)
    np.testing.assert_allclose(image, expected, atol=1e-3)  # 32 bits of numbers of some 1000
    assert change == pytest.approx(np.abs(expected - charge).sum(), rel=1e-5)
    assert image.sum(dtype=np.float64) == pytest.approx(recorded.sum(dtype=np.float64), rel=1e-7)
