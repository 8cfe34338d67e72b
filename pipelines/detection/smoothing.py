"""Smoothing an image with the width of its PSF, before sources are looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipelines.detection.kernels import smoothed

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SmoothedImage", "gaussian_weights", "smooth", "unsmoothed"]


@dataclass(frozen=True, slots=True)
class SmoothedImage:
    """A smoothed image, its variance, and where both are good.

    Parameters
    ----------
    image, variance
        Shape (ny, nx). The variance is that of one smoothed pixel; the noise
        of neighbours is correlated.
    margin
        So many rows and columns at each edge lack light from outside.
    """

    image: NDArray[np.float32]
    variance: NDArray[np.float32]
    margin: int

    @property
    def good(self) -> tuple[int, int, int, int]:
        """First and last column, first and last row of the good pixels, inclusive."""
        height, width = self.image.shape
        return self.margin, width - 1 - self.margin, self.margin, height - 1 - self.margin


def gaussian_weights(sigma: float, n_sigma: float) -> NDArray[np.float32]:
    """Return the weights of a Gaussian at whole pixels, which add up to one.

    Parameters
    ----------
    sigma
        Its standard deviation, in pixels.
    n_sigma
        The number of weights, in units of sigma; rounded up to an odd one.
    """
    half = max(int(np.ceil((sigma * n_sigma - 1) / 2)), 1)
    offsets = np.arange(-half, half + 1)
    weights = np.exp(-(offsets**2) / (2 * sigma**2))
    return np.asarray(weights / weights.sum(), np.float32)


def smooth(
    image: NDArray[np.number], variance: NDArray[np.number], sigma: float, n_sigma: float
) -> SmoothedImage:
    """Smooth an image with a Gaussian, and its variance with the squared one.

    Parameters
    ----------
    image, variance
        Shape (ny, nx). Pixels that are no finite numbers count as zero.
    sigma
        Standard deviation of the Gaussian, in pixels.
    n_sigma
        Width of the kernel, in units of sigma.

    Notes
    -----
    The smoothed value at a star's centre is the best estimate of its height
    if the Gaussian has the shape of the PSF, so that a threshold on it, in
    units of its own noise, is one on the signal to noise of point sources.
    """
    weights = gaussian_weights(sigma, n_sigma)
    return SmoothedImage(
        smoothed(np.ascontiguousarray(image, np.float32), weights),
        smoothed(np.ascontiguousarray(variance, np.float32), weights**2),
        weights.size // 2,
    )


def unsmoothed(image: NDArray[np.number], variance: NDArray[np.number]) -> SmoothedImage:
    """Return an image as it is, all of it good; what is no finite number is zero."""
    pixels, noise = (np.ascontiguousarray(plane, np.float32) for plane in (image, variance))
    return SmoothedImage(np.nan_to_num(pixels, posinf=0, neginf=0), noise, 0)
