"""Regions that are known to be bad."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from astropy.table import Table

from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.mask import Mask
from pipelines.errors import CalibrationError
from pipelines.isr.defects import defect_boxes, mask_defects

if TYPE_CHECKING:
    from pathlib import Path


def box(x: int, y: int, width: int, height: int) -> Box:
    return Box(Point2I(x, y), Extent2I(width, height))


def regions(**columns: list[object]) -> Table:
    known = {"X": [9.0], "Y": [2.5], "SHAPE": ["BOX"], "R": [[17.0, 4.0]], "ROTANG": [0.0]}
    return Table({**known, **columns})


def test_centres_of_boxes_count_from_1() -> None:
    assert defect_boxes(regions()) == [box(0, 0, 17, 4)]


def test_a_point_is_one_pixel() -> None:
    assert defect_boxes(regions(X=[152.0], Y=[6.0], SHAPE=["POINT"])) == [box(151, 5, 1, 1)]


def test_a_box_on_its_side_is_turned() -> None:
    assert defect_boxes(regions(X=[9.0], Y=[9.0], R=[[17.0, 5.0]], ROTANG=[90.0])) == [
        box(6, 0, 5, 17)
    ]


def test_columns_of_corners_count_from_0() -> None:
    table = Table({"x0": [3], "y0": [4], "width": [5], "height": [6]})
    assert defect_boxes(table) == [box(3, 4, 5, 6)]


def test_other_shapes_are_refused() -> None:
    with pytest.raises(CalibrationError, match=r"CIRCLE turned by 0\.0 degrees"):
        defect_boxes(regions(SHAPE=["CIRCLE"]))
    with pytest.raises(CalibrationError, match=r"BOX turned by 30\.0 degrees"):
        defect_boxes(regions(ROTANG=[30.0]))


def test_other_columns_are_refused() -> None:
    with pytest.raises(CalibrationError, match="lacks r, shape; it has X, Y"):
        defect_boxes(Table({"X": [1.0], "Y": [1.0]}))


def test_the_planes_of_boxes_are_set_as_far_as_there_are_pixels() -> None:
    mask = Mask(box(10, 10, 20, 20))
    count = mask_defects(mask, [box(5, 5, 6, 6), box(12, 12, 2, 3), box(100, 100, 5, 5)])
    assert count == 2
    assert mask.get_plane("BAD").sum() == 1 + 6
    assert mask.get_plane("BAD")[0, 0]
    assert mask.get_plane("BAD")[2:5, 2:4].all()


def test_no_row_is_no_box() -> None:
    assert defect_boxes(regions()[:0]) == []


def test_real_defects_lie_on_their_detectors(shared_data: Path) -> None:
    hsc = defect_boxes(Table.read(shared_data / "gen3" / "defects_10_HSC.fits", hdu=1))
    assert len(hsc) == 8
    assert hsc[0] == box(0, 0, 17, 4176)  # the left edge, in all its height
    whole = box(0, 0, 2048, 4176)
    assert all(whole.contains(one) for one in hsc)
    stack = Table.read(shared_data / "obs_test" / "input" / "defects" / "defects.fits", hdu=1)
    assert len(defect_boxes(stack)) == 504
