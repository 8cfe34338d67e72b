from __future__ import annotations

import numpy as np
import pytest
from astropy.wcs import WCS
from hypothesis import given
from hypothesis import strategies as st

from testdata.geometry import FULL, SMALL
from testdata.observation import observe
from testdata.projection import header_projection, true_projection


@pytest.mark.parametrize("ccd", [16, 50, 100])
@pytest.mark.parametrize("make", [header_projection, true_projection])
def test_projection_agrees_with_astropy_on_its_own_cards(ccd: int, make: object) -> None:
    assert callable(make)
    projection = make(observe(903334), ccd, FULL)
    x, y = np.array([0.0, 2047.0, 700.5]), np.array([0.0, 4175.0, 1500.25])
    expected = WCS(header=projection.cards()).all_pix2world(x, y, 0)
    # 1e-9 degree is 4 microarcseconds: only rounding may differ.
    np.testing.assert_allclose(projection.to_sky(x, y), expected, rtol=0, atol=1e-9)


@given(ccd=st.integers(0, 103), x=st.floats(-100, 2150), y=st.floats(-100, 4280))
def test_pixel_goes_to_the_sky_and_back(ccd: int, x: float, y: float) -> None:
    projection = true_projection(observe(903334), ccd, FULL)
    back = projection.to_pixel(*projection.to_sky(np.array([x]), np.array([y])))
    # 1e-6 pixel: what six rounds of the fixed-point inversion leave.
    assert (back[0][0], back[1][0]) == pytest.approx((x, y), abs=1e-6)


def test_header_is_off_by_the_pointing_error_and_the_distortion_only() -> None:
    perfect = observe(903334, pointing_error_arcsec=0)
    true = true_projection(perfect, 16, FULL, has_distortion=False)
    x, y = np.array([0.0, 2047.0, 1023.5]), np.array([0.0, 4175.0, 2087.5])
    header_x, header_y = header_projection(perfect, 16, FULL).to_pixel(*true.to_sky(x, y))
    # 0.1 pixel: two tangent planes half a degree apart differ by their second order.
    np.testing.assert_allclose(header_x, x, atol=0.1)
    np.testing.assert_allclose(header_y, y, atol=0.1)
    distorted = true_projection(perfect, 16, FULL).to_sky(x, y)
    shift = np.hypot(
        *np.subtract(header_projection(perfect, 16, FULL).to_pixel(*distorted), (x, y))
    )
    assert shift[:2].min() > 0.5
    assert shift[2] < 0.1


def test_rotated_ccd_keeps_the_handedness_of_the_others() -> None:
    observation = observe(903334)
    determinants = [
        np.linalg.det(header_projection(observation, ccd, SMALL).cd) for ccd in (16, 100)
    ]
    assert determinants[0] == pytest.approx(determinants[1])
