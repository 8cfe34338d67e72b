"""``lsst.afw.coord``."""

from __future__ import annotations

from imaging.exposure.visit_info import Observatory, Weather

__all__ = ["Observatory", "Weather"]
