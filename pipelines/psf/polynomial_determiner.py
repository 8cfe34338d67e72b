"""A PSF each of whose pixels is a polynomial of the place."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from imaging.errors import PsfError
from imaging.psf.kernel import PolynomialPsf
from imaging.psf.varying_pixels import SpatialBasis
from pipelines.errors import ExposureError
from pipelines.psf.denoise import denoised
from pipelines.stars.star_images import star_images
from pipelines.task import Config, Field, RangeField, Struct, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.geometry.box import Box
    from pipelines.psf.candidates import StarStamps

__all__ = ["DeterminedPsf", "PolynomialPsfDeterminerConfig", "PolynomialPsfDeterminerTask"]

_CORE: Final = 5.0
"""Radius of the pixels, in pixels, that give the first estimate of a flux."""
_LISTED: Final = 5
"""Stars that an error names."""


class DeterminedPsf(Struct):
    """A PSF and the stars it was made from."""

    if TYPE_CHECKING:
        psf: PolynomialPsf
        used: NDArray[np.bool_]
        """Which of the stars."""
        fluxes: NDArray[np.float64]
        """Of all stars, fitted with the PSF."""
        chi2: NDArray[np.float64]
        """Mean squared deviation of each star from the PSF, in units of its errors."""


class PolynomialPsfDeterminerConfig(Config):
    """How a PSF is made from stars; the names are those of the LSST stack."""

    spatialOrder = RangeField[int](
        doc="Highest order of the polynomials; fewer stars get lower ones.",
        dtype=int,
        default=2,
        min=0,
        max=6,
        inclusiveMax=True,
    )
    kernelSize = RangeField[int](
        doc="Rows and columns of the PSF's images; an even number is made odd.",
        dtype=int,
        default=41,
        min=7,
        max=201,
        inclusiveMax=True,
    )
    nIterForPsf = RangeField[int](
        doc="How often stars that do not fit are left out, and the fit repeated.",
        dtype=int,
        default=4,
        min=1,
    )
    reducedChi2ForPsfCandidates = Field[float](
        doc="A star does not fit if its mean squared deviation is above so many times the median.",
        default=3.0,
    )
    modelError = RangeField[float](
        doc="By which part of its height a PSF may differ from a bright star.",
        dtype=float,
        default=0.002,
        min=0.0,
    )
    denoise = Field[bool](
        doc="Take out what only noise can be: high frequencies, and what wings vary by.",
        default=True,
    )
    starsPerTerm = RangeField[float](
        doc="How many stars a polynomial needs for each of its terms.",
        dtype=float,
        default=2.5,
        min=1.0,
    )


class PolynomialPsfDeterminerTask(Task):
    """Fit a polynomial of the place to each pixel of stars that were moved to a common centre.

    Notes
    -----
    Stars are moved by a sinc interpolation that keeps their size, to the
    place where their light is in balance under a Gaussian. Principal
    components of noisy stars lose weak variations that this fit keeps.
    """

    ConfigClass: ClassVar[type[Config]] = PolynomialPsfDeterminerConfig
    _DefaultName = "psfDeterminer"
    config: PolynomialPsfDeterminerConfig

    def run(self, stars: StarStamps, domain: Box) -> DeterminedPsf:
        """Make a PSF.

        Parameters
        ----------
        stars
            Their stamps have to be ten pixels larger than the PSF.
        domain
            The image for which the PSF is meant.

        Raises
        ------
        ExposureError
            If there are no stars, or those there are are too faint for a PSF.
        """
        try:
            return self._determined(stars, domain)
        except PsfError as error:  # pixels that are mostly noise add up to anything
            raise ExposureError(self._too_faint(stars)) from error

    def _determined(self, stars: StarStamps, domain: Box) -> DeterminedPsf:
        """Make a PSF, and see whether it is one."""
        if not len(stars):
            raise ExposureError(
                "There are no stars to make a PSF from. Detect fainter sources, or lower "
                "starSelector['objectSize'].signalToNoiseMin."
            )
        size = self.config.kernelSize | 1
        centred = stars.centred(size)
        fluxes = _core_fluxes(centred)
        used = np.isfinite(fluxes) & (fluxes > 0)
        chi2 = np.full(len(stars), np.nan)
        psf = self._fit(centred, fluxes, stars, used, domain)
        for _ in range(self.config.nIterForPsf):
            fluxes, chi2 = self.compare(stars, psf)
            good = np.isfinite(chi2) & (fluxes > 0)
            limit = self.config.reducedChi2ForPsfCandidates * float(np.median(chi2[good & used]))
            new = good & (chi2 <= limit)
            if not new.any():
                break
            psf = self._fit(centred, fluxes, stars, new, domain)
            if np.array_equal(new, used) and _ > 0:
                break
            used = new
        fluxes, chi2 = self.compare(stars, psf)
        psf.compute_shape(domain.center)
        self.log.info("Made a PSF from %d of %d stars.", used.sum(), len(stars))
        return DeterminedPsf(psf=psf, used=used, fluxes=fluxes, chi2=chi2)

    def _too_faint(self, stars: StarStamps) -> str:
        """Say which stars there are, and what can be done."""
        size = self.config.kernelSize | 1
        middle = slice((stars.pixels.shape[1] - size) // 2, (stars.pixels.shape[1] + size) // 2)
        pixels, variance = stars.pixels[:, middle, middle], stars.variance[:, middle, middle]
        signal = pixels.sum(axis=(1, 2)) / np.sqrt(variance.sum(axis=(1, 2)))
        listed = ", ".join(
            f"({x:.0f}, {y:.0f}) with {value:.1f}"
            for x, y, value in list(zip(stars.x, stars.y, signal, strict=True))[:_LISTED]
        )
        return (
            f"Too faint to make a PSF of {size} x {size} pixels from, whose noise is as large as "
            f"their light, of {len(stars)} found: the stars at {listed}"
            f"{', ...' if len(stars) > _LISTED else ''} for the signal to noise of that light. One "
            "star would do with 10, four with 5 each. Find more or brighter ones "
            "(starSelector['objectSize'].signalToNoiseMin), make "
            "psfDeterminer['polynomial'].kernelSize smaller, or do without a measured PSF."
        )

    def _order(self, count: int) -> int:
        """Return the highest order for so many stars."""
        order = self.config.spatialOrder
        while order and count < self.config.starsPerTerm * (order + 1) * (order + 2) / 2:
            order -= 1
        return order

    def _fit(
        self,
        centred: NDArray[np.float64],
        fluxes: NDArray[np.float64],
        stars: StarStamps,
        used: NDArray[np.bool_],
        domain: Box,
    ) -> PolynomialPsf:
        """Fit the pixels of stars of flux 1, each star weighted with its signal to noise."""
        basis = SpatialBasis.of_order(self._order(int(used.sum())), domain)
        scaled = centred[used] / fluxes[used, None, None]
        noise = np.median(stars.variance[used], axis=(1, 2)) / fluxes[used] ** 2
        height = np.max(scaled, axis=(1, 2))
        weights = 1 / np.sqrt(noise + (self.config.modelError * height) ** 2)
        design = basis.evaluate(stars.x[used], stars.y[used]) * weights[:, None]
        values = scaled.reshape(len(scaled), -1) * weights[:, None]
        # The inverse of the few terms, once for all pixels, is ten times as fast as lstsq.
        smallest = np.finfo(np.float64).eps * max(design.shape)
        answer = np.linalg.pinv(design, rcond=smallest) @ values
        planes = answer.reshape(len(basis), *scaled.shape[1:])
        if self.config.denoise:
            planes = denoised(planes, _width(planes[0]))
        middle = basis.evaluate(domain.center.x, domain.center.y)
        total = float(np.tensordot(middle, planes.sum(axis=(1, 2)), 1))
        return PolynomialPsf(planes / total, basis)

    def compare(
        self, stars: StarStamps, psf: PolynomialPsf
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the fluxes of stars that fit best, and how well they do."""
        images = star_images(psf, stars.x, stars.y)
        size, larger = images.pixels.shape[1], stars.pixels.shape[1]
        low_x, low_y = images.x0 - stars.corner_x, images.y0 - stars.corner_y
        inside = (low_x >= 0) & (low_y >= 0) & (low_x + size <= larger) & (low_y + size <= larger)
        fluxes, chi2 = np.full(len(stars), np.nan), np.full(len(stars), np.nan)
        steps = np.arange(size) - size // 2
        core = (steps[:, None] ** 2 + steps**2) <= (2 * _CORE) ** 2
        which = np.flatnonzero(inside)
        rows = low_y[which, None, None] + np.arange(size)[:, None]
        columns = low_x[which, None, None] + np.arange(size)
        place = which[:, None, None], rows, columns
        star, pixels = images.pixels[which].astype(np.float64), stars.pixels[place]
        found = (star * pixels).sum(axis=(1, 2)) / (star * star).sum(axis=(1, 2))
        error = self.config.modelError * found * star.max(axis=(1, 2))
        deviation = (pixels - found[:, None, None] * star)[:, core] ** 2
        variance = stars.variance[place][:, core] + error[:, None] ** 2
        fluxes[which], chi2[which] = found, (deviation / variance).mean(axis=1)
        return fluxes, chi2


def _width(image: NDArray[np.float64]) -> float:
    """Return the sigma of the Gaussian that has the light and the height of a star."""
    if not image.sum() > 0:
        raise PsfError(f"The mean of the stars adds up to {image.sum():.3g}, which is no star.")
    return float(np.sqrt(image.sum() / (2 * np.pi * image.max())))


def _core_fluxes(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the light of stars near their middle, on a common scale near that of fluxes."""
    steps = np.arange(centred.shape[1]) - centred.shape[1] // 2
    core = (steps[:, None] ** 2 + steps**2) <= _CORE**2
    return np.asarray(centred[:, core].sum(axis=1))
