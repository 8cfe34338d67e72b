"""Cosmic rays: what is sharper than a star can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.errors import CosmicRayError, ExposureError
from pipelines.repair.kernels import add_faint, find_seeds, grow_rays

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.psf.psf import Psf

__all__ = ["CosmicRayLimits", "find_cosmic_rays", "sharpest_ratios"]

_MAX_SKY_SIGMA: Final = 1.5
"""Errors above the background up to which a mean of five pixels or so is of the sky alone."""
_LINES: Final = (((0, 1),), ((1, 0),), ((1, 1), (1, -1)))


@dataclass(frozen=True, slots=True)
class CosmicRayLimits:
    """What makes a cosmic ray.

    Parameters
    ----------
    min_sigma
        A ray begins at pixels so many of their errors above the background,
        and above one pair of opposite neighbours.
    min_counts
        Counts of a ray above the background, in the image's unit.
    slack
        Errors that pixel and pair are given in the comparison with the PSF.
    sharpness
        Rays are sharper than the PSF by this factor: the smaller, the fewer.
    rounds
        Steps by which rays grow from where they begin.
    max_pixels
        With more the image is not believed.
    faint_sigma
        Neighbours of a ray that stand so many of their errors out of the sky
        round them belong to it, too; none if that is not positive.
    """

    min_sigma: float = 6.0
    min_counts: float = 150.0
    slack: float = 2.5
    sharpness: float = 0.6
    rounds: int = 3
    max_pixels: int = 10_000
    faint_sigma: float = 0.75


def sharpest_ratios(psf: Psf) -> NDArray[np.float32]:
    """Return the smallest ratios of the neighbours of a star's brightest pixel to it.

    Parameters
    ----------
    psf
        Evaluated at its average position, with the star in the middle of a
        pixel, where it is sharpest.

    Returns
    -------
    numpy.ndarray
        For the row, the column and the diagonals: the mean of the two
        neighbours over the pixel between.

    Raises
    ------
    ExposureError
        If it has fewer than 3 x 3 pixels, or no peak.
    """
    image = psf.compute_kernel_image()
    y, x = -image.bbox.min_y, -image.bbox.min_x
    ny, nx = image.array.shape
    if not (1 <= y < ny - 1 and 1 <= x < nx - 1 and image.array[y, x] > 0):
        raise ExposureError(
            f"The PSF {psf!r} has {nx} x {ny} pixels and no peak with neighbours in its middle, so "
            "nothing can be said to be sharper. Set another one: exposure.psf = ..."
        )
    pixels = image.array.astype(np.float64)
    ratios = []
    for steps in _LINES:
        pairs = [(pixels[y + dy, x + dx] + pixels[y - dy, x - dx]) / 2 for dy, dx in steps]
        ratios.append(min(pairs) / pixels[y, x])
    return np.array(ratios, np.float32)


def find_cosmic_rays(
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    mask: NDArray[np.int32],
    skipped: int,
    ratios: NDArray[np.float32],
    level: float,
    limits: CosmicRayLimits,
) -> tuple[int, NDArray[np.int32]]:
    """Return the cosmic rays of an image.

    Parameters
    ----------
    image, variance, mask
        Shape (ny, nx), rows contiguous.
    skipped
        Bits of the mask where nothing is looked for.
    ratios
        Of the PSF: see `sharpest_ratios`.
    level
        The background.
    limits
        What makes a ray.

    Returns
    -------
    tuple
        Number of rays; and a row (y, x, number of the ray from 1 on) for each of
        their pixels.

    Raises
    ------
    CosmicRayError
        If they have too many pixels.

    Notes
    -----
    The conditions are those of the photometric pipeline of SDSS as the LSST
    stack has them: a pixel stands out of the mean of *one* pair of opposite
    neighbours at least (of all four it would miss a third of the rays), and is
    above what the PSF makes of one pair. Growth is bounded, and of a pair with
    one pixel of a ray the other one counts; else a ray eats the star beside it.
    The charge that a track leaves in the pixels beside it and at its ends is
    mostly below that: a thirtieth of all charge where the sky is bright. So one
    more step is made with `faint_sigma`, where there is nothing but sky.
    """
    sharpest = (ratios * limits.sharpness).astype(np.float32)
    seeds = np.zeros((limits.max_pixels, 2), np.int32)
    count = find_seeds(
        image, variance, mask, skipped, sharpest, level, limits.min_sigma, limits.slack, seeds
    )
    if count > limits.max_pixels:
        raise _too_many(limits)
    pixels = np.zeros((limits.max_pixels, 3), np.int32)
    if count == 0:
        return 0, pixels[:0]
    owner = np.zeros(image.shape, np.int32)
    rays, end = grow_rays(
        image, variance, mask, skipped, sharpest, level, limits.min_sigma, limits.min_counts,
        limits.rounds, seeds[:count], owner, pixels,
    )  # fmt: skip
    if limits.faint_sigma > 0:
        end = add_faint(
            image, variance, mask, skipped, level, limits.faint_sigma, _MAX_SKY_SIGMA,
            owner, pixels, end,
        )  # fmt: skip
    if end < 0:
        raise _too_many(limits)
    return rays, pixels[:end]


def _too_many(limits: CosmicRayLimits) -> CosmicRayError:
    return CosmicRayError(
        f"Cosmic rays have more than {limits.max_pixels} pixels: the PSF is too wide for this "
        "image, its variance too small, or its background not subtracted. If they are real, "
        "raise cosmicray.nCrPixelMax."
    )
