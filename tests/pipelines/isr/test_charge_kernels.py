"""The loops of the brighter-fatter correction beside the same thing in plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import correlate

from pipelines.isr import charge_kernels as kernels


@pytest.fixture
def image() -> np.ndarray:
    rng = np.random.default_rng(20131102)
    return rng.normal(1000, 200, (70, 48)).astype(np.float32)


@pytest.mark.parametrize("terms", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 5, 7, 8 + 9])
def test_a_sum_of_products_convolves_as_the_whole_kernel(
    image: np.ndarray, size: int, terms: int
) -> None:
    rng = np.random.default_rng(size)
    columns = rng.normal(size=(terms, size)).astype(np.float32)
    rows = rng.normal(size=(terms, size)).astype(np.float32)
    whole = np.einsum("ky,kx->yx", columns.astype(float), rows.astype(float))
    out = np.empty_like(image)
    kernels.convolve_separable(image, columns, rows, out)
    expected = correlate(image.astype(np.float64), whole, mode="nearest")
    # Sums of up to 3 * 17 * 17 terms of about 1000 in 32 bits
    np.testing.assert_allclose(out, expected, atol=3e-6 * np.abs(image).sum() / image.size * size)


def divergence(charge: np.ndarray, potential: np.ndarray) -> np.ndarray:
    """Return half of the divergence of charge times slope, by what flows through sides."""
    moved = np.zeros(charge.shape)
    for axis in (0, 1):
        first = np.moveaxis(charge.astype(np.float64), axis, 0)
        slope = np.diff(np.moveaxis(potential.astype(np.float64), axis, 0), axis=0)
        flow = 0.25 * (first[1:] + first[:-1]) * slope
        target = np.moveaxis(moved, axis, 0)
        target[:-1] += flow
        target[1:] -= flow
    return moved


@pytest.mark.parametrize("part", [(0, 70, 0, 48), (5, 60, 8, 40), (0, 20, 30, 48), (50, 70, 0, 9)])
def test_charge_moves_by_the_divergence_of_charge_times_slope(
    image: np.ndarray, part: tuple[int, int, int, int]
) -> None:
    rng = np.random.default_rng(6)
    potential = rng.normal(0, 0.1, image.shape).astype(np.float32)
    y0, y1, x0, x1 = part
    width = x1 - x0
    expected = divergence(image, potential)[y0:y1, x0:x1]
    moved = rng.normal(0, 50, (y1 - y0, width + 5)).astype(np.float32)
    before = moved.copy()
    counts = np.zeros(-(-width // 16), np.int64)
    change = kernels.move_charge(image, potential, part, moved, 3, np.float32(60), counts, 16)
    np.testing.assert_allclose(moved[:, 3 : 3 + width], expected, atol=1e-3)  # 32 bits of 1000
    np.testing.assert_array_equal(
        np.delete(moved, range(3, 3 + width), axis=1),
        np.delete(before, range(3, 3 + width), axis=1),
    )
    changes = np.abs(expected - before[:, 3 : 3 + width])
    assert change == pytest.approx(changes.sum(), rel=1e-5)
    columns = [np.count_nonzero(changes[:, k : k + 16] > 60) for k in range(0, width, 16)]
    assert counts.tolist() == columns


def test_charge_that_moves_in_the_whole_image_sums_to_nothing(image: np.ndarray) -> None:
    potential = np.random.default_rng(6).normal(0, 0.1, image.shape).astype(np.float32)
    moved = np.zeros_like(image)
    whole = (0, *image.shape[:1], 0, *image.shape[1:])
    kernels.move_charge(image, potential, whole, moved, 0, np.float32(1), np.zeros(1, np.int64), 48)
    assert np.abs(moved).sum() > 1e5
    assert abs(moved.sum(dtype=np.float64)) < 0.1  # 32 bits
