"""The pixels and the peaks of one detection."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from imaging.footprint.gen2_names import FootprintNames
from imaging.footprint.peaks import PeakCatalog
from imaging.footprint.span_set import SpanSet
from imaging.footprint.stencil import Stencil
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from imaging.footprint.peaks import Peak
    from imaging.footprint.span import Span
    from imaging.geometry.ellipses import Quadrupole
    from imaging.geometry.points import Point2D, Point2I

__all__ = ["Footprint"]

_Spans: TypeAlias = "SpanSet | Box | Iterable[Span] | NDArray[np.integer]"
_Peaks: TypeAlias = "PeakCatalog | Iterable[tuple[float, float, float]]"


class Footprint(FootprintNames):
    """The pixels of one detection and the peaks among them.

    Parameters
    ----------
    spans
        The pixels, or what `SpanSet` is made from.
    peaks
        The peaks, or position and value (x, y, value) of each. The region may
        stand here, as it does in the LSST stack.
    region
        The image in which it was found; by default not known, an empty box.

    Notes
    -----
    Pixels, peaks and region can be changed in place; a `SpanSet` cannot, it
    is replaced.
    """

    __slots__ = ("_spans", "peaks", "region")

    peaks: PeakCatalog
    """The peaks, by convention the brightest first."""

    region: Box
    """The box of the image in which it was found; empty if not known."""

    def __init__(
        self, spans: _Spans = (), peaks: _Peaks | Box = (), region: Box | None = None
    ) -> None:
        if isinstance(peaks, Box):
            region, peaks = peaks, ()
        self._spans = spans if isinstance(spans, SpanSet) else SpanSet(spans)
        self.region = Box() if region is None else region.copy()
        if isinstance(peaks, PeakCatalog):
            self.peaks = PeakCatalog(peaks.array)
        else:
            self.peaks = PeakCatalog()
            for x, y, value in peaks:
                self.peaks.add(x, y, value)

    @property
    def spans(self) -> SpanSet:
        """The pixels."""
        return self._spans

    @spans.setter
    def spans(self, spans: SpanSet) -> None:
        self._replace(spans)

    def _replace(self, spans: SpanSet) -> None:
        self._spans = spans

    @property
    def is_heavy(self) -> bool:
        """Whether it has pixel values of its own."""
        return False

    @property
    def is_contiguous(self) -> bool:
        """Whether it is of one piece; see `SpanSet.is_contiguous`."""
        return self._spans.is_contiguous

    @property
    def area(self) -> int:
        """Number of pixels."""
        return self._spans.area

    @property
    def bbox(self) -> Box:
        """The smallest box that holds all pixels: a copy."""
        return self._spans.bbox

    @property
    def centroid(self) -> Point2D:
        """The mean position of the pixels."""
        return self._spans.centroid

    @property
    def shape(self) -> Quadrupole:
        """The second moments of the pixels' centres about the centroid."""
        return self._spans.shape

    def contains(self, pixel: Point2I) -> bool:
        """Return whether a pixel is part of it."""
        return self._spans.contains(pixel)

    def add_peak(self, x: float, y: float, value: float) -> Peak:
        """Add a peak before the first that is fainter; see `PeakCatalog.add`."""
        return self.peaks.add(x, y, value)

    def sort_peaks(self) -> None:
        """Put the brightest peak first; see `PeakCatalog.sort`."""
        self.peaks.sort()

    def _on_pixels(self, spans: SpanSet) -> NDArray[np.bool_]:
        """Return for each peak whether its pixel is in a set."""
        return spans.contains_each(self.peaks.array["i_x"], self.peaks.array["i_y"])

    def remove_orphan_peaks(self) -> None:
        """Drop the peaks whose pixel is not part of it."""
        self.peaks = PeakCatalog(self.peaks.array[self._on_pixels(self._spans)])

    def dilate(self, by: int | SpanSet, stencil: Stencil = Stencil.CIRCLE) -> None:
        """Enlarge it in place on all sides; see `SpanSet.dilated`."""
        self._replace(self._spans.dilated(by, stencil))

    def erode(self, by: int | SpanSet, stencil: Stencil = Stencil.CIRCLE) -> None:
        """Take pixels off it on all sides in place, and the peaks there; see `SpanSet.eroded`."""
        self._replace(self._spans.eroded(by, stencil))
        self.remove_orphan_peaks()

    def shift(self, x: int | Extent2I, y: int = 0) -> None:
        """Move pixels and peaks in place by whole pixels; see `SpanSet.shifted_by`."""
        offset = x if isinstance(x, Extent2I) else Extent2I(x, y)
        self._spans = self._spans.shifted_by(offset)
        for axis, step in ("x", offset.x), ("y", offset.y):
            self.peaks.array[f"f_{axis}"] += step
            self.peaks.array[f"i_{axis}"] += step

    def clip(self, box: Box) -> None:
        """Keep the pixels that lie in a box and the peaks among them, in place."""
        self._replace(self._spans.clipped_to(box))
        self.remove_orphan_peaks()

    def split(self, *, diagonal: bool = False) -> list[Footprint]:
        """Return the pieces that do not touch, each with the peaks among its pixels.

        Parameters
        ----------
        diagonal
            Whether pixels that touch at a corner alone are of one piece.
        """
        return [
            Footprint(piece, PeakCatalog(self.peaks.array[self._on_pixels(piece)]), self.region)
            for piece in self._spans.split(diagonal=diagonal)
        ]

    def copy(self) -> Footprint:
        """Return an equal footprint that shares nothing that can be changed."""
        return Footprint(self._spans, self.peaks, self.region)

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Footprint):
            return NotImplemented
        return (
            type(self) is type(other)
            and self.spans == other.spans
            and self.peaks == other.peaks
            and self.region == other.region
        )

    __hash__ = None  # type: ignore[assignment]  # it can be changed in place

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__}: {self.area} pixels, {len(self.peaks)} peaks, box {self.bbox}>"
        )
