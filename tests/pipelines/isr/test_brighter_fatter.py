"""The brighter-fatter effect, done and undone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import convolve

from pipelines.errors import CalibrationError
from pipelines.isr.brighter_fatter import as_products, correct_brighter_fatter
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


@pytest.mark.parametrize("turned", [False, True])
def test_the_effect_is_undone_also_with_a_kernel_that_has_sides(*, turned: bool) -> None:
    kernel = brighter_fatter_kernel().copy()
    if turned:
        kernel[:, 9:] *= 1.3
        kernel[9:] *= 0.8
    true = star()
    recorded = with_effect(true, kernel)
    found = recorded.astype(np.float32)
    result = correct_brighter_fatter(found, kernel, threshold=1.0)
    assert np.abs(recorded - true).max() > 200  # the effect that is to be undone
    # What is left of it: the products are the kernel to 1e-3
    assert np.abs(found - true).max() < 2e-3 * np.abs(recorded - true).max()
    np.testing.assert_allclose(result.moved, found - recorded, atol=0.02)  # 32 bits
    assert result.has_converged
    assert result.iterations > 1


def test_charge_is_moved_and_not_made() -> None:
    charge = star().astype(np.float32)
    before = charge.sum(dtype=np.float64)
    correct_brighter_fatter(charge, brighter_fatter_kernel())
    assert charge.sum(dtype=np.float64) == pytest.approx(before, rel=1e-7)  # 32 bits


def test_a_flat_sky_stays() -> None:
    charge = np.full((60, 60), 1000, np.float32)
    correct_brighter_fatter(charge, brighter_fatter_kernel())
    np.testing.assert_allclose(charge, 1000, atol=1e-3)


def test_iterations_end_at_their_number() -> None:
    result = correct_brighter_fatter(star().astype(np.float32), brighter_fatter_kernel(), 1, 0.0)
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
        correct_brighter_fatter(star().astype(np.float32), kernel)
