"""Positions on the sky; astropy knows them as well."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.geometry.points import Point2D
from imaging.sky.angle import Angle, arcseconds, degrees
from imaging.sky.sphere_point import SpherePoint, average_sphere_point

POINTS = st.builds(
    lambda ra, dec: SpherePoint(ra, dec, degrees), st.floats(0, 359.9), st.floats(-89.9, 89.9)
)
BEARINGS = st.floats(0, 359).map(lambda value: value * degrees)
DISTANCES = st.floats(1e-6, 179).map(lambda value: value * degrees)
CLOSE = 1e-12  # radians: 0.2 microarcseconds, some roundings of 1e-16 near a pole at 0.1 degree


def gap(one: SpherePoint, two: SpherePoint) -> float:
    return float(np.linalg.norm(one.vector - two.vector))


@pytest.mark.parametrize(
    "point",
    [
        SpherePoint(10.0, 20.0, degrees),
        SpherePoint(370 * degrees, 20 * degrees),
        SpherePoint((10 * degrees, 20 * degrees)),
        SpherePoint(SpherePoint(10.0, 20.0, degrees)),
        SpherePoint(SkyCoord(10.0, 20.0, unit="deg")),
        SpherePoint(SpherePoint(10.0, 20.0, degrees).vector),
        SpherePoint(longitude=10.0, latitude=20.0, units=degrees),
    ],
)
def test_a_position_is_made_in_many_ways(point: SpherePoint) -> None:
    ra, dec = point
    assert (type(ra), type(dec)) == (Angle, Angle)
    assert (ra.degrees, dec.degrees) == pytest.approx((10, 20), rel=1e-14)
    assert (point[0], point[1], point[-1], len(point)) == (ra, dec, dec, 2)
    assert point.position(degrees).distance(Point2D(10, 20)) < 1e-12


def test_other_systems_of_astropy_are_converted() -> None:
    galactic = SkyCoord(120.0, 30.0, unit="deg", frame="galactic")
    assert SpherePoint(galactic).ra.degrees == pytest.approx(galactic.icrs.ra.deg)
    back = SpherePoint(galactic).to_skycoord()
    assert back.separation(galactic.icrs).deg < 1e-10


@pytest.mark.parametrize("arguments", [(1.0, 2.0), (1.0,), ("x",), (1 * degrees, 2.0), (1, 2)])
def test_numbers_without_a_unit_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(ParameterTypeError, match=r"is not (an angle|a position)"):
        SpherePoint(*arguments)  # type: ignore[arg-type]


def test_what_is_no_position_is_refused() -> None:
    with pytest.raises(ParameterValueError, match=r"no declination of 90\.1 degrees"):
        SpherePoint(0.0, 90.1, degrees)
    with pytest.raises(ParameterValueError, match="three numbers"):
        SpherePoint(np.zeros(3))
    with pytest.raises(ParameterTypeError, match="One SkyCoord"):
        SpherePoint(SkyCoord([1, 2], [3, 4], unit="deg"))
    with pytest.raises(ParameterTypeError, match="SpherePoint, not Point2D"):
        SpherePoint(0.0, 1.0, degrees).separation(Point2D(1, 2))  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match=r"45\.0 is not an angle"):
        SpherePoint(0.0, 1.0, degrees).offset(45.0, 1 * degrees)  # type: ignore[arg-type]


def test_without_coordinates_it_is_nowhere() -> None:
    assert not SpherePoint().is_finite
    assert SpherePoint(1.0, 2.0, degrees).is_finite


def test_a_position_does_not_change() -> None:
    point = SpherePoint(1.0, 2.0, degrees)
    with pytest.raises(AttributeError, match="does not change"):
        point._ra = 2 * degrees
    assert len({point, SpherePoint(1.0, 2.0, degrees), SpherePoint(1.0, 3.0, degrees)}) == 2
    assert pickle.loads(pickle.dumps(point)) == point
    assert eval(repr(point)) == point
    assert str(SpherePoint(1.5, 2.5, degrees)) == "(1.5000000000, +2.5000000000)"


@given(POINTS, POINTS)
def test_separation_and_bearing_are_those_of_astropy(one: SpherePoint, two: SpherePoint) -> None:
    first, second = one.to_skycoord(), two.to_skycoord()
    assert one.separation(two).radians == pytest.approx(first.separation(second).rad, abs=1e-14)
    if 1e-6 < one.separation(two) < math.pi - 1e-6:  # else the direction is hardly defined
        expected = 90 - first.position_angle(second).deg
        assert one.bearing_to(two).difference(expected * degrees).radians == pytest.approx(
            0, abs=1e-9
        )


@given(POINTS, BEARINGS, DISTANCES)
def test_offset_is_that_of_astropy(point: SpherePoint, bearing: Angle, amount: Angle) -> None:
    moved = point.offset(bearing, amount)
    angle = (90 - bearing.degrees) * units.deg
    expected = point.to_skycoord().directional_offset_by(angle, amount.degrees * units.deg)
    assert gap(moved, SpherePoint(expected)) < CLOSE
    assert point.separation(moved).radians == pytest.approx(float(amount), abs=CLOSE)


def test_bearings_are_counted_from_east_through_north() -> None:
    here = SpherePoint(10.0, 0.0, degrees)
    assert here.offset(0 * degrees, 1 * degrees).ra.degrees == pytest.approx(11)
    assert here.offset(90 * degrees, 1 * degrees).dec.degrees == pytest.approx(1)
    assert here.bearing_to(SpherePoint(9.0, 0.0, degrees)).degrees == pytest.approx(180)
    assert here.bearing_to(SpherePoint(10.0, -1.0, degrees)).degrees == pytest.approx(270)


def test_small_separations_keep_their_digits() -> None:
    here = SpherePoint(200.0, 60.0, degrees)
    there = SpherePoint(here.ra, here.dec + 1e-6 * arcseconds)
    assert here.separation(there).arcseconds == pytest.approx(1e-6, rel=1e-4)  # dec has 1e-16 rad


@given(POINTS, st.floats(-300, 300))
def test_turning_around_the_pole_adds_to_right_ascension(point: SpherePoint, turn: float) -> None:
    turned = point.rotated(SpherePoint(0.0, 90.0, degrees), turn * degrees)
    assert gap(turned, SpherePoint(point.ra + turn * degrees, point.dec)) < CLOSE


@given(POINTS, POINTS, st.floats(-180, 180))
def test_turning_keeps_the_distance_to_the_axis(
    point: SpherePoint, axis: SpherePoint, turn: float
) -> None:
    turned = point.rotated(axis, turn * degrees)
    assert axis.separation(turned).radians == pytest.approx(
        float(axis.separation(point)), abs=CLOSE
    )
    assert gap(turned.rotated(axis, -turn * degrees), point) < CLOSE


@given(POINTS, BEARINGS, st.floats(1e-5, 60))
def test_the_tangent_plane_is_that_of_the_gnomonic_projection(
    point: SpherePoint, bearing: Angle, distance: float
) -> None:
    there = point.offset(bearing, distance * degrees)
    xi, eta = point.tangent_plane_offset(there)
    assert math.hypot(xi, eta) == pytest.approx(math.tan(distance * degrees), rel=1e-9)
    assert Angle(math.atan2(eta, xi)).difference(bearing).radians == pytest.approx(0, abs=1e-8)


def test_the_other_side_of_the_sky_is_not_on_the_plane() -> None:
    with pytest.raises(ParameterValueError, match="90 degrees"):
        SpherePoint(0.0, 0.0, degrees).tangent_plane_offset(SpherePoint(180.0, 0.0, degrees))


def test_poles_are_poles() -> None:
    pole = SpherePoint([0.0, 0.0, 2.0])
    assert pole.is_pole
    assert (pole.ra, pole.dec.degrees) == (0, 90)
    assert not SpherePoint(0.0, 89.9, degrees).is_pole


def test_the_mean_of_positions_crosses_zero() -> None:
    points = [SpherePoint(359.0, 1.0, degrees), SpherePoint(1.0, 1.0, degrees)]
    assert average_sphere_point(points).ra.wrapped_around_zero().radians == pytest.approx(
        0, abs=1e-15
    )
    with pytest.raises(ParameterValueError, match="three numbers"):
        average_sphere_point([])
