"""Radial distortion and its inverse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.detector.distortion import RadialDistortion
from imaging.errors import CameraError


def test_without_coefficients_nothing_moves() -> None:
    x, y = RadialDistortion().undistort([1.0, 2.0], [3.0, -4.0])
    assert (x.tolist(), y.tolist()) == ([1.0, 2.0], [3.0, -4.0])


def test_the_polynomial_has_odd_powers_of_the_radius() -> None:
    x, y = RadialDistortion((2.0, 0.1, 0.01)).undistort(3.0, 4.0)
    assert np.hypot(x, y) == pytest.approx(2.0 * 5 + 0.1 * 5**3 + 0.01 * 5**5, rel=1e-14)
    assert y / x == pytest.approx(4 / 3, rel=1e-14)


@given(st.floats(-250, 250), st.floats(-250, 250), st.floats(-6e-7, 6e-7))
def test_positions_return_from_the_undistorted_plane(x: float, y: float, cubic: float) -> None:
    distortion = RadialDistortion((0.9998, cubic, -3e-13))
    back = distortion.distort(*distortion.undistort(x, y))
    # Newton's iteration ends at 1e-12 of the radius, at least of 1 mm
    assert back[0] == pytest.approx(x, abs=1e-8)
    assert back[1] == pytest.approx(y, abs=1e-8)


def test_what_the_polynomial_does_not_reach_is_refused() -> None:
    # r - r**3 / 100 is largest at r = 5.77, where it is 3.85
    with pytest.raises(CameraError, match="does not reach 4 mm"):
        RadialDistortion((1.0, -0.01)).distort(4.0, 0.0)


@pytest.mark.parametrize("coefficients", [(), (0.0, 1.0), (-1.0,), (float("nan"),)])
def test_a_scale_at_the_centre_is_needed(coefficients: tuple[float, ...]) -> None:
    with pytest.raises(CameraError, match="first coefficient"):
        RadialDistortion(coefficients)
