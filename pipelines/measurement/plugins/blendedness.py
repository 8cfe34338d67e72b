"""How much of the light at a source is that of its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.measurement.blend_kernels import excess_light, weighted_light
from pipelines.measurement.plugin import PluginConfig, SourcePlugin
from pipelines.task import Field, RangeField

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.measurement.batch import Batch

__all__ = ["Blendedness", "BlendednessConfig"]

_KINDS: Final = {"raw": "the pixels", "abs": "the pixels, none of which is taken to be negative"}
_OWNERS: Final = {"child": "the source alone", "parent": "all light in its place"}
_MOMENTS: Final = ("xx", "yy", "xy")


class BlendednessConfig(PluginConfig):
    """The configuration of `Blendedness`; the names are those of the LSST stack."""

    doOld = Field[bool](doc="Whether to compare pixel by pixel in footprints.", default=True)
    doFlux = Field[bool](doc="Whether to compare fluxes.", default=True)
    doShape = Field[bool](doc="Whether to measure moments with and without others.", default=True)
    nSigmaWeightMax = RangeField[float](
        doc="How far the weight reaches, in units of the moments' ellipse.",
        dtype=float,
        default=3.0,
        min=0.1,
    )


class Blendedness(SourcePlugin):
    """Which part of the light at a source is that of its neighbours.

    Notes
    -----
    1 minus the flux of the source by that of all light in its place, both
    under the Gaussian of the source's moments: 0 for a source alone. ``raw``
    takes the pixels as they are; ``abs`` takes light to be positive (see
    `positive_light`), which faint sources need. ``old`` is the light of
    others weighted with the source's own, by that squared.
    """

    ConfigClass = BlendednessConfig
    execution_order = 3.0
    config: BlendednessConfig

    def add_fields(self) -> None:
        """Add ratios, fluxes, moments and flags."""
        if self.config.doOld:
            self.add("old", "D", "light of others, weighted with the source's own, by that squared")
        for kind, pixels in _KINDS.items():
            if self.config.doFlux:
                self.add(kind, "D", f"part of the light that is that of neighbours, from {pixels}")
            for owner, light in _OWNERS.items():
                name, doc = f"{kind}_{owner}", f"of {light}, under the Gaussian of the source"
                if self.config.doFlux:
                    self.add(f"{name}_instFlux", "D", f"flux {doc}, from {pixels}", "count")
                for part in _MOMENTS if self.config.doShape else ():
                    self.add(
                        f"{name}_{part}", "D", f"moment {part} {doc}, from {pixels}", "pixel^2"
                    )
        self.add_flags(
            flag="the light under the source could not be compared",
            flag_noCentroid="the position could not be measured: that of the peak was used",
            flag_noShape="the moments could not be measured",
        )

    def measure(self, batch: Batch) -> None:
        """Compare the light of sources with and without the others."""
        if self.config.doOld:
            self.put(batch, old=self._old(batch))
        x, y = batch.centers
        light = weighted_light(
            batch.stamps,
            batch.corners,
            batch.sources.original,
            batch.planes.variance,
            x,
            y,
            batch.moments,
            self.config.nSigmaWeightMax,
        )
        for number, kind in enumerate(_KINDS):
            self._put(
                batch, kind, dict(zip(_OWNERS, np.moveaxis(light[:, :, number], 1, 0), strict=True))
            )
        no_shape = batch.flag("slot_Shape_flag")
        unknown = ~np.isfinite(light[:, :, 0, 0].sum(axis=1))
        self.put(
            batch,
            flag=no_shape | unknown,
            flag_noCentroid=batch.flag("slot_Centroid_flag"),
            flag_noShape=no_shape,
        )

    def _put(self, batch: Batch, kind: str, light: dict[str, NDArray[np.float64]]) -> None:
        """Fill in what one kind of pixels gives."""
        for owner, found in light.items():
            name = f"{kind}_{owner}"
            if self.config.doFlux:
                self.put(batch, **{f"{name}_instFlux": found[:, 0].copy()})
            if self.config.doShape:
                moments = zip(_MOMENTS, found[:, 1:].T, strict=True)
                self.put(batch, **{f"{name}_{part}": values.copy() for part, values in moments})
        if self.config.doFlux:
            with np.errstate(divide="ignore", invalid="ignore"):
                self.put(batch, **{kind: 1 - light["child"][:, 0] / light["parent"][:, 0]})

    @staticmethod
    def _old(batch: Batch) -> NDArray[np.float64]:
        sources, begin = batch.sources, batch.part.start
        part = slice(begin, begin + len(batch) + 1)
        return excess_light(
            sources.original,
            sources.spans,
            sources.span_begins[part],
            sources.values,
            sources.value_begins[part],
        )
