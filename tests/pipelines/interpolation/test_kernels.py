"""The loops of interpolation beside the same thing in plain NumPy."""

from __future__ import annotations

import numpy as np

from pipelines.interpolation import kernels

BAD, FLAG, OTHER = 1, 2, 4


def make_image() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(20131102)
    image = rng.normal(1000, 200, (50, 40)).astype(np.float32)
    mask = np.where(rng.random(image.shape) < 0.2, BAD, 0).astype(np.int32)
    mask[rng.random(image.shape) < 0.2] |= OTHER
    return image, mask


def test_rows_are_filled_as_numpy_interpolates() -> None:
    image, mask = make_image()
    mask[3] = BAD
    mask[4, :5], mask[5, -5:] = BAD, BAD
    expected, flags = image.copy(), mask.copy()
    for y in range(len(image)):
        is_bad = mask[y] & BAD > 0
        if y != 3:
            good = np.flatnonzero(~is_bad)
            expected[y, is_bad] = np.interp(np.flatnonzero(is_bad), good, image[y, good])
            flags[y, is_bad] |= FLAG
    filled = kernels.interpolate_rows(image, mask, BAD, FLAG)
    np.testing.assert_allclose(image, expected, rtol=3e-7)
    np.testing.assert_array_equal(mask, flags)
    assert filled == np.count_nonzero(flags & FLAG)


def nearest_on(image: np.ndarray, mask: np.ndarray, y: int, x: int, dy: int, dx: int) -> list:
    """The first good pixel in a direction, with its distance in steps; nothing if none."""
    for step in range(1, 6):
        j, i = y + step * dy, x + step * dx
        if not (0 <= j < image.shape[0] and 0 <= i < image.shape[1]):
            return []
        if not mask[j, i] & BAD:
            return [(float(image[j, i]), step)]
    return []


def test_pixels_are_filled_along_four_lines() -> None:
    image, mask = make_image()
    pixels = np.argwhere(mask & BAD).astype(np.int32, order="C")
    expected = image.astype(np.float64)
    for y, x in pixels:
        values, weights = [], []
        ends, end_weights = [], []
        for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
            found = nearest_on(image, mask, y, x, dy, dx) + nearest_on(image, mask, y, x, -dy, -dx)
            steps = [step for _, step in found]
            length = dy * dy + dx * dx
            if len(found) == 2:
                values.append(np.interp(0, [-steps[1], steps[0]], [found[1][0], found[0][0]]))
                weights.append(1 / (length * sum(steps) ** 2))
            elif found:
                ends.append(found[0][0])
                end_weights.append(1 / (length * steps[0] ** 2))
        if values:
            expected[y, x] = np.average(values, weights=weights)
        elif ends:
            expected[y, x] = np.average(ends, weights=end_weights)
    filled = kernels.interpolate_pixels(image, mask, pixels, BAD, 5)
    np.testing.assert_allclose(image, expected, rtol=1e-6)  # sums of four values of 32 bits
    assert filled == len(pixels)


def test_pixels_without_a_good_one_near_stay() -> None:
    image, mask = np.ones((30, 30), np.float32), np.full((30, 30), BAD, np.int32)
    mask[0, 0] = 0
    image[20, 20] = 7
    filled = kernels.interpolate_pixels(image, mask, np.array([[20, 20]], np.int32), BAD, 5)
    assert (filled, image[20, 20]) == (0, 7)


def test_places_of_bits_are_those_of_numpy_as_far_as_there_is_room() -> None:
    _, mask = make_image()
    expected = np.argwhere(mask & OTHER)
    places = np.zeros((len(expected), 2), np.int32)
    assert kernels.find_bits(mask, OTHER, places) == len(expected)
    np.testing.assert_array_equal(places, expected)
    few = np.zeros((5, 2), np.int32)
    assert kernels.find_bits(mask, OTHER, few) == len(expected)
    np.testing.assert_array_equal(few, expected[:5])
