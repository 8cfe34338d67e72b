"""Draw stars and galaxies on a CCD, in electrons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from testdata.projection import Projection
    from testdata.psf import PsfModel, PsfShapes

__all__ = ["STAMP_MARGIN", "Sources", "draw"]

STAMP_MARGIN: Final = 96
"""Objects up to this many pixels outside the CCD throw light on it."""

_RADII: Final = (24, 40, 64, 96)
_CHUNK: Final = 128
_FAINTEST_E: Final = 0.1
_EXPONENTIAL_RADII: Final = 1.678
"""Half-light radius of an exponential disk in units of its scale length."""
_BULGE_SIZE: Final = 0.35


@dataclass(frozen=True, slots=True)
class Sources:
    """What to draw; all arrays have shape (n,)."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    flux_e: NDArray[np.float64]
    radius_pix: NDArray[np.float64]
    """Half-light radius of the galaxy before the PSF; 0 for a star."""
    axis_ratio: NDArray[np.float64]
    angle: NDArray[np.float64]
    """Of the major axis from x towards y, in radians."""
    bulge_fraction: NDArray[np.float64]

    @classmethod
    def of(
        cls, table: NDArray[np.void], projection: Projection, band: str, zero_point: float
    ) -> Sources:
        """Place rows of the sky catalogue on a CCD."""
        x, y = projection.to_pixel(table["ra"], table["dec"])
        inverse = np.linalg.inv(projection.cd)
        east, north = np.sin(table["position_angle"]), np.cos(table["position_angle"])
        along_x = inverse[0, 0] * east + inverse[0, 1] * north
        along_y = inverse[1, 0] * east + inverse[1, 1] * north
        scale = 3600 * float(np.sqrt(abs(np.linalg.det(projection.cd))))
        return cls(
            x=x,
            y=y,
            flux_e=10 ** (0.4 * (zero_point - table[f"mag_{band}"])),
            radius_pix=table["half_light_radius"] / scale,
            axis_ratio=table["axis_ratio"],
            angle=np.arctan2(along_y, along_x),
            bulge_fraction=table["bulge_fraction"],
        )


def draw(sources: Sources, psf: PsfModel, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Draw all sources on an empty image, without noise."""
    image = np.zeros(shape, dtype=np.float32)
    shapes = psf.at(sources.x, sources.y)
    # Where the halo of the PSF falls below the faintest level that matters.
    reach = 6.0 * (np.maximum(sources.flux_e, 1) / 1000 / _FAINTEST_E) ** (1 / 4.4)
    reach += 3.5 * sources.radius_pix
    group = np.minimum(np.searchsorted(_RADII, reach), len(_RADII) - 1)
    is_star = sources.radius_pix <= 0
    for number, radius in enumerate(_RADII):
        for of_stars in (True, False):
            chosen = np.flatnonzero((group == number) & (is_star == of_stars))
            for first in range(0, len(chosen), _CHUNK):
                part = chosen[first : first + _CHUNK]
                _draw_chunk(image, sources, shapes.part(part), part, radius)
    return image


def _draw_chunk(
    image: NDArray[np.float32],
    sources: Sources,
    shapes: PsfShapes,
    part: NDArray[np.intp],
    radius: int,
) -> None:
    """Draw a few sources of one kind with stamps of one size."""
    center_x = np.rint(sources.x[part]).astype(int)
    center_y = np.rint(sources.y[part]).astype(int)
    offsets = np.arange(-radius, radius)
    dx = offsets[None, :] - (sources.x[part] - center_x)[:, None]
    dy = offsets[None, :] - (sources.y[part] - center_y)[:, None]
    stamps = shapes.evaluate(dx, dy)
    if sources.radius_pix[part[0]] > 0:
        stamps = _convolve(stamps, sources, part)
    stamps *= sources.flux_e[part].astype(np.float32)[:, None, None]
    ny, nx = image.shape
    for stamp, x0, y0 in zip(stamps, center_x - radius, center_y - radius, strict=True):
        left, bottom = max(-x0, 0), max(-y0, 0)
        right, top = min(2 * radius, nx - x0), min(2 * radius, ny - y0)
        if left < right and bottom < top:
            image[y0 + bottom : y0 + top, x0 + left : x0 + right] += stamp[bottom:top, left:right]


def _convolve(
    stamps: NDArray[np.float32], sources: Sources, part: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Convolve PSF stamps with disks and bulges, whose transforms are known in closed form."""
    size = stamps.shape[-1]
    kx = 2 * np.pi * np.fft.rfftfreq(size)[None, None, :]
    ky = 2 * np.pi * np.fft.fftfreq(size)[None, :, None]
    angle = sources.angle[part][:, None, None]
    ratio = sources.axis_ratio[part][:, None, None]
    scale2 = (sources.radius_pix[part] / _EXPONENTIAL_RADII)[:, None, None] ** 2
    along = (kx * np.cos(angle) + ky * np.sin(angle)) ** 2
    across = (ky * np.cos(angle) - kx * np.sin(angle)) ** 2
    disk = (1 + scale2 * (along / ratio + across * ratio)) ** -1.5
    bulge = (1 + _BULGE_SIZE**2 * scale2 * (along + across)) ** -1.5
    weight = sources.bulge_fraction[part][:, None, None]
    transform = np.fft.rfft2(stamps) * np.float32((1 - weight) * disk + weight * bulge)
    return np.asarray(np.fft.irfft2(transform, s=(size, size)), dtype=np.float32)
