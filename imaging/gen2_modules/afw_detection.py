"""``lsst.afw.detection``."""

from __future__ import annotations

from imaging.footprint.footprint import Footprint
from imaging.footprint.heavy import HeavyFootprint
from imaging.footprint.heavy import HeavyFootprint as HeavyFootprintF
from imaging.footprint.peaks import Peak as PeakRecord
from imaging.footprint.peaks import PeakCatalog
from imaging.psf.psf import Psf

__all__ = [
    "Footprint",
    "HeavyFootprint",
    "HeavyFootprintF",
    "PeakCatalog",
    "PeakRecord",
    "Psf",
]
