"""Cameras: detectors by number and name, and where they lie."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from imaging.detector.camera import Camera
from imaging.detector.detector import Detector
from imaging.detector.distortion import RadialDistortion
from imaging.detector.orientation import Orientation
from imaging.errors import CameraError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2D, Point2D


def detector(number: int, name: str, x: float) -> Detector:
    return Detector(
        id=number,
        name=name,
        bbox=Box.from_string("0:100,0:200"),
        pixel_size=Extent2D(0.1, 0.1),
        orientation=Orientation(Point2D(x, 0.0), Point2D(49.5, 99.5)),
    )


@pytest.fixture
def camera() -> Camera:
    pair = (detector(7, "east", 6.0), detector(3, "west", -6.0))
    return Camera("two", pair, plate_scale=10.0, distortion=RadialDistortion((1.0, 1e-4)))


def test_detectors_are_found_by_number_and_by_name(camera: Camera) -> None:
    assert camera[7] is camera["east"]
    assert camera.get("north") is None
    assert camera.get(3) is camera["west"]
    assert (7 in camera, "east" in camera, 8 in camera, "north" in camera) == (
        *(True, True),
        *(False, False),
    )


def test_detectors_come_in_the_order_of_their_numbers(camera: Camera) -> None:
    assert [one.name for one in camera] == ["west", "east"]
    assert (camera.ids, camera.names, len(camera)) == ((3, 7), ("west", "east"), 2)
    assert camera.detectors == tuple(camera)


def test_a_detector_that_is_not_there_is_named(camera: Camera) -> None:
    with pytest.raises(CameraError, match=r"no detector 'eats' among its 2. Did you mean 'east'"):
        camera["eats"]
    with pytest.raises(CameraError, match="no detector 8 among its 2"):
        camera[8]


@pytest.mark.parametrize("twin", [detector(3, "new", 0.0), detector(9, "east", 0.0)])
def test_two_detectors_of_one_number_or_name_are_refused(camera: Camera, twin: Detector) -> None:
    with pytest.raises(CameraError, match="two detectors"):
        Camera("three", (*camera, twin))


def test_a_position_has_the_detectors_that_lie_there(camera: Camera) -> None:
    assert [one.id for one in camera.find_detectors(Point2D(6.0, 9.9))] == [7]
    assert camera.find_detectors(Point2D(0.0, 0.0)) == []
    assert camera.find_detectors(Point2D(6.0, 10.1)) == []


def test_the_extent_is_that_of_all_detectors(camera: Camera) -> None:
    low, high = camera.focal_plane_extent
    assert (low.x, low.y, high.x, high.y) == pytest.approx((-11, -10, 11, 10), abs=1e-12)
    with pytest.raises(CameraError, match="has no detectors"):
        _ = Camera("none", ()).focal_plane_extent


def test_angles_follow_from_scale_and_distortion(camera: Camera) -> None:
    x, y = camera.focal_plane_to_field_angle(3.0, 4.0)
    # 5 mm appear at 5 + 1e-4 * 125 mm; 10 arcsec per mm
    assert np.hypot(x, y) * 360 == pytest.approx(5.0125, rel=1e-12)
    back = camera.field_angle_to_focal_plane(x, y)
    assert back == (pytest.approx(3.0, abs=1e-9), pytest.approx(4.0, abs=1e-9))


def test_without_a_plate_scale_there_are_no_angles() -> None:
    camera = Camera("one", (detector(1, "a", 0.0),))
    assert np.isnan(camera.focal_plane_to_field_angle(1.0, 1.0)).all()
    with pytest.raises(CameraError, match="plate scale of the camera 'one' is not known"):
        camera.field_angle_to_focal_plane(0.1, 0.1)


def test_cameras_are_equal_if_all_they_say_is(camera: Camera) -> None:
    assert pickle.loads(pickle.dumps(camera)) == camera
    assert Camera("two", camera) != camera
    assert Camera("two", camera) == Camera("two", reversed(camera.detectors))
    assert camera != "two"
    assert repr(camera) == "<Camera 'two': 2 detectors>"
