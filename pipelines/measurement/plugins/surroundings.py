"""What stands around sources: flagged pixels, noise, neighbours; and what follows for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.measurement.flag_kernels import (
    bits_at_centers,
    bits_in_footprints,
    median_variances,
)
from pipelines.measurement.moment_kernels import gaussian_fluxes
from pipelines.measurement.plugin import PluginConfig, SourcePlugin
from pipelines.task import ListField, RangeField

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.measurement.batch import Batch

__all__ = [
    "Blendedness",
    "ClassificationExtendedness",
    "ExtendednessConfig",
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
_NO_VARIANCE: Final = np.empty((0, 0), np.float32)
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
        excluded = batch.planes.selected(*self.config.mask)
        values = median_variances(
            batch.planes.variance, excluded, x, y, batch.moments, self.config.scale
        )
        empty = ~np.isfinite(values)
        self.put(batch, value=values, flag=empty, flag_emptyFootprint=empty)


class Blendedness(SourcePlugin):
    """Which part of the light at a source is that of its neighbours.

    1 minus the flux of the source by that of all light in its place, both
    under the Gaussian of the source's moments: 0 for a source alone.
    """

    execution_order = 3.0

    def add_fields(self) -> None:
        """Add the ratio, the two fluxes and flags."""
        self.add("raw", "D", "part of the light that is that of neighbours")
        self.add("raw_child_instFlux", "D", "flux of the source alone", "count")
        self.add("raw_parent_instFlux", "D", "flux of all light in its place", "count")
        self.add_flags(
            flag="there is no ratio",
            flag_noCentroid="the position could not be measured",
            flag_noShape="the moments could not be measured",
        )

    def measure(self, batch: Batch) -> None:
        """Compare the light of sources with and without the others."""
        x, y = batch.centers
        whole, corner = batch.sources.original[None], np.zeros((1, 2), np.int64)
        child, parent = (
            gaussian_fluxes(stamps, _NO_VARIANCE, corners, x, y, batch.moments)[:, 0]
            for stamps, corners in ((batch.stamps, batch.corners), (whole, corner))
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = 1 - child / parent
        no_centroid, no_shape = batch.flag("slot_Centroid_flag"), batch.flag("slot_Shape_flag")
        self.put(
            batch,
            raw=ratio,
            raw_child_instFlux=child.copy(),
            raw_parent_instFlux=parent.copy(),
            flag=no_centroid | no_shape | ~np.isfinite(ratio),
            flag_noCentroid=no_centroid,
            flag_noShape=no_shape,
        )


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


class ClassificationExtendedness(SourcePlugin):
    """0 for stars and 1 for what is larger, from the ratio of PSF and model flux."""

    ConfigClass = ExtendednessConfig
    execution_order = 5.0
    config: ExtendednessConfig

    def add_fields(self) -> None:
        """Add the class and its flag."""
        self.add("value", "D", "0 for a star, 1 for what is larger, NaN for what is not known")
        self.add_flags(flag="the fluxes say nothing")

    def measure(self, batch: Batch) -> None:
        """Classify sources."""
        names = ("slot_ModelFlux_instFlux", "slot_PsfFlux_instFlux")
        model, psf = (batch[name] for name in names)
        model_error, psf_error = (batch[f"{name}Err"] for name in names)
        bad = batch.flag("slot_ModelFlux_flag") | batch.flag("slot_PsfFlux_flag")
        bad = bad | ~np.isfinite(model + psf)
        self.put(batch, value=self.classified(model, psf, model_error, psf_error, bad), flag=bad)

    def classified(
        self,
        model: NDArray[np.float64],
        psf: NDArray[np.float64],
        model_error: NDArray[np.float64],
        psf_error: NDArray[np.float64],
        bad: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Return the class of sources of given fluxes; see `measure`."""
        config = self.config
        upper = config.fluxRatio * model + config.modelErrFactor * model_error
        return np.where(bad, np.nan, (upper >= psf + config.psfErrFactor * psf_error) * 1.0)
