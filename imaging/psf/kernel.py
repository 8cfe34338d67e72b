"""Point-spread functions that are made of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from imaging.errors import ParameterTypeError, PsfError
from imaging.geometry.points import Point2D
from imaging.image.image import Image
from imaging.psf.gen2_names import KernelNames
from imaging.psf.psf import Position, Psf
from imaging.psf.resampling import resized_pixels, shifted
from imaging.psf.rows import described, only_row
from imaging.psf.varying_pixels import SpatialBasis, VaryingPixels

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from imaging.fits.rows import Rows

__all__ = ["KernelPsf", "PolynomialPsf"]


class KernelPsf(KernelNames, Psf):
    """One image, the same everywhere.

    Parameters
    ----------
    image
        The star, on any scale, with its centre at index ``(size - 1) // 2``
        of each axis. The origin of the image does not count. Copied.
    average_position
        Where the star was seen; by default at (0, 0).

    Raises
    ------
    PsfError
        If pixels are not finite or do not add up to a positive number.
    """

    KIND = "KernelPsf"

    def __init__(self, image: Image, average_position: Position | None = None) -> None:
        if not isinstance(image, Image):
            raise ParameterTypeError(f"A PSF of pixels is made of an Image, not of {image!r}.")
        super().__init__(image.width, image.height, average_position)
        self._pixels = np.array(image.array, np.float64)
        self._pixels.flags.writeable = False
        total = self._pixels.sum()
        if not (np.isfinite(total) and total > 0):
            message = f"The pixels of a PSF add up to a positive number, not to {total}."
            raise PsfError(message)

    @property
    def kernel(self) -> Image:
        """The image as it was given, around (0, 0): a copy."""
        return Image(self._pixels.copy(), self.compute_bbox().min)

    def _sampled(self, position: Point2D, dx: float, dy: float) -> NDArray[np.float64]:  # noqa: ARG002 - it does not vary
        return shifted(self._pixels, dx, dy)

    def resized(self, width: int, height: int) -> Self:
        """Return the star cut, or bordered with zeros, to other dimensions."""
        pixels = resized_pixels(self._pixels, width, height)
        return type(self)(Image(pixels), self.average_position)

    def to_rows(self) -> Rows:
        """Return the PSF as one row of a table."""
        position = np.array([self.average_position.x, self.average_position.y])
        return described(self.KIND, 1, {"average_position": position, "pixels": self._pixels})

    @classmethod
    def from_rows(cls, rows: Rows) -> Self:
        """Return the PSF that `to_rows` described."""
        row = only_row(rows, ("average_position", "pixels"))
        return cls(Image(row["pixels"]), Point2D(*row["average_position"].tolist()))


class PolynomialPsf(Psf):
    """An image whose pixels are polynomials of the position.

    Parameters
    ----------
    coefficients
        One image per term of the basis, shape (n_terms, ny, nx), on any
        scale. Copied.
    basis
        The polynomials, which the fit of a PSF uses for its design matrix.
    average_position
        Where to evaluate it by default; the centre of the basis if not given.

    Raises
    ------
    PsfError
        If the shapes do not match or values are not finite.

    Notes
    -----
    A sum of fixed images with weights that are polynomials of the position
    (principal components, Karhunen-Loeve components) is the same with fewer
    free numbers: `from_components`.
    """

    KIND = "PolynomialPsf"

    def __init__(
        self,
        coefficients: ArrayLike,
        basis: SpatialBasis,
        average_position: Position | None = None,
    ) -> None:
        self._model = VaryingPixels(coefficients, basis)
        height, width = self._model.shape
        super().__init__(width, height, average_position or Point2D(*basis.center))

    @classmethod
    def from_components(
        cls,
        images: ArrayLike,
        weights: ArrayLike,
        basis: SpatialBasis,
        average_position: Position | None = None,
    ) -> Self:
        """Return the PSF that is a sum of images.

        Parameters
        ----------
        images
            Shape (n_images, ny, nx).
        weights
            Coefficients of the polynomials for each image, shape (n_images, n_terms).
        basis
            The polynomials.
        average_position
            Where to evaluate it by default.
        """
        model = VaryingPixels.from_components(images, weights, basis)
        return cls(model.coefficients, basis, average_position)

    @property
    def coefficients(self) -> NDArray[np.float64]:
        """One image per term, shape (n_terms, ny, nx); it cannot be changed."""
        return self._model.coefficients

    @property
    def basis(self) -> SpatialBasis:
        """The polynomials."""
        return self._model.basis

    def _sampled(self, position: Point2D, dx: float, dy: float) -> NDArray[np.float64]:
        if not (dx or dy):
            return self._model.at(position.x, position.y)
        kernel, total = self._kernel(position)
        return shifted(kernel, dx, dy) * total

    def resized(self, width: int, height: int) -> Self:
        """Return the images cut, or bordered with zeros, to other dimensions."""
        planes = resized_pixels(self.coefficients, width, height)
        return type(self)(planes, self.basis, self.average_position)

    def to_rows(self) -> Rows:
        """Return the PSF as one row of a table."""
        position = np.array([self.average_position.x, self.average_position.y])
        columns = self._model.to_columns()
        return described(self.KIND, 1, {"average_position": position, **columns})

    @classmethod
    def from_rows(cls, rows: Rows) -> Self:
        """Return the PSF that `to_rows` described."""
        row = only_row(rows, ("average_position", *VaryingPixels.COLUMNS))
        model = VaryingPixels.from_columns(row)
        return cls(model.coefficients, model.basis, Point2D(*row["average_position"].tolist()))
