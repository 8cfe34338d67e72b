from __future__ import annotations

import numpy as np
import pytest

from testdata.geometry import SMALL
from testdata.observation import observe
from testdata.psf import PsfModel, PsfShapes

OFFSETS = np.arange(-150.0, 151.0)[None, :]


def shapes(fwhm: float, e1: float, e2: float) -> PsfShapes:
    return PsfShapes(np.array([fwhm]), np.array([e1]), np.array([e2]))


@pytest.mark.parametrize(("e1", "e2"), [(0.0, 0.0), (0.1, -0.05)])
def test_flux_within_a_wide_stamp_is_one(e1: float, e2: float) -> None:
    total = shapes(4.2, e1, e2).evaluate(OFFSETS, OFFSETS).sum(dtype=float)
    # The halo keeps 0.04 % outside 150 pixels.
    assert total == pytest.approx(1, abs=1e-3)


def test_profile_falls_to_half_near_half_the_width() -> None:
    profile = shapes(4.0, 0, 0).evaluate(np.array([[0.0, 2.0]]), np.array([[0.0]]))[0, 0]
    # The broader halo lifts the ratio a little above the core's one half.
    assert 0.5 < profile[1] / profile[0] < 0.53


def test_profile_is_no_gaussian() -> None:
    profile = shapes(4.0, 0, 0).evaluate(np.array([[0.0, 2.0, 8.0]]), np.array([[0.0]]))[0, 0]
    gaussian_at_8 = (profile[1] / profile[0]) ** 16
    assert profile[2] / profile[0] > 100 * gaussian_at_8


@pytest.mark.parametrize(("e1", "e2", "sign_xx", "sign_xy"), [(0.1, 0, 1, 0), (0, 0.1, 0, 1)])
def test_ellipticity_points_where_it_says(e1: float, e2: float, sign_xx: int, sign_xy: int) -> None:
    image = shapes(4.2, e1, e2).evaluate(OFFSETS, OFFSETS)[0].astype(float)
    x, y = np.meshgrid(OFFSETS[0], OFFSETS[0])
    image = image * np.exp(-(x**2 + y**2) / 50)
    xx, yy, xy = ((image * term).sum() / image.sum() for term in (x**2, y**2, x * y))
    assert (xx - yy) / (xx + yy) == pytest.approx(sign_xx * 0.05, abs=0.03)
    assert 2 * xy / (xx + yy) == pytest.approx(sign_xy * 0.05, abs=0.03)


def test_shape_varies_over_the_ccd_and_between_visits() -> None:
    x, y = np.array([0.0, 255.0, 128.0]), np.array([0.0, 127.0, 64.0])
    first, second = (
        PsfModel.of(observe(visit, geometry=SMALL), 16, SMALL, 1).at(x, y)
        for visit in (903334, 903336)
    )
    assert np.ptp(first.fwhm_pix) > 0.02
    assert np.ptp(first.e1) > 0.005
    assert not np.allclose(first.fwhm_pix, second.fwhm_pix, rtol=1e-3)
    assert ((first.fwhm_pix > 3) & (first.fwhm_pix < 6)).all()
