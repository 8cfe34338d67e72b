"""One detector: its amplifiers, and its place in the focal plane."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from imaging.detector.amplifier_rows import (
    amplifiers_from_array,
    amplifiers_to_array,
    box_from_numbers,
    box_to_numbers,
)
from imaging.detector.box_field import BoxField
from imaging.detector.gen2_names import DetectorNames
from imaging.detector.orientation import Orientation
from imaging.detector.transforms import FOCAL_PLANE, PIXELS, CameraSystem, from_detector
from imaging.errors import CameraError, UndecodableError, closest_words
from imaging.fits.metadata import Metadata
from imaging.fits.persisted import check_kind, describe
from imaging.fits.rows import Rows
from imaging.geometry.points import Extent2D, Point2D
from imaging.geometry.real_box import Box2D

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

    from imaging.detector.amplifier import Amplifier
    from imaging.detector.transforms import PlaneTransform
    from imaging.geometry.box import Box

__all__ = ["Detector", "DetectorType", "detector_from_rows"]


class DetectorType(IntEnum):
    """What a detector is for."""

    SCIENCE = 0
    FOCUS = 1
    GUIDER = 2
    WAVEFRONT = 3


_PIXEL: Final = Extent2D(1.0, 1.0)
_UNPLACED: Final = Orientation()
_KIND: Final = "Detector"
_VERSION: Final = 1
_TEXTS: Final = ("name", "serial", "physical_type")


@dataclass(frozen=True, eq=False, kw_only=True)
class Detector(DetectorNames):
    """One detector of a camera.

    Iterating over it gives its amplifiers; ``detector["2"]`` and
    ``detector[2]`` are the one of that name and of that place.

    Parameters
    ----------
    id
        Number, unique in the camera: ``ccd`` of a data ID.
    name
        Unique in the camera.
    bbox
        Its pixels; given as a copy.
    amplifiers
        Each has a part of the pixels.
    serial
        What the maker calls it.
    type
        What it is for.
    pixel_size
        Width and height of a pixel, mm.
    orientation
        Its place in the focal plane.
    physical_type
        What it is made of, as ``E2V``.
    crosstalk
        Shape (n, n): ``[i, j]`` is the fraction of the counts of amplifier
        ``j`` that appears in amplifier ``i``. Read only.

    Raises
    ------
    CameraError
        If amplifiers have one name or overlap, lie outside, or the crosstalk
        has another shape.
    """

    id: int
    name: str
    bbox: BoxField = BoxField()  # noqa: RUF009 - a descriptor
    amplifiers: tuple[Amplifier, ...] = ()
    serial: str = ""
    type: DetectorType = DetectorType.SCIENCE
    pixel_size: Extent2D = _PIXEL
    orientation: Orientation = _UNPLACED
    physical_type: str = ""
    crosstalk: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "amplifiers", tuple(self.amplifiers))
        if not (self.pixel_size.x > 0 and self.pixel_size.y > 0):
            message = f"The detector {self.name!r} has pixels of {self.pixel_size} mm."
            raise CameraError(message)
        _check_amplifiers(self.name, self.bbox, self.amplifiers)
        if self.crosstalk is not None:
            matrix = np.array(self.crosstalk, np.float64)
            wanted = (len(self.amplifiers),) * 2
            if matrix.shape != wanted:
                message = (
                    f"The crosstalk of the detector {self.name!r} has the shape {matrix.shape}; "
                    f"its {len(self.amplifiers)} amplifiers need {wanted}."
                )
                raise CameraError(message)
            matrix.flags.writeable = False
            object.__setattr__(self, "crosstalk", matrix)

    @property
    def has_crosstalk(self) -> bool:
        """Whether the crosstalk is known."""
        return self.crosstalk is not None

    def __iter__(self) -> Iterator[Amplifier]:
        return iter(self.amplifiers)

    def __len__(self) -> int:
        return len(self.amplifiers)

    def __getitem__(self, which: str | int) -> Amplifier:
        if isinstance(which, str):
            for amplifier in self.amplifiers:
                if amplifier.name == which:
                    return amplifier
            names = [amplifier.name for amplifier in self.amplifiers]
            hint = closest_words(which, names) or f" It has {', '.join(map(repr, names))}."
            message = f"The detector {self.name!r} has no amplifier {which!r}.{hint}"
            raise CameraError(message)
        try:
            return self.amplifiers[which]
        except IndexError:
            message = (
                f"The detector {self.name!r} has {len(self)} amplifiers; there is no [{which}]."
            )
            raise CameraError(message) from None

    def pixel_to_focal_plane(
        self, x: ArrayLike, y: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where pixels lie in the focal plane.

        Parameters
        ----------
        x, y
            Positions on the detector, pixels; numbers or arrays of one shape.

        Returns
        -------
        tuple
            x and y in mm.
        """
        return self.orientation.to_focal_plane(x, y, self.pixel_size)

    def focal_plane_to_pixel(
        self, x_mm: ArrayLike, y_mm: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the pixels at positions in the focal plane, inside the detector or not.

        Parameters
        ----------
        x_mm, y_mm
            Positions in the focal plane, mm; numbers or arrays of one shape.

        Returns
        -------
        tuple
            x and y in pixels.
        """
        return self.orientation.to_pixels(x_mm, y_mm, self.pixel_size)

    def transform_between(self, start: CameraSystem, end: CameraSystem) -> PlaneTransform:
        """Return the way between its pixels and the focal plane.

        Parameters
        ----------
        start, end
            `imaging.detector.transforms.PIXELS` or ``FOCAL_PLANE``.

        Raises
        ------
        CameraError
            If it knows no such way: the field angle is known to its camera.
        """
        return from_detector(self, start).then(from_detector(self, end).inverted())

    def corners(self, system: CameraSystem = FOCAL_PLANE) -> list[Point2D]:
        """Return where the outer corners of its corner pixels lie, counterclockwise from (0, 0)."""
        return self.transform_between(PIXELS, system).each(Box2D(self.bbox).corners)

    def center(self, system: CameraSystem = FOCAL_PLANE) -> Point2D:
        """Return where the middle of its pixels lies."""
        return self.transform_between(PIXELS, system)(Box2D(self.bbox).center)

    @property
    def focal_plane_corners(self) -> tuple[Point2D, Point2D, Point2D, Point2D]:
        """Where the outer corners of its corner pixels lie, mm, lower left first."""
        one, two, three, four = self.corners()
        return one, two, three, four

    def contains_focal_plane(self, point: Point2D) -> bool:
        """Return whether a position in the focal plane, mm, is on the detector."""
        x, y = self.focal_plane_to_pixel(point.x, point.y)
        return self.bbox.contains(Point2D(float(x), float(y)))

    def replace(self, **changes: object) -> Self:
        """Return a detector with other values, as ``replace(serial="120")``."""
        known = {field.name for field in fields(self)}
        if unknown := changes.keys() - known:
            message = f"A detector has no {', '.join(sorted(unknown))}."
            raise CameraError(message)
        return replace(self, **changes)  # type: ignore[arg-type]  # checked when it is made

    def to_rows(self) -> Rows:
        """Return a table of one row per amplifier, all of which tell of the detector."""
        count = len(self)
        texts = {name: str(getattr(self, name)).encode() for name in _TEXTS}
        amplifiers = amplifiers_to_array(self.amplifiers)
        dtype = np.dtype(
            [
                *((name, amplifiers.dtype[name]) for name in amplifiers.dtype.names or ()),
                ("detector_id", np.int64),
                *((f"detector_{name}", "S", max(len(text), 1)) for name, text in texts.items()),
                ("detector_type", np.int16),
                ("detector_bbox", np.int32, (4,)),
                ("detector_place", np.float64, (7,)),
                ("detector_amplifiers", np.int16),
                ("has_crosstalk", np.bool_),
                ("crosstalk", np.float64, (max(count, 1),)),
            ]
        )
        array = np.zeros(max(count, 1), dtype)  # a detector without amplifiers has a row, too
        for name in amplifiers.dtype.names or ():
            array[name][:count] = amplifiers[name]
        for name, text in texts.items():
            array[f"detector_{name}"] = text
        turned = self.orientation
        array["detector_id"], array["detector_type"] = self.id, self.type
        array["detector_bbox"] = box_to_numbers(self.bbox)
        array["detector_place"] = (
            *self.pixel_size, *turned.offset, *turned.reference_point, turned.yaw,
        )  # fmt: skip
        array["detector_amplifiers"], array["has_crosstalk"] = count, self.has_crosstalk
        if self.crosstalk is not None and count:
            array["crosstalk"] = self.crosstalk
        return describe(Rows(array, Metadata({"EXTNAME": "DETECTOR"})), _KIND, _VERSION)

    @classmethod
    def from_rows(cls, rows: Rows) -> Self:
        """Return what `to_rows` was called of."""
        first = rows.array[0]
        count = int(first["detector_amplifiers"])
        place = first["detector_place"].tolist()
        texts = {name: first[f"detector_{name}"].decode().rstrip(" ") for name in _TEXTS}
        return cls(
            id=int(first["detector_id"]),
            name=texts["name"],
            serial=texts["serial"],
            physical_type=texts["physical_type"],
            type=DetectorType(int(first["detector_type"])),
            bbox=box_from_numbers(first["detector_bbox"]),
            pixel_size=Extent2D(*place[:2]),
            orientation=Orientation(Point2D(*place[2:4]), Point2D(*place[4:6]), place[6]),
            amplifiers=amplifiers_from_array(rows.array[:count]),
            crosstalk=rows.array["crosstalk"][:count, :count] if first["has_crosstalk"] else None,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Detector):
            return NotImplemented
        names = (field.name for field in fields(self) if field.name != "crosstalk")
        return all(getattr(self, name) == getattr(other, name) for name in names) and (
            np.array_equal(self.crosstalk, other.crosstalk, equal_nan=True)
            if self.crosstalk is not None and other.crosstalk is not None
            else self.crosstalk is other.crosstalk
        )

    __hash__ = None  # type: ignore[assignment]  # its box and its arrays have none

    def __repr__(self) -> str:
        return (
            f"<Detector {self.id} {self.name!r}: {self.type.name}, {self.bbox.width} x "
            f"{self.bbox.height} pixels, {len(self)} amplifiers>"
        )


def detector_from_rows(rows: Rows, path: str) -> Detector:
    """Return the detector that a table of a file holds.

    Parameters
    ----------
    rows
        The table.
    path
        The file, for messages.

    Raises
    ------
    FormatVersionError
        If a newer version wrote it.
    UndecodableError
        If it holds something else, or is damaged.
    """
    check_kind(rows, {_KIND: _VERSION}, path)
    try:
        return Detector.from_rows(rows)
    except (ValueError, IndexError) as error:
        reason = f"the table of a detector cannot be decoded: {error}"
        raise UndecodableError(path, reason) from error


def _check_amplifiers(name: str, bbox: Box, amplifiers: tuple[Amplifier, ...]) -> None:
    """Refuse amplifiers of one name, outside of the detector, or above each other."""
    placed: dict[str, Box] = {}
    for amplifier in amplifiers:
        if amplifier.name in placed:
            message = f"The detector {name!r} has two amplifiers {amplifier.name!r}."
            raise CameraError(message)
        box = amplifier.bbox
        if not bbox.contains(box):
            message = (
                f"The amplifier {amplifier.name!r} has the pixels {box}, but the detector "
                f"{name!r} is {bbox}."
            )
            raise CameraError(message)
        placed[amplifier.name] = box
    if sum(box.area for box in placed.values()) > bbox.area or _overlapping(list(placed.values())):
        boxes = ", ".join(f"{key!r} {box}" for key, box in placed.items())
        message = f"Amplifiers of the detector {name!r} overlap: {boxes}."
        raise CameraError(message)


def _overlapping(boxes: list[Box]) -> bool:
    """Return whether any two boxes share a pixel."""
    sides = sorted((box.min_x, box.end_x, box.min_y, box.end_y) for box in boxes)
    return any(
        two[0] < one[1] and two[2] < one[3] and one[2] < two[3]
        for place, one in enumerate(sides)
        for two in sides[place + 1 :]
    )
