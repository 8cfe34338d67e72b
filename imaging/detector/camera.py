"""A camera: its detectors in the focal plane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from imaging.detector.distortion import RadialDistortion
from imaging.detector.gen2_names import CameraNames
from imaging.detector.transforms import FOCAL_PLANE, CameraSystem, from_camera
from imaging.errors import CameraError, closest_words
from imaging.geometry.points import Point2D

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from imaging.detector.detector import Detector
    from imaging.detector.transforms import PlaneTransform

__all__ = ["Camera"]

_ARCSEC_PER_DEGREE = 3600


class Camera(CameraNames):
    """The detectors of a camera, in the order of their numbers.

    Iterating over it gives the detectors; ``camera[50]`` and
    ``camera["1_12"]`` are the one of that number and of that name.

    Parameters
    ----------
    name
        The camera.
    detectors
        In any order.
    plate_scale
        Arcsec on the sky per mm, at the boresight; NaN if it is not known.
    distortion
        How the scale changes with the distance from the boresight.

    Raises
    ------
    CameraError
        If two detectors have one number or one name.
    """

    __slots__ = ("_by_id", "_by_name", "_distortion", "_name", "_plate_scale")

    def __init__(
        self,
        name: str,
        detectors: Iterable[Detector],
        *,
        plate_scale: float = math.nan,
        distortion: RadialDistortion | None = None,
    ) -> None:
        self._name, self._plate_scale = name, plate_scale
        self._distortion = RadialDistortion() if distortion is None else distortion
        self._by_id: dict[int, Detector] = {}
        self._by_name: dict[str, Detector] = {}
        for detector in sorted(detectors, key=lambda one: one.id):
            if detector.id in self._by_id or detector.name in self._by_name:
                message = (
                    f"The camera {name!r} has two detectors of the number {detector.id} "
                    f"or the name {detector.name!r}."
                )
                raise CameraError(message)
            self._by_id[detector.id] = self._by_name[detector.name] = detector

    @property
    def name(self) -> str:
        """Name of the camera."""
        return self._name

    @property
    def plate_scale(self) -> float:
        """Arcsec on the sky per mm, at the boresight; NaN if it is not known."""
        return self._plate_scale

    @property
    def distortion(self) -> RadialDistortion:
        """How the scale changes with the distance from the boresight."""
        return self._distortion

    @property
    def ids(self) -> tuple[int, ...]:
        """Numbers of the detectors, rising."""
        return tuple(self._by_id)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the detectors, in the order of their numbers."""
        return tuple(self._by_name)

    @property
    def detectors(self) -> tuple[Detector, ...]:
        """All detectors, in the order of their numbers."""
        return tuple(self._by_id.values())

    def get(self, which: int | str, default: Detector | None = None) -> Detector | None:
        """Return the detector of a number or a name, or ``default``."""
        found = self._by_name.get(which) if isinstance(which, str) else self._by_id.get(which)
        return default if found is None else found

    def __getitem__(self, which: int | str) -> Detector:
        found = self.get(which)
        if found is None:
            message = f"The camera {self.name!r} has no detector {which!r} among its {len(self)}."
            hint = closest_words(which, self._by_name) if isinstance(which, str) else ""
            raise CameraError(message + hint)
        return found

    def __contains__(self, which: object) -> bool:
        return which in self._by_name if isinstance(which, str) else which in self._by_id

    def __iter__(self) -> Iterator[Detector]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def transform_between(self, start: CameraSystem, end: CameraSystem) -> PlaneTransform:
        """Return the way between two systems of coordinates.

        Parameters
        ----------
        start, end
            `imaging.detector.transforms.FOCAL_PLANE`, ``FIELD_ANGLE``, or
            ``PIXELS.of(name of a detector)``.

        Raises
        ------
        CameraError
            If there is no such way.
        """
        return from_camera(self, start).then(from_camera(self, end).inverted())

    def find_detectors(self, point: Point2D, system: CameraSystem = FOCAL_PLANE) -> list[Detector]:
        """Return the detectors at a position.

        Parameters
        ----------
        point
            In mm, or as the system has it.
        system
            The focal plane, or the field angle.

        Returns
        -------
        list
            Empty in the gaps between detectors.
        """
        place = self.transform_between(system, FOCAL_PLANE)(point)
        return [detector for detector in self if detector.contains_focal_plane(place)]

    @property
    def focal_plane_extent(self) -> tuple[Point2D, Point2D]:
        """The lower left and the upper right corner of what the detectors cover, mm.

        Raises
        ------
        CameraError
            If there are no detectors.
        """
        corners = [corner for detector in self for corner in detector.focal_plane_corners]
        if not corners:
            message = f"The camera {self.name!r} has no detectors."
            raise CameraError(message)
        xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
        return Point2D(min(xs), min(ys)), Point2D(max(xs), max(ys))

    def focal_plane_to_field_angle(
        self, x_mm: ArrayLike, y_mm: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where positions in the focal plane lie in the plane tangent to the sky.

        Parameters
        ----------
        x_mm, y_mm
            Positions in the focal plane, mm; numbers or arrays of one shape.

        Returns
        -------
        tuple
            Degrees from the boresight, along the axes of the focal plane.
        """
        x, y = self.distortion.undistort(x_mm, y_mm)
        scale = self.plate_scale / _ARCSEC_PER_DEGREE
        return x * scale, y * scale

    def field_angle_to_focal_plane(
        self, x_deg: ArrayLike, y_deg: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the positions in the focal plane, mm, of those `focal_plane_to_field_angle` gives.

        Raises
        ------
        CameraError
            If the plate scale is not known, or a position too far from the
            boresight for the distortion.
        """
        if not self.plate_scale > 0:
            message = f"The plate scale of the camera {self.name!r} is not known."
            raise CameraError(message)
        scale = _ARCSEC_PER_DEGREE / self.plate_scale
        return self.distortion.distort(_scaled(x_deg, scale), _scaled(y_deg, scale))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Camera):
            return NotImplemented
        scales = (self.plate_scale, other.plate_scale)
        return (
            (self.name, self.distortion) == (other.name, other.distortion)
            and (scales[0] == scales[1] or all(map(math.isnan, scales)))
            and self.detectors == other.detectors
        )

    __hash__ = None  # type: ignore[assignment]  # detectors have none

    def __repr__(self) -> str:
        return f"<Camera {self.name!r}: {len(self)} detectors>"


def _scaled(values: ArrayLike, factor: float) -> NDArray[np.float64]:
    return np.asarray(values, np.float64) * factor
