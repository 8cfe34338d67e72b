"""Boxes with floating-point corners."""

from __future__ import annotations

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import BoxError, ParameterTypeError, ParameterValueError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2D, Extent2I, Point2D, Point2I
from imaging.geometry.real_box import Box2D

whole = st.integers(-30, 30)
quarters = whole.map(lambda number: number / 4)  # sums of them are exact
positions = st.builds(Point2D, quarters, quarters)
sizes = st.builds(Extent2D, quarters.map(abs), quarters.map(abs))
real_boxes = st.builds(Box2D, positions, sizes)
pixel_boxes = st.builds(
    Box, st.builds(Point2I, whole, whole), st.builds(Extent2I, st.integers(0, 20), st.just(7))
)


@given(pixel_boxes)
def test_area_of_pixels_reaches_half_a_pixel_beyond_their_centres(box: Box) -> None:
    real = Box2D(box)
    assert real.area == box.area
    assert real.is_empty == box.is_empty
    if not box.is_empty:
        assert (real.min_x, real.max_x) == (box.min_x - 0.5, box.max_x + 0.5)
        assert (real.min_y, real.max_y) == (box.min_y - 0.5, box.max_y + 0.5)
        assert real.center == box.center


@given(pixel_boxes)
def test_pixels_of_the_area_of_pixels_are_these_pixels(box: Box) -> None:
    assert Box(Box2D(box)) == Box(Box2D(box), "shrink") == box


@given(real_boxes)
def test_expanded_pixels_cover_a_box_and_shrunk_ones_are_inside(box: Box2D) -> None:
    assert Box2D(Box(box, "expand")).contains(box)
    assert box.contains(Box2D(Box(box, "shrink")))
    if not box.is_empty:
        assert Box2D(Box(box)).width < box.width + 2


@given(real_boxes, real_boxes, positions)
def test_position_is_in_the_clipped_box_if_it_is_in_both(
    a: Box2D, b: Box2D, position: Point2D
) -> None:
    both = a.clipped_to(b)
    assert (position in both) == (position in a and position in b)
    assert both == b.clipped_to(a)
    assert a.overlaps(b) == (not both.is_empty)
    assert a.contains(both)


@given(real_boxes, real_boxes)
def test_box_expanded_to_another_contains_both(a: Box2D, b: Box2D) -> None:
    both = a.expanded_to(b)
    assert both.contains(a)
    assert both.contains(b)
    assert both == b.expanded_to(a)


@given(real_boxes, positions)
def test_box_that_includes_a_position_contains_it(box: Box2D, position: Point2D) -> None:
    larger = box.expanded_to(position)
    assert position in larger
    assert larger.contains(box)


@given(real_boxes, st.builds(Extent2D, quarters, quarters))
def test_shifting_there_and_back_changes_nothing(box: Box2D, offset: Extent2D) -> None:
    moved = box.shifted_by(offset)
    assert moved.dimensions == box.dimensions
    assert moved.shifted_by(-offset) == box


@given(real_boxes, quarters.map(abs))
def test_growing_and_shrinking_changes_nothing(box: Box2D, margin: float) -> None:
    assert box.grown(margin).grown(-margin) == box


@given(real_boxes)
def test_repr_and_pickle_of_a_box_give_it_back(box: Box2D) -> None:
    assert eval(repr(box)) == box
    assert pickle.loads(pickle.dumps(box)) == box
    assert Box2D(box) == box


@given(real_boxes, quarters)
def test_mirroring_twice_changes_nothing(box: Box2D, size: float) -> None:
    mirrored = box.copy()
    mirrored.flip_lr(size)
    mirrored.flip_tb(size)
    assert mirrored.dimensions == box.dimensions
    mirrored.flip_tb(size)
    mirrored.flip_lr(size)
    assert mirrored == box


def test_extent_of_the_tutorials_display_is_that_of_the_pixels() -> None:
    box = Box2D(Box(Point2I(683, 1792), Point2I(1364, 2383)))
    extent = (box.getMinX(), box.getMaxX(), box.getMinY(), box.getMaxY())
    assert extent == (682.5, 1364.5, 1791.5, 2383.5)


def test_boxes_side_by_side_share_no_position() -> None:
    left, right = Box2D(Point2D(0, 0), Point2D(1, 1)), Box2D(Point2D(1, 0), Point2D(2, 1))
    assert (Point2D(1, 0.5) in left, Point2D(1, 0.5) in right) == (False, True)
    assert not left.overlaps(right)
    assert Point2I(1, 0) in right


def test_box_from_its_middle() -> None:
    box = Box2D.from_center(Point2D(3, 4), Extent2D(2, 5))
    assert (box.min, box.max, box.center) == (Point2D(2, 1.5), Point2D(4, 6.5), Point2D(3, 4))
    assert Box.from_center(Point2D(3, 4), Extent2I(3, 5)).center == Point2D(3, 4)
    assert Box.from_center(Point2D(3.25, 4.75), Extent2I(3, 5)).center == Point2D(3, 5)


def test_corners_run_counterclockwise_from_the_lower_left() -> None:
    box = Box2D(Point2D(0, 0), Extent2D(2, 1))
    assert box.corners == (Point2D(0, 0), Point2D(2, 0), Point2D(2, 1), Point2D(0, 1))


def test_empty_boxes_are_equal_and_have_no_corners() -> None:
    line = Box2D(Point2D(1, 2), Extent2D(0, 3))
    assert line == Box2D() == Box2D(Box())
    assert math.isnan(line.min_x)
    assert (line.area, line.width) == (0, 0)
    assert Point2D(1, 2) not in line
    assert Box(Box2D()).is_empty


def test_shrinking_too_much_makes_a_box_empty() -> None:
    assert Box2D(Point2D(0, 0), Extent2D(4, 10)).grown(-2).is_empty


def test_box_that_can_change_has_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Box2D())


def test_swapped_corners_are_refused() -> None:
    with pytest.raises(BoxError, match="lower left corner comes first"):
        Box2D(Point2D(5, 5), Point2D(1, 1))
    with pytest.raises(BoxError, match="cannot reach"):
        Box2D(Point2D(math.nan, 0), Point2D(1, 1))


def test_infinite_box_has_no_pixels() -> None:
    with pytest.raises(BoxError, match="infinite"):
        Box(Box2D(Point2D(0, 0), Point2D(math.inf, 1)))


def test_other_edges_and_other_arguments_are_refused() -> None:
    with pytest.raises(ParameterValueError, match="'expand' or 'shrink'"):
        Box(Box2D(Point2D(0, 0), Point2D(1, 1)), "grow")  # type: ignore[call-overload]
    with pytest.raises(ParameterTypeError, match="made from a point"):
        Box2D(3, 4)  # type: ignore[call-overload]
