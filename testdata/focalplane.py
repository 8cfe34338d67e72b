"""The focal plane: names and places of the 112 CCDs, and the nominal projection.

The places follow from the CRPIX cards of two real raws: 15 columns of 4 to 8 CCDs,
2122.67 pixels apart, rows 4468.67 pixels apart, and four rotated CCDs in the corners.
Focal-plane coordinates are pixels from the boresight along the axes of an
unrotated CCD; x grows with falling declination and y with growing right ascension,
as the CD cards of the real raws say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from testdata.errors import CcdNumberError
from testdata.geometry import FULL, Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "N_CCDS",
    "PIXEL_SCALE_DEG",
    "ROTATED_CCDS",
    "ChipPlace",
    "ccd_name",
    "chip_place",
    "grid_position",
]

N_CCDS: Final = 112
PIXEL_SCALE_DEG: Final = 4.7222222222222e-05
"""0.17 arcsec: the CD cards of the real raws."""
ROTATED_CCDS: Final = (100, 101, 102, 103)

_COLUMN_SIZES = (4, 6, 6, 6, 8, 8, 8, 8, 8, 8, 8, 6, 6, 6, 4)
_MIDDLE_COLUMN = 7
_COLUMN_PITCH = 2122.67
_ROW_PITCH = 4468.667
_FIRST_ROW = 2306.667

# Runs of consecutive CCDs: (first ccd, half of the camera, first number, step).
_NAME_RUNS: Final = (
    (0, 1, 53, 1),
    (4, 1, 42, 1),
    (10, 1, 36, 1),
    (16, 0, 30, -1),
    (19, 1, 32, 1),
    (22, 0, 27, -1),
    (26, 1, 0, 1),
    (30, 0, 23, -1),
    (34, 1, 4, 1),
    (38, 0, 19, -1),
    (42, 1, 8, 1),
    (46, 0, 15, -1),
    (50, 1, 12, 1),
    (54, 0, 11, -1),
    (58, 1, 16, 1),
    (62, 0, 7, -1),
    (66, 1, 20, 1),
    (70, 0, 3, -1),
    (74, 1, 24, 1),
    (78, 0, 34, -1),
    (81, 1, 28, 1),
    (84, 0, 41, -1),
    (90, 0, 47, -1),
    (96, 0, 56, -1),
    (100, 0, 31, 1),
    (101, 1, 35, 1),
    (102, 0, 35, 1),
    (103, 1, 31, 1),
    (104, 1, 48, 1),
    (105, 1, 51, 1),
    (107, 1, 57, 1),
    (108, 0, 57, 1),
    (109, 0, 52, -1),
    (111, 0, 48, 1),
)
# Corner and focus CCDs: (column, row) of their centre in units of the grid.
_EXTRA_PLACES: Final = {
    100: (2.5, 3.75),
    101: (2.5, -3.75),
    102: (11.5, 3.75),
    103: (11.5, -3.75),
    104: (-0.5, -3.0),
    105: (0.5, -4.0),
    106: (-0.5, 3.0),
    107: (0.5, 4.0),
    108: (14.5, -3.0),
    109: (13.5, -4.0),
    110: (14.5, 3.0),
    111: (13.5, 4.0),
}


@dataclass(frozen=True, slots=True)
class ChipPlace:
    """Where one CCD lies in the focal plane of a camera with this geometry."""

    ccd: int
    center: tuple[float, float]
    """Focal-plane position of the centre of the CCD."""
    half: tuple[float, float]
    """Centre in the CCD's own pixels, 0-based."""
    is_rotated: bool

    def to_focal(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Turn pixels of the assembled CCD into focal-plane coordinates."""
        u, v = x - self.half[0], y - self.half[1]
        if self.is_rotated:
            u, v = -v, u
        return self.center[0] + u, self.center[1] + v

    def to_pixel(
        self, focal_x: NDArray[np.float64], focal_y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Turn focal-plane coordinates into pixels of the assembled CCD."""
        u, v = focal_x - self.center[0], focal_y - self.center[1]
        if self.is_rotated:
            u, v = v, -u
        return self.half[0] + u, self.half[1] + v


def ccd_name(ccd: int) -> tuple[int, int]:
    """Half of the camera and number in it, such as ``(0, 30)`` for ccd 16.

    Raises
    ------
    CcdNumberError
        If there is no such CCD.
    """
    if not 0 <= ccd < N_CCDS:
        raise CcdNumberError(ccd)
    first, half, number, step = next(run for run in reversed(_NAME_RUNS) if run[0] <= ccd)
    return half, number + step * (ccd - first)


def grid_position(column: float, row: float, geometry: Geometry = FULL) -> tuple[float, float]:
    """Focal-plane position of a place in the grid of CCDs.

    Parameters
    ----------
    column
        0 to 14; fractions lie between two columns.
    row
        1 to 4 above the middle, -1 to -4 below.
    geometry
        The grid shrinks with the CCDs.
    """
    x = (_MIDDLE_COLUMN - column) * _COLUMN_PITCH * geometry.scale_x
    y = np.sign(row) * (_FIRST_ROW + (abs(row) - 1) * _ROW_PITCH) * geometry.scale_y
    return float(x), float(y)


def chip_place(ccd: int, geometry: Geometry = FULL) -> ChipPlace:
    """Place one CCD.

    Raises
    ------
    CcdNumberError
        If there is no such CCD.
    """
    if not 0 <= ccd < N_CCDS:
        raise CcdNumberError(ccd)
    if ccd in _EXTRA_PLACES:
        column, row = _EXTRA_PLACES[ccd]
    else:
        column, row = _grid_place(ccd)
    return ChipPlace(
        ccd=ccd,
        center=grid_position(column, row, geometry),
        half=((geometry.ccd_width - 1) / 2, (geometry.ccd_height - 1) / 2),
        is_rotated=ccd in ROTATED_CCDS,
    )


def _grid_place(ccd: int) -> tuple[int, int]:
    """Column and row of one of the 100 unrotated science CCDs."""
    first = 0
    for column, size in enumerate(_COLUMN_SIZES):
        if ccd < first + size:
            above = size // 2 - (ccd - first)
            return column, above if above > 0 else above - 1
        first += size
    raise CcdNumberError(ccd)
