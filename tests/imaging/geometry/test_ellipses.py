"""Ellipses."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.geometry.ellipses import Axes, Ellipse, Quadrupole
from imaging.geometry.points import Extent2D, Point2D

lengths = st.floats(0.1, 100)
angles = st.floats(-math.pi / 2 + 1e-6, math.pi / 2)
ellipses = st.builds(Axes, lengths, lengths, angles)


@given(ellipses)
def test_axes_of_the_moments_of_axes_are_these_axes(axes: Axes) -> None:
    axes.normalize()
    again = Axes(Quadrupole(axes))
    # Rounding of the moments, 2e-16 of a^2, is up to 1e6 times larger beside b^2 (a/b = 1000).
    assert again.a == pytest.approx(axes.a, rel=1e-14)
    assert again.b == pytest.approx(axes.b, rel=1e-9)
    if axes.a > 1.01 * axes.b:
        turn = math.remainder(again.theta - axes.theta, math.pi)
        assert turn == pytest.approx(0, abs=1e-12)


@given(ellipses)
def test_moments_of_the_axes_of_moments_are_these_moments(axes: Axes) -> None:
    moments = Quadrupole(axes)
    again = Quadrupole(Axes(moments))
    # Absolute for all three: the angle's rounding mixes them.
    assert again.parameters() == pytest.approx(moments.parameters(), abs=1e-13 * axes.a**2 + 1e-9)


@given(ellipses, st.floats(0.1, 10))
def test_scaled_axes_and_scaled_moments_are_the_same_ellipse(axes: Axes, factor: float) -> None:
    moments = Quadrupole(axes)
    axes.scale(factor)
    moments.scale(factor)
    assert Quadrupole(axes).parameters() == pytest.approx(moments.parameters(), rel=1e-12, abs=1e-9)


@given(ellipses)
def test_points_of_an_ellipse_touch_its_box(axes: Axes) -> None:
    phase = np.linspace(0, 2 * np.pi, 20001)
    cos, sin = math.cos(axes.theta), math.sin(axes.theta)
    x = axes.a * np.cos(phase) * cos - axes.b * np.sin(phase) * sin
    y = axes.a * np.cos(phase) * sin + axes.b * np.sin(phase) * cos
    box = Ellipse(axes, Point2D(10, -20)).compute_bbox()
    # The largest of n points lies lower than the top by a (2 pi / n)^2 / 8 at most.
    assert box.max_x == pytest.approx(10 + x.max(), abs=2e-6)
    assert box.min_y == pytest.approx(-20 + y.min(), abs=2e-6)
    assert box.center.distance(Point2D(10, -20)) < 1e-12


def test_angle_is_counterclockwise_from_the_x_axis() -> None:
    assert Axes(Quadrupole(9, 4, 0)) == Axes(3, 2, 0)
    assert Axes(Quadrupole(4, 9, 0)).parameters() == pytest.approx((3, 2, math.pi / 2))
    assert Quadrupole(Axes(3, 2, math.pi / 4)).parameters() == pytest.approx((6.5, 6.5, 2.5))
    assert Axes(Quadrupole(6.5, 6.5, -2.5)).theta == pytest.approx(-math.pi / 4)


def test_circle_and_line_have_axes() -> None:
    assert Axes(Quadrupole(4, 4, 0)) == Axes(2, 2, 0)
    assert Axes(Quadrupole(0, 0, 0)) == Axes(0, 0, 0)
    line = Axes(Quadrupole(Axes(5, 0, 0.3)))
    assert line.parameters() == pytest.approx((5, 0, 0.3))


@pytest.mark.parametrize("moments", [(1, 1, 2), (-1, -1, 0), (1, -1, 0), (math.nan, 1, 0)])
def test_moments_of_no_ellipse_have_no_axes(moments: tuple[float, float, float]) -> None:
    assert all(map(math.isnan, Axes(Quadrupole(*moments)).parameters()))
    with pytest.raises(ParameterValueError, match="moments of no ellipse"):
        Quadrupole(*moments).normalize()


def test_moments_of_an_ellipse_are_normal() -> None:
    moments = Quadrupole(4, 1, 0.5)
    moments.normalize()
    assert moments == Quadrupole(4, 1, 0.5)


def test_radii_and_area() -> None:
    axes = Axes(4, 1, 0.7)
    for core in (axes, Quadrupole(axes)):
        assert core.area == pytest.approx(4 * math.pi)
        assert core.determinant_radius == pytest.approx(2)
        assert core.trace_radius == pytest.approx(math.sqrt(8.5))
    assert Quadrupole(2, 3, 1).determinant == 5
    assert Quadrupole(2, 3, 1).matrix.tolist() == [[2, 1], [1, 3]]


def test_normalized_axes_begin_with_the_longer_one() -> None:
    axes = Axes(1, 3, math.pi)
    axes.normalize()
    assert axes.parameters() == pytest.approx((3, 1, math.pi / 2))
    axes = Axes(3, 1, -2)
    axes.normalize()
    assert axes.parameters() == pytest.approx((3, 1, math.pi - 2))


def test_growing_adds_to_both_axes() -> None:
    axes, moments = Axes(3, 1, 0.5), Quadrupole(Axes(3, 1, 0.5))
    axes.grow(2)
    moments.grow(2)
    assert axes == Axes(5, 3, 0.5)
    assert Axes(moments).parameters() == pytest.approx(axes.parameters())
    axes.grow(-4)
    assert axes == Axes(1, 0, 0.5)


def test_ellipse_has_its_own_core_and_moves() -> None:
    core = Axes(3, 1, 0)
    ellipse = Ellipse(core, Point2D(1, 2))
    ellipse.scale(2)
    ellipse.grow(1)
    ellipse.shift(Extent2D(1, 1))
    assert core == Axes(3, 1, 0)
    assert ellipse == Ellipse(Axes(7, 3, 0), Point2D(2, 3))
    assert Ellipse(core).center == Point2D(0, 0)


def test_ellipses_pickle_compare_and_print() -> None:
    for made in (Axes(3, 1, 0.5), Quadrupole(3, 1, 0.5), Ellipse(Axes(3, 1, 0), Point2D(1, 2))):
        assert pickle.loads(pickle.dumps(made)) == made
        assert eval(repr(made)) == made
        assert made != Axes(9, 9, 9)
        with pytest.raises(TypeError, match="unhashable"):
            hash(made)


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(ParameterValueError, match="cannot be negative"):
        Axes(-1, 1, 0)
    with pytest.raises(ParameterValueError, match="scaled by -1"):
        Quadrupole(1, 1, 0).scale(-1)
    with pytest.raises(ParameterTypeError, match="from Axes or a Quadrupole"):
        Ellipse(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [Axes, Quadrupole])
def test_ellipse_is_made_of_numbers(kind: type[Axes | Quadrupole]) -> None:
    with pytest.raises(ParameterTypeError, match="'a'"):
        kind("a", 1.0, 0.0)  # type: ignore[call-overload]  # the mistake
    with pytest.raises(ParameterTypeError, match="None"):
        kind(1.0, None, 0.0)  # type: ignore[call-overload]  # the mistake
    with pytest.raises(ParameterTypeError, match="not by 'b'"):
        kind(1.0, 1.0, 0.0).scale("b")  # type: ignore[arg-type]  # the mistake
