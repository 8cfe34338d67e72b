"""``lsst.daf.base``."""

from __future__ import annotations

from imaging.dates.date_time import DateTime
from imaging.fits.metadata import Metadata as PropertyList
from imaging.fits.metadata import Metadata as PropertySet

__all__ = ["DateTime", "PropertyList", "PropertySet"]
