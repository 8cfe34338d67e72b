"""The names that users of the LSST stack's second generation know: points, boxes and shapes.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

__all__ = [
    "AxesNames",
    "BoxNames",
    "CoreNames",
    "EllipseNames",
    "ExtentNames",
    "PairNames",
    "PointNames",
    "PolygonNames",
    "QuadrupoleNames",
    "RectangleNames",
]

_Number = TypeVar("_Number", int, float)
_Number_co = TypeVar("_Number_co", covariant=True)
_Point = TypeVar("_Point")
_Center = TypeVar("_Center")
_Extent = TypeVar("_Extent")
_Target = TypeVar("_Target")
_Point_co = TypeVar("_Point_co", covariant=True)
_Center_co = TypeVar("_Center_co", covariant=True)
_Extent_co = TypeVar("_Extent_co", covariant=True)
_Extent_contra = TypeVar("_Extent_contra", contravariant=True)
_Target_contra = TypeVar("_Target_contra", contravariant=True)
_Width = TypeVar("_Width")
_Width_contra = TypeVar("_Width_contra", contravariant=True)
_Matrix = TypeVar("_Matrix")
_Matrix_co = TypeVar("_Matrix_co", covariant=True)
_Copy = TypeVar("_Copy")
_Copy_co = TypeVar("_Copy_co", covariant=True)


class _Pair(Protocol[_Number_co]):
    @property
    def x(self) -> _Number_co: ...
    @property
    def y(self) -> _Number_co: ...


class PairNames(Generic[_Number]):
    """Gen2 spellings of points and extents."""

    __slots__ = ()

    def getX(self: _Pair[_Number]) -> _Number:
        """Return ``x``."""
        return self.x

    def getY(self: _Pair[_Number]) -> _Number:
        """Return ``y``."""
        return self.y


class _Long(Protocol[_Number_co]):
    @property
    def norm(self) -> float: ...
    @property
    def squared_norm(self) -> _Number_co: ...


class ExtentNames(Generic[_Number]):
    """Gen2 spellings of extents alone."""

    __slots__ = ()

    def computeNorm(self: _Long[_Number]) -> float:
        """Return ``norm``."""
        return self.norm

    def computeSquaredNorm(self: _Long[_Number]) -> _Number:
        """Return ``squared_norm``."""
        return self.squared_norm


class _Distant(Protocol[_Target_contra]):
    def distance_squared(self, other: _Target_contra) -> float: ...


class PointNames(Generic[_Number]):
    """Gen2 spellings of points alone."""

    __slots__ = ()

    def distanceSquared(self: _Distant[_Target], other: _Target) -> float:
        """Call ``distance_squared``."""
        return self.distance_squared(other)


class _Numbers(Protocol[_Number_co]):
    @property
    def min_x(self) -> _Number_co: ...
    @property
    def min_y(self) -> _Number_co: ...
    @property
    def max_x(self) -> _Number_co: ...
    @property
    def max_y(self) -> _Number_co: ...
    @property
    def width(self) -> _Number_co: ...
    @property
    def height(self) -> _Number_co: ...
    @property
    def area(self) -> _Number_co: ...


class _Emptiable(Protocol):
    @property
    def is_empty(self) -> bool: ...


class _HalfOpen(Protocol[_Point_co]):
    @property
    def begin(self) -> _Point_co: ...
    @property
    def end(self) -> _Point_co: ...
    @property
    def begin_x(self) -> int: ...
    @property
    def begin_y(self) -> int: ...
    @property
    def end_x(self) -> int: ...
    @property
    def end_y(self) -> int: ...
    def slices(self, origin: tuple[int, int] = (0, 0)) -> tuple[slice, slice]: ...


class _Corners(Protocol[_Point_co]):
    @property
    def min(self) -> _Point_co: ...
    @property
    def max(self) -> _Point_co: ...
    @property
    def corners(self) -> tuple[_Point_co, ...]: ...


class _Centered(Protocol[_Center_co]):
    @property
    def center(self) -> _Center_co: ...
    @property
    def center_x(self) -> float: ...
    @property
    def center_y(self) -> float: ...


class _Sized(Protocol[_Extent_co]):
    @property
    def dimensions(self) -> _Extent_co: ...


class _Shifting(Protocol[_Extent_contra, _Copy_co]):
    def shifted_by(self, offset: _Extent_contra) -> _Copy_co: ...


class _Growing(Protocol[_Extent_contra, _Copy_co]):
    def grown(self, margin: _Extent_contra) -> _Copy_co: ...


class _Clipping(Protocol[_Target_contra, _Copy_co]):
    def clipped_to(self, other: _Target_contra) -> _Copy_co: ...


class _Expanding(Protocol[_Target_contra, _Copy_co]):
    def expanded_to(self, other: _Target_contra) -> _Copy_co: ...


class _Flipping(Protocol[_Width_contra]):
    def flip_lr(self, width: _Width_contra) -> None: ...
    def flip_tb(self, height: _Width_contra) -> None: ...


class RectangleNames(Generic[_Number]):
    """Gen2 spellings that `Box` and `Box2D` have in common."""

    __slots__ = ()

    def getMin(self: _Corners[_Point]) -> _Point:
        """Return ``min``."""
        return self.min

    def getMinX(self: _Numbers[_Number]) -> _Number:
        """Return ``min_x``."""
        return self.min_x

    def getMinY(self: _Numbers[_Number]) -> _Number:
        """Return ``min_y``."""
        return self.min_y

    def getMax(self: _Corners[_Point]) -> _Point:
        """Return ``max``."""
        return self.max

    def getMaxX(self: _Numbers[_Number]) -> _Number:
        """Return ``max_x``."""
        return self.max_x

    def getMaxY(self: _Numbers[_Number]) -> _Number:
        """Return ``max_y``."""
        return self.max_y

    def getDimensions(self: _Sized[_Extent]) -> _Extent:
        """Return ``dimensions``."""
        return self.dimensions

    def getWidth(self: _Numbers[_Number]) -> _Number:
        """Return ``width``."""
        return self.width

    def getHeight(self: _Numbers[_Number]) -> _Number:
        """Return ``height``."""
        return self.height

    def getArea(self: _Numbers[_Number]) -> _Number:
        """Return ``area``."""
        return self.area

    def getCenter(self: _Centered[_Center]) -> _Center:
        """Return ``center``."""
        return self.center

    def getCenterX(self: _Centered[_Center]) -> float:
        """Return ``center_x``."""
        return self.center_x

    def getCenterY(self: _Centered[_Center]) -> float:
        """Return ``center_y``."""
        return self.center_y

    def getCorners(self: _Corners[_Point]) -> tuple[_Point, ...]:
        """Return ``corners``."""
        return self.corners

    def isEmpty(self: _Emptiable) -> bool:
        """Return ``is_empty``."""
        return self.is_empty

    def dilatedBy(self: _Growing[_Extent, _Copy], margin: _Extent) -> _Copy:
        """Call ``grown``."""
        return self.grown(margin)

    def shiftedBy(self: _Shifting[_Extent, _Copy], offset: _Extent) -> _Copy:
        """Call ``shifted_by``."""
        return self.shifted_by(offset)

    def clippedTo(self: _Clipping[_Target, _Copy], other: _Target) -> _Copy:
        """Call ``clipped_to``."""
        return self.clipped_to(other)

    def expandedTo(self: _Expanding[_Target, _Copy], other: _Target) -> _Copy:
        """Call ``expanded_to``."""
        return self.expanded_to(other)

    def flipLR(self: _Flipping[_Width], width: _Width) -> None:
        """Call ``flip_lr``."""
        self.flip_lr(width)

    def flipTB(self: _Flipping[_Width], height: _Width) -> None:
        """Call ``flip_tb``."""
        self.flip_tb(height)


class BoxNames:
    """Gen2 spellings of `imaging.geometry.box.Box` alone."""

    __slots__ = ()

    def getBegin(self: _HalfOpen[_Point]) -> _Point:
        """Return ``begin``."""
        return self.begin

    def getBeginX(self: _HalfOpen[_Point]) -> int:
        """Return ``begin_x``."""
        return self.begin_x

    def getBeginY(self: _HalfOpen[_Point]) -> int:
        """Return ``begin_y``."""
        return self.begin_y

    def getEnd(self: _HalfOpen[_Point]) -> _Point:
        """Return ``end``."""
        return self.end

    def getEndX(self: _HalfOpen[_Point]) -> int:
        """Return ``end_x``."""
        return self.end_x

    def getEndY(self: _HalfOpen[_Point]) -> int:
        """Return ``end_y``."""
        return self.end_y

    def getSlices(self: _HalfOpen[_Point], origin: tuple[int, int] = (0, 0)) -> tuple[slice, slice]:
        """Call ``slices``."""
        return self.slices(origin)


class _Core(Protocol):
    @property
    def area(self) -> float: ...
    @property
    def determinant_radius(self) -> float: ...
    @property
    def trace_radius(self) -> float: ...


class _Extending(Protocol[_Extent_co]):
    def compute_dimensions(self) -> _Extent_co: ...


class CoreNames:
    """Gen2 spellings that all kinds of ellipse have in common."""

    __slots__ = ()

    def getArea(self: _Core) -> float:
        """Return ``area``."""
        return self.area

    def getDeterminantRadius(self: _Core) -> float:
        """Return ``determinant_radius``."""
        return self.determinant_radius

    def getTraceRadius(self: _Core) -> float:
        """Return ``trace_radius``."""
        return self.trace_radius

    def computeDimensions(self: _Extending[_Extent]) -> _Extent:
        """Call ``compute_dimensions``."""
        return self.compute_dimensions()


class _Axes(Protocol):
    a: float
    b: float
    theta: float


class AxesNames(CoreNames):
    """Gen2 spellings of `imaging.geometry.ellipses.Axes`."""

    __slots__ = ()

    def getA(self: _Axes) -> float:
        """Return ``a``."""
        return self.a

    def setA(self: _Axes, a: float) -> None:
        """Set ``a``."""
        self.a = a

    def getB(self: _Axes) -> float:
        """Return ``b``."""
        return self.b

    def setB(self: _Axes, b: float) -> None:
        """Set ``b``."""
        self.b = b

    def getTheta(self: _Axes) -> float:
        """Return ``theta``."""
        return self.theta

    def setTheta(self: _Axes, theta: float) -> None:
        """Set ``theta``."""
        self.theta = theta


class _Moments(Protocol[_Matrix_co]):
    ixx: float
    iyy: float
    ixy: float

    @property
    def determinant(self) -> float: ...
    @property
    def matrix(self) -> _Matrix_co: ...


class QuadrupoleNames(CoreNames):
    """Gen2 spellings of `imaging.geometry.ellipses.Quadrupole`."""

    __slots__ = ()

    def getIxx(self: _Moments[_Matrix]) -> float:
        """Return ``ixx``."""
        return self.ixx

    def setIxx(self: _Moments[_Matrix], ixx: float) -> None:
        """Set ``ixx``."""
        self.ixx = ixx

    def getIyy(self: _Moments[_Matrix]) -> float:
        """Return ``iyy``."""
        return self.iyy

    def setIyy(self: _Moments[_Matrix], iyy: float) -> None:
        """Set ``iyy``."""
        self.iyy = iyy

    def getIxy(self: _Moments[_Matrix]) -> float:
        """Return ``ixy``."""
        return self.ixy

    def setIxy(self: _Moments[_Matrix], ixy: float) -> None:
        """Set ``ixy``."""
        self.ixy = ixy

    def getDeterminant(self: _Moments[_Matrix]) -> float:
        """Return ``determinant``."""
        return self.determinant

    def getMatrix(self: _Moments[_Matrix]) -> _Matrix:
        """Return ``matrix``."""
        return self.matrix


class _Placed(Protocol[_Target, _Center]):
    core: _Target
    center: _Center


class _Bounded(Protocol[_Copy_co]):
    def compute_bbox(self) -> _Copy_co: ...


class EllipseNames:
    """Gen2 spellings of `imaging.geometry.ellipses.Ellipse`."""

    __slots__ = ()

    def getCore(self: _Placed[_Target, _Center]) -> _Target:
        """Return ``core``."""
        return self.core

    def getCenter(self: _Placed[_Target, _Center]) -> _Center:
        """Return ``center``."""
        return self.center

    def computeBBox(self: _Bounded[_Copy]) -> _Copy:
        """Call ``compute_bbox``."""
        return self.compute_bbox()


class _Area(Protocol[_Center, _Copy_co]):
    @property
    def area(self) -> float: ...
    @property
    def perimeter(self) -> float: ...
    @property
    def edge_count(self) -> int: ...
    @property
    def centroid(self) -> _Center: ...
    @property
    def points(self) -> list[_Center]: ...
    @property
    def bbox(self) -> _Copy_co: ...


class PolygonNames:
    """Gen2 spellings of `imaging.geometry.polygon.Polygon`."""

    __slots__ = ()

    def calculateArea(self: _Area[_Center, _Copy]) -> float:
        """Return ``area``."""
        return self.area

    def calculatePerimeter(self: _Area[_Center, _Copy]) -> float:
        """Return ``perimeter``."""
        return self.perimeter

    def calculateCenter(self: _Area[_Center, _Copy]) -> _Center:
        """Return ``centroid``."""
        return self.centroid

    def getNumEdges(self: _Area[_Center, _Copy]) -> int:
        """Return ``edge_count``."""
        return self.edge_count

    def getVertices(self: _Area[_Center, _Copy]) -> list[_Center]:
        """Return ``points``."""
        return self.points

    def getBBox(self: _Area[_Center, _Copy]) -> _Copy:
        """Return ``bbox``."""
        return self.bbox
