"""Find cosmic rays and fill what they, and defects, have spoilt."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage
from pipelines.background.subtract_background import SubtractBackgroundTask
from pipelines.errors import ExposureError
from pipelines.interpolation.growth import grow_bits
from pipelines.interpolation.interpolate import fill_pixels, fill_planes, known_bits
from pipelines.isr.defects import mask_defects
from pipelines.repair.cosmic_rays import CosmicRayLimits, find_cosmic_rays, sharpest_ratios
from pipelines.task import (
    Config,
    ConfigField,
    ConfigurableField,
    Field,
    ListField,
    Struct,
    Task,
    time_method,
)

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from imaging.exposure.exposure import Exposure
    from imaging.geometry.box import Box

__all__ = ["FindCosmicRaysConfig", "RepairConfig", "RepairResult", "RepairTask"]

_THINNING: Final = 5
"""Each so many rows and columns tell the level of an image."""


class FindCosmicRaysConfig(Config):
    """What makes a cosmic ray."""

    nCrPixelMax = Field[int](
        doc="With more pixels in cosmic rays the image is not believed.", default=100_000
    )
    minSigma = Field[float](doc="Errors above the sky at which a ray begins.", default=6.0)
    min_DN = Field[float](doc="Counts of a ray, in the unit of the image.", default=150.0)
    cond3_fac = Field[float](
        doc="Errors that a pixel and its neighbours are given when compared with the PSF.",
        default=2.5,
    )
    cond3_fac2 = Field[float](
        doc="Factor by which rays are sharper than the PSF: the smaller, the fewer.", default=0.6
    )
    niteration = Field[int](doc="Steps by which rays grow from where they begin.", default=3)
    faintSigma = Field[float](
        doc="Errors above the sky round them from which the neighbours of a ray belong to it, one "
        "step further; none if it is not positive.",
        default=0.75,
    )
    keepCRs = Field[bool](doc="Flag rays only, and do not fill them?", default=False)
    growSaturated = Field[int](
        doc="Pixels round saturated ones in which nothing is looked for.", default=4
    )
    skippedMaskPlanes = ListField[str](
        doc="Pixels with these planes are not looked at.",
        default=["BAD", "SAT", "INTRP", "NO_DATA"],
    )
    background = ConfigurableField(
        doc="The background above which rays stand.", target=SubtractBackgroundTask
    )

    def setDefaults(self) -> None:
        """Take one level for the whole image."""
        super().setDefaults()
        self.background.value.update(
            useApprox=False, binSize=100_000, statisticsProperty="MEDIAN", algorithm="AKIMA_SPLINE"
        )


class RepairConfig(Config):
    """What is repaired."""

    doInterpolate = Field[bool](doc="Flag and fill defects, if they are given?", default=True)
    doCosmicRay = Field[bool](doc="Find cosmic rays?", default=True)
    cosmicray = ConfigField(doc="How they are found.", dtype=FindCosmicRaysConfig)


class RepairResult(Struct):
    """What was found."""

    rays: int
    """Number of cosmic rays."""
    pixels: int
    """Number of their pixels."""


class RepairTask(Task):
    """Find cosmic rays and fill what they, and defects, have spoilt."""

    ConfigClass: ClassVar[type[Config]] = RepairConfig
    _DefaultName: ClassVar[str] = "repair"
    config: RepairConfig

    def __init__(
        self,
        config: Config | None = None,
        name: str | None = None,
        parent_task: Task | None = None,
        log: logging.Logger | None = None,
    ) -> None:
        super().__init__(config, name, parent_task, log)
        self.background: SubtractBackgroundTask = self.config.cosmicray.background.apply(
            name="background", parent_task=self
        )

    @time_method
    def run(
        self,
        exposure: Exposure,
        defects: Iterable[Box] | None = None,
        keep_rays: bool | None = None,  # noqa: FBT001 - the third argument in Gen2
    ) -> RepairResult:
        """Repair an exposure in place.

        Parameters
        ----------
        exposure
            With a PSF, a guess is enough. The planes CR and INTRP are set.
        defects
            Boxes that are flagged BAD and filled with ``doInterpolate``.
        keep_rays
            Whether rays are only flagged; by default as ``keepCRs`` says.

        Returns
        -------
        RepairResult
            How many rays were found, with how many pixels.

        Raises
        ------
        CosmicRayError
            If rays have too many pixels.
        ExposureError
            If there is no PSF, no variance, or the pixels are not of 32 bits.
        """
        config = self.config
        if config.doInterpolate and defects is not None:
            self._fill_defects(exposure, defects)
        if not config.doCosmicRay:
            return RepairResult(rays=0, pixels=0)
        rays, places = self.find(exposure)
        exposure.mask.add_plane("CR")
        bit = exposure.mask.get_bit_mask("CR")
        exposure.mask.array[places[:, 0], places[:, 1]] |= np.int32(bit)
        keeps = config.cosmicray.keepCRs if keep_rays is None else keep_rays
        if not keeps and len(places):
            planes = ["CR", "BAD", "SAT", "NO_DATA"]
            fill_pixels(exposure.masked_image, places[:, :2], planes)
        self.metadata["cosmic_rays"], self.metadata["cosmic_ray_pixels"] = rays, len(places)
        self.log.info("%d cosmic rays with %d pixels", rays, len(places))
        return RepairResult(rays=rays, pixels=len(places))

    def find(self, exposure: Exposure) -> tuple[int, NDArray[np.int32]]:
        """Return the cosmic rays of an exposure, which is not changed.

        Parameters
        ----------
        exposure
            As for `run`.

        Returns
        -------
        tuple
            As `pipelines.repair.cosmic_rays.find_cosmic_rays`.

        Raises
        ------
        CosmicRayError, ExposureError
            As for `run`.
        """
        config = self.config.cosmicray
        if exposure.psf is None:
            raise ExposureError(
                "Cosmic rays are what is sharper than a star, so the exposure needs a PSF. A guess "
                "is enough: exposure.psf = SingleGaussianPsf(15, 15, 1.8)."
            )
        if not (exposure.variance.array > 0).any():
            raise ExposureError(
                "The variance of the exposure is zero everywhere, so everything would be a cosmic "
                "ray. Instrument signature removal writes it with doVariance = True."
            )
        if exposure.dtype != np.float32:
            raise ExposureError(
                f"Pixels of {exposure.dtype} cannot be repaired; use exposure.astype('float32')."
            )
        image, level = self._above_background(exposure)
        limits = CosmicRayLimits(
            config.minSigma,
            config.min_DN,
            config.cond3_fac,
            config.cond3_fac2,
            config.niteration,
            config.nCrPixelMax,
            config.faintSigma,
        )
        return find_cosmic_rays(
            image,
            np.ascontiguousarray(exposure.variance.array, np.float32),
            *self._skipped(exposure),
            sharpest_ratios(exposure.psf),
            level,
            limits,
        )

    def _above_background(self, exposure: Exposure) -> tuple[NDArray[np.float32], float]:
        """Return an image and the level above which rays stand in it."""
        pixels = exposure.masked_image
        if self.background.grid(pixels.bbox.shape) == (1, 1):  # every 25th pixel tells enough
            step = max(1, min(_THINNING, *(size // _THINNING for size in pixels.bbox.shape)))
            thin = MaskedImage(
                Image(np.array(pixels.image.array[::step, ::step])),
                Mask(np.array(pixels.mask.array[::step, ::step]), planes=pixels.mask.planes),
            )
            level = self.background.fit_background(thin).levels[0, 0]
            return np.ascontiguousarray(exposure.image.array, np.float32), float(level)
        model = self.background.fit_background(pixels)
        return np.asarray(exposure.image.array - model.image().array, np.float32), 0.0

    def _skipped(self, exposure: Exposure) -> tuple[NDArray[np.int32], int]:
        """Return a mask, and its bits where nothing is looked for."""
        config = self.config.cosmicray
        mask = np.array(exposure.mask.array, order="C")
        if "SAT" in config.skippedMaskPlanes and "SAT" in exposure.mask.planes:
            grow_bits(mask, exposure.mask.get_bit_mask("SAT"), config.growSaturated)
        return mask, known_bits(exposure.masked_image, config.skippedMaskPlanes)

    def _fill_defects(self, exposure: Exposure, defects: Iterable[Box]) -> None:
        mask_defects(exposure.mask, defects)
        self.metadata["filled"] = fill_planes(exposure.masked_image, ["BAD"])
