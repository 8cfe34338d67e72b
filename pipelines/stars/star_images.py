"""Images of stars at many places at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from imaging.geometry.points import Point2D
from imaging.psf.gaussian import DoubleGaussianPsf, SingleGaussianPsf
from imaging.psf.kernel import KernelPsf, PolynomialPsf
from imaging.psf.resampling import shift_taps
from pipelines.stars.kernels import combined_images, shifted_images

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.psf.psf import Psf

__all__ = ["FIRST_TAP", "StarImages", "kernel_images", "star_images"]

FIRST_TAP: Final = -4
"""Where the ten pixels that `imaging.psf.resampling.shift_taps` weighs begin."""


@dataclass(frozen=True, slots=True)
class StarImages:
    """Stars of flux 1, each in a box around it.

    Parameters
    ----------
    pixels
        Shape (n, ny, nx).
    x0, y0
        Column and row of the first pixel of each, shape (n,).
    """

    pixels: NDArray[np.float32]
    x0: NDArray[np.int64]
    y0: NDArray[np.int64]


def kernel_images(psf: Psf, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the PSF at positions, centred in a pixel and adding up to 1.

    Parameters
    ----------
    psf
        The model.
    x, y
        Positions in pixels, shape (n,); finite.

    Returns
    -------
    numpy.ndarray
        Shape (n, ny, nx); (1, ny, nx) if the PSF is the same everywhere.
    """
    if isinstance(psf, PolynomialPsf):
        terms = np.ascontiguousarray(psf.basis.evaluate(x, y))
        flat = psf.coefficients.reshape(len(psf.basis), -1)
        return combined_images(terms, flat).reshape(-1, psf.height, psf.width)
    places = [Point2D(*place) for place in zip(x.tolist(), y.tolist(), strict=True)]
    if isinstance(psf, KernelPsf | SingleGaussianPsf | DoubleGaussianPsf):
        places = [psf.average_position]
    kernels = [psf.compute_kernel_image(place).array for place in places]
    return np.asarray(kernels, np.float32).reshape(-1, psf.height, psf.width)


def star_images(psf: Psf, x: NDArray[np.float64], y: NDArray[np.float64]) -> StarImages:
    """Return images of stars of flux 1, as `Psf.compute_image` makes them one by one.

    Parameters
    ----------
    psf
        The model.
    x, y
        Positions in pixels, shape (n,); finite.

    Notes
    -----
    In 32-bit numbers, of which a sum over the stamp is good to 1e-6.
    """
    columns, rows = np.floor(x + 0.5), np.floor(y + 0.5)
    offsets = np.column_stack([columns - x, rows - y])
    half_x, half_y = (psf.width - 1) // 2, (psf.height - 1) // 2
    corner_x, corner_y = columns.astype(np.int64) - half_x, rows.astype(np.int64) - half_y
    if isinstance(psf, SingleGaussianPsf):
        pixels = _gaussians(psf, offsets)
    else:
        whole = np.floor(offsets)
        taps = [shift_taps(offsets[:, axis] - whole[:, axis]) for axis in (0, 1)]
        firsts = whole.astype(np.int64) + FIRST_TAP
        taps_x, taps_y = (np.ascontiguousarray(part, np.float32) for part in taps)
        pixels = shifted_images(kernel_images(psf, x, y), taps_x, taps_y, firsts)
    return StarImages(pixels, corner_x, corner_y)


def _gaussians(psf: SingleGaussianPsf, offsets: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return Gaussians evaluated where the stars are, on the scale of the centred one."""
    profiles = []
    for axis, size in enumerate((psf.width, psf.height)):
        steps = np.arange(size) - (size - 1) // 2
        scale = np.exp(-(steps**2) / (2 * psf.sigma**2)).sum()
        distances = steps + offsets[:, axis, None]
        profiles.append(np.exp(-(distances**2) / (2 * psf.sigma**2)) / scale)
    along_x, along_y = profiles
    return np.asarray(along_y[:, :, None] * along_x[:, None, :], np.float32)
