"""From the sky to pixels: the nominal projection of the header and the true one.

The header's is a plain tangent plane at the boresight. The true one is what an
astrometric fit should find: a tangent plane at the centre of the CCD, shifted by
the telescope's pointing error, with a third-order distortion (TAN-SIP).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from testdata.focalplane import PIXEL_SCALE_DEG, ChipPlace, chip_place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from testdata.geometry import Geometry
    from testdata.observation import Observation

__all__ = ["Projection", "header_projection", "true_projection"]

_FIXED_POINT_ROUNDS = 6

# Distortion in pixels at the edge of the CCD, by powers of the normalised u and v.
_DISTORTION_U = {(2, 0): 0.35, (1, 1): 0.25, (3, 0): -0.50, (1, 2): -0.40}
_DISTORTION_V = {(0, 2): 0.30, (1, 1): -0.20, (0, 3): -0.60, (2, 1): -0.45}


@dataclass(frozen=True, slots=True)
class Projection:
    """A tangent-plane projection with an optional polynomial distortion.

    Pixels are 0-based; the header cards that :meth:`cards` gives are 1-based.
    """

    crval_deg: tuple[float, float]
    crpix: tuple[float, float]
    """0-based."""
    cd: NDArray[np.float64]
    """Shape (2, 2), degrees per pixel."""
    sip_a: dict[tuple[int, int], float]
    sip_b: dict[tuple[int, int], float]

    def to_sky(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Right ascension and declination in degrees of 0-based pixels."""
        u, v = np.asarray(x) - self.crpix[0], np.asarray(y) - self.crpix[1]
        du, dv = self._distortion(u, v)
        u, v = u + du, v + dv
        xi = np.radians(self.cd[0, 0] * u + self.cd[0, 1] * v)
        eta = np.radians(self.cd[1, 0] * u + self.cd[1, 1] * v)
        ra0, dec0 = np.radians(self.crval_deg)
        away = np.cos(dec0) - eta * np.sin(dec0)
        ra = ra0 + np.arctan2(xi, away)
        dec = np.arctan2(np.sin(dec0) + eta * np.cos(dec0), np.hypot(xi, away))
        return np.degrees(ra) % 360, np.degrees(dec)

    def to_pixel(
        self, ra_deg: NDArray[np.float64], dec_deg: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """0-based pixels of sky positions on the same half of the sky."""
        ra0, dec0 = np.radians(self.crval_deg)
        dra, dec = np.radians(ra_deg) - ra0, np.radians(dec_deg)
        depth = np.sin(dec0) * np.sin(dec) + np.cos(dec0) * np.cos(dec) * np.cos(dra)
        xi = np.degrees(np.cos(dec) * np.sin(dra) / depth)
        eta = np.degrees(
            (np.cos(dec0) * np.sin(dec) - np.sin(dec0) * np.cos(dec) * np.cos(dra)) / depth
        )
        inverse = np.linalg.inv(self.cd)
        u0 = inverse[0, 0] * xi + inverse[0, 1] * eta
        v0 = inverse[1, 0] * xi + inverse[1, 1] * eta
        u, v = u0, v0
        for _ in range(_FIXED_POINT_ROUNDS if self.sip_a else 0):
            du, dv = self._distortion(u, v)
            u, v = u0 - du, v0 - dv
        return u + self.crpix[0], v + self.crpix[1]

    def _distortion(
        self, u: NDArray[np.float64], v: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Polynomial shift in pixels; zero without distortion."""
        du, dv = np.zeros_like(u), np.zeros_like(v)
        for (p, q), value in self.sip_a.items():
            du += value * u**p * v**q
        for (p, q), value in self.sip_b.items():
            dv += value * u**p * v**q
        return du, dv

    def cards(self) -> dict[str, float | int | str]:
        """FITS cards, those of SIP only where there is a distortion."""
        suffix = "-SIP" if self.sip_a else ""
        cards: dict[str, float | int | str] = {
            "CTYPE1": f"RA---TAN{suffix}",
            "CTYPE2": f"DEC--TAN{suffix}",
            "CUNIT1": "deg",
            "CUNIT2": "deg",
            "CRVAL1": self.crval_deg[0],
            "CRVAL2": self.crval_deg[1],
            "CRPIX1": self.crpix[0] + 1,
            "CRPIX2": self.crpix[1] + 1,
            "CD1_1": float(self.cd[0, 0]),
            "CD1_2": float(self.cd[0, 1]),
            "CD2_1": float(self.cd[1, 0]),
            "CD2_2": float(self.cd[1, 1]),
        }
        for letter, terms in (("A", self.sip_a), ("B", self.sip_b)):
            if terms:
                cards[f"{letter}_ORDER"] = 3
                cards |= {f"{letter}_{p}_{q}": value for (p, q), value in terms.items()}
        return cards


def header_projection(observation: Observation, ccd: int, geometry: Geometry) -> Projection:
    """Return the projection that the raw's header states: nominal, without distortion."""
    place = chip_place(ccd, geometry)
    zero = np.zeros(1)
    x, y = place.to_pixel(zero, zero)
    # On the sky xi grows with focal y, and eta falls with focal x.
    cd = np.array([[0.0, PIXEL_SCALE_DEG], [-PIXEL_SCALE_DEG, 0.0]]) @ _focal_axes(place)
    return Projection(observation.boresight_deg, (float(x[0]), float(y[0])), cd, {}, {})


def true_projection(
    observation: Observation, ccd: int, geometry: Geometry, *, has_distortion: bool = True
) -> Projection:
    """Return where the sky really fell on the CCD."""
    place = chip_place(ccd, geometry)
    nominal = header_projection(observation, ccd, geometry)
    step = 100.0
    x = place.half[0] + np.array([0.0, step, -step, 0.0, 0.0])
    y = place.half[1] + np.array([0.0, 0.0, 0.0, step, -step])
    ra, dec = nominal.to_sky(x, y)
    local = Projection((float(ra[0]), float(dec[0])), (0.0, 0.0), np.eye(2), {}, {})
    xi, eta = local.to_pixel(ra, dec)
    cd = np.array([[xi[1] - xi[2], xi[3] - xi[4]], [eta[1] - eta[2], eta[3] - eta[4]]]) / (2 * step)
    error = observation.pointing_error_deg
    center = (
        float(ra[0] + error[0] / np.cos(np.radians(dec[0]))),
        float(dec[0] + error[1]),
    )
    a, b = _sip_terms(geometry) if has_distortion else ({}, {})
    return Projection(center, place.half, cd, a, b)


def _focal_axes(place: ChipPlace) -> NDArray[np.float64]:
    """Differentiate focal-plane coordinates by pixels."""
    return np.array([[0.0, -1.0], [1.0, 0.0]]) if place.is_rotated else np.eye(2)


def _sip_terms(
    geometry: Geometry,
) -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], float]]:
    """Distortion of this CCD as SIP coefficients; a small CCD sees a small part of it."""
    half_u, half_v = geometry.ccd_width / 2, geometry.ccd_height / 2

    def scaled(terms: dict[tuple[int, int], float], size: float) -> dict[tuple[int, int], float]:
        return {(p, q): size * c / half_u**p / half_v**q for (p, q), c in terms.items()}

    return scaled(_DISTORTION_U, geometry.scale_x**0.5), scaled(
        _DISTORTION_V, geometry.scale_y**0.5
    )
