"""How large and how elongated sources are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.measurement.moment_kernels import (
    CONVERGED,
    NO_LIGHT,
    NOT_CONVERGED,
    adaptive_shapes,
)
from pipelines.measurement.plugin import PluginConfig, SourcePlugin
from pipelines.stars.star_images import kernel_images
from pipelines.task import RangeField

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.measurement.batch import Batch

__all__ = ["SdssShape", "SdssShapeConfig"]

_MOMENTS: Final = ("xx", "yy", "xy")
_NO_VARIANCE: Final = np.empty((0, 0), np.float32)
_LARGEST_SIGMA: Final = 12.0


class SdssShapeConfig(PluginConfig):
    """The configuration of `SdssShape`."""

    maxShift = RangeField[float](
        doc="A centre farther from the centroid, in pixels, is not believed.",
        dtype=float,
        default=5.0,
        min=0.0,
    )


class SdssShape(SourcePlugin):
    """Second moments under the Gaussian weight that has the same ones (adaptive moments).

    Notes
    -----
    See Bernstein & Jarvis 2002, section 3. Where nothing is found the moments
    are NaN and the flag is set. The moments of the PSF at the place of the
    source stand beside its own. A source has the errors of one that is at
    least as large as the PSF; see `adaptive_shapes`.
    """

    ConfigClass = SdssShapeConfig
    execution_order = 1.0
    config: SdssShapeConfig

    def add_fields(self) -> None:
        """Add moments, errors, centre, flux, moments of the PSF and flags."""
        for part in _MOMENTS:
            self.add(part, "D", f"second moment {part}", "pixel^2")
        for part in _MOMENTS:
            self.add(f"{part}Err", "F", f"standard error of the moment {part}", "pixel^2")
        self.add("x", "D", "column of the centre of the weight", "pixel")
        self.add("y", "D", "row of the centre of the weight", "pixel")
        self.add("instFlux", "D", "flux of the Gaussian of these moments", "count")
        self.add("instFluxErr", "D", "standard error of that flux", "count")
        for part in _MOMENTS:
            self.add(f"psf_{part}", "D", f"second moment {part} of the PSF", "pixel^2")
        for part in _MOMENTS:
            doc = f"covariance of the flux and the moment {part}"
            self.add(f"instFlux_{part}_Cov", "F", doc, "count*pixel^2")
        self.add_flags(
            flag="no moments were found",
            flag_unweightedBad="the weighted light is not positive, or has no size",
            flag_shift="the centre of the weight went too far away",
            flag_maxIter="the weight did not come to rest",
            flag_psf="no moments of the PSF were found",
        )
        self.alias("flag_badCentroid", "slot_Centroid_flag")

    def reach(self, psf_sigma: float) -> float:
        """Return four sigma of sources up to three times as large as the PSF, or 12 pixels."""
        return 4 * min(max(3 * psf_sigma, 5.0), _LARGEST_SIGMA) + self.config.maxShift

    def measure(self, batch: Batch) -> None:
        """Measure moments."""
        x, y = batch.centers
        narrowest = self._measure_psf(batch, x, y)
        variance = batch.planes.psf_sigma**2
        first = (1.2 * variance, 1.2 * variance, 0.0)
        found = adaptive_shapes(
            batch.stamps,
            batch.planes.variance,
            batch.corners,
            x,
            y,
            first,
            self.config.maxShift,
            narrowest,
        )
        status = found[:, 13]
        distance = np.maximum(np.abs(found[:, 0] - x), np.abs(found[:, 1] - y))
        away = distance > self.config.maxShift
        corner = batch.planes.exposure.bbox.min
        names = ("xx", "yy", "xy", "instFlux", "instFluxErr", "xxErr", "yyErr", "xyErr")
        self.put(
            batch,
            x=found[:, 0] + corner.x,
            y=found[:, 1] + corner.y,
            instFlux_xx_Cov=found[:, 10],
            instFlux_yy_Cov=found[:, 11],
            instFlux_xy_Cov=found[:, 12],
            flag=status != CONVERGED,
            flag_unweightedBad=status == NO_LIGHT,
            flag_shift=away,
            flag_maxIter=(status == NOT_CONVERGED) & ~away,
            **dict(zip(names, found[:, 2:10].T, strict=True)),
        )

    def _measure_psf(
        self, batch: Batch, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Measure the moments of the PSF where the sources are, and return its sigma there."""
        corner = batch.planes.exposure.bbox.min
        here = np.nan_to_num(x) + corner.x, np.nan_to_num(y) + corner.y
        images = kernel_images(batch.planes.psf, *here)
        half_y, half_x = ((size - 1) // 2 for size in images.shape[1:])
        count, variance = len(images), batch.planes.psf_sigma**2
        found = adaptive_shapes(
            images,
            _NO_VARIANCE,
            np.zeros((count, 2), np.int64),
            np.full(count, float(half_x)),
            np.full(count, float(half_y)),
            (variance, variance, 0.0),
            2.0,
            np.zeros(count),
        )
        whole = np.broadcast_to(found, (len(batch), found.shape[1]))
        columns = {f"psf_{part}": whole[:, 2 + n].copy() for n, part in enumerate(_MOMENTS)}
        self.put(batch, flag_psf=whole[:, 13] != CONVERGED, **columns)
        xx, yy, xy = whole[:, 2:5].T
        sigma = np.sqrt(np.sqrt(xx * yy - xy**2))
        return np.asarray(np.where(np.isfinite(sigma), sigma, batch.planes.psf_sigma))
