"""``lsst.afw.cameraGeom``."""

from __future__ import annotations

from imaging.detector.amplifier import Amplifier
from imaging.detector.camera import Camera
from imaging.detector.detector import Detector, DetectorType

__all__ = [
    "Amplifier",
    "Camera",
    "Detector",
    "DetectorType",
]
