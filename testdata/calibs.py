"""Master calibrations of the simulated CCDs, in the folders of a Gen2 ``CALIB``.

They are the truth with which the raws of the same CCD and seed are made: assembled,
trimmed, in the orientation of the raw.
"""

from __future__ import annotations

import pickle
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from testdata.detector import DetectorTruth, brighter_fatter_kernel, detector_truth
from testdata.errors import VisitError
from testdata.focalplane import chip_place
from testdata.geometry import FULL, Geometry
from testdata.observation import FILTERS
from testdata.randomness import DEFAULT_SEED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from astropy.io.fits import Header
    from numpy.typing import NDArray

__all__ = ["CalibDate", "flat_date", "write_calibs"]

_SIMPLE_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS {0} (id integer primary key autoincrement, filter text,ccd int,"
    "{1}, unique(filter,ccd,calibDate))"
)
_START_FIRST: Final = "validStart text,calibDate text,validEnd text"
_DATE_FIRST: Final = "calibDate text,validStart text,validEnd text"
# Column order and visit tables differ between the tables of real registries.
_TABLES: Final = {
    "bias": (_START_FIRST, "calibDate text,filter text, unique(calibDate,filter)"),
    "dark": (_START_FIRST, "calibDate text,filter text, unique(calibDate,filter)"),
    "flat": (_START_FIRST, "calibDate text,filter text, unique(calibDate,filter)"),
    "fringe": (_START_FIRST, "calibDate text,filter text, unique(calibDate,filter)"),
    "sky": (_DATE_FIRST, "calibDate text,filter text, unique(filter,calibDate)"),
    "defects": (_DATE_FIRST, "calibDate text, unique(calibDate)"),
}


@dataclass(frozen=True, slots=True)
class CalibDate:
    """Date of a calibration and its validity, both ends included."""

    calib_date: str
    valid_start: str
    valid_end: str


_AUTUMN: Final = CalibDate("2013-11-03", "2013-05-07", "2014-05-02")
_SPRING: Final = CalibDate("2013-06-17", "2012-12-19", "2013-12-14")
_DEFECTS: Final = CalibDate("2013-01-31T00:00:00", "2013-01-31", "2014-04-02")


def flat_date(filter_name: str) -> CalibDate:
    """Date and validity of the flats of a filter, as in ci_hsc."""
    return _SPRING if filter_name == "HSC-R" else _AUTUMN


def write_calibs(
    calib_dir: Path | str,
    ccds: Iterable[int],
    *,
    geometry: Geometry = FULL,
    filters: Sequence[str] = ("HSC-R", "HSC-I"),
    seed: int = DEFAULT_SEED,
) -> tuple[Path, ...]:
    """Write bias, dark, flats, defects, the brighter-fatter kernel and the registry.

    Parameters
    ----------
    calib_dir
        The ``CALIB`` folder; made if absent. Calling again with other CCDs adds them.
    ccds
        CCDs to write.
    geometry, seed
        As for the raws.
    filters
        Filters of the flats.

    Returns
    -------
    tuple of pathlib.Path
        The files written, the registry last.

    Raises
    ------
    CcdNumberError, VisitError
        If there is no such CCD or filter; nothing is written then.
    """
    wanted = [chip_place(ccd, geometry).ccd for ccd in ccds]
    for name in filters:
        if name not in FILTERS:
            raise VisitError("filter", name, "one of " + ", ".join(FILTERS))
    root = Path(calib_dir)
    root.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = [_write_kernel(root)]
    rows: list[tuple[str, str, int, CalibDate]] = []
    for ccd in wanted:
        detector = detector_truth(ccd, geometry, seed)
        images = [
            ("bias", "NONE", _AUTUMN, detector.bias_adu),
            ("dark", "NONE", _AUTUMN, detector.dark_adu_per_s()),
        ]
        images += [
            ("flat", name, flat_date(name), detector.flat(name[-1].lower())) for name in filters
        ]
        for kind, filter_name, date, image in images:
            paths.append(_write_master(root, kind, ccd, filter_name, date=date, image=image))
            rows.append((kind, filter_name, ccd, date))
        paths.append(_write_defects(root, detector))
        rows.append(("defects", "None", ccd, _DEFECTS))
    paths.append(_write_registry(root, rows))
    return tuple(paths)


def _write_master(
    root: Path,
    kind: str,
    ccd: int,
    filter_name: str,
    *,
    date: CalibDate,
    image: NDArray[np.float32],
) -> Path:
    """Write one master image."""
    from astropy.io import fits

    name = kind.upper()
    folder = root / name / date.calib_date / filter_name
    infix = f"-{filter_name}" if kind == "flat" else ""
    path = folder / f"{name}-{date.calib_date}{infix}-{ccd:03d}.fits"
    folder.mkdir(parents=True, exist_ok=True)
    header = _master_header(kind, ccd, filter_name, date)
    fits.PrimaryHDU(image, header=header).writeto(path, overwrite=True)
    return path


def _master_header(kind: str, ccd: int, filter_name: str, date: CalibDate) -> Header:
    """Cards that an ingest of calibrations reads."""
    from astropy.io.fits import Header

    header = Header()
    identity = f"filter={filter_name} ccd={ccd} calibDate={date.calib_date}"
    header["CALIB_ID"] = f"{identity} calibVersion=simulated"
    header["OBSTYPE"] = kind
    header["DET-ID"] = ccd
    header["FILTER"] = filter_name
    header["BUNIT"] = {"bias": "adu", "dark": "adu/s", "flat": ""}[kind]
    return header


def _write_defects(root: Path, detector: DetectorTruth) -> Path:
    """Write the defects as boxes of FITS regions, whose centres count from 1."""
    from astropy.io import fits

    date, ccd = _DEFECTS.calib_date, detector.ccd
    sections = [defect.section for defect in detector.defects]
    columns = [
        fits.Column("X", "1D", "pix", array=[(s.x0 + s.x1 + 1) / 2 for s in sections]),
        fits.Column("Y", "1D", "pix", array=[(s.y0 + s.y1 + 1) / 2 for s in sections]),
        fits.Column("SHAPE", "16A", array=["BOX"] * len(sections)),
        fits.Column(
            "R", "2D", "pix", array=[(float(s.x1 - s.x0), float(s.y1 - s.y0)) for s in sections]
        ),
        fits.Column("ROTANG", "1D", "deg", array=[0.0] * len(sections)),
        fits.Column("COMPONENT", "1J", array=list(range(len(sections)))),
    ]
    table = fits.BinTableHDU.from_columns(columns)
    cards = {"OBSTYPE": "defects", "INSTRUME": "hsc", "DETECTOR": ccd, "FILTER": ""}
    table.header.update(cards)
    table.header["HIERARCH CALIBDATE"] = date
    table.header["HIERARCH DEFECTS_SCHEMA"] = "FITS Region"
    table.header["HIERARCH DEFECTS_SCHEMA_VERSION"] = 1
    table.header["CALIB_ID"] = f"filter=None ccd={ccd} calibDate={date}"
    path = root / "defects" / date / f"defects-{date}-{ccd:03d}.fits"
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path, overwrite=True)
    return path


def _write_kernel(root: Path) -> Path:
    """Pickle the kernel as Gen2 did: protocol 2, with NumPy 1's name of the array type."""
    data = pickle.dumps(brighter_fatter_kernel(), protocol=2)
    path = root / "BFKERNEL" / "brighter_fatter_kernel.pkl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.replace(b"cnumpy._core.", b"cnumpy.core."))
    return path


def _write_registry(root: Path, rows: Sequence[tuple[str, str, int, CalibDate]]) -> Path:
    """Make the registry if need be and add rows; a row of the same key is replaced."""
    path = root / "calibRegistry.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, (columns, visit_columns) in _TABLES.items():
            connection.execute(_SIMPLE_TABLE.format(table, columns))
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table}_visit ({visit_columns})")
        for table, filter_name, ccd, date in rows:
            connection.execute(
                f"INSERT OR REPLACE INTO {table}"  # noqa: S608  (a name from the list above)
                " (filter, ccd, calibDate, validStart, validEnd) VALUES (?, ?, ?, ?, ?)",
                (filter_name, ccd, date.calib_date, date.valid_start, date.valid_end),
            )
    return path
