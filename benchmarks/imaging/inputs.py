"""What is measured on: an exposure of one CCD of HSC, and a catalog of a million rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BOX", "COLUMNS", "FLAGS", "ROWS", "SHAPE", "SKY_SIGMA", "make_columns", "make_planes"]

SHAPE: Final = (4176, 2048)
SKY_SIGMA: Final = 32.0
BOX: Final = (900, 1900, 200)  # x, y and side of the cutout
ROWS: Final = 1_000_000
COLUMNS: Final = 24  # of 64-bit floating point
FLAGS: Final = 16
_FLAGGED: Final = 0.1


def make_planes() -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]:
    """Return image, mask and variance: a sky with some thousand stars."""
    rng = np.random.default_rng(903334)
    image = rng.normal(1000.0, SKY_SIGMA, SHAPE).astype(np.float32)
    ys, xs = (rng.integers(8, length - 8, 4000) for length in SHAPE)
    patch = np.mgrid[-6:7, -6:7]
    star = np.exp(-(patch[0] ** 2 + patch[1] ** 2) / 8.0)
    for x, y, peak in zip(xs, ys, rng.pareto(1.2, 4000) * 200, strict=True):
        image[y - 6 : y + 7, x - 6 : x + 7] += (min(peak, 50_000) * star).astype(np.float32)
    mask = np.where(image > 1000 + 5 * SKY_SIGMA, 32, 0).astype(np.int32)
    return image, mask, (image + 20.0).astype(np.float32)


def make_columns(rows: int = ROWS) -> dict[str, NDArray[np.generic]]:
    """Return the columns of a catalog: identifiers, measurements and flags."""
    rng = np.random.default_rng(20131102)
    columns: dict[str, NDArray[np.generic]] = {"id": np.arange(1, rows + 1, dtype=np.int64)}
    for number in range(COLUMNS):
        columns[f"measured_{number}"] = rng.normal(size=rows)
    for number in range(FLAGS):
        columns[f"flag_{number}"] = rng.random(rows) < _FLAGGED
    return columns
