"""Small Gen2 repositories, and proof that reading left no trace."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Trace: TypeAlias = "dict[str, tuple[int, int, int, bytes | str]]"

# The columns of a real HSC registry, in its order.
RAW_COLUMNS = (
    "taiObs text, expId text, pointing int, dataType text, visit int, dateObs text, "
    "frameId text, filter text, field text, pa double, expTime double, ccdTemp double, "
    "ccd int, proposal text, config text, autoguider int"
)


def _trace(root: Path) -> Trace:
    found: Trace = {}
    for folder, folders, files in os.walk(root):
        for name in [*folders, *files, "."]:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            if os.path.islink(path):
                content: bytes | str = os.readlink(path)
            else:
                content = b"" if os.path.isdir(path) else Path(path).read_bytes()
            found[os.path.relpath(path, root)] = (
                status.st_ino,
                status.st_mtime_ns,
                status.st_mode,
                content,
            )
    return found


@pytest.fixture
def untouched() -> Iterator[Callable[[Path], Path]]:
    """Watches folders: names, bytes and times are the same after the test."""
    before: dict[Path, Trace] = {}

    def watch(root: Path) -> Path:
        before[root] = _trace(root)
        return root

    yield watch
    for root, trace in before.items():
        assert _trace(root) == trace


def add_raw(root: Path, visit: int, ccd: int, filter_name: str, **more: object) -> None:
    """Add one row, and an empty file at its place."""
    row: dict[str, object] = {
        "visit": visit,
        "ccd": ccd,
        "filter": filter_name,
        "field": "STRIPE82L",
        "dateObs": "2013-11-02",
        "taiObs": "2013-11-02",
        "pointing": 671,
        "expTime": 30.0,
        **more,
    }
    connection = sqlite3.connect(root / "registry.sqlite3")
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO raw ({names}) VALUES ({marks})", tuple(row.values()))
    connection.execute(
        "INSERT OR IGNORE INTO raw_visit SELECT visit, field, filter, dateObs, taiObs FROM raw"
    )
    connection.commit()
    connection.close()
    path = root / (
        f"{row['field']}/{row['dateObs']}/{row['pointing']:05d}/{filter_name}/"
        f"HSC-{visit:07d}-{ccd:03d}.fits"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"raw")


def make_hsc(root: Path) -> Path:
    """An HSC repository as Gen2's ingest made it, without rows."""
    root.mkdir(parents=True)
    (root / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    connection = sqlite3.connect(root / "registry.sqlite3")
    connection.execute(
        f"CREATE TABLE raw (id integer primary key autoincrement, {RAW_COLUMNS}, unique(visit,ccd))"
    )
    connection.execute(
        "CREATE TABLE raw_visit (visit int, field text, filter text, dateObs text, taiObs text, "
        "unique(visit))"
    )
    connection.commit()
    connection.close()
    return root


@pytest.fixture
def hsc_root(tmp_path: Path) -> Path:
    """An HSC repository with four raw files of two visits."""
    root = make_hsc(tmp_path / "DATA")
    for visit, filter_name in ((903334, "HSC-R"), (903986, "HSC-I")):
        for ccd in (16, 23):
            add_raw(root, visit, ccd, filter_name)
    return root


@pytest.fixture
def hsc_calib(shared_data: Path, hsc_root: Path) -> Path:
    """The real registry of ci_hsc in CALIB, with a file for each answer."""
    calib = hsc_root / "CALIB"
    calib.mkdir()
    shutil.copyfile(
        shared_data / "gen2/ci_hsc_calibRegistry.sqlite3", calib / "calibRegistry.sqlite3"
    )
    for name in (
        "BIAS/2013-11-03/NONE/BIAS-2013-11-03-016.fits",
        "DARK/2013-11-03/NONE/DARK-2013-11-03-016.fits",
        "FLAT/2013-06-17/HSC-R/FLAT-2013-06-17-HSC-R-016.fits",
        "FLAT/2013-11-03/HSC-I/FLAT-2013-11-03-HSC-I-016.fits",
        "SKY/2014-11-12/HSC-R/SKY-2014-11-12-HSC-R-016.fits",
        "defects/2013-01-31T00:00:00/defects-2013-01-31T00:00:00-016.fits",
        "BFKERNEL/brighter_fatter_kernel.pkl",
        "STRAY_LIGHT/ybackground-016.fits",
    ):
        path = calib / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"calibration")
    return calib
