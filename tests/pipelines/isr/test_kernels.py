"""Each loop of instrument signature removal beside the same thing in plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.isr import kernels

SECTION = (5, 60, 8, 40)  # rows 5 to 60, columns 8 to 40
ROWS, COLUMNS = slice(5, 60), slice(8, 40)


@pytest.fixture
def image() -> np.ndarray:
    rng = np.random.default_rng(20131102)
    return rng.normal(1000, 200, (70, 48)).astype(np.float32)


@pytest.mark.parametrize("kind", ["u2", "i4", "f4"])
@pytest.mark.parametrize(("down", "right"), [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_a_section_is_turned_levelled_and_flagged(
    image: np.ndarray, kind: str, down: int, right: int
) -> None:
    raw = image.astype(kind)
    part = raw[ROWS, COLUMNS].astype(np.float32)
    levels = np.linspace(0, 30, 55)
    found, mask = np.zeros((60, 40), np.float32), np.full((60, 40), 4, np.int32)
    place = (2 if down > 0 else 56, 3 if right > 0 else 34, down, right)
    counts = kernels.take_section(raw, SECTION, found, mask, place, levels, (1200.0, 900.0), (1, 2))
    target = (slice(2, 57), slice(3, 35))
    expected, flags = np.zeros_like(found), np.full_like(mask, 4)
    turned = (slice(None, None, down), slice(None, None, right))
    expected[target] = (part - levels.astype(np.float32)[:, None])[turned]
    flags[target] |= (np.where(part >= 1200, 1, 0) | np.where(part >= 900, 2, 0))[turned]
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(mask, flags)
    assert counts == (np.count_nonzero(part >= 1200), np.count_nonzero(part >= 900))


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
    levels = rng.uniform(0, 100, 4).astype(np.float32)
    # lower left, lower right, upper right, upper left, each 20 x 24 pixels
    corners = np.array([[0, 0, 0, 0], [0, 24, 0, 1], [20, 24, 1, 1], [20, 0, 1, 0]])
    places = np.hstack([corners, np.full((4, 1), 20), np.full((4, 1), 24)])
    parts = []
    for y, x, is_top, is_right in corners:
        part = image[y : y + 20, x : x + 24].astype(np.float64)
        parts.append(part[:: -1 if is_top else 1, :: -1 if is_right else 1])
    expected = image.astype(np.float64)
    flags = np.zeros(image.shape, np.int32)
    coefficients[2, 0] = 0  # no echo, no flag
    for victim, (y, x, is_top, is_right) in enumerate(corners):
        turned = (slice(None, None, -1 if is_top else 1), slice(None, None, -1 if is_right else 1))
        others = [k for k in range(4) if k != victim]
        echo = sum(coefficients[victim, k] * (parts[k] - levels[k]) for k in others)
        expected[y : y + 20, x : x + 24] -= echo[turned]
        is_hit = np.any([parts[k] >= 1400 for k in others if coefficients[victim, k]], axis=0)
        flags[y : y + 20, x : x + 24] |= np.where(is_hit, 8, 0)[turned]
    mask = np.zeros(image.shape, np.int32)
    count = kernels.subtract_crosstalk(
        image, mask, places, coefficients, levels, np.float32(1400), np.int32(8)
    )
    np.testing.assert_allclose(image, expected, rtol=3e-7)
    np.testing.assert_array_equal(mask, flags)
    assert count == np.count_nonzero(flags) > 50


@pytest.mark.parametrize("offset", [0.0, -600.5])
def test_a_table_is_looked_up_by_the_integer_part_of_the_counts(
    image: np.ndarray, offset: float
) -> None:
    table = np.random.default_rng(7).normal(0, 3, 900).astype(np.float32)
    image[10, 10], image[11, 11] = np.nan, -3.5
    expected = image.copy()
    part = image[ROWS, COLUMNS]
    places = np.floor(part + offset)
    known = np.where(np.isnan(places), 0, np.clip(places, 0, 899)).astype(int)
    expected[ROWS, COLUMNS] += table[known]
    beyond = np.count_nonzero((places < 0) | (places > 899))
    assert beyond > 0
    assert kernels.add_from_table(image, *SECTION, table, np.float32(offset)) == beyond
    np.testing.assert_array_equal(image, expected)


@pytest.mark.parametrize("bits", [0, 8])
def test_the_variance_is_that_of_the_counts_and_of_reading(image: np.ndarray, bits: int) -> None:
    image[20, 20], image[21, 21] = -5, -5.1  # read noise squared is 1.44, times the gain 5.04
    variance, mask = np.zeros_like(image), np.zeros(image.shape, np.int32)
    numbers = np.float32(3.5), np.float32(1.2)
    count = kernels.fill_variance(image, variance, mask, *SECTION, *numbers, np.int32(bits))
    expected = np.zeros(image.shape)
    expected[ROWS, COLUMNS] = (np.maximum(image, 0) / 3.5 + 1.44)[ROWS, COLUMNS]
    np.testing.assert_allclose(variance, expected, rtol=3e-7)
    assert count == 1
    assert np.argwhere(mask).tolist() == ([[21, 21]] if bits else [])


def test_runs_of_flagged_pixels_grow_by_their_width() -> None:
    rng = np.random.default_rng(9)
    mask = (rng.random((40, 300)) < 0.8).astype(np.int32) * 2
    mask[0], mask[1] = 2, 0
    mask[3:, 100:108] |= 1  # another plane
    widths, steps = np.array([3, 6, 10]), np.array([1, 2, 4])
    expected = mask.copy()
    for y, row in enumerate(mask & 2):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row, [0]])))
        for first, end in edges.reshape(-1, 2):
            step = int(np.sum(np.diff(steps, prepend=0)[widths <= end - first]))
            expected[y, max(0, first - step) : end + step] |= 2
    assert np.count_nonzero(expected != mask) > 100
    kernels.widen_runs(mask, np.int32(2), widths, steps)
    np.testing.assert_array_equal(mask, expected)


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


def test_an_image_is_added_as_often_as_is_said(image: np.ndarray) -> None:
    other = image[::-1].copy()
    expected = image - 0.3 * other.astype(np.float64)
    kernels.add_scaled(image, other, np.float32(-0.3))
    np.testing.assert_allclose(image, expected, rtol=3e-7, atol=1e-4)  # of differences


def test_the_error_of_a_flat_counts_where_it_is_a_number(image: np.ndarray) -> None:
    flat, error = np.full_like(image, 2), np.full_like(image, 0.01)
    flat[3, 4], error[5, 6] = 0, np.nan
    variance = np.full_like(image, 400)
    expected = 400 + 0.01 / 4 * np.square(image.astype(np.float64))
    expected[3, 4] = expected[5, 6] = 400
    kernels.add_relative_variance(image, variance, flat, error)
    np.testing.assert_allclose(variance, expected, rtol=5e-7)


def test_what_is_no_number_is_counted(image: np.ndarray) -> None:
    assert kernels.count_not_finite(image) == 0
    image[2, 3], image[4, 5], image[6, 7] = np.nan, np.inf, -np.inf
    assert kernels.count_not_finite(image) == 3
