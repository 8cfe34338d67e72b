"""Choosing places without sources, at which the sky is measured like a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from imaging.footprint.footprint import Footprint
from imaging.footprint.span_set import SpanSet
from pipelines.task import Config, Field, ListField, RangeField, Task, time_method

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.image.mask import Mask

__all__ = ["SkyObjectsConfig", "SkyObjectsTask"]

_TRIALS_PER_SOURCE = 5


class SkyObjectsConfig(Config):
    """Where sky objects are, and how many; the names are those of the LSST stack."""

    avoidMask = ListField[str](
        doc="No sky object has a pixel with one of these planes.",
        dtype=str,
        default=["DETECTED", "DETECTED_NEGATIVE", "BAD", "NO_DATA"],
    )
    growMask = RangeField[int](
        doc="Pixels by which these planes grow before.", dtype=int, default=0, min=0
    )
    sourceRadius = RangeField[float](
        doc="Radius of a sky object in pixels.", dtype=float, default=8.0, min=0.0
    )
    nSources = RangeField[int](doc="How many there shall be.", dtype=int, default=100, min=0)
    nTrialSources = Field[int](
        doc="How many places are tried; None: five for each.", optional=True, default=None
    )


class SkyObjectsTask(Task):
    """Choose circles on the sky, away from all that was detected.

    Parameters
    ----------
    config, name, parent_task, log
        As for `pipelines.task.Task`.
    """

    ConfigClass: ClassVar[type[Config]] = SkyObjectsConfig
    _DefaultName: ClassVar[str] = "skyObjects"
    config: SkyObjectsConfig

    @time_method
    def run(self, mask: Mask, seed: int) -> list[Footprint]:
        """Choose places at random.

        Parameters
        ----------
        mask
            With what was detected; planes that it does not have are nowhere.
        seed
            The same one chooses the same places, for example the number of the
            exposure.

        Returns
        -------
        list of Footprint
            At most ``nSources``, fewer where there is little sky; each a circle
            with one peak, of no height, in its middle. They may overlap each
            other.
        """
        config = self.config
        radius = int(config.sourceRadius)
        planes = [name for name in config.avoidMask if name in mask.planes]
        is_bad = (mask.array & mask.get_bit_mask(planes)) != 0
        circle = _circle(radius + config.growMask)
        trials = config.nTrialSources
        count = _TRIALS_PER_SOURCE * config.nSources if trials is None else trials
        found: list[Footprint] = []
        for x, y in _places(is_bad.shape, radius, count, seed):
            if len(found) == config.nSources:
                break
            if not _meets(is_bad, circle, x, y):
                found.append(self._object(mask, x + mask.bbox.min_x, y + mask.bbox.min_y, radius))
        self.metadata["objects"] = len(found)
        return found

    def _object(self, mask: Mask, x: int, y: int, radius: int) -> Footprint:
        made = Footprint(SpanSet.from_shape(radius, offset=(x, y)), region=mask.bbox)
        made.add_peak(x, y, 0.0)
        return made


def _circle(radius: int) -> NDArray[np.bool_]:
    """Return which pixels around one are within a distance, shape (2 radius + 1,) * 2."""
    rows, columns = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    return np.asarray(rows**2 + columns**2 <= radius**2)


def _places(shape: tuple[int, ...], radius: int, count: int, seed: int) -> list[list[int]]:
    """Return columns and rows of circles that lie in an image."""
    height, width = shape
    if min(height, width) <= 2 * radius:
        return []
    random = np.random.default_rng(seed)
    columns = random.integers(radius, width - radius, count)
    rows = random.integers(radius, height - radius, count)
    places: list[list[int]] = np.column_stack([columns, rows]).tolist()
    return places


def _meets(is_bad: NDArray[np.bool_], circle: NDArray[np.bool_], x: int, y: int) -> bool:
    """Tell whether a circle around a pixel has a bad one; beyond the image there is none."""
    reach = circle.shape[0] // 2
    bottom, left = max(y - reach, 0), max(x - reach, 0)
    part = is_bad[bottom : y + reach + 1, left : x + reach + 1]
    down, over = bottom - (y - reach), left - (x - reach)
    return bool((part & circle[down : down + part.shape[0], over : over + part.shape[1]]).any())
