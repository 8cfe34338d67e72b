"""Ways to measure the distance between pixels."""

from __future__ import annotations

from enum import Enum

__all__ = ["Stencil"]


class Stencil(Enum):
    """Which pixels are within a distance of another."""

    CIRCLE = "circle"
    """Those whose centre is no farther away."""

    BOX = "box"
    """Those in a square: no farther along either axis."""

    MANHATTAN = "manhattan"
    """Those in a square that stands on its corner: no more steps along the axes."""
