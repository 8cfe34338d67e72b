"""Where sources are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.measurement.moment_kernels import CONVERGED, NO_LIGHT, windowed_centroids
from pipelines.measurement.plugin import PluginConfig, SourcePlugin
from pipelines.task import RangeField

if TYPE_CHECKING:
    from pipelines.measurement.batch import Batch

__all__ = ["NaiveCentroid", "SdssCentroid", "SdssCentroidConfig", "SkyCoord"]


class SdssCentroidConfig(PluginConfig):
    """The configuration of `SdssCentroid`."""

    maxDistToPeak = RangeField[float](
        doc="A position farther from the peak, in pixels, is not believed.",
        dtype=float,
        default=3.0,
        min=0.0,
    )


class SdssCentroid(SourcePlugin):
    """Where the light of a source is in balance under a Gaussian as wide as the PSF.

    Notes
    -----
    This is the best estimate for a star whose PSF is a Gaussian, and within a
    few per cent of it for real ones (SExtractor's windowed position is the
    same). Where it fails, the peak stands in its place and the flag is set.
    """

    ConfigClass = SdssCentroidConfig
    execution_order = 0.0
    config: SdssCentroidConfig

    def add_fields(self) -> None:
        """Add position, standard errors and flags."""
        for axis, word in ("x", "column"), ("y", "row"):
            self.add(axis, "D", f"{word} of the centre", "pixel")
        for axis, word in ("x", "column"), ("y", "row"):
            self.add(f"{axis}Err", "F", f"standard error of the {word}", "pixel")
        self.add_flags(
            flag="the position is that of the peak, because it could not be measured",
            flag_edge="the weight reaches beyond the image",
            flag_noSecondDerivative="there is no light at the peak",
            flag_notAtMaximum="no balance was found",
            flag_resetToPeak="the position was too far from the peak",
            flag_badError="the standard error is no finite number",
        )

    def reach(self, psf_sigma: float) -> float:
        """Return four sigma, and as far as the centre may move."""
        return 4 * psf_sigma + self.config.maxDistToPeak + 1

    def measure(self, batch: Batch) -> None:
        """Measure positions."""
        sigma, (peak_x, peak_y) = batch.planes.psf_sigma, batch.peaks
        found = windowed_centroids(
            batch.stamps,
            batch.planes.variance,
            batch.corners,
            peak_x,
            peak_y,
            sigma,
            self.config.maxDistToPeak,
        )
        x, y, x_err, y_err, status = found.T
        away = np.maximum(np.abs(x - peak_x), np.abs(y - peak_y)) > self.config.maxDistToPeak
        failed = status != CONVERGED
        x, y = np.where(failed, peak_x, x), np.where(failed, peak_y, y)
        height, width = batch.planes.variance.shape
        room = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
        corner = batch.planes.exposure.bbox.min
        self.put(
            batch,
            x=x + corner.x,
            y=y + corner.y,
            xErr=x_err,
            yErr=y_err,
            flag=failed,
            flag_edge=room < 4 * sigma,
            flag_noSecondDerivative=status == NO_LIGHT,
            flag_notAtMaximum=failed & (status != NO_LIGHT),
            flag_resetToPeak=failed & away,
            flag_badError=~np.isfinite(x_err + y_err),
        )


class NaiveCentroid(SourcePlugin):
    """The mean position of the light in the nine pixels around the peak."""

    execution_order = 0.5

    def add_fields(self) -> None:
        """Add position and flags."""
        self.add("x", "D", "column of the centre", "pixel")
        self.add("y", "D", "row of the centre", "pixel")
        self.add_flags(
            flag="the position is that of the peak, because it could not be measured",
            flag_noCounts="there is no light around the peak",
            flag_edge="the peak is at the edge of the image",
            flag_resetToPeak="the position was too far from the peak",
        )

    def reach(self, psf_sigma: float) -> float:  # noqa: ARG002 - as in the base
        """Return two pixels."""
        return 2.0

    def measure(self, batch: Batch) -> None:
        """Measure positions."""
        peak_x, peak_y = batch.peaks
        middle = batch.stamps.shape[1] // 2
        inner = slice(middle - 1, middle + 2)
        light = batch.stamps[:, inner, inner].astype(np.float64)
        offsets = np.array([-1.0, 0.0, 1.0])
        total = light.sum(axis=(1, 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            dx = (light.sum(axis=1) @ offsets) / total
            dy = (light.sum(axis=2) @ offsets) / total
        height, width = batch.planes.variance.shape
        column, row = np.rint(peak_x), np.rint(peak_y)
        edge = ~((column >= 1) & (column < width - 1) & (row >= 1) & (row < height - 1))
        empty = ~(total > 0)
        away = ~empty & ~(np.maximum(np.abs(dx), np.abs(dy)) <= 1)
        failed = edge | empty | away
        corner = batch.planes.exposure.bbox.min
        self.put(
            batch,
            x=np.where(failed, peak_x, column + dx) + corner.x,
            y=np.where(failed, peak_y, row + dy) + corner.y,
            flag=failed,
            flag_noCounts=empty,
            flag_edge=edge,
            flag_resetToPeak=away,
        )


class SkyCoord(SourcePlugin):
    """Positions on the sky, of the centroids in the slot; none without a WCS."""

    execution_order = 5.0

    def measure(self, batch: Batch) -> None:
        """Fill in ``coord_ra`` and ``coord_dec``."""
        wcs = batch.planes.exposure.wcs
        if wcs is None:
            return
        ra, dec = wcs.pixel_to_sky(batch["slot_Centroid_x"], batch["slot_Centroid_y"])
        batch.columns["coord_ra"] = np.radians(np.asarray(ra, np.float64))
        batch.columns["coord_dec"] = np.radians(np.asarray(dec, np.float64))
