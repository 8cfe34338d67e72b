"""Systems of coordinates of a camera, and the ways between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, Self

import numpy as np

from imaging.detector.gen2_names import CameraSystemNames, PlaneTransformNames
from imaging.errors import CameraError
from imaging.geometry.points import Point2D

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from imaging.geometry.points import Point2I

__all__ = [
    "ACTUAL_PIXELS",
    "FIELD_ANGLE",
    "FOCAL_PLANE",
    "PIXELS",
    "TAN_PIXELS",
    "CameraSystem",
    "PlaneTransform",
    "from_camera",
    "from_detector",
]


@dataclass(frozen=True, slots=True)
class CameraSystem(CameraSystemNames):
    """A system of coordinates.

    Parameters
    ----------
    name
        That of `PIXELS`, `FOCAL_PLANE` or `FIELD_ANGLE`; there is no way to others.
    detector
        Name of the detector whose pixels are meant; of that which is asked
        if it is empty.
    """

    name: str
    detector: str = ""

    def of(self, detector: str) -> CameraSystem:
        """Return the same system of a detector, if it is one that detectors have each."""
        shared = {FOCAL_PLANE.name, FIELD_ANGLE.name}
        return self if self.detector or self.name in shared else CameraSystem(self.name, detector)

    def __str__(self) -> str:
        return f"{self.name} of {self.detector}" if self.detector else self.name


PIXELS: Final = CameraSystem("Pixels")
"""Pixels of one detector."""
FOCAL_PLANE: Final = CameraSystem("FocalPlane")
"""Millimetres in the focal plane."""
FIELD_ANGLE: Final = CameraSystem("FieldAngle")
"""Radians on the plane that touches the sky at the boresight."""
TAN_PIXELS: Final = CameraSystem("TanPixels")
ACTUAL_PIXELS: Final = CameraSystem("ActualPixels")


class _Way(Protocol):
    def __call__(
        self, x: ArrayLike, y: ArrayLike, /
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...


@dataclass(frozen=True, slots=True)
class PlaneTransform(PlaneTransformNames):
    """The way from one system to another, and back.

    Parameters
    ----------
    forward, backward
        Functions of arrays of x and y.
    """

    forward: _Way
    backward: _Way

    @classmethod
    def identity(cls) -> Self:
        """Return the way that leads nowhere else."""
        return cls(_same, _same)

    @classmethod
    def scaling(cls, factor: float) -> Self:
        """Return the multiplication with a number."""
        return cls(
            lambda x, y: (np.multiply(x, factor), np.multiply(y, factor)),
            lambda x, y: (np.divide(x, factor), np.divide(y, factor)),
        )

    def inverted(self) -> PlaneTransform:
        """Return the way back."""
        return PlaneTransform(self.backward, self.forward)

    def then(self, following: PlaneTransform) -> PlaneTransform:
        """Return the way that goes on with another."""
        return PlaneTransform(
            lambda x, y: following.forward(*self.forward(x, y)),
            lambda x, y: self.backward(*following.backward(x, y)),
        )

    def __call__(self, point: Point2D | Point2I) -> Point2D:
        """Return where a point goes."""
        x, y = self.forward(float(point.x), float(point.y))
        return Point2D(float(x), float(y))

    def each(self, points: Sequence[Point2D | Point2I]) -> list[Point2D]:
        """Return where several points go."""
        x, y = self.forward([point.x for point in points], [point.y for point in points])
        return [Point2D(*pair) for pair in zip(x.tolist(), y.tolist(), strict=True)]


def _same(x: ArrayLike, y: ArrayLike, /) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.asarray(x, np.float64), np.asarray(y, np.float64)


class _Focal(Protocol):
    @property
    def name(self) -> str: ...
    def pixel_to_focal_plane(
        self, x: ArrayLike, y: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    def focal_plane_to_pixel(
        self, x_mm: ArrayLike, y_mm: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...


class _Optics(Protocol):
    @property
    def name(self) -> str: ...
    def __getitem__(self, which: str, /) -> _Focal: ...
    def focal_plane_to_field_angle(
        self, x_mm: ArrayLike, y_mm: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    def field_angle_to_focal_plane(
        self, x_deg: ArrayLike, y_deg: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...


def from_detector(detector: _Focal, system: CameraSystem) -> PlaneTransform:
    """Return the way from a system to the focal plane, as far as a detector knows it.

    Raises
    ------
    CameraError
        If it does not.
    """
    if system == FOCAL_PLANE:
        return PlaneTransform.identity()
    if system.name == PIXELS.name and system.detector in {"", detector.name}:
        return PlaneTransform(detector.pixel_to_focal_plane, detector.focal_plane_to_pixel)
    hint = ""
    if system == FIELD_ANGLE:
        hint = (
            " The distortion belongs to the camera: camera.transform_between() leads from "
            "PIXELS.of(name of the detector) to FIELD_ANGLE."
        )
    raise CameraError(f"The detector {detector.name!r} knows no way to {system}.{hint}")


def from_camera(camera: _Optics, system: CameraSystem) -> PlaneTransform:
    """Return the way from a system to the focal plane of a camera.

    Raises
    ------
    CameraError
        If there is none, or no detector is named.
    """
    if system == FOCAL_PLANE:
        return PlaneTransform.identity()
    if system == FIELD_ANGLE:
        angles = PlaneTransform(
            camera.field_angle_to_focal_plane, camera.focal_plane_to_field_angle
        )
        return PlaneTransform.scaling(180 / np.pi).then(angles)
    if system.detector:
        return from_detector(camera[system.detector], system)
    hint = " Pixels are those of a detector: PIXELS.of(name)." if system == PIXELS else ""
    raise CameraError(f"The camera {camera.name!r} knows no way to {system}.{hint}")
