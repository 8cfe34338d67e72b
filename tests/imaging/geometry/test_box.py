"""Boxes."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from imaging.errors import BoxError, ParameterTypeError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2D, Extent2I, Point2D, Point2I
from imaging.geometry.real_box import Box2D

numbers = st.integers(-30, 30)
sizes = st.integers(0, 20)
boxes = st.builds(
    lambda x, y, width, height: Box(Point2I(x, y), Extent2I(width, height)),
    numbers,
    numbers,
    sizes,
    sizes,
)
extents = st.builds(Extent2I, numbers, numbers)


def pixels(box: Box) -> set[tuple[int, int]]:
    return {(x, y) for x in range(box.begin_x, box.end_x) for y in range(box.begin_y, box.end_y)}


@given(boxes, boxes)
def test_clipped_box_has_the_pixels_of_both(a: Box, b: Box) -> None:
    assert pixels(a.clipped_to(b)) == pixels(a) & pixels(b)
    assert a.clipped_to(b) == b.clipped_to(a)
    assert a.overlaps(b) == bool(pixels(a) & pixels(b))


@given(boxes, boxes, boxes)
def test_clipping_is_associative(a: Box, b: Box, c: Box) -> None:
    assert a.clipped_to(b).clipped_to(c) == a.clipped_to(b.clipped_to(c))


@given(boxes, boxes)
def test_box_contains_another_if_it_has_its_pixels(a: Box, b: Box) -> None:
    assert a.contains(b) == (pixels(b) <= pixels(a))
    assert a.expanded_to(b).contains(a)
    assert a.expanded_to(b).contains(b)


@given(boxes, extents)
def test_shifting_there_and_back_changes_nothing(box: Box, offset: Extent2I) -> None:
    moved = box.shifted_by(offset)
    assert moved.shifted_by(-offset) == box
    assert moved.dimensions == box.dimensions


@given(boxes, st.integers(0, 30))
def test_growing_and_shrinking_changes_nothing(box: Box, margin: int) -> None:
    assert box.grown(margin).grown(-margin) == box


@given(boxes, extents)
def test_growing_moves_every_side(box: Box, margin: Extent2I) -> None:
    grown = box.grown(margin)
    assume(not grown.is_empty)
    assert grown.min == box.min - margin
    assert grown.max == box.max + margin


@given(boxes, boxes)
def test_growing_by_the_same_keeps_containment(a: Box, b: Box) -> None:
    assume(not b.is_empty)
    assert a.expanded_to(b).grown(3).contains(b.grown(3))


@given(boxes)
def test_text_and_pickle_of_a_box_give_it_back(box: Box) -> None:
    assert Box.from_string(str(box)) == box
    assert pickle.loads(pickle.dumps(box)) == box
    assert eval(repr(box)) == box


@given(boxes)
def test_shape_and_origin_of_a_box_give_it_back(box: Box) -> None:
    assert Box.from_shape(box.shape, box.min) == box


@given(boxes)
def test_slices_select_the_pixels_of_a_box(box: Box) -> None:
    origin = Point2I(-40, -40)
    array = np.zeros((100, 100), bool)
    array[box.slices(origin)] = True
    rows, columns = np.nonzero(array)
    assert set(zip((columns - 40).tolist(), (rows - 40).tolist(), strict=True)) == pixels(box)


def test_tutorial_box_is_the_central_third_made_smaller() -> None:
    box = Box(Point2I(0, 0), Extent2I(2048, 4176))
    box.grow(-box.dimensions // 3)
    assert box == Box(Point2I(683, 1392), Point2I(1364, 2783))
    box.grow(-Extent2I(0, 400))
    assert box == Box(Point2I(683, 1792), Point2I(1364, 2383))


def test_corners_are_inclusive() -> None:
    box = Box(Point2I(2, 3), Point2I(4, 3))
    assert (box.width, box.height, box.area) == (3, 1, 3)
    assert (box.max_x, box.end_x, box.max_y, box.end_y) == (4, 5, 3, 4)
    assert box.center == Point2D(3, 3)
    assert box.corners == (Point2I(2, 3), Point2I(4, 3), Point2I(4, 3), Point2I(2, 3))


def test_box_reaches_half_a_pixel_beyond_its_corners() -> None:
    box = Box(Point2I(0, 0), Extent2I(2, 2))
    assert Point2D(-0.5, 1.49) in box
    assert Point2D(-0.51, 0) not in box
    assert Point2D(0, 1.5) not in box


def test_shrinking_too_much_makes_a_box_empty() -> None:
    box = Box(Point2I(5, 5), Extent2I(4, 10))
    box.grow(-2)
    assert box.is_empty
    assert box == Box()
    box.grow(5)
    assert box.is_empty


def test_copy_changes_by_itself() -> None:
    box = Box(Point2I(0, 0), Extent2I(2, 2))
    for other in (box.copy(), Box(box), copy.copy(box), copy.deepcopy(box)):
        other.shift(Extent2I(1, 1))
        assert other.min == Point2I(1, 1)
    assert box.min == Point2I(0, 0)


def test_box_that_can_change_has_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Box())


def test_swapped_corners_are_refused() -> None:
    with pytest.raises(BoxError, match="lower left corner comes first"):
        Box(Point2I(5, 5), Point2I(1, 1))


def test_text_of_another_form_is_refused() -> None:
    with pytest.raises(BoxError, match="x0:x1,y0:y1"):
        Box.from_string("0,200")


def test_box_before_the_array_has_no_slices() -> None:
    with pytest.raises(BoxError, match="begins before"):
        Box(Point2I(0, 0), Extent2I(2, 2)).slices((1, 0))


def test_arguments_of_another_kind_are_refused() -> None:
    with pytest.raises(ParameterTypeError, match="made from a Point2I"):
        Box(Extent2D(1, 2), Extent2I(1, 2))  # type: ignore[call-overload]


@given(boxes, sizes)
def test_mirroring_twice_changes_nothing(box: Box, size: int) -> None:
    mirrored = box.copy()
    mirrored.flip_lr(size)
    assert mirrored.dimensions == box.dimensions
    mirrored.flip_lr(size)
    mirrored.flip_tb(size)
    mirrored.flip_tb(size)
    assert mirrored == box


def test_mirrored_box_lies_on_the_other_side_of_the_image() -> None:
    box = Box(Point2I(0, 1), Extent2I(4, 2))
    box.flip_lr(10)
    assert box == Box(Point2I(6, 1), Extent2I(4, 2))
    box.flip_tb(10)
    assert box == Box(Point2I(6, 7), Extent2I(4, 2))


def test_begin_is_inside_and_end_is_one_beyond() -> None:
    box = Box(Point2I(2, 3), Extent2I(4, 5))
    assert (box.begin, box.end) == (Point2I(2, 3), Point2I(6, 8))
    assert (box.center_x, box.center_y) == (3.5, 5)


def test_numbers_are_inside_as_positions_are() -> None:
    box = Box(Point2I(1, 2), Extent2I(3, 4))
    x = np.array([[0.4, 0.5, 3.4, 3.5, 2, np.nan, np.inf], [2] * 7])
    y = np.array([3, 3, 3, 3, 5.6, 3, 3])
    inside = box.contains(x, y)
    assert inside.tolist() == [
        [False, True, True, False, False, False, False],
        [True] * 4 + [False, True, True],
    ]
    real = Box2D(box).contains(x, y)
    assert real.tolist() == inside.tolist()
    assert box.contains(2, 3)
    assert not box.contains(4, 3)
    assert not Box().contains(np.zeros(2), np.zeros(2)).any()
    assert not Box2D().contains(0, 0)
    for made in (box, Box2D(box)):
        with pytest.raises(ParameterTypeError, match="points, boxes, or x and y"):
            made.contains(3)  # type: ignore[call-overload]


def test_sides_are_intervals() -> None:
    box = Box(Point2I(1, 2), Extent2I(3, 4))
    assert (box.x.min, box.x.max, box.x.size, box.x.center) == (1, 3, 3, 2.0)
    assert (box.y.begin, box.y.end, box.y.slice()) == (2, 6, slice(2, 6))
    assert box.y.contains(5.4)
    assert not box.y.contains(6)
    assert Box().x.is_empty


def test_boxes_are_made_and_changed_by_pixels_alone() -> None:
    box = Box(Point2I(0, 0), Extent2I(3, 4))
    for change in (box.shift, box.clip, box.include, Box.from_shape):
        for thing in (3, None, (1, 2, 3)):
            with pytest.raises(ParameterTypeError):
                change(thing)  # type: ignore[operator]  # the mistake
    with pytest.raises(BoxError, match="3 is not a box"):
        Box.from_string(3)  # type: ignore[arg-type]  # the mistake
    assert box == Box(Point2I(0, 0), Extent2I(3, 4))
