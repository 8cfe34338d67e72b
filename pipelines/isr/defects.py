"""Regions of a detector that are known to be bad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from pipelines.errors import CalibrationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from astropy.table import Table

    from imaging.image.mask import Mask

__all__ = ["defect_boxes", "mask_defects"]

_QUARTER_DEG: Final = 90.0


def defect_boxes(table: Table) -> list[Box]:
    """Return the boxes of a table of defects, in the pixels of the assembled detector.

    Parameters
    ----------
    table
        FITS regions as the LSST stack writes them: X and Y, the centre
        counted from 1; SHAPE, POINT or BOX; R, width and height; ROTANG in
        degrees, a multiple of 90. Or columns x0, y0, width and height, counted
        from 0.

    Returns
    -------
    list of Box
        One for each row.

    Raises
    ------
    CalibrationError
        If it has other columns or shapes.
    """
    names = {name.lower(): name for name in table.colnames}
    if {"x0", "y0", "width", "height"} <= names.keys():
        columns = [np.asarray(table[names[key]], int) for key in ("x0", "y0", "width", "height")]
        return [
            Box(Point2I(x, y), Extent2I(width, height))
            for x, y, width, height in zip(*(column.tolist() for column in columns), strict=True)
        ]
    if missing := {"x", "y", "shape", "r"} - names.keys():
        raise CalibrationError(
            f"A table of defects lacks {', '.join(sorted(missing))}; it has "
            f"{', '.join(table.colnames)}. Columns X, Y, SHAPE, R or x0, y0, width, height are "
            "needed. Switch the step off by doDefect = False."
        )
    return [_region_box(row, names) for row in table]


def _region_box(row: Table.Row, names: dict[str, str]) -> Box:
    """Return the box of one FITS region."""
    shape = str(row[names["shape"]]).strip().upper()
    x, y = float(row[names["x"]]), float(row[names["y"]])
    sizes = np.atleast_1d(np.asarray(row[names["r"]], float))
    angle = float(row[names["rotang"]]) if "rotang" in names else 0.0
    if shape not in {"POINT", "BOX", "ROTBOX"} or angle % _QUARTER_DEG:
        raise CalibrationError(
            f"A defect is a {shape} turned by {angle} degrees; only points and boxes along the "
            "axes can be masked. Switch the step off by doDefect = False."
        )
    width, height = (1.0, 1.0) if shape == "POINT" else (sizes[0], sizes[-1])
    if angle % (2 * _QUARTER_DEG):
        width, height = height, width
    left, bottom = x - 0.5 - width / 2, y - 0.5 - height / 2  # FITS centres count from 1
    return Box(
        Point2I(round(left), round(bottom)), Extent2I(round(float(width)), round(float(height)))
    )


def mask_defects(mask: Mask, boxes: Iterable[Box], plane: str = "BAD") -> int:
    """Set a plane in boxes; parts outside of the mask do not count.

    Parameters
    ----------
    mask
        Of the assembled detector.
    boxes
        In its coordinates.
    plane
        Such as ``BAD``.

    Returns
    -------
    int
        How many boxes have a pixel of the mask.
    """
    count = 0
    for box in boxes:
        inside = box.copy()
        inside.clip(mask.bbox)
        if not inside.is_empty:
            mask.set_plane(plane, inside)
            count += 1
    return count
