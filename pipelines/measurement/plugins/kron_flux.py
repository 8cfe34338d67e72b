"""How bright sources are within ellipses that follow their light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.measurement.aperture_kernels import elliptical_fluxes, kron_radii
from pipelines.measurement.plugin import FluxPlugin, PluginConfig
from pipelines.task import Field, RangeField

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.measurement.batch import Batch

__all__ = ["KronFlux", "KronFluxConfig"]

_KRON_OF_GAUSSIAN: Final = float(np.sqrt(np.pi / 2))
"""Kron radius of a round Gaussian in units of its sigma."""
_LARGEST_KRON: Final = 60.0
_WITHOUT_PSF: Final = ("flag_bad_shape_no_psf", "flag_no_minimum_radius", "flag_no_fallback_radius")
"""What the stack says of exposures without a PSF, in which nothing is measured here."""


class KronFluxConfig(PluginConfig):
    """The configuration of `KronFlux`."""

    nSigmaForRadius = RangeField[float](
        doc="Light counts for the radius up to so many times the ellipse of the moments.",
        dtype=float,
        default=6.0,
        min=1.0,
    )
    nRadiusForFlux = RangeField[float](
        doc="Light counts for the flux up to so many Kron radii.", dtype=float, default=2.5, min=0.1
    )
    enforceMinimumRadius = Field[bool](doc="Do not use a radius below the smallest.", default=True)
    minimumRadius = RangeField[float](
        doc="The smallest radius, in pixels, which also stands where the light gives none; "
        "0 for that of the PSF.",
        dtype=float,
        default=0.0,
        min=0.0,
    )


class KronFlux(FluxPlugin):
    """The light within an ellipse of a multiple of the Kron radius (Kron 1980)."""

    ConfigClass = KronFluxConfig
    execution_order = 2.5
    config: KronFluxConfig

    def add_fields(self) -> None:
        """Add flux, standard error, radii and flags."""
        super().add_fields()
        self.add("radius", "F", "Kron radius that was used", "pixel")
        self.add("radius_for_radius", "F", "how far out light counted for it", "pixel")
        self.add("psf_radius", "F", "Kron radius of the PSF", "pixel")
        self.add_flags(
            flag_edge="the ellipse reaches beyond the image",
            flag_bad_radius="the light gives no radius",
            flag_used_minimum_radius="the radius is the smallest one of the configuration",
            flag_used_psf_radius="the radius is that of the PSF",
            flag_small_radius="the radius that was measured is below that of the PSF",
            flag_bad_shape="the moments could not be measured: those of the PSF were used",
            flag_bad_shape_no_psf="there are no moments, and no PSF whose could be used",
            flag_no_minimum_radius="there is no smallest radius, and no PSF to give one",
            flag_no_fallback_radius="the light gives no radius, and there is no PSF to give one",
        )
        self.alias("flag_badInitialCentroid", "slot_Centroid_flag")

    def reach(self, psf_sigma: float) -> float:  # noqa: ARG002 - as in the base
        """Return a radius that few sources exceed; others are flagged as cut."""
        return _LARGEST_KRON

    def measure(self, batch: Batch) -> None:
        """Measure radii and fluxes."""
        x, y = batch.centers
        moments = batch.moments
        radii = self._measure_radii(batch)
        flux, error, edge = elliptical_fluxes(
            batch.stamps,
            batch.planes.variance,
            batch.corners,
            x,
            y,
            moments,
            self.config.nRadiusForFlux * radii,
        ).T
        cut = ~(edge == 0)
        bad = cut | batch.flag(self.field("flag_bad_radius")) | batch.flag("slot_Centroid_flag")
        self.put_flux(batch, flux.copy(), error.copy(), bad)
        self.put(
            batch,
            flag_edge=cut,
            flag_bad_shape=batch.flag("slot_Shape_flag"),
            **dict.fromkeys(_WITHOUT_PSF, np.zeros(len(batch), np.bool_)),
        )

    def _measure_radii(self, batch: Batch) -> NDArray[np.float64]:
        """Fill in what is known of radii, and return those that are used."""
        x, y = batch.centers
        moments, config = batch.moments, self.config
        measured = kron_radii(batch.stamps, batch.corners, x, y, moments, config.nSigmaForRadius)
        of_psf = _KRON_OF_GAUSSIAN * batch.planes.psf_sigma
        smallest = config.minimumRadius or of_psf
        bad_radius = ~np.isfinite(measured)
        replaced = bad_radius | ((measured < smallest) & config.enforceMinimumRadius)
        radii = np.where(replaced, smallest, measured)
        size = np.sqrt(np.sqrt(moments[:, 0] * moments[:, 1] - moments[:, 2] ** 2))
        self.put(
            batch,
            radius=radii,
            radius_for_radius=config.nSigmaForRadius * size,
            psf_radius=np.full(len(batch), of_psf),
            flag_bad_radius=bad_radius,
            flag_used_minimum_radius=replaced & (config.minimumRadius > 0),
            flag_used_psf_radius=replaced & (config.minimumRadius == 0),
            flag_small_radius=measured < of_psf,
        )
        return np.asarray(radii)
