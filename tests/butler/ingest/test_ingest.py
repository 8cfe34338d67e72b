from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest
import yaml

from butler.errors import (
    ParameterError,
    ReadOnlyError,
    RepositoryNotFoundError,
    UnknownKeyError,
)
from butler.ingest.destination import repository_for_ingest
from butler.ingest.header import Header
from butler.ingest.ingest import ingest_files
from tests.butler.ingest.bad_files import IMAGE, build_fits, make_battery
from tests.butler.ingest.hsc_raws import (
    check_agreement,
    hsc_cards,
    make_repository,
    outcomes,
    place_of,
    write_raw,
    write_raws,
)

if TYPE_CHECKING:
    from pathlib import Path

    from support.users import OtherUser

    from butler.ingest.report import FileReport
    from butler.repository.native import NativeRepository


@pytest.fixture
def repository(tmp_path: Path) -> NativeRepository:
    return make_repository(tmp_path / "DATA")


def statement_count(repository: NativeRepository) -> int:
    return repository.registry.database.statement_count


def raw_rows(repository: NativeRepository) -> list[object]:
    return list(repository.registry.observation_rows({}, 100))


MODES = ("auto", "link", "relsymlink", "hardlink", "copy", "move")


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_puts_whole_files_in_their_places(
    repository: NativeRepository, tmp_path: Path, mode: str
) -> None:
    paths = write_raws(tmp_path / "raw")
    contents = [path.read_bytes() for path in paths]
    report = ingest_files(repository, paths, mode=mode)
    assert outcomes(report) == ["ingested"] * 3
    assert report.exit_code == 0
    places = [os.path.join(repository.root, place_of(903334, ccd)) for ccd in range(3)]
    assert [one.target for one in report.files] == [place_of(903334, ccd) for ccd in range(3)]
    for place, content in zip(places, contents, strict=True):
        with open(place, "rb") as file:
            assert file.read() == content
    is_link = {"link": True, "relsymlink": True}.get(mode, False)
    assert all(os.path.islink(place) == is_link for place in places)
    assert all(path.exists() == (mode != "move") for path in paths)
    assert check_agreement(repository) == 3


def test_links_are_absolute_or_survive_a_move_of_both(
    repository: NativeRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_raws(tmp_path / "raw", 2)
    monkeypatch.chdir(tmp_path)
    ingest_files(repository, ["raw/HSCA90333400.fits"], mode="link")
    ingest_files(repository, ["raw/HSCA90333401.fits"], mode="relsymlink")
    absolute = os.readlink(os.path.join(repository.root, place_of(903334, 0)))
    assert absolute == str(tmp_path / "raw" / "HSCA90333400.fits")
    relative = os.readlink(os.path.join(repository.root, place_of(903334, 1)))
    assert relative == "../../../../../raw/HSCA90333401.fits"


def test_a_copy_has_its_digest_and_a_link_only_if_asked(
    repository: NativeRepository, tmp_path: Path
) -> None:
    paths = write_raws(tmp_path / "raw", 3)
    ingest_files(repository, paths[:1], mode="copy")
    ingest_files(repository, paths[1:2], mode="link")
    ingest_files(repository, paths[2:], mode="link", checksum=True)
    raw = repository.policy.dataset_type("raw")
    digests = []
    for ccd in range(3):
        data_id = ingest_files(repository, [paths[ccd]]).files[0].data_id
        assert data_id is not None
        found = repository.find(raw, data_id)
        assert found is not None
        digests.append(found.sha256)
    expected = [hashlib.sha256(path.read_bytes()).digest() for path in paths]
    assert digests == [expected[0], None, expected[2]]


def test_direct_registers_a_file_where_it_lies(
    repository: NativeRepository, tmp_path: Path
) -> None:
    (path,) = write_raws(tmp_path / "raw", 1)
    report = ingest_files(repository, [path], mode="direct")
    assert report.files[0].target == str(path)
    assert not os.path.lexists(os.path.join(repository.root, place_of(903334, 0)))
    assert outcomes(ingest_files(repository, [path], mode="direct")) == ["already there"]
    assert check_agreement(repository) == 1


def test_skip_registers_what_lies_in_its_place_and_nothing_else(
    repository: NativeRepository, tmp_path: Path
) -> None:
    there = write_raw(tmp_path / "DATA" / place_of(903334, 0), ccd=0)
    elsewhere = write_raw(tmp_path / "raw" / "b.fits", ccd=1)
    report = ingest_files(repository, [there, elsewhere], mode="skip")
    assert outcomes(report) == ["ingested", "rejected"]
    assert "mode 'skip'" in report.files[1].reason
    assert check_agreement(repository) == 1


@pytest.mark.parametrize("mode", ["link", "copy", "hardlink"])
def test_ingesting_again_does_nothing_and_says_so(
    repository: NativeRepository, tmp_path: Path, mode: str
) -> None:
    paths = write_raws(tmp_path / "raw")
    ingest_files(repository, paths, mode=mode)
    before = (tmp_path / "DATA" / "registry.sqlite3").stat()
    rows = raw_rows(repository)
    again = ingest_files(repository, paths, mode=mode)
    assert outcomes(again) == ["already there"] * 3
    assert again.exit_code == 0
    assert raw_rows(repository) == rows
    after = (tmp_path / "DATA" / "registry.sqlite3").stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def test_other_content_for_a_data_id_is_a_conflict_and_the_old_file_stays(
    repository: NativeRepository, tmp_path: Path
) -> None:
    old = write_raw(tmp_path / "old.fits")
    new = write_raw(tmp_path / "new.fits", content=1)
    other = write_raw(tmp_path / "other.fits", ccd=17)
    ingest_files(repository, [old])
    report = ingest_files(repository, [new, other])
    assert outcomes(report) == ["conflict", "ingested"]
    assert report.exit_code == 4
    assert os.readlink(os.path.join(repository.root, place_of())) == str(old)


def test_a_move_never_removes_what_a_link_leads_to(
    repository: NativeRepository, tmp_path: Path
) -> None:
    path = write_raw(tmp_path / "raw.fits")
    ingest_files(repository, [path], mode="link")
    report = ingest_files(repository, [path], mode="move")
    assert outcomes(report) == ["already there"]
    assert "a link leads to it" in report.files[0].warnings[0]
    assert path.exists()


def test_a_move_of_a_file_that_lies_in_its_place_leaves_it(
    repository: NativeRepository, tmp_path: Path
) -> None:
    path = write_raw(tmp_path / "DATA" / place_of())
    for outcome in ("ingested", "already there"):
        assert outcomes(ingest_files(repository, [path], mode="move")) == [outcome]
        assert path.exists()


def test_a_symbolic_link_is_not_moved(repository: NativeRepository, tmp_path: Path) -> None:
    path = write_raw(tmp_path / "raw.fits")
    link = tmp_path / "link.fits"
    link.symlink_to(path)
    report = ingest_files(repository, [link], mode="move")
    assert outcomes(report) == ["rejected"]
    assert "cannot be moved" in report.files[0].reason
    assert path.exists()
    assert link.is_symlink()
    assert check_agreement(repository) == 0


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    repository: NativeRepository, tmp_path: Path
) -> None:
    paths = [*write_raws(tmp_path / "raw", 2), write_raw(tmp_path / "twin.fits", ccd=1, content=1)]
    report = ingest_files(repository, paths, dry_run=True)
    assert outcomes(report) == ["ingested", "ingested", "conflict"]
    assert report.is_dry_run
    assert raw_rows(repository) == []
    assert check_agreement(repository) == 0
    assert outcomes(ingest_files(repository, paths)) == outcomes(report)


@pytest.mark.parametrize("processes", [1, 2])
def test_the_good_files_of_the_battery_are_ingested_beside_the_bad_ones(
    repository: NativeRepository, tmp_path: Path, processes: int
) -> None:
    cases = make_battery(tmp_path / "battery", lambda number: hsc_cards(visit=1 + number))
    told: list[FileReport] = []
    report = ingest_files(
        repository,
        [case.path for name, case in cases.items() if name != "directory.fits"],
        mode="hardlink",
        processes=processes,
        on_file=told.append,
    )
    verdicts = {os.path.basename(one.path): one for one in report.files}
    wrong = {}
    for name, case in cases.items():
        if name == "directory.fits":
            continue
        expected = "rejected" if case.outcome_when_needed == "rejected" else "ingested"
        if verdicts[name].outcome != expected:
            wrong[name] = verdicts[name]
        if case.outcome == "rejected":
            assert case.reason in verdicts[name].reason
        if case.outcome == "accepted with warning":
            assert any(case.reason in warning for warning in verdicts[name].warnings)
    assert wrong == {}
    assert report.exit_code == 1
    assert {id(one) for one in told} == {id(one) for one in report.files}
    assert check_agreement(repository) == report.counts["ingested"] > 10


def test_fail_fast_stops_at_the_first_bad_file_with_those_before_it_ingested(
    repository: NativeRepository, tmp_path: Path
) -> None:
    paths = write_raws(tmp_path / "raw", 4)
    paths[2].write_bytes(b"no FITS")
    report = ingest_files(repository, paths, fail_fast=True)
    assert outcomes(report) == ["ingested", "ingested", "rejected"]
    assert check_agreement(repository) == 2


def test_fail_fast_stops_at_a_conflict_too(repository: NativeRepository, tmp_path: Path) -> None:
    paths = write_raws(tmp_path / "raw", 3)
    twin = write_raw(tmp_path / "twin.fits", ccd=0, content=1)
    report = ingest_files(repository, [paths[0], twin, *paths[1:]], fail_fast=True)
    assert outcomes(report) == ["ingested", "conflict"]
    assert check_agreement(repository) == 1


def test_bad_ids_and_bad_files_are_skipped(repository: NativeRepository, tmp_path: Path) -> None:
    paths = write_raws(tmp_path / "raw", 3)
    report = ingest_files(
        repository, paths, bad_files=["*00.fits"], bad_ids=[{"visit": "903334", "ccd": 1}]
    )
    assert outcomes(report) == ["skipped", "skipped", "ingested"]
    assert report.exit_code == 0


def test_a_bad_id_with_an_unknown_key_is_refused(
    repository: NativeRepository, tmp_path: Path
) -> None:
    with pytest.raises(UnknownKeyError, match="visit"):
        ingest_files(repository, write_raws(tmp_path), bad_ids=[{"visits": 1}])


def test_a_single_path_is_one_file(repository: NativeRepository, tmp_path: Path) -> None:
    path = write_raw(tmp_path / "raw.fits")
    assert outcomes(ingest_files(repository, str(path))) == ["ingested"]


def test_a_name_that_is_no_text_harms_no_other_file(
    repository: NativeRepository, tmp_path: Path
) -> None:
    odd = tmp_path / os.fsdecode(b"raw\xff.fits")
    files = [write_raw(odd, ccd=1), write_raw(tmp_path / "raw.fits", ccd=2)]
    assert outcomes(ingest_files(repository, files, mode="direct")) == ["rejected", "ingested"]
    assert outcomes(ingest_files(repository, files)) == ["ingested", "already there"]
    assert check_agreement(repository) == 2


def test_an_unknown_mode_is_refused_with_a_suggestion(repository: NativeRepository) -> None:
    with pytest.raises(ParameterError, match="'hardlink'"):
        ingest_files(repository, [], mode="hardlnk")


def test_rows_for_tables_hold_plain_values(repository: NativeRepository, tmp_path: Path) -> None:
    path = write_raw(tmp_path / "raw.fits")
    (row,) = ingest_files(repository, [path]).as_rows()
    assert row["outcome"] == "ingested"
    assert row["data_id"] == {
        "ccd": 16,
        "dateObs": "2013-11-02",
        "field": "STRIPE82L",
        "filter": "HSC-I",
        "pointing": 671,
        "visit": 903334,
    }


def test_the_observations_are_registered_with_the_files(
    repository: NativeRepository, tmp_path: Path
) -> None:
    ingest_files(repository, write_raws(tmp_path / "raw", 2))
    values = repository.registry.observations(["visit", "expTime"], {"ccd": 1}, 10)
    assert values == [(903334, 30.0)]


def test_others_than_the_owner_are_refused_and_may_look(
    public_tmp_path: Path, other_user: OtherUser
) -> None:
    make_repository(public_tmp_path / "DATA").close()
    write_raw(public_tmp_path / "raw.fits")
    snippet = (
        "import sys\n"
        "from butler.repository.native import NativeRepository\n"
        "from butler.ingest.ingest import ingest_files\n"
        "from butler.errors import ReadOnlyError\n"
        "repository = NativeRepository(sys.argv[1])\n"
        "print(ingest_files(repository, sys.argv[2:], dry_run=True).files[0].outcome)\n"
        "try:\n    ingest_files(repository, sys.argv[2:])\n"
        "except ReadOnlyError as error:\n    print(error)\n"
    )
    done = other_user.run(
        snippet,
        public_tmp_path / "DATA",
        public_tmp_path / "raw.fits",
        cannot_write=public_tmp_path,
    )
    assert "ingested" in done.stdout, done.stderr
    assert "may not be written" in done.stdout


def test_a_real_header_comes_to_the_place_that_gen2_gave_it(
    repository: NativeRepository, tmp_path: Path, shared_data: Path
) -> None:
    path = tmp_path / "HSCA90402512.fits"
    write_header(path, read_property_list(shared_data / "headers" / "fitsheader-hsc.yaml"))
    (report,) = ingest_files(repository, [path]).files
    assert report.reason == ""
    assert report.target == "STRIPE82L/2013-11-02/00671/HSC-I/HSC-0904024-050.fits"


def test_the_cards_of_a_later_file_come_to_the_place_that_gen2_gave_it(
    repository: NativeRepository, tmp_path: Path
) -> None:
    path = tmp_path / "HSCA04090107.fits"
    cards = {
        "INSTRUME": "Hyper Suprime-Cam",
        "EXP-ID": "HSCA04090000",
        "FRAMEID": "HSCA04090107",
        "DET-ID": 37,
        "OBJECT": "SSP-Wide",
        "DATE-OBS": "2015-10-10",
        "MJD": 57305.347,
        "FILTER01": "HSC-r",
        "EXPTIME": 150.0,
    }
    write_header(path, cards)
    (report,) = ingest_files(repository, [path]).files
    assert report.target == "SSP_WIDE/2015-10-10/01378/HSC-R/HSC-0040900-037.fits"


@pytest.mark.parametrize("name", ["fitsheader-decam", "fitsheader-megaprime"])
def test_the_files_of_another_camera_are_rejected_by_its_name(
    repository: NativeRepository, tmp_path: Path, shared_data: Path, name: str
) -> None:
    path = tmp_path / "raw.fits"
    cards = read_property_list(shared_data / "headers" / f"{name}.yaml")
    write_header(path, cards)
    (report,) = ingest_files(repository, [path]).files
    assert report.outcome == "rejected"
    assert "This is no file of hsc" in report.reason
    assert str(cards["INSTRUME"]).strip() in report.reason


def test_a_file_of_sdss_is_rejected(repository: NativeRepository, shared_data: Path) -> None:
    files = sorted((shared_data / "sdss_demo").rglob("fpC-*.fit.gz"))
    assert files, "the demo has frames"
    (report,) = ingest_files(repository, files[:1]).files
    assert report.outcome == "rejected"
    assert "This is no file of hsc" in report.reason


def test_a_directory_with_a_mapper_alone_becomes_a_repository(tmp_path: Path) -> None:
    (tmp_path / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    path = write_raw(tmp_path / "raw" / "a.fits")
    repository = repository_for_ingest(tmp_path)
    assert outcomes(ingest_files(repository, [path])) == ["ingested"]
    assert (tmp_path / "butler.yaml").exists()
    assert (tmp_path / "_mapper").exists()
    assert repository_for_ingest(tmp_path).uuid == repository.uuid


def test_a_gen2_repository_is_refused_with_two_ways_out(tmp_path: Path) -> None:
    (tmp_path / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    (tmp_path / "registry.sqlite3").touch()
    with pytest.raises(ReadOnlyError, match=r"butler migrate(?s:.*)butler create"):
        repository_for_ingest(tmp_path)
    assert not (tmp_path / "butler.yaml").exists()


def test_where_no_repository_is_the_error_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(RepositoryNotFoundError, match="butler create"):
        repository_for_ingest(tmp_path / "nothing")


class _PropertyList(yaml.SafeLoader):
    """Reads the text form of the stack's headers as plain data."""


_PropertyList.add_constructor(
    "!<lsst.daf.base.PropertyList>", lambda loader, node: loader.construct_sequence(node, deep=True)
)
_PropertyList.add_constructor(
    "lsst.daf.base.PropertyList", lambda loader, node: loader.construct_sequence(node, deep=True)
)


def read_property_list(path: Path) -> dict[str, bool | int | float | str]:
    cards = yaml.load(path.read_text(), _PropertyList)
    return {
        name: value
        for name, kind, value, _ in cards
        if kind in {"Bool", "Int", "Double", "String"} and not isinstance(value, list)
    }


def write_header(path: Path, cards: dict[str, bool | int | float | str]) -> None:
    """Write a small image with the cards that do not describe pixels."""
    structural = ("SIMPLE", "BITPIX", "NAXIS", "EXTEND", "PCOUNT", "GCOUNT", "XTENSION", "GROUPS")
    kept = {name: value for name, value in cards.items() if not name.startswith(structural)}
    text = "".join(
        name.ljust(8) + "= " + repr_card(value) for name, value in kept.items() if len(name) <= 8
    )
    assert Header(text.encode()).get("EXPTIME") == kept.get("EXPTIME")
    lines = [text[start : start + 80].encode() for start in range(0, len(text), 80)]
    path.write_bytes(build_fits([*IMAGE, *lines]))


def repr_card(value: float | str | bool) -> str:
    """Return a value of one card, to the end of the card."""
    if isinstance(value, str):
        inner = value.replace("'", "''")[:66]
        return f"'{inner}'".ljust(70)
    if isinstance(value, bool):
        return ("T" if value else "F").rjust(20).ljust(70)
    return str(value).rjust(20).ljust(70)
