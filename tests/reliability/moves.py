"""Operations between repositories, on validity ranges, and on reference catalogs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from support.calibrations import write_flats
from support.invariants import broken_promises
from support.star_tables import gaia_table, ingest_tables, write_table

from butler import Butler, create_repository
from butler.calibrations.ingestion import ingest_calibs
from butler.errors import DatasetExistsError, RepositoryExistsError
from butler.moving.exporting import export_datasets
from butler.moving.importing import import_datasets
from butler.repository.native import NativeRepository
from tests.reliability.operation import CONTENT, Operation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATES = ("2013-06-17", "2013-11-03")
CCDS = (16, 22)
FLATS = len(DATES) * len(CCDS)
STARS = 60
_FLATS = "JOIN dataset_type t ON t.id = dataset.type_id WHERE t.name = 'flat'"
_PIECES = "JOIN dataset_type t ON t.id = dataset.type_id WHERE t.name = 'ref_cat'"
_WHOLE = (
    "JOIN calibration c ON c.dataset_id = dataset.id AND c.days = 180 "
    "JOIN dataset_tag d ON d.dataset_id = dataset.id"
)


def add_sources(scene: Path) -> None:
    """Make a second repository with flats that have ranges and a tag, and a table of stars."""
    root = scene / "OTHER"
    create_repository(root, "hsc")
    files = [file for ccd in CCDS for file in write_flats(scene / "flats", *DATES, ccd=ccd)]
    repository = NativeRepository(str(root))
    ingest_calibs(repository, files, validity=180, mode="copy")
    repository.registry.add_tag("good", range(1, FLATS + 1))
    repository.close()
    write_table(gaia_table(STARS), scene / "stars.fits")


def _count(root: Path, joined: str = "") -> int:
    """How many datasets have what is joined, by plain SQL."""
    with closing(sqlite3.connect(root / "registry.sqlite3")) as registry:
        (found,) = registry.execute(f"SELECT count(*) FROM dataset {joined}").fetchone()
    return int(found)


def _import(mode: str) -> Callable[[Path], None]:
    def take(scene: Path) -> None:
        report = import_datasets(scene / "DATA", scene / "OTHER", mode=mode)
        if report.exit_code:
            raise DatasetExistsError(str([one.reason for one in report.datasets]))

    return take


def _imported(scene: Path, is_done: bool) -> list[str]:
    there, whole = _count(scene / "DATA", _FLATS), _count(scene / "DATA", _WHOLE)
    broken = broken_promises(scene / "OTHER")
    if there != whole:
        broken.append(f"{there - whole} flats came without their ranges or tags")
    if is_done and there != FLATS:
        broken.append(f"{there} of {FLATS} flats are there")
    return broken


def _moved(scene: Path, is_done: bool) -> list[str]:
    left = _count(scene / "OTHER")
    broken = _imported(scene, is_done)
    if left + _count(scene / "DATA", _FLATS) < FLATS:
        broken.append("a flat has gone from one repository and is not in the other")
    if is_done and left:
        broken.append(f"{left} flats were not given away")
    return broken


def _export(scene: Path) -> None:
    try:
        export_datasets(scene / "DATA", scene / "OUT", table=scene / "contents.ecsv")
    except (RepositoryExistsError, DatasetExistsError):  # a killed one came to its end
        if not (scene / "OUT").exists():
            raise


def _exported(scene: Path, is_done: bool) -> list[str]:
    if not (scene / "OUT").exists():
        return ["the export is not there"] if is_done else []
    broken = broken_promises(scene / "OUT")
    if not (scene / "contents.ecsv").exists():
        broken.append("the export has no table of contents")
    with Butler(scene / "OUT") as butler:
        if any(butler.get("summary", visit=visit, ccd=1) != CONTENT for visit in (2, 3)):
            broken.append("the export has other datasets")
    return broken


def _certify(scene: Path) -> None:
    with Butler(scene / "OTHER") as butler:
        butler.certify("flat", calibDate=DATES[1], begin="2020-01-01", end="2021-01-01")


def _certified(scene: Path, is_done: bool) -> list[str]:
    given = _count(
        scene / "OTHER", "JOIN calibration c ON c.dataset_id = dataset.id AND c.days IS NULL"
    )
    broken = broken_promises(scene / "OTHER")
    if given not in ({len(CCDS)} if is_done else {0, len(CCDS)}):
        broken.append(f"{given} of {len(CCDS)} flats were certified")
    return broken


def _ingest_refcat(scene: Path) -> None:
    ingest_tables(scene / "DATA", "gaia", [str(scene / "stars.fits")])


def _ingested(scene: Path, is_done: bool) -> list[str]:
    if not _count(scene / "DATA", _PIECES):
        return ["the catalog is not there"] if is_done else []
    with Butler(scene / "DATA") as butler:
        stars = len(butler.refcat("gaia").load_circle((0, 0), 180))  # type: ignore[arg-type]
    return [] if stars == STARS else [f"{stars} of {STARS} stars are there"]


MOVES = {
    "import copy": Operation(_import("copy"), scene="moving", check=_imported),
    "import move": Operation(_import("move"), scene="moving", check=_moved),
    "export": Operation(_export, scene="moving", check=_exported),
    "certify": Operation(_certify, scene="moving", check=_certified),
    "ingest refcat": Operation(_ingest_refcat, scene="moving", check=_ingested),
}
