"""The names that users of the LSST stack's second generation know: cameras.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from imaging.geometry.real_box import Box2D
from imaging.sky.angle import degrees

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imaging.geometry.gen2_protocols import Boxed
    from imaging.geometry.points import Point2D
    from imaging.sky.angle import Angle

__all__ = [
    "AmplifierNames",
    "CameraNames",
    "CameraSystemNames",
    "DetectorNames",
    "OrientationNames",
    "PlaneTransformNames",
    "TransformingNames",
]

_T = TypeVar("_T")
_S = TypeVar("_S")
_T_co = TypeVar("_T_co", covariant=True)
_S_co = TypeVar("_S_co", covariant=True)
_T_contra = TypeVar("_T_contra", contravariant=True)


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class _Electronics(Protocol):
    @property
    def gain(self) -> float: ...
    @property
    def read_noise(self) -> float: ...
    @property
    def saturation(self) -> float: ...
    @property
    def suspect_level(self) -> float: ...


class _Curve(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def coefficients(self) -> tuple[float, ...]: ...
    @property
    def threshold(self) -> float: ...
    @property
    def maximum(self) -> float: ...


class _Linear(Protocol):
    @property
    def linearity(self) -> _Curve: ...


class _Sections(Protocol[_T_co]):
    @property
    def raw_bbox(self) -> _T_co: ...
    @property
    def raw_data_bbox(self) -> _T_co: ...
    @property
    def raw_serial_overscan_bbox(self) -> _T_co: ...
    @property
    def raw_parallel_overscan_bbox(self) -> _T_co: ...
    @property
    def raw_prescan_bbox(self) -> _T_co: ...


class _Readout(Protocol[_T_co, _S_co]):
    @property
    def has_raw_info(self) -> bool: ...
    @property
    def is_raw_flipped_x(self) -> bool: ...
    @property
    def is_raw_flipped_y(self) -> bool: ...
    @property
    def raw_xy_offset(self) -> _T_co: ...
    @property
    def readout_corner(self) -> _S_co: ...


class AmplifierNames:
    """Gen2 spellings of `imaging.detector.amplifier.Amplifier`."""

    __slots__ = ()

    def getName(self: _Named) -> str:
        """Return ``name``."""
        return self.name

    def getBBox(self: Boxed[_T]) -> _T:
        """Return ``bbox``."""
        return self.bbox

    def getGain(self: _Electronics) -> float:
        """Return ``gain``."""
        return self.gain

    def getReadNoise(self: _Electronics) -> float:
        """Return ``read_noise``."""
        return self.read_noise

    def getSaturation(self: _Electronics) -> float:
        """Return ``saturation``."""
        return self.saturation

    def getSuspectLevel(self: _Electronics) -> float:
        """Return ``suspect_level``."""
        return self.suspect_level

    def getLinearityType(self: _Linear) -> str:
        """Return ``linearity.kind``."""
        return self.linearity.kind

    def getLinearityCoeffs(self: _Linear) -> tuple[float, ...]:
        """Return ``linearity.coefficients``."""
        return self.linearity.coefficients

    def getLinearityThreshold(self: _Linear) -> float:
        """Return ``linearity.threshold``."""
        return self.linearity.threshold

    def getLinearityMaximum(self: _Linear) -> float:
        """Return ``linearity.maximum``."""
        return self.linearity.maximum

    def getRawBBox(self: _Sections[_T]) -> _T:
        """Return ``raw_bbox``."""
        return self.raw_bbox

    def getRawDataBBox(self: _Sections[_T]) -> _T:
        """Return ``raw_data_bbox``."""
        return self.raw_data_bbox

    def getRawHorizontalOverscanBBox(self: _Sections[_T]) -> _T:
        """Return ``raw_serial_overscan_bbox``."""
        return self.raw_serial_overscan_bbox

    def getRawSerialOverscanBBox(self: _Sections[_T]) -> _T:
        """Return ``raw_serial_overscan_bbox``."""
        return self.raw_serial_overscan_bbox

    def getRawVerticalOverscanBBox(self: _Sections[_T]) -> _T:
        """Return ``raw_parallel_overscan_bbox``."""
        return self.raw_parallel_overscan_bbox

    def getRawParallelOverscanBBox(self: _Sections[_T]) -> _T:
        """Return ``raw_parallel_overscan_bbox``."""
        return self.raw_parallel_overscan_bbox

    def getRawPrescanBBox(self: _Sections[_T]) -> _T:
        """Return ``raw_prescan_bbox``."""
        return self.raw_prescan_bbox

    def getRawHorizontalPrescanBBox(self: _Sections[_T]) -> _T:
        """Return ``raw_prescan_bbox``."""
        return self.raw_prescan_bbox

    def getHasRawInfo(self: _Readout[_T, _S]) -> bool:
        """Return ``has_raw_info``."""
        return self.has_raw_info

    def getRawFlipX(self: _Readout[_T, _S]) -> bool:
        """Return ``is_raw_flipped_x``."""
        return self.is_raw_flipped_x

    def getRawFlipY(self: _Readout[_T, _S]) -> bool:
        """Return ``is_raw_flipped_y``."""
        return self.is_raw_flipped_y

    def getRawXYOffset(self: _Readout[_T, _S]) -> _T:
        """Return ``raw_xy_offset``."""
        return self.raw_xy_offset

    def getReadoutCorner(self: _Readout[_T, _S]) -> _S:
        """Return ``readout_corner``."""
        return self.readout_corner


class _Placed(Protocol[_T_co]):
    @property
    def offset(self) -> _T_co: ...
    @property
    def reference_point(self) -> _T_co: ...
    @property
    def yaw(self) -> float: ...
    @property
    def n_quarter(self) -> int: ...


class OrientationNames:
    """Gen2 spellings of `imaging.detector.orientation.Orientation`."""

    __slots__ = ()

    def getFpPosition(self: _Placed[_T]) -> _T:
        """Return ``offset``."""
        return self.offset

    def getReferencePoint(self: _Placed[_T]) -> _T:
        """Return ``reference_point``."""
        return self.reference_point

    def getYaw(self: _Placed[_T]) -> Angle:
        """Return ``yaw``."""
        return self.yaw * degrees

    def getNQuarter(self: _Placed[_T]) -> int:
        """Return ``n_quarter``."""
        return self.n_quarter


class _Identified(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def serial(self) -> str: ...
    @property
    def physical_type(self) -> str: ...


class _Typed(Protocol[_T_co]):
    @property
    def type(self) -> _T_co: ...


class _Amplified(Protocol[_T_co]):
    @property
    def amplifiers(self) -> _T_co: ...


class _Mounted(Protocol[_T_co, _S_co]):
    @property
    def pixel_size(self) -> _T_co: ...
    @property
    def orientation(self) -> _S_co: ...


class _Map(Protocol):
    def __call__(self, point: Point2D) -> Point2D: ...
    def each(self, points: Sequence[Point2D]) -> list[Point2D]: ...
    def inverted(self) -> _Map: ...


class PlaneTransformNames:
    """Gen2 spellings of `imaging.detector.transforms.PlaneTransform`."""

    __slots__ = ()

    def applyForward(self: _Map, point: Point2D | list[Point2D]) -> Point2D | list[Point2D]:
        """Call it, with one point, or ``each`` with a list."""
        return self.each(point) if isinstance(point, list) else self(point)

    def applyInverse(self: _Map, point: Point2D | list[Point2D]) -> Point2D | list[Point2D]:
        """Do the same with what ``inverted`` gives."""
        back = self.inverted()
        return back.each(point) if isinstance(point, list) else back(point)


class _System(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def detector(self) -> str: ...


class CameraSystemNames:
    """Gen2 spellings of `imaging.detector.transforms.CameraSystem`."""

    __slots__ = ()

    def getSysName(self: _System) -> str:
        """Return ``name``."""
        return self.name

    def getDetectorName(self: _System) -> str:
        """Return ``detector``."""
        return self.detector

    def hasDetectorName(self: _System) -> bool:
        """Return whether ``detector`` is not empty."""
        return bool(self.detector)


class _Connected(Protocol[_T_contra]):
    def transform_between(self, start: _T_contra, end: _T_contra) -> _Map: ...


class TransformingNames:
    """Gen2 spellings that detectors and cameras have in common."""

    __slots__ = ()

    def getTransform(self: _Connected[_T], fromSys: _T, toSys: _T) -> _Map:
        """Call ``transform_between``."""
        return self.transform_between(fromSys, toSys)

    def transform(
        self: _Connected[_T], points: Point2D | list[Point2D], fromSys: _T, toSys: _T
    ) -> Point2D | list[Point2D]:
        """Call what ``transform_between`` gives, with one point or a list."""
        found = self.transform_between(fromSys, toSys)
        return found.each(points) if isinstance(points, list) else found(points)


class _Crosstalking(Protocol[_T_co]):
    @property
    def crosstalk(self) -> _T_co: ...
    @property
    def has_crosstalk(self) -> bool: ...


class _Cornered(Protocol[_T_contra]):
    def corners(self, system: _T_contra) -> list[Point2D]: ...
    def center(self, system: _T_contra) -> Point2D: ...


class _OfOne(Protocol[_T_co]):
    def of(self, detector: str) -> _T_co: ...


class DetectorNames(TransformingNames):
    """Gen2 spellings of `imaging.detector.detector.Detector`."""

    __slots__ = ()

    def getId(self: _Identified) -> int:
        """Return ``id``."""
        return self.id

    def getName(self: _Named) -> str:
        """Return ``name``."""
        return self.name

    def getSerial(self: _Identified) -> str:
        """Return ``serial``."""
        return self.serial

    def getPhysicalType(self: _Identified) -> str:
        """Return ``physical_type``."""
        return self.physical_type

    def getType(self: _Typed[_T]) -> _T:
        """Return ``type``."""
        return self.type

    def getBBox(self: Boxed[_T]) -> _T:
        """Return ``bbox``."""
        return self.bbox

    def getAmplifiers(self: _Amplified[_T]) -> _T:
        """Return ``amplifiers``."""
        return self.amplifiers

    def getAmpInfoCatalog(self: _Amplified[_T]) -> _T:
        """Return ``amplifiers``."""
        return self.amplifiers

    def getPixelSize(self: _Mounted[_T, _S]) -> _T:
        """Return ``pixel_size``."""
        return self.pixel_size

    def getOrientation(self: _Mounted[_T, _S]) -> _S:
        """Return ``orientation``."""
        return self.orientation

    def getCrosstalk(self: _Crosstalking[_T]) -> _T:
        """Return ``crosstalk``."""
        return self.crosstalk

    def hasCrosstalk(self: _Crosstalking[_T]) -> bool:
        """Return ``has_crosstalk``."""
        return self.has_crosstalk

    def getCorners(self: _Cornered[_T], cameraSys: _T) -> list[Point2D]:
        """Call ``corners``."""
        return self.corners(cameraSys)

    def getCenter(self: _Cornered[_T], cameraSys: _T) -> Point2D:
        """Call ``center``."""
        return self.center(cameraSys)

    def makeCameraSys(self: _Named, cameraSys: _OfOne[_T]) -> _T:
        """Call ``of`` of the system."""
        return cameraSys.of(self.name)


class _Listed(Protocol):
    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def ids(self) -> tuple[int, ...]: ...


class _Finding(Protocol[_T_contra, _S_co]):
    def find_detectors(self, point: Point2D, system: _T_contra = ...) -> _S_co: ...


class _Extended(Protocol):
    @property
    def focal_plane_extent(self) -> tuple[Point2D, Point2D]: ...


class CameraNames(TransformingNames):
    """Gen2 spellings of `imaging.detector.camera.Camera`."""

    __slots__ = ()

    def getName(self: _Named) -> str:
        """Return ``name``."""
        return self.name

    def getNameIter(self: _Listed) -> Iterator[str]:
        """Iterate over ``names``."""
        return iter(self.names)

    def getIdIter(self: _Listed) -> Iterator[int]:
        """Iterate over ``ids``."""
        return iter(self.ids)

    def findDetectors(self: _Finding[_T, _S], point: Point2D, cameraSys: _T | None = None) -> _S:
        """Call ``find_detectors``; in the focal plane, if no system is given."""
        return (
            self.find_detectors(point)
            if cameraSys is None
            else self.find_detectors(point, cameraSys)
        )

    def getFpBBox(self: _Extended) -> Box2D:
        """Return ``focal_plane_extent`` as a box."""
        return Box2D(*self.focal_plane_extent)
