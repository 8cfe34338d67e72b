"""Amplifiers as rows of a binary table, bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from imaging.detector.amplifier import Amplifier, Linearity, ReadoutCorner
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["amplifiers_from_array", "amplifiers_to_array", "box_from_numbers", "box_to_numbers"]

_BOXES = (
    "bbox",
    "raw_bbox",
    "raw_data_bbox",
    "raw_serial_overscan_bbox",
    "raw_parallel_overscan_bbox",
    "raw_prescan_bbox",
)
_NUMBERS = ("gain", "read_noise", "saturation", "suspect_level")
_FLAGS = ("is_raw_flipped_x", "is_raw_flipped_y")


def box_to_numbers(box: Box) -> tuple[int, int, int, int]:
    """Return the first pixel, x before y, the width and the height."""
    return box.min_x, box.min_y, box.width, box.height


def box_from_numbers(numbers: NDArray[np.integer]) -> Box:
    """Return what `box_to_numbers` was given."""
    x, y, width, height = (int(number) for number in numbers)
    return Box(Point2I(x, y), Extent2I(width, height))


def amplifiers_to_array(amplifiers: Sequence[Amplifier]) -> NDArray[np.void]:
    """Return one structured element per amplifier."""
    texts = [
        (amplifier.name.encode(), amplifier.linearity.kind.encode()) for amplifier in amplifiers
    ]
    longest = max((len(amplifier.linearity.coefficients) for amplifier in amplifiers), default=0)
    dtype = np.dtype(
        [
            ("name", "S", max((len(name) for name, _ in texts), default=1)),
            *((name, np.int32, (4,)) for name in _BOXES),
            *((name, np.float64) for name in _NUMBERS),
            *((name, np.bool_) for name in _FLAGS),
            ("raw_xy_offset", np.int32, (2,)),
            ("readout_corner", np.int16),
            ("linearity_kind", "S", max((len(kind) for _, kind in texts), default=1)),
            ("linearity_count", np.int16),
            ("linearity_coefficients", np.float64, (max(longest, 1),)),
            ("linearity_range", np.float64, (2,)),
        ]
    )
    array = np.zeros(len(amplifiers), dtype)
    for row, amplifier, (name, kind) in zip(array, amplifiers, texts, strict=True):
        linearity = amplifier.linearity
        row["name"], row["linearity_kind"] = name, kind
        for field in _BOXES:
            row[field] = box_to_numbers(getattr(amplifier, field))
        for field in (*_NUMBERS, *_FLAGS):
            row[field] = getattr(amplifier, field)
        row["raw_xy_offset"] = tuple(amplifier.raw_xy_offset)
        row["readout_corner"] = amplifier.readout_corner
        row["linearity_count"] = len(linearity.coefficients)
        row["linearity_coefficients"][: len(linearity.coefficients)] = linearity.coefficients
        row["linearity_range"] = linearity.threshold, linearity.maximum
    return array


def amplifiers_from_array(array: NDArray[np.void]) -> tuple[Amplifier, ...]:
    """Return what `amplifiers_to_array` was given."""
    return tuple(_amplifier(row) for row in array)


def _amplifier(row: np.void) -> Amplifier:
    count = int(row["linearity_count"])
    threshold, maximum = row["linearity_range"].tolist()
    boxes: dict[str, Any] = {field: box_from_numbers(row[field]) for field in _BOXES}
    values: dict[str, Any] = {field: row[field].item() for field in (*_NUMBERS, *_FLAGS)}
    return Amplifier(
        name=row["name"].decode().rstrip(" "),
        **boxes,
        **values,
        raw_xy_offset=Extent2I(*row["raw_xy_offset"].tolist()),
        readout_corner=ReadoutCorner(int(row["readout_corner"])),
        linearity=Linearity(
            row["linearity_kind"].decode().rstrip(" "),
            tuple(row["linearity_coefficients"][:count].tolist()),
            threshold,
            maximum,
        ),
    )
