"""Adaptive moments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import PsfError
from imaging.psf.moments import adaptive_moments


def elliptical(size: int, ixx: float, iyy: float, ixy: float, x: float, y: float) -> np.ndarray:
    rows, columns = np.indices((size, size), dtype=float)
    inverse = np.linalg.inv([[ixx, ixy], [ixy, iyy]])
    offset = np.stack([columns - x, rows - y], axis=-1)
    return np.exp(-np.einsum("...i,ij,...j", offset, inverse, offset) / 2)


@given(
    ixx=st.floats(2, 12),
    iyy=st.floats(2, 12),
    correlation=st.floats(-0.5, 0.5),
    x=st.floats(-2, 2),
    y=st.floats(-2, 2),
)
def test_moments_of_a_gaussian_are_its_own(
    ixx: float, iyy: float, correlation: float, x: float, y: float
) -> None:
    """Exact but for its tails beyond the box and its sampling, both below 1e-6 here."""
    ixy = correlation * np.sqrt(ixx * iyy)
    moments = adaptive_moments(elliptical(61, ixx, iyy, ixy, 30 + x, 30 + y), 30, 30)
    assert (moments.ixx, moments.iyy) == pytest.approx((ixx, iyy), rel=1e-5)
    assert moments.ixy == pytest.approx(ixy, abs=1e-5)
    assert (moments.x, moments.y) == pytest.approx((30 + x, 30 + y), abs=1e-4)


@pytest.mark.parametrize("beta", [2.5, 4.765])
def test_the_weight_is_twice_the_weighted_moments_for_any_profile(beta: float) -> None:
    """The definition: with the answer as a weight one measures half of it."""
    y, x = np.indices((81, 81)) - 40
    profile = (1 + (x**2 + 1.3 * y**2) / 30) ** -beta
    moments = adaptive_moments(profile, 40, 40)
    weighted = profile * np.exp(-(x**2 / moments.ixx + y**2 / moments.iyy) / 2)
    assert 2 * (weighted * x**2).sum() / weighted.sum() == pytest.approx(moments.ixx, rel=1e-8)
    assert 2 * (weighted * y**2).sum() / weighted.sum() == pytest.approx(moments.iyy, rel=1e-8)


@pytest.mark.parametrize(("sigma", "tolerance"), [(1.0, 2e-3), (0.8, 0.02), (0.7, 0.04)])
def test_narrow_stars_are_measured_too(sigma: float, tolerance: float) -> None:
    """They are not well sampled, and what is lost cannot be brought back."""
    moments = adaptive_moments(elliptical(21, sigma**2, sigma**2, 0, 10, 10), 10, 10)
    assert moments.ixx == pytest.approx(sigma**2, rel=tolerance)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((11, 11)) - 1,
        np.hypot(*(np.indices((11, 11)) - 5.0)) ** 4,
        np.random.default_rng(2).normal(size=(15, 15)) - 0.1,
    ],
    ids=["negative", "hollow", "noise"],
)
def test_what_is_no_star_is_an_error(pixels: np.ndarray) -> None:
    with pytest.raises(PsfError, match="do not converge"):
        adaptive_moments(pixels, 5, 5)
