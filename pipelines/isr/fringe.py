"""Fringes: light of the night sky that interferes in the detector."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from pipelines.errors import CalibrationError
from pipelines.task import Config, Field, ListField, Struct, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.exposure.exposure import Exposure
    from pipelines.isr.masters import MasterCalibration

__all__ = ["FringeConfig", "FringeTask", "fit_amplitude"]


class FringeConfig(Config):
    """Where fringes are subtracted, and how their strength is measured."""

    filters = ListField[str](
        doc="Filters, by band or physical name, that show fringes; others are left alone.",
        default=[],
    )
    num = Field[int](doc="Places at which image and fringes are compared.", default=30000)
    small = Field[int](doc="Half size of the boxes at these places, pixels.", default=3)
    large = Field[int](doc="Half size of the surroundings that are subtracted.", default=30)
    iterations = Field[int](doc="Rounds of clipping.", default=20)
    clip = Field[float](doc="Deviations beyond which a place does not count.", default=3.0)
    badMaskPlanes = ListField[str](
        doc="Pixels with these planes do not count.", default=["SAT", "BAD", "SUSPECT", "NO_DATA"]
    )


class FringeTask(Task):
    """Subtract the fringe pattern as strongly as it is in the image."""

    ConfigClass: ClassVar[type[Config]] = FringeConfig
    _DefaultName: ClassVar[str] = "fringe"
    config: FringeConfig

    def is_wanted(self, exposure: Exposure) -> bool:
        """Return whether the exposure's filter shows fringes."""
        label = exposure.filter
        names = set() if label is None else {label.band, label.physical, label.name}
        return not names.isdisjoint(self.config.filters)

    def run(self, exposure: Exposure, fringe: MasterCalibration) -> Struct:
        """Subtract fringes in place.

        Parameters
        ----------
        exposure
            Assembled.
        fringe
            The pattern, in any unit.

        Returns
        -------
        Struct
            ``amplitude`` of the pattern in the image, ``rms`` of what is
            left at the places that were used, their number ``used``.

        Raises
        ------
        CalibrationError
            If it has other pixels than the exposure, or is flat.
        """
        if fringe.bbox != exposure.bbox:
            raise CalibrationError(
                f"The fringe pattern is {fringe.bbox}, but the exposure is {exposure.bbox}. Switch "
                "the step off by doFringe = False."
            )
        config = self.config
        bad = exposure.mask.get_plane(
            [name for name in config.badMaskPlanes if name in exposure.mask.planes]
        )
        pattern = np.asarray(fringe.image.array, np.float32)
        bad = bad | ~np.isfinite(exposure.image.array) | ~np.isfinite(pattern)
        y, x = _places(bad.shape, config.num, config.large)
        image = _contrast(exposure.image.array, bad, y, x, (config.small, config.large))
        known = _contrast(pattern, bad, y, x, (config.small, config.large))
        result = fit_amplitude(image, known, config.clip, config.iterations)
        exposure.image.array -= np.float32(result.amplitude) * np.where(bad, 0, pattern)
        self.log.info("Fringes: amplitude %.5g from %d places", result.amplitude, result.used)
        self.metadata["amplitude"] = result.amplitude
        return result


def fit_amplitude(
    image: NDArray[np.float64], pattern: NDArray[np.float64], clip_sigma: float, rounds: int
) -> Struct:
    """Return how strongly a pattern is in an image, by least squares with clipping.

    Parameters
    ----------
    image, pattern
        Values at the same places, shape (n,); NaN do not count.
    clip_sigma
        Deviations beyond which a place does not count.
    rounds
        At most so many.

    Returns
    -------
    Struct
        ``amplitude``, ``rms`` and ``used``.

    Raises
    ------
    CalibrationError
        If the pattern is flat at all places.
    """
    keep = np.isfinite(image) & np.isfinite(pattern)
    amplitude = rms = 0.0
    for _ in range(max(1, rounds)):
        power = float(np.dot(pattern[keep], pattern[keep]))
        if not power > 0:
            raise CalibrationError(
                "The fringe pattern is flat, or no pixel of the exposure is good: its amplitude "
                "cannot be measured. Switch the step off by doFringe = False."
            )
        amplitude = float(np.dot(image[keep], pattern[keep])) / power
        off = np.abs(image - amplitude * pattern)
        rms = float(np.sqrt(np.mean(np.square(off[keep]))))
        closer = keep & (off <= clip_sigma * rms)
        if closer.sum() in (0, keep.sum()):
            break
        keep = closer
    return Struct(amplitude=amplitude, rms=rms, used=int(keep.sum()))


def _places(shape: tuple[int, int], count: int, margin: int) -> tuple[NDArray[np.int64], ...]:
    """Return random places that are the same each time, away from the edges where possible."""
    rng = np.random.default_rng(0)
    margins = [min(margin, (size - 1) // 2) for size in shape]
    return tuple(
        rng.integers(edge, size - edge, count) for size, edge in zip(shape, margins, strict=True)
    )


def _contrast(
    image: NDArray[np.number],
    bad: NDArray[np.bool_],
    y: NDArray[np.int64],
    x: NDArray[np.int64],
    sizes: tuple[int, int],
) -> NDArray[np.float64]:
    """Return means of small boxes less those of large ones; NaN without a good pixel."""
    sums = _integral(np.where(bad, 0, image))
    counts = _integral(~bad)
    small, large = (_box_mean(sums, counts, y, x, size) for size in sizes)
    return small - large


def _integral(values: NDArray[np.generic]) -> NDArray[np.float64]:
    ny, nx = values.shape
    table = np.zeros((ny + 1, nx + 1))
    np.cumsum(np.cumsum(values, axis=0, dtype=np.float64), axis=1, out=table[1:, 1:])
    return table


def _box_mean(
    sums: NDArray[np.float64],
    counts: NDArray[np.float64],
    y: NDArray[np.int64],
    x: NDArray[np.int64],
    half: int,
) -> NDArray[np.float64]:
    y0, x0 = np.maximum(y - half, 0), np.maximum(x - half, 0)
    y1 = np.minimum(y + half + 1, sums.shape[0] - 1)
    x1 = np.minimum(x + half + 1, sums.shape[1] - 1)
    total, number = (
        table[y1, x1] - table[y0, x1] - table[y1, x0] + table[y0, x0] for table in (sums, counts)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / number, np.float64)
