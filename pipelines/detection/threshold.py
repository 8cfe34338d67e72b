"""How bright a pixel has to be to belong to a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.detection.kernels import clipped_deviation, grown_spans, spans_above

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.detection.smoothing import SmoothedImage

__all__ = ["THRESHOLD_TYPES", "Threshold", "noise_level"]

THRESHOLD_TYPES: Final = {
    "variance": "squares of pixels, in the unit of the image squared",
    "stdev": "standard deviations of the pixels without sources, one number for the image",
    "value": "values of pixels, in the unit of the image",
    "pixel_stdev": "standard deviations of each pixel, from the variance plane",
}
_N_SIGMA: Final = 3.0
_ITERATIONS: Final = 3
_OBJECT_SIGMA: Final = 5.0
_OBJECT_MARGIN: Final = 5
"""Sources are left out of the noise with so many pixels around them."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The square of a pixel of a source is above ``constant + factor * variance``."""

    constant: float
    factor: float

    @classmethod
    def of(cls, kind: str, value: float) -> Threshold:
        """Return a threshold.

        Parameters
        ----------
        kind
            One of `THRESHOLD_TYPES`.
        value
            The threshold in its unit; for ``stdev`` in that of the image,
            after multiplication with the `noise_level`.
        """
        if kind == "pixel_stdev":
            return cls(0.0, value**2)
        return cls(value if kind == "variance" else value**2, 0.0)

    def limits(self, sign: float) -> tuple[float, float, float]:
        """Return what `pipelines.detection.kernels.spans_above` takes."""
        return sign, self.constant, self.factor

    def significance(
        self, image: NDArray[np.float32], variance: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Return absolute pixel values in units of the threshold."""
        square = self.constant + self.factor * variance.astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.abs(image) / np.sqrt(square), np.float64)


def noise_level(smooth: SmoothedImage, bad: NDArray[np.bool_]) -> float:
    """Return the standard deviation of the pixels that belong to no source.

    Parameters
    ----------
    smooth
        A smoothed image.
    bad
        Pixels that do not count, shape (ny, nx).

    Returns
    -------
    float
        NaN if there are no pixels.

    Notes
    -----
    A clipped standard deviation still holds the wings of sources. So what is
    above five of them is left out, and five pixels around it, and the
    standard deviation is taken once more.
    """
    excluded = bad.copy()
    excluded[_outside(smooth)] = True
    _, first = clipped_deviation(smooth.image, excluded, _N_SIGMA, _ITERATIONS)
    limit = (_OBJECT_SIGMA * first) ** 2
    spans = spans_above(smooth.image, smooth.variance, (1.0, limit, 0.0), smooth.good)
    brush = np.full(2 * _OBJECT_MARGIN + 1, _OBJECT_MARGIN, np.int32)
    for y, begin, last in grown_spans(spans, brush, *bad.shape).tolist():
        excluded[y, begin : last + 1] = True
    _, second = clipped_deviation(smooth.image, excluded, _N_SIGMA, _ITERATIONS)
    return second if np.isfinite(second) else first


def _outside(smooth: SmoothedImage) -> NDArray[np.bool_]:
    """Return which pixels lie in the margins."""
    first_x, last_x, first_y, last_y = smooth.good
    outside = np.ones(smooth.image.shape, np.bool_)
    outside[first_y : max(last_y, -1) + 1, first_x : max(last_x, -1) + 1] = False
    return outside
