"""Which sources are stars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.measurement.plugin import CatalogPlugin, PluginConfig
from pipelines.task import RangeField

if TYPE_CHECKING:
    from pipelines.measurement.batch import MeasuredColumns

__all__ = ["ClassificationExtendedness", "ExtendednessConfig"]


class ExtendednessConfig(PluginConfig):
    """The configuration of `ClassificationExtendedness`."""

    fluxRatio = RangeField[float](
        doc="A source is a star if this times its model flux is below its PSF flux.",
        dtype=float,
        default=0.925,
        min=0.0,
    )
    modelErrFactor = RangeField[float](
        doc="So many standard errors are added to the model flux.",
        dtype=float,
        default=0.0,
        min=0.0,
    )
    psfErrFactor = RangeField[float](
        doc="So many standard errors are added to the PSF flux.", dtype=float, default=0.0, min=0.0
    )


class ClassificationExtendedness(CatalogPlugin):
    """0 for stars and 1 for what is larger, from the ratio of PSF and model flux."""

    ConfigClass = ExtendednessConfig
    config: ExtendednessConfig

    def add_fields(self) -> None:
        """Add the class and its flag."""
        self.add("value", "D", "0 for a star, 1 for what is larger, NaN for what is not known")
        self.add_flags(flag="the fluxes say nothing")

    def measure(self, batch: MeasuredColumns) -> None:
        """Classify sources."""
        config = self.config
        model, psf = (f"slot_{kind}Flux" for kind in ("Model", "Psf"))
        upper = config.fluxRatio * batch[f"{model}_instFlux"]
        upper = upper + config.modelErrFactor * batch[f"{model}_instFluxErr"]
        lower = batch[f"{psf}_instFlux"] + config.psfErrFactor * batch[f"{psf}_instFluxErr"]
        bad = batch.flag(f"{model}_flag") | batch.flag(f"{psf}_flag") | ~np.isfinite(upper - lower)
        self.put(batch, value=np.where(bad, np.nan, (upper >= lower) * 1.0), flag=bad)
