"""Detectors: their amplifiers, their place, and how they are kept in files."""

from __future__ import annotations

import math
import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imaging.detector.amplifier import LINEARITY_KINDS, Amplifier, Linearity, ReadoutCorner
from imaging.detector.detector import Detector, DetectorType, detector_from_rows
from imaging.detector.orientation import Orientation
from imaging.errors import CameraError, FormatVersionError, UndecodableError
from imaging.fits.metadata import Metadata
from imaging.fits.persisted import describe
from imaging.fits.rows import Rows, read_rows_of
from imaging.fits.writer import RowsPart, write_parts
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2D, Extent2I, Point2D

if TYPE_CHECKING:
    from pathlib import Path

MATRIX = np.array([[0.0, 1e-4], [2e-4, 0.0]])


def amplifiers() -> tuple[Amplifier, ...]:
    left = Amplifier(name="left", bbox=Box.from_string("0:4,0:6"), gain=2.0)
    return left, Amplifier(name="right", bbox=Box.from_string("4:8,0:6"), gain=3.0)


@pytest.fixture
def detector() -> Detector:
    return Detector(
        id=7,
        name="0_07",
        serial="a b",
        bbox=Box.from_string("0:8,0:6"),
        amplifiers=amplifiers(),
        pixel_size=Extent2D(0.01, 0.02),
        orientation=Orientation(Point2D(1.0, 2.0), Point2D(3.5, 2.5), 180.0),
        crosstalk=MATRIX,
    )


def test_amplifiers_are_found_by_name_and_by_place(detector: Detector) -> None:
    assert detector["right"] is detector[1] is list(detector)[1]
    assert len(detector) == 2


def test_an_amplifier_that_is_not_there_is_named(detector: Detector) -> None:
    with pytest.raises(CameraError, match=r"no amplifier 'rigth'. Did you mean 'right'\?"):
        detector["rigth"]
    with pytest.raises(CameraError, match=r"no amplifier '17'. It has 'left', 'right'\."):
        detector["17"]
    with pytest.raises(CameraError, match=r"has 2 amplifiers; there is no \[2\]"):
        detector[2]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("3:7,0:6", "Amplifiers of the detector '0' overlap: 'left' 0:4,0:6, 'right' 3:7,0:6"),
        ("4:9,0:6", "'right' has the pixels 4:9,0:6, but the detector '0' is 0:8,0:6"),
        ("2:6,3:9", "'right' has the pixels 2:6,3:9"),
    ],
)
def test_amplifiers_that_do_not_fit_are_refused(second: str, message: str) -> None:
    left, right = amplifiers()
    pair = (left, right.replace(bbox=Box.from_string(second)))
    with pytest.raises(CameraError, match=message):
        Detector(id=0, name="0", bbox=Box.from_string("0:8,0:6"), amplifiers=pair)


def test_two_amplifiers_of_one_name_are_refused() -> None:
    left, right = amplifiers()
    pair = (left, right.replace(name="left"))
    with pytest.raises(CameraError, match="two amplifiers 'left'"):
        Detector(id=0, name="0", bbox=Box.from_string("0:8,0:6"), amplifiers=pair)


def test_crosstalk_of_another_shape_is_refused(detector: Detector) -> None:
    with pytest.raises(CameraError, match=r"shape \(3, 2\); its 2 amplifiers need \(2, 2\)"):
        detector.replace(crosstalk=np.zeros((3, 2)))


def test_pixels_without_a_size_are_refused(detector: Detector) -> None:
    with pytest.raises(CameraError, match="has pixels of"):
        detector.replace(pixel_size=Extent2D(0.0, 1.0))


def test_the_crosstalk_is_a_copy_that_cannot_be_written(detector: Detector) -> None:
    assert detector.crosstalk is not None
    assert detector.crosstalk is not MATRIX
    with pytest.raises(ValueError, match="read-only"):
        detector.crosstalk[0, 1] = 1.0


def test_corners_in_the_focal_plane_are_those_of_the_pixels(detector: Detector) -> None:
    # 8 x 6 pixels of 0.01 x 0.02 mm, turned by 180 degrees about (1, 2)
    lower_left, lower_right, upper_right, _ = detector.focal_plane_corners
    assert (lower_left.x, lower_left.y) == pytest.approx((1.04, 2.06), abs=1e-14)
    assert (lower_right.x, lower_right.y) == pytest.approx((0.96, 2.06), abs=1e-14)
    assert (upper_right.x, upper_right.y) == pytest.approx((0.96, 1.94), abs=1e-14)


def test_a_position_in_the_focal_plane_is_on_the_detector_or_not(detector: Detector) -> None:
    assert detector.contains_focal_plane(Point2D(1.039, 2.059))
    assert not detector.contains_focal_plane(Point2D(1.041, 2.0))


def test_detectors_are_equal_if_all_they_say_is(detector: Detector) -> None:
    assert pickle.loads(pickle.dumps(detector)) == detector
    assert detector.replace(serial="c") != detector
    assert detector.replace(crosstalk=None) != detector
    assert detector.replace(crosstalk=2 * MATRIX) != detector
    assert detector.replace(amplifiers=(detector[0],), crosstalk=None) != detector
    assert detector != "0_07"


def test_replacing_what_a_detector_does_not_have_is_refused(detector: Detector) -> None:
    with pytest.raises(CameraError, match="A detector has no colour"):
        detector.replace(colour=3)


def test_a_detector_says_what_it_is(detector: Detector) -> None:
    assert repr(detector) == "<Detector 7 '0_07': SCIENCE, 8 x 6 pixels, 2 amplifiers>"


texts = st.text(st.characters(exclude_categories=("C", "Z")), max_size=8)
numbers = st.floats(allow_infinity=False)
boxes = st.builds(
    lambda x, y, width, height: Box.from_shape((height, width), (x, y)),
    *(st.integers(-5000, 5000), st.integers(-5000, 5000)),
    *(st.integers(1, 5000), st.integers(1, 5000)),
)


linearities = st.builds(
    Linearity,
    st.sampled_from(LINEARITY_KINDS),
    st.lists(st.floats(-1, 1), max_size=4).map(tuple),
    numbers,
    numbers,
)


@st.composite
def amplifiers_at(draw: st.DrawFn, place: int, name: str) -> Amplifier:
    """Amplifiers that do not overlap those of another place."""
    bbox = Box.from_shape((7, 10_000), (place * 10_000, 0))
    return Amplifier(
        name=name,
        bbox=bbox,
        gain=draw(numbers),
        read_noise=draw(numbers),
        saturation=draw(numbers),
        suspect_level=draw(numbers),
        linearity=draw(linearities),
        raw_bbox=bbox.grown(3),
        raw_data_bbox=bbox,
        is_raw_flipped_x=draw(st.booleans()),
        raw_xy_offset=Extent2I(draw(st.integers(-9, 9)), 5),
        readout_corner=draw(st.sampled_from(list(ReadoutCorner))),
    )


@st.composite
def detectors(draw: st.DrawFn) -> Detector:
    """Detectors with up to four amplifiers side by side."""
    whole = draw(boxes)
    names = draw(st.lists(texts.filter(bool), unique=True, max_size=4))
    made = [draw(amplifiers_at(place, name)) for place, name in enumerate(names)]
    for amplifier in made:
        whole.include(amplifier.bbox)
    size = len(made)
    matrices = st.lists(
        st.lists(numbers, min_size=size, max_size=size), min_size=size, max_size=size
    )
    return Detector(
        id=draw(st.integers(0, 2**40)),
        name=draw(texts),
        serial=draw(texts),
        physical_type=draw(texts),
        bbox=whole,
        type=draw(st.sampled_from(list(DetectorType))),
        amplifiers=tuple(made),
        pixel_size=Extent2D(draw(st.floats(1e-9, 1e9)), 1.0),
        orientation=Orientation(Point2D(draw(st.floats()), 1.5), Point2D(2.5, -1.0), 90.25),
        crosstalk=draw(st.none() | matrices.map(lambda m: np.array(m).reshape(size, size))),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(detectors())
def test_a_detector_returns_from_a_file_as_it_was(tmp_path: Path, detector: Detector) -> None:
    path = str(tmp_path / "d.fits")
    write_parts(path, Metadata(), [RowsPart(detector.to_rows(), "DETECTOR")])
    read = detector_from_rows(read_rows_of(path, "DETECTOR"), path)
    if math.isnan(detector.orientation.offset.x):
        assert math.isnan(read.orientation.offset.x)
        detector, read = (one.replace(orientation=Orientation()) for one in (detector, read))
    assert read == detector
    assert read.id == detector.id


def test_a_table_of_something_else_is_refused(detector: Detector) -> None:
    rows = describe(detector.to_rows(), "Wcs", 1)
    with pytest.raises(UndecodableError, match=r"a\.fits: .*holds a 'Wcs'"):
        detector_from_rows(rows, "a.fits")


def test_a_newer_version_is_refused(detector: Detector) -> None:
    rows = describe(detector.to_rows(), "Detector", 2)
    with pytest.raises(FormatVersionError, match="version 2, newer than 1"):
        detector_from_rows(rows, "a.fits")


def test_a_damaged_table_is_refused(detector: Detector) -> None:
    rows = detector.to_rows()
    rows.array["readout_corner"] = 9
    with pytest.raises(UndecodableError, match=r"a\.fits: the table of a detector cannot"):
        detector_from_rows(rows, "a.fits")
    lacking = describe(Rows(np.zeros(1, [("x", np.int32)])), "Detector", 1)
    with pytest.raises(UndecodableError, match=r"a\.fits: the table of a detector cannot"):
        detector_from_rows(lacking, "a.fits")
