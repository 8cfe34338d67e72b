"""Noise in place of sources, so that one is measured without the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.detection.kernels import clipped_deviation
from pipelines.errors import ExposureError
from pipelines.measurement.stamp_kernels import pixels_in_spans
from pipelines.task import ChoiceField, Config, Field

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.exposure.exposure import Exposure

__all__ = ["NoiseReplacerConfig", "noise_for"]

_CLIP: Final = 3.0
_ITERATIONS: Final = 3
_ENOUGH: Final = 2_000_000
"""Pixels that say what the noise is: to 0.05 %."""


class NoiseReplacerConfig(Config):
    """What stands in place of sources; the names are those of the LSST stack."""

    noiseSource = ChoiceField[str](
        doc="Where the noise comes from.",
        dtype=str,
        default="measure",
        optional=False,
        allowed={
            "measure": "mean and standard deviation of the pixels outside of all sources",
            "variance": "the variance plane, pixel by pixel",
        },
    )
    noiseOffset = Field[float](doc="What is added to the noise.", default=0.0)
    noiseSeedMultiplier = Field[int](
        doc="Times the identifier of the exposure: the seed. 0 for the same seed always.",
        default=1,
    )


def noise_for(
    exposure: Exposure,
    spans: NDArray[np.int32],
    covered: NDArray[np.bool_],
    config: NoiseReplacerConfig,
    exposure_id: int,
) -> NDArray[np.float32]:
    """Return noise for the pixels of spans.

    Parameters
    ----------
    exposure
        The image.
    spans
        Row, first and last column (inclusive), as indices, shape (n, 3).
    covered
        Which pixels belong to sources, shape (ny, nx).
    config
        Where the noise comes from.
    exposure_id
        Makes the noise another one for each exposure; the same gives the same.

    Raises
    ------
    ExposureError
        If no pixel is outside of all sources, and noise is to be measured there.
    """
    count = int((spans[:, 2] - spans[:, 1] + 1).sum())
    seed = abs(exposure_id) * config.noiseSeedMultiplier
    noise = np.random.default_rng(seed).standard_normal(count, np.float32)
    if config.noiseSource == "variance":
        variance = pixels_in_spans(np.ascontiguousarray(exposure.variance.array, np.float32), spans)
        noise *= np.sqrt(np.maximum(np.nan_to_num(variance, posinf=0), 0))
        return np.asarray(noise + np.float32(config.noiseOffset))
    step = max(covered.size // _ENOUGH, 1)
    rows = np.ascontiguousarray(exposure.image.array[::step], np.float32)
    hidden = np.ascontiguousarray(covered[::step])
    mean, deviation = clipped_deviation(rows, hidden, _CLIP, _ITERATIONS)
    if not np.isfinite(deviation):
        raise ExposureError(
            "Sources cover the whole image, so that its noise cannot be measured. "
            "Set config.noiseReplacer.noiseSource = 'variance'."
        )
    return np.asarray(noise * np.float32(deviation) + np.float32(mean + config.noiseOffset))
