"""``lsst.afw.cameraGeom``."""

from __future__ import annotations

from imaging.detector.amplifier import Amplifier
from imaging.detector.camera import Camera
from imaging.detector.detector import Detector, DetectorType
from imaging.detector.orientation import Orientation
from imaging.detector.transforms import ACTUAL_PIXELS, FIELD_ANGLE, FOCAL_PLANE, PIXELS, TAN_PIXELS
from imaging.detector.transforms import CameraSystem as CameraSys
from imaging.detector.transforms import CameraSystem as CameraSysPrefix

__all__ = [
    "ACTUAL_PIXELS",
    "FIELD_ANGLE",
    "FOCAL_PLANE",
    "PIXELS",
    "TAN_PIXELS",
    "Amplifier",
    "Camera",
    "CameraSys",
    "CameraSysPrefix",
    "Detector",
    "DetectorType",
    "Orientation",
]
