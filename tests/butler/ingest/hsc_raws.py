"""Raw files of HSC, small ones, and what must be true of a repository that holds them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

from butler.repository.base import RepositoryQuery
from butler.repository.create import create_repository
from butler.repository.native import NativeRepository
from butler.storage.writer_mark import is_temporary_name
from tests.butler.ingest.bad_files import IMAGE, PIXELS, build_fits

if TYPE_CHECKING:
    from pathlib import Path

    from butler.ingest.report import IngestReport

__all__ = [
    "check_agreement",
    "hsc_cards",
    "make_repository",
    "outcomes",
    "place_of",
    "run_python",
    "write_raw",
    "write_raws",
]

_OURS = {"butler.yaml", "registry.sqlite3", "registry.sqlite3-wal", "registry.sqlite3-shm"}


def hsc_cards(visit: int = 903334, ccd: int = 16, field: str = "STRIPE82L") -> list[bytes]:
    """The cards from which HSC's registry columns are made."""
    return [
        b"INSTRUME= 'Hyper Suprime-Cam'",
        f"EXP-ID  = 'HSCA{visit:06d}00'".encode(),
        f"FRAMEID = 'HSCA{visit:06d}{ccd % 100:02d}'".encode(),
        f"DET-ID  = {ccd}".encode(),
        f"OBJECT  = '{field}'".encode(),
        b"DATE-OBS= '2013-11-02'",
        b"MJD     = 56598.26106397435",
        b"FILTER01= 'HSC-i'",
        b"EXPTIME = 30.0",
        b"DATA-TYP= 'OBJECT'",
        b"PROP-ID = 'o13015'",
    ]


def write_raw(
    path: Path, visit: int = 903334, ccd: int = 16, *, content: int = 0, field: str = "STRIPE82L"
) -> Path:
    """Write one raw file; ``content`` changes its pixels, not its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = bytes([content]) + PIXELS[1:]
    path.write_bytes(build_fits([*IMAGE, *hsc_cards(visit, ccd, field)], pixels))
    return path


def write_raws(directory: Path, count: int = 3) -> list[Path]:
    """Write raw files of one visit, numbered by CCD."""
    return [write_raw(directory / f"HSCA9033340{ccd}.fits", ccd=ccd) for ccd in range(count)]


def place_of(visit: int = 903334, ccd: int = 16, field: str = "STRIPE82L") -> str:
    """Where the template has it."""
    return f"{field}/2013-11-02/00671/HSC-I/HSC-{visit:07d}-{ccd:03d}.fits"


def make_repository(root: Path) -> NativeRepository:
    create_repository(root, "hsc")
    return NativeRepository(str(root))


def outcomes(report: IngestReport) -> list[str]:
    return [one.outcome for one in report.files]


def check_agreement(repository: NativeRepository) -> int:
    """Compare the registry with the disk; return the number of rows.

    No row without its whole file, no file in a place without a row or an
    intent, no temporary name, no intent of a dead process.
    """
    registry = repository.registry
    raw = repository.policy.dataset_type("raw")
    rows = [stored for stored, _ in repository.query(RepositoryQuery(raw))]
    for stored in rows:
        status = os.stat(os.path.join(repository.root, stored.path))
        assert (stored.size, stored.mtime_ns) == (status.st_size, status.st_mtime_ns)
    intended = {path for intent in registry.intents() for path in intent.paths}
    known = {stored.path for stored in rows} | intended
    for directory, names, files in os.walk(repository.root):
        names[:] = [name for name in names if name != ".butler"]
        for name in files:
            path = os.path.relpath(os.path.join(directory, name), repository.root)
            assert path in known | _OURS, f"{path} has no row"
            assert not is_temporary_name(name)
    assert registry.intents() == []
    return len(rows)


def run_python(code: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, to its end."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=os.getcwd(),
    )
