"""Cameras whose detectors are described by a file beside their policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from butler.mapper import Mapper
    from imaging.detector.camera import Camera

__all__ = ["focal_plane"]


def focal_plane(mapper: Mapper) -> Camera:
    """Return the detectors that ``camera.yaml`` of a mapper describes.

    Raises
    ------
    CameraError
        If the file says something wrong.
    PolicyError
        If there is none.
    """
    from imaging.detector.camera_file import load_camera

    return load_camera(str(mapper.camera_path))
