"""Detectors described by the section cards of raw files."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.detector.amplifier import ReadoutCorner
from imaging.detector.headers import FlippedBox, detector_from_headers, parse_section
from imaging.errors import CameraError, ParameterTypeError
from imaging.fits.metadata import Metadata
from imaging.geometry.box import Box
from imaging.image.image import Image


def test_a_section_counts_from_one_and_includes_both_ends() -> None:
    assert parse_section("[11:522,1:2002]") == FlippedBox(Box.from_string("10:522,0:2002"))


def test_a_section_written_backwards_is_flipped() -> None:
    assert parse_section("[ 512:1, 4004:2003 ]") == FlippedBox(
        Box.from_string("0:512,2002:4004"), is_flipped_x=True, is_flipped_y=True
    )


@given(*[st.integers(1, 10**6)] * 4)
def test_a_section_has_the_pixels_that_it_names(x1: int, x2: int, y1: int, y2: int) -> None:
    found = parse_section(f"[{x1}:{x2},{y1}:{y2}]")
    assert found.box.shape == (abs(y2 - y1) + 1, abs(x2 - x1) + 1)
    assert (found.is_flipped_x, found.is_flipped_y) == (x1 > x2, y1 > y2)


@pytest.mark.parametrize("text", ["", "[1:2]", "1:2,3:4", "[1:2,3:4:5]", "[a:2,3:4]", "[1:2,3:-4]"])
def test_other_texts_are_no_sections(text: str) -> None:
    with pytest.raises(CameraError, match=r"Sections are written \[x1:x2,y1:y2\]"):
        parse_section(text)


def raw_of(**headers: dict[str, str | float]) -> dict[str, Image]:
    return {
        name: Image(np.zeros((4, 6)), metadata=Metadata(cards)) for name, cards in headers.items()
    }


def test_amplifiers_have_the_places_and_the_flips_of_their_cards() -> None:
    raw = raw_of(
        A={"DATASEC": "[2:5,1:4]", "DETSEC": "[4:1,1:4]", "BIASSEC": "[6:6,1:4]", "GAIN": 1.5},
        B={"DATASEC": "[2:5,1:4]", "DETSEC": "[5:8,4:1]", "DETSIZE": "[1:8,1:5]", "RDNOISE": 4},
    )
    detector = detector_from_headers(raw, id=3, name="S11")
    assert (detector.id, detector.name, str(detector.bbox)) == (3, "S11", "0:8,0:4")
    first, second = detector
    assert (first.name, first.bbox, first.gain) == ("A", Box.from_string("0:4,0:4"), 1.5)
    assert first.raw_serial_overscan_bbox == Box.from_string("5:6,0:4")
    assert (first.is_raw_flipped_x, first.is_raw_flipped_y) == (True, False)
    assert first.readout_corner is ReadoutCorner.LOWER_RIGHT
    assert (second.read_noise, math.isnan(second.gain)) == (4.0, True)
    assert (second.is_raw_flipped_x, second.is_raw_flipped_y) == (False, True)
    assert second.readout_corner is ReadoutCorner.UPPER_LEFT


def test_the_size_of_the_detector_is_that_of_the_card() -> None:
    raw = raw_of(A={"DATASEC": "[2:5,1:4]", "DETSEC": "[1:4,1:4]", "DETSIZE": "[1:9,1:8]"})
    assert detector_from_headers(raw).bbox == Box.from_string("0:9,0:8")


@pytest.mark.parametrize(
    ("cards", "message"),
    [
        ({}, "'A' has no DATASEC and no TRIMSEC"),
        ({"DATASEC": "[1:4,1:4]"}, "'A' has no DETSEC and no CCDSEC"),
        ({"DATASEC": "all"}, "DATASEC of the amplifier 'A' is wrong: 'all' is not a section"),
        (
            {"DATASEC": "[1:4,1:4]", "DETSEC": "[1:5,1:4]"},
            r"reads 4 x 4 pixels with light \(DATASEC\), but has 5 x 4 on the detector",
        ),
        (
            {"DATASEC": "[1:7,1:4]", "DETSEC": "[1:7,1:4]"},
            "raw_data_bbox 0:7,0:4 of the amplifier 'A' is not inside its raw_bbox 0:6,0:4",
        ),
    ],
)
def test_headers_that_do_not_tell_enough_are_refused(cards: dict[str, str], message: str) -> None:
    with pytest.raises(CameraError, match=message):
        detector_from_headers(raw_of(A=cards))


def test_a_single_image_is_trimmed_by_its_trimsec_and_begins_at_zero() -> None:
    cards = {"TRIMSEC": "[3:6,2:4]", "DATASEC": "[1:6,1:4]", "BIASSEC": "[1:2,1:4]"}
    image = Image(np.zeros((4, 6)), metadata=Metadata(cards))
    detector = detector_from_headers(image)
    assert detector.bbox == Box.from_string("0:4,0:3")
    assert detector[0].raw_data_bbox == Box.from_string("2:6,1:4")


def test_a_path_is_no_image() -> None:
    with pytest.raises(ParameterTypeError, match=r"read_amplifiers\(path\) reads them"):
        detector_from_headers("raw.fits")  # type: ignore[arg-type]
