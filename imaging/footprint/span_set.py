"""A set of pixels as runs in rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import FootprintError, ParameterTypeError, ParameterValueError
from imaging.footprint import runs, shapes
from imaging.footprint.gen2_names import SpanSetNames
from imaging.footprint.pixel_access import SpanPixels
from imaging.footprint.span import Span
from imaging.footprint.stencil import Stencil
from imaging.geometry.box import Box
from imaging.geometry.ellipses import Quadrupole
from imaging.geometry.points import Extent2I, Point2D, Point2I

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from imaging.footprint.pixel_access import MaskPixels
    from imaging.footprint.runs import Line

__all__ = ["SpanSet"]


class SpanSet(SpanPixels, SpanSetNames):
    """A set of pixels, wherever they are, that does not change.

    Parameters
    ----------
    spans
        Runs of pixels: `Span` objects, or rows of (y, x0, x1) with inclusive
        columns, also as an array of shape (n, 3); in any order, and they may
        overlap. Or a box, or another set.

    Raises
    ------
    FootprintError
        If a span ends before it begins.
    ParameterTypeError
        If the spans are no integers.

    Notes
    -----
    The runs are kept sorted by row and column, and those that overlap or
    touch are one: equal sets have equal arrays. ``set`` operators work:
    ``a | b``, ``a & b``, ``a - b``, ``a <= b``. The *span order* of pixels is
    by row, then by column.
    """

    __slots__ = ("_x0", "_x1", "_y")

    def __init__(self, spans: Iterable[Span] | NDArray[np.integer] | Box | SpanSet = ()) -> None:
        if isinstance(spans, SpanSet):
            self._keep(spans.y, spans.x0, spans.x1)
            return
        y, x0, x1 = _rows_of(spans) if isinstance(spans, Box) else _columns(spans)
        runs.check_coordinates(y, x0, x1)
        self._keep(*runs.to_spans(runs.covered(runs.to_line(y, x0, x1))))

    def _keep(self, y: NDArray[np.int32], x0: NDArray[np.int32], x1: NDArray[np.int32]) -> None:
        for array in (y, x0, x1):
            array.flags.writeable = False
        self._y, self._x0, self._x1 = y, x0, x1

    @classmethod
    def from_sorted(
        cls, y: NDArray[np.int32], x0: NDArray[np.int32], x1: NDArray[np.int32]
    ) -> SpanSet:
        """Return the set of spans that are sorted, disjoint and do not touch: not checked.

        Parameters
        ----------
        y, x0, x1
            Rows, first and last columns; not copied, and made read-only.
        """
        made = cls.__new__(cls)
        made._keep(y, x0, x1)  # noqa: SLF001 - its own
        return made

    @classmethod
    def from_line(cls, line: Line) -> SpanSet:
        """Return the set of disjoint intervals; see `imaging.footprint.runs`."""
        return cls.from_sorted(*runs.to_spans(line))

    @classmethod
    def from_box(cls, box: Box) -> SpanSet:
        """Return all pixels of a box."""
        return cls(box)

    @classmethod
    def from_shape(
        cls,
        radius: int,
        stencil: Stencil = Stencil.CIRCLE,
        offset: Point2I | tuple[int, int] = (0, 0),
    ) -> SpanSet:
        """Return the pixels within a distance of one.

        Parameters
        ----------
        radius
            The distance in whole pixels, inclusive: 1 gives three rows.
        stencil
            How distances are measured.
        offset
            The pixel in the middle, x before y.

        Raises
        ------
        ParameterValueError
            If the radius is negative.
        """
        return cls(shapes.stencil_spans(radius, stencil)).shifted_by(*offset)

    @classmethod
    def from_ellipse(cls, shape: Quadrupole, center: Point2D) -> SpanSet:
        """Return the pixels whose centres lie in the ellipse of given moments.

        Parameters
        ----------
        shape
            Second moments; the semi-axes are the square roots of their
            principal values.
        center
            The middle of the ellipse.

        Raises
        ------
        ParameterValueError
            If the moments are not those of an ellipse.
        """
        spans = shapes.ellipse_spans((shape.ixx, shape.iyy, shape.ixy), (center.x, center.y))
        return cls(spans)

    @classmethod
    def from_array(
        cls, selected: NDArray[np.bool_], origin: Point2I | tuple[int, int] = (0, 0)
    ) -> SpanSet:
        """Return the pixels that an array selects.

        Parameters
        ----------
        selected
            Shape (height, width); what is not zero is in the set.
        origin
            Coordinates of the first pixel, x before y.

        Raises
        ------
        ParameterValueError
            If the array does not have two dimensions.
        """
        x0, y0 = origin
        return cls.from_sorted(*shapes.array_spans(np.asarray(selected), x0, y0))

    @classmethod
    def from_mask(cls, mask: MaskPixels, bits: int = -1) -> SpanSet:
        """Return the pixels of a mask that have one of some bits set.

        Parameters
        ----------
        mask
            A mask, or another image of integers.
        bits
            The bits; by default any.
        """
        return cls.from_array((mask.array & bits) != 0, mask.bbox.min)

    @property
    def y(self) -> NDArray[np.int32]:
        """Row of each span."""
        return self._y

    @property
    def x0(self) -> NDArray[np.int32]:
        """First column of each span."""
        return self._x0

    @property
    def x1(self) -> NDArray[np.int32]:
        """Last column of each span, inclusive."""
        return self._x1

    @property
    def line(self) -> Line:
        """The set as intervals; see `imaging.footprint.runs`."""
        return runs.to_line(self._y, self._x0, self._x1)

    @property
    def widths(self) -> NDArray[np.int64]:
        """Number of pixels of each span."""
        return self._x1.astype(np.int64) - self._x0 + 1

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(self.widths.sum())

    @property
    def bbox(self) -> Box:
        """The smallest box that holds all pixels."""
        if not self._y.size:
            return Box()
        low = Point2I(int(self._x0.min()), int(self._y[0]))
        return Box(low, Point2I(int(self._x1.max()), int(self._y[-1])))

    @property
    def centroid(self) -> Point2D:
        """The mean position of the pixels.

        Raises
        ------
        FootprintError
            If there are none.
        """
        return Point2D(*shapes.moments(self._y, self._x0, self._x1)[:2])

    @property
    def shape(self) -> Quadrupole:
        """The second moments of the pixels' centres about the centroid.

        Raises
        ------
        FootprintError
            If there are no pixels.
        """
        _, _, xx, yy, xy = shapes.moments(self._y, self._x0, self._x1)
        return Quadrupole(xx, yy, xy)

    @property
    def is_contiguous(self) -> bool:
        """Whether the pixels are of one piece, those that touch at a corner alone being apart."""
        return not runs.components(self.line, diagonal=False).any()

    def contains(self, other: Point2I | SpanSet) -> bool:
        """Return whether a pixel, or every pixel of another set, is in this one.

        Raises
        ------
        ParameterTypeError
            If it is neither a pixel nor a set.
        """
        if not isinstance(other, Point2I | SpanSet):
            raise ParameterTypeError(f"A set holds a Point2I or another set, not {other!r}.")
        if isinstance(other, Point2I):
            return bool(self.contains_each(np.array([other.x]), np.array([other.y])).all())
        line, part = self.line, other.line
        return bool((part.ends <= runs.ends_of_holders(line, part.begins)).all())

    def contains_each(self, x: NDArray[np.integer], y: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return for each of many pixels whether it is in the set.

        Parameters
        ----------
        x, y
            Columns and rows of the pixels, shape (n,).
        """
        places = runs.to_line(y, x, x).begins
        return places < runs.ends_of_holders(self.line, places)

    def intersects(self, other: SpanSet | MaskPixels, bits: int = -1) -> bool:
        """Return whether two sets have a pixel in common; see `union`."""
        return bool(runs.covered(runs.joined(self.line, _line_of(other, bits)), 2).begins.size)

    def union(self, other: SpanSet | MaskPixels, bits: int = -1) -> SpanSet:
        """Return the pixels that are in either set.

        Parameters
        ----------
        other
            The other set, or a mask.
        bits
            Which bits of a mask make a pixel one of the set; by default any.

        Raises
        ------
        ParameterTypeError
            If the other is neither a set nor a mask.
        """
        return SpanSet.from_line(runs.covered(runs.joined(self.line, _line_of(other, bits))))

    def intersect(self, other: SpanSet | MaskPixels, bits: int = -1) -> SpanSet:
        """Return the pixels that are in both sets; see `union`."""
        return SpanSet.from_line(runs.covered(runs.joined(self.line, _line_of(other, bits)), 2))

    def subtract(self, other: SpanSet | MaskPixels, bits: int = -1) -> SpanSet:
        """Return the pixels of this set that are not in the other; see `union`.

        Notes
        -----
        Pixels that a mask does not have stay in the set.
        """
        return SpanSet.from_line(runs.difference(self.line, _line_of(other, bits)))

    def shifted_by(self, x: int | Extent2I, y: int = 0) -> SpanSet:
        """Return the set moved by whole pixels.

        Parameters
        ----------
        x
            By how many columns, or the whole offset.
        y
            By how many rows.
        """
        offset = x if isinstance(x, Extent2I) else Extent2I(x, y)
        if max(abs(offset.x), abs(offset.y)) >= runs.LIMIT:
            raise FootprintError(f"Pixels cannot be moved by ({offset.x}, {offset.y}).")
        moved = self._y + offset.y, self._x0 + offset.x, self._x1 + offset.x
        runs.check_coordinates(*moved)
        return SpanSet.from_sorted(*moved)

    def clipped_to(self, box: Box) -> SpanSet:
        """Return the pixels that lie in a box."""
        kept = (self._y >= box.min_y) & (self._y <= box.max_y)
        kept &= (self._x1 >= box.min_x) & (self._x0 <= box.max_x)
        x0 = np.maximum(self._x0[kept], np.int32(box.min_x))
        x1 = np.minimum(self._x1[kept], np.int32(box.max_x))
        return SpanSet.from_sorted(self._y[kept], x0, x1)

    def dilated(self, by: int | SpanSet, stencil: Stencil = Stencil.CIRCLE) -> SpanSet:
        """Return the pixels that lie within a distance of one of the set.

        Parameters
        ----------
        by
            The distance, see `from_shape`; or the pixels that one pixel at
            (0, 0) is to become.
        stencil
            How distances are measured.
        """
        brush = by if isinstance(by, SpanSet) else SpanSet.from_shape(by, stencil)
        return SpanSet.from_line(shapes.grown(self, brush))

    def eroded(self, by: int | SpanSet, stencil: Stencil = Stencil.CIRCLE) -> SpanSet:
        """Return the pixels whose neighbours within a distance are all in the set.

        Parameters
        ----------
        by
            The distance, see `from_shape`; or the neighbours of (0, 0).
        stencil
            How distances are measured.
        """
        brush = by if isinstance(by, SpanSet) else SpanSet.from_shape(by, stencil)
        return SpanSet.from_line(shapes.shrunk(self, brush))

    def find_edges(self) -> SpanSet:
        """Return the pixels of which one of the four neighbours is not in the set."""
        return self.subtract(self.eroded(1))

    def split(self, *, diagonal: bool = False) -> list[SpanSet]:
        """Return the pieces that do not touch each other, by their first pixel.

        Parameters
        ----------
        diagonal
            Whether pixels that touch at a corner alone are of one piece, as
            they are in `imaging.footprint.masks.footprints_from_mask`.
        """
        root = runs.components(self.line, diagonal=diagonal)
        order = np.argsort(root, kind="stable")
        begins = np.flatnonzero(np.diff(root[order], prepend=-1))
        cuts = begins[1:]
        parts = (np.split(array[order], cuts) for array in (self._y, self._x0, self._x1))
        pieces = zip(*parts, strict=True) if begins.size else ()
        return [SpanSet.from_sorted(*(array.copy() for array in piece)) for piece in pieces]

    def __iter__(self) -> Iterator[Span]:
        columns = self._y.tolist(), self._x0.tolist(), self._x1.tolist()
        return (Span(*span) for span in zip(*columns, strict=True))

    def __len__(self) -> int:
        return int(self._y.size)

    def __contains__(self, other: Point2I | SpanSet) -> bool:
        return self.contains(other)

    def __or__(self, other: SpanSet) -> SpanSet:
        return self.union(other) if isinstance(other, SpanSet) else NotImplemented

    def __and__(self, other: SpanSet) -> SpanSet:
        return self.intersect(other) if isinstance(other, SpanSet) else NotImplemented

    def __sub__(self, other: SpanSet) -> SpanSet:
        return self.subtract(other) if isinstance(other, SpanSet) else NotImplemented

    def __le__(self, other: SpanSet) -> bool:
        return other.contains(self) if isinstance(other, SpanSet) else NotImplemented

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SpanSet):
            return NotImplemented
        pairs = (self._y, other.y), (self._x0, other.x0), (self._x1, other.x1)
        return all(np.array_equal(mine, theirs) for mine, theirs in pairs)

    def __hash__(self) -> int:
        return hash((self._y.tobytes(), self._x0.tobytes(), self._x1.tobytes()))

    def __reduce__(self) -> tuple[object, ...]:
        return SpanSet.from_sorted, (self._y, self._x0, self._x1)

    def __repr__(self) -> str:
        return f"<SpanSet: {self.area} pixels in {len(self)} spans, box {self.bbox}>"


def _line_of(other: SpanSet | MaskPixels, bits: int) -> Line:
    """Return the intervals of a set or of what is set in a mask."""
    if isinstance(other, SpanSet):
        return other.line
    if hasattr(other, "array") and hasattr(other, "bbox"):
        return SpanSet.from_mask(other, bits).line
    raise ParameterTypeError(f"There are sets of pixels and masks, and {other!r} is neither.")


def _rows_of(box: Box) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    y = np.arange(box.min_y, box.end_y)
    return y, np.full_like(y, box.min_x), np.full_like(y, box.max_x)


def _columns(
    spans: Iterable[Span] | NDArray[np.integer],
) -> tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.integer]]:
    """Return row, first and last column of spans in whatever form."""
    if not isinstance(spans, np.ndarray):
        rows = [
            (span.y, span.x0, span.x1) if isinstance(span, Span) else tuple(span) for span in spans
        ]
        spans = np.array(rows).reshape(len(rows), -1) if rows else np.empty((0, 3), int)
    if spans.ndim != 2 or spans.shape[1] != 3:  # noqa: PLR2004 - y, x0, x1
        message = f"Spans are rows of (y, x0, x1), not an array of shape {spans.shape}."
        raise ParameterValueError(message)
    if spans.dtype.kind not in "iu":
        raise ParameterTypeError(f"Spans are whole pixels, not {spans.dtype}.")
    wide = spans.astype(np.int64)
    return wide[:, 0], wide[:, 1], wide[:, 2]
