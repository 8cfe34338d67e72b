"""Peaks of a footprint."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.errors import ColumnNotFoundError, ParameterTypeError, ParameterValueError
from imaging.footprint.peaks import PEAK_DTYPE, PeakCatalog
from imaging.geometry.points import Point2D, Point2I


def three() -> PeakCatalog:
    """Peaks as a file may hold them: in another order than ours."""
    rows = [(1, 1.25, 2.5, 1, 3, 10), (2, 3, 4, 3, 4, 30), (3, 5, 6, 5, 6, 10)]
    return PeakCatalog(np.array(rows, PEAK_DTYPE))


def test_peak_knows_its_position_pixel_and_value() -> None:
    peak = three()[0]
    assert (peak.f_x, peak.f_y, peak.i_x, peak.i_y, peak.value) == (1.25, 2.5, 1, 3, 10)
    assert (peak.position, peak.pixel) == (Point2D(1.25, 2.5), Point2I(1, 3))


def test_numbers_of_new_peaks_go_on_from_the_largest() -> None:
    array = np.zeros(2, PEAK_DTYPE)
    array["id"] = [7, 3]
    peaks = PeakCatalog(array)
    assert peaks.add(0, 0, 1).id == 8
    assert [peak.id for peak in three()] == [1, 2, 3]


def test_an_added_peak_stands_before_the_first_that_is_fainter() -> None:
    peaks = PeakCatalog()
    added = [peaks.add(1.25, 2.5, value) for value in (10, 30, 20, 20, np.nan, 5)]
    assert [peak.value for peak in added[:4]] == [10, 30, 20, 20]
    assert [peak.id for peak in peaks] == [2, 3, 4, 1, 6, 5]
    assert (peaks[0].i_x, peaks[0].i_y) == (1, 3)


def test_brightest_comes_first_and_equal_ones_keep_their_order() -> None:
    peaks = three()
    peaks.add(0, 0, np.nan)
    peaks.sort()
    assert [peak.id for peak in peaks] == [2, 1, 3, 4]


def test_columns_are_views_also_by_the_name_of_the_lsst_stack() -> None:
    peaks = three()
    peaks["peak_value"][1] = 5
    assert peaks["peakValue"].tolist() == [10, 5, 10]
    assert peaks[1].value == 5


def test_peaks_are_counted_from_the_end_too() -> None:
    assert three()[-1].f_x == 5
    with pytest.raises(IndexError):
        three()[3]


def test_equal_peaks_make_equal_catalogs() -> None:
    assert three() == three()
    assert three()[0] == three()[0]
    other = three()
    other["f_x"][0] = 9
    assert three() != other
    assert three()[0] != other[0]


def test_catalog_does_not_share_the_array_it_was_made_from() -> None:
    array = three().array.copy()
    peaks = PeakCatalog(array)
    array["f_x"] = 0
    assert peaks[0].f_x == 1.25


@pytest.mark.parametrize("x", [np.nan, np.inf, 1e10])
def test_peak_that_is_nowhere_is_refused(x: float) -> None:
    with pytest.raises(ParameterValueError, match="cannot be at"):
        PeakCatalog().add(x, 0, 1)


def test_column_that_is_not_there_is_named() -> None:
    with pytest.raises(ColumnNotFoundError, match="'f_z'"):
        _ = three()["f_z"]


def test_array_of_another_type_is_refused() -> None:
    with pytest.raises(ParameterTypeError, match="PEAK_DTYPE"):
        PeakCatalog(np.zeros(3))


def test_repr_tells_position_and_value() -> None:
    assert repr(three()[0]) == "<Peak 1 at (1.25, 2.5), value 10>"
    assert repr(three()) == "<PeakCatalog: 3 peaks>"
