"""From pixels to the focal plane and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.detector.orientation import Orientation
from imaging.geometry.points import Extent2D, Point2D

PIXEL = Extent2D(0.015, 0.02)
positions = st.floats(-1e5, 1e5)
places = st.builds(Point2D, st.floats(-500, 500), st.floats(-500, 500))


def test_the_reference_point_lies_at_the_offset() -> None:
    turned = Orientation(Point2D(12.0, -7.0), Point2D(1023.5, 2087.5), 33.0)
    x, y = turned.to_focal_plane(1023.5, 2087.5, PIXEL)
    assert (x, y) == (12.0, -7.0)


def test_a_quarter_turn_is_counterclockwise_and_exact() -> None:
    turned = Orientation(Point2D(), Point2D(), 90.0)
    x, y = turned.to_focal_plane([1000.0, 0.0], [0.0, 1000.0], Extent2D(0.01, 0.01))
    assert x.tolist() == [0.0, -10.0]
    assert y.tolist() == [10.0, 0.0]


@pytest.mark.parametrize(
    ("yaw", "turns"), [(0.03, 0), (-0.03, 0), (90.02, 1), (179.98, 2), (269.99, 3), (-90, 3)]
)
def test_quarter_turns_are_counted_from_the_yaw(yaw: float, turns: int) -> None:
    assert Orientation(yaw=yaw).n_quarter == turns


@given(places, places, st.floats(-360, 360), positions, positions)
def test_pixels_return_from_the_focal_plane(
    offset: Point2D, reference: Point2D, yaw: float, x: float, y: float
) -> None:
    turned = Orientation(offset, reference, yaw)
    back_x, back_y = turned.to_pixels(*turned.to_focal_plane(x, y, PIXEL), PIXEL)
    # 1e5 pixels of 0.02 mm beside an offset of 500 mm: 14 of 16 digits remain
    assert back_x == pytest.approx(x, abs=1e-7)
    assert back_y == pytest.approx(y, abs=1e-7)


def test_arrays_keep_their_shape() -> None:
    x, y = Orientation(yaw=10.0).to_focal_plane(np.zeros((2, 3)), np.ones((2, 3)), PIXEL)
    assert x.shape == y.shape == (2, 3)
