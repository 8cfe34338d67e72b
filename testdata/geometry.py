"""Where the pixels of a raw file lie: four amplifiers side by side.

Full size is Hyper Suprime-Cam's. A smaller CCD has the same layout and the same
header cards with other numbers, so whoever reads the cards reads both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from testdata.errors import GeometryError

__all__ = ["FULL", "N_AMPLIFIERS", "SMALL", "Amplifier", "Geometry", "Section"]

N_AMPLIFIERS = 4


class Section(NamedTuple):
    """A rectangle of pixels, 0-based, ends excluded."""

    x0: int
    x1: int
    y0: int
    y1: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """The rectangle as a NumPy index, rows first."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)


@dataclass(frozen=True, slots=True)
class Amplifier:
    """One amplifier: where its sections lie in the raw and in the assembled CCD."""

    channel: int
    """Number in the header cards, 1 to 4."""
    raw: Section
    """Everything that this amplifier reads."""
    data: Section
    """Illuminated pixels, in the raw."""
    overscan: Section
    """Serial overscan beside the data rows, in the raw."""
    prescan: Section
    """Serial prescan beside the data rows, in the raw."""
    parallel_overscan: Section
    """Overscan rows above the data, in the raw."""
    assembled: Section
    """Where the data go in the assembled CCD; nothing is flipped."""

    @property
    def reads_left(self) -> bool:
        """Whether the readout corner is the lower left one (amplifiers 1 and 3)."""
        return self.channel % 2 == 1


@dataclass(frozen=True, slots=True)
class Geometry:
    """Pixel geometry of a raw file.

    Raises
    ------
    GeometryError
        If a section is too small to hold anything.
    """

    amp_width: int = 512
    """Columns of data of one amplifier."""
    amp_height: int = 4176
    """Rows of data."""
    serial_prescan: int = 8
    """Columns read before the data."""
    serial_overscan: int = 16
    """Columns read after the data."""
    parallel_prescan: int = 49
    """Rows read before the data."""
    parallel_overscan: int = 16
    """Rows read after the data."""

    def __post_init__(self) -> None:
        minima = {"amp_width": 16, "amp_height": 16, "serial_overscan": 1}
        for field in self.__slots__:
            minimum = minima.get(field, 0)
            if getattr(self, field) < minimum:
                raise GeometryError(field, getattr(self, field), minimum)

    @property
    def ccd_width(self) -> int:
        """Columns of the assembled CCD."""
        return N_AMPLIFIERS * self.amp_width

    @property
    def ccd_height(self) -> int:
        """Rows of the assembled CCD."""
        return self.amp_height

    @property
    def raw_amp_width(self) -> int:
        """Columns of one amplifier in the raw."""
        return self.amp_width + self.serial_prescan + self.serial_overscan

    @property
    def raw_shape(self) -> tuple[int, int]:
        """Rows and columns of the raw."""
        height = self.amp_height + self.parallel_prescan + self.parallel_overscan
        return height, N_AMPLIFIERS * self.raw_amp_width

    @property
    def ccd_shape(self) -> tuple[int, int]:
        """Rows and columns of the assembled CCD."""
        return self.ccd_height, self.ccd_width

    @property
    def scale_x(self) -> float:
        """Width in units of the full-size CCD."""
        return self.amp_width / 512

    @property
    def scale_y(self) -> float:
        """Height in units of the full-size CCD."""
        return self.amp_height / 4176

    @property
    def amplifiers(self) -> tuple[Amplifier, ...]:
        """The four amplifiers, from left to right."""
        return tuple(self._amplifier(channel) for channel in range(1, N_AMPLIFIERS + 1))

    def _amplifier(self, channel: int) -> Amplifier:
        """Place one amplifier; the overscans of a pair meet in its middle."""
        left = (channel - 1) * self.raw_amp_width
        right = left + self.raw_amp_width
        if channel % 2 == 1:
            data = (left + self.serial_prescan, right - self.serial_overscan)
            prescan, overscan = (left, data[0]), (data[1], right)
        else:
            data = (left + self.serial_overscan, right - self.serial_prescan)
            prescan, overscan = (data[1], right), (left, data[0])
        bottom = self.parallel_prescan
        top = bottom + self.amp_height
        height = self.raw_shape[0]
        x0 = (channel - 1) * self.amp_width
        return Amplifier(
            channel=channel,
            raw=Section(left, right, 0, height),
            data=Section(*data, bottom, top),
            overscan=Section(*overscan, bottom, top),
            prescan=Section(*prescan, bottom, top),
            parallel_overscan=Section(*data, top, height),
            assembled=Section(x0, x0 + self.amp_width, 0, self.amp_height),
        )


FULL = Geometry()
"""Hyper Suprime-Cam: 4241 rows of 2144 pixels, 18 MB."""

SMALL = Geometry(
    amp_width=64,
    amp_height=128,
    serial_prescan=4,
    serial_overscan=8,
    parallel_prescan=6,
    parallel_overscan=6,
)
"""For tests: 140 rows of 304 pixels, 98 kB with its header."""
