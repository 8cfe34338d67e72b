"""``lsst.afw.detection``."""

from __future__ import annotations

from imaging.footprint.footprint import Footprint
from imaging.footprint.heavy import HeavyFootprint
from imaging.footprint.heavy import HeavyFootprint as HeavyFootprintD
from imaging.footprint.heavy import HeavyFootprint as HeavyFootprintF
from imaging.footprint.heavy import HeavyFootprint as HeavyFootprintI
from imaging.footprint.peaks import Peak as PeakRecord
from imaging.footprint.peaks import PeakCatalog
from imaging.gen2_modules.gen2_names import makeHeavyFootprint
from imaging.psf.gaussian import SingleGaussianPsf as GaussianPsf
from imaging.psf.psf import Psf

__all__ = [
    "Footprint",
    "GaussianPsf",
    "HeavyFootprint",
    "HeavyFootprintD",
    "HeavyFootprintF",
    "HeavyFootprintI",
    "PeakCatalog",
    "PeakRecord",
    "Psf",
    "makeHeavyFootprint",
]
