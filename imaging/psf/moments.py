"""Second moments of an image, weighted with the Gaussian that fits it best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import PsfError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Moments", "adaptive_moments"]

_FIRST_GUESS = 2.25  # a sigma of 1.5 pixels; any start between 0.5 and 10 pixels ends the same
_TOLERANCE = 1e-10  # relative change of the weight; far below what any measurement needs
_MAX_ITERATIONS = 200
_SMALLEST = 0.05  # grid steps^2: a narrower weight sees one pixel alone
_FINE = 3  # sinc interpolated values per pixel of a narrow image
_CORE = 12  # pixels around a narrow image: 10 of its sigmas
_NARROW = 18.0  # pixels^2 of effective area (4 pi sigma^2): below it a weight is badly sampled
_NO_ANSWER = (
    "The second moments of this PSF do not converge: {}. "
    "Look at its image: it may be noise, have two peaks, or be cut too small."
)


@dataclass(frozen=True, slots=True)
class Moments:
    """Centroid and second moments, in pixels and pixels squared."""

    x: float
    y: float
    ixx: float
    iyy: float
    ixy: float


def adaptive_moments(pixels: NDArray[np.float64], x: float, y: float) -> Moments:
    """Return the moments of an image with a Gaussian weight of the same size and shape.

    Parameters
    ----------
    pixels
        Shape (ny, nx), without background.
    x, y
        Indices at which to begin.

    Returns
    -------
    Moments
        For a Gaussian its true centre and its true second moments.

    Raises
    ------
    PsfError
        If centre, size and shape of the weight do not come to rest.

    Notes
    -----
    A Gaussian weighted with a Gaussian W has the inverse second moments of
    both added. So inv(measured) - inv(W) is the inverse of the next W, which
    is the answer at once for a Gaussian (Bernstein & Jarvis 2002, section 3).
    """
    area = pixels.sum() ** 2 / (pixels**2).sum()
    if area >= _NARROW:
        return _iterated(pixels, x, y)
    left, below = max(0, int(x) - _CORE), max(0, int(y) - _CORE)
    core = pixels[below : int(y) + _CORE + 1, left : int(x) + _CORE + 1]
    fine = _iterated(_refined(core), _FINE * (x - left), _FINE * (y - below))
    return Moments(
        fine.x / _FINE + left,
        fine.y / _FINE + below,
        fine.ixx / _FINE**2,
        fine.iyy / _FINE**2,
        fine.ixy / _FINE**2,
    )


def _refined(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values on a finer grid, which begins at the first pixel and ends at the last."""
    rows, columns = (
        np.sinc(np.arange(0, size - 1 + 0.5 / _FINE, 1 / _FINE)[:, None] - np.arange(size))
        for size in pixels.shape
    )
    fine: NDArray[np.float64] = rows @ pixels @ columns.T
    return fine


def _iterated(pixels: NDArray[np.float64], x: float, y: float) -> Moments:
    rows, columns = (np.arange(size, dtype=np.float64) for size in pixels.shape)
    weight = np.diag([_FIRST_GUESS, _FIRST_GUESS])
    for _ in range(_MAX_ITERATIONS):
        dx, dy = columns - x, rows - y
        inverse = np.linalg.inv(weight)
        of_x, of_y = inverse[0, 0] * dx**2 / 2, inverse[1, 1] * dy**2 / 2
        exponent = of_y[:, None] + of_x + np.multiply.outer(inverse[0, 1] * dy, dx)
        weighted = pixels * np.exp(-exponent)
        along_x, along_y = weighted.sum(axis=0), weighted.sum(axis=1)
        total = along_x.sum()
        if not total > 0:
            raise PsfError(_NO_ANSWER.format("its weighted sum is not positive"))
        shift_x, shift_y = along_x @ dx / total, along_y @ dy / total
        ixx = along_x @ dx**2 / total - shift_x**2
        iyy = along_y @ dy**2 / total - shift_y**2
        ixy = dy @ weighted @ dx / total - shift_x * shift_y
        last, weight = weight, _next_weight(np.array([[ixx, ixy], [ixy, iyy]]), inverse)
        # A weight pulls the centroid back to its own centre, by half for a Gaussian.
        x, y = x + 2 * shift_x, y + 2 * shift_y
        if not (0 <= x < pixels.shape[1] and 0 <= y < pixels.shape[0]):
            raise PsfError(_NO_ANSWER.format("its centre leaves the image"))
        change = max(np.abs(weight - last).max() / weight.max(), shift_x**2 + shift_y**2)
        if change < _TOLERANCE:
            return Moments(
                float(x), float(y), float(weight[0, 0]), float(weight[1, 1]), float(weight[0, 1])
            )
    raise PsfError(_NO_ANSWER.format(f"not in {_MAX_ITERATIONS} iterations"))


def _next_weight(
    measured: NDArray[np.float64], inverse: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the second moments of the Gaussian that would give the measured ones."""
    if np.linalg.det(measured) <= _SMALLEST**2 or measured[0, 0] <= 0:
        raise PsfError(_NO_ANSWER.format("it is narrower than a pixel"))
    difference = np.linalg.inv(measured) - inverse
    if np.linalg.det(difference) <= 0 or difference[0, 0] <= 0:
        raise PsfError(_NO_ANSWER.format("it is wider than its own box"))
    return np.linalg.inv(difference).astype(np.float64)
