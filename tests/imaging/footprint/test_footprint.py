"""Footprints: pixels with peaks."""

from __future__ import annotations

import pickle

from imaging.footprint.footprint import Footprint
from imaging.footprint.peaks import PeakCatalog
from imaging.footprint.span import Span
from imaging.footprint.span_set import SpanSet
from imaging.footprint.stencil import Stencil
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2D, Point2I

REGION = Box(Point2I(0, 0), Extent2I(100, 100))


def two_blobs() -> Footprint:
    """Two boxes apart, with a peak in each and one in none."""
    spans = SpanSet(Box(Point2I(10, 10), Extent2I(3, 3))) | SpanSet(
        Box(Point2I(20, 10), Extent2I(5, 5))
    )
    return Footprint(spans, [(11, 11, 5), (22, 12, 50), (16, 11, 1)], REGION)


def test_footprint_knows_its_pixels() -> None:
    footprint = two_blobs()
    assert footprint.area == 9 + 25
    assert footprint.bbox == Box(Point2I(10, 10), Point2I(24, 14))
    assert footprint.centroid == Point2D((9 * 11 + 25 * 22) / 34, (9 * 11 + 25 * 12) / 34)
    assert footprint.contains(Point2I(24, 14))
    assert not footprint.contains(Point2I(13, 10))
    assert not footprint.is_contiguous
    assert not footprint.is_heavy
    assert next(iter(footprint)) == Span(10, 10, 12)


def test_footprint_is_made_from_a_box_or_spans() -> None:
    box = Box(Point2I(1, 2), Extent2I(3, 4))
    assert Footprint(box).spans == SpanSet(box)
    assert Footprint([Span(1, 2, 3)]).area == 2
    assert Footprint().area == 0


def test_peaks_stand_brightest_first_however_they_were_added() -> None:
    footprint = two_blobs()
    footprint.add_peak(12, 12, 20)
    assert [peak.value for peak in footprint.peaks] == [50, 20, 5, 1]


def test_peaks_of_an_array_are_sorted_on_demand() -> None:
    array = two_blobs().peaks.array[::-1]
    footprint = Footprint(Box(Point2I(0, 0), Extent2I(20, 20)), PeakCatalog(array))
    assert [peak.value for peak in footprint.peaks] == [1, 5, 50]
    footprint.sort_peaks()
    assert [peak.value for peak in footprint.peaks] == [50, 5, 1]


def test_pieces_take_their_own_peaks() -> None:
    left, right = two_blobs().split()
    assert (left.area, right.area) == (9, 25)
    assert [peak.value for peak in left.peaks] == [5]
    assert [peak.value for peak in right.peaks] == [50]
    assert left.region == REGION


def test_peaks_without_pixels_are_removed_on_demand() -> None:
    footprint = two_blobs()
    footprint.remove_orphan_peaks()
    assert [peak.value for peak in footprint.peaks] == [50, 5]


def test_footprint_grows_and_shrinks_in_place() -> None:
    footprint = two_blobs()
    footprint.dilate(1, Stencil.BOX)
    assert footprint.area == 25 + 49
    assert len(footprint.peaks) == 3
    footprint.erode(2, Stencil.BOX)
    assert footprint.area == 1 + 9
    assert [peak.value for peak in footprint.peaks] == [50, 5]


def test_erosion_takes_the_peaks_at_the_edge_with_it() -> None:
    footprint = Footprint(Box(Point2I(0, 0), Extent2I(5, 5)), [(0, 2, 9), (2, 2, 5)])
    footprint.erode(1)
    assert [peak.value for peak in footprint.peaks] == [5]


def test_pixels_that_touch_at_a_corner_are_two_pieces_unless_said_otherwise() -> None:
    footprint = Footprint([Span(0, 0, 2), Span(1, 3, 5)])
    assert not footprint.is_contiguous
    assert [piece.area for piece in footprint.split()] == [3, 3]
    assert [piece.area for piece in footprint.split(diagonal=True)] == [6]


def test_pixels_and_peaks_move_together() -> None:
    footprint = two_blobs()
    footprint.shift(2, -3)
    footprint.shift(Extent2I(1, 0))
    assert footprint.bbox.min == Point2I(13, 7)
    assert footprint.peaks[0].position == Point2D(25, 9)
    assert footprint.peaks[0].pixel == Point2I(25, 9)


def test_clipping_drops_pixels_and_peaks_outside() -> None:
    footprint = two_blobs()
    footprint.clip(Box(Point2I(0, 0), Point2I(16, 11)))
    assert footprint.area == 6
    assert [peak.value for peak in footprint.peaks] == [5]


def test_copy_shares_nothing_that_changes() -> None:
    footprint = two_blobs()
    other = footprint.copy()
    assert other == footprint
    other.peaks["f_x"][0] = 0
    other.region.grow(1)
    other.shift(1)
    assert footprint == two_blobs()


def test_footprints_differ_by_any_of_their_parts() -> None:
    footprint = two_blobs()
    assert footprint != Footprint(footprint.spans, footprint.peaks)
    assert footprint != Footprint(footprint.spans, (), REGION)
    assert footprint != Footprint(footprint.spans.shifted_by(1), footprint.peaks, REGION)
    assert footprint != "footprint"


def test_footprint_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(two_blobs())) == two_blobs()


def test_repr_tells_size_and_place() -> None:
    assert repr(two_blobs()) == "<Footprint: 34 pixels, 3 peaks, box 10:25,10:15>"
