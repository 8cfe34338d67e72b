"""The background around sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.measurement.background_kernels import ring_levels
from pipelines.measurement.plugin import PluginConfig, SourcePlugin
from pipelines.task import ListField, RangeField

if TYPE_CHECKING:
    from pipelines.measurement.batch import Batch

__all__ = ["LocalBackground", "LocalBackgroundConfig"]


class LocalBackgroundConfig(PluginConfig):
    """The configuration of `LocalBackground`; the names are those of the LSST stack."""

    badMaskPlanes = ListField[str](
        doc="Mask planes whose pixels do not count.", dtype=str, default=["BAD", "SAT", "NO_DATA"]
    )
    annulusInner = RangeField[float](
        doc="Inner radius of the ring, in sigma of the PSF.", dtype=float, default=7.0, min=0.0
    )
    annulusOuter = RangeField[float](
        doc="Outer radius of the ring, in sigma of the PSF.", dtype=float, default=15.0, min=0.1
    )
    bgRej = RangeField[float](
        doc="Pixels farther from the mean, in standard deviations, do not count.",
        dtype=float,
        default=3.0,
        min=0.5,
    )
    bgIter = RangeField[int](doc="How often pixels are left out.", dtype=int, default=3, min=0)

    def validate(self) -> None:
        """Refuse a ring without pixels."""
        super().validate()
        if self.annulusOuter <= self.annulusInner:
            raise ValueError(
                f"annulusOuter is {self.annulusOuter} and annulusInner {self.annulusInner}: "
                "the ring has no pixels. Make annulusOuter the larger one."
            )


class LocalBackground(SourcePlugin):
    """The mean of a ring around the centroid, others replaced by noise and outliers left out.

    The error is the standard deviation of the pixels, not that of their mean.
    """

    ConfigClass = LocalBackgroundConfig
    config: LocalBackgroundConfig

    def add_fields(self) -> None:
        """Add the level, the standard deviation and flags."""
        self.add("instFlux", "D", "mean of the pixels in a ring around the source", "count")
        self.add("instFluxErr", "D", "standard deviation of these pixels", "count")
        self.add_flags(
            flag="there is no background",
            flag_noGoodPixels="no pixel of the ring counts",
            flag_noPsf="there is no PSF, which gives the size of the ring",
        )
        self.alias("flag_badCentroid", "slot_Centroid_flag")

    def reach(self, psf_sigma: float) -> float:
        """Return the outer radius, and as far as centroids may be from peaks."""
        return self.config.annulusOuter * psf_sigma + 4

    def measure(self, batch: Batch) -> None:
        """Measure backgrounds."""
        x, y = batch.centers
        sigma, config = batch.planes.psf_sigma, self.config
        level, deviation = ring_levels(
            batch.stamps,
            batch.planes.mask,
            batch.planes.bits(*config.badMaskPlanes),
            batch.corners,
            x,
            y,
            (config.annulusInner * sigma, config.annulusOuter * sigma),
            config.bgRej,
            config.bgIter,
        ).T
        empty = ~np.isfinite(level)
        self.put(
            batch,
            instFlux=level.copy(),
            instFluxErr=deviation.copy(),
            flag=empty | batch.flag("slot_Centroid_flag"),
            flag_noGoodPixels=empty,
            flag_noPsf=np.zeros(len(batch), np.bool_),  # nothing is measured without one
        )
