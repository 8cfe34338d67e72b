"""A simple PSF for an exposure whose own is not known yet, or not trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from imaging.psf.gaussian import SingleGaussianPsf
from pipelines.task import Config, RangeField, Task

if TYPE_CHECKING:
    from imaging.exposure.exposure import Exposure

__all__ = ["InstallGaussianPsfConfig", "InstallGaussianPsfTask"]

_FWHM: Final = 2.3548200450309493
"""Of a Gaussian, in standard deviations: 2 sqrt(2 ln 2)."""


class InstallGaussianPsfConfig(Config):
    """The PSF of an exposure that has none."""

    fwhm = RangeField[float](
        doc="Full width at half maximum of the PSF, in pixels.",
        dtype=float,
        default=1.5 * _FWHM,
        min=0.1,
    )
    width = RangeField[int](
        doc="Width and height of the PSF's images, in pixels; odd.", dtype=int, default=11, min=1
    )

    def validate(self) -> None:
        """Refuse images without a middle pixel."""
        super().validate()
        if self.width % 2 == 0:
            raise ValueError(f"width is {self.width}: the images of a PSF have a middle pixel.")


class InstallGaussianPsfTask(Task):
    """Give an exposure a Gaussian PSF."""

    ConfigClass: ClassVar[type[Config]] = InstallGaussianPsfConfig
    _DefaultName: ClassVar[str] = "installGaussianPsf"
    config: InstallGaussianPsfConfig

    def run(self, exposure: Exposure) -> None:
        """Give an exposure a Gaussian PSF: of its own size, or as configured.

        Parameters
        ----------
        exposure
            Its PSF is replaced. If it has one, the new one is as wide and has
            images of the same dimensions.
        """
        old = exposure.psf
        width = height = self.config.width
        sigma = self.config.fwhm / _FWHM
        if old is not None:
            width, height = old.dimensions
            sigma = float(old.compute_shape(exposure.bbox.center).determinant_radius)
        exposure.psf = SingleGaussianPsf(width, height, sigma)
        self.metadata["sigma"] = sigma
