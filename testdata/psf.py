"""The point-spread function: a Moffat core in a Moffat halo, sheared, varying in the field.

No task fits this family. It has the soft core and the power-law wings of an image
through turbulence; size and ellipticity vary over a CCD and from visit to visit.
Values at pixel centres are the fractions of the flux that the pixels record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from testdata.randomness import Stream, generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from testdata.geometry import Geometry
    from testdata.observation import Observation

__all__ = ["PsfModel", "PsfShapes"]

_CORE_SLOPE: Final = 3.3
_HALO_SLOPE: Final = 2.2
_HALO_FRACTION: Final = 0.08
_HALO_SIZE: Final = 1.8


@dataclass(frozen=True, slots=True)
class PsfShapes:
    """Width and ellipticity at n places, each of shape (n,)."""

    fwhm_pix: NDArray[np.float64]
    e1: NDArray[np.float64]
    """(a^2 - b^2) / (a^2 + b^2) along x minus along y."""
    e2: NDArray[np.float64]

    def part(self, chosen: NDArray[np.intp]) -> PsfShapes:
        """Pick some of the places."""
        return PsfShapes(self.fwhm_pix[chosen], self.e1[chosen], self.e2[chosen])

    def evaluate(self, dx: NDArray[np.float64], dy: NDArray[np.float64]) -> NDArray[np.float32]:
        """Values around the centre for a flux of 1.

        Parameters
        ----------
        dx, dy
            Offsets from the centre in pixels, shapes (n, nx) and (n, ny).

        Returns
        -------
        numpy.ndarray
            Shape (n, ny, nx).
        """
        x = dx[:, None, :].astype(np.float32)
        y = dy[:, :, None].astype(np.float32)
        norm = np.sqrt(1 - self.e1**2 - self.e2**2)
        cxx, cyy, cxy = (
            np.asarray(c / norm, dtype=np.float32)[:, None, None]
            for c in (1 - self.e1, 1 + self.e1, -2 * self.e2)
        )
        radius2 = cxx * x**2 + cyy * y**2 + cxy * x * y
        core = _moffat(radius2, self.fwhm_pix, _CORE_SLOPE)
        halo = _moffat(radius2, self.fwhm_pix * _HALO_SIZE, _HALO_SLOPE)
        return np.asarray((1 - _HALO_FRACTION) * core + _HALO_FRACTION * halo, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class PsfModel:
    """The PSF of one visit on one CCD."""

    fwhm_pix: float
    """At the centre of the CCD."""
    size_terms: tuple[float, ...]
    """Relative change of size by u, v, u*v, v**2; u and v go from -1 to 1."""
    e1_terms: tuple[float, ...]
    """e1 by 1, u, v, u*v."""
    e2_terms: tuple[float, ...]
    """e2 by 1, u, v, u*v."""
    geometry: Geometry

    @classmethod
    def of(cls, observation: Observation, ccd: int, geometry: Geometry, seed: int) -> PsfModel:
        """Make the PSF of a visit on a CCD."""
        rng = generator(seed, Stream.SEEING, observation.visit, ccd + 1)
        return cls(
            fwhm_pix=observation.fwhm_pix * float(rng.uniform(0.98, 1.02)),
            size_terms=tuple(rng.normal(0, 1, 4) * (0.025, 0.035, 0.01, 0.02)),
            e1_terms=tuple(rng.normal(0, 1, 4) * (0.02, 0.025, 0.02, 0.01)),
            e2_terms=tuple(rng.normal(0, 1, 4) * (0.02, 0.02, 0.025, 0.01)),
            geometry=geometry,
        )

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> PsfShapes:
        """Shapes at pixels of the assembled CCD."""
        u = np.clip(2 * x / self.geometry.ccd_width - 1, -1.1, 1.1)
        v = np.clip(2 * y / self.geometry.ccd_height - 1, -1.1, 1.1)
        one = np.ones_like(u)
        size = one + sum(
            term * part for term, part in zip(self.size_terms, (u, v, u * v, v**2), strict=True)
        )
        e1, e2 = (
            sum((term * part for term, part in zip(terms, (one, u, v, u * v), strict=True)), 0 * u)
            for terms in (self.e1_terms, self.e2_terms)
        )
        return PsfShapes(self.fwhm_pix * size, e1, e2)


def _moffat(
    radius2: NDArray[np.float32], fwhm: NDArray[np.float64], slope: float
) -> NDArray[np.float32]:
    """Moffat profile of flux 1; one width per place."""
    core2 = (fwhm / 2) ** 2 / (2 ** (1 / slope) - 1)
    peak = ((slope - 1) / (np.pi * core2)).astype(np.float32)[:, None, None]
    scaled = radius2 / core2.astype(np.float32)[:, None, None]
    return np.asarray(peak * np.exp(np.float32(-slope) * np.log1p(scaled)), dtype=np.float32)
