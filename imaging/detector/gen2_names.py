"""The names that users of the LSST stack's second generation know: cameras.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imaging.geometry.gen2_protocols import Boxed

__all__ = ["AmplifierNames", "CameraNames", "DetectorNames", "OrientationNames"]

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

    def getYaw(self: _Placed[_T]) -> float:
        """Return ``yaw``, in degrees."""
        return self.yaw

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


class _Crosstalking(Protocol[_T_co]):
    @property
    def crosstalk(self) -> _T_co: ...
    @property
    def has_crosstalk(self) -> bool: ...


class DetectorNames:
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


class _Listed(Protocol):
    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def ids(self) -> tuple[int, ...]: ...


class _Finding(Protocol[_T_contra, _S_co]):
    def find_detectors(self, point: _T_contra) -> _S_co: ...


class CameraNames:
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

    def findDetectors(self: _Finding[_T, _S], point: _T) -> _S:
        """Call ``find_detectors``."""
        return self.find_detectors(point)
