"""Points and extents."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2D, Extent2I, Point2D, Point2I

numbers = st.integers(-(10**6), 10**6)
points = st.builds(Point2I, numbers, numbers)
extents = st.builds(Extent2I, numbers, numbers)


@given(points, points)
def test_difference_of_points_leads_from_one_to_the_other(a: Point2I, b: Point2I) -> None:
    assert isinstance(b - a, Extent2I)
    assert a + (b - a) == b
    assert b - (b - a) == a


@given(extents, extents)
def test_extents_add_and_subtract(a: Extent2I, b: Extent2I) -> None:
    assert a + b - b == a
    assert a + -a == Extent2I(0, 0)


def test_extent_is_floored_as_python_does_it() -> None:
    assert -Extent2I(2048, 4176) // 3 == Extent2I(-683, -1392)
    assert Extent2I(7, 8) // 2 == Extent2I(3, 4)


def test_extent_times_a_number_from_both_sides() -> None:
    assert 2 * Extent2I(3, 4) == Extent2I(3, 4) * 2 == Extent2I(6, 8)
    assert 0.5 * Extent2D(3, 4) == Extent2D(1.5, 2)
    assert Extent2I(3, 4) / 2 == Extent2D(1.5, 2.0)


def test_mixed_arithmetic_is_floating_point() -> None:
    assert Point2I(1, 2) + Extent2D(0.5, 0.5) == Point2D(1.5, 2.5)
    assert Point2D(1.5, 2.5) - Point2I(1, 2) == Extent2D(0.5, 0.5)
    assert Point2I(1, 2) - Point2D(0.5, 0.5) == Extent2D(0.5, 1.5)
    assert Extent2I(1, 2) - Extent2D(0.5, 0.5) == Extent2D(0.5, 1.5)


def test_point_and_extent_are_different_things() -> None:
    assert Point2I(1, 2) != Extent2I(1, 2)
    with pytest.raises(TypeError):
        Point2I(1, 2) + Point2I(3, 4)  # type: ignore[operator]


def test_integer_coordinates_come_from_numpy_too() -> None:
    point = Point2I(np.int16(3), np.uint64(4))  # type: ignore[arg-type]
    assert (type(point.x), point.y) == (int, 4)


def test_fractions_are_no_pixels() -> None:
    with pytest.raises(ParameterTypeError, match="Round it first"):
        Point2I(1.5, 2)  # type: ignore[arg-type]


def test_position_belongs_to_the_nearest_pixel() -> None:
    assert Point2D(1.49, -0.5).rounded() == Point2I(1, 0)
    assert Point2D(1.5, -0.51).rounded() == Point2I(2, -1)


def test_coordinates_unpack_hash_and_pickle() -> None:
    x, y = Point2I(3, 4)
    assert (x, y) == (3, 4)
    assert len({Point2I(1, 2), Point2I(1, 2)}) == 1
    assert pickle.loads(pickle.dumps(Point2I(3, 4))) == Point2I(3, 4)


@given(points, extents)
def test_extent_and_point_add_in_either_order(point: Point2I, extent: Extent2I) -> None:
    assert extent + point == point + extent
    assert Extent2D(extent) + point == point + Extent2D(extent)


def test_coordinates_are_indexed() -> None:
    for pair in (Point2I(3, 4), Point2D(3, 4), Extent2I(3, 4), Extent2D(3, 4)):
        assert (pair[0], pair[1], pair[-1], len(pair)) == (3, 4, 4, 2)
        assert np.array_equal(np.array(pair), [3, 4])
        with pytest.raises(IndexError):
            pair[2]


def test_one_number_is_meant_for_both_axes() -> None:
    assert Extent2I(3) == Extent2I(3, 3)
    assert Extent2D(0.5) == Extent2D(0.5, 0.5)
    assert Extent2I() == Extent2I(0, 0)


def test_points_and_extents_are_made_from_others() -> None:
    assert Point2D(Point2I(3, 4)) == Point2D(3, 4)
    assert Extent2D(Point2D(0.5, 1)) == Extent2D(0.5, 1)
    assert Extent2I(Point2I(3, 4)) == Extent2I(3, 4)
    assert Point2I(Extent2I(3, 4)) == Point2I(3, 4)
    with pytest.raises(ParameterTypeError, match="Round it first"):
        Extent2I(Extent2D(3, 4))
    with pytest.raises(ParameterTypeError, match="integers, not Point2I"):
        Point2I(Point2I(3, 4), 5)  # type: ignore[arg-type]


def test_pixel_of_a_position_is_the_one_that_holds_it() -> None:
    for position, pixel in [
        ((1.2, 3.7), (1, 4)),
        ((-0.5, 0.5), (0, 1)),
        ((-1.5, -0.51), (-1, -1)),
    ]:
        assert Point2I(Point2D(*position)) == Point2I(*pixel)
    with pytest.raises(ParameterValueError, match="rounded"):
        Point2I(Point2D(np.nan, 0))


def test_points_and_extents_are_made_from_pairs() -> None:
    for pair in ((3, 4), [3, 4], np.array([3, 4])):
        assert Point2I(pair) == Point2I(3, 4)
        assert Point2D(pair) == Point2D(3, 4)
        assert (Extent2I(pair), Extent2D(pair)) == (Extent2I(3, 4), Extent2D(3, 4))
    assert Point2D(np.float64(2)) == Point2D(np.array(2.0)) == Point2D(2, 2)
    for bad in ((1, 2, 3), (1,), (), np.zeros((2, 2))):
        with pytest.raises(ParameterTypeError):
            Point2D(bad)  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match=r"integers, not 1\.5"):
        Point2I((1.5, 2))  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match="a number, not 'ab'"):
        Point2D("ab")  # type: ignore[arg-type]


def test_extent_times_a_fraction_is_floating_point() -> None:
    assert Extent2I(3, 4) * 0.5 == 0.5 * Extent2I(3, 4) == Extent2D(1.5, 2)
    assert Extent2I(3, 4) * np.int64(2) == Extent2I(6, 8)
    assert Extent2I(3, 4) * np.float64(2) == Extent2D(6, 8)
    assert +Extent2I(3, 4) == Extent2I(3, 4)
    assert +Extent2D(3, 4) == Extent2D(3, 4)


def test_lengths_and_distances() -> None:
    assert (Extent2I(3, 4).norm, Extent2I(3, 4).squared_norm) == (5, 25)
    assert (Extent2D(3, 4).norm, Extent2D(3, 4).squared_norm) == (5, 25)
    assert Point2I(1, 1).distance(Point2D(4, 5)) == Point2D(4, 5).distance(Point2I(1, 1)) == 5
    assert Point2I(1, 1).distance_squared(Point2I(4, 5)) == 25
    assert Point2D(1, 1).distance_squared(Point2I(4, 5)) == 25


def test_extents_are_rounded_in_three_ways() -> None:
    extent = Extent2D(1.5, -1.5)
    assert extent.floor() == Extent2I(1, -2)
    assert extent.ceil() == Extent2I(2, -1)
    assert extent.truncate() == Extent2I(1, -1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_position_nowhere_is_in_no_pixel(bad: float) -> None:
    with pytest.raises(ParameterValueError, match="whole pixels"):
        Point2D(bad, 1).rounded()
    assert Point2D(bad, 1) not in Box(Point2I(0, 0), Extent2I(9, 9))
