"""Where a detector lies in the focal plane, and how it is turned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from imaging.detector.gen2_names import OrientationNames
from imaging.geometry.points import Point2D

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from imaging.geometry.points import Extent2D

__all__ = ["Orientation"]

_ORIGIN: Final = Point2D()


@dataclass(frozen=True, slots=True)
class Orientation(OrientationNames):
    """Where a detector lies in the focal plane, and how it is turned.

    Parameters
    ----------
    offset
        Position of the reference point in the focal plane, mm.
    reference_point
        A position on the detector, pixels.
    yaw
        Degrees, counterclockwise, by which the detector's axes are turned
        against those of the focal plane, quarter turns included.
    """

    offset: Point2D = _ORIGIN
    reference_point: Point2D = _ORIGIN
    yaw: float = 0.0

    @property
    def n_quarter(self) -> int:
        """Number of quarter turns, 0 to 3, nearest to the yaw."""
        return round(self.yaw / 90) % 4

    def to_focal_plane(
        self, x: ArrayLike, y: ArrayLike, pixel_size: Extent2D
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Turn positions on the detector, pixels, into mm in the focal plane."""
        u = (np.asarray(x, np.float64) - self.reference_point.x) * pixel_size.x
        v = (np.asarray(y, np.float64) - self.reference_point.y) * pixel_size.y
        cosine, sine = _cosine_and_sine(self.yaw)
        return self.offset.x + cosine * u - sine * v, self.offset.y + sine * u + cosine * v

    def to_pixels(
        self, x_mm: ArrayLike, y_mm: ArrayLike, pixel_size: Extent2D
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Turn mm in the focal plane into positions on the detector, pixels."""
        u = np.asarray(x_mm, np.float64) - self.offset.x
        v = np.asarray(y_mm, np.float64) - self.offset.y
        cosine, sine = _cosine_and_sine(self.yaw)
        return (
            self.reference_point.x + (cosine * u + sine * v) / pixel_size.x,
            self.reference_point.y + (cosine * v - sine * u) / pixel_size.y,
        )


def _cosine_and_sine(degrees: float) -> tuple[float, float]:
    """Return both, exact for quarter turns: a detector turned by 90 degrees has exact corners."""
    turns = degrees / 90
    if turns == round(turns):
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[round(turns) % 4]
    radians = math.radians(degrees)
    return math.cos(radians), math.sin(radians)
