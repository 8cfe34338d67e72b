"""The names that users of the LSST stack's second generation know: point-spread functions.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from imaging.geometry.gen2_protocols import PixelSized

__all__ = ["DoubleGaussianNames", "KernelNames", "PsfNames", "SingleGaussianNames"]

_Place = TypeVar("_Place")
_Place_contra = TypeVar("_Place_contra", contravariant=True)
_Point = TypeVar("_Point")
_Point_co = TypeVar("_Point_co", covariant=True)
_Extent = TypeVar("_Extent")
_Pixels = TypeVar("_Pixels")
_Pixels_co = TypeVar("_Pixels_co", covariant=True)
_BoxType = TypeVar("_BoxType")
_Box_co = TypeVar("_Box_co", covariant=True)
_Shape = TypeVar("_Shape")
_Shape_co = TypeVar("_Shape_co", covariant=True)


class _Drawing(Protocol[_Place_contra, _Pixels_co]):
    def compute_image(self, position: _Place_contra | None = None) -> _Pixels_co: ...
    def compute_kernel_image(self, position: _Place_contra | None = None) -> _Pixels_co: ...


class _Boxed(Protocol[_Place_contra, _Box_co]):
    def compute_bbox(self, position: _Place_contra | None = None) -> _Box_co: ...


class _Shaped(Protocol[_Place_contra, _Shape_co]):
    def compute_shape(self, position: _Place_contra | None = None) -> _Shape_co: ...


class _Measured(Protocol[_Place_contra]):
    def compute_aperture_flux(
        self, radius: float, position: _Place_contra | None = None
    ) -> float: ...
    def compute_peak(self, position: _Place_contra | None = None) -> float: ...


class _Located(Protocol[_Point_co]):
    @property
    def average_position(self) -> _Point_co: ...


class _Written(Protocol):
    def write_fits(self, path: str) -> None: ...


class PsfNames:
    """Gen2 spellings of `imaging.psf.psf.Psf`."""

    __slots__ = ()

    def computeImage(self: _Drawing[_Place, _Pixels], position: _Place | None = None) -> _Pixels:
        """Call ``compute_image``."""
        return self.compute_image(position)

    def computeKernelImage(
        self: _Drawing[_Place, _Pixels], position: _Place | None = None
    ) -> _Pixels:
        """Call ``compute_kernel_image``."""
        return self.compute_kernel_image(position)

    def getLocalKernel(self: _Drawing[_Place, _Pixels], position: _Place | None = None) -> _Pixels:
        """Call ``compute_kernel_image``: the kernel that an image is convolved with there."""
        return self.compute_kernel_image(position)

    def computeBBox(self: _Boxed[_Place, _BoxType], position: _Place | None = None) -> _BoxType:
        """Call ``compute_bbox``."""
        return self.compute_bbox(position)

    def computeShape(self: _Shaped[_Place, _Shape], position: _Place | None = None) -> _Shape:
        """Call ``compute_shape``."""
        return self.compute_shape(position)

    def computeApertureFlux(
        self: _Measured[_Place], radius: float, position: _Place | None = None
    ) -> float:
        """Call ``compute_aperture_flux``."""
        return self.compute_aperture_flux(radius, position)

    def computePeak(self: _Measured[_Place], position: _Place | None = None) -> float:
        """Call ``compute_peak``."""
        return self.compute_peak(position)

    def getAveragePosition(self: _Located[_Point]) -> _Point:
        """Return ``average_position``."""
        return self.average_position

    def getDimensions(self: PixelSized[_Extent]) -> _Extent:
        """Return ``dimensions``."""
        return self.dimensions

    def getWidth(self: PixelSized[_Extent]) -> int:
        """Return ``width``."""
        return self.width

    def getHeight(self: PixelSized[_Extent]) -> int:
        """Return ``height``."""
        return self.height

    def writeFits(self: _Written, path: str) -> None:
        """Call ``write_fits``."""
        self.write_fits(path)


class _OneWidth(Protocol):
    @property
    def sigma(self) -> float: ...


class SingleGaussianNames:
    """Gen2 spellings of `imaging.psf.gaussian.SingleGaussianPsf`."""

    __slots__ = ()

    def getSigma(self: _OneWidth) -> float:
        """Return ``sigma``."""
        return self.sigma


class _TwoWidths(Protocol):
    @property
    def sigma1(self) -> float: ...
    @property
    def sigma2(self) -> float: ...
    @property
    def b(self) -> float: ...


class DoubleGaussianNames:
    """Gen2 spellings of `imaging.psf.gaussian.DoubleGaussianPsf`."""

    __slots__ = ()

    def getSigma1(self: _TwoWidths) -> float:
        """Return ``sigma1``."""
        return self.sigma1

    def getSigma2(self: _TwoWidths) -> float:
        """Return ``sigma2``."""
        return self.sigma2

    def getB(self: _TwoWidths) -> float:
        """Return ``b``."""
        return self.b


class _Convolving(Protocol[_Pixels_co]):
    @property
    def kernel(self) -> _Pixels_co: ...


class KernelNames:
    """Gen2 spellings of `imaging.psf.kernel.KernelPsf`."""

    __slots__ = ()

    def getKernel(self: _Convolving[_Pixels]) -> _Pixels:
        """Return ``kernel``."""
        return self.kernel
