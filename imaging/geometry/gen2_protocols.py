"""What the mixins of Gen2 spellings need of their classes, in geometry and beyond it."""
# ruff: noqa: D101, D102 - members are described where they are defined

from __future__ import annotations

from typing import Protocol, TypeVar

__all__ = [
    "Area",
    "Axes",
    "Bounded",
    "Boxed",
    "Centered",
    "Centring",
    "Clipping",
    "Core",
    "Corners",
    "Distant",
    "Emptiable",
    "Expanding",
    "Extending",
    "Flipping",
    "Growing",
    "HalfOpen",
    "Long",
    "Moments",
    "Negatable",
    "Numbers",
    "Overlapping",
    "Pair",
    "PixelSized",
    "Placed",
    "Range",
    "Shifting",
    "Sized",
]

_Number_co = TypeVar("_Number_co", covariant=True)
_Center = TypeVar("_Center")
_Target = TypeVar("_Target")
_Point_co = TypeVar("_Point_co", covariant=True)
_Center_co = TypeVar("_Center_co", covariant=True)
_Extent_co = TypeVar("_Extent_co", covariant=True)
_Extent_contra = TypeVar("_Extent_contra", contravariant=True)
_Target_contra = TypeVar("_Target_contra", contravariant=True)
_Width_contra = TypeVar("_Width_contra", contravariant=True)
_Matrix_co = TypeVar("_Matrix_co", covariant=True)
_Copy_co = TypeVar("_Copy_co", covariant=True)


class Pair(Protocol[_Number_co]):
    @property
    def x(self) -> _Number_co: ...
    @property
    def y(self) -> _Number_co: ...


class Long(Protocol[_Number_co]):
    @property
    def norm(self) -> float: ...
    @property
    def squared_norm(self) -> _Number_co: ...


class Distant(Protocol[_Target_contra]):
    def distance_squared(self, other: _Target_contra) -> float: ...


class Numbers(Protocol[_Number_co]):
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


class Emptiable(Protocol):
    @property
    def is_empty(self) -> bool: ...


class HalfOpen(Protocol[_Point_co]):
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


class Corners(Protocol[_Point_co]):
    @property
    def min(self) -> _Point_co: ...
    @property
    def max(self) -> _Point_co: ...
    @property
    def corners(self) -> tuple[_Point_co, ...]: ...


class Centered(Protocol[_Center_co]):
    @property
    def center(self) -> _Center_co: ...
    @property
    def center_x(self) -> float: ...
    @property
    def center_y(self) -> float: ...


class Sized(Protocol[_Extent_co]):
    @property
    def dimensions(self) -> _Extent_co: ...


class PixelSized(Sized[_Extent_co], Protocol[_Extent_co]):
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


class Boxed(Protocol[_Copy_co]):
    @property
    def bbox(self) -> _Copy_co: ...


class Centring(Protocol[_Target_contra, _Extent_contra, _Copy_co]):
    @classmethod
    def from_center(cls, center: _Target_contra, size: _Extent_contra) -> _Copy_co: ...


class Negatable(Protocol[_Copy_co]):
    def __neg__(self) -> _Copy_co: ...


class Overlapping(Protocol[_Target_contra]):
    def overlaps(self, other: _Target_contra) -> bool: ...


class Range(Protocol):
    @property
    def begin(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def min(self) -> int: ...
    @property
    def max(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def is_empty(self) -> bool: ...


class Shifting(Protocol[_Extent_contra, _Copy_co]):
    def shifted_by(self, offset: _Extent_contra) -> _Copy_co: ...


class Growing(Protocol[_Extent_contra, _Copy_co]):
    def grown(self, margin: _Extent_contra) -> _Copy_co: ...


class Clipping(Protocol[_Target_contra, _Copy_co]):
    def clipped_to(self, other: _Target_contra, /) -> _Copy_co: ...


class Expanding(Protocol[_Target_contra, _Copy_co]):
    def expanded_to(self, other: _Target_contra) -> _Copy_co: ...


class Flipping(Protocol[_Width_contra]):
    def flip_lr(self, width: _Width_contra) -> None: ...
    def flip_tb(self, height: _Width_contra) -> None: ...


class Core(Protocol):
    @property
    def area(self) -> float: ...
    @property
    def determinant_radius(self) -> float: ...
    @property
    def trace_radius(self) -> float: ...


class Extending(Protocol[_Extent_co]):
    def compute_dimensions(self) -> _Extent_co: ...


class Axes(Protocol):
    a: float
    b: float
    theta: float


class Moments(Protocol[_Matrix_co]):
    ixx: float
    iyy: float
    ixy: float

    @property
    def determinant(self) -> float: ...
    @property
    def matrix(self) -> _Matrix_co: ...


class Placed(Protocol[_Target, _Center]):
    core: _Target
    center: _Center


class Bounded(Protocol[_Copy_co]):
    def compute_bbox(self) -> _Copy_co: ...


class Area(Protocol[_Center]):
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
