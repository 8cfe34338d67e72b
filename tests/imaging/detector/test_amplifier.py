"""Amplifiers do not change, fit their raw sections, and equal their copies."""

from __future__ import annotations

import math
import pickle
from dataclasses import FrozenInstanceError

import pytest

from imaging.detector.amplifier import Amplifier, Linearity, ReadoutCorner
from imaging.errors import CameraError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I


@pytest.fixture
def amplifier() -> Amplifier:
    return Amplifier(
        name="0",
        bbox=Box.from_string("0:5,0:7"),
        gain=3.5,
        raw_bbox=Box.from_string("0:9,0:8"),
        raw_data_bbox=Box.from_string("1:6,0:7"),
        raw_serial_overscan_bbox=Box.from_string("6:9,0:7"),
    )


def test_an_amplifier_cannot_be_changed(amplifier: Amplifier) -> None:
    with pytest.raises(FrozenInstanceError):
        amplifier.gain = 1.0  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        amplifier.bbox = Box()  # type: ignore[misc,assignment]


def test_changing_a_box_of_an_amplifier_changes_nothing_but_that_box(amplifier: Amplifier) -> None:
    mine = amplifier.raw_data_bbox
    mine.grow(-1)
    assert amplifier.raw_data_bbox == Box.from_string("1:6,0:7")


def test_changing_the_box_that_made_an_amplifier_does_not_change_it() -> None:
    box = Box.from_string("0:5,0:7")
    amplifier = Amplifier(name="0", bbox=box)
    box.shift(Extent2I(1, 1))
    assert amplifier.bbox == Box.from_string("0:5,0:7")


def test_replacing_a_value_leaves_the_others_and_the_original(amplifier: Amplifier) -> None:
    other = amplifier.replace(gain=1.25)
    assert (other.gain, amplifier.gain) == (1.25, 3.5)
    assert other.replace(gain=3.5) == amplifier
    assert amplifier.replace(name="1").name == "1"
    with pytest.raises(FrozenInstanceError):
        other.gain = 2.0


def test_replacing_a_section_by_one_that_does_not_fit_is_refused(amplifier: Amplifier) -> None:
    with pytest.raises(CameraError, match="has 5 x 7 pixels, but its raw_data_bbox"):
        amplifier.replace(raw_data_bbox=Box.from_string("1:5,0:7"))
    with pytest.raises(CameraError, match="raw_serial_overscan_bbox 6:12,0:7 of the amplifier '0'"):
        amplifier.replace(raw_serial_overscan_bbox=Box.from_string("6:12,0:7"))


def test_replacing_what_an_amplifier_does_not_have_is_refused(amplifier: Amplifier) -> None:
    with pytest.raises(CameraError, match="An amplifier has no colour"):
        amplifier.replace(colour=3)


def test_an_amplifier_without_pixels_is_refused() -> None:
    with pytest.raises(CameraError, match="has no pixels"):
        Amplifier(name="0")


def test_unknown_values_are_nan_and_equal_themselves_after_pickling(amplifier: Amplifier) -> None:
    assert math.isnan(amplifier.read_noise)
    assert pickle.loads(pickle.dumps(amplifier)) == amplifier
    assert amplifier.replace(read_noise=float("nan")) == amplifier
    assert amplifier.replace(read_noise=1.0) != amplifier
    assert amplifier != "0"


def test_an_amplifier_knows_whether_it_was_read_backwards(amplifier: Amplifier) -> None:
    assert not amplifier.is_raw_flipped()
    assert amplifier.replace(is_raw_flipped_x=True).is_raw_flipped()
    assert amplifier.replace(is_raw_flipped_y=True).is_raw_flipped()


def test_raw_sections_are_known_or_not(amplifier: Amplifier) -> None:
    assert amplifier.has_raw_info
    assert not Amplifier(name="0", bbox=Box.from_string("0:5,0:7")).has_raw_info


def test_linearity_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(CameraError, match="not 'Cubic'"):
        Linearity("Cubic")


def test_linearities_are_equal_where_no_maximum_is_known() -> None:
    assert Linearity("Squared", (1e-7,)) == Linearity("Squared", (1e-7,), 0.0, float("nan"))
    assert hash(Linearity("Squared", (1e-7,))) == hash(Linearity("Squared", (1e-7,), 0.0))
    assert Linearity("Squared", (1e-7,)) != Linearity("Squared", (2e-7,))


def test_readout_corners_have_the_numbers_of_the_lsst_stack() -> None:
    # HSC's tables say 0, 1, 0, 1 for amplifiers that are read to the left, right, left, right
    assert [corner.value for corner in ReadoutCorner] == [0, 1, 2, 3]
    assert ReadoutCorner(1) is ReadoutCorner.LOWER_RIGHT


def test_an_amplifier_says_what_it_is(amplifier: Amplifier) -> None:
    assert repr(amplifier) == "<Amplifier '0': 0:5,0:7, gain 3.5 e-/ADU>"
