"""Angles and their units."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import ParameterTypeError
from imaging.sky.angle import (
    Angle,
    arcminutes,
    arcseconds,
    degrees,
    hours,
    milliarcseconds,
    radians,
)

NUMBERS = st.floats(-1e6, 1e6)
UNITS = {
    "radians": (radians, 57.29577951308232),  # in degrees
    "degrees": (degrees, 1.0),
    "hours": (hours, 15.0),
    "arcminutes": (arcminutes, 1 / 60),
    "arcseconds": (arcseconds, 1 / 3600),
    "milliarcseconds": (milliarcseconds, 1 / 3.6e6),
}


@pytest.mark.parametrize("name", UNITS)
def test_a_number_times_a_unit_is_an_angle(name: str) -> None:
    unit, size = UNITS[name]
    for angle in (3 * unit, unit * 3, Angle(3.0, unit), np.float64(3) * unit, np.int32(3) * unit):
        assert type(angle) is Angle
        assert angle.degrees == pytest.approx(3 * size, rel=1e-15)
        assert getattr(angle, name) == angle.to(unit) == pytest.approx(3, rel=1e-15)
    assert repr(unit) == name


@given(NUMBERS)
def test_a_number_comes_back_in_its_unit(number: float) -> None:
    for unit, _ in UNITS.values():
        assert (number * unit).to(unit) == pytest.approx(number, rel=4e-16)  # two roundings


def test_functions_of_mathematics_take_it() -> None:
    assert math.sin(30 * degrees) == pytest.approx(0.5)
    assert np.cos(60 * degrees) == pytest.approx(0.5)


def test_sums_and_multiples_are_angles() -> None:
    results = [
        1 * degrees + 2 * degrees,
        5 * degrees - 2 * degrees,
        2 * (1.5 * degrees),
        6 * degrees / 2,
        -(-3 * degrees),
        abs(-3 * degrees),
        +(3 * degrees),
    ]
    assert {type(result) for result in results} == {Angle}
    assert [result.degrees for result in results] == pytest.approx([3.0] * 7)


def test_a_plain_number_cannot_be_added() -> None:
    angle = 2 * degrees
    for wrong in (lambda: angle + 1, lambda: 1.0 + angle, lambda: angle - 1, lambda: 1 - angle):
        with pytest.raises(ParameterTypeError, match=r"is not an angle.*angle\.degrees"):
            wrong()
    with pytest.raises(ParameterTypeError, match=r"a\.degrees / b\.degrees"):
        angle / angle


def test_what_is_no_number_or_unit_is_refused() -> None:
    with pytest.raises(ParameterTypeError, match="one number, not 'x'"):
        Angle("x")  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match="one like degrees, not 'deg'"):
        Angle(1.0, "deg")  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match="one number, not array"):
        np.array([1.0, 2.0]) * degrees


@given(NUMBERS)
def test_wrapping_keeps_the_direction(number: float) -> None:
    angle = number * radians
    wrapped, centered = angle.wrapped(), angle.wrapped_around_zero()
    assert 0 <= wrapped < math.tau
    assert -math.pi <= centered < math.pi
    for result in (wrapped, centered, angle.wrapped_near(7 * radians)):
        assert type(result) is Angle
        assert math.cos(result) == pytest.approx(math.cos(number), abs=1e-9)  # 1e6 has 1e-10 left
        assert math.sin(result) == pytest.approx(math.sin(number), abs=1e-9)


def test_the_ends_of_a_turn_are_where_they_should_be() -> None:
    assert Angle(-1e-17).wrapped() == 0
    assert (360 * degrees).wrapped() == 0
    assert (180 * degrees).wrapped_around_zero() == -math.pi
    assert (350 * degrees).wrapped_near(10 * degrees).degrees == pytest.approx(-10)
    assert (10 * degrees).difference(350 * degrees).degrees == pytest.approx(20)
    assert (350 * degrees).difference(10 * degrees).degrees == pytest.approx(-20)


def test_an_angle_is_compared_printed_and_pickled() -> None:
    angle = 90 * degrees
    assert 1 * degrees < angle == math.pi / 2
    assert (repr(angle), str(angle)) == ("Angle(90.0, degrees)", "1.5708 rad")
    assert eval(repr(angle)) == angle
    restored = pickle.loads(pickle.dumps(angle))
    assert (type(restored), restored) == (Angle, angle)
