from __future__ import annotations

import erfa
import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from imaging.reference.motion import (
    Motion,
    direction_angles,
    directions,
    earth_position,
    moved,
    seen_from,
)

MAS = np.radians(1 / 3.6e6)
ANGLES = st.floats(0, 2 * np.pi, exclude_max=True)
# erfa.starpm leaves the tangent plane where the cosine of the declination is small
HEIGHTS = st.floats(-1.5, 1.5)
MOTIONS = st.floats(-10.0, 10.0)  # arcsec a year, Barnard's star being the fastest
YEARS = st.floats(-50.0, 50.0)


def stars(*columns: float) -> Motion:
    return Motion(*(np.array([value], np.float64) for value in columns))


def separation(first: Motion, ra: float, dec: float) -> float:
    a, b = directions(first.ra, first.dec)[0], directions(np.array([ra]), np.array([dec]))[0]
    return float(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b))


@given(ANGLES, HEIGHTS, MOTIONS, MOTIONS, YEARS)
def test_motion_is_that_of_erfa(
    ra: float, dec: float, east: float, north: float, years: float
) -> None:
    pm_ra, pm_dec = np.radians([east / 3600, north / 3600])
    new = moved(stars(ra, dec, pm_ra, pm_dec), np.array([years]))
    # A star as near as this is slow; without radial velocity nothing else depends on it.
    expected = erfa.starpm(
        ra, dec, pm_ra / np.cos(dec), pm_dec, 50.0, 0.0, 2451545.0, 0.0, 2451545.0, 365.25 * years
    )
    # erfa adds light time and relativity: 1e-4 of what the star has moved
    tolerance = 1e-4 * abs(years) * np.hypot(pm_ra, pm_dec) + 1e-3 * MAS
    assert separation(new, expected[0], expected[1]) < tolerance


@given(ANGLES, HEIGHTS, MOTIONS, MOTIONS, YEARS)
def test_motion_there_and_back_is_none(
    ra: float, dec: float, east: float, north: float, years: float
) -> None:
    begin = stars(ra, dec, np.radians(east / 3600), np.radians(north / 3600))
    there = moved(begin, np.array([years]))
    # The motion at the end has lost the second order: it was made of the distance, which grew.
    back = moved(there, np.array([-years]))
    moved_by = abs(years) * np.hypot(begin.pm_ra, begin.pm_dec)[0]
    assert separation(back, ra, dec) < 3 * moved_by**3 + 1e-3 * MAS


def test_motion_across_a_pole_and_across_zero_is_right() -> None:
    step = np.radians(1.0 / 3600)
    pole = moved(stars(1.0, np.pi / 2 - step / 2, 0.0, step), np.array([1.0]))
    assert pole.ra[0] == pytest.approx(1.0 + np.pi, abs=1e-6)  # of an angle seen from 0.5 arcsec
    assert np.pi / 2 - pole.dec[0] == pytest.approx(step / 2, rel=1e-6)
    zero = moved(stars(step / 2, 0.0, -step, 0.0), np.array([1.0]))
    assert zero.ra[0] == pytest.approx(2 * np.pi - step / 2, abs=1e-12)


def test_a_star_stays_bit_by_bit_whose_motion_or_time_is_not_known() -> None:
    begin = Motion(*(np.array(column) for column in ([0.1, 0.2, 0.3, 0.4],) * 4))
    begin.pm_ra[0], begin.pm_dec[1] = np.nan, np.nan
    new = moved(begin, np.array([1.0, 1.0, np.nan, 0.0]))
    for old, now in zip(begin, new, strict=True):
        np.testing.assert_array_equal(old, now)


@given(ANGLES, st.floats(-np.pi / 2, np.pi / 2))
def test_directions_and_angles_are_inverse(ra: float, dec: float) -> None:
    new_ra, new_dec = direction_angles(directions(np.array([ra]), np.array([dec])))
    assert 0 <= new_ra[0] < 2 * np.pi
    assert separation(Motion(new_ra, new_dec, new_ra, new_dec), ra, dec) < 1e-15 * 10


def test_parallax_is_that_of_astropy() -> None:
    ra, dec, mjd = np.array([1.0, 4.0]), np.array([0.5, -1.2]), 57388.5
    parallax = np.array([768.0, 100.0]) * MAS
    new_ra, new_dec = seen_from(earth_position(mjd), ra, dec, parallax)
    far = SkyCoord(ra * u.rad, dec * u.rad, distance=(1 / parallax) * u.au)
    from astropy.coordinates import get_body_barycentric

    earth = get_body_barycentric("earth", Time(mjd, format="mjd", scale="tai"))
    expected = SkyCoord(far.cartesian - earth)
    apart = SkyCoord(new_ra * u.rad, new_dec * u.rad).separation(expected)
    assert apart.to_value(u.mas) == pytest.approx([0, 0], abs=1e-3)  # a microarcsecond


def test_parallax_that_is_not_known_shifts_nothing() -> None:
    ra, dec = np.array([1.0, 4.0]), np.array([0.5, -1.2])
    new = seen_from(np.array([1.0, 0.0, 0.0]), ra, dec, np.array([np.nan, 0.0]))
    np.testing.assert_array_equal(new, (ra, dec))
