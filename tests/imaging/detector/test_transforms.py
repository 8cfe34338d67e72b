"""Ways between the systems of coordinates of a camera."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.detector.camera import Camera
from imaging.detector.detector import Detector
from imaging.detector.distortion import RadialDistortion
from imaging.detector.orientation import Orientation
from imaging.detector.transforms import (
    FIELD_ANGLE,
    FOCAL_PLANE,
    PIXELS,
    TAN_PIXELS,
    PlaneTransform,
)
from imaging.errors import CameraError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2D, Point2D

DETECTOR = Detector(
    id=7,
    name="S07",
    bbox=Box.from_string("0:2048,0:4176"),
    pixel_size=Extent2D(0.015, 0.015),
    orientation=Orientation(Point2D(40.0, -60.0), Point2D(1023.5, 2087.5), 90.0),
)
CAMERA = Camera("HSC", (DETECTOR,), plate_scale=11.2, distortion=RadialDistortion((1.0, 0.0, 1e-9)))
OWN = PIXELS.of("S07")
POINTS = st.builds(Point2D, st.floats(-10, 2060), st.floats(-10, 4190))


@given(POINTS)
def test_every_way_leads_back(point: Point2D) -> None:
    for owner, start, end in (
        (DETECTOR, PIXELS, FOCAL_PLANE),
        (DETECTOR, OWN, OWN),
        (CAMERA, OWN, FOCAL_PLANE),
        (CAMERA, OWN, FIELD_ANGLE),
    ):
        way = owner.transform_between(start, end)
        assert way.inverted()(way(point)).distance(point) < 1e-6  # the distortion is iterated
        (again,) = owner.transform_between(end, start).each([way(point)])
        assert again.distance(point) < 1e-6


def test_field_angles_are_in_radians() -> None:
    angle = CAMERA.transform_between(FOCAL_PLANE, FIELD_ANGLE)(Point2D(40.0, -60.0))
    x, y = CAMERA.focal_plane_to_field_angle(40.0, -60.0)
    assert tuple(angle) == pytest.approx((math.radians(x), math.radians(y)), rel=1e-14)
    assert CAMERA.transform_between(OWN, FIELD_ANGLE)(DETECTOR.center(PIXELS)) == angle
    assert CAMERA.find_detectors(angle, FIELD_ANGLE) == [DETECTOR]
    assert CAMERA.find_detectors(Point2D(40.0, -60.0)) == [DETECTOR]


def test_systems_that_all_share_have_no_detector() -> None:
    assert FOCAL_PLANE.of("S07") == FOCAL_PLANE
    assert OWN.of("S08") == OWN
    assert (str(OWN), str(FOCAL_PLANE)) == ("Pixels of S07", "FocalPlane")


def test_what_a_detector_does_not_know_is_said() -> None:
    with pytest.raises(CameraError, match="belongs to the camera"):
        DETECTOR.transform_between(PIXELS, FIELD_ANGLE)
    with pytest.raises(CameraError, match="no way to Pixels of S08"):
        DETECTOR.center(PIXELS.of("S08"))
    with pytest.raises(CameraError, match="no way to TanPixels"):
        DETECTOR.center(TAN_PIXELS)
    with pytest.raises(CameraError, match=r"Pixels are those of a detector: PIXELS\.of"):
        CAMERA.transform_between(PIXELS, FOCAL_PLANE)
    with pytest.raises(CameraError, match="no detector 'S08'"):
        CAMERA.transform_between(PIXELS.of("S08"), FOCAL_PLANE)


def test_ways_are_joined() -> None:
    way = PlaneTransform.scaling(2.0).then(PlaneTransform.identity()).then(way_up())
    assert way(Point2D(1.0, 2.0)) == Point2D(6.0, 12.0)
    assert way.inverted()(Point2D(6.0, 12.0)) == Point2D(1.0, 2.0)


def way_up() -> PlaneTransform:
    return PlaneTransform.scaling(3.0)
