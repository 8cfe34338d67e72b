from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from astropy.table import Table
from support.repositories import make_repository, observation

from butler.butler import Butler
from butler.calibrations.curated import ingest_curated_calibs
from butler.errors import IngestError
from butler.repository.native import NativeRepository
from tests.butler.ingest.hsc_raws import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository that has seen a visit of 2013-11-02."""
    make_repository(tmp_path / "DATA", observations=[observation(903334, 16)]).close()
    return tmp_path / "DATA"


@pytest.fixture
def repository(root: Path) -> Iterator[NativeRepository]:
    opened = NativeRepository(str(root))
    yield opened
    opened.close()


def write_table(path: Path, x0: int = 10, **meta: str | float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = Table({"x0": [x0], "y0": [20], "width": [2], "height": [4176]}, meta=meta)
    table.write(path, format="ascii.ecsv")
    return path


def write_text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_tables_and_texts_become_defects_until_the_next(
    root: Path, repository: NativeRepository, tmp_path: Path
) -> None:
    folder = tmp_path / "package" / "hsc" / "defects" / "0_30"  # ccd 16
    write_table(folder / "19700101T000000.ecsv", 1, INSTRUME="HSC", DETECTOR=16)
    write_text(folder / "20130131T000000.txt", "# x0 y0 width height\n2 0 1 4176\n7, 8, 3, 4\n\n")
    write_table(folder / "2014-04-03T00:00:00.ecsv", 3)
    report = ingest_curated_calibs(repository, tmp_path / "package")
    assert outcomes(report) == ["ingested"] * 3
    assert [one.validity for one in report.files] == [
        ("1970-01-01T00:00:00", "2013-01-31T00:00:00"),
        ("2013-01-31T00:00:00", "2014-04-03T00:00:00"),
        ("2014-04-03T00:00:00", "9999-12-31T23:59:59"),
    ]
    with Butler(root) as butler:
        found = butler.get("defects", visit=903334, ccd=16)
        assert isinstance(found, Table)
        assert [tuple(row) for row in found] == [(2, 0, 1, 4176), (7, 8, 3, 4)]
        old = butler.get("defects.metadata", calibDate="1970-01-01T00:00:00", ccd=16)
        assert old["DETECTOR"] == 16  # type: ignore[index]


def test_ingesting_again_does_nothing(repository: NativeRepository, tmp_path: Path) -> None:
    path = write_table(tmp_path / "new" / "defects" / "16" / "20130131.ecsv")
    for outcome in ("ingested", "already there", "already there"):
        report = ingest_curated_calibs(repository, tmp_path / "new")
        assert outcomes(report) == [outcome]
        assert report.files[0].path == str(path)


def test_a_changed_table_of_one_date_is_a_conflict(
    repository: NativeRepository, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "defects" / "16" / "20130131.ecsv"
    write_table(path)
    ingest_curated_calibs(repository, tmp_path / "new")
    path.unlink()
    write_table(path, 11)
    assert outcomes(ingest_curated_calibs(repository, tmp_path / "new")) == ["conflict"]


def test_a_dry_run_does_nothing(root: Path, repository: NativeRepository, tmp_path: Path) -> None:
    write_table(tmp_path / "new" / "defects" / "16" / "20130131.ecsv")
    report = ingest_curated_calibs(repository, tmp_path / "new", dry_run=True)
    assert outcomes(report) == ["ingested"]
    assert not (root / "CALIB").exists()


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("defects/16/lately.txt", "1 2 3 4", "'lately' is no date"),
        ("defects/16/20131301.txt", "1 2 3 4", "month must be in 1..12"),
        ("defects/16/20130131.txt", "1 2 3", "Line 1 is no defect"),
        ("defects/16/20130131.txt", "\n1 2 x 4", "Line 2 is no defect"),
        ("defects/16/20130131.txt", "1 2 0 4", "Line 1 is no defect"),
        ("defects/9_99/20130131.txt", "1 2 3 4", "'9_99' is no detector of 'hsc'"),
        ("defects/999/20130131.txt", "1 2 3 4", "'999' is no detector of 'hsc'"),
        ("defects/16/20130131.ecsv", "nonsense", "cannot be read"),
        ("bias/16/20130131.txt", "1 2 3 4", "Only defects are read from"),
        ("drawings/16/20130131.txt", "1 2 3 4", "'drawings' is no type of calibration"),
        ("defects/20130131.txt", "1 2 3 4", "Neither its table nor its folder says ccd"),
    ],
)
def test_a_bad_file_is_rejected_and_stops_no_other(
    repository: NativeRepository, tmp_path: Path, name: str, text: str, reason: str
) -> None:
    bad = write_text(tmp_path / "new" / name, text)
    write_table(tmp_path / "new" / "defects" / "17" / "20130131.ecsv")
    report = ingest_curated_calibs(repository, tmp_path / "new")
    found = {one.path: one for one in report.files}
    assert found[str(bad)].outcome == "rejected"
    assert reason in found[str(bad)].reason
    assert sorted(outcomes(report)) == ["ingested", "rejected"]


def test_a_table_that_contradicts_its_name_is_rejected(
    repository: NativeRepository, tmp_path: Path
) -> None:
    write_table(
        tmp_path / "new" / "defects" / "16" / "20130131.ecsv", CALIBDATE="2014-01-01T00:00:00"
    )
    (report,) = ingest_curated_calibs(repository, tmp_path / "new").files
    assert "which is right?" in report.reason


def test_a_folder_without_calibrations_is_refused(
    repository: NativeRepository, tmp_path: Path
) -> None:
    write_text(tmp_path / "new" / "README.txt", "hello")
    with pytest.raises(IngestError, match="no calibrations below"):
        ingest_curated_calibs(repository, tmp_path / "new")
    with pytest.raises(IngestError, match="no directory"):
        ingest_curated_calibs(repository, tmp_path / "absent")


def test_two_texts_of_one_detector_and_date_are_a_conflict_that_names_them(
    repository: NativeRepository, tmp_path: Path
) -> None:
    first = write_text(tmp_path / "new" / "defects" / "0_30" / "20130131.txt", "1 2 3 4")
    write_text(tmp_path / "new" / "defects" / "16" / "20130131.txt", "5 6 7 8")
    report = ingest_curated_calibs(repository, tmp_path / "new")
    assert outcomes(report) == ["ingested", "conflict"]
    assert str(first) in report.files[1].reason
