"""Names of the bits of masks."""

from __future__ import annotations

import pickle
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging import Box, Extent2I, Mask, Metadata, Point2I
from imaging.errors import MaskPlaneError, ParameterTypeError, ParameterValueError
from imaging.image.mask_planes import MaskPlanes

NAMES = st.text(string.ascii_uppercase + string.digits + "_-", min_size=1, max_size=30).filter(
    lambda name: name[0] not in "_-"
)
PLANES = st.lists(
    st.tuples(NAMES, st.integers(0, 30)),
    max_size=31,
    unique_by=(lambda pair: pair[0], lambda p: p[1]),
).map(dict)


def test_standard_planes_have_the_bits_that_users_know() -> None:
    assert dict(MaskPlanes()) == {
        "BAD": 0,
        "SAT": 1,
        "INTRP": 2,
        "CR": 3,
        "EDGE": 4,
        "DETECTED": 5,
        "DETECTED_NEGATIVE": 6,
        "SUSPECT": 7,
        "NO_DATA": 8,
    }


@pytest.mark.parametrize("alias", ["INTERP", "INTR", "INTRP"])
def test_interpolated_pixels_have_three_names(alias: str) -> None:
    planes = MaskPlanes()
    assert planes[alias] == planes.add(alias) == 2
    assert alias in planes
    assert planes.get_bit_mask(alias) == 4
    assert list(planes).count(alias) == (alias == "INTRP")
    assert MaskPlanes({alias: 5}) == MaskPlanes({"INTRP": 5})


def test_unknown_plane_is_an_error_that_guesses() -> None:
    with pytest.raises(MaskPlaneError, match=r"'sat'.*mean 'SAT'.*BAD, SAT.*add_plane"):
        MaskPlanes()["sat"]
    with pytest.raises(MaskPlaneError, match="'NOPE', 'NEITHER'"):
        MaskPlanes().get_bit_mask("BAD", "NOPE", "NEITHER")
    assert MaskPlanes().get("NOPE") is None


def test_bit_masks_of_several_planes() -> None:
    planes = MaskPlanes()
    assert planes.get_bit_mask("SAT", "CR") == planes.get_bit_mask(["SAT", "CR"]) == 0b1010
    assert planes.get_bit_mask() == 0
    assert planes.bit_mask == 0x1FF


def test_adding_gives_the_first_free_bit_and_twice_the_same() -> None:
    planes = MaskPlanes({"A": 0, "B": 2})
    assert [planes.add(name) for name in ("C", "D", "C")] == [1, 3, 1]
    assert list(planes) == ["A", "C", "B", "D"]


def test_full_planes_say_what_can_be_removed() -> None:
    planes = MaskPlanes()
    for number in range(22):
        planes.add(f"X{number}")
    assert planes.bit_mask == 2**31 - 1
    with pytest.raises(MaskPlaneError, match=r"all 31 .*remove_and_clear_plane: X0, X1.*X21\."):
        planes.add("Y")
    assert planes.add("X3") == 12
    assert planes.remove("X3") == 12
    assert planes.add("Y") == 12


def test_reserved_bits_are_not_given_away() -> None:
    planes = MaskPlanes(["A"])
    planes.reserve_bits(0b0110)
    assert planes.copy().add("B") == planes.add("B") == 3


def test_removing_needs_a_plane_that_exists() -> None:
    with pytest.raises(MaskPlaneError, match="NOPE"):
        MaskPlanes().remove("NOPE")


@pytest.mark.parametrize("name", ["sat", "", "-A", "É", "A B", "_A"])
def test_names_that_no_header_can_hold_are_refused(name: str) -> None:
    with pytest.raises(ParameterValueError, match="FITS keyword"):
        MaskPlanes().add(name)


@pytest.mark.parametrize("bit", [-1, 31, True])
def test_bits_are_counted_from_0_to_30(bit: int) -> None:
    with pytest.raises(ParameterValueError, match="0 to 30"):
        MaskPlanes({"A": bit})


def test_two_planes_cannot_share_a_bit() -> None:
    with pytest.raises(MaskPlaneError, match=r"'A' and 'B' cannot both be bit 1"):
        MaskPlanes({"A": 1, "B": 1})
    planes = MaskPlanes({"A": 1})
    with pytest.raises(MaskPlaneError, match="cannot both"):
        planes.update(MaskPlanes({"B": 1}))


def test_value_is_interpreted_with_the_bits_that_have_no_name() -> None:
    planes = MaskPlanes()
    assert planes.interpret(0b1010) == "CR,SAT"
    assert planes.interpret(0) == ""
    assert planes.interpret(1 | 1 << 17) == "BAD,bit 17"
    assert planes.interpret(-(2**31)) == "bit 31"


def test_planes_have_meanings() -> None:
    planes = MaskPlanes(descriptions={"CR": "a muon"})
    planes.add("STREAK", "crossed by a satellite")
    assert (planes.describe("CR"), planes.describe("STREAK")) == (
        "a muon",
        "crossed by a satellite",
    )
    assert "saturated" in planes.describe("SAT")
    planes.add("PLAIN")
    assert planes.describe("PLAIN") == ""
    assert "satellite" in planes._repr_html_()
    assert repr(MaskPlanes({"A": 3})) == "MaskPlanes(A=3)"


@given(PLANES)
def test_cards_and_back_are_equal_planes(bits: dict[str, int]) -> None:
    planes = MaskPlanes(bits)
    again = MaskPlanes.from_metadata(Metadata.from_header(planes.to_metadata().to_header()))
    assert again == planes


def test_cards_are_those_of_the_lsst_stack() -> None:
    cards = MaskPlanes().to_metadata()
    assert next(iter(cards)) == "MP_BAD"
    assert (cards["MP_DETECTED_NEGATIVE"], cards["MP_NO_DATA"]) == (6, 8)
    planes = MaskPlanes.from_metadata(cards)
    assert planes.describe("CR") == "hit by a cosmic ray"
    header = Metadata({"MP_BAD": 0, "OBJECT": "M31"})
    assert list(MaskPlanes.without_cards(header)) == ["OBJECT"]


def test_damaged_cards_are_an_error_that_names_them() -> None:
    with pytest.raises(ParameterValueError, match=r"MP_BAD = 'x'"):
        MaskPlanes.from_metadata(Metadata({"MP_BAD": "x"}))
    with pytest.raises(ParameterValueError, match="'BAD' cannot be bit 40"):
        MaskPlanes.from_metadata(Metadata({"MP_BAD": 40}))


def test_copies_change_by_themselves() -> None:
    planes = MaskPlanes()
    other = planes.copy()
    other.add("X")
    assert "X" not in planes
    assert planes != other
    assert pickle.loads(pickle.dumps(other)) == other


def test_bit_of_a_removed_plane_is_not_given_away_while_pixels_have_it() -> None:
    mask = Mask(Box(Point2I(0, 0), Extent2I(2, 2)))
    gone = mask.add_plane("GONE")
    mask.set_plane("GONE", Box(Point2I(0, 0), Extent2I(1, 1)))
    mask[Box(Point2I(1, 1), Extent2I(1, 1))].remove_plane("GONE")
    assert mask.planes.add("OTHER") != gone
    assert not mask.get_plane("OTHER").any()
    mask.clear_all_planes()
    assert mask.add_plane("THIRD") == gone


def test_bit_of_a_removed_plane_is_free_if_no_pixel_has_it() -> None:
    mask = Mask(Box(Point2I(0, 0), Extent2I(2, 2)))
    for name in (f"PLANE_{number}" for number in range(40)):  # more than there are bits
        bit = mask.add_plane(name)
        mask.remove_plane(name)
    mask.add_plane("SET")
    mask.set_plane("SET")
    mask.remove_and_clear_plane("SET")
    assert mask.add_plane("LAST") == bit


def test_name_of_a_plane_is_a_text() -> None:
    mask = Mask(Box(Point2I(0, 0), Extent2I(2, 2)))
    with pytest.raises(ParameterTypeError, match="not None"):
        mask.set_plane(None)  # type: ignore[arg-type]  # the mistake
    with pytest.raises(MaskPlaneError, match="no mask plane 3"):
        mask.set_plane([3])  # type: ignore[arg-type]  # the mistake


@pytest.mark.parametrize("planes", [3, {"A": "x"}, {"A": None}, {3: 1}, {"A": 1.0}])
def test_planes_are_names_and_whole_numbers(planes: dict[str, int]) -> None:
    with pytest.raises((ParameterTypeError, ParameterValueError)):
        MaskPlanes(planes)
    with pytest.raises(ParameterValueError, match="None cannot name"):
        MaskPlanes().add(None)  # type: ignore[arg-type]  # the mistake
