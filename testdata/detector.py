"""One CCD: gains, noise, bias structure, dark current, flat field, defects.

The same truth makes the raws and the master calibrations of a CCD. What a
correction needs to know and no file holds is public here: crosstalk and
linearity.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from testdata.focalplane import chip_place
from testdata.geometry import N_AMPLIFIERS, Geometry, Section
from testdata.randomness import Stream, generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from testdata.observation import Observation

__all__ = [
    "CROSSTALK",
    "FULL_WELL_ADU",
    "LINEARITY",
    "REFERENCE_GAIN",
    "Defect",
    "DetectorTruth",
    "brighter_fatter_kernel",
    "detector_truth",
]

REFERENCE_GAIN: Final = 3.5
"""Electrons per ADU after detrending: the flats take out the differences between gains."""

FULL_WELL_ADU: Final = 52_000.0
"""Above the bias; HSC's camera table calls pixels over 46000 ADU saturated."""

CROSSTALK: Final = (
    (0.0, -125.0e-6, -149.0e-6, -156.0e-6),
    (-124.0e-6, 0.0, -132.0e-6, -157.0e-6),
    (-171.0e-6, -134.0e-6, 0.0, -153.0e-6),
    (-157.0e-6, -151.0e-6, -137.0e-6, 0.0),
)
"""Signal of the amplifier of the row per signal of that of the column, in ADU.

HSC's published coefficients. Pixels that are read at the same time meet: column k
counted from each amplifier's own readout corner.
"""

LINEARITY: Final = (1.1e-7, 0.9e-7, 1.2e-7, 1.0e-7)
"""Per amplifier c, in 1/ADU: true signal = measured + c * measured**2."""

_KERNEL_SIZE: Final = 17
_KERNEL_SUM: Final = -4.0e-7
_KERNEL_SCALE: Final = 1.2
_KERNEL_SLOPE: Final = 1.6
_VIGNETTING: Final = 0.22
_VIGNETTING_RADIUS_PIX: Final = 15_900.0
_PIXEL_RESPONSE_RMS: Final = 0.003
_BIAS_RMS_ADU: Final = 0.25
_DARK_E_PER_S: Final = 0.02
_FILTER_WAVES: Final = {"g": 2.0, "r": 3.0, "i": 4.0, "z": 6.0, "y": 8.0}


@dataclass(frozen=True, slots=True)
class Defect:
    """A bad region of a CCD."""

    kind: Literal["edge", "dead", "hot"]
    section: Section
    """In assembled pixels."""


@dataclass(frozen=True, slots=True)
class DetectorTruth:
    """What one CCD really is. Images are assembled, shape (ny, nx)."""

    ccd: int
    geometry: Geometry
    gains: tuple[float, ...]
    """Electrons per ADU of the four amplifiers, exactly as in the header."""
    read_noise_e: tuple[float, ...]
    bias_levels_adu: tuple[float, ...]
    bias_adu: NDArray[np.float32]
    """Structure that stays after the overscan is subtracted."""
    dark_e_per_s: NDArray[np.float32]
    """Dark current with hot pixels."""
    pixel_response: NDArray[np.float32]
    """Pixel-to-pixel response, near 1, the same in all filters."""
    defects: tuple[Defect, ...]
    """All bad regions, as the defect files list them."""

    def gain_map(self) -> NDArray[np.float32]:
        """Gain of each column, shape (1, nx)."""
        return np.repeat(np.array(self.gains, dtype=np.float32), self.geometry.amp_width)[None, :]

    def throughput(self, band: str) -> NDArray[np.float32]:
        """Response to light through one filter: vignetting, interference, pixels."""
        x, y = _normalised(self.geometry)
        place = chip_place(self.ccd, self.geometry)
        fx = (place.center[0] / self.geometry.scale_x + x * 1024) / _VIGNETTING_RADIUS_PIX
        fy = (place.center[1] / self.geometry.scale_y + y * 2088) / _VIGNETTING_RADIUS_PIX
        vignetting = 1 - _VIGNETTING * np.minimum(fx**2 + fy**2, 1.6)
        waves = _FILTER_WAVES[band]
        rings = 1 + 0.004 * np.sin(waves * np.hypot(x + 1.1, y + 1.05) * 3)
        return np.asarray(vignetting * rings * self.pixel_response, dtype=np.float32)

    def flat(self, band: str) -> NDArray[np.float32]:
        """Master flat: a flat-fielded image has ``REFERENCE_GAIN`` everywhere."""
        return self.throughput(band) * (np.float32(REFERENCE_GAIN) / self.gain_map())

    def dark_adu_per_s(self) -> NDArray[np.float32]:
        """Master dark of one second, before the flat is divided out."""
        return self.dark_e_per_s / self.gain_map()

    def defect_mask(self) -> NDArray[np.bool_]:
        """Pixels inside a defect."""
        mask = np.zeros(self.geometry.ccd_shape, dtype=bool)
        for defect in self.defects:
            mask[defect.section.slices] = True
        return mask

    def sky_e(self, observation: Observation) -> NDArray[np.float32]:
        """Sky before the flat, in electrons: a slope and a bowl over the focal plane."""
        x, y = _normalised(self.geometry)
        place = chip_place(self.ccd, self.geometry)
        fx = (place.center[0] / self.geometry.scale_x + x * 1024) / _VIGNETTING_RADIUS_PIX
        fy = (place.center[1] / self.geometry.scale_y + y * 2088) / _VIGNETTING_RADIUS_PIX
        shape = 1 + 0.015 * fx - 0.01 * fy + 0.012 * (fx**2 + fy**2 - 0.5) + 0.01 * x * y
        return np.asarray(observation.sky_adu * REFERENCE_GAIN * shape, dtype=np.float32)


@lru_cache(maxsize=2)
def detector_truth(ccd: int, geometry: Geometry, seed: int) -> DetectorTruth:
    """Make one CCD, always the same for the same arguments; arrays are read-only.

    Raises
    ------
    CcdNumberError
        If there is no such CCD.
    """
    chip_place(ccd, geometry)
    rng = generator(seed, Stream.DETECTOR, ccd)
    gains = tuple(float(value) for value in np.round(rng.uniform(3.05, 3.75, N_AMPLIFIERS), 2))
    noise = tuple(float(value) for value in rng.uniform(4.2, 5.2, N_AMPLIFIERS))
    levels = tuple(float(value) for value in rng.uniform(960, 1130, N_AMPLIFIERS))
    pixels = generator(seed, Stream.FLAT_PIXELS, ccd)
    response = 1 + _PIXEL_RESPONSE_RMS * pixels.standard_normal(
        geometry.ccd_shape, dtype=np.float32
    )
    truth = DetectorTruth(
        ccd=ccd,
        geometry=geometry,
        gains=gains,
        read_noise_e=noise,
        bias_levels_adu=levels,
        bias_adu=_bias_structure(ccd, geometry, seed),
        dark_e_per_s=_dark_current(ccd, geometry, seed),
        pixel_response=_with_dust(response, rng),
        defects=_defects(ccd, geometry, seed),
    )
    for image in (truth.bias_adu, truth.dark_e_per_s, truth.pixel_response):
        image.setflags(write=False)
    return truth


def brighter_fatter_kernel() -> NDArray[np.float64]:
    """Kernel of the brighter-fatter effect, shape (17, 17), in 1/electron.

    With I the recorded electrons, K this kernel and * a convolution, the electrons
    that would have been recorded without the effect are
    I + div(I grad(K * I)) / 2: the convention of Gen2's ``bfKernel``.
    """
    axis = np.arange(_KERNEL_SIZE) - _KERNEL_SIZE // 2
    radius = np.hypot(*np.meshgrid(axis, axis))
    kernel = (1 + (radius / _KERNEL_SCALE) ** 2) ** -_KERNEL_SLOPE
    return np.asarray(_KERNEL_SUM * kernel / kernel.sum())


def _normalised(geometry: Geometry) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Pixel coordinates from -1 to 1, shapes (1, nx) and (ny, 1)."""
    x = np.linspace(-1, 1, geometry.ccd_width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, geometry.ccd_height, dtype=np.float32)[:, None]
    return x, y


def _with_dust(response: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Cast a few rings of dust shadow."""
    ny, nx = response.shape
    for _ in range(3):
        size = float(rng.uniform(0.03, 0.06)) * nx
        cx, cy = float(rng.uniform(0, nx)), float(rng.uniform(0, ny))
        reach = int(2 * size) + 1
        x0, x1 = max(int(cx) - reach, 0), min(int(cx) + reach, nx)
        y0, y1 = max(int(cy) - reach, 0), min(int(cy) + reach, ny)
        yy, xx = np.ogrid[y0:y1, x0:x1]
        radius = np.hypot(xx - cx, yy - cy)
        response[y0:y1, x0:x1] *= 1 - 0.015 * np.exp(-(((radius - size) / (0.3 * size)) ** 2))
    return response


def _bias_structure(ccd: int, geometry: Geometry, seed: int) -> NDArray[np.float32]:
    """Column pattern, a ramp after each readout corner and fixed pixel noise, mean near 0."""
    rng = generator(seed, Stream.BIAS_PIXELS, ccd)
    bias = _BIAS_RMS_ADU * rng.standard_normal(geometry.ccd_shape, dtype=np.float32)
    bias += 0.4 * rng.standard_normal((1, geometry.ccd_width), dtype=np.float32)
    for amplifier in geometry.amplifiers:
        read = np.arange(geometry.amp_width, dtype=np.float32)
        ramp = 3 * np.exp(-read / (0.06 * geometry.amp_width))
        bias[amplifier.assembled.slices] += ramp if amplifier.reads_left else ramp[::-1]
    return bias


def _dark_current(ccd: int, geometry: Geometry, seed: int) -> NDArray[np.float32]:
    """Faint current, a glow in one corner and hot pixels (0.01 % of all)."""
    rng = generator(seed, Stream.DARK_PIXELS, ccd)
    x, y = _normalised(geometry)
    dark = _DARK_E_PER_S * (1 + 20 * np.exp(-((x + 1) ** 2 + (y + 1) ** 2) / 0.08))
    dark = np.asarray(dark, dtype=np.float32)
    n_hot = max(3, dark.size // 10_000)
    place = rng.integers(0, dark.size, n_hot)
    dark.flat[place] += rng.uniform(2, 60, n_hot).astype(np.float32)
    return dark


def _defects(ccd: int, geometry: Geometry, seed: int) -> tuple[Defect, ...]:
    """Edges, a few dead columns from some row to the top, one hot blemish."""
    rng = generator(seed, Stream.DEFECTS, ccd)
    nx, ny = geometry.ccd_width, geometry.ccd_height
    edge = max(2, nx // 120)
    defects = [
        Defect("edge", Section(0, edge, 0, ny)),
        Defect("edge", Section(nx - edge, nx, 0, ny)),
    ]
    for _ in range(int(rng.integers(2, 5))):
        x0 = int(rng.integers(edge, nx - edge - 2))
        width, y0 = int(rng.integers(1, 3)), int(rng.integers(0, ny))
        defects.append(Defect("dead", Section(x0, x0 + width, y0, ny)))
    size_x, size_y = max(2, nx // 80), max(2, ny // 200)
    x0, y0 = int(rng.integers(edge, nx - edge - size_x)), int(rng.integers(0, ny - size_y))
    defects.append(Defect("hot", Section(x0, x0 + size_x, y0, y0 + size_y)))
    return tuple(defects)
