"""Polygons."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2D, Point2I
from imaging.geometry.polygon import Polygon
from imaging.geometry.real_box import Box2D

TRIANGLE = Polygon([Point2D(0, 0), Point2D(4, 0), Point2D(0, 4)])
ARROW = Polygon(np.array([[0, 0], [4, 2], [0, 4], [1, 2]]))  # not convex


def regular(corners: int, radius: float, x: float, y: float, turn: float) -> Polygon:
    phase = turn + np.arange(corners) * 2 * np.pi / corners
    return Polygon(np.stack([x + radius * np.cos(phase), y + radius * np.sin(phase)], axis=1))


shapes = st.builds(
    regular,
    st.integers(3, 8),
    st.floats(0.5, 20),
    st.floats(-20, 20),
    st.floats(-20, 20),
    st.floats(0, 6),
)


@given(shapes)
def test_area_and_centre_of_a_regular_polygon(polygon: Polygon) -> None:
    count = polygon.edge_count
    radius = polygon.perimeter / (2 * count * math.sin(math.pi / count))
    expected = count * radius**2 * math.sin(2 * math.pi / count) / 2
    assert polygon.area == pytest.approx(expected, rel=1e-11)
    middle = polygon.vertices.mean(axis=0)
    assert tuple(polygon.centroid) == pytest.approx(tuple(middle), abs=1e-10)
    assert polygon.is_convex


@given(shapes, shapes)
def test_positions_in_the_common_area_are_those_in_both(a: Polygon, b: Polygon) -> None:
    both = a.clipped_to(b)
    x, y = np.random.default_rng(1).uniform(-40, 40, (2, 2000))
    expected = a.contains(x, y) & b.contains(x, y)
    if both is None:
        assert not expected.any()
    else:
        assert both.area <= min(a.area, b.area) * (1 + 1e-12)
        # Corners of the common area are rounded: two positions of 2000 may change sides.
        assert np.sum(both.contains(x, y) != expected) <= 2


@given(shapes, shapes)
def test_common_area_is_the_same_either_way(a: Polygon, b: Polygon) -> None:
    first, second = a.clipped_to(b), b.clipped_to(a)
    areas = [0.0 if both is None else both.area for both in (first, second)]
    assert areas[0] == pytest.approx(areas[1], abs=1e-9)


@given(shapes)
def test_box_round_a_polygon_contains_it(polygon: Polygon) -> None:
    clipped = polygon.clipped_to(polygon.bbox)
    assert clipped is not None
    assert clipped.area == pytest.approx(polygon.area, rel=1e-12)
    assert polygon.bbox.min_x == polygon.vertices[:, 0].min()


@given(shapes)
def test_same_corners_from_another_one_on_make_the_same_polygon(polygon: Polygon) -> None:
    turned = Polygon(np.roll(polygon.vertices, 2, axis=0))
    mirrored = Polygon(polygon.vertices[::-1])
    assert polygon == turned == mirrored
    assert len({polygon, turned, mirrored}) == 1
    assert pickle.loads(pickle.dumps(polygon)) == polygon


@given(shapes)
def test_boxes_of_pixels_tile_a_polygon(polygon: Polygon) -> None:
    """Pixels in it, each counted once, and the whole of their area."""
    begins = range(-60, 60, 20)  # half a pixel of a corner at 40 lies beyond the pixel 39
    boxes = [Box(Point2I(x, y), Extent2I(20, 20)) for x in begins for y in begins]
    parts = [part for box in boxes if (part := polygon.clipped_to(box)) is not None]
    assert sum(part.area for part in parts) == pytest.approx(polygon.area, rel=1e-9)


def test_polygons_side_by_side_share_no_position() -> None:
    corners = np.array([[0, 0], [3, 1], [4, 4], [1, 3]])
    lower, upper = Polygon(corners[[0, 1, 2]]), Polygon(corners[[0, 2, 3]])
    x = np.linspace(0, 4, 41)
    shared = lower.contains(x, x).astype(int) + upper.contains(
        x, x
    )  # the diagonal; its ends are corners
    assert shared.tolist() == [0] + [1] * 39 + [0]


def test_positions_come_as_points_numbers_and_arrays() -> None:
    assert TRIANGLE.contains(Point2D(1, 1)) is True
    assert TRIANGLE.contains(Point2I(3, 3)) is False
    assert TRIANGLE.contains(1.0, 1.0) is True
    grid = TRIANGLE.contains(np.arange(4), np.arange(4)[:, None])
    assert grid.sum() == 10  # 4 + 3 + 2 + 1: the slope is excluded, left and lower sides count
    assert TRIANGLE.contains(math.nan, 1.0) is False


def test_polygon_of_pixels_has_the_area_of_the_pixels() -> None:
    box = Box(Point2I(3, 4), Extent2I(5, 6))
    polygon = Polygon(box)
    assert polygon == Polygon(Box2D(box))
    assert (polygon.area, polygon.bbox, polygon.centroid) == (30, Box2D(box), box.center)
    assert polygon.perimeter == 22


def test_polygon_with_an_inward_corner_can_be_clipped() -> None:
    assert not ARROW.is_convex
    right = ARROW.clipped_to(Box2D(Point2D(2, 0), Point2D(9, 9)))
    assert right == Polygon([Point2D(2, 1), Point2D(4, 2), Point2D(2, 3)])
    left = ARROW.clipped_to(Box2D(Point2D(0, 0), Point2D(2, 9)))
    assert left is not None
    assert left.area == ARROW.area - 2
    with pytest.raises(ParameterValueError, match="convex"):
        TRIANGLE.clipped_to(ARROW)


def test_polygons_apart_have_no_common_area() -> None:
    assert TRIANGLE.clipped_to(Box2D(Point2D(4, 4), Point2D(5, 5))) is None
    assert TRIANGLE.clipped_to(Box2D(Point2D(2, 2), Point2D(5, 5))) is None  # one corner touches
    assert not TRIANGLE.overlaps(Box())
    assert TRIANGLE.overlaps(Box(Point2I(0, 0), Extent2I(1, 1)))


def test_transform_moves_the_corners() -> None:
    moved = TRIANGLE.transformed(lambda x, y: (2 * x + 1, y - 1))
    assert moved == Polygon([Point2D(1, -1), Point2D(9, -1), Point2D(1, 3)])


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=3))
def test_triangle_contains_its_middle(corners: list[tuple[int, int]]) -> None:
    (x0, y0), (x1, y1), (x2, y2) = corners
    assume((x1 - x0) * (y2 - y0) != (x2 - x0) * (y1 - y0))
    triangle = Polygon(np.array(corners))
    assert triangle.contains(triangle.centroid)


def test_corners_are_read_only_and_the_last_may_repeat_the_first() -> None:
    closed = Polygon(np.array([[0, 0], [4, 0], [0, 4], [0, 0]]))
    assert closed == TRIANGLE
    assert closed.points == [Point2D(0, 0), Point2D(4, 0), Point2D(0, 4)]
    with pytest.raises(ValueError, match="read-only"):
        closed.vertices[0] = 3


def test_lines_and_broken_numbers_are_no_polygons() -> None:
    with pytest.raises(ParameterValueError, match="three corners"):
        Polygon([Point2D(0, 0), Point2D(1, 1)])
    with pytest.raises(ParameterValueError, match="an area"):
        Polygon([Point2D(0, 0), Point2D(1, 1), Point2D(2, 2)])
    with pytest.raises(ParameterValueError, match="finite"):
        Polygon([Point2D(0, 0), Point2D(1, math.inf), Point2D(2, 2)])
    with pytest.raises(ParameterValueError, match="empty box"):
        Polygon(Box())
    with pytest.raises(ParameterTypeError, match=r"\(n, 2\)"):
        Polygon(np.zeros((4, 3)))
    with pytest.raises(ParameterTypeError, match="x and y"):
        TRIANGLE.contains(3.0)  # type: ignore[call-overload]
