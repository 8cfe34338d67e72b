"""Exercise 4: bright stars for the PSF, then all sources with that PSF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.measure_exposure import measure_sources
from examples.measure_psf import measure_psf

if TYPE_CHECKING:
    from imaging import Exposure, SourceCatalog

__all__ = ["measure_deeply"]


def measure_deeply(exposure: Exposure) -> SourceCatalog:
    """Measure the PSF, then detect, deblend and measure down to five standard deviations.

    Parameters
    ----------
    exposure
        A ``postISRCCD``, which is changed as by `measure_psf`.
    """
    measure_psf(exposure)
    return measure_sources(exposure, threshold=5.0)
