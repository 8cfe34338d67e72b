"""``lsst.afw.display``."""

from __future__ import annotations

from imaging.figures.gen2_names import (
    Display,
    delAllDisplays,
    getDefaultBackend,
    getDisplay,
    setDefaultBackend,
)

BLACK, BLUE, CYAN, GREEN, IGNORE = "black", "blue", "cyan", "green", "ignore"
MAGENTA, ORANGE, RED, WHITE, YELLOW = "magenta", "orange", "red", "white", "yellow"

__all__ = [
    "BLACK",
    "BLUE",
    "CYAN",
    "GREEN",
    "IGNORE",
    "MAGENTA",
    "ORANGE",
    "RED",
    "WHITE",
    "YELLOW",
    "Display",
    "delAllDisplays",
    "getDefaultBackend",
    "getDisplay",
    "setDefaultBackend",
]
