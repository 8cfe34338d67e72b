"""The sky: one catalogue of stars and galaxies, the same for every exposure.

The sky is cut into cells, each filled by its own random numbers: any part of it
can be made without the rest, and two overlapping exposures hold the same objects.
Crowded groups of bright objects are added where the central third of each CCD lies
in visit 903334.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from testdata.focalplane import N_CCDS
from testdata.geometry import FULL, Geometry
from testdata.observation import observe
from testdata.projection import header_projection
from testdata.randomness import DEFAULT_SEED, Stream, generator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["BANDS", "SKY_DTYPE", "SkyBox", "SkyModel"]

BANDS: Final = ("g", "r", "i", "z", "y")

SKY_DTYPE: Final = np.dtype(
    [
        ("id", "i8"),
        ("ra", "f8"),
        ("dec", "f8"),
        ("is_star", "?"),
        *((f"mag_{band}", "f8") for band in BANDS),
        ("half_light_radius", "f8"),
        ("axis_ratio", "f8"),
        ("position_angle", "f8"),
        ("bulge_fraction", "f8"),
    ]
)
"""One object: degrees, AB magnitudes, arcsec, radians east of north; stars have radius 0."""

_CLUSTER_VISIT: Final = 903334
_CLUSTER_ID: Final = 1 << 60
_MARGIN_Y: Final = 400 / 4176
"""By how much the tutorial shrinks the central third, top and bottom."""


@dataclass(frozen=True, slots=True)
class SkyBox:
    """A part of the sky, in degrees; it does not cross right ascension 0."""

    ra_min: float
    ra_max: float
    dec_min: float
    dec_max: float

    def contains(self, ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether positions lie inside."""
        inside_ra = (ra >= self.ra_min) & (ra < self.ra_max)
        return np.asarray(inside_ra & (dec >= self.dec_min) & (dec < self.dec_max))

    def padded(self, margin_deg: float) -> SkyBox:
        """Grow by a margin on each side."""
        return SkyBox(
            self.ra_min - margin_deg,
            self.ra_max + margin_deg,
            self.dec_min - margin_deg,
            self.dec_max + margin_deg,
        )


@dataclass(frozen=True, slots=True)
class SkyModel:
    """How many objects there are and how bright they are."""

    seed: int = DEFAULT_SEED
    geometry: Geometry = FULL
    """Of the camera that looks at this sky: it places the crowded groups."""
    star_density: float = 15_000.0
    """Stars per square degree."""
    galaxy_density: float = 110_000.0
    """Galaxies per square degree."""
    star_magnitudes: tuple[float, float] = (14.5, 24.5)
    """Brightest and faintest star, in r."""
    galaxy_magnitudes: tuple[float, float] = (17.5, 25.2)
    """Brightest and faintest galaxy, in r."""
    blend_fraction: float = 0.2
    """Part of the galaxies that is moved to within 0.8 to 3 arcsec of another object."""
    clusters_per_ccd: int = 6
    """Crowded groups in the central third of each CCD of visit 903334."""
    cell_deg: float = 0.05

    @classmethod
    def for_geometry(cls, geometry: Geometry, seed: int = DEFAULT_SEED) -> SkyModel:
        """Choose a sky for a camera: a small CCD needs a dense one to see stars enough.

        A full-size CCD holds about 300 stars and 2000 galaxies, of which about 1000
        are above five sigma; a small one about 30 and 20.
        """
        model = cls(seed=seed, geometry=geometry)
        if geometry.ccd_width * geometry.ccd_height * 4 > FULL.ccd_width * FULL.ccd_height:
            return model
        return replace(
            model,
            star_density=400_000.0,
            galaxy_density=250_000.0,
            star_magnitudes=(17.2, 23.0),
            galaxy_magnitudes=(19.0, 23.5),
            clusters_per_ccd=1,
            cell_deg=0.005,
        )

    def objects(self, boxes: Iterable[SkyBox]) -> NDArray[np.void]:
        """All objects inside any of the boxes.

        Returns
        -------
        numpy.ndarray
            Rows of ``SKY_DTYPE``, sorted by id, none twice.
        """
        found = list(boxes)
        cells = sorted({cell for box in found for cell in self._cells(box)})
        parts = [_cell_objects(self, *cell) for cell in cells]
        if self.clusters_per_ccd:
            parts.append(_cluster_objects(self))
        table = np.concatenate(parts) if parts else np.zeros(0, SKY_DTYPE)
        inside = np.zeros(len(table), dtype=bool)
        for box in found:
            inside |= box.contains(table["ra"], table["dec"])
        return table[inside][np.argsort(table["id"][inside])]

    def _cells(self, box: SkyBox) -> list[tuple[int, int]]:
        """Cells that a box touches; moved companions reach out of their cell by 3 arcsec."""
        wide = box.padded(4 / 3600)
        first_ra, last_ra = (int(np.floor(v / self.cell_deg)) for v in (wide.ra_min, wide.ra_max))
        first, last = (
            int(np.floor((v + 90) / self.cell_deg)) for v in (wide.dec_min, wide.dec_max)
        )
        return [(i, j) for i in range(first_ra, last_ra + 1) for j in range(first, last + 1)]


def _power_law(
    rng: np.random.Generator, n: int, limits: tuple[float, float], slope: float
) -> NDArray[np.float64]:
    """Draw magnitudes whose counts grow by 10**slope per magnitude."""
    low, high = (10 ** (slope * limit) for limit in limits)
    return np.asarray(np.log10(low + rng.random(n) * (high - low)) / slope)


@lru_cache(maxsize=4096)
def _cell_objects(model: SkyModel, cell_ra: int, cell_dec: int) -> NDArray[np.void]:
    """Objects of one cell."""
    rng = generator(model.seed, Stream.SKY_CELL, cell_ra, cell_dec)
    dec0 = cell_dec * model.cell_deg - 90
    area = model.cell_deg**2 * np.cos(np.radians(dec0))
    n_stars = int(rng.poisson(model.star_density * area))
    n_galaxies = int(rng.poisson(model.galaxy_density * area))
    table = np.zeros(n_stars + n_galaxies, SKY_DTYPE)
    table["is_star"][:n_stars] = True
    table["id"] = (cell_ra << 36) + (cell_dec << 16) + np.arange(len(table))
    table["ra"] = (cell_ra + rng.random(len(table))) * model.cell_deg
    table["dec"] = dec0 + rng.random(len(table)) * model.cell_deg
    _fill_stars(table[:n_stars], model, rng)
    _fill_galaxies(table[n_stars:], model, rng)
    _make_companions(table, n_stars, model, rng)
    return table


def _fill_stars(stars: NDArray[np.void], model: SkyModel, rng: np.random.Generator) -> None:
    """Give stars their magnitudes: a colour sequence with a little scatter."""
    n = len(stars)
    magnitude = _power_law(rng, n, model.star_magnitudes, 0.17)
    color = np.clip(0.35 + 0.12 * (magnitude - 16) + rng.normal(0, 0.35, n), 0.1, 1.6)
    scatter = rng.normal(0, 0.02, (len(BANDS), n))
    slopes = {
        "g": color,
        "r": 0 * color,
        "i": -0.45 * color,
        "z": -0.65 * color,
        "y": -0.75 * color,
    }
    for band, noise in zip(BANDS, scatter, strict=True):
        stars[f"mag_{band}"] = magnitude + slopes[band] + (noise if band != "r" else 0)


def _fill_galaxies(galaxies: NDArray[np.void], model: SkyModel, rng: np.random.Generator) -> None:
    """Give galaxies magnitudes, sizes and shapes."""
    n = len(galaxies)
    magnitude = _power_law(rng, n, model.galaxy_magnitudes, 0.31)
    color = rng.normal(0.75, 0.3, n)
    for band, factor in zip(BANDS, (1.0, 0.0, -0.5, -0.8, -0.95), strict=True):
        galaxies[f"mag_{band}"] = magnitude + factor * color
    radius = 0.45 * 10 ** (-0.09 * (magnitude - 23)) * rng.lognormal(0, 0.35, n)
    galaxies["half_light_radius"] = np.clip(radius, 0.12, 2.5)
    galaxies["axis_ratio"] = np.clip(1 - rng.rayleigh(0.32, n), 0.2, 1)
    galaxies["position_angle"] = rng.uniform(0, np.pi, n)
    galaxies["bulge_fraction"] = np.clip(rng.normal(0.2, 0.2, n), 0, 0.8)


def _make_companions(
    table: NDArray[np.void], n_stars: int, model: SkyModel, rng: np.random.Generator
) -> None:
    """Move some galaxies next to another object of the cell."""
    n_galaxies = len(table) - n_stars
    n = int(model.blend_fraction * n_galaxies)
    if not n or len(table) <= 1:
        return
    moved = n_stars + rng.permutation(n_galaxies)[:n]
    hosts = rng.integers(0, len(table), n)
    distance, angle = rng.uniform(0.8, 3.0, n) / 3600, rng.uniform(0, 2 * np.pi, n)
    is_free = ~np.isin(hosts, moved)
    moved, hosts = moved[is_free], hosts[is_free]
    cosine = np.cos(np.radians(table["dec"][hosts]))
    table["ra"][moved] = table["ra"][hosts] + (distance * np.cos(angle))[is_free] / cosine
    table["dec"][moved] = table["dec"][hosts] + (distance * np.sin(angle))[is_free]


@lru_cache(maxsize=8)
def _cluster_objects(model: SkyModel) -> NDArray[np.void]:
    """Crowded groups of bright objects, one set for each CCD of visit 903334."""
    observation = observe(_CLUSTER_VISIT, geometry=model.geometry, seed=model.seed)
    width, height = model.geometry.ccd_width, model.geometry.ccd_height
    parts = []
    for ccd in range(N_CCDS):
        rng = generator(model.seed, Stream.CLUSTER, ccd)
        projection = header_projection(observation, ccd, model.geometry)
        for number in range(model.clusters_per_ccd):
            n = int(rng.integers(3, 9))
            x = width * rng.uniform(0.38, 0.62)
            y = height * rng.uniform(1 / 3 + _MARGIN_Y + 0.02, 2 / 3 - _MARGIN_Y - 0.02)
            ra, dec = projection.to_sky(np.array([x]), np.array([y]))
            part = _one_cluster(model, rng, n, (float(ra[0]), float(dec[0])))
            part["id"] = _CLUSTER_ID + (ccd << 16) + (number << 8) + np.arange(n)
            parts.append(part)
    return np.concatenate(parts)


def _one_cluster(
    model: SkyModel, rng: np.random.Generator, n: int, center: tuple[float, float]
) -> NDArray[np.void]:
    """Objects of magnitude 18 to 21.5 about two arcsec apart, one star among galaxies."""
    table = np.zeros(n, SKY_DTYPE)
    bright = replace(model, star_magnitudes=(18.5, 20.5), galaxy_magnitudes=(18.3, 21.5))
    n_stars = 1 + n // 4
    table["is_star"][:n_stars] = True
    _fill_stars(table[:n_stars], bright, rng)
    _fill_galaxies(table[n_stars:], bright, rng)
    # A sunflower pattern keeps neighbours apart; the jitter hides it.
    order = np.arange(n)
    radius = 1.25 * np.sqrt(order) + rng.normal(0, 0.1, n)
    angle = 2.39996 * order + rng.uniform(0, 2 * np.pi)
    table["ra"] = center[0] + radius * np.cos(angle) / 3600 / np.cos(np.radians(center[1]))
    table["dec"] = center[1] + radius * np.sin(angle) / 3600
    return table
