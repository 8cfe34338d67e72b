from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.calibrations import RED, write_calibration, write_flats
from support.repositories import make_repository, observation

from butler.butler import Butler
from butler.calibrations.ingestion import ingest_calibs
from butler.errors import DatasetNotFoundError, ParameterError, UnknownDatasetTypeError
from butler.repository.native import NativeRepository
from butler.storage.steps import observe_steps
from tests.butler.ingest.hsc_raws import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from butler.ingest.report import IngestReport


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository that has seen a visit of 2013-11-02 in HSC-R."""
    make_repository(tmp_path / "DATA", observations=[observation(903334, 16)]).close()
    return tmp_path / "DATA"


@pytest.fixture
def repository(root: Path) -> Iterator[NativeRepository]:
    opened = NativeRepository(str(root))
    yield opened
    opened.close()


def ranges(repository: NativeRepository, kind: str = "flat") -> list[tuple[str, str, str]]:
    """Date, begin and end of all that is certified, by begin."""
    keys = repository.policy.dataset_types[kind].keys
    found = repository.registry.find_calibrations(kind, keys, {})
    return [
        (str(one.dataset.values[keys.index("calibDate")])[:10], one.begin[:10], one.end[:10])
        for one in found
    ]


def validities(report: IngestReport) -> list[tuple[str, str] | None]:
    return [one.validity for one in report.files]


CUT = [
    ("2013-06-17", "2012-12-19", "2013-08-26"),
    ("2013-11-03", "2013-08-26", "2014-05-03"),
    ("2014-11-12", "2014-05-16", "2015-05-12"),
]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_ranges_do_not_depend_on_the_order_of_ingest(
    repository: NativeRepository, tmp_path: Path, order: tuple[int, ...]
) -> None:
    files = write_flats(tmp_path / "new", *RED)
    for number in order:
        report = ingest_calibs(repository, files[number], validity=180)
        assert outcomes(report) == ["ingested"]
    assert ranges(repository) == CUT


def test_ranges_of_one_ingest_are_reported_as_they_are_registered(
    repository: NativeRepository, tmp_path: Path
) -> None:
    report = ingest_calibs(repository, write_flats(tmp_path / "new", *RED), validity=180)
    assert [one[:10] for pair in validities(report) if pair for one in pair] == [
        time for _, *pair in CUT for time in pair
    ]


def test_a_dry_run_says_the_same_and_does_nothing(
    repository: NativeRepository, tmp_path: Path
) -> None:
    files = write_flats(tmp_path / "new", *RED)
    planned = ingest_calibs(repository, files, validity=180, dry_run=True)
    assert ranges(repository) == []
    assert not os.path.exists(f"{repository.root}/CALIB")
    done = ingest_calibs(repository, files, validity=180)
    assert validities(planned) == validities(done)
    assert outcomes(planned) == outcomes(done)


def test_ingesting_again_writes_nothing(repository: NativeRepository, tmp_path: Path) -> None:
    files = write_flats(tmp_path / "new", *RED)
    ingest_calibs(repository, files, validity=180)
    before = (Path(repository.root) / "registry.sqlite3").read_bytes()
    report = ingest_calibs(repository, files, validity=180)
    assert outcomes(report) == ["already there"] * 3
    assert ranges(repository) == CUT
    assert (Path(repository.root) / "registry.sqlite3").read_bytes() == before


def test_ingesting_again_with_other_days_changes_the_ranges(
    repository: NativeRepository, tmp_path: Path
) -> None:
    files = write_flats(tmp_path / "new", *RED)
    ingest_calibs(repository, files, validity=180)
    ingest_calibs(repository, files[2:], validity=1)
    assert ranges(repository) == [*CUT[:2], ("2014-11-12", "2014-11-11", "2014-11-14")]


def test_defects_are_valid_until_the_next_and_need_no_days(
    repository: NativeRepository, tmp_path: Path
) -> None:
    dates = ("2014-04-03", "1970-01-01", "2013-01-31")
    for date in dates:
        path = write_calibration(tmp_path / date, "defects", f"{date}T00:00:00")
        assert outcomes(ingest_calibs(repository, path)) == ["ingested"]
    assert ranges(repository, "defects") == [
        ("1970-01-01", "1970-01-01", "2013-01-31"),
        ("2013-01-31", "2013-01-31", "2014-04-03"),
        ("2014-04-03", "2014-04-03", "9999-12-31"),
    ]


def test_a_flat_without_days_is_rejected_and_the_defects_beside_it_are_not(
    repository: NativeRepository, tmp_path: Path
) -> None:
    files = [
        write_calibration(tmp_path / "a.fits"),
        write_calibration(tmp_path / "b.fits", "defects"),
    ]
    report = ingest_calibs(repository, files)
    assert outcomes(report) == ["rejected", "ingested"]
    assert "--validity DAYS" in report.files[0].reason


def test_a_range_given_by_hand_is_never_moved(
    repository: NativeRepository, root: Path, tmp_path: Path
) -> None:
    first, second, _ = write_flats(tmp_path / "new", *RED)
    ingest_calibs(repository, first, validity=10)
    with Butler(root) as butler:
        butler.decertify("flat", calibDate=RED[0], ccd=16)
        butler.certify("flat", begin="2013-01-01", end="2014-01-01", ccd=16)
    for dry_run in (True, False):
        report = ingest_calibs(repository, second, validity=180, dry_run=dry_run)
        assert outcomes(report) == ["conflict"]
        assert "[2013-05-07, 2014-05-03) would overlap [2013-01-01, 2014-01-01)" in (
            report.files[0].reason
        )
    assert ranges(repository) == [("2013-06-17", "2013-01-01", "2014-01-01")]
    assert not list(root.rglob(f"FLAT-{RED[1]}*"))
    again = ingest_calibs(repository, first, validity=180)
    assert "was certified by hand and stays" in again.files[0].reason


def test_one_that_was_put_gets_its_range_by_ingest(
    repository: NativeRepository, root: Path, tmp_path: Path
) -> None:
    (path,) = write_flats(tmp_path / "new", "2013-11-03")
    with Butler(root) as butler:
        butler.put_file(path, "flat", calibDate="2013-11-03", filter="HSC-R", ccd=16)
    report = ingest_calibs(repository, path, validity=180)
    assert outcomes(report) == ["already there"]
    assert ranges(repository) == [("2013-11-03", "2013-05-07", "2014-05-03")]


def test_other_content_for_one_date_is_a_conflict(
    repository: NativeRepository, tmp_path: Path
) -> None:
    ingest_calibs(repository, write_calibration(tmp_path / "a.fits"), validity=10)
    report = ingest_calibs(
        repository, write_calibration(tmp_path / "b.fits", content=7), validity=10
    )
    assert outcomes(report) == ["conflict"]
    assert report.exit_code == 4


def test_a_calibration_is_found_by_observation_and_hides_its_parent_in_its_range_alone(
    root: Path, repository: NativeRepository, tmp_path: Path
) -> None:
    files = write_flats(tmp_path / "new", "2013-06-17", "2013-10-01")
    ingest_calibs(repository, files[0], validity=180)
    visit = {"visit": 903334, "ccd": 16}
    with Butler(inputs=root, outputs=tmp_path / "rerun") as butler:
        assert "2013-06-17" in butler.get_uri("flat", visit)
        ingest_calibs(NativeRepository(str(tmp_path / "rerun")), files[1], validity=60)
        assert "2013-10-01" in butler.get_uri("flat", visit)
        earlier = {"taiObs": "2013-06-20", "filter": "HSC-R", "ccd": 16}
        assert "2013-06-17" in butler.get_uri("flat", earlier)


@pytest.mark.parametrize(
    ("kind", "date", "cards", "reason"),
    [
        ("unheard of", "2013-11-03", (), "OBSTYPE says 'unheard of'"),
        ("", "2013-11-03", (), "OBSTYPE is missing"),
        ("photodiode", "2013-11-03", (), "'photodiode' is not a dataset type of the calibrations"),
        ("flat", "lately", (), "'lately' is no time"),
        ("flat", "2013-11-03", ("INSTRUME= 'DECam'",), "no calibration of hsc: INSTRUME says"),
    ],
)
def test_a_file_that_cannot_be_used_is_rejected_with_the_reason(
    repository: NativeRepository,
    tmp_path: Path,
    kind: str,
    date: str,
    cards: tuple[str, ...],
    reason: str,
) -> None:
    bad = write_calibration(tmp_path / "bad.fits", kind, date, cards=cards)
    good = write_calibration(tmp_path / "good.fits", "MASTER ZERO")
    report = ingest_calibs(repository, [bad, good], validity=10)
    assert outcomes(report) == ["rejected", "ingested"]
    assert reason in report.files[0].reason
    assert ranges(repository, "bias") == [("2013-11-03", "2013-10-24", "2013-11-14")]


def test_a_missing_key_is_named_with_the_cards_that_were_asked(
    repository: NativeRepository, tmp_path: Path
) -> None:
    path = write_calibration(tmp_path / "bad.fits", date="")
    path.write_bytes(path.read_bytes().replace(b"calibDate=", b"calibNone="))
    (report,) = ingest_calibs(repository, path, validity=10).files
    assert "does not tell 'calibDate'" in report.reason
    assert "CALIB_ID (calibDate=...), or it is read from CALIBDATE" in report.reason


def test_the_type_can_be_named(repository: NativeRepository, tmp_path: Path) -> None:
    path = write_calibration(tmp_path / "a.fits", "unheard of")
    assert outcomes(ingest_calibs(repository, path, dataset_type="dark", validity=1)) == [
        "ingested"
    ]
    with pytest.raises(UnknownDatasetTypeError, match="Did you mean 'dark'"):
        ingest_calibs(repository, path, dataset_type="drak")
    with pytest.raises(ParameterError, match="'calexp' is no calibration"):
        ingest_calibs(repository, path, dataset_type="calexp")


def test_workers_translate_calibrations_too(repository: NativeRepository, tmp_path: Path) -> None:
    files = [write_calibration(tmp_path / f"{ccd}.fits", ccd=ccd) for ccd in range(5)]
    report = ingest_calibs(repository, files, validity=10, processes=2)
    assert outcomes(report) == ["ingested"] * 5


def test_a_calibration_that_always_serves_has_no_range(tmp_path: Path) -> None:
    from butler.repository.create import create_repository

    create_repository(tmp_path / "TEST", "obs_test")
    repository = NativeRepository(str(tmp_path / "TEST"))
    path = write_calibration(tmp_path / "a.fits", filter="g")
    report = ingest_calibs(repository, path)
    assert outcomes(report) == ["ingested"]
    assert validities(report) == [None]
    assert report.files[0].target == "CALIB/flat/flat_fg.fits.gz"


def test_move_removes_the_source_when_the_range_is_registered(
    repository: NativeRepository, tmp_path: Path
) -> None:
    (path,) = write_flats(tmp_path / "new", "2013-11-03")
    ingest_calibs(repository, path, validity=180, mode="move")
    assert not path.exists()
    assert ranges(repository) == [("2013-11-03", "2013-05-07", "2014-05-03")]


def test_two_processes_at_once_leave_ranges_that_do_not_overlap(root: Path, tmp_path: Path) -> None:
    days = [f"2013-{month:02d}-{day:02d}" for month in range(1, 7) for day in (1, 11, 21)]
    write_flats(tmp_path / "a", *days[::2])
    write_flats(tmp_path / "b", *days[1::2])
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from butler.calibrations.ingestion import ingest_calibs\n"
        "from butler.repository.native import NativeRepository\n"
        "for path in sorted(Path(sys.argv[2]).iterdir()):\n"
        "    ingest_calibs(NativeRepository(sys.argv[1]), path, validity=30)\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, root, tmp_path / name]) for name in "ab"
    ]
    assert [process.wait() for process in running] == [0, 0]
    found = ranges(NativeRepository(str(root)))
    assert len(found) == len(days)
    assert all(one[2] == other[1] for one, other in pairwise(found))


def test_a_failed_ingest_leaves_neither_file_nor_range(
    repository: NativeRepository, root: Path, tmp_path: Path
) -> None:
    def fail(name: str) -> None:
        if name == "ingest:synced":
            raise OSError("pulled out")

    (path,) = write_flats(tmp_path / "new", "2013-11-03")
    observe_steps(fail)
    try:
        with pytest.raises(OSError, match="pulled out"):
            ingest_calibs(repository, path, validity=180)
    finally:
        observe_steps(None)
    assert ranges(repository) == []
    assert not list(root.rglob("*.fits"))
    with Butler(root) as butler, pytest.raises(DatasetNotFoundError):
        butler.get_uri("flat", visit=903334, ccd=16)


def test_validity_ends_with_the_calendar(repository: NativeRepository, tmp_path: Path) -> None:
    files = write_flats(tmp_path / "new", *RED)
    ingest_calibs(repository, files, validity=3_652_059)
    assert next(begin for _, begin, _ in ranges(repository)) == "0001-01-01"
    for days in (-1, 3_652_060, 10**30):
        with pytest.raises(ParameterError, match="a number of days from 0 to 3652059"):
            ingest_calibs(repository, files, validity=days)
