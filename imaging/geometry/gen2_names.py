"""The names that users of the LSST stack's second generation know: points, boxes and shapes.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol of `imaging.geometry.gen2_protocols`, because the
class imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from imaging.geometry.gen2_protocols import (
        Area,
        Axes,
        Bounded,
        Boxed,
        Centered,
        Centring,
        Clipping,
        Core,
        Corners,
        Distant,
        Emptiable,
        Expanding,
        Extending,
        Flipping,
        Growing,
        HalfOpen,
        Long,
        Moments,
        Negatable,
        Numbers,
        Overlapping,
        Pair,
        Placed,
        Range,
        Shifting,
        Sized,
    )

__all__ = [
    "AxesNames",
    "BoxNames",
    "CoreNames",
    "EllipseNames",
    "ExtentNames",
    "IntervalNames",
    "PairNames",
    "PointNames",
    "PolygonNames",
    "QuadrupoleNames",
    "RectangleNames",
]

_Number = TypeVar("_Number", int, float)
_Point = TypeVar("_Point")
_Center = TypeVar("_Center")
_Extent = TypeVar("_Extent")
_Target = TypeVar("_Target")
_Width = TypeVar("_Width")
_Matrix = TypeVar("_Matrix")
_Copy = TypeVar("_Copy")
_Center_contra = TypeVar("_Center_contra", contravariant=True)
_Extent_contra = TypeVar("_Extent_contra", contravariant=True)


class PairNames(Generic[_Number]):
    """Gen2 spellings of points and extents."""

    __slots__ = ()

    def getX(self: Pair[_Number]) -> _Number:
        """Return ``x``."""
        return self.x

    def getY(self: Pair[_Number]) -> _Number:
        """Return ``y``."""
        return self.y


class ExtentNames(Generic[_Number]):
    """Gen2 spellings of extents alone."""

    __slots__ = ()

    def computeNorm(self: Long[_Number]) -> float:
        """Return ``norm``."""
        return self.norm

    def computeSquaredNorm(self: Long[_Number]) -> _Number:
        """Return ``squared_norm``."""
        return self.squared_norm


class PointNames(Generic[_Number]):
    """Gen2 spellings of points alone."""

    __slots__ = ()

    def distanceSquared(self: Distant[_Target], other: _Target) -> float:
        """Call ``distance_squared``."""
        return self.distance_squared(other)


class RectangleNames(Generic[_Number]):
    """Gen2 spellings that `Box` and `Box2D` have in common."""

    __slots__ = ()

    def getMin(self: Corners[_Point]) -> _Point:
        """Return ``min``."""
        return self.min

    def getMinX(self: Numbers[_Number]) -> _Number:
        """Return ``min_x``."""
        return self.min_x

    def getMinY(self: Numbers[_Number]) -> _Number:
        """Return ``min_y``."""
        return self.min_y

    def getMax(self: Corners[_Point]) -> _Point:
        """Return ``max``."""
        return self.max

    def getMaxX(self: Numbers[_Number]) -> _Number:
        """Return ``max_x``."""
        return self.max_x

    def getMaxY(self: Numbers[_Number]) -> _Number:
        """Return ``max_y``."""
        return self.max_y

    def getDimensions(self: Sized[_Extent]) -> _Extent:
        """Return ``dimensions``."""
        return self.dimensions

    def getWidth(self: Numbers[_Number]) -> _Number:
        """Return ``width``."""
        return self.width

    def getHeight(self: Numbers[_Number]) -> _Number:
        """Return ``height``."""
        return self.height

    def getArea(self: Numbers[_Number]) -> _Number:
        """Return ``area``."""
        return self.area

    def getCenter(self: Centered[_Center]) -> _Center:
        """Return ``center``."""
        return self.center

    def getCenterX(self: Centered[_Center]) -> float:
        """Return ``center_x``."""
        return self.center_x

    def getCenterY(self: Centered[_Center]) -> float:
        """Return ``center_y``."""
        return self.center_y

    def getCorners(self: Corners[_Point]) -> tuple[_Point, ...]:
        """Return ``corners``."""
        return self.corners

    def isEmpty(self: Emptiable) -> bool:
        """Return ``is_empty``."""
        return self.is_empty

    def dilatedBy(self: Growing[_Extent, _Copy], margin: _Extent) -> _Copy:
        """Call ``grown``."""
        return self.grown(margin)

    def shiftedBy(self: Shifting[_Extent, _Copy], offset: _Extent) -> _Copy:
        """Call ``shifted_by``."""
        return self.shifted_by(offset)

    def clippedTo(self: Clipping[_Target, _Copy], other: _Target) -> _Copy:
        """Call ``clipped_to``."""
        return self.clipped_to(other)

    def expandedTo(self: Expanding[_Target, _Copy], other: _Target) -> _Copy:
        """Call ``expanded_to``."""
        return self.expanded_to(other)

    def erodedBy(self: Growing[_Target, _Copy], margin: Negatable[_Target]) -> _Copy:
        """Call ``grown`` with the negative margin."""
        return self.grown(-margin)

    def intersects(self: Overlapping[_Target], other: _Target) -> bool:
        """Call ``overlaps``."""
        return self.overlaps(other)

    def isDisjointFrom(self: Overlapping[_Target], other: _Target) -> bool:
        """Return the contrary of ``overlaps``."""
        return not self.overlaps(other)

    @classmethod
    def makeCenteredBox(
        cls: type[Centring[_Center_contra, _Extent_contra, _Copy]],
        center: _Center_contra,
        size: _Extent_contra,
    ) -> _Copy:
        """Call ``from_center``."""
        return cls.from_center(center, size)

    @property
    def minX(self: Numbers[_Number]) -> _Number:
        """Return ``min_x``."""
        return self.min_x

    @property
    def minY(self: Numbers[_Number]) -> _Number:
        """Return ``min_y``."""
        return self.min_y

    @property
    def maxX(self: Numbers[_Number]) -> _Number:
        """Return ``max_x``."""
        return self.max_x

    @property
    def maxY(self: Numbers[_Number]) -> _Number:
        """Return ``max_y``."""
        return self.max_y

    @property
    def centerX(self: Centered[_Center]) -> float:
        """Return ``center_x``."""
        return self.center_x

    @property
    def centerY(self: Centered[_Center]) -> float:
        """Return ``center_y``."""
        return self.center_y

    def flipLR(self: Flipping[_Width], width: _Width) -> None:
        """Call ``flip_lr``."""
        self.flip_lr(width)

    def flipTB(self: Flipping[_Width], height: _Width) -> None:
        """Call ``flip_tb``."""
        self.flip_tb(height)


class BoxNames:
    """Gen2 spellings of `imaging.geometry.box.Box` alone."""

    __slots__ = ()

    def getBegin(self: HalfOpen[_Point]) -> _Point:
        """Return ``begin``."""
        return self.begin

    def getBeginX(self: HalfOpen[_Point]) -> int:
        """Return ``begin_x``."""
        return self.begin_x

    def getBeginY(self: HalfOpen[_Point]) -> int:
        """Return ``begin_y``."""
        return self.begin_y

    def getEnd(self: HalfOpen[_Point]) -> _Point:
        """Return ``end``."""
        return self.end

    def getEndX(self: HalfOpen[_Point]) -> int:
        """Return ``end_x``."""
        return self.end_x

    def getEndY(self: HalfOpen[_Point]) -> int:
        """Return ``end_y``."""
        return self.end_y

    @property
    def beginX(self: HalfOpen[_Point]) -> int:
        """Return ``begin_x``."""
        return self.begin_x

    @property
    def beginY(self: HalfOpen[_Point]) -> int:
        """Return ``begin_y``."""
        return self.begin_y

    @property
    def endX(self: HalfOpen[_Point]) -> int:
        """Return ``end_x``."""
        return self.end_x

    @property
    def endY(self: HalfOpen[_Point]) -> int:
        """Return ``end_y``."""
        return self.end_y

    def getSlices(self: HalfOpen[_Point], origin: tuple[int, int] = (0, 0)) -> tuple[slice, slice]:
        """Call ``slices``."""
        return self.slices(origin)


class IntervalNames:
    """Gen2 spellings of `imaging.geometry.interval.Interval`."""

    __slots__ = ()

    def getMin(self: Range) -> int:
        """Return ``min``."""
        return self.min

    def getMax(self: Range) -> int:
        """Return ``max``."""
        return self.max

    def getBegin(self: Range) -> int:
        """Return ``begin``."""
        return self.begin

    def getEnd(self: Range) -> int:
        """Return ``end``."""
        return self.end

    def getSize(self: Range) -> int:
        """Return ``size``."""
        return self.size

    def isEmpty(self: Range) -> bool:
        """Return ``is_empty``."""
        return self.is_empty


class CoreNames:
    """Gen2 spellings that all kinds of ellipse have in common."""

    __slots__ = ()

    def getArea(self: Core) -> float:
        """Return ``area``."""
        return self.area

    def getDeterminantRadius(self: Core) -> float:
        """Return ``determinant_radius``."""
        return self.determinant_radius

    def getTraceRadius(self: Core) -> float:
        """Return ``trace_radius``."""
        return self.trace_radius

    def computeDimensions(self: Extending[_Extent]) -> _Extent:
        """Call ``compute_dimensions``."""
        return self.compute_dimensions()


class AxesNames(CoreNames):
    """Gen2 spellings of `imaging.geometry.ellipses.Axes`."""

    __slots__ = ()

    def getA(self: Axes) -> float:
        """Return ``a``."""
        return self.a

    def setA(self: Axes, a: float) -> None:
        """Set ``a``."""
        self.a = a

    def getB(self: Axes) -> float:
        """Return ``b``."""
        return self.b

    def setB(self: Axes, b: float) -> None:
        """Set ``b``."""
        self.b = b

    def getTheta(self: Axes) -> float:
        """Return ``theta``."""
        return self.theta

    def setTheta(self: Axes, theta: float) -> None:
        """Set ``theta``."""
        self.theta = theta


class QuadrupoleNames(CoreNames):
    """Gen2 spellings of `imaging.geometry.ellipses.Quadrupole`."""

    __slots__ = ()

    def getIxx(self: Moments[_Matrix]) -> float:
        """Return ``ixx``."""
        return self.ixx

    def setIxx(self: Moments[_Matrix], ixx: float) -> None:
        """Set ``ixx``."""
        self.ixx = ixx

    def getIyy(self: Moments[_Matrix]) -> float:
        """Return ``iyy``."""
        return self.iyy

    def setIyy(self: Moments[_Matrix], iyy: float) -> None:
        """Set ``iyy``."""
        self.iyy = iyy

    def getIxy(self: Moments[_Matrix]) -> float:
        """Return ``ixy``."""
        return self.ixy

    def setIxy(self: Moments[_Matrix], ixy: float) -> None:
        """Set ``ixy``."""
        self.ixy = ixy

    def getDeterminant(self: Moments[_Matrix]) -> float:
        """Return ``determinant``."""
        return self.determinant

    def getMatrix(self: Moments[_Matrix]) -> _Matrix:
        """Return ``matrix``."""
        return self.matrix


class EllipseNames:
    """Gen2 spellings of `imaging.geometry.ellipses.Ellipse`."""

    __slots__ = ()

    def getCore(self: Placed[_Target, _Center]) -> _Target:
        """Return ``core``."""
        return self.core

    def getCenter(self: Placed[_Target, _Center]) -> _Center:
        """Return ``center``."""
        return self.center

    def computeBBox(self: Bounded[_Copy]) -> _Copy:
        """Call ``compute_bbox``."""
        return self.compute_bbox()


class PolygonNames:
    """Gen2 spellings of `imaging.geometry.polygon.Polygon`."""

    __slots__ = ()

    def calculateArea(self: Area[_Center]) -> float:
        """Return ``area``."""
        return self.area

    def calculatePerimeter(self: Area[_Center]) -> float:
        """Return ``perimeter``."""
        return self.perimeter

    def calculateCenter(self: Area[_Center]) -> _Center:
        """Return ``centroid``."""
        return self.centroid

    def getNumEdges(self: Area[_Center]) -> int:
        """Return ``edge_count``."""
        return self.edge_count

    def getVertices(self: Area[_Center]) -> list[_Center]:
        """Return ``points``."""
        return self.points

    def getBBox(self: Boxed[_Copy]) -> _Copy:
        """Return ``bbox``."""
        return self.bbox
