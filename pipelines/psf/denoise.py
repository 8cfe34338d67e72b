"""Taking the noise of stars out of the images that a PSF was fitted from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from imaging.errors import PsfError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["denoised"]

_CORE_RADIUS: Final = 4.0
"""Of what varies over the image, in sigma of the PSF: beyond it noise is larger."""
_TAPER: Final = 1.4
"""By how much farther out the variation ends altogether."""
_FLOOR: Final = 1.5
"""Frequencies whose power is less than so many times that of the noise are left out."""


def denoised(planes: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Return the images of a PSF with less noise.

    Parameters
    ----------
    planes
        The mean PSF, and its changes over the image, shape (n_terms, ny, nx),
        both odd. The star is in the middle.
    sigma
        Width of the PSF, in pixels.

    Raises
    ------
    PsfError
        If the mean PSF is lost in the noise altogether.

    Notes
    -----
    Three things are known of a PSF beside its pixels. Seeing leaves nothing of
    the high frequencies that pixels can hold: those at which the mean PSF is
    lost in the noise are taken out of all images. Its wings are so faint that
    what they vary by cannot be seen: beyond some sigma nothing does. And they
    are round: there the mean PSF is that of its rings.
    """
    radius = _radii(planes.shape[1:])
    core = _CORE_RADIUS * sigma
    share = np.clip((_TAPER * core - radius) / ((_TAPER - 1) * core), 0.0, 1.0)
    result = _without_high_frequencies(planes)
    result[1:] *= share
    result[0] = share * result[0] + (1 - share) * _ring_means(planes[0], radius)
    return result


def _radii(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the distance of each pixel from the middle one."""
    y, x = (np.arange(size) - size // 2 for size in shape)
    return np.asarray(np.hypot(y[:, None], x))


def _ring_means(image: NDArray[np.float64], radius: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return an image in which each pixel is the mean of those at its distance from the middle."""
    ring = np.rint(radius).astype(np.intp)
    counts = np.bincount(ring.ravel())
    means = np.bincount(ring.ravel(), image.ravel()) / np.maximum(counts, 1)
    return np.asarray(np.interp(radius, np.arange(means.size), means))


def _without_high_frequencies(planes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return images without the frequencies at which the first one is lost in the noise."""
    transform = np.fft.fft2(planes)
    y, x = (np.fft.fftfreq(size) for size in planes.shape[1:])
    frequency = np.hypot(y[:, None], x)
    power = np.abs(transform[0]) ** 2
    floor = float(np.median(power[frequency > 0.5]))  # noqa: PLR2004 - beyond what pixels hold
    ring = np.rint(frequency * planes.shape[1]).astype(np.intp)
    means = np.bincount(ring.ravel(), power.ravel()) / np.bincount(ring.ravel())
    lost = np.flatnonzero(means < _FLOOR * floor)
    if not lost.size:
        return planes.copy()
    if not lost[0]:
        raise PsfError("The mean of the stars is lost in the noise at all frequencies.")
    end = lost[0] / planes.shape[1]
    passed = 0.5 * (1 + np.cos(np.pi * np.clip((frequency - end) / (0.25 * end), 0.0, 1.0)))
    return np.asarray(np.fft.ifft2(transform * passed).real)
