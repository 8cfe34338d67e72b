"""Gen2 spellings of cameras give what the names of this package give, also when overridden."""

from __future__ import annotations

import pytest

from imaging.detector.amplifier import Amplifier, Linearity
from imaging.detector.camera import Camera
from imaging.detector.detector import Detector
from imaging.detector.gen2_names import (
    AmplifierNames,
    CameraNames,
    DetectorNames,
    OrientationNames,
)
from imaging.detector.orientation import Orientation
from imaging.detector.transforms import (
    FIELD_ANGLE,
    FOCAL_PLANE,
    PIXELS,
    CameraSystem,
    PlaneTransform,
)
from imaging.geometry.box import Box
from imaging.geometry.points import Point2D

LINEARITY = {
    "getLinearityType": "kind",
    "getLinearityCoeffs": "coefficients",
    "getLinearityThreshold": "threshold",
    "getLinearityMaximum": "maximum",
}
SAME = {
    Amplifier: {
        "getName": "name",
        "getBBox": "bbox",
        "getGain": "gain",
        "getReadNoise": "read_noise",
        "getSaturation": "saturation",
        "getSuspectLevel": "suspect_level",
        "getRawBBox": "raw_bbox",
        "getRawDataBBox": "raw_data_bbox",
        "getRawHorizontalOverscanBBox": "raw_serial_overscan_bbox",
        "getRawSerialOverscanBBox": "raw_serial_overscan_bbox",
        "getRawVerticalOverscanBBox": "raw_parallel_overscan_bbox",
        "getRawParallelOverscanBBox": "raw_parallel_overscan_bbox",
        "getRawPrescanBBox": "raw_prescan_bbox",
        "getRawHorizontalPrescanBBox": "raw_prescan_bbox",
        "getHasRawInfo": "has_raw_info",
        "getRawFlipX": "is_raw_flipped_x",
        "getRawFlipY": "is_raw_flipped_y",
        "getRawXYOffset": "raw_xy_offset",
        "getReadoutCorner": "readout_corner",
    },
    Orientation: {
        "getFpPosition": "offset",
        "getReferencePoint": "reference_point",
        "getNQuarter": "n_quarter",
    },
    Detector: {
        "getId": "id",
        "getName": "name",
        "getSerial": "serial",
        "getPhysicalType": "physical_type",
        "getType": "type",
        "getBBox": "bbox",
        "getAmplifiers": "amplifiers",
        "getAmpInfoCatalog": "amplifiers",
        "getPixelSize": "pixel_size",
        "getOrientation": "orientation",
        "getCrosstalk": "crosstalk",
        "hasCrosstalk": "has_crosstalk",
    },
    Camera: {
        "getName": "name",
        "getNameIter": "names",
        "getIdIter": "ids",
        "findDetectors": "find_detectors",
    },
}
CORNERS = {"getCorners": "corners", "getCenter": "center", "makeCameraSys": "of"}
MIXINS = [
    (Amplifier, AmplifierNames, LINEARITY),
    (Orientation, OrientationNames, {"getYaw": "yaw"}),
    (Detector, DetectorNames, CORNERS),
    (Camera, CameraNames, {"getFpBBox": "focal_plane_extent"}),
]
VALUES = [
    (kind, old, new)
    for kind, names in SAME.items()
    for old, new in names.items()
    if old not in {"getNameIter", "getIdIter", "findDetectors"}
]


@pytest.mark.parametrize(("kind", "mixin", "more"), MIXINS)
def test_every_gen2_name_is_in_the_table_of_this_test(
    kind: type, mixin: type, more: dict[str, str]
) -> None:
    names = {name for name in vars(mixin) if not name.startswith("_")}
    assert names == {*SAME[kind], *more}


@pytest.mark.parametrize(("kind", "old", "new"), VALUES)
def test_gen2_name_follows_an_override(kind: type, old: str, new: str) -> None:
    mark = object()
    overriding = type("Overriding", (kind,), {new: property(lambda _: mark)})
    assert getattr(overriding.__new__(overriding), old)() is mark


def test_gen2_names_of_linearity_give_the_same_values() -> None:
    curve = Linearity("Squared", (1e-7,), 5.0, 5e4)
    amplifier = Amplifier(name="0", bbox=Box.from_string("0:1,0:1"), linearity=curve)
    for old, new in LINEARITY.items():
        assert getattr(amplifier, old)() == getattr(curve, new)


def test_gen2_names_give_the_same_values() -> None:
    amplifier = Amplifier(name="0", bbox=Box.from_string("0:1,0:1"), gain=2.5)
    detector = Detector(id=5, name="five", bbox=amplifier.bbox, amplifiers=(amplifier,))
    camera = Camera("one", (detector,))
    assert [amp.getGain() for amp in camera[5]] == [2.5]
    assert detector.getBBox() == amplifier.getBBox() == Box.from_string("0:1,0:1")
    assert (detector.getId(), detector.getName(), camera.getName()) == (5, "five", "one")
    assert (list(camera.getNameIter()), list(camera.getIdIter())) == (["five"], [5])
    assert camera.findDetectors(Point2D(0.2, 0.2)) == [detector]
    assert camera.findDetectors(point=Point2D(2.0, 0.2)) == []


def test_finding_detectors_follows_the_other_name() -> None:
    class Blind(Camera):
        names = ("x",)
        ids = (9,)

        def find_detectors(
            self, point: Point2D, system: CameraSystem = FOCAL_PLANE
        ) -> list[Detector]:
            assert (point, system) == (Point2D(1.0, 2.0), FIELD_ANGLE)
            return []

    assert Blind("blind", ()).findDetectors(Point2D(1.0, 2.0), cameraSys=FIELD_ANGLE) == []
    assert list(Blind("blind", ()).getNameIter()) == ["x"]
    assert list(Blind("blind", ()).getIdIter()) == [9]


def test_places_are_those_of_the_other_names() -> None:
    turned = Orientation(Point2D(100.0, 50.0), Point2D(0.0, 0.0), 90.0)
    detector = Detector(
        id=1, name="one", bbox=Box.from_string("0:10,0:20"), orientation=turned, serial="s"
    )
    camera = Camera("camera", (detector,), plate_scale=10.0)
    point = Point2D(3.0, 4.0)
    assert turned.getYaw().asDegrees() == pytest.approx(90)
    assert detector.getCorners(FOCAL_PLANE) == list(detector.focal_plane_corners)
    assert detector.getCenter(PIXELS) == Point2D(4.5, 9.5)
    assert detector.transform(point, PIXELS, FOCAL_PLANE) == Point2D(96.0, 53.0)
    (same,) = detector.transform([point], PIXELS, FOCAL_PLANE)
    assert same == Point2D(96.0, 53.0)
    there = detector.getTransform(PIXELS, FOCAL_PLANE)
    assert isinstance(there, PlaneTransform)
    assert there.applyForward(point) == Point2D(96.0, 53.0)
    assert there.applyInverse(there.applyForward([point])) == [point]
    assert there.applyInverse(Point2D(96.0, 53.0)) == point
    own = detector.makeCameraSys(PIXELS)
    assert (own.getSysName(), own.getDetectorName(), own.hasDetectorName()) == (
        "Pixels", "one", True,
    )  # fmt: skip
    assert not detector.makeCameraSys(FOCAL_PLANE).hasDetectorName()
    assert camera.transform(point, own, FOCAL_PLANE) == Point2D(96.0, 53.0)
    angle = camera.getTransform(own, FIELD_ANGLE).applyForward(point)
    assert camera.findDetectors(angle, FIELD_ANGLE) == [detector]
    assert camera.getFpBBox().getMin() == Point2D(80.5, 49.5)
    assert camera.getFpBBox().getMax() == Point2D(100.5, 59.5)


def test_names_of_places_follow_an_override() -> None:
    class Overriding(Detector):
        def corners(self, system: CameraSystem = FOCAL_PLANE) -> list[Point2D]:
            return [Point2D(1, 2)] if system == PIXELS else []

        def center(self, system: CameraSystem = FOCAL_PLANE) -> Point2D:
            return Point2D(3, 4) if system == PIXELS else Point2D()

        def transform_between(self, start: CameraSystem, end: CameraSystem) -> PlaneTransform:
            assert (start, end) == (FIELD_ANGLE, PIXELS)
            return PlaneTransform.scaling(2.0)

    made = Overriding(id=1, name="one", bbox=Box.from_string("0:10,0:20"))
    assert made.getCorners(PIXELS) == [Point2D(1, 2)]
    assert made.getCenter(cameraSys=PIXELS) == Point2D(3, 4)
    assert made.transform(Point2D(1, 2), FIELD_ANGLE, PIXELS) == Point2D(2, 4)
    assert made.getTransform(FIELD_ANGLE, PIXELS).applyForward(Point2D(1, 2)) == Point2D(2, 4)
