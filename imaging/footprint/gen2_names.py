"""The names that users of the LSST stack's second generation know: footprints.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Protocol, TypeVar

from imaging.footprint.stencil import Stencil
from imaging.geometry.box import Box
from imaging.geometry.ellipses import Ellipse, Quadrupole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imaging.footprint.pixel_access import MaskPixels
    from imaging.geometry.gen2_protocols import Boxed, Clipping
    from imaging.geometry.points import Point2D, Point2I
    from imaging.image.image import Image

__all__ = ["FootprintNames", "HeavyFootprintNames", "PeakNames", "SpanNames", "SpanSetNames"]

_Box = TypeVar("_Box")
_Point = TypeVar("_Point")
_Shape = TypeVar("_Shape")
_Spans = TypeVar("_Spans")
_Peaks = TypeVar("_Peaks")
_Peak = TypeVar("_Peak")
_Image = TypeVar("_Image")
_Offset = TypeVar("_Offset")
_Copy = TypeVar("_Copy")
_Point_co = TypeVar("_Point_co", covariant=True)
_Shape_co = TypeVar("_Shape_co", covariant=True)
_Peak_co = TypeVar("_Peak_co", covariant=True)
_Box_contra = TypeVar("_Box_contra", contravariant=True)
_Image_contra = TypeVar("_Image_contra", contravariant=True)
_Offset_contra = TypeVar("_Offset_contra", contravariant=True)
_Copy_co = TypeVar("_Copy_co", covariant=True)


class _Run(Protocol):
    @property
    def y(self) -> int: ...
    @property
    def x0(self) -> int: ...
    @property
    def x1(self) -> int: ...
    @property
    def min_x(self) -> int: ...
    @property
    def max_x(self) -> int: ...
    @property
    def width(self) -> int: ...


class SpanNames:
    """Gen2 spellings of `imaging.footprint.span.Span`."""

    __slots__ = ()

    def getY(self: _Run) -> int:
        return self.y

    def getX0(self: _Run) -> int:
        return self.x0

    def getX1(self: _Run) -> int:
        return self.x1

    def getMinX(self: _Run) -> int:
        return self.min_x

    def getMaxX(self: _Run) -> int:
        return self.max_x

    def getWidth(self: _Run) -> int:
        return self.width


class _Maximum(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def f_x(self) -> float: ...
    @property
    def f_y(self) -> float: ...
    @property
    def i_x(self) -> int: ...
    @property
    def i_y(self) -> int: ...
    @property
    def value(self) -> float: ...


class _Positioned(Protocol[_Point_co, _Copy_co]):
    @property
    def position(self) -> _Point_co: ...
    @property
    def pixel(self) -> _Copy_co: ...


class PeakNames:
    """Gen2 spellings of `imaging.footprint.peaks.Peak`."""

    __slots__ = ()

    def getId(self: _Maximum) -> int:
        return self.id

    def getFx(self: _Maximum) -> float:
        return self.f_x

    def getFy(self: _Maximum) -> float:
        return self.f_y

    def getIx(self: _Maximum) -> int:
        return self.i_x

    def getIy(self: _Maximum) -> int:
        return self.i_y

    def getF(self: _Positioned[_Point, _Copy]) -> _Point:
        return self.position

    def getI(self: _Positioned[_Point, _Copy]) -> _Copy:
        return self.pixel

    def getCentroid(self: _Positioned[_Point, _Copy]) -> _Point:
        return self.position

    def getPeakValue(self: _Maximum) -> float:
        return self.value


class _Sized(Protocol):
    @property
    def area(self) -> int: ...
    @property
    def is_contiguous(self) -> bool: ...


class _Centered(Protocol[_Point_co]):
    @property
    def centroid(self) -> _Point_co: ...


class _Shaped(Protocol[_Shape_co]):
    @property
    def shape(self) -> _Shape_co: ...


class _Shifting(Protocol[_Offset_contra, _Copy_co]):
    def shifted_by(self, x: _Offset_contra, y: int = 0) -> _Copy_co: ...


class _Subtracting(Protocol[_Offset_contra, _Copy_co]):
    def subtract(self, other: _Offset_contra, bits: int = -1) -> _Copy_co: ...


class _Overlapping(Protocol[_Offset_contra]):
    def intersects(self, other: _Offset_contra) -> bool: ...


class _Edged(Protocol[_Copy_co]):
    def find_edges(self) -> _Copy_co: ...


class _Making(Protocol[_Copy_co]):
    @classmethod
    def from_shape(
        cls, radius: int, stencil: Stencil = ..., offset: Point2I | tuple[int, int] = ...
    ) -> _Copy_co: ...
    @classmethod
    def from_mask(cls, mask: MaskPixels, bits: int = -1) -> _Copy_co: ...
    @classmethod
    def from_ellipse(cls, shape: Quadrupole, center: Point2D) -> _Copy_co: ...


class _Filling(Protocol):
    def to_array(self, bbox: Box | None = None) -> NDArray[np.bool_]: ...


class _Painting(Protocol[_Image_contra]):
    def set_mask(self, mask: _Image_contra, bits: int) -> None: ...
    def clear_mask(self, mask: _Image_contra, bits: int) -> None: ...
    def set_image(self, image: _Image_contra, value: float) -> None: ...
    def copy_image(self, source: _Image_contra, target: _Image_contra) -> None: ...


class SpanSetNames:
    """Gen2 spellings of `imaging.footprint.span_set.SpanSet`."""

    __slots__ = ()

    @classmethod
    def fromShape(
        cls: type[_Making[_Copy]],
        r: int | Ellipse,
        s: Stencil = Stencil.CIRCLE,
        offset: Point2I | tuple[int, int] = (0, 0),
    ) -> _Copy:
        if isinstance(r, Ellipse):
            return cls.from_ellipse(Quadrupole(r.core), r.center)
        return cls.from_shape(r, s, offset)

    def asArray(
        self: _Filling,
        shape: tuple[int, int] | None = None,
        xy0: Point2I | tuple[int, int] = (0, 0),
    ) -> NDArray[np.bool_]:
        return self.to_array(None if shape is None else Box.from_shape(shape, xy0))

    @classmethod
    def fromMask(cls: type[_Making[_Copy]], mask: MaskPixels, bitmask: int = -1) -> _Copy:
        return cls.from_mask(mask, bitmask)

    def getArea(self: _Sized) -> int:
        return self.area

    def getBBox(self: Boxed[_Box]) -> _Box:
        return self.bbox

    def isContiguous(self: _Sized) -> bool:
        return self.is_contiguous

    def computeCentroid(self: _Centered[_Point]) -> _Point:
        return self.centroid

    def computeShape(self: _Shaped[_Shape]) -> _Shape:
        return self.shape

    def overlaps(self: _Overlapping[_Copy], other: _Copy) -> bool:
        return self.intersects(other)

    def intersectNot(
        self: _Subtracting[_Offset, _Copy], other: _Offset, bitmask: int = -1
    ) -> _Copy:
        """Call ``subtract``."""
        return self.subtract(other, bitmask)

    def shiftedBy(self: _Shifting[_Offset, _Copy], x: _Offset, y: int = 0) -> _Copy:
        return self.shifted_by(x, y)

    def clippedTo(self: Clipping[_Box, _Copy], box: _Box) -> _Copy:
        return self.clipped_to(box)

    def findEdgePixels(self: _Edged[_Copy]) -> _Copy:
        return self.find_edges()

    def setMask(self: _Painting[_Image], target: _Image, bitmask: int) -> None:
        self.set_mask(target, bitmask)

    def clearMask(self: _Painting[_Image], target: _Image, bitmask: int) -> None:
        self.clear_mask(target, bitmask)

    def setImage(self: _Painting[_Image], image: _Image, val: float) -> None:
        self.set_image(image, val)

    def copyImage(self: _Painting[_Image], src: _Image, dest: _Image) -> None:
        self.copy_image(src, dest)


class _Spanned(Protocol[_Spans]):
    @property
    def spans(self) -> _Spans: ...
    @spans.setter
    def spans(self, spans: _Spans) -> None: ...


class _Peaked(Protocol[_Peaks]):
    @property
    def peaks(self) -> _Peaks: ...
    @peaks.setter
    def peaks(self, peaks: _Peaks) -> None: ...


class _Regional(Protocol[_Box]):
    @property
    def region(self) -> _Box: ...
    @region.setter
    def region(self, region: _Box) -> None: ...


class _Growing(Protocol[_Peak_co]):
    def add_peak(self, x: float, y: float, value: float) -> _Peak_co: ...


class _Changing(Protocol[_Box_contra]):
    @property
    def is_heavy(self) -> bool: ...
    def sort_peaks(self) -> None: ...
    def remove_orphan_peaks(self) -> None: ...
    def clip(self, box: _Box_contra) -> None: ...


class FootprintNames:
    """Gen2 spellings of `imaging.footprint.footprint.Footprint`."""

    __slots__ = ()

    def getSpans(self: _Spanned[_Spans]) -> _Spans:
        return self.spans

    def setSpans(self: _Spanned[_Spans], spans: _Spans) -> None:
        setattr(self, "spans", spans)  # noqa: B010 - an assignment would declare an attribute

    def getPeaks(self: _Peaked[_Peaks]) -> _Peaks:
        return self.peaks

    def setPeakCatalog(self: _Peaked[_Peaks], peaks: _Peaks) -> None:
        setattr(self, "peaks", peaks)  # noqa: B010 - as above

    def getRegion(self: _Regional[_Box]) -> _Box:
        return self.region

    def setRegion(self: _Regional[_Box], region: _Box) -> None:
        setattr(self, "region", region)  # noqa: B010 - as above

    def getArea(self: _Sized) -> int:
        return self.area

    def getNpix(self: _Sized) -> int:
        return self.area

    def getBBox(self: Boxed[_Box]) -> _Box:
        return self.bbox

    def getCentroid(self: _Centered[_Point]) -> _Point:
        return self.centroid

    def getShape(self: _Shaped[_Shape]) -> _Shape:
        return self.shape

    def isHeavy(self: _Changing[_Box]) -> bool:
        return self.is_heavy

    def isContiguous(self: _Sized) -> bool:
        return self.is_contiguous

    def addPeak(self: _Growing[_Peak], fx: float, fy: float, height: float) -> _Peak:
        return self.add_peak(fx, fy, height)

    def sortPeaks(self: _Changing[_Box]) -> None:
        self.sort_peaks()

    def removeOrphanPeaks(self: _Changing[_Box]) -> None:
        self.remove_orphan_peaks()

    def clipTo(self: _Changing[_Box], bbox: _Box) -> None:
        self.clip(bbox)


class _Heavy(Protocol):
    @property
    def image(self) -> NDArray[np.number]: ...
    @property
    def mask(self) -> NDArray[np.integer]: ...
    @property
    def variance(self) -> NDArray[np.number]: ...


class _Picturing(Protocol):
    def to_image(self, fill: float = ..., bbox: Box | None = None) -> Image: ...


class HeavyFootprintNames:
    """Gen2 spellings of `imaging.footprint.heavy.HeavyFootprint`."""

    __slots__ = ()

    def getImageArray(self: _Heavy) -> NDArray[np.number]:
        return self.image

    def getMaskArray(self: _Heavy) -> NDArray[np.integer]:
        return self.mask

    def extractImage(
        self: _Picturing,
        fill: float = nan,
        bbox: Box | None = None,
        imageType: type[Image] | None = None,  # noqa: ARG002 - the values have their type
    ) -> Image:
        return self.to_image(fill, bbox)

    def getVarianceArray(self: _Heavy) -> NDArray[np.number]:
        return self.variance
