"""The description of a camera as a YAML file.

What detectors have in common is said once: ``amplifier_layouts`` holds lists
of amplifiers, ``detector_types`` refer to them, and each line of
``detectors`` refers to a type and says what is its own.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from imaging.detector.amplifier import Amplifier, Linearity, ReadoutCorner
from imaging.detector.camera import Camera
from imaging.detector.camera_section import read_sections
from imaging.detector.detector import Detector, DetectorType
from imaging.detector.distortion import RadialDistortion
from imaging.detector.orientation import Orientation
from imaging.errors import CameraError
from imaging.geometry.points import Extent2D, Extent2I, Point2D

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from imaging.detector.camera_section import Section

__all__ = ["load_camera"]

_ELECTRONICS: Final = ("gain", "read_noise", "saturation", "suspect_level")
_RAW_BOXES: Final = (
    "raw_bbox",
    "raw_data_bbox",
    "raw_serial_overscan_bbox",
    "raw_parallel_overscan_bbox",
    "raw_prescan_bbox",
)
_CORNERS: Final = {corner.name.lower(): corner for corner in ReadoutCorner}
_TYPES: Final = {kind.name: kind for kind in DetectorType}


def load_camera(path: str) -> Camera:
    """Return the camera that a YAML file describes.

    Parameters
    ----------
    path
        The file. As long as it does not change it is read once: a camera, its
        detectors and amplifiers are values, which no user can spoil for
        another.

    Raises
    ------
    CameraError
        If the file cannot be read or says something wrong; the message names
        the file and the key.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        message = f"{path}: the description of a camera cannot be read: {error.strerror}."
        raise CameraError(message) from None
    return _load(os.path.abspath(path), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=32)
def _load(path: str, _changed: int, _size: int) -> Camera:
    top = read_sections(path)
    top.allow(
        "name",
        "description",
        "plate_scale",
        "distortion",
        "focal_plane_unit",
        "amplifier_layouts",
        "detector_types",
        "detectors",
    )
    layouts = top.section("amplifier_layouts")
    unit = top.number("focal_plane_unit", 1.0)
    types = {
        str(name): _DetectorKind.read(str(name), section, layouts)
        for name, section in top.section("detector_types").sections()
    }
    detectors = [
        _read_detector(number, section, types, unit)
        for number, section in top.section("detectors").sections()
    ]
    with top.told():
        distortion = None
        if top.has("distortion"):
            distortion = RadialDistortion(top.numbers("distortion"))
        scale = top.number("plate_scale") if top.has("plate_scale") else math.nan
        return Camera(top.text("name"), detectors, plate_scale=scale, distortion=distortion)


@dataclass(frozen=True, slots=True)
class _DetectorKind:
    """What the detectors of one type have in common."""

    prototype: Detector
    reference_point: Point2D
    linearity: Linearity

    @classmethod
    def read(cls, name: str, section: Section, layouts: Section) -> _DetectorKind:
        section.allow(
            "type",
            "bbox",
            "pixel_size",
            "reference_point",
            "physical_type",
            "amplifiers",
            "crosstalk",
            "linearity",
            *_ELECTRONICS,
        )
        amplifiers: tuple[Amplifier, ...] = ()
        if section.has("amplifiers"):
            layout = section.text("amplifiers")
            if not layouts.has(layout):
                section.fail("amplifiers", f"names {layout!r}, which is none of amplifier_layouts.")
            amplifiers = tuple(map(_read_amplifier, layouts.listed_sections(layout)))
            amplifiers = _with_electronics(section, amplifiers, [{} for _ in amplifiers])
        with section.told():
            return cls(
                Detector(
                    id=0,
                    name=name,
                    bbox=section.box("bbox"),
                    type=section.choice("type", _TYPES, "SCIENCE"),
                    pixel_size=Extent2D(*section.numbers("pixel_size", 2)),
                    physical_type=section.text("physical_type", ""),
                    amplifiers=amplifiers,
                    crosstalk=_read_crosstalk(section),
                ),
                Point2D(*section.numbers("reference_point", 2)),
                _read_linearity(section.section("linearity")),
            )


def _read_linearity(section: Section) -> Linearity:
    section.allow("kind", "coefficients", "threshold", "maximum")
    return Linearity(
        section.text("kind", "None"),
        section.numbers("coefficients") if section.has("coefficients") else (),
        section.number("threshold", 0.0),
        section.number("maximum") if section.has("maximum") else math.nan,
    )


def _read_crosstalk(section: Section) -> NDArray[np.float64] | None:
    if not section.has("crosstalk"):
        return None
    rows = section.rows("crosstalk")
    if len({len(row) for row in rows}) > 1:
        section.fail("crosstalk", "must have rows of one length.")
    return np.array(rows, np.float64)


def _read_amplifier(section: Section) -> Amplifier:
    section.allow(
        "name",
        "bbox",
        *_ELECTRONICS,
        *_RAW_BOXES,
        "is_raw_flipped_x",
        "is_raw_flipped_y",
        "raw_xy_offset",
        "readout_corner",
    )
    boxes: dict[str, Any] = {key: section.box(key) for key in ("bbox", *_RAW_BOXES)}
    levels: dict[str, Any] = {key: section.number(key) for key in _ELECTRONICS if section.has(key)}
    x, y = section.numbers("raw_xy_offset", 2) if section.has("raw_xy_offset") else (0, 0)
    with section.told():
        return Amplifier(
            name=section.text("name"),
            **boxes,
            **levels,
            is_raw_flipped_x=section.flag("is_raw_flipped_x"),
            is_raw_flipped_y=section.flag("is_raw_flipped_y"),
            raw_xy_offset=Extent2I(int(x), int(y)),
            readout_corner=section.choice("readout_corner", _CORNERS, "lower_left"),
        )


def _read_detector(
    number: object, section: Section, types: Mapping[str, _DetectorKind], unit: float
) -> Detector:
    section.allow("name", "type", "serial", "offset", "yaw", *_ELECTRONICS, "linearity")
    if not isinstance(number, int) or isinstance(number, bool):
        section.fail("name", f"stands below {number!r}: a detector's key is its number.")
    kind = section.choice("type", types)
    common = kind.prototype
    x, y = section.numbers("offset", 2) if section.has("offset") else (0.0, 0.0)
    with section.told():
        return Detector(
            id=number,
            name=section.text("name"),
            serial=section.text("serial", str(number)),
            bbox=common.bbox,
            type=common.type,
            pixel_size=common.pixel_size,
            physical_type=common.physical_type,
            crosstalk=common.crosstalk,
            orientation=Orientation(
                Point2D(x * unit, y * unit), kind.reference_point, section.number("yaw", 0.0)
            ),
            amplifiers=_own_amplifiers(section, kind),
        )


def _own_amplifiers(section: Section, kind: _DetectorKind) -> tuple[Amplifier, ...]:
    """Return the amplifiers of the layout with the values that are one detector's own."""
    changes: list[dict[str, object]] = [{} for _ in kind.prototype.amplifiers]
    if section.has("linearity"):
        values = section.numbers("linearity", len(changes))
        for own, value in zip(changes, values, strict=True):
            own["linearity"] = replace(kind.linearity, coefficients=(value,))
    elif kind.linearity.kind != "None":
        for own in changes:
            own["linearity"] = kind.linearity
    return _with_electronics(section, kind.prototype.amplifiers, changes)


def _with_electronics(
    section: Section, amplifiers: tuple[Amplifier, ...], changes: list[dict[str, object]]
) -> tuple[Amplifier, ...]:
    for key in _ELECTRONICS:
        if section.has(key):
            values = section.number_for_each(key, len(amplifiers))
            for own, value in zip(changes, values, strict=True):
                own[key] = value
    return tuple([one.replace(**own) for one, own in zip(amplifiers, changes, strict=True)])
