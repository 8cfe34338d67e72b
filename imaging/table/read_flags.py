"""What the LSST stack says about footprints when a catalog is read, as bits of a number."""

from __future__ import annotations

from typing import Final

__all__ = ["NO_FOOTPRINTS", "NO_HEAVY_FOOTPRINTS"]

NO_FOOTPRINTS: Final = 1
"""Records have no footprints."""

NO_HEAVY_FOOTPRINTS: Final = 2
"""Pixels of footprints are not needed. They are read when the first is asked for, in any case."""
