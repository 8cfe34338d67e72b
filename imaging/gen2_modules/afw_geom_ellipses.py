"""``lsst.afw.geom.ellipses``."""

from __future__ import annotations

from imaging.geometry.ellipses import Axes, Ellipse, Quadrupole

__all__ = [
    "Axes",
    "Ellipse",
    "Quadrupole",
]
