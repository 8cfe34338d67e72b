"""A CCD as it is after a perfect detrending: what detection and measurement are scored on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from testdata.geometry import FULL, Geometry
from testdata.observation import observe
from testdata.projection import true_projection
from testdata.psf import PsfModel
from testdata.randomness import DEFAULT_SEED, Stream, generator
from testdata.raw import place_sources
from testdata.render import draw
from testdata.sky import SkyModel
from testdata.truth import source_truth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from testdata.projection import Projection

__all__ = ["CalibratedCcd", "simulate_calibrated"]

_READ_NOISE_E: Final = 4.5


@dataclass(frozen=True, slots=True)
class CalibratedCcd:
    """Pixels in electrons, and the truth about them."""

    image: NDArray[np.float32]
    """The sky, which is flat, subtracted exactly."""
    variance: NDArray[np.float32]
    """Of sky and read noise and of the light of the sources, which is known exactly."""
    sources: NDArray[np.void]
    """Rows of ``testdata.truth.TRUTH_DTYPE``."""
    psf: PsfModel
    projection: Projection

    def psf_image(self, x: float, y: float, half: int = 20) -> NDArray[np.float32]:
        """Draw the PSF of a position, centred on the middle pixel of ``2 * half + 1``."""
        offsets = np.arange(-half, half + 1.0)[None, :]
        shapes = self.psf.at(np.array([x]), np.array([y]))
        return np.asarray(shapes.evaluate(offsets, offsets)[0], np.float32)


def simulate_calibrated(
    visit: int,
    ccd: int,
    *,
    geometry: Geometry = FULL,
    sky: SkyModel | None = None,
    seed: int = DEFAULT_SEED,
    sky_e: float = 600.0,
    fwhm_pix: float | None = None,
    has_noise: bool = True,
) -> CalibratedCcd:
    """Simulate one CCD of one visit without the traces of the instrument.

    Parameters
    ----------
    visit, ccd, geometry, sky, seed
        As for :func:`testdata.raw.simulate_raw`.
    sky_e
        Electrons of sky in each pixel.
    fwhm_pix
        Seeing at the centre of the CCD; that of the visit if None.
    has_noise
        Whether pixels have shot noise and read noise.
    """
    observation = observe(visit, geometry=geometry, seed=seed)
    projection = true_projection(observation, ccd, geometry)
    psf = PsfModel.of(observation, ccd, geometry, seed)
    if fwhm_pix is not None:
        psf = replace(psf, fwhm_pix=fwhm_pix)
    model = sky or SkyModel.for_geometry(geometry, seed)
    table, sources = place_sources(model, projection, observation, geometry)
    light = np.maximum(draw(sources, psf, geometry.ccd_shape), 0)
    variance = light + np.float32(sky_e + _READ_NOISE_E**2)
    image = light
    if has_noise:
        rng = generator(seed, Stream.SHOT_NOISE, visit, ccd)
        image = rng.poisson(light + sky_e).astype(np.float32) - np.float32(sky_e)
        rng = generator(seed, Stream.READ_NOISE, visit, ccd)
        image += np.float32(_READ_NOISE_E) * rng.standard_normal(image.shape, np.float32)
    return CalibratedCcd(
        image=image,
        variance=variance,
        sources=source_truth(table, sources, psf, observation, geometry.ccd_shape),
        psf=psf,
        projection=projection,
    )
