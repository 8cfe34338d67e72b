"""What a library has to do, so that the same cases can be put to several."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LIBRARIES", "Library", "load_library"]

LIBRARIES = {
    "astropy": "benchmarks.imaging.with_astropy",
    "fitsio": "benchmarks.imaging.with_fitsio",
    "skybutler": "benchmarks.imaging.with_skybutler",
}


class Library(Protocol):
    """Reads and writes exposures of three planes, and catalogs."""

    def version(self) -> str:
        """Return its version."""

    def write_exposure(self, path: str, planes: Sequence[NDArray[np.generic]], recipe: str) -> None:
        """Write image, mask and variance; ``recipe`` is ``plain`` or ``rice``."""

    def read_exposure(self, path: str) -> Sequence[NDArray[np.generic]]:
        """Return the three planes, in whatever byte order."""

    def read_mask(self, path: str) -> NDArray[np.generic]:
        """Return one plane without the rest."""

    def read_sky_position(self, path: str, x: float, y: float) -> tuple[float, float]:
        """Return where a pixel (counted from 0) points to in degrees; no pixels are read."""

    def read_cutout(self, path: str, x: int, y: int, side: int) -> Sequence[NDArray[np.generic]]:
        """Return a part of the three planes; the corner is counted from 0."""

    def make_catalog(self, columns: Mapping[str, NDArray[np.generic]]) -> object:
        """Return the library's own table of these columns."""

    def write_catalog(self, path: str, catalog: object) -> None:
        """Write it."""

    def read_catalog(self, path: str) -> object:
        """Read it."""

    def column(self, catalog: object, name: str) -> NDArray[np.generic]:
        """Return one column."""

    def count_flagged(self, catalog: object, flag: str, name: str) -> tuple[int, float]:
        """Go over the rows one by one: how many have a flag, and the sum of a column of theirs."""


def load_library(name: str) -> Library:
    """Import the adapter of one of `LIBRARIES`."""
    return cast("Library", importlib.import_module(LIBRARIES[name]).LIBRARY)
