"""What stands around sources: flagged pixels and noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.measurement.flag_kernels import (
    bits_at_centers,
    bits_in_footprints,
    median_variances,
)
from pipelines.measurement.plugin import PluginConfig, SourcePlugin
from pipelines.task import ListField, RangeField

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.measurement.batch import Batch

__all__ = [
    "FootprintArea",
    "PixelFlags",
    "PixelFlagsConfig",
    "Variance",
    "VarianceConfig",
]

_PLANES: Final = {
    "edge": "EDGE",
    "interpolated": "INTRP",
    "saturated": "SAT",
    "cr": "CR",
    "bad": "BAD",
    "suspect": "SUSPECT",
}
_AT_CENTER: Final = ("interpolated", "saturated", "cr", "suspect")


class PixelFlagsConfig(PluginConfig):
    """The configuration of `PixelFlags`."""

    masksFpAnywhere = ListField[str](
        doc="Further mask planes to look for in footprints; flag_PLANE in small letters.",
        dtype=str,
        default=[],
    )
    masksFpCenter = ListField[str](
        doc="Further mask planes to look for at centres.", dtype=str, default=[]
    )


class PixelFlags(SourcePlugin):
    """Which mask planes are set in footprints, and in the nine pixels around centres."""

    ConfigClass = PixelFlagsConfig
    config: PixelFlagsConfig

    def add_fields(self) -> None:
        """Add a flag for each plane."""
        self.add_flags(
            flag="the position is no number", flag_offimage="the centre is outside of the image"
        )
        for word, plane in self._anywhere.items():
            self.add_flags(**{f"flag_{word}": f"{plane} pixels are in the footprint"})
        for word, plane in self._at_center.items():
            self.add_flags(**{f"flag_{word}Center": f"{plane} pixels are at the centre"})

    @property
    def _anywhere(self) -> dict[str, str]:
        return _PLANES | {plane.lower(): plane for plane in self.config.masksFpAnywhere}

    @property
    def _at_center(self) -> dict[str, str]:
        further = {plane.lower(): plane for plane in self.config.masksFpCenter}
        return {word: _PLANES[word] for word in _AT_CENTER} | further

    def measure(self, batch: Batch) -> None:
        """Look for planes; planes that the mask does not have are set nowhere."""
        x, y = batch.centers
        sources, begin = batch.sources, batch.part.start
        begins = sources.span_begins[begin : begin + len(batch) + 1]
        anywhere = bits_in_footprints(batch.planes.mask, sources.spans, begins)
        center = bits_at_centers(batch.planes.mask, x, y)
        outside = center == -1
        center = np.where(outside, 0, center)
        mask = batch.planes.exposure.mask

        def chosen(bits: NDArray[np.int32], plane: str) -> NDArray[np.bool_]:
            value = mask.get_bit_mask(plane) if plane in mask.planes else 0
            return np.asarray((bits & value) != 0)

        flags = {f"flag_{word}": chosen(anywhere, plane) for word, plane in self._anywhere.items()}
        flags["flag_edge"] = flags["flag_edge"] | outside
        for word, plane in self._at_center.items():
            flags[f"flag_{word}Center"] = chosen(center, plane)
        self.put(batch, flag=~np.isfinite(x + y), flag_offimage=outside, **flags)


class FootprintArea(SourcePlugin):
    """How many pixels footprints have."""

    def add_fields(self) -> None:
        """Add the area."""
        self.add("value", "I", "number of pixels of the footprint", "pixel")

    def measure(self, batch: Batch) -> None:
        """Count pixels."""
        self.put(batch, value=batch.sources.areas[batch.part])


class VarianceConfig(PluginConfig):
    """The configuration of `Variance`."""

    scale = RangeField[float](
        doc="Size of the ellipse around a source, in units of its moments.",
        dtype=float,
        default=5.0,
        min=0.1,
    )
    mask = ListField[str](
        doc="Mask planes whose pixels do not count.",
        dtype=str,
        default=["DETECTED", "DETECTED_NEGATIVE", "BAD", "SAT"],
    )


class Variance(SourcePlugin):
    """The median variance of the pixels around a source that belong to none."""

    ConfigClass = VarianceConfig
    config: VarianceConfig

    def add_fields(self) -> None:
        """Add the variance and flags."""
        self.add("value", "D", "median variance of the pixels around the source", "count^2")
        self.add_flags(
            flag="there is no variance", flag_emptyFootprint="no pixel around the source counts"
        )
        self.alias("flag_badCentroid", "slot_Centroid_flag")

    def measure(self, batch: Batch) -> None:
        """Measure variances."""
        x, y = batch.centers
        values = median_variances(
            batch.planes.variance,
            batch.planes.mask,
            batch.planes.bits(*self.config.mask),
            x,
            y,
            batch.moments,
            self.config.scale,
        )
        empty = ~np.isfinite(values)
        self.put(batch, value=values, flag=empty, flag_emptyFootprint=empty)
