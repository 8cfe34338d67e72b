"""Cameras described by a YAML file, and what is said of one that is wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from imaging.detector.amplifier import Linearity, ReadoutCorner
from imaging.detector.camera_file import load_camera
from imaging.detector.detector import DetectorType
from imaging.errors import CameraError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2D

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
name: tiny
plate_scale: 10
distortion: [1.0, 1.0e-05]
focal_plane_unit: 0.01
amplifier_layouts:
  pair:
    - {name: "l", bbox: "0:4,0:6", raw_bbox: "0:5,0:6", raw_data_bbox: "0:4,0:6"}
    - name: "r"
      bbox: "4:8,0:6"
      raw_bbox: "5:10,0:6"
      raw_data_bbox: "6:10,0:6"
      is_raw_flipped_x: true
      raw_xy_offset: [5, 0]
      readout_corner: upper_right
      read_noise: 9
detector_types:
  plain:
    type: GUIDER
    bbox: "0:8,0:6"
    pixel_size: [0.01, 0.02]
    reference_point: [3.5, 2.5]
    physical_type: ITL
    amplifiers: pair
    saturation: 60000
    linearity: {kind: Squared, maximum: 50000}
    crosstalk: [[0, 1.0e-04], [2.0e-04, 0]]
  bare: {bbox: "0:8,0:6", pixel_size: [1, 1], reference_point: [0, 0]}
detectors:
  4: {name: "a", type: plain, offset: [100, -200], yaw: 90, gain: [1.5, 2.5],
    linearity: [1.0e-07, 0]}
  2: {name: "b", type: bare, serial: "007"}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "camera.yaml"
    file.write_text(GOOD)
    return file


def test_a_detector_has_what_its_type_and_its_line_say(path: Path) -> None:
    camera = load_camera(str(path))
    detector = camera["a"]
    assert (camera.name, camera.plate_scale, camera.ids) == ("tiny", 10.0, (2, 4))
    assert camera.distortion.coefficients == (1.0, 1e-5)
    assert (detector.id, detector.serial, detector.physical_type) == (4, "4", "ITL")
    assert detector.type is DetectorType.GUIDER
    assert detector.orientation.offset == Point2D(1.0, -2.0)
    assert (detector.orientation.yaw, detector.orientation.n_quarter) == (90.0, 1)
    assert detector.crosstalk is not None
    assert detector.crosstalk.tolist() == [[0.0, 1e-4], [2e-4, 0.0]]


def test_an_amplifier_has_what_layout_type_and_line_say(path: Path) -> None:
    left, right = load_camera(str(path))[4]
    assert (left.gain, right.gain) == (1.5, 2.5)
    assert (left.saturation, right.saturation) == (60000.0, 60000.0)
    assert (math.isnan(left.read_noise), right.read_noise) == (True, 9.0)
    assert left.linearity == Linearity("Squared", (1e-7,), 0.0, 50000.0)
    assert right.raw_data_bbox == Box.from_string("6:10,0:6")
    assert (right.is_raw_flipped_x, right.is_raw_flipped_y) == (True, False)
    assert right.raw_xy_offset == Extent2I(5, 0)
    assert right.readout_corner is ReadoutCorner.UPPER_RIGHT
    assert left.readout_corner is ReadoutCorner.LOWER_LEFT


def test_a_detector_may_have_no_amplifiers_and_no_place(path: Path) -> None:
    bare = load_camera(str(path))["b"]
    assert (bare.serial, len(bare), bare.orientation.offset) == ("007", 0, Point2D())
    assert bare.type is DetectorType.SCIENCE


def test_a_file_is_read_again_only_when_it_changes(path: Path) -> None:
    first = load_camera(str(path))
    assert load_camera(str(path)) is first
    path.write_text(GOOD.replace("name: tiny", "name: other"))
    assert load_camera(str(path)).name == "other"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: tiny\n", "", "name is missing"),
        ("name: tiny", "name: 3", "name must be a text, not 3. Put it in quotes"),
        ("plate_scale", "plate_skale", "plate_skale is no key. Did you mean 'plate_scale'"),
        ("plate_scale: 10", "plate_scale: ten", "plate_scale must be a number, not 'ten'"),
        ("plate_scale: 10", "plate_scale: .nan", "plate_scale must be a finite number"),
        ("distortion: [1.0", "distortion: [-1.0", "The first coefficient of a radial distortion"),
        (
            'name: "a"',
            "name: 1_53",
            r"detectors\.4\.name must be a text, not 153. Put it in quotes",
        ),
        ("gain: [1.5, 2.5]", "gain: [1.5]", r"detectors\.4\.gain must be a list of 2 numbers"),
        ("gain: [1.5, 2.5]", "gain: [1.5, x]", r"detectors\.4\.gain must be a number, not 'x'"),
        ("type: plain", "type: plan", r"detectors\.4\.type must be one of plain, bare, not 'plan'"),
        ("yaw: 90", "jaw: 90", r"detectors\.4\.jaw is no key. Did you mean 'yaw'"),
        ("  2: {", "  two: {", r"detectors\.two\.name stands below 'two': .* key is its number"),
        ("  2: {", "  4: {", "line 3[0-9]: '4' stands twice"),
        ('name: "b"', 'name: "a"', "two detectors of the number 4 or the name 'a'"),
        ("type: GUIDER", "type: guide", r"detector_types\.plain\.type must be one of SCIENCE, FOC"),
        ("amplifiers: pair", "amplifiers: pear", r"detector_types\.plain\.amplifiers names 'pear'"),
        ("kind: Squared", "kind: Square", r"detector_types\.plain: Linearity is one of"),
        ("[[0, 1.0e-04]", "[[0]", r"plain\.crosstalk must have rows of one length"),
        ("[[0, 1.0e-04], [", "[[", r"detector_types\.plain: The crosstalk .* shape \(1, 2\)"),
        ("crosstalk: [[0", "crosstalk: [0, [0", r"crosstalk must be a list of lists"),
        ("[0.01, 0.02]", "[0.01, 0]", r"detector_types\.plain: The detector 'plain' has pixels of"),
        ('"4:8,0:6"', '"4:9,0:6"', r"pair\[1\]: The amplifier 'r' has 5 x 6 pixels"),
        ('"4:8,0:6"', '"4-8"', r"amplifier_layouts\.pair\[1\]\.bbox is wrong: '4-8' is not a box"),
        ('bbox: "4:8,0:6"', 'bbox: "3:7,0:6"', "overlap: 'l' 0:4,0:6, 'r' 3:7,0:6"),
        ("true", "perhaps", r"pair\[1\]\.is_raw_flipped_x must be true or false"),
        ("upper_right", "top", "readout_corner must be one of lower_left, lower_right, upper_r"),
        ("  pair:\n", "  pair: 3\n  other:\n", r"amplifier_layouts\.pair must be a list of mapp"),
        ("bare: {", "bare: [", "cannot be read: .*line 28"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(
    path: Path, old: str, new: str, message: str
) -> None:
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(CameraError, match=rf"camera\.yaml: .*{message}"):
        load_camera(str(path))


@pytest.mark.parametrize("text", ["", "- 1\n", "HSC\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "camera.yaml"
    path.write_text(text)
    with pytest.raises(CameraError, match=r"camera\.yaml: the file must be a mapping"):
        load_camera(str(path))


def test_a_file_that_makes_objects_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "camera.yaml"
    path.write_text("name: !!python/object/apply:os.getcwd []\n")
    with pytest.raises(CameraError, match=r"camera\.yaml: .* cannot be read: could not determine"):
        load_camera(str(path))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match=r"none\.yaml: .* cannot be read: No such file"):
        load_camera(str(tmp_path / "none.yaml"))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "camera.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CameraError, match=r"camera\.yaml: .* cannot be read"):
        load_camera(str(path))
