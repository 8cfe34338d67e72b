"""The base of all point-spread functions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from numbers import Real
from typing import TYPE_CHECKING, Self, TypeAlias

import numpy as np

from imaging.errors import ParameterTypeError, PsfError
from imaging.fits.metadata import Metadata
from imaging.fits.writer import RowsPart, write_parts
from imaging.geometry.box import Box
from imaging.geometry.ellipses import Quadrupole
from imaging.geometry.points import Extent2I, Point2D, Point2I
from imaging.image.image import Image
from imaging.psf.gen2_names import PsfNames
from imaging.psf.moments import adaptive_moments
from imaging.psf.resampling import aperture_sum, center_index

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.fits.rows import Rows

__all__ = ["Position", "Psf"]

_LARGEST = 4096  # pixels; no star is larger, and a damaged file must not ask for all memory
_FARTHEST = 2.0**31  # pixels; no image has more, and fractions of pixels are still exact

Position: TypeAlias = Point2D | Point2I


class Psf(PsfNames, ABC):
    """The image of a star of flux 1, as a function of its position.

    Parameters
    ----------
    width, height
        Dimensions of its images, odd or even.
    average_position
        Where it is evaluated if no position is given; by default at (0, 0).

    Raises
    ------
    PsfError
        If a dimension is not positive, or larger than 4096.

    Notes
    -----
    A *kernel image* has the star in the middle of the pixel (0, 0): at index
    ``(size - 1) // 2`` of each axis, which for an even size is the lower one
    of the two central pixels, as in the LSST stack. It adds up to exactly 1.
    The image at a position is the same star with its sub-pixel part, on the
    same scale: what then leaves the box is missing from its sum, and nothing
    is scaled up for it, so that fluxes do not depend on where in a pixel a
    star lies. A PSF cannot be changed; the arrays of its images are copies.
    """

    def __init__(self, width: int, height: int, average_position: Position | None = None) -> None:
        self._dimensions = Extent2I(width, height)
        if not (0 < width <= _LARGEST and 0 < height <= _LARGEST):
            message = (
                f"The images of a PSF cannot be {width} x {height} pixels large: "
                f"they have between 1 and {_LARGEST} rows and columns."
            )
            raise PsfError(message)
        if not (average_position is None or isinstance(average_position, Point2D | Point2I)):
            message = f"The average position of a PSF is a Point2D, not {average_position!r}."
            raise ParameterTypeError(message)
        place = average_position or Point2D()
        self._average_position = Point2D(place.x, place.y)
        self._latest: tuple[Point2D, NDArray[np.float64], float] | None = None

    @abstractmethod
    def _sampled(self, position: Point2D, dx: float, dy: float) -> NDArray[np.float64]:
        """Return the PSF at a position on its grid, the star moved by an offset; of any scale."""

    @abstractmethod
    def resized(self, width: int, height: int) -> Self:
        """Return the same PSF with images of other dimensions.

        Parameters
        ----------
        width, height
            Dimensions of its images. Models made of pixels are cut, or zero
            beyond their own size.
        """

    @abstractmethod
    def to_rows(self) -> Rows:
        """Return the PSF as one row of a table; see `imaging.psf.persisted`."""

    @classmethod
    @abstractmethod
    def from_rows(cls, rows: Rows) -> Self:
        """Return the PSF that `to_rows` described.

        Raises
        ------
        PsfError
            If the row is not complete or says what is not possible.
        """

    @property
    def width(self) -> int:
        """Number of columns of its images."""
        return self._dimensions.x

    @property
    def height(self) -> int:
        """Number of rows of its images."""
        return self._dimensions.y

    @property
    def dimensions(self) -> Extent2I:
        """Width and height of its images."""
        return self._dimensions

    @property
    def average_position(self) -> Point2D:
        """Where the PSF is evaluated if no position is given."""
        return self._average_position

    def compute_bbox(self, position: Position | None = None) -> Box:  # noqa: ARG002 - a subclass may vary
        """Return the box of `compute_kernel_image`, around (0, 0)."""
        corner = Point2I(-center_index(self.width), -center_index(self.height))
        return Box(corner, self._dimensions)

    def compute_kernel_image(self, position: Position | None = None) -> Image:
        """Return the star in the middle of the pixel (0, 0).

        Parameters
        ----------
        position
            Where to evaluate the PSF; by default at its average position.

        Returns
        -------
        Image
            64-bit floating point, adding up to 1. It may be changed.

        Raises
        ------
        PsfError
            If the PSF cannot be evaluated there.
        """
        pixels, _ = self._kernel(self._resolved(position))
        return Image(pixels.copy(), self.compute_bbox(position).min)

    def compute_image(self, position: Position | None = None) -> Image:
        """Return a star of flux 1 at a position.

        Parameters
        ----------
        position
            Where the star is; by default at the average position.

        Returns
        -------
        Image
            64-bit floating point, in the coordinates of the position. It may
            be changed. Gaussians are evaluated where the star is; models made
            of pixels are interpolated.

        Raises
        ------
        PsfError
            If the PSF cannot be evaluated there.
        """
        place = self._resolved(position)
        pixel = place.rounded()
        dx, dy = place.x - pixel.x, place.y - pixel.y
        kernel, total = self._kernel(place)
        pixels = self._sampled(place, dx, dy) / total if dx or dy else kernel.copy()
        corner = self.compute_bbox(place).min
        return Image(pixels, Point2I(corner.x + pixel.x, corner.y + pixel.y))

    def compute_shape(self, position: Position | None = None) -> Quadrupole:
        """Return the second moments of the PSF, in pixels squared.

        Parameters
        ----------
        position
            Where to evaluate the PSF; by default at its average position.

        Returns
        -------
        Quadrupole
            Adaptive moments: weighted with the Gaussian that has the same
            moments. For a Gaussian, its own; good to 1 % from a sigma of
            0.8 pixels on, to 0.1 % from 1 pixel on, in a box of 6 sigma.

        Raises
        ------
        PsfError
            If they do not converge.
        """
        pixels, _ = self._kernel(self._resolved(position))
        center = Point2I(0, 0) - self.compute_bbox(position).min
        moments = adaptive_moments(pixels, center.x, center.y)
        return Quadrupole(moments.ixx, moments.iyy, moments.ixy)

    def compute_aperture_flux(self, radius: float, position: Position | None = None) -> float:
        """Return the part of the flux of a star within a circle around it.

        Parameters
        ----------
        radius
            In pixels.
        position
            Where to evaluate the PSF; by default at its average position.

        Returns
        -------
        float
            1 if the circle holds the whole kernel image. Within it the
            pixels are sinc interpolated.

        Raises
        ------
        PsfError
            If the radius is not positive.
        """
        if not (isinstance(radius, Real) and radius > 0):
            message = f"The radius of an aperture is positive, not {radius!r}."
            raise PsfError(message)
        if radius >= self.width + self.height:
            return 1.0
        pixels, _ = self._kernel(self._resolved(position))
        center = Point2I(0, 0) - self.compute_bbox(position).min
        return aperture_sum(pixels, center.x, center.y, radius)

    def compute_peak(self, position: Position | None = None) -> float:
        """Return the value of the kernel image at (0, 0); see `compute_kernel_image`."""
        pixels, _ = self._kernel(self._resolved(position))
        center = Point2I(0, 0) - self.compute_bbox(position).min
        return float(pixels[center.y, center.x])

    def write_fits(self, path: str) -> None:
        """Write the PSF to a file of its own; `imaging.psf.persisted.read_psf` reads it.

        Raises
        ------
        FitsFileError
            If it cannot be written.
        """
        write_parts(path, Metadata(), [RowsPart(self.to_rows(), "PSF")])

    def _resolved(self, position: Position | None) -> Point2D:
        if position is None:
            return self.average_position
        if not isinstance(position, Point2D | Point2I):
            raise ParameterTypeError(f"A PSF is evaluated at a Point2D, not at {position!r}.")
        if not (abs(position.x) < _FARTHEST and abs(position.y) < _FARTHEST):  # NaN is not
            message = f"A PSF cannot be evaluated at ({position.x}, {position.y})."
            raise PsfError(message)
        return Point2D(position.x, position.y)

    def _kernel(self, position: Point2D) -> tuple[NDArray[np.float64], float]:
        """Return the normalised kernel, not to be changed, and by what it was divided."""
        latest = self._latest
        if latest is None or latest[0] != position:
            pixels = self._sampled(position, 0.0, 0.0)
            total = float(pixels.sum())
            if not (np.isfinite(total) and total > 0):
                message = (
                    f"The PSF at ({position.x}, {position.y}) adds up to {total}, which is "
                    "not a star. Is the position inside the image that it was made for?"
                )
                raise PsfError(message)
            latest = position, pixels / total, total
            self._latest = latest  # one assignment: threads may share a PSF
        return latest[1], latest[2]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self) or not isinstance(other, Psf):
            return NotImplemented
        mine, theirs = self.to_rows().array, other.to_rows().array
        return mine.dtype == theirs.dtype and mine.tobytes() == theirs.tobytes()

    def __hash__(self) -> int:
        return hash((type(self), self._dimensions, self._average_position))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.width} x {self.height} pixels>"
