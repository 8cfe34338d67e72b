"""Images with a noise and without."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.fits.noise import has_noise

TILE = (64, 256)
SHAPE = (150, 600)


def sky(sigma: float = 10) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(5).normal(100, sigma, SHAPE).astype(np.float32)


def test_sky_has_noise_with_any_hole_in_it() -> None:
    pixels = sky()
    pixels[:, :100] = 7
    pixels[20:90, 200:350] = np.nan
    pixels[:70, 400:] = 0
    assert has_noise(pixels, TILE)


@pytest.mark.parametrize("sigma", [0.7, 3])
def test_noise_that_is_counted_in_units_is_noise(sigma: float) -> None:
    assert has_noise(sky(sigma).round(), TILE)


@pytest.mark.parametrize("value", [0, 5, np.nan])
def test_constant_images_are_kept_by_the_codecs(value: float) -> None:
    assert has_noise(np.full(SHAPE, value, np.float32), TILE)


@pytest.mark.parametrize("shape", [(1, 1), (70, 1), (1, 300)])
def test_narrow_images_are_judged_too(shape: tuple[int, int]) -> None:
    assert has_noise(np.ones(shape, np.float64), TILE)


@pytest.mark.parametrize("share", [0.001, 0.02, 0.1, 0.3])
def test_spikes_in_a_constant_are_no_noise(share: float) -> None:
    spikes = np.random.default_rng(5).random(SHAPE) < share
    assert not has_noise(np.where(spikes, 400, 25).astype(np.float32), TILE)


def test_one_tile_without_noise_counts() -> None:
    pixels = sky()
    pixels[128:, 512:] = 25
    pixels[140, 550] = 400
    assert not has_noise(pixels, TILE)


def test_few_noisy_pixels_are_not_the_noise_of_a_constant_tile() -> None:
    pixels = np.full(SHAPE, 25, np.float32)
    pixels[10:30, 10:30] = sky(50)[:20, :20]
    assert not has_noise(pixels, TILE)
