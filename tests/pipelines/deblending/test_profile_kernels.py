"""Profiles of what is no star, against a plain statement of the same thing."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.deblending.profile_kernels import (
    EDGE_CLIP,
    EDGE_NOCLIP,
    EDGE_RAMP,
    add_structure,
    fit_profiles,
)

SIGMA = 1.5
SHAPE = (27, 31)
WHOLE = (0, SHAPE[1] - 1, 0, SHAPE[0] - 1)


def source(x0: float, y0: float, height: float, wide: float, narrow: float) -> np.ndarray:
    """An elliptical Gaussian, its long axis along x."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return height * np.exp(-0.5 * ((x - x0) ** 2 / wide**2 + (y - y0) ** 2 / narrow**2))


def ellipse_of(template: np.ndarray, x0: float, y0: float) -> np.ndarray:
    """Coefficients of the square of the elliptical radius."""
    y, x = np.indices(template.shape)
    offsets = np.stack([x - x0, y - y0])
    moments = np.eye(2) * SIGMA**2
    for _ in range(4):
        square = np.einsum("iyx,ij,jyx->yx", offsets, np.linalg.inv(moments), offsets)
        light = np.where(square < 16, template * np.exp(-square / 2), 0)
        moments = 2 * np.einsum("iyx,jyx,yx->ij", offsets, offsets, light) / light.sum()
        sizes = np.clip(np.diag(moments), 0.5 * SIGMA**2, 9 * SIGMA**2)
        most = 0.6 * np.sqrt(sizes.prod())
        cross = np.clip(moments[0, 1], -most, most)
        moments = np.array([[sizes[0], cross], [cross, sizes[1]]])
    return np.linalg.inv(moments) * np.sqrt(np.linalg.det(moments))


def profile_of(light: np.ndarray, radii: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Medians in rings, which fall outwards, on straight lines between mean radii."""
    rings = np.floor(radii + 0.5).astype(int)
    places, heights = [], []
    for ring in range(rings.max() + 1):
        chosen = inside & (rings == ring)
        places.append(radii[chosen].mean() if chosen.any() else ring)
        if chosen.any():
            heights.append(max(np.median(light[chosen]), 0))
        else:
            heights.append(heights[-1] if heights else np.inf)
    first = next(height for height in heights if np.isfinite(height))
    falling = np.minimum.accumulate([first if height == np.inf else height for height in heights])
    places, falling = [*places, rings.max() + 1], [*falling, falling[-1]]
    return np.interp(radii, places, falling)


@pytest.mark.parametrize("centers", [[(12.3, 13.1), (19.0, 12.6)], [(12.5, 13.5), (19, 12)]])
def test_profiles_are_medians_in_rings_of_what_the_others_leave(
    centers: list[tuple[float, float]],
) -> None:
    rng = np.random.default_rng(3)
    truths = [source(*centers[0], 50, 3, 2), source(*centers[1], 30, 1.7, 1.7)]
    image = (sum(truths) + rng.normal(size=SHAPE)).astype(np.float32)
    inside = rng.uniform(size=SHAPE) > 0.1
    boxes = np.array([[2, 22, 3, 24], [9, 30, 2, 23]])
    guesses = [
        truth[b : d + 1, a : c + 1].astype(np.float32)
        for truth, (a, c, b, d) in zip(truths, boxes.tolist(), strict=True)
    ]
    flat = np.concatenate([guess.ravel() for guess in guesses])
    begins = np.array([0, guesses[0].size])
    left_over = image.copy()
    for guess, (a, c, b, d) in zip(guesses, boxes.tolist(), strict=True):
        left_over[b : d + 1, a : c + 1] -= guess
    expected = left_over.copy()
    kept = np.tile([0, -1, 0, -1], (2, 1))
    fit_profiles(left_over, inside, flat, begins, boxes, np.array(centers), kept, SIGMA, 2)

    middles = [(x - a, y - b) for (x, y), (a, _, b, _) in zip(centers, boxes.tolist(), strict=True)]
    ellipses = [ellipse_of(guess, *at) for guess, at in zip(guesses, middles, strict=True)]
    for _ in range(2):
        for number, (a, c, b, d) in enumerate(boxes.tolist()):
            part = np.s_[b : d + 1, a : c + 1]
            y, x = np.indices(guesses[number].shape)
            offsets = np.stack([x - middles[number][0], y - middles[number][1]])
            radii = np.sqrt(np.einsum("iyx,ij,jyx->yx", offsets, ellipses[number], offsets))
            light = expected[part] + guesses[number]
            guesses[number] = profile_of(light, radii, inside[part])
            expected[part] = light - guesses[number]
    wanted = np.concatenate([guess.ravel() for guess in guesses])
    # Radii are 32-bit numbers there: a pixel at the rim of a ring may change it.
    assert np.quantile(np.abs(flat - wanted), 0.99) < 1e-3
    assert np.abs(flat - wanted).max() < 1
    assert np.quantile(np.abs(left_over - expected), 0.99) < 1e-3


def test_pixels_of_a_star_are_kept_and_its_profile_goes_on_around_them() -> None:
    image = source(15, 13, 100, 3, 3).astype(np.float32)
    template = np.zeros_like(image)
    template[9:18, 11:20] = 7
    left_over = image - template
    boxes, kept = np.array([WHOLE]), np.array([[11, 19, 9, 17]])
    flat, center = template.ravel(), np.array([[15.0, 13.0]])
    fit_profiles(
        left_over, np.ones(SHAPE, bool), flat, np.array([0]), boxes, center, kept, SIGMA, 1
    )
    made = flat.reshape(SHAPE)
    assert (made[9:18, 11:20] == 7).all()
    assert made[13, 22] == pytest.approx(image[13, 22], abs=2)  # rings are a pixel wide
    assert np.allclose(left_over, image - made, atol=1e-4)


def test_nearest_pixels_outside_of_the_middle_have_the_height_of_the_first_ring() -> None:
    """The centre between four pixels: none is in the innermost ring."""
    image = source(15.5, 13.5, 100, 2, 2).astype(np.float32)
    flat, left_over = image.ravel().copy(), np.zeros_like(image)
    boxes, kept = np.array([WHOLE]), np.array([[0, -1, 0, -1]])
    everywhere, center = np.ones(SHAPE, bool), np.array([[15.5, 13.5]])
    fit_profiles(left_over, everywhere, flat, np.array([0]), boxes, center, kept, SIGMA, 1)
    made = flat.reshape(SHAPE)
    assert np.isfinite(made).all()
    assert made[13, 15] == pytest.approx(image[13, 15], rel=0.15)


def structure(
    left_over: np.ndarray, inside: np.ndarray, edge: int, bounds: tuple[int, int, int, int] = WHOLE
) -> tuple[np.ndarray, bool]:
    template = np.full(SHAPE, 10, np.float32)
    variance = np.ones(SHAPE, np.float32)
    found = add_structure(
        left_over.copy(), variance, inside, (15.0, 13.0), (0, 0), bounds, edge, template
    )
    return template, found


def test_opposite_pixels_that_agree_beyond_the_noise_are_believed() -> None:
    rng = np.random.default_rng(9)
    left_over = rng.normal(0, 4, SHAPE).astype(np.float32)
    inside = rng.uniform(size=SHAPE) > 0.2
    template, found = structure(left_over, inside, EDGE_RAMP)
    opposite = left_over[::-1, ::-1]
    low, high = np.minimum(left_over, opposite), np.maximum(left_over, opposite)
    change = np.maximum(low - 2, 0) + np.minimum(high + 2, 0)
    expected = np.where(inside & inside[::-1, ::-1], np.maximum(10 + change, 0), 10)
    assert np.allclose(template, expected, atol=1e-5)
    assert not found


@pytest.mark.parametrize(("edge", "height"), [(EDGE_RAMP, 10), (EDGE_NOCLIP, 13), (EDGE_CLIP, 0)])
def test_where_the_image_ends_a_template_does_what_it_is_told(edge: int, height: float) -> None:
    """The image begins at column 4: what lies beyond column 26 has nothing opposite."""
    left_over = np.full(SHAPE, 3, np.float32)
    inside = np.ones(SHAPE, bool)
    inside[:, :4] = False
    template, found = structure(left_over, inside, edge, (4, 30, 0, 26))
    assert found
    assert (template[:, 27:] == height).all()
    assert (template[:, 4:27] == 11).all()  # three more than the profile, two of them noise


def test_what_is_left_over_follows_the_template() -> None:
    left_over = np.full(SHAPE, 5, np.float32)
    template, variance = np.full(SHAPE, 10, np.float32), np.ones(SHAPE, np.float32)
    everywhere = np.ones(SHAPE, bool)
    add_structure(left_over, variance, everywhere, (15.0, 13.0), (0, 0), WHOLE, EDGE_RAMP, template)
    assert (template == 13).all()
    assert (left_over == 2).all()
