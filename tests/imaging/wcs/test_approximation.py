"""TAN-SIP approximations."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial.polynomial import polyval2d

from imaging.errors import ParameterValueError, WcsError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.geometry.real_box import Box2D
from imaging.wcs.approximation import fit_tan_sip, fit_tan_sip_to_stars
from imaging.wcs.parameters import Sip, WcsParameters
from imaging.wcs.wcs import Wcs, make_cd_matrix, make_tan_wcs

BOX = Box(Point2I(100, 200), Extent2I(2000, 1000))
GRID = np.meshgrid(np.linspace(100, 2099, 20), np.linspace(200, 1199, 20))


def test_distortion_about_another_position_is_found_again() -> None:
    sip = Sip(((0, 0, 1e-6), (0, 2e-6, 0), (-1e-6, 0, 0)), ((0, 0, 3e-6), (0, 1e-6, 0), (0, 0, 0)))
    wcs = Wcs(WcsParameters((40.0, 60.0), (900.0, 500.0), (-5e-5, 0, 0, 5e-5), sip=sip))
    fitted = fit_tan_sip(wcs, BOX, order=4)
    assert fitted.pixel_origin == BOX.center
    # The plane touches 250 pixels away: what the cubic and quartic terms leave is 1e-8 pixels.
    assert np.allclose(fitted.sky_to_pixel(*wcs.pixel_to_sky(*GRID)), GRID, rtol=0, atol=1e-7)


def test_first_order_has_no_polynomials() -> None:
    tan = make_tan_wcs((40.0, 60.0), BOX.center, make_cd_matrix(0.2, 30))
    fitted = fit_tan_sip(tan, BOX, order=1)
    assert not fitted.has_distortion
    assert np.allclose(fitted.cd_matrix, tan.cd_matrix, rtol=1e-9)


def test_way_back_of_other_programs_is_fitted_too() -> None:
    sip = Sip(((0, 0, 1e-6), (0, 2e-6, 0), (-1e-6, 0, 0)), ((0, 0, 3e-6), (0, 1e-6, 0), (0, 0, 0)))
    wcs = Wcs(WcsParameters((40.0, 60.0), tuple(BOX.center), (-5e-5, 0, 0, 5e-5), sip=sip))
    cards = fit_tan_sip(wcs, BOX, order=3).to_metadata()
    assert cards["AP_ORDER"] == 4
    ap, bp = (
        [[float(str(cards.get(f"{name}_{i}_{j}", 0.0))) for j in range(5)] for i in range(5)]
        for name in ("AP", "BP")
    )
    ideal = make_tan_wcs((40.0, 60.0), (0.0, 0.0), wcs.cd_matrix)
    u, v = ideal.sky_to_pixel(*wcs.pixel_to_sky(*GRID))
    back = [u + polyval2d(u, v, ap) + BOX.center_x, v + polyval2d(u, v, bp) + BOX.center_y]
    # A distortion of 1e-3 is turned round to its fourth power: 1e-9 of 1000 pixels.
    assert np.allclose(back, GRID, rtol=0, atol=1e-5)


def test_impossible_fits_are_refused() -> None:
    tan = make_tan_wcs((40.0, 60.0), (0.0, 0.0), make_cd_matrix(0.2))
    with pytest.raises(ParameterValueError, match="order 0"):
        fit_tan_sip(tan, BOX, order=0)
    with pytest.raises(ParameterValueError, match="order 3"):
        fit_tan_sip(tan, Box2D())
    wide = Wcs(WcsParameters((0.0, 0.0), (0.0, 0.0), (1.0, 0, 0, 1.0), "ARC"))
    with pytest.raises(WcsError, match="this half of the sky"):
        fit_tan_sip(wide, Box(Point2I(-100, -100), Extent2I(201, 201)))


def test_wcs_of_stars_is_found_again_from_a_shifted_guess() -> None:
    sip = Sip(((0, 0, 1e-6), (0, 2e-6, 0), (-1e-6, 0, 0)), ((0, 0, 3e-6), (0, 1e-6, 0), (0, 0, 0)))
    wcs = Wcs(WcsParameters((40.0, 60.0), tuple(BOX.center), (-5e-5, 0, 0, 5e-5), sip=sip))
    x, y = np.random.default_rng(1).uniform((100, 200), (2099, 1199), (40, 2)).T
    guess = make_tan_wcs((40.01, 60.01), BOX.center, make_cd_matrix(0.2, 3))
    fitted = fit_tan_sip_to_stars((x, y), wcs.pixel_to_sky(x, y), guess, BOX, order=3)
    assert fitted.pixel_origin == BOX.center
    assert np.allclose(fitted.sky_to_pixel(*wcs.pixel_to_sky(*GRID)), GRID, rtol=0, atol=1e-6)


def test_too_few_stars_are_refused() -> None:
    guess = make_tan_wcs((40.0, 60.0), BOX.center, make_cd_matrix(0.2))
    some = np.arange(9.0)
    with pytest.raises(ParameterValueError, match="to 9 stars: they have 10 terms"):
        fit_tan_sip_to_stars((some, some), (40 + some / 1e4, 60 + some / 1e4), guess, BOX)
