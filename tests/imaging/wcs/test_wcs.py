"""WCS of the FITS standard."""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import FK5, SkyCoord
from astropy.wcs import WCS, FITSFixedWarning
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import ParameterTypeError, ParameterValueError, WcsError
from imaging.fits.header import read_metadata
from imaging.fits.metadata import Metadata
from imaging.fits.reference_pixel import read_origin
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2D, Point2I
from imaging.wcs.parameters import Sip, WcsParameters
from imaging.wcs.wcs import Wcs, make_cd_matrix, make_tan_wcs

if TYPE_CHECKING:
    from pathlib import Path

MAS = 1 / 3.6e6  # degrees
SCALE = 0.168 / 3600

positions = st.floats(-3000, 5000)
tans = st.builds(
    lambda ra, dec, scale, angle, flip: make_tan_wcs(
        (ra, dec), Point2D(1000.5, 2000.25), make_cd_matrix(scale, angle, flip_x=flip)
    ),
    st.floats(0, 359.999),
    st.floats(-89.9, 89.9),
    st.floats(0.05, 5),
    st.floats(0, 360),
    st.booleans(),
)
sips = st.builds(
    lambda ra, dec, a, b: Wcs(
        WcsParameters(
            (ra, dec),
            (1024.0, 2048.0),
            (-SCALE, 1e-7, 2e-7, SCALE),
            sip=Sip(((0, 0, a), (0, b, 0), (b, 0, 0)), ((0, 0, b), (0, a, 0), (a, 0, 0))),
        )
    ),
    st.floats(0, 359.999),
    st.floats(-80, 80),
    st.floats(-5e-6, 5e-6),
    st.floats(-5e-6, 5e-6),
)


def astropy_wcs(wcs: Wcs) -> WCS:
    return WCS(wcs.to_metadata().to_header(), fix=False)


@given(tans | sips, positions, positions)
def test_pixel_of_the_sky_of_a_pixel_is_this_pixel(wcs: Wcs, x: float, y: float) -> None:
    # Sky positions are rounded to 6e-14 deg; beside the pole RA counts 1 / cos(dec) less.
    tolerance = 1e-12 / np.sqrt(abs(np.linalg.det(wcs.cd_matrix))) + 1e-8
    assert wcs.sky_to_pixel(*wcs.pixel_to_sky(x, y)) == pytest.approx((x, y), abs=tolerance)


@given(tans | sips, positions, positions)
def test_astropy_sees_a_pixel_at_the_same_place(wcs: Wcs, x: float, y: float) -> None:
    ra, dec = wcs.pixel_to_sky(x, y)
    other_ra, other_dec = astropy_wcs(wcs).all_pix2world(x, y, 0)
    assert dec == pytest.approx(float(other_dec), abs=1e-11)
    turn = (ra - float(other_ra) + 180) % 360 - 180
    assert turn * np.cos(np.radians(dec)) == pytest.approx(0, abs=1e-11)  # 4e-5 mas: rounding


@given(tans, st.floats(0, 360), st.floats(-90, 90))
def test_far_side_of_the_sky_has_no_pixels(wcs: Wcs, ra: float, dec: float) -> None:
    (ra0, dec0), (a, d) = np.radians(wcs.sky_origin), np.radians((ra, dec))
    depth = np.sin(d) * np.sin(dec0) + np.cos(d) * np.cos(dec0) * np.cos(a - ra0)
    if abs(depth) > 1e-9:
        x, y = wcs.sky_to_pixel(ra, dec)
        assert np.isnan(x) == np.isnan(y) == (depth < 0)


@given(tans | sips, st.integers(-5000, 5000), st.integers(-5000, 5000))
def test_shifted_wcs_is_that_of_other_pixel_numbers(wcs: Wcs, dx: int, dy: int) -> None:
    moved = wcs.shifted(dx, dy)
    there, here = moved.pixel_to_sky(100.0 + dx, 50.0 + dy), wcs.pixel_to_sky(100.0, 50.0)
    assert there == pytest.approx(here, abs=1e-11)
    assert moved.pixel_origin - wcs.pixel_origin == Extent2I(dx, dy) * 1.0


@given(tans | sips, positions, positions)
def test_linear_wcs_touches_the_other(wcs: Wcs, x: float, y: float) -> None:
    linear = wcs.linearized_at(Point2D(x, y))
    assert not linear.has_distortion
    assert linear.pixel_origin == Point2D(x, y)
    assert linear.sky_origin == pytest.approx(wcs.pixel_to_sky(x, y), abs=1e-12)
    near, other = linear.pixel_to_sky(x + 1, y - 1), wcs.pixel_to_sky(x + 1, y - 1)
    # The second derivative of the distortion moves the next pixel by 2e-5 of a pixel at most,
    # that of the projection by much less; a wrong derivative by 1e-3 or more.
    tolerance = 3e-5 * wcs.pixel_scale() / 3600 / max(np.cos(np.radians(near[1])), 1e-4)
    assert np.array(near) == pytest.approx(np.array(other), abs=tolerance)


@given(tans)
def test_scale_is_the_root_of_the_area_of_a_pixel(wcs: Wcs) -> None:
    scale = 3600 * np.sqrt(abs(np.linalg.det(wcs.cd_matrix)))
    assert wcs.pixel_scale() == pytest.approx(scale, rel=1e-12)
    assert wcs.pixel_scale(wcs.pixel_origin) == pytest.approx(scale, rel=1e-7)


@given(tans | sips)
def test_wcs_pickles_compares_and_is_hashed(wcs: Wcs) -> None:
    for other in (pickle.loads(pickle.dumps(wcs)), copy.deepcopy(wcs)):
        assert other == wcs
        assert hash(other) == hash(wcs)
        assert other.pixel_to_sky(1.0, 2.0) == wcs.pixel_to_sky(1.0, 2.0)
    assert wcs != wcs.shifted(1, 0)


@pytest.mark.parametrize("name", ["HSC-0908120-056-small.fits", "act-img.fits"])
def test_real_hsc_image_is_where_astropy_sees_it(shared_data: Path, name: str) -> None:
    """The cards in the file, read by astropy and counted from the array's first pixel."""
    path = str(shared_data / "hsc_pixels" / name)
    header = read_metadata(path, 1)
    origin = read_origin(header)
    wcs = Wcs.from_metadata(header, origin)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FITSFixedWarning)  # RADECSYS is an old name
        oracle = WCS(header.to_header())
    x, y = np.random.default_rng(3).uniform([[-500], [-500]], [[2500], [4500]], (2, 5000))
    ra, dec = wcs.pixel_to_sky(x + origin.x, y + origin.y)
    expected = oracle.all_pix2world(x, y, 0)
    assert np.allclose([ra, dec], expected, rtol=0, atol=1e-6 * MAS)
    back = oracle.all_world2pix(ra, dec, 0, tolerance=1e-9, maxiter=60)
    here = wcs.sky_to_pixel(ra, dec)
    assert np.allclose(here, np.add(back, [[origin.x], [origin.y]]), rtol=0, atol=1e-7)
    assert wcs.has_distortion


@pytest.mark.parametrize("projection", ["SIN", "STG", "ARC", "ZEA"])
def test_other_projections_are_those_of_astropy(projection: str) -> None:
    wcs = Wcs(WcsParameters((30.0, 40.0), (50.0, 60.0), (-1e-3, 0.0, 0.0, 1e-3), projection))
    sky = wcs.pixel_to_sky(np.array([10.0, 90.0]), np.array([20.0, 70.0]))
    assert np.allclose(sky, astropy_wcs(wcs).all_pix2world([10, 90], [20, 70], 0), atol=1e-12)
    assert np.allclose(wcs.sky_to_pixel(*sky), [[10, 90], [20, 70]], atol=1e-9)


def test_rotated_pole_is_left_to_astropy() -> None:
    plain = WcsParameters((30.0, 40.0), (50.0, 60.0), (-1e-3, 0.0, 0.0, 1e-3), lonpole=180.0)
    turned = WcsParameters((30.0, 40.0), (50.0, 60.0), (-1e-3, 0.0, 0.0, 1e-3), lonpole=0.0)
    # Half a turn of the native pole is half a turn of the image.
    assert Wcs(turned).pixel_to_sky(53.0, 67.0) == pytest.approx(
        Wcs(plain).pixel_to_sky(47.0, 53.0), abs=1e-12
    )


def test_wcs_at_the_pole_goes_round_it() -> None:
    wcs = make_tan_wcs((0.0, 90.0), Point2D(0, 0), make_cd_matrix(3600))
    ra, dec = wcs.pixel_to_sky(np.array([1.0, 0.0, -1.0, 0.0]), np.array([0.0, 1.0, 0.0, -1.0]))
    assert np.allclose(ra, [270, 180, 90, 0])
    assert np.allclose(dec, 90 - np.degrees(np.arctan(np.radians(1))))


def test_tpv_coefficients_move_pixels() -> None:
    pv = ((1, 1, 1.001), (2, 1, 1.001))
    wide = Wcs(WcsParameters((30.0, 0.0), (0.0, 0.0), (-0.01, 0, 0, 0.01), "TPV", pv=pv))
    plain = make_tan_wcs((30.0, 0.0), (0.0, 0.0), [[-0.01, 0], [0, 0.01]])
    assert wide.pixel_to_sky(100.0, 0.0) == pytest.approx(plain.pixel_to_sky(100.1, 0.0))
    assert wide.sky_to_pixel(*plain.pixel_to_sky(100.1, 0.0)) == pytest.approx((100, 0), abs=1e-6)


def test_distortion_without_inverse_has_no_pixels() -> None:
    sip = Sip(((0.0,), (0.0,), (-1e-3,)), ((0.0,),))  # u - u^2 / 1000 is 250 at most
    wcs = Wcs(WcsParameters((30.0, 0.0), (0.0, 0.0), (SCALE, 0, 0, SCALE), sip=sip))
    tan = make_tan_wcs((30.0, 0.0), (0.0, 0.0), [[SCALE, 0], [0, SCALE]])
    ra, dec = tan.pixel_to_sky(np.array([160.0, 300.0]), np.array([0.0, 0.0]))
    x, y = wcs.sky_to_pixel(ra, dec)
    assert x[0] == pytest.approx(200, abs=1e-6)
    assert np.isnan([x[1], y[1]]).all()


def test_numbers_give_numbers_and_arrays_give_arrays() -> None:
    wcs = make_tan_wcs((10.0, 20.0), (0.0, 0.0), make_cd_matrix(1))
    assert all(type(number) is float for number in wcs.pixel_to_sky(1, 2))
    ra, dec = wcs.pixel_to_sky(np.zeros((3, 1)), np.zeros(4))
    assert ra.shape == dec.shape == (3, 4)
    assert np.isnan(wcs.pixel_to_sky(np.inf, 0.0)).all()
    assert np.isnan(wcs.sky_to_pixel(np.nan, 0.0)).all()


def test_skycoord_is_of_the_system_of_the_header() -> None:
    wcs = make_tan_wcs((10.0, 20.0), (0.0, 0.0), make_cd_matrix(1), radesys="FK5", equinox=1975.0)
    sky = wcs.pixel_to_skycoord(Point2D(3, 4))
    assert isinstance(sky.frame, FK5)
    assert sky.equinox.jyear == 1975
    assert wcs.skycoord_to_pixel(sky.icrs) == pytest.approx((3, 4), abs=1e-6)
    many = wcs.pixel_to_skycoord([3, 5], [4, 6]).galactic
    assert np.allclose(wcs.skycoord_to_pixel(many), [[3, 5], [4, 6]], atol=1e-6)


def test_one_position_on_the_sky_becomes_a_point() -> None:
    wcs = make_tan_wcs((10.0, 20.0), Point2D(7, 8), make_cd_matrix(1))
    assert wcs.sky_to_point((10.0, 20.0)) == Point2D(7, 8)
    assert wcs.sky_to_point(SkyCoord(10, 20, unit="deg")).distance(Point2D(7, 8)) < 1e-9
    with pytest.raises(ParameterTypeError, match="One position"):
        wcs.sky_to_point(SkyCoord([10, 11], [20, 21], unit="deg"))


def test_system_that_astropy_does_not_know_is_named() -> None:
    wcs = make_tan_wcs((10.0, 20.0), (0.0, 0.0), make_cd_matrix(1), radesys="GAPPT")
    assert wcs.pixel_to_sky(0.0, 0.0) == (10.0, pytest.approx(20.0))
    with pytest.raises(WcsError, match="'GAPPT'"):
        wcs.pixel_to_skycoord(0, 0)


def test_directions_of_the_matrix_are_those_of_the_sky() -> None:
    for angle, flip, east_of_x, north_of_x, east_of_y, north_of_y in (
        (0, False, -1, 0, 0, 1),
        (0, True, 1, 0, 0, 1),
        (90, False, 0, 1, 1, 0),
        (90, True, 0, -1, 1, 0),
    ):
        matrix = make_cd_matrix(3600, angle, flip_x=flip)
        assert np.allclose(matrix, [[east_of_x, east_of_y], [north_of_x, north_of_y]], atol=1e-15)
        assert make_tan_wcs((0.0, 0.0), (0.0, 0.0), matrix).is_flipped == flip


def test_footprint_has_the_outer_corners_of_the_pixels() -> None:
    wcs = make_tan_wcs((10.0, 0.0), (0.0, 0.0), make_cd_matrix(36, flip_x=True))
    corners = wcs.footprint(Box(Point2I(0, 0), Extent2I(10, 20)))
    expected = [[9.995, -0.005], [10.095, -0.005], [10.095, 0.195], [9.995, 0.195]]
    assert np.allclose(corners, expected, atol=1e-6)  # 36 arcsec are 0.01 deg


def test_repr_says_where_and_how_large() -> None:
    wcs = make_tan_wcs((10.0, -20.0), Point2D(7, 8), make_cd_matrix(0.2))
    assert repr(wcs) == (
        "<Wcs: TAN, ICRS (10.000000, -20.000000) deg at pixel (7.00, 8.00), 0.2 arcsec/pixel>"
    )


def test_skycoord_is_taken_as_origin() -> None:
    wcs = make_tan_wcs(SkyCoord(10, 20, unit="deg"), (0.0, 0.0), make_cd_matrix(1))
    assert wcs.sky_origin == pytest.approx((10, 20), abs=1e-12)


def test_impossible_numbers_are_refused() -> None:
    with pytest.raises(WcsError, match="an inverse"):
        make_tan_wcs((0.0, 0.0), (0.0, 0.0), np.zeros((2, 2)))
    with pytest.raises(WcsError, match="finite"):
        make_tan_wcs((np.nan, 0.0), (0.0, 0.0), np.eye(2))
    with pytest.raises(ParameterTypeError, match="x and y"):
        make_tan_wcs((0.0, 0.0), (0.0, 0.0), np.eye(2)).pixel_to_skycoord(3)


def test_cards_of_a_wcs_give_it_back() -> None:
    wcs = make_tan_wcs((10.0, -20.0), Point2D(700.25, 8), make_cd_matrix(0.2, 30))
    cards = wcs.to_metadata(Point2I(100, 50))
    assert cards["CRPIX1"] == 601.25
    again = Wcs.from_metadata(Metadata.from_text(str(cards.to_header())), Point2I(100, 50))
    assert again == wcs


@pytest.mark.parametrize("dec", [91.0, -90.1])
def test_declinations_beyond_a_pole_are_refused(dec: float) -> None:
    with pytest.raises(WcsError, match="from -90 to 90"):
        make_tan_wcs((0.0, dec), (0.0, 0.0), np.eye(2))
    assert make_tan_wcs((0.0, 90.0), (0.0, 0.0), np.eye(2)).sky_origin == (0.0, 90.0)


@pytest.mark.parametrize("numbers", [(0.0,), (-1.0,), (np.nan,), (np.inf,), (1.0, np.nan)])
def test_pixels_without_a_size_are_refused(numbers: tuple[float, ...]) -> None:
    with pytest.raises(WcsError, match="see no sky"):
        make_cd_matrix(*numbers)


@pytest.mark.parametrize(
    ("ra", "dec"), [(100.0, 0.0), (280.0, 0.0), (10.0, 90.0), (10.0, -90.0), (100.0, 33.0)]
)
def test_position_90_degrees_away_has_no_pixel(ra: float, dec: float) -> None:
    wcs = make_tan_wcs((10.0, 0.0), (0.0, 0.0), make_cd_matrix(0.2))
    assert np.isnan(wcs.sky_to_pixel(ra, dec)).all()
    assert np.isfinite(wcs.sky_to_pixel(ra + (1e-9 if ra > 180 else -1e-9), dec / 2)).all()


@pytest.mark.parametrize("coordinates", [("a", 1.0), (1j, 1.0), ([1.0, 2.0], ["x", "y"])])
def test_coordinates_are_numbers(coordinates: tuple[float, float]) -> None:
    wcs = make_tan_wcs((10.0, 0.0), (0.0, 0.0), make_cd_matrix(0.2))
    for way in (wcs.pixel_to_sky, wcs.sky_to_pixel):
        with pytest.raises(ParameterTypeError, match="numbers or arrays"):
            way(*coordinates)


def test_coordinates_have_shapes_that_fit() -> None:
    wcs = make_tan_wcs((10.0, 0.0), (0.0, 0.0), make_cd_matrix(0.2))
    for way in (wcs.pixel_to_sky, wcs.sky_to_pixel):
        with pytest.raises(ParameterValueError, match=r"\(2,\) and \(3,\)"):
            way([1.0, 2.0], [1.0, 2.0, 3.0])


def test_wcs_is_made_of_numbers() -> None:
    with pytest.raises(ParameterTypeError, match="'here'"):
        make_tan_wcs((10.0, 0.0), (0.0, "here"), np.eye(2))  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ParameterTypeError, match="not 'a'"):
        make_cd_matrix("a")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ParameterTypeError, match="not 3"):
        make_tan_wcs((10.0, 0.0), (0.0, 0.0), np.eye(2)).pixel_scale(3)  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match=r"Wcs\.from_metadata"):
        Wcs({"CRVAL1": 3.0})  # type: ignore[arg-type]  # the mistake


def test_quantities_are_angles_and_masked_positions_are_nowhere() -> None:
    wcs = make_tan_wcs((10.0, 5.0), Point2D(100, 100), make_cd_matrix(0.2))
    assert wcs.sky_to_pixel((10 * u.deg).to(u.rad), 300 * u.arcmin) == pytest.approx((100, 100))
    x, y = wcs.sky_to_pixel(np.ma.array([10.0, 11.0], mask=[0, 1]), 5.0)
    assert np.isnan([x[1], y[1]]).all()
    assert x[0] == pytest.approx(100)
    ra, _ = wcs.pixel_to_sky(np.ma.array([1, 2], mask=[1, 0]), 7)
    assert np.isnan(ra).tolist() == [True, False]
    with pytest.raises(ParameterTypeError, match=r"3\.? m> is no angle"):
        wcs.sky_to_pixel(3 * u.m, 5 * u.deg)
