from __future__ import annotations

import numpy as np
import pytest

from imaging.errors import FitsFileError
from imaging.exposure.polygons import polygon_from_rows, polygon_to_rows
from imaging.geometry.polygon import Polygon

TRIANGLE = np.array([[0.1, 0.2], [9.3, 0.4], [5.5, 7.6]])


def test_corners_come_back_in_their_order() -> None:
    found = polygon_from_rows(polygon_to_rows(Polygon(TRIANGLE)))
    assert found.vertices.tobytes() == TRIANGLE.tobytes()


def test_table_without_enough_corners_is_refused() -> None:
    rows = polygon_to_rows(Polygon(TRIANGLE))
    with pytest.raises(FitsFileError, match=r"x\.fits: its polygon is damaged"):
        polygon_from_rows(rows.between(0, 2), "x.fits")
