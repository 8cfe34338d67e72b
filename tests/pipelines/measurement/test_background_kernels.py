"""Levels of rings around sources, against an independent library."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.stats import sigma_clipped_stats

from pipelines.measurement.background_kernels import ring_levels

SIZE = 61


def level(
    image: np.ndarray, bad: np.ndarray, x: float, y: float, corner: tuple[int, int] = (0, 0)
) -> np.ndarray:
    return ring_levels(
        image.astype(np.float32)[None],
        2 * bad.astype(np.int32) + 1,
        2,
        np.array([corner]),
        np.array([float(x)]),
        np.array([float(y)]),
        (8.0, 20.0),
        3.0,
        3,
    )[0]


def test_the_level_of_a_ring_is_a_mean_without_outliers() -> None:
    rng = np.random.default_rng(1)
    image = rng.normal(7, 2, (SIZE, SIZE))
    image[rng.random(image.shape) < 0.01] += 100
    bad = rng.random(image.shape) < 0.1
    rows, columns = np.mgrid[:SIZE, :SIZE]
    distance = np.hypot(columns - 30.3, rows - 28.8)
    ring = image[(distance > 8) & (distance <= 20) & ~bad]
    mean, _, deviation = sigma_clipped_stats(
        ring, sigma=3, maxiters=3, cenfunc="mean", stdfunc="std"
    )
    # The library divides by the number of values, not by one less.
    assert level(image, bad, 30.3, 28.8) == pytest.approx([mean, deviation], rel=1e-3)


def test_a_ring_without_good_pixels_has_no_level() -> None:
    image, everywhere = np.ones((SIZE, SIZE)), np.ones((SIZE, SIZE), bool)
    assert np.isnan(level(image, everywhere, 30, 30)).all()
    assert np.isnan(level(image, ~everywhere, np.nan, 30)).all()


def test_a_ring_ends_at_the_edge_of_the_image() -> None:
    stamp, bad = np.full((SIZE, SIZE), 100.0), np.zeros((200, 40), bool)
    stamp[:, 30:] = 3.0  # columns 0 and up; what is left of them is outside
    assert level(stamp, bad, 5.0, 100.0, corner=(-30, 70)) == pytest.approx([3.0, 0.0])
