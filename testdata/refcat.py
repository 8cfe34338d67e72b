"""The reference catalog: the stars of the sky, in shards by HTM trixel of depth 7."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from testdata.geometry import FULL, Geometry
from testdata.htm import htm_index
from testdata.observation import CI_HSC_VISITS, observe
from testdata.projection import header_projection
from testdata.randomness import DEFAULT_SEED, Stream, generator
from testdata.raw import ccd_sky_box
from testdata.sky import BANDS, SkyModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from astropy.io.fits import BinTableHDU
    from numpy.typing import NDArray

__all__ = ["REFERENCE_LIMIT_MAG", "REFERENCE_NAME", "write_reference_catalog"]

REFERENCE_NAME: Final = "ps1_pv3_3pi_20170110"
REFERENCE_LIMIT_MAG: Final = 23.0
"""Faintest star of the catalog, in r."""

_DEPTH: Final = 7
_MARGIN_PIX: Final = 400
_SCATTER_MAG: Final = 0.012
_FLOOR_NJY: Final = 150.0
_AB_ZERO_POINT_NJY: Final = 31.4
_POSITION_SCATTER_ARCSEC: Final = 0.01

_DTYPE: Final = np.dtype(
    [
        ("id", "i8"),
        ("coord_ra", "f8"),
        ("coord_dec", "f8"),
        *((f"{band}_flux", "f8") for band in BANDS),
        *((f"{band}_fluxErr", "f8") for band in BANDS),
    ]
)

_CONFIG = """\
import lsst.meas.algorithms.ingestIndexReferenceTask
assert type(config)==lsst.meas.algorithms.ingestIndexReferenceTask.DatasetConfig
# Version 1: fluxes are in nJy.
config.format_version=1
config.ref_dataset_name={name!r}
config.indexer['HTM'].depth={depth}
config.indexer.name='HTM'
"""


def write_reference_catalog(
    catalog_dir: Path | str,
    visits: Mapping[int, Sequence[int]] | None = None,
    *,
    geometry: Geometry = FULL,
    sky: SkyModel | None = None,
    seed: int = DEFAULT_SEED,
) -> tuple[Path, ...]:
    """Write the shards that cover some CCDs of some visits.

    Parameters
    ----------
    catalog_dir
        The folder of the catalog, whose name is the catalog's; made if absent.
        Shards of an earlier call are replaced.
    visits
        Visit to ccds; by default those of ci_hsc. The catalog holds every star of the
        sky brighter than ``REFERENCE_LIMIT_MAG`` on these CCDs and 400 pixels (or one
        CCD, if smaller) around them, and no other.
    geometry, sky, seed
        As for the raws.

    Returns
    -------
    tuple of pathlib.Path
        The shards, ``master_schema.fits`` and ``config.py``.
    """
    root = Path(catalog_dir)
    model = sky or SkyModel.for_geometry(geometry, seed)
    margin = min(_MARGIN_PIX, geometry.ccd_height)
    boxes = []
    for visit, ccds in (CI_HSC_VISITS if visits is None else visits).items():
        observation = observe(visit, geometry=geometry, seed=seed)
        boxes += [
            ccd_sky_box(header_projection(observation, ccd, geometry), geometry, margin)
            for ccd in ccds
        ]
    table = _reference_rows(model.objects(boxes), seed)
    index = htm_index(table["coord_ra"], table["coord_dec"], _DEPTH)
    root.mkdir(parents=True, exist_ok=True)
    for old in root.glob("[0-9]*.fits"):
        old.unlink()
    paths = []
    for trixel in np.unique(index):
        paths.append(root / f"{trixel}.fits")
        _shard(table[index == trixel]).writeto(paths[-1], overwrite=True)
    schema, config = root / "master_schema.fits", root / "config.py"
    _shard(table[:0]).writeto(schema, overwrite=True)
    config.write_text(_CONFIG.format(name=root.name, depth=_DEPTH), encoding="utf-8")
    return (*paths, schema, config)


def _reference_rows(objects: NDArray[np.void], seed: int) -> NDArray[np.void]:
    """Turn stars of the sky into rows, with a little scatter."""
    stars = objects[objects["is_star"] & (objects["mag_r"] < REFERENCE_LIMIT_MAG)]
    rows = np.zeros(len(stars), _DTYPE)
    rows["id"] = stars["id"]
    # One generator for each star: its row must not depend on which others are asked for.
    noise = np.array(
        [
            generator(seed, Stream.REFERENCE, int(i)).standard_normal(2 + len(BANDS))
            for i in rows["id"]
        ]
    ).reshape(len(stars), 2 + len(BANDS))
    shift = noise[:, :2] * _POSITION_SCATTER_ARCSEC / 3600
    rows["coord_ra"] = np.radians(stars["ra"] + shift[:, 0] / np.cos(np.radians(stars["dec"])))
    rows["coord_dec"] = np.radians(stars["dec"] + shift[:, 1])
    for number, band in enumerate(BANDS):
        flux = 10 ** (0.4 * (_AB_ZERO_POINT_NJY - stars[f"mag_{band}"]))
        error = np.hypot(_SCATTER_MAG * flux, _FLOOR_NJY)
        rows[f"{band}_flux"] = flux + error * noise[:, 2 + number]
        rows[f"{band}_fluxErr"] = error
    return rows


def _shard(rows: NDArray[np.void]) -> BinTableHDU:
    """Make the table of one shard with the cards that the LSST stack writes."""
    from astropy.io import fits

    table = fits.BinTableHDU(rows)
    for number, name in enumerate(_DTYPE.names or (), 1):
        is_angle = name.startswith("coord")
        unit = "rad" if is_angle else "nJy" if "flux" in name else ""
        if unit:
            table.header.set(f"TUNIT{number}", unit, after=f"TFORM{number}")
        table.header.set(f"TCCLS{number}", "Angle" if is_angle else "Scalar")
    table.header["HIERARCH REFCAT_FORMAT_VERSION"] = 1
    table.header["HIERARCH AFW_TABLE_VERSION"] = 3
    table.header["AFW_TYPE"] = "SIMPLE"
    return table
