"""Images between their pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.psf.resampling import (
    aperture_sum,
    center_index,
    interpolation_weights,
    resized_pixels,
    shifted,
)

OFFSETS = st.floats(-1, 1)


def gaussian(size: int, sigma: float, dx: float = 0.0, dy: float = 0.0) -> np.ndarray:
    y, x = np.indices((size, size)) - center_index(size)
    return np.exp(-((x - dx) ** 2 + (y - dy) ** 2) / (2 * sigma**2)) / (2 * np.pi * sigma**2)


@given(positions=st.lists(st.floats(5, 14), min_size=1, max_size=5))
def test_parabolas_are_interpolated_exactly(positions: list[float]) -> None:
    weights = interpolation_weights(np.array(positions), 20)
    pixels = np.arange(20.0)
    for power in range(3):
        np.testing.assert_allclose(weights @ pixels**power, np.array(positions) ** power, rtol=1e-9)


def test_pixels_themselves_are_not_changed() -> None:
    weights = interpolation_weights(np.arange(7.0), 7)
    np.testing.assert_allclose(weights, np.eye(7), atol=1e-14)


def test_positions_far_outside_draw_on_no_pixel() -> None:
    weights = interpolation_weights(np.array([-1e6, -20.5, 27.5, 1e6]), 7)
    np.testing.assert_array_equal(weights, np.zeros((4, 7)))


@pytest.mark.parametrize(("sigma", "tolerance"), [(1.0, 6e-3), (1.5, 6e-4), (2.0, 5e-4)])
@given(dx=OFFSETS, dy=OFFSETS)
def test_a_moved_gaussian_is_a_gaussian(
    sigma: float, tolerance: float, dx: float, dy: float
) -> None:
    """Relative to the peak; at one pixel the star itself is not well sampled."""
    moved = shifted(gaussian(31, sigma), dx, dy)
    expected = gaussian(31, sigma, dx, dy)
    assert np.abs(moved - expected).max() < tolerance * expected.max()


@given(dx=OFFSETS, dy=OFFSETS)
def test_shifting_is_interpolation_backwards(dx: float, dy: float) -> None:
    pixels = np.random.default_rng(3).random((7, 12))
    rows = interpolation_weights(np.arange(7) - dy, 7)
    columns = interpolation_weights(np.arange(12) - dx, 12)
    np.testing.assert_allclose(shifted(pixels, dx, dy), rows @ pixels @ columns.T, atol=1e-11)


def test_whole_shifts_move_pixels_and_lose_what_leaves() -> None:
    pixels = np.arange(12.0).reshape(3, 4)
    moved = shifted(pixels, 1.0, 0.0)
    np.testing.assert_allclose(moved[:, 1:], pixels[:, :-1], atol=1e-13)
    np.testing.assert_allclose(moved[:, 0], 0, atol=1e-13)


@pytest.mark.parametrize(("size", "center"), [(1, 0), (2, 0), (9, 4), (10, 4), (11, 5)])
def test_center_of_an_even_size_is_the_lower_pixel(size: int, center: int) -> None:
    assert center_index(size) == center


@given(
    old=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    new=st.tuples(st.integers(1, 9), st.integers(1, 9)),
)
def test_resizing_keeps_the_central_pixel_and_what_fits(
    old: tuple[int, int], new: tuple[int, int]
) -> None:
    planes = np.arange(1.0, 2 * old[0] * old[1] + 1).reshape(2, *old)
    resized = resized_pixels(planes, new[1], new[0])
    assert resized.shape == (2, *new)
    assert resized[1][tuple(map(center_index, new))] == planes[1][tuple(map(center_index, old))]
    assert np.count_nonzero(resized) == 2 * min(old[0], new[0]) * min(old[1], new[1]) or any(
        (o + n) % 2 for o, n in zip(old, new, strict=True)
    )
    back = resized_pixels(resized_pixels(planes, 40, 41), old[1], old[0])
    np.testing.assert_array_equal(back, planes)


@pytest.mark.parametrize("radius", [0.3, 1.0, 2.5, 6.0, 9.0])
@pytest.mark.parametrize("sigma", [1.5, 2.0, 3.0])
def test_flux_in_a_circle_is_that_of_the_gaussian(radius: float, sigma: float) -> None:
    """A Gaussian of 1.5 pixels has 2e-5 of its amplitude above what pixels can hold."""
    flux = aperture_sum(gaussian(61, sigma), 30, 30, radius)
    assert flux == pytest.approx(1 - np.exp(-(radius**2) / (2 * sigma**2)), abs=2e-5)


def test_circle_may_lie_anywhere() -> None:
    flux = aperture_sum(gaussian(41, 2.0, 3.3, -1.7), 23.3, 18.3, 4.0)
    assert flux == pytest.approx(1 - np.exp(-2), abs=1e-6)
