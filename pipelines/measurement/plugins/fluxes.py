"""How bright sources are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.measurement.aperture_kernels import (
    circular_fluxes,
    psf_fluxes,
)
from pipelines.measurement.moment_kernels import gaussian_fluxes
from pipelines.measurement.plugin import FluxPlugin, PluginConfig, SourcePlugin
from pipelines.stars.star_images import star_images
from pipelines.task import ListField

if TYPE_CHECKING:
    from pipelines.measurement.batch import Batch

__all__ = [
    "CircularApertureFlux",
    "CircularApertureFluxConfig",
    "GaussianFlux",
    "PsfFlux",
    "PsfFluxConfig",
]


class PsfFluxConfig(PluginConfig):
    """The configuration of `PsfFlux`."""

    badMaskPlanes = ListField[str](
        doc="Mask planes whose pixels do not count.", dtype=str, default=[]
    )


class PsfFlux(FluxPlugin):
    """The flux of the star at the centroid that fits the pixels best."""

    ConfigClass = PsfFluxConfig
    config: PsfFluxConfig

    def add_fields(self) -> None:
        """Add flux, standard error, effective area and flags."""
        super().add_fields()
        self.add("area", "F", "effective area of the PSF", "pixel")
        self.add_flags(
            flag_noGoodPixels="no pixel was left to be fitted",
            flag_edge="the PSF reaches beyond the image",
        )

    def reach(self, psf_sigma: float) -> float:  # noqa: ARG002 - see below
        """Return nothing: the size of the PSF's images, which is not known here, is added."""
        return 0.0

    def measure(self, batch: Batch) -> None:
        """Measure fluxes."""
        x, y = batch.centers
        corner, psf = batch.planes.exposure.bbox.min, batch.planes.psf
        known = np.isfinite(x + y)
        place_x, place_y = np.where(known, x + corner.x, 0.0), np.where(known, y + corner.y, 0.0)
        stars = star_images(psf, place_x, place_y)
        star_corners = np.column_stack([stars.x0 - corner.x, stars.y0 - corner.y])
        found = psf_fluxes(
            batch.stamps,
            batch.planes.variance,
            batch.planes.mask,
            batch.planes.bits(*self.config.badMaskPlanes),
            batch.corners,
            stars.pixels,
            star_corners,
        )
        flux, error, area, _, edge = found.T
        flux, error = np.where(known, flux, np.nan), np.where(known, error, np.nan)
        failed = ~np.isfinite(flux)
        self.put_flux(batch, flux, error, failed | batch.flag("slot_Centroid_flag"))
        self.put(batch, area=area, flag_noGoodPixels=failed, flag_edge=edge > 0)


class GaussianFlux(FluxPlugin):
    """The flux of the Gaussian at the centroid, of the moments in the slot, that fits best.

    Sources without moments are measured with a Gaussian as wide as the PSF, and flagged.
    The error has that of the moments in it, where their plugin says what it
    makes of the flux, as `SdssShape` does.
    """

    def add_fields(self) -> None:
        """Add flux, standard error and flag."""
        super().add_fields()
        self.alias("flag_badShape", "slot_Shape_flag")

    def measure(self, batch: Batch) -> None:
        """Measure fluxes."""
        x, y = batch.centers
        flux, error = gaussian_fluxes(
            batch.stamps, batch.planes.variance, batch.corners, x, y, batch.moments
        ).T
        if "slot_Shape_instFluxErr" in batch:
            with_moments = batch["slot_Shape_instFluxErr"]
            error = np.where(np.isfinite(with_moments), with_moments, error)
        bad = batch.flag("slot_Centroid_flag") | batch.flag("slot_Shape_flag")
        self.put_flux(batch, flux.copy(), error.copy(), bad | ~np.isfinite(flux))


class CircularApertureFluxConfig(PluginConfig):
    """The configuration of `CircularApertureFlux`."""

    radii = ListField[float](
        doc="Radii of the apertures, in pixels; 4.5 gives the fields NAME_4_5_instFlux and so on.",
        dtype=float,
        default=[3.0, 4.5, 6.0, 9.0, 12.0, 17.0, 25.0, 35.0, 50.0, 70.0],
        minLength=1,
        itemCheck=lambda radius: 0 < radius < 500,  # noqa: PLR2004 - larger than any source
    )


class CircularApertureFlux(SourcePlugin):
    """The light within circles around the centroid."""

    ConfigClass = CircularApertureFluxConfig
    config: CircularApertureFluxConfig

    def add_fields(self) -> None:
        """Add flux, standard error and flags of each aperture."""
        for radius in self._radii:
            word = _radius_word(radius)
            self.add(f"{word}_instFlux", "D", f"flux within {radius} pixels", "count")
            self.add(f"{word}_instFluxErr", "D", "standard error of the flux", "count")
            self.add_flags(
                **{
                    f"{word}_flag": "the flux is not to be used",
                    f"{word}_flag_apertureTruncated": "the circle reaches beyond the image",
                }
            )
        self.alias("flag_badCentroid", "slot_Centroid_flag")

    @property
    def _radii(self) -> list[float]:
        return sorted(self.config.radii)

    def reach(self, psf_sigma: float) -> float:  # noqa: ARG002 - as in the base
        """Return the largest radius, and as far as centroids may be from peaks."""
        return max(self.config.radii) + 4

    def measure(self, batch: Batch) -> None:
        """Measure fluxes."""
        x, y = batch.centers
        radii = np.array(self._radii)
        found = circular_fluxes(batch.stamps, batch.planes.variance, batch.corners, x, y, radii)
        bad = batch.flag("slot_Centroid_flag")
        for number, radius in enumerate(radii.tolist()):
            word = _radius_word(radius)
            cut = ~(found[:, number, 2] == 0)
            self.put(
                batch,
                **{
                    f"{word}_instFlux": found[:, number, 0].copy(),
                    f"{word}_instFluxErr": found[:, number, 1].copy(),
                    f"{word}_flag": cut | bad,
                    f"{word}_flag_apertureTruncated": cut,
                },
            )


def _radius_word(radius: float) -> str:
    """Return how a radius is spelled in names of fields: 4_5 for 4.5."""
    return f"{radius:.1f}".replace(".", "_")
