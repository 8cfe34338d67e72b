"""The brighter-fatter effect, done and undone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import convolve

from pipelines.errors import CalibrationError
from pipelines.isr.brighter_fatter import (
    BrighterFatterResult,
    RecordedCharge,
    as_products,
    correct_brighter_fatter,
)
from testdata.simulator import brighter_fatter_kernel


def star(size: int = 101) -> np.ndarray:
    y, x = np.mgrid[:size, :size] - size // 2
    return (1000 + 80000 * np.exp(-(x**2 + y**2) / (2 * 2.0**2))).astype(np.float64)


def with_effect(charge: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the charge that is recorded: I - div(I grad(K * I)) / 2, by fluxes."""
    potential = convolve(charge, kernel, mode="nearest")
    recorded = charge.copy()
    for axis in (0, 1):
        first = np.moveaxis(charge, axis, 0)
        flow = 0.25 * (first[1:] + first[:-1]) * np.diff(np.moveaxis(potential, axis, 0), axis=0)
        target = np.moveaxis(recorded, axis, 0)
        target[:-1] -= flow
        target[1:] += flow
    return recorded


def corrected(
    recorded: np.ndarray, kernel: np.ndarray, max_iterations: int = 10, threshold: float = 1000.0
) -> BrighterFatterResult:
    charge = RecordedCharge(recorded.astype(np.float32))
    return correct_brighter_fatter(charge, kernel, max_iterations, threshold)


@pytest.mark.parametrize("turned", [False, True])
def test_the_effect_is_undone_also_with_a_kernel_that_has_sides(*, turned: bool) -> None:
    kernel = brighter_fatter_kernel().copy()
    if turned:
        kernel[:, 9:] *= 1.3
        kernel[9:] *= 0.8
    true = star()
    recorded = with_effect(true, kernel)
    result = corrected(recorded, kernel, threshold=1.0)
    assert np.abs(recorded - true).max() > 200  # the effect that is to be undone
    # What is left of it: the products are the kernel to 1e-3
    assert np.abs(recorded + result.moved - true).max() < 2e-3 * np.abs(recorded - true).max()
    assert result.has_converged
    assert result.iterations > 1


def plain(recorded: np.ndarray, kernel: np.ndarray, iterations: int) -> np.ndarray:
    """Return what moves: the whole image each time, with the whole kernel, in 64 bits."""
    moved = np.zeros(recorded.shape)
    for _ in range(iterations):
        moved = recorded + moved - with_effect(recorded + moved, kernel)
    return moved


@pytest.mark.parametrize("size", [(540, 300), (256, 128), (41, 40)])
def test_bands_and_tiles_give_what_the_whole_image_gives(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(20131102)
    recorded = rng.normal(1000, 30, size)
    for _ in range(6):  # also across the sides of tiles
        y, x = (rng.integers(15, length - 15) for length in size)
        recorded[y - 15 : y + 16, x - 15 : x + 16] += star(31) - 1000
    kernel = brighter_fatter_kernel()
    result = corrected(recorded, kernel, threshold=0.0)
    expected = plain(recorded, kernel, 8)
    assert np.abs(expected).max() > 200
    # The products are the kernel to 1e-3; the noise of these pixels is 30 and more
    error = np.abs(result.moved - expected)
    assert error.max() < 2e-3 * np.abs(expected).max()
    is_sky = recorded < 1200
    assert error[is_sky].max() < 0.1
    assert result.has_converged  # no pixel changes by five electrons


def test_charge_is_moved_and_not_made() -> None:
    charge = star(301)
    moved = corrected(charge, brighter_fatter_kernel()).moved
    assert np.abs(moved).sum() > 1e3
    assert abs(moved.sum(dtype=np.float64)) < 1e-7 * charge.sum()  # 32 bits


def test_gains_turn_counts_into_electrons() -> None:
    charge = star(61)
    gains = np.linspace(2, 4, 61, dtype=np.float32)
    for shape in ((1, 61), (61, 61)):
        counts = RecordedCharge(
            (charge / gains).astype(np.float32), np.array(np.broadcast_to(gains, shape))
        )
        moved = correct_brighter_fatter(counts, brighter_fatter_kernel()).moved
        expected = corrected(charge, brighter_fatter_kernel()).moved
        np.testing.assert_allclose(moved, expected, atol=0.05)  # 32 bits of 80,000


def test_a_flat_sky_stays() -> None:
    moved = corrected(np.full((60, 60), 1000.0), brighter_fatter_kernel()).moved
    np.testing.assert_allclose(moved, 0, atol=1e-3)


def test_iterations_end_at_their_number() -> None:
    result = corrected(star(), brighter_fatter_kernel(), 1, 0.0)
    assert (result.iterations, result.has_converged) == (1, False)


def test_the_products_are_the_kernel() -> None:
    kernel = brighter_fatter_kernel()
    columns, rows = as_products(kernel)
    assert len(columns) == 4
    error = np.abs(np.einsum("ky,kx->yx", columns, rows) - kernel).max()
    assert error < 1e-3 * np.abs(kernel).max()


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        (np.ones((4, 4)), "odd size"),
        (np.ones((5, 7)), "shape"),
        (np.ones(5), "shape"),
        (np.full((5, 5), np.nan), "no numbers"),
    ],
)
def test_kernels_that_cannot_be_used_are_refused(kernel: np.ndarray, message: str) -> None:
    with pytest.raises(CalibrationError, match=message):
        corrected(star(), kernel)
