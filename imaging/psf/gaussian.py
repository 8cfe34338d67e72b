"""Point-spread functions that are Gaussians, the same everywhere."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Self

import numpy as np

from imaging.errors import PsfError
from imaging.psf.gen2_names import DoubleGaussianNames, SingleGaussianNames
from imaging.psf.psf import Psf
from imaging.psf.resampling import center_index
from imaging.psf.rows import described, only_row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.fits.rows import Rows
    from imaging.geometry.points import Point2D

__all__ = ["DoubleGaussianPsf", "SingleGaussianPsf"]


class SingleGaussianPsf(SingleGaussianNames, Psf):
    """A round Gaussian.

    Parameters
    ----------
    width, height
        Dimensions of its images; six sigma hold 99.6 % of the flux.
    sigma
        Standard deviation along each axis, in pixels.

    Raises
    ------
    PsfError
        If a dimension or sigma is not positive.

    Notes
    -----
    Pixels have the value of the Gaussian at their centre.
    """

    KIND = "SingleGaussianPsf"

    def __init__(self, width: int, height: int, sigma: float) -> None:
        super().__init__(width, height)
        self._sigma = _checked("sigma", sigma)

    @property
    def sigma(self) -> float:
        """Standard deviation along each axis, in pixels."""
        return self._sigma

    def _sampled(self, position: Point2D, dx: float, dy: float) -> NDArray[np.float64]:  # noqa: ARG002 - it does not vary
        return _gaussian(self.width, self.height, dx, dy, self._sigma)

    def resized(self, width: int, height: int) -> Self:
        """Return the same Gaussian with images of other dimensions."""
        return type(self)(width, height, self._sigma)

    def to_rows(self) -> Rows:
        """Return the PSF as one row of a table."""
        columns = {"dimensions": _pair(self), "sigma": np.array(self._sigma)}
        return described(self.KIND, 1, columns)

    @classmethod
    def from_rows(cls, rows: Rows) -> Self:
        """Return the PSF that `to_rows` described."""
        row = only_row(rows, ("dimensions", "sigma"))
        width, height = row["dimensions"].tolist()
        return cls(width, height, float(row["sigma"]))

    def __repr__(self) -> str:
        return f"SingleGaussianPsf({self.width}, {self.height}, sigma={self._sigma!r})"


class DoubleGaussianPsf(DoubleGaussianNames, Psf):
    """The sum of two round Gaussians.

    Parameters
    ----------
    width, height
        Dimensions of its images.
    sigma1, sigma2
        Standard deviations along each axis, in pixels.
    b
        Height of the peak of the second relative to the first. With 0 there
        is no second one.

    Raises
    ------
    PsfError
        If a dimension or a sigma is not positive, or ``b`` is not finite.
    """

    KIND = "DoubleGaussianPsf"

    def __init__(
        self, width: int, height: int, sigma1: float, sigma2: float = 1.0, b: float = 0.0
    ) -> None:
        super().__init__(width, height)
        self._sigma1, self._sigma2 = _checked("sigma1", sigma1), _checked("sigma2", sigma2)
        if not np.isfinite(b):
            message = f"b={b!r}: the relative height of a peak is a finite number."
            raise PsfError(message)
        self._b = float(b)

    @property
    def sigma1(self) -> float:
        """Standard deviation of the first Gaussian, in pixels."""
        return self._sigma1

    @property
    def sigma2(self) -> float:
        """Standard deviation of the second Gaussian, in pixels."""
        return self._sigma2

    @property
    def b(self) -> float:
        """Height of the peak of the second relative to the first."""
        return self._b

    def _sampled(self, position: Point2D, dx: float, dy: float) -> NDArray[np.float64]:  # noqa: ARG002 - it does not vary
        first = _gaussian(self.width, self.height, dx, dy, self._sigma1)
        return first + self._b * _gaussian(self.width, self.height, dx, dy, self._sigma2)

    def resized(self, width: int, height: int) -> Self:
        """Return the same Gaussians with images of other dimensions."""
        return type(self)(width, height, self._sigma1, self._sigma2, self._b)

    def to_rows(self) -> Rows:
        """Return the PSF as one row of a table."""
        numbers = {"sigma1": self._sigma1, "sigma2": self._sigma2, "b": self._b}
        columns = {name: np.array(value) for name, value in numbers.items()}
        return described(self.KIND, 1, {"dimensions": _pair(self), **columns})

    @classmethod
    def from_rows(cls, rows: Rows) -> Self:
        """Return the PSF that `to_rows` described."""
        row = only_row(rows, ("dimensions", "sigma1", "sigma2", "b"))
        width, height = row["dimensions"].tolist()
        return cls(width, height, float(row["sigma1"]), float(row["sigma2"]), float(row["b"]))

    def __repr__(self) -> str:
        return (
            f"DoubleGaussianPsf({self.width}, {self.height}, sigma1={self._sigma1!r}, "
            f"sigma2={self._sigma2!r}, b={self._b!r})"
        )


def _gaussian(width: int, height: int, dx: float, dy: float, sigma: float) -> NDArray[np.float64]:
    x = np.arange(width) - center_index(width) - dx
    y = np.arange(height) - center_index(height) - dy
    return np.outer(np.exp(-(y**2) / (2 * sigma**2)), np.exp(-(x**2) / (2 * sigma**2)))


def _checked(name: str, sigma: float) -> float:
    if not (isinstance(sigma, Real) and np.isfinite(sigma) and sigma > 0):
        message = f"{name}={sigma!r}: the width of a Gaussian is a positive number of pixels."
        raise PsfError(message)
    return float(sigma)


def _pair(psf: Psf) -> NDArray[np.int32]:
    return np.array([psf.width, psf.height], np.int32)
