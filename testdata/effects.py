"""What an instrument does to an image, one switch each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from testdata.detector import (
    CROSSTALK,
    FULL_WELL_ADU,
    LINEARITY,
    DetectorTruth,
    brighter_fatter_kernel,
)
from testdata.geometry import FULL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from testdata.geometry import Geometry

__all__ = [
    "Effects",
    "add_cosmic_rays",
    "add_crosstalk",
    "bleed",
    "shoot",
    "spoil_defects",
    "spread_charge",
    "unlinearize",
]

_COSMIC_RAYS_PER_S: Final = 11.0
"""On a full-size CCD: about 330 in 30 s."""
_STEPS_PER_PIXEL: Final = 20
_POISSON_LIMIT: Final = 60.0
_HOT_E: Final = 40_000.0


@dataclass(frozen=True, slots=True)
class Effects:
    """Switches. All on is the default; each changes its own effect and no other."""

    noise: bool = True
    """Shot noise and read noise."""
    cosmic_rays: bool = True
    bleed: bool = True
    """Full wells overflow along columns."""
    brighter_fatter: bool = True
    crosstalk: bool = True
    nonlinearity: bool = True
    defects: bool = True
    """Dead and hot regions and dim edges; the defect files list them in any case."""
    overscan_drift: bool = True
    """The bias level wanders from row to row."""
    distortion: bool = True
    """Third-order distortion that the header does not know."""
    pointing_error: bool = True
    """The telescope is about an arcsecond off from the header."""

    @classmethod
    def none(cls) -> Effects:
        """Switch everything off: a perfect instrument without noise."""
        return cls(**{field.name: False for field in fields(cls)})


def shoot(light_e: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Add shot noise: exact where few electrons fall, Gaussian above 60."""
    noisy = rng.standard_normal(light_e.shape, dtype=np.float32)
    noisy *= np.sqrt(light_e)
    noisy += light_e
    is_faint = light_e < _POISSON_LIMIT
    noisy[is_faint] = rng.poisson(light_e[is_faint])
    return noisy


def spread_charge(electrons: NDArray[np.float32], gains: NDArray[np.float32]) -> None:
    """Apply the brighter-fatter effect in place; charge is conserved."""
    full = np.minimum(electrons, np.float32(FULL_WELL_ADU) * gains)
    potential = _convolve(full, brighter_fatter_kernel().astype(np.float32))
    flow = 0.25 * (full[:, 1:] + full[:, :-1]) * np.diff(potential, axis=1)
    electrons[:, :-1] -= flow
    electrons[:, 1:] += flow
    flow = 0.25 * (full[1:] + full[:-1]) * np.diff(potential, axis=0)
    electrons[:-1] -= flow
    electrons[1:] += flow


def _convolve(image: NDArray[np.float32], kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convolve with a small symmetric kernel; nothing lies outside the image but its mean."""
    half = kernel.shape[0] // 2
    level = np.float32(np.median(image[::7, ::7]))
    shape = tuple(_fast_length(n + 2 * half) for n in image.shape)
    transform = np.fft.rfft2(image - level, s=shape)
    transform *= np.fft.rfft2(kernel, s=shape)
    result = np.fft.irfft2(transform, s=shape)
    ny, nx = image.shape
    inner = result[half : half + ny, half : half + nx]
    return np.asarray(inner + level * kernel.sum(), dtype=np.float32)


def _fast_length(n: int) -> int:
    """Smallest length from n up that has no prime factor above 5."""
    while True:
        rest = n
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return n
        n += 1


def add_cosmic_rays(
    electrons: NDArray[np.float32], exposure_time_s: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Add straight tracks in place.

    Returns
    -------
    numpy.ndarray
        Which pixels were hit by more than 20 electrons.
    """
    ny, nx = electrons.shape
    area = nx * ny / (FULL.ccd_width * FULL.ccd_height)
    n = max(2, int(rng.poisson(_COSMIC_RAYS_PER_S * exposure_time_s * area)))
    charge = np.zeros_like(electrons)
    for _ in range(n):
        length = max(1.0, float(rng.exponential(8.0)))
        angle, per_pixel = rng.uniform(0, 2 * np.pi), rng.lognormal(np.log(900), 0.8)
        steps = int(length * _STEPS_PER_PIXEL) + 1
        along = np.linspace(0, length, steps)
        jitter = rng.normal(0, 0.18, (2, steps))
        x = np.rint(rng.uniform(0, nx) + along * np.cos(angle) + jitter[0]).astype(int)
        y = np.rint(rng.uniform(0, ny) + along * np.sin(angle) + jitter[1]).astype(int)
        inside = (x >= 0) & (x < nx) & (y >= 0) & (y < ny)
        np.add.at(charge, (y[inside], x[inside]), np.float32(per_pixel * length / steps))
    electrons += charge
    return np.asarray(charge > 20)  # noqa: PLR2004


def bleed(electrons: NDArray[np.float32], gains: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Let full wells overflow along their columns, in place, half up and half down.

    Returns
    -------
    numpy.ndarray
        Which pixels are full.
    """
    wells = np.broadcast_to(np.float32(FULL_WELL_ADU) * gains, electrons.shape)
    over = electrons > wells
    for x in np.flatnonzero(over.any(axis=0)):
        column, well = electrons[:, x], float(wells[0, x])
        edges = np.flatnonzero(np.diff(np.concatenate([[0], over[:, x].view(np.int8), [0]])))
        for first, last in edges.reshape(-1, 2):
            excess = float(np.sum(column[first:last] - well))
            column[first:last] = well
            _pour(column[last:], excess / 2, well)
            _pour(column[:first][::-1], excess / 2, well)
    return np.asarray(electrons >= wells * np.float32(0.999))


def _pour(pixels: NDArray[np.float32], charge: float, well: float) -> None:
    """Fill pixels in order to the well until the charge is used up."""
    room = np.cumsum(np.maximum(well - pixels, 0), dtype=np.float64)
    n = int(np.searchsorted(room, charge))
    used = float(room[n - 1]) if n else 0.0
    pixels[:n] = np.maximum(pixels[:n], well)
    if n < len(pixels):
        pixels[n] += charge - used


def spoil_defects(electrons: NDArray[np.float32], detector: DetectorTruth) -> None:
    """Make defects dim, dead or hot, in place."""
    for defect in detector.defects:
        part = electrons[defect.section.slices]
        if defect.kind == "dead":
            part *= 0.02
        elif defect.kind == "hot":
            part += _HOT_E
        else:
            ramp = np.linspace(0.3, 0.95, part.shape[1], dtype=np.float32)
            part *= ramp if defect.section.x0 == 0 else ramp[::-1]


def add_crosstalk(image_adu: NDArray[np.float32], geometry: Geometry) -> None:
    """Add each amplifier's echo of the three others, in place, on an assembled image."""
    amplifiers = geometry.amplifiers
    clean = [image_adu[amplifier.assembled.slices].copy() for amplifier in amplifiers]
    for victim, row in zip(amplifiers, CROSSTALK, strict=True):
        target = image_adu[victim.assembled.slices]
        for source, coefficient, signal in zip(amplifiers, row, clean, strict=True):
            is_mirrored = source.reads_left != victim.reads_left
            target += np.float32(coefficient) * (signal[:, ::-1] if is_mirrored else signal)


def unlinearize(image_adu: NDArray[np.float32], geometry: Geometry) -> None:
    """Turn true into measured signal, in place, on an assembled image."""
    for amplifier, coefficient in zip(geometry.amplifiers, LINEARITY, strict=True):
        part = image_adu[amplifier.assembled.slices]
        part *= 2 / (1 + np.sqrt(1 + np.float32(4 * coefficient) * part))
