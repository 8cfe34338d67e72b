"""Polygons in pixel coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.geometry.box import Box
from imaging.geometry.gen2_names import PolygonNames
from imaging.geometry.points import Point2D, Point2I
from imaging.geometry.real_box import Box2D

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Polygon"]

_CORNERS = 3  # the least number of them


class Polygon(PolygonNames):
    """An area with straight edges that do not cross each other; it does not change.

    Parameters
    ----------
    vertices
        The corners in their order, either way round: points, or an array of
        shape (n, 2) with x before y. The first is not repeated at the end (if
        it is, that is dropped). Or a box: that of pixels is taken with the
        whole area of its pixels.

    Raises
    ------
    ParameterValueError
        If there are less than three corners, one is not finite, or the area is 0.

    Notes
    -----
    A position on a left or lower edge is inside, one on a right or upper edge
    is not, so that polygons side by side share no position.
    """

    __slots__ = ("_vertices",)

    def __init__(
        self, vertices: Box | Box2D | Iterable[Point2D | Point2I] | NDArray[np.floating]
    ) -> None:
        self._vertices = _checked(vertices)
        self._vertices.flags.writeable = False

    @property
    def vertices(self) -> NDArray[np.float64]:
        """The corners, shape (n, 2), x before y; read only."""
        return self._vertices

    @property
    def points(self) -> list[Point2D]:
        """The corners as points."""
        return [Point2D(x, y) for x, y in self._vertices]

    @property
    def edge_count(self) -> int:
        """Number of edges, which is that of corners."""
        return len(self._vertices)

    @property
    def area(self) -> float:
        """The area, in square pixels."""
        return abs(_signed_area(self._vertices))

    @property
    def perimeter(self) -> float:
        """The length of all edges, in pixels."""
        steps = np.roll(self._vertices, -1, axis=0) - self._vertices
        return float(np.hypot(*steps.T).sum())

    @property
    def centroid(self) -> Point2D:
        """The centre of mass."""
        reference = self._vertices[0]  # differences lose no digits far from the origin
        begin = self._vertices - reference
        end = np.roll(begin, -1, axis=0)
        cross = begin[:, 0] * end[:, 1] - end[:, 0] * begin[:, 1]
        x, y = reference + ((begin + end) * cross[:, None]).sum(axis=0) / (3 * cross.sum())
        return Point2D(x, y)

    @property
    def bbox(self) -> Box2D:
        """The smallest box round it."""
        return Box2D(Point2D(*self._vertices.min(axis=0)), Point2D(*self._vertices.max(axis=0)))

    @property
    def is_convex(self) -> bool:
        """Whether no corner points inwards."""
        steps = np.roll(self._vertices, -1, axis=0) - self._vertices
        following = np.roll(steps, -1, axis=0)
        turns = steps[:, 0] * following[:, 1] - steps[:, 1] * following[:, 0]
        return bool(np.all(turns >= 0) or np.all(turns <= 0))

    @overload
    def contains(self, x: Point2D | Point2I) -> bool: ...
    @overload
    def contains(self, x: float, y: float) -> bool: ...
    @overload
    def contains(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.bool_] | bool: ...
    def contains(
        self, x: Point2D | Point2I | ArrayLike, y: ArrayLike | None = None
    ) -> NDArray[np.bool_] | bool:
        """Return whether positions are inside.

        Parameters
        ----------
        x, y
            Coordinates, as numbers or as arrays that fit each other; or one
            point alone. NaN is outside.
        """
        if isinstance(x, Point2D | Point2I):
            x, y = x
        if y is None:
            raise ParameterTypeError("contains() takes a point, or x and y.")
        px, py = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        inside = np.zeros(px.shape, bool)
        for (x0, y0), (x1, y1) in zip(
            self._vertices, np.roll(self._vertices, -1, axis=0), strict=True
        ):
            if y0 != y1:
                if y0 > y1:  # shared by two polygons, an edge is computed in one way only
                    x0, y0, x1, y1 = x1, y1, x0, y0  # noqa: PLW2901 - the same edge, turned round
                beside = (y0 <= py) & (py < y1)
                inside ^= beside & (px < x0 + (py - y0) * ((x1 - x0) / (y1 - y0)))
        return inside if inside.ndim else bool(inside)

    def overlaps(self, other: Polygon | Box | Box2D) -> bool:
        """Return whether there is an area in common with a convex polygon or a box."""
        return self.clipped_to(other) is not None

    def clipped_to(self, other: Polygon | Box | Box2D) -> Polygon | None:
        """Return what lies in both, None if that has no area.

        Parameters
        ----------
        other
            A box or a convex polygon.

        Raises
        ------
        ParameterValueError
            If ``other`` is not convex; this polygon need not be.

        Notes
        -----
        Sutherland & Hodgman (1974), Comm. ACM 17, 32. Where a polygon that is
        not convex falls apart, its parts stay connected by edges that lie upon
        each other.
        """
        region = other if isinstance(other, Polygon) else _as_polygon(other)
        if region is None:
            return None
        if not region.is_convex:
            raise ParameterValueError("A polygon can be clipped to a convex one only.")
        corners = region.vertices if _signed_area(region.vertices) > 0 else region.vertices[::-1]
        left = self._vertices
        for begin, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            left = _left_of(left, begin, end)
            if len(left) < _CORNERS:
                return None
        return Polygon(left) if abs(_signed_area(left)) > 0 else None

    def transformed(
        self,
        transform: Callable[
            [NDArray[np.float64], NDArray[np.float64]], tuple[ArrayLike, ArrayLike]
        ],
    ) -> Polygon:
        """Return the polygon with transformed corners.

        Parameters
        ----------
        transform
            Takes arrays x and y, returns new ones. Edges stay straight.
        """
        x, y = self._vertices.T
        return Polygon(np.stack([np.asarray(axis, float) for axis in transform(x, y)], axis=1))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Polygon):
            return NotImplemented
        return self._canonical() == other._canonical()

    def __hash__(self) -> int:
        return hash(self._canonical())

    def _canonical(self) -> tuple[tuple[float, float], ...]:
        """Return the corners counterclockwise from the one at the left."""
        corners = [(float(x), float(y)) for x, y in self._vertices]
        if _signed_area(self._vertices) < 0:
            corners.reverse()
        first = corners.index(min(corners))
        return (*corners[first:], *corners[:first])

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (np.array(self._vertices),)

    def __repr__(self) -> str:
        return f"<Polygon: {', '.join(f'({x:g}, {y:g})' for x, y in self._vertices)}>"


def _checked(
    vertices: Box | Box2D | Iterable[Point2D | Point2I] | NDArray[np.floating],
) -> NDArray[np.float64]:
    if isinstance(vertices, Box | Box2D):
        vertices = Box2D(vertices).corners
    rows = [tuple(vertex) for vertex in vertices]
    corners = np.array(rows, np.float64) if rows else np.zeros((0, 2))
    if corners.ndim != 2 or corners.shape[1] != 2:  # noqa: PLR2004 - x and y
        raise ParameterTypeError("A polygon is made from points, or an array of shape (n, 2).")
    if len(corners) > 1 and np.array_equal(corners[0], corners[-1]):
        corners = corners[:-1].copy()
    if not np.all(np.isfinite(corners)):
        raise ParameterValueError("A polygon has finite corners only; an empty box has none.")
    if len(corners) < _CORNERS or not _signed_area(corners):
        raise ParameterValueError("A polygon has three corners or more, and an area.")
    return corners


def _as_polygon(box: Box | Box2D) -> Polygon | None:
    return None if box.is_empty else Polygon(box)


def _signed_area(vertices: NDArray[np.float64]) -> float:
    """Positive if the corners run counterclockwise."""
    begin = vertices - vertices[0]
    end = np.roll(begin, -1, axis=0)
    return float((begin[:, 0] * end[:, 1] - end[:, 0] * begin[:, 1]).sum() / 2)


def _left_of(
    vertices: NDArray[np.float64], begin: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Cut off what lies to the right of a line."""
    along = end - begin
    side = along[0] * (vertices[:, 1] - begin[1]) - along[1] * (vertices[:, 0] - begin[0])
    kept: list[NDArray[np.float64]] = []
    for index, (corner, distance) in enumerate(zip(vertices, side, strict=True)):
        previous, before = vertices[index - 1], side[index - 1]
        if (distance > 0 > before) or (distance < 0 < before):
            kept.append(previous + (corner - previous) * (before / (before - distance)))
        if distance >= 0:
            kept.append(corner)
    return np.array(kept) if kept else np.zeros((0, 2))
