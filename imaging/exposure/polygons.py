"""Polygons as tables."""

from __future__ import annotations

import numpy as np

from imaging.fits.persisted import decoding, describe
from imaging.fits.rows import Rows
from imaging.geometry.polygon import Polygon

__all__ = ["polygon_from_rows", "polygon_to_rows"]

_KIND = "Polygon"


def polygon_to_rows(polygon: Polygon) -> Rows:
    """Return a table of the corners, in their order."""
    table = np.zeros(len(polygon.vertices), [("x", "f8"), ("y", "f8")])
    table["x"], table["y"] = polygon.vertices.T
    return describe(Rows(table, units={"x": "pixel", "y": "pixel"}), _KIND, 1)


def polygon_from_rows(rows: Rows, path: str = "table") -> Polygon:
    """Return the polygon that `polygon_to_rows` wrote; see `imaging.fits.persisted.decoding`."""
    with decoding(rows, _KIND, path, "polygon"):
        return Polygon(np.column_stack([rows.array["x"], rows.array["y"]]))
