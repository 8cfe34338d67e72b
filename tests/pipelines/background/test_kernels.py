"""The loops of background models beside the same thing in plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicHermiteSpline

from pipelines.background import kernels

IGNORED = 2


def clipped(values: np.ndarray, rounds: int) -> np.ndarray:
    for _ in range(rounds):
        kept = values[np.abs(values - values.mean()) <= 3 * values.std()]
        if len(kept) in (0, len(values)):
            break
        values = kept
    return values


def expected_level(values: np.ndarray, statistic: int) -> tuple[float, float]:
    if statistic in (1, 2):
        level = np.median(values) if statistic == 1 else values.mean()
        return level, values.std() / np.sqrt(len(values))
    sample = values[:: 7 if len(values) > 700 else 1]
    middle = np.median(sample)
    spread = 1.4826 * np.median(np.abs(sample - middle))
    kept = clipped(values[np.abs(values - middle) <= 3 * spread], 3)
    level = kept.mean()
    if statistic == 3:
        median = np.median(kept)
        is_near = abs(level - median) < 0.3 * kept.std()
        level = 2.5 * median - 1.5 * level if is_near else median
    return level, kept.std() / np.sqrt(len(kept))


@pytest.mark.parametrize("statistic", [0, 1, 2, 3])
def test_cells_have_the_statistics_of_their_good_pixels(statistic: int) -> None:
    rng = np.random.default_rng(20131102)
    image = rng.normal(100, 10, (90, 70)).astype(np.float32)
    image[rng.random(image.shape) < 0.05] += 300
    image[0, 0] = np.nan
    mask = np.where(rng.random(image.shape) < 0.1, IGNORED, 1).astype(np.int32)
    mask[40:90, 35:70] |= IGNORED
    rows, columns = np.array([0, 40, 90]), np.array([0, 35, 70])
    level, error, counts = np.empty((2, 2)), np.empty((2, 2)), np.empty((2, 2), np.int64)
    kernels.cell_statistics(
        image, mask, IGNORED, rows, columns, statistic, 3.0, 3, 3.0, level, error, counts
    )
    for j in range(2):
        for i in range(2):
            part = (slice(rows[j], rows[j + 1]), slice(columns[i], columns[i + 1]))
            is_good = (mask[part] & IGNORED == 0) & np.isfinite(image[part])
            values = image[part][is_good].astype(np.float64)
            assert counts[j, i] == len(values)
            if len(values) == 0:
                assert np.isnan(level[j, i])
                assert np.isnan(error[j, i])
                continue
            # Limits are compared in 32 bits; the sums are of doubles in another order
            np.testing.assert_allclose(
                (level[j, i], error[j, i]), expected_level(values, statistic), rtol=1e-6
            )


def test_a_cell_of_equal_pixels_has_their_value() -> None:
    image, mask = np.full((20, 20), 5, np.float32), np.zeros((20, 20), np.int32)
    level, error, counts = np.empty((1, 1)), np.empty((1, 1)), np.empty((1, 1), np.int64)
    edges = np.array([0, 20])
    for statistic in range(4):
        kernels.cell_statistics(
            image, mask, 0, edges, edges, statistic, 3.0, 3, 3.0, level, error, counts
        )
        assert (level[0, 0], error[0, 0], counts[0, 0]) == (5, 0, 400)


def test_curves_are_cubic_between_knots_and_straight_beyond() -> None:
    rng = np.random.default_rng(1)
    knots = np.array([9.5, 30.25, 41.0, 75.5])
    values, slopes = rng.normal(100, 10, (6, 4)), rng.normal(0, 1, (6, 4))
    out = np.empty((6, 100), np.float32)
    kernels.evaluate_rows(values, slopes, knots, 3.0, out)
    x = 3.0 + np.arange(100)
    inside = (x >= knots[0]) & (x <= knots[-1])
    for y in range(6):
        curve = CubicHermiteSpline(knots, values[y], slopes[y])(x[inside])
        np.testing.assert_allclose(out[y, inside], curve, rtol=1e-6)  # 32 bits
        left, right = x < knots[0], x > knots[-1]
        np.testing.assert_allclose(
            out[y, left], values[y, 0] + slopes[y, 0] * (x[left] - knots[0]), rtol=1e-6
        )
        np.testing.assert_allclose(
            out[y, right], values[y, 3] + slopes[y, 3] * (x[right] - knots[3]), rtol=1e-6
        )


def test_a_single_knot_gives_a_straight_line() -> None:
    out = np.empty((1, 5), np.float32)
    kernels.evaluate_rows(np.array([[10.0]]), np.array([[2.0]]), np.array([2.0]), 0.0, out)
    assert out.tolist() == [[6, 8, 10, 12, 14]]
