"""Gen2 spellings of footprints give what the others give, also when those are overridden."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from imaging.errors import BoxError, ColumnNotFoundError
from imaging.footprint.footprint import Footprint
from imaging.footprint.gen2_names import (
    FootprintNames,
    HeavyFootprintNames,
    PeakNames,
    SpanNames,
    SpanSetNames,
)
from imaging.footprint.heavy import HeavyFootprint
from imaging.footprint.peaks import Peak
from imaging.footprint.span import Span
from imaging.footprint.span_set import SpanSet
from imaging.footprint.stencil import Stencil
from imaging.geometry.box import Box
from imaging.geometry.ellipses import Axes, Ellipse, Quadrupole
from imaging.geometry.points import Extent2I, Point2D, Point2I
from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage

SAME: dict[type, tuple[type, dict[str, str]]] = {
    Span: (
        SpanNames,
        {
            "getY": "y",
            "getX0": "x0",
            "getX1": "x1",
            "getMinX": "min_x",
            "getMaxX": "max_x",
            "getWidth": "width",
        },
    ),
    Peak: (
        PeakNames,
        {
            "getId": "id",
            "getFx": "f_x",
            "getFy": "f_y",
            "getIx": "i_x",
            "getIy": "i_y",
            "getF": "position",
            "getI": "pixel",
            "getCentroid": "position",
            "getPeakValue": "value",
        },
    ),
    SpanSet: (
        SpanSetNames,
        {
            "fromShape": "from_shape",
            "fromMask": "from_mask",
            "asArray": "to_array",
            "getArea": "area",
            "getBBox": "bbox",
            "isContiguous": "is_contiguous",
            "computeCentroid": "centroid",
            "computeShape": "shape",
            "overlaps": "intersects",
            "intersectNot": "subtract",
            "shiftedBy": "shifted_by",
            "clippedTo": "clipped_to",
            "findEdgePixels": "find_edges",
            "setMask": "set_mask",
            "clearMask": "clear_mask",
            "setImage": "set_image",
            "copyImage": "copy_image",
        },
    ),
    Footprint: (
        FootprintNames,
        {
            "getSpans": "spans",
            "setSpans": "spans",
            "getPeaks": "peaks",
            "setPeakCatalog": "peaks",
            "getRegion": "region",
            "setRegion": "region",
            "getArea": "area",
            "getNpix": "area",
            "getBBox": "bbox",
            "getCentroid": "centroid",
            "getShape": "shape",
            "isHeavy": "is_heavy",
            "isContiguous": "is_contiguous",
            "addPeak": "add_peak",
            "sortPeaks": "sort_peaks",
            "removeOrphanPeaks": "remove_orphan_peaks",
            "clipTo": "clip",
        },
    ),
    HeavyFootprint: (
        HeavyFootprintNames,
        {
            "getImageArray": "image",
            "getMaskArray": "mask",
            "getVarianceArray": "variance",
            "extractImage": "to_image",
        },
    ),
}
TRIPLES = [(kind, old, new) for kind, (_, names) in SAME.items() for old, new in names.items()]
GIVEN = {"asArray": ((6, 5), (3, 4)), "extractImage": (0.0, None)}
SEEN = {"asArray": (Box(Point2I(3, 4), Extent2I(5, 6)),)}
BOX = Box(Point2I(3, 4), Extent2I(5, 6))


@pytest.mark.parametrize("kind", SAME)
def test_every_gen2_name_is_in_the_table_of_this_test(kind: type) -> None:
    mixin, names = SAME[kind]
    assert {name for name in vars(mixin) if not name.startswith("_")} == set(names)


@pytest.mark.parametrize(("kind", "old", "new"), TRIPLES)
def test_gen2_name_follows_an_override(kind: type, old: str, new: str) -> None:
    seen: list[tuple[object, ...]] = []

    def method(_: object, *args: object) -> object:
        seen.append(args)
        return "result"

    static = inspect.getattr_static(kind, new)
    wrap: object = method
    if isinstance(static, classmethod):
        wrap = classmethod(method)
    elif not callable(static):
        wrap = property(method, method)
    overridden = type("Overridden", (kind,), {new: wrap})
    takes = len(inspect.signature(getattr(kind, old)).parameters)
    takes -= not isinstance(static, classmethod)
    given = GIVEN.get(old, ("X",) * takes)
    result = getattr(overridden.__new__(overridden), old)(*given)
    assert seen == [SEEN.get(old, given)]
    assert result in {"result", None}


def test_gen2_names_give_the_same_values() -> None:
    heavy = HeavyFootprint.from_arrays(
        Footprint(BOX, [(4, 5, 9)]), np.ones(30), np.ones(30, int), np.ones(30)
    )
    peak, span = heavy.peaks[0], next(iter(heavy))
    for thing in (heavy, peak, span, heavy.spans):
        for kind, (_, names) in SAME.items():
            for old, new in names.items():
                if isinstance(thing, kind) and old.startswith(("get", "is", "compute")):
                    first, second = getattr(thing, old)(), getattr(thing, new)
                    assert (
                        np.array_equal(first, second)
                        if kind is HeavyFootprint
                        else (first == second)
                    )


def test_footprints_are_changed_by_their_gen2_names() -> None:
    footprint = Footprint()
    footprint.setSpans(SpanSet(BOX))
    footprint.setRegion(BOX)
    footprint.addPeak(fx=3, fy=4, height=1)
    footprint.addPeak(0, 0, 2)
    footprint.sortPeaks()
    assert [peak.getPeakValue() for peak in footprint.getPeaks()] == [2, 1]
    footprint.removeOrphanPeaks()
    assert [peak.getIx() for peak in footprint.getPeaks()] == [3]
    footprint.clipTo(Box(BOX.min, Extent2I(1, 1)))
    assert footprint.getArea() == 1
    footprint.setPeakCatalog(Footprint().getPeaks())
    assert len(footprint.peaks) == 0


def test_sets_of_pixels_are_made_and_used_by_their_gen2_names() -> None:
    spans = SpanSet.fromShape(2, s=Stencil.BOX, offset=(5, 6))
    mask, image = Mask(BOX), Image(BOX)
    inside = spans.clippedTo(BOX)
    inside.setMask(mask, 2)
    assert SpanSet.fromMask(mask, 2) == inside
    inside.clearMask(mask, 2)
    assert SpanSet.fromMask(mask) == SpanSet()
    inside.setImage(image, 5)
    other = Image(BOX)
    inside.copyImage(image, other)
    assert other == image
    assert spans.shiftedBy(1, 0).overlaps(spans)
    assert spans.intersectNot(spans) == SpanSet()


def test_ellipses_give_sets_of_pixels() -> None:
    ellipse = Ellipse(Axes(5, 3, 0.4), Point2D(10.2, 7.6))
    spans = SpanSet.fromShape(ellipse)
    assert spans == SpanSet.from_ellipse(Quadrupole(ellipse.core), ellipse.center)
    assert abs(spans.getArea() - np.pi * 15) < 8  # of the pixels that the border cuts
    assert spans.asArray().sum() == spans.asArray((20, 30)).sum() == spans.getArea()
    assert spans.asArray((20, 30), Point2I(2, 0))[8, 8]


def test_values_of_a_heavy_footprint_are_taken_out_as_an_image() -> None:
    footprint = Footprint([Span(4, 3, 4), Span(5, 3, 3)], BOX)
    assert footprint.getRegion() == BOX
    pixels = MaskedImage(BOX)
    pixels.image.array[...] = np.arange(30).reshape(BOX.shape)
    image = HeavyFootprint(footprint, pixels).extractImage()
    assert np.array_equal(image.array, [[0, 1], [5, np.nan]], equal_nan=True)
    assert image.bbox == footprint.bbox
    whole = HeavyFootprint(footprint, pixels).extractImage(fill=0, bbox=BOX)
    assert whole.bbox == BOX
    assert whole.array.sum() == 6
    with pytest.raises(BoxError, match="not all in the image"):
        HeavyFootprint(footprint, pixels).to_image(bbox=Box(BOX.min, Extent2I(1, 1)))


def test_peaks_are_read_by_the_names_of_their_columns() -> None:
    peak = Footprint(BOX, [(4, 5, 9)]).getPeaks()[0]
    assert (peak["f_x"], peak["i_y"], peak["peakValue"], peak["id"]) == (4.0, 5, 9.0, 1)
    with pytest.raises(ColumnNotFoundError, match="'f_z'"):
        _ = peak["f_z"]


def test_spans_give_their_pixels() -> None:
    assert list(Span(4, 2, 4)) == [Point2I(2, 4), Point2I(3, 4), Point2I(4, 4)]
