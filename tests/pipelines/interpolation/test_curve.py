"""Curves through a few values, beside those of scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import Akima1DInterpolator, CubicSpline

from pipelines.interpolation.curve import CURVES, curve_slopes, evaluate_curve, usable_curve

KNOTS = np.array([0.0, 1.5, 2.0, 4.0, 7.0, 7.5, 9.0])
VALUES = np.random.default_rng(3).normal(100, 10, (4, 7))


@pytest.mark.parametrize(
    ("style", "oracle"),
    [
        ("AKIMA_SPLINE", lambda: Akima1DInterpolator(KNOTS, VALUES, axis=1)),
        ("NATURAL_SPLINE", lambda: CubicSpline(KNOTS, VALUES, axis=1, bc_type="natural")),
        ("CUBIC_SPLINE", lambda: CubicSpline(KNOTS, VALUES, axis=1)),
    ],
)
def test_slopes_and_curves_are_those_of_scipy(style: str, oracle: object) -> None:
    curve = oracle()  # type: ignore[operator]
    np.testing.assert_allclose(curve_slopes(VALUES, KNOTS, style), curve(KNOTS, 1), rtol=1e-9)
    places = np.linspace(0, 9, 50)
    for row in range(len(VALUES)):
        found = evaluate_curve(VALUES[row], KNOTS, style, places)
        np.testing.assert_allclose(found, curve(places)[row], rtol=1e-9)


def test_akima_is_straight_where_the_values_are() -> None:
    values = np.array([[0.0, 1.5, 2.0, 4.0, 7.0, 7.5, 9.0], [5.0] * 7])
    np.testing.assert_allclose(curve_slopes(values, KNOTS, "AKIMA_SPLINE"), [[1.0] * 7, [0.0] * 7])


def test_straight_pieces_are_those_of_numpy() -> None:
    places = np.linspace(0, 9, 50)
    np.testing.assert_allclose(
        evaluate_curve(VALUES[0], KNOTS, "LINEAR", places), np.interp(places, KNOTS, VALUES[0])
    )


@pytest.mark.parametrize("style", ["LINEAR", "NATURAL_SPLINE", "AKIMA_SPLINE"])
def test_beyond_the_ends_curves_are_straight(style: str) -> None:
    found = evaluate_curve(VALUES[0], KNOTS, style, [-2.0, -1.0, 0.0, 9.0, 10.0, 11.0])
    assert found[0] - found[1] == pytest.approx(found[1] - found[2])
    assert found[4] - found[3] == pytest.approx(found[5] - found[4])


def test_a_constant_is_the_mean() -> None:
    assert evaluate_curve([1.0, 2.0, 6.0], [0.0, 1.0, 2.0], "CONSTANT", [5.0]).tolist() == [3.0]


@given(st.sampled_from(sorted(CURVES)), st.integers(1, 9))
def test_few_values_get_a_simpler_curve(style: str, count: int) -> None:
    usable = usable_curve(style, count)
    assert CURVES[usable] <= count
    assert CURVES[usable] == min(count, CURVES[style])
    values, knots = np.arange(count) * 2.0, np.arange(count) * 1.0
    found = evaluate_curve(values, knots, style, knots)
    expected = np.full(count, values.mean()) if usable == "CONSTANT" else values
    np.testing.assert_allclose(found, expected, atol=1e-9)
