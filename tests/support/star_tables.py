"""Tables of stars that reference catalogs are made of, and repositories of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from astropy.table import Table

from butler.refcats.ingest import ingest_refcat
from butler.repository.native import NativeRepository
from imaging.reference.column_map import ColumnMap
from imaging.reference.reference_input import ReferenceInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from butler.refcats.ingest import CatalogReport

__all__ = ["gaia_table", "ingest_tables", "write_table"]


def gaia_table(
    count: int,
    *,
    seed: int = 1,
    centre: tuple[float, float] = (0.0, 0.0),
    size_deg: float = 3.0,
    motion_mas: float = 20.0,
) -> Table:
    """Stars around a place, with the columns of Gaia DR3."""
    rng = np.random.default_rng(seed)
    distance = np.radians(size_deg) * np.sqrt(rng.uniform(0, 1, count))
    angle = rng.uniform(0, 2 * np.pi, count)
    ra, dec = np.radians(centre)
    sine = np.sin(dec) * np.cos(distance) + np.cos(dec) * np.sin(distance) * np.cos(angle)
    east = np.arctan2(
        np.sin(angle) * np.sin(distance) * np.cos(dec), np.cos(distance) - np.sin(dec) * sine
    )
    return Table(
        {
            "source_id": rng.permutation(count) + 4_000_000_000_000_000_000,
            "ra": np.degrees(ra + east) % 360,
            "dec": np.degrees(np.arcsin(sine)),
            "ra_error": rng.uniform(0.01, 1, count),
            "dec_error": rng.uniform(0.01, 1, count),
            "ref_epoch": np.full(count, 2016.0),
            "pmra": rng.normal(0, motion_mas, count),
            "pmdec": rng.normal(0, motion_mas, count),
            "pmra_error": rng.uniform(0.01, 1, count),
            "pmdec_error": rng.uniform(0.01, 1, count),
            "parallax": rng.exponential(1.0, count),
            "parallax_error": rng.uniform(0.01, 1, count),
            "phot_g_mean_flux": rng.exponential(1e4, count) + 1.0,
            "phot_g_mean_flux_error": rng.uniform(1, 10, count),
        }
    )


def write_table(table: Table, path: Path) -> str:
    """Write a table in the form that the name of the file means; return the name."""
    forms = {
        ".fits": "fits",
        ".csv": "ascii.fast_csv",
        ".ecsv": "ascii.ecsv",
        ".parquet": "parquet",
    }
    table.write(path, format=forms[path.suffix], overwrite=True)
    return str(path)


def ingest_tables(
    root: Path, name: str, files: Sequence[str], columns: ColumnMap | None = None, depth: int = 7
) -> CatalogReport:
    """Make a reference catalog in a repository."""
    repository = NativeRepository(str(root))
    try:
        source = ReferenceInput(files, columns or ColumnMap())
        return ingest_refcat(repository, name, source, depth=depth)
    finally:
        repository.close()
