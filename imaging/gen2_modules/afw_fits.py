"""``lsst.afw.fits``."""

from __future__ import annotations

from imaging.errors import FitsFileError as FitsError
from imaging.gen2_modules.gen2_names import readMetadata

__all__ = ["FitsError", "readMetadata"]
