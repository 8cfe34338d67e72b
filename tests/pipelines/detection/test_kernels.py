"""Each kernel against a plain statement of the same thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from pipelines.detection.kernels import (
    clipped_deviation,
    grown_spans,
    label_spans,
    peaks_in_spans,
    set_bits,
    smoothed,
    spans_above,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

planes = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12))


def noise(shape: tuple[int, int] = (40, 30), seed: int = 3) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def whole(image: NDArray[np.generic]) -> tuple[int, int, int, int]:
    height, width = image.shape
    return 0, width - 1, 0, height - 1


def spans_of(chosen: NDArray[np.bool_]) -> NDArray[np.int32]:
    image = chosen.astype(np.float32)
    return spans_above(image, np.ones_like(image), (1.0, 0.25, 0.0), whole(image))


def painted(spans: NDArray[np.int32], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    plane = np.zeros(shape, bool)
    for y, first, last in spans:
        plane[y, first : last + 1] = True
    return plane


@pytest.mark.parametrize("size", [1, 3, 9, 45])
def test_smoothing_is_a_convolution_along_both_axes_with_zero_outside(size: int) -> None:
    image = noise()
    weights = np.exp(-((np.arange(size) - size // 2) ** 2) / 8).astype(np.float32)
    rows = np.apply_along_axis(np.convolve, 0, image, weights, "full")
    both = np.apply_along_axis(np.convolve, 1, rows, weights, "full")
    half = size // 2
    expected = both[half : half + 40, half : half + 30]
    # Sums of 32-bit numbers: their rounding is about 1e-7 of the largest one.
    assert np.allclose(smoothed(image, weights), expected, atol=2e-5)


def test_smoothing_takes_what_is_no_number_for_zero() -> None:
    image, plain = noise(), noise()
    image[5, 6], image[20, 20], plain[5, 6], plain[20, 20] = np.nan, np.inf, 0, 0
    weights = np.array([0.25, 0.5, 0.25], np.float32)
    assert np.array_equal(smoothed(image, weights), smoothed(plain, weights))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_clipped_deviation_leaves_out_what_is_no_number(value: float) -> None:
    image, excluded = noise(), np.zeros((40, 30), bool)
    image[3, 4], excluded[3, 4] = 0, True
    expected = clipped_deviation(image, excluded, 3.0, 3)
    image[3, 4], excluded[3, 4] = value, False
    assert clipped_deviation(image, excluded, 3.0, 3) == expected


def test_a_clipped_deviation_leaves_out_what_is_far_from_the_mean() -> None:
    image, excluded = noise((200, 200)), np.zeros((200, 200), bool)
    image[:2] = 50
    excluded[100:, :] = True
    values = image[~excluded].astype(float)
    for _ in range(3):
        values = values[abs(values - values.mean()) <= 3 * values.std()]
    mean, deviation = clipped_deviation(image, excluded, 3.0, 3)
    assert mean == pytest.approx(values.mean(), abs=1e-6)
    assert deviation == pytest.approx(values.std(), abs=1e-6)


def test_a_clipped_deviation_of_nothing_is_no_number() -> None:
    assert np.isnan(clipped_deviation(noise(), np.ones((40, 30), bool), 3.0, 3)[1])


@given(planes)
def test_spans_hold_exactly_the_pixels_above(chosen: NDArray[np.bool_]) -> None:
    assert np.array_equal(painted(spans_of(chosen), chosen.shape), chosen)


def test_the_threshold_of_a_pixel_follows_its_variance() -> None:
    image, variance = noise(), np.abs(noise(seed=4)) + np.float32(0.1)
    spans = spans_above(image, variance, (-1.0, 0.01, 1.5), whole(image))
    expected = (image < 0) & (image**2 > 0.01 + 1.5 * variance)
    assert np.array_equal(painted(spans, image.shape), expected)


def test_nothing_is_looked_for_outside_of_the_box() -> None:
    image = np.ones((10, 12), np.float32)
    spans = spans_above(image, image, (1.0, 0.5, 0.0), (2, 8, 3, 4))
    assert spans.tolist() == [[3, 2, 8], [4, 2, 8]]


@given(planes)
def test_labels_are_those_of_pixels_that_touch_at_a_corner_too(chosen: NDArray[np.bool_]) -> None:
    spans = spans_of(chosen)
    expected, count = ndimage.label(chosen, np.ones((3, 3)))
    labels = label_spans(spans)
    assert set(labels.tolist()) == set(range(count))
    pairs = {(label, expected[y, x]) for label, (y, x, _) in zip(labels, spans, strict=True)}
    assert len(pairs) == count


@given(planes, st.integers(0, 4))
def test_growing_is_a_dilation(chosen: NDArray[np.bool_], radius: int) -> None:
    rows = np.arange(-radius, radius + 1)
    widths = np.sqrt(radius**2 - rows**2).astype(np.int32)
    brush = abs(rows)[None, :] <= widths[:, None]
    grown = painted(grown_spans(spans_of(chosen), widths, *chosen.shape), chosen.shape)
    assert np.array_equal(grown, ndimage.binary_dilation(chosen, brush))


def test_peaks_are_pixels_without_a_higher_neighbour() -> None:
    image = noise()
    spans = spans_of(image > 0.5)
    labels = label_spans(spans)
    peaks = peaks_in_spans(image, spans, labels, 1.0)
    maxima = (ndimage.maximum_filter(image, 3, mode="nearest") == image) & (image > 0.5)
    assert {(y, x) for _, y, x in peaks.tolist()} == set(zip(*np.nonzero(maxima), strict=True))


def test_a_plateau_has_one_peak() -> None:
    image = np.zeros((7, 9), np.float32)
    image[2:4, 3:6] = 2
    spans = spans_of(image > 1)
    assert peaks_in_spans(image, spans, label_spans(spans), 1.0).tolist() == [[0, 2, 3]]


def test_a_region_cut_at_a_border_has_its_highest_pixel_for_a_peak() -> None:
    image = np.tile(np.arange(9, dtype=np.float32), (5, 1))
    spans = np.array([[2, 1, 4]], np.int32)
    assert peaks_in_spans(image, spans, label_spans(spans), 1.0).tolist() == [[0, 2, 4]]


def test_bits_are_set_in_a_view_of_a_mask() -> None:
    mask = np.ones((6, 8), np.int32)
    set_bits(mask[1:5, 2:7], np.array([[0, 0, 1], [3, 4, 4]], np.int32), 4)
    assert np.argwhere(mask == 5).tolist() == [[1, 2], [1, 3], [4, 6]]
