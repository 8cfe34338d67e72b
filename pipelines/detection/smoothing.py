"""Smoothing an image with the width of its PSF, before sources are looked for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from pipelines.detection.kernels import smoothed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["SmoothedImage", "blind_borders", "gaussian_weights", "smooth", "unsmoothed"]


@dataclass(frozen=True, slots=True)
class SmoothedImage:
    """A smoothed image, its variance, and where both are good.

    Parameters
    ----------
    image, variance
        Shape (ny, nx). The variance is that of one smoothed pixel; the noise
        of neighbours is correlated.
    margins
        So many columns on the left and on the right, rows at the bottom and
        at the top, lack light from outside.
    """

    image: NDArray[np.float32]
    variance: NDArray[np.float32]
    margins: tuple[int, int, int, int]

    @property
    def good(self) -> tuple[int, int, int, int]:
        """First and last column, first and last row of the good pixels, inclusive."""
        height, width = self.image.shape
        left, right, bottom, top = self.margins
        return left, width - 1 - right, bottom, height - 1 - top


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


def blind_borders(is_blind: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return how many columns and rows at the edges see nothing: left, right, bottom, top.

    Parameters
    ----------
    is_blind
        Whether a pixel does, shape (ny, nx). A column or row does if more
        than half of its pixels do, as far as such ones follow from the edge.
    """
    height, width = is_blind.shape
    return (
        _count_blind(is_blind[:, i] for i in range(width)),
        _count_blind(is_blind[:, i] for i in range(width - 1, -1, -1)),
        _count_blind(is_blind[j] for j in range(height)),
        _count_blind(is_blind[j] for j in range(height - 1, -1, -1)),
    )


def _count_blind(lines: Iterable[NDArray[np.bool_]]) -> int:
    """Return how many lines see nothing before the first that does."""
    return sum(1 for _ in takewhile(lambda line: 2 * np.count_nonzero(line) > line.size, lines))


def smooth(
    image: NDArray[np.number],
    variance: NDArray[np.number],
    sigma: float,
    n_sigma: float,
    borders: tuple[int, int, int, int] = (0, 0, 0, 0),
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
    borders
        Columns on the left and right, rows at the bottom and top that see
        nothing, as `blind_borders` returns them.

    Notes
    -----
    The smoothed value at a star's centre is the best estimate of its height
    if the Gaussian has the shape of the PSF, so that a threshold on it, in
    units of its own noise, is one on the signal to noise of point sources.
    """
    weights = gaussian_weights(sigma, n_sigma)
    half = weights.size // 2
    left, right, bottom, top = borders
    return SmoothedImage(
        smoothed(np.ascontiguousarray(image, np.float32), weights),
        smoothed(np.ascontiguousarray(variance, np.float32), weights**2),
        (left + half, right + half, bottom + half, top + half),
    )


def unsmoothed(image: NDArray[np.number], variance: NDArray[np.number]) -> SmoothedImage:
    """Return an image as it is, all of it good; what is no finite number is zero."""
    pixels, noise = (np.ascontiguousarray(plane, np.float32) for plane in (image, variance))
    return SmoothedImage(np.nan_to_num(pixels, posinf=0, neginf=0), noise, (0, 0, 0, 0))
