"""Masks in memory."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from imaging import Box, Extent2I, Point2I
from imaging.errors import BoxError, MaskPlaneError, ParameterTypeError, ParameterValueError
from imaging.image.mask import Mask
from imaging.image.mask_bits import moved_bits, used_bits
from imaging.image.mask_planes import MaskPlanes

WHOLE = Box(Point2I(100, 200), Extent2I(6, 5))
PART = Box(Point2I(102, 201), Extent2I(3, 2))


@pytest.fixture
def mask() -> Mask:
    return Mask(WHOLE)


def test_mask_of_a_box_is_zero_and_has_the_standard_planes(mask: Mask) -> None:
    assert (mask.bbox, mask.dtype, mask.array.any()) == (WHOLE, np.int32, False)
    assert mask.planes == MaskPlanes()


def test_view_shares_pixels_and_planes_that_are_added_later(mask: Mask) -> None:
    view = mask[PART]
    assert mask.add_plane("STREAK") == 9
    assert view.planes["STREAK"] == 9
    view.set_plane("STREAK")
    assert mask.get_plane("STREAK").sum() == 6
    assert mask[Point2I(102, 201)] == 512
    other = Mask(mask, bbox=PART)
    assert other.add_plane("GHOST") == 10
    assert mask.planes["GHOST"] == view.planes["GHOST"] == 10


@pytest.mark.parametrize("deep", [Mask.copy, lambda mask: Mask(mask, True), lambda m: m | 0])
def test_copies_have_pixels_and_planes_of_their_own(mask: Mask, deep: object) -> None:
    other = deep(mask)  # type: ignore[operator]
    other.add_plane("X")
    other.set_plane("X")
    assert "X" not in mask.planes
    assert not mask.array.any()


def test_planes_that_are_given_are_copied() -> None:
    planes = MaskPlanes()
    one = Mask(WHOLE, planes=planes)
    one.add_plane("X")
    assert "X" not in planes
    assert dict(Mask(WHOLE, planes=["A", "B"]).planes) == {"A": 0, "B": 1}
    with pytest.raises(ParameterValueError, match="with_planes"):
        Mask(one, planes=planes)  # type: ignore[call-overload]


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "u4", "i8", "u8", ">i4"])
def test_integers_of_any_size_keep_their_bits(dtype: str) -> None:
    highest = {1: 7, 2: 15}.get(np.dtype(dtype).itemsize, 30)
    array = np.array([[0, 1, 1 << (highest - 1)]]).astype(dtype)
    made = Mask(array)
    assert (made.dtype.str[1:], made.array.tolist()) == ("i4", [[0, 1, 1 << (highest - 1)]])


def test_highest_bits_are_kept_whatever_the_sign() -> None:
    assert Mask(np.array([[-(2**15)]], np.int16)).array[0, 0] == 2**15
    for array in (np.array([[2**31]], np.uint32), np.array([[2**31]], np.int64)):
        assert Mask(array).array[0, 0] == -(2**31)


def test_array_of_32_bits_is_not_copied() -> None:
    array = np.zeros((2, 3), np.int32)
    assert np.shares_memory(Mask(array).array, array)
    assert not np.shares_memory(Mask(array, deep=True).array, array)


def test_pixels_that_are_no_flags_are_refused() -> None:
    with pytest.raises(ParameterTypeError, match="not float64"):
        Mask(np.zeros((2, 2)))
    with pytest.raises(ParameterTypeError, match="bool"):
        Mask(np.zeros((2, 2), bool))
    with pytest.raises(ParameterValueError, match="32 bits"):
        Mask(np.full((2, 2), 2**33))
    mask = Mask(WHOLE)
    with pytest.raises(ParameterTypeError, match="set_plane"):
        mask.array = np.ones((5, 6))


def test_planes_are_set_where_an_array_is_true(mask: Mask) -> None:
    where = np.zeros((5, 6), bool)
    where[1, 2] = True
    mask.set_plane("BAD", where)
    mask.set_plane("SAT", PART)
    mask.set_plane("BAD", ~where & False)  # sets nothing, and clears nothing
    assert mask.get_plane("BAD").sum() == 1
    assert mask.get_plane("BAD", "SAT").sum() == mask.get_plane(["SAT"]).sum() == 6
    assert mask.array[1, 2] == 3
    mask[PART].clear_plane("SAT")
    assert mask.array[1, 2] == 1
    assert not mask.get_plane("SAT").any()
    mask.clear_all_planes()
    assert not mask.array.any()
    assert "BAD" in mask.planes


def test_planes_are_not_set_where_that_is_not_clear(mask: Mask) -> None:
    with pytest.raises(MaskPlaneError, match="NOPE"):
        mask.set_plane("NOPE")
    with pytest.raises(ParameterTypeError, match="boolean"):
        mask.set_plane("BAD", np.ones((5, 6)))  # type: ignore[arg-type]
    with pytest.raises(BoxError, match=r"shape \(6, 5\)"):
        mask.set_plane("BAD", np.ones((6, 5), bool))
    with pytest.raises(BoxError, match="not inside"):
        mask.set_plane("BAD", Box(Point2I(0, 0), Extent2I(1, 1)))
    assert not mask.array.any()


def test_removing_a_plane_leaves_the_pixels(mask: Mask) -> None:
    mask.set_plane("CR")
    mask.remove_plane("CR")
    assert "CR" not in mask.planes
    assert (mask.array == 8).all()


def test_removing_and_clearing_in_a_view_clears_the_whole(mask: Mask) -> None:
    mask.set_plane("CR")
    mask.set_plane("BAD")
    mask[PART][PART].remove_and_clear_plane("CR")
    assert "CR" not in mask.planes
    assert (mask.array == 1).all()


def test_masks_with_equal_planes_are_combined_bit_by_bit(mask: Mask) -> None:
    other = mask.copy()
    mask.set_plane("BAD")
    other.set_plane("SAT", PART)
    assert (mask | other).array[1, 2] == 3
    assert not (mask & other).array.any()
    assert (mask ^ 1).array.sum() == 0
    mask |= other
    mask &= ~1
    mask ^= np.full((5, 6), 4)
    mask &= np.full((5, 6), ~8, np.int16)
    assert mask.array[1, 2] == 6
    assert mask.array[0, 0] == 4


def test_masks_with_other_planes_are_not_combined(mask: Mask) -> None:
    other = Mask(WHOLE, planes={"SAT": 0, "NEW": 1})
    other.set_plane("NEW")
    for combine in (mask.__or__, mask.__ior__, mask.__iand__, mask.__ixor__):
        with pytest.raises(MaskPlaneError, match=r"BAD, CR,.* NEW, .*with_planes"):
            combine(other)
    assert not mask.array.any()
    with pytest.raises(BoxError, match="same pixels"):
        mask |= mask[PART]
    with pytest.raises(BoxError, match=r"shape \(2, 2\)"):
        mask |= np.ones((2, 2), int)
    for wrong in (np.ones((5, 6)), np.ones((5, 6), bool)):
        with pytest.raises(ParameterTypeError, match="set_plane"):
            mask |= wrong
    for wrong in (True, 1.5, "BAD"):
        with pytest.raises(TypeError, match="unsupported"):
            mask |= wrong


def test_with_planes_renumbers_and_keeps_what_only_this_mask_has() -> None:
    mask = Mask(np.array([[1, 2, 4, 7, 1 << 20]]), (3, 4), planes=["SAT", "CR", "GHOST"])
    other = mask.with_planes({"CR": 0, "SAT": 1, "BAD": 2})
    assert dict(other.planes) == {"CR": 0, "SAT": 1, "BAD": 2, "GHOST": 3}
    assert other.array.tolist() == [[2, 1, 8, 11, 1 << 20]]
    assert other.bbox == mask.bbox
    assert mask.array.tolist() == [[1, 2, 4, 7, 1 << 20]]
    with pytest.raises(MaskPlaneError, match="no name here, and are X"):
        mask.with_planes({"X": 20})


@given(st.permutations(range(31)), hnp.arrays(np.int32, (3, 2), elements=st.integers(0, 2**31 - 1)))
def test_renumbering_and_back_changes_nothing(order: list[int], array: np.ndarray) -> None:
    planes = {f"P{bit}": bit for bit in range(31)}
    mask = Mask(array, planes=planes)
    moved = mask.with_planes({f"P{bit}": to for bit, to in enumerate(order)})
    for name in planes:
        np.testing.assert_array_equal(moved.get_plane(name), mask.get_plane(name))
    assert moved.with_planes(mask.planes) == mask


@given(hnp.arrays(np.int32, (3, 2)))
def test_used_bits_are_those_of_any_pixel(array: np.ndarray) -> None:
    expected = {bit for value in array.flat for bit in range(32) if int(value) >> bit & 1}
    assert {bit for bit in range(33) if used_bits(array) >> bit & 1} == expected
    np.testing.assert_array_equal(moved_bits(array, {}), array)


def test_assignment_of_a_mask_takes_its_planes_over(mask: Mask) -> None:
    other = Mask(PART, planes={"NEW": 0})
    other.set_plane("NEW")
    mask[PART] = other
    assert mask.planes["NEW"] == 9
    assert mask.get_plane("NEW").sum() == 6
    assert used_bits(mask.array) == 512
    mask.clear_all_planes()
    mask.assign(other, Box(Point2I(0, 0), Extent2I(3, 2)), "local")
    assert mask.array[:2, :3].sum() == 6 * 512
    with pytest.raises(BoxError, match="do not fit"):
        mask.assign(other)


def test_masks_are_equal_by_box_pixels_and_planes(mask: Mask) -> None:
    assert mask == mask.copy()
    assert mask != Mask(WHOLE, planes=["BAD"])
    assert mask != Mask(PART)
    assert mask[PART] == Mask(PART)
    assert pickle.loads(pickle.dumps(mask)) == mask
    with pytest.raises(TypeError, match="unhashable"):
        hash(mask)


def test_mask_says_what_it_is_and_what_a_value_means(mask: Mask) -> None:
    assert repr(mask) == "<Mask: 6 x 5 pixels, int32, box 100:106,200:205>"
    assert mask.interpret(10) == "CR,SAT"
    assert mask.make_similar(PART) == Mask(PART)
    assert np.shares_memory(mask.make_similar(mask, PART).array, mask.array)


def test_notebook_names_the_planes_that_are_set() -> None:
    mask = Mask(np.array([[0, 2], [8, 0]]))
    assert mask._repr_html_().endswith("set: CR,SAT")
    assert Mask(np.zeros((2, 2), int))._repr_html_().endswith("set: none")
