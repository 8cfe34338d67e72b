"""Gen2 spellings give what the names of geometry give, also when those are overridden."""

from __future__ import annotations

import inspect

import pytest

from imaging.geometry import gen2_names
from imaging.geometry.box import Box
from imaging.geometry.ellipses import Axes, Ellipse, Quadrupole
from imaging.geometry.interval import Interval
from imaging.geometry.points import Extent2D, Extent2I, Point2D, Point2I
from imaging.geometry.polygon import Polygon
from imaging.geometry.real_box import Box2D

PROPERTIES = {
    "minX": "min_x",
    "minY": "min_y",
    "maxX": "max_x",
    "maxY": "max_y",
    "centerX": "center_x",
    "centerY": "center_y",
    "beginX": "begin_x",
    "beginY": "begin_y",
    "endX": "end_x",
    "endY": "end_y",
}
OTHERS = {"erodedBy", "makeCenteredBox", "intersects", "isDisjointFrom"}
PAIR = {"getX": "x", "getY": "y"}
EXTENT = {**PAIR, "computeNorm": "norm", "computeSquaredNorm": "squared_norm"}
POINT = {**PAIR, "distanceSquared": "distance_squared"}
RECTANGLE = {
    "getMin": "min",
    "getMinX": "min_x",
    "getMinY": "min_y",
    "getMax": "max",
    "getMaxX": "max_x",
    "getMaxY": "max_y",
    "getDimensions": "dimensions",
    "getWidth": "width",
    "getHeight": "height",
    "getArea": "area",
    "getCenter": "center",
    "getCenterX": "center_x",
    "getCenterY": "center_y",
    "getCorners": "corners",
    "isEmpty": "is_empty",
    "dilatedBy": "grown",
    "shiftedBy": "shifted_by",
    "clippedTo": "clipped_to",
    "expandedTo": "expanded_to",
    "flipLR": "flip_lr",
    "flipTB": "flip_tb",
}
BOX = {
    **RECTANGLE,
    "getBegin": "begin",
    "getBeginX": "begin_x",
    "getBeginY": "begin_y",
    "getEnd": "end",
    "getEndX": "end_x",
    "getEndY": "end_y",
    "getSlices": "slices",
}
CORE = {
    "getArea": "area",
    "getDeterminantRadius": "determinant_radius",
    "getTraceRadius": "trace_radius",
    "computeDimensions": "compute_dimensions",
}
SAME: dict[type, dict[str, str]] = {
    Extent2I: EXTENT,
    Extent2D: EXTENT,
    Point2I: POINT,
    Point2D: POINT,
    Box: BOX,
    Interval: {
        "getMin": "min",
        "getMax": "max",
        "getBegin": "begin",
        "getEnd": "end",
        "getSize": "size",
        "isEmpty": "is_empty",
    },
    Box2D: RECTANGLE,
    Axes: {**CORE, "getA": "a", "getB": "b", "getTheta": "theta"},
    Quadrupole: {
        **CORE,
        "getIxx": "ixx",
        "getIyy": "iyy",
        "getIxy": "ixy",
        "getDeterminant": "determinant",
        "getMatrix": "matrix",
    },
    Ellipse: {"getCore": "core", "getCenter": "center", "computeBBox": "compute_bbox"},
    Polygon: {
        "calculateArea": "area",
        "calculatePerimeter": "perimeter",
        "calculateCenter": "centroid",
        "getNumEdges": "edge_count",
        "getVertices": "points",
        "getBBox": "bbox",
    },
}
SETTERS = {"setA", "setB", "setTheta", "setIxx", "setIyy", "setIxy"}
PAIRS = [(kind, old, new) for kind, names in SAME.items() for old, new in names.items()]
METHODS = [case for case in PAIRS if inspect.isfunction(inspect.getattr_static(case[0], case[2]))]


def test_every_gen2_name_is_in_the_table_of_this_test() -> None:
    mixins = [getattr(gen2_names, name) for name in gen2_names.__all__]
    names = {name for mixin in mixins for name in vars(mixin) if name[0].islower()}
    assert names == {old for _, old, _ in PAIRS} | SETTERS | OTHERS | set(PROPERTIES)


@pytest.mark.parametrize(("kind", "old", "new"), PAIRS)
def test_gen2_name_follows_an_override(kind: type, old: str, new: str) -> None:
    seen: list[tuple[object, ...]] = []

    def method(_: object, *args: object) -> object:
        seen.append(args)
        return "result"

    is_method = (kind, old, new) in METHODS
    members = {new: method if is_method else property(method), "__len__": lambda _: 0}
    instance = type("Overridden", (kind,), members)
    made = instance.__new__(instance)
    takes = len(inspect.signature(getattr(kind, old)).parameters) - 1
    result = getattr(made, old)(*("X",) * takes)
    assert seen == [("X",) * takes]
    assert result == (None if old.startswith("flip") else "result")


@pytest.mark.parametrize(("kind", "old", "new"), METHODS)
def test_gen2_method_has_the_parameters_of_the_other(kind: type, old: str, new: str) -> None:
    assert list(inspect.signature(getattr(kind, old)).parameters) == list(
        inspect.signature(getattr(kind, new)).parameters
    )


@pytest.mark.parametrize(
    "made",
    [
        Extent2I(3, 4),
        Point2D(3, 4),
        Box(Point2I(2, 3), Extent2I(4, 5)),
        Box2D(Point2D(2.5, 3), Extent2D(4, 5)),
        Interval(3, 7),
        Axes(3, 2, 1),
        Polygon([Point2I(0, 0), Point2I(4, 0), Point2I(4, 2)]),
    ],
)
def test_gen2_names_give_the_same_values(made: object) -> None:
    names = SAME[type(made)]
    compared = [(old, new) for old, new in names.items() if (type(made), old, new) not in METHODS]
    assert compared
    for old, new in compared:
        assert getattr(made, old)() == getattr(made, new)


def test_setters_of_ellipses_change_them() -> None:
    axes, moments = Axes(1, 1, 0), Quadrupole(1, 1, 0)
    axes.setA(3)
    axes.setB(2)
    axes.setTheta(0.5)
    moments.setIxx(3)
    moments.setIyy(2)
    moments.setIxy(0.5)
    assert axes == Axes(3, 2, 0.5)
    assert moments == Quadrupole(3, 2, 0.5)


def test_boxes_of_gen2_are_made_with_its_keywords() -> None:
    low, high, size = Point2I(1, 2), Point2I(4, 6), Extent2I(4, 5)
    assert Box(minimum=low, maximum=high) == Box(corner=low, dimensions=size) == Box(low, high)
    real = Box2D(Point2D(1, 2), Point2D(5, 7))
    assert Box2D(minimum=Point2D(1, 2), maximum=Point2D(5, 7)) == real
    assert Box2D(corner=Point2D(1, 2), dimensions=Extent2D(4, 5)) == real
    assert Box(real, Box.SHRINK) == Box(Point2I(2, 3), Point2I(4, 6))
    assert Box(real, Box.EXPAND) == Box(real)


@pytest.mark.parametrize(("old", "new"), PROPERTIES.items())
def test_sides_are_properties_too(old: str, new: str) -> None:
    for kind in (Box, Box2D) if hasattr(Box2D, old) else (Box,):
        overridden = type("Overridden", (kind,), {new: property(lambda _: "result")})
        assert getattr(overridden.__new__(overridden), old) == "result"


def test_boxes_of_gen2_shrink_and_meet() -> None:
    box, real = Box(Point2I(1, 2), Extent2I(8, 6)), Box2D(Point2D(1, 2), Extent2D(8, 6))
    assert box.erodedBy(1) == box.erodedBy(Extent2I(1, 1)) == Box(Point2I(2, 3), Extent2I(6, 4))
    assert real.erodedBy(0.5) == Box2D(Point2D(1.5, 2.5), Extent2D(7, 5))
    assert box.intersects(Box(Point2I(8, 7), Extent2I(1, 1)))
    assert box.isDisjointFrom(Box(Point2I(9, 7), Extent2I(1, 1)))
    assert not real.isDisjointFrom(real)


@pytest.mark.parametrize(
    ("center", "size", "first"),
    [((10, 10), (5, 5), (8, 8)), ((10.5, 9.4), (4, 4), (9, 8)), ((10, 10), (4, 3), (9, 9))],
)
def test_boxes_are_centred_as_in_the_stack(
    center: tuple[float, float], size: tuple[int, int], first: tuple[int, int]
) -> None:
    made = Box.makeCenteredBox(Point2D(center), Extent2I(size))
    assert made == Box(Point2I(first), Extent2I(size))
