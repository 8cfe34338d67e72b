"""Linear and affine maps of the plane."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.errors import ParameterValueError
from imaging.geometry.points import Extent2D, Point2D
from imaging.sky.affine_transform import AffineTransform, LinearTransform

LINEAR = LinearTransform(np.array([[2.0, 1.0], [0.0, 3.0]]))
AFFINE = AffineTransform(LINEAR, Extent2D(10.0, 20.0))


def test_points_are_mapped() -> None:
    assert LINEAR(Point2D(1, 2)) == Point2D(4, 6)
    assert AFFINE(Point2D(1, 2)) == Point2D(14, 26)
    assert AFFINE.matrix.tolist() == [[2, 1, 10], [0, 3, 20], [0, 0, 1]]


def test_the_inverse_leads_back() -> None:
    point = Point2D(3.5, -7.25)
    assert LINEAR.inverted()(LINEAR(point)).distance(point) < 1e-14
    assert AFFINE.inverted()(AFFINE(point)).distance(point) < 1e-14


def test_a_map_onto_a_line_has_no_inverse() -> None:
    with pytest.raises(ParameterValueError, match="no inverse"):
        LinearTransform(np.array([[1.0, 1.0], [1.0, 1.0]])).inverted()


def test_gen2_names_give_the_same() -> None:
    assert AFFINE.getLinear() is LINEAR
    assert AFFINE.getTranslation() == Extent2D(10, 20)
    assert np.array_equal(LINEAR.getMatrix(), LINEAR.matrix)
    assert np.array_equal(AFFINE.getMatrix(), AFFINE.matrix)
