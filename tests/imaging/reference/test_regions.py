from __future__ import annotations

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st
from lsst.sphgeom import LonLat, UnitVector3d

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.geometry.box import Box
from imaging.reference.regions import (
    CircleRegion,
    PixelRegion,
    Region,
    SkyBoxRegion,
    as_sphere_point,
)
from imaging.sky.angle import Angle, degrees
from imaging.sky.sphere_point import SpherePoint
from imaging.wcs.wcs import Wcs

RA = st.floats(0, 360, exclude_max=True)
DEC = st.floats(-90, 90)
POINTS = np.random.default_rng(5)


def sphere(count: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Positions all over the sky, in radians."""
    rng = np.random.default_rng(5)
    return rng.uniform(0, 2 * np.pi, count), np.arcsin(rng.uniform(-1, 1, count))


def near(ra_deg: float, dec_deg: float, size_deg: float) -> tuple[np.ndarray, np.ndarray]:
    """Positions around one, in radians, across poles and zero where they must."""
    rng = np.random.default_rng(6)
    centre = SkyCoord(ra_deg, dec_deg, unit="deg")
    there = centre.directional_offset_by(
        rng.uniform(0, 360, 1000) * u.deg, rng.uniform(0, size_deg, 1000) * u.deg
    )
    return np.asarray(there.ra.rad), np.asarray(there.dec.rad)


def assert_covered(region: Region, ra: np.ndarray, dec: np.ndarray, margin: float = 0.0) -> None:
    """All that is inside must be inside the region by which pixels are chosen, too."""
    covering = region.padded(margin)
    inside = region.holds(ra, dec)
    for lon, lat in zip(ra[inside].tolist(), dec[inside].tolist(), strict=True):
        assert covering.contains(UnitVector3d(LonLat.fromRadians(lon, lat)))


@given(RA, DEC, st.floats(0, 180))
def test_circle_holds_what_astropy_finds(ra: float, dec: float, radius: float) -> None:
    region = CircleRegion(as_sphere_point((ra, dec)), float(np.radians(radius)))
    positions = [np.concatenate(pair) for pair in zip(sphere(), near(ra, dec, 0.01), strict=True)]
    apart = SkyCoord(*positions, unit="rad").separation(SkyCoord(ra, dec, unit="deg"))
    is_near = apart.deg <= radius
    is_clear = np.abs(apart.deg - radius) > 1e-10  # what two ways of computing may differ by
    np.testing.assert_array_equal(region.holds(*positions)[is_clear], is_near[is_clear])
    assert_covered(region, *positions)


@given(RA, DEC, st.floats(0, 360), st.floats(0, 1))
def test_box_holds_what_brute_force_finds(
    west: float, south: float, width: float, part: float
) -> None:
    north = south + part * (90 - south)
    region = SkyBoxRegion.between((west, south), (west + width, north))
    ra, dec = sphere()
    east = (np.degrees(ra) - west) % 360
    expected = (east <= width) & (np.degrees(dec) >= south) & (np.degrees(dec) <= north)
    edges = np.minimum(np.abs(east - width), np.minimum(east, 360 - east))
    is_clear = edges > 1e-9
    np.testing.assert_array_equal(region.holds(ra, dec)[is_clear], expected[is_clear])
    assert_covered(region, ra, dec)


def test_box_across_zero_is_narrow() -> None:
    region = SkyBoxRegion.between((359.5, -1), (0.5, 1))
    ra = np.radians([359.6, 0.0, 0.4, 0.6, 180.0, 359.4])
    assert region.holds(ra, np.zeros(6)).tolist() == [True, True, True, False, False, False]


def test_box_around_a_pole_holds_the_pole() -> None:
    region = SkyBoxRegion.between((0, 80), (360, 90))
    ra, dec = near(0, 90, 15)
    np.testing.assert_array_equal(region.holds(ra, dec), dec >= np.radians(80))
    assert_covered(region, ra, dec, margin=0.1)


def test_box_of_corners_of_astropy_is_the_same() -> None:
    corners = SkyCoord([350, 10], [-5, 5], unit="deg")
    region = SkyBoxRegion.between(corners[0], corners[1])
    assert np.degrees(region.width) == pytest.approx(20)  # rounding


@pytest.mark.parametrize(("ra", "dec"), [(0.01, 0.0), (200.0, 89.95), (100.0, -60.0), (0.0, -90.0)])
def test_pixels_hold_what_the_wcs_puts_on_them(ra: float, dec: float) -> None:
    wcs = Wcs.from_metadata(tan_cards(ra, dec))
    box = Box.from_shape((400, 300))
    region = PixelRegion(box, wcs, padding=20)
    x, y = np.random.default_rng(3).uniform(-100, 500, (2, 3000))
    sky = np.radians(wcs.pixel_to_sky(x, y))
    expected = (x >= -20.5) & (x <= 319.5) & (y >= -20.5) & (y <= 419.5)
    is_clear = np.min(np.abs([x + 20.5, x - 319.5, y + 20.5, y - 419.5]), axis=0) > 1e-4
    np.testing.assert_array_equal(region.holds(*sky)[is_clear], expected[is_clear])
    assert_covered(region, *sky)


def test_pixels_are_not_those_of_the_other_side_of_the_sky() -> None:
    region = PixelRegion(Box.from_shape((400, 300)), Wcs.from_metadata(tan_cards(10.0, 20.0)))
    other = np.radians([[190.0], [-20.0]])
    assert not region.holds(*other).any()


@pytest.mark.parametrize(
    "centre",
    [
        (10.0, -5.0),
        [10, -5],
        SkyCoord(10, -5, unit="deg"),
        SpherePoint(10, -5, degrees),
        (Angle(10, degrees), Angle(-5, degrees)),
        (10 * u.deg, -18000 * u.arcsec),
    ],
)
def test_positions_are_understood_in_many_forms(centre: object) -> None:
    point = as_sphere_point(centre)
    assert (point.ra.degrees, point.dec.degrees) == pytest.approx((10, -5))  # rounding of units


@pytest.mark.parametrize("centre", ["here", 5.0, (1, 2, 3), ("a", "b"), (1 * u.s, 2 * u.s)])
def test_what_is_no_position_is_refused(centre: object) -> None:
    with pytest.raises(ParameterTypeError):
        as_sphere_point(centre)


@pytest.mark.parametrize("centre", [(0, 91), (float("nan"), 0), (0, float("inf"))])
def test_position_that_is_nowhere_is_refused(centre: object) -> None:
    with pytest.raises(ParameterValueError):
        as_sphere_point(centre)


def test_circle_of_negative_radius_is_refused() -> None:
    with pytest.raises(ParameterValueError, match="radius"):
        CircleRegion(SpherePoint(0, 0, degrees), -1e-3)


def test_box_upside_down_is_refused() -> None:
    with pytest.raises(ParameterValueError, match="further north"):
        SkyBoxRegion.between((0, 5), (1, 4))


def tan_cards(ra: float, dec: float) -> dict[str, object]:
    return {
        "CTYPE1": "RA---TAN",
        "CTYPE2": "DEC--TAN",
        "CRVAL1": ra,
        "CRVAL2": dec,
        "CRPIX1": 150.0,
        "CRPIX2": 200.0,
        "CD1_1": -5e-4,
        "CD1_2": 0.0,
        "CD2_1": 0.0,
        "CD2_2": 5e-4,
        "RADESYS": "ICRS",
    }
