"""Datasets come from one repository into another with all that is known of them."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.calibrations import write_flats
from support.invariants import broken_promises, dataset_rows
from support.repositories import files_below, make_repository, observation, observe

from butler import Butler, create_repository
from butler.calibrations.ingestion import ingest_calibs
from butler.errors import (
    DatasetNotFoundError,
    ParameterError,
    ReadOnlyError,
    RepositoryError,
    UnknownDatasetTypeError,
)
from butler.moving.importing import import_datasets
from butler.registry.rows import InputRow, Provenance
from butler.registry.validity import Range
from butler.registry.where import parse_where
from butler.repository.native import NativeRepository
from butler.storage.steps import observe_steps

if TYPE_CHECKING:
    from pathlib import Path

    from butler.ingest.report import IngestReport
    from butler.moving.report import MoveReport

_NEVER_REACHED = {("copy", "sources-removed"), ("link", "sources-removed")}
MADE = Provenance("isr", "a: 1", "v1", (InputRow("u", "raw", "16,1", b"\2" * 32),), cpu_s=1.5)


def registry(butler: Butler) -> NativeRepository:
    repository = butler.repositories[0]
    assert isinstance(repository, NativeRepository)
    return repository


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A repository with two summaries, one of them with provenance and a tag, and a note."""
    root = tmp_path / "SRC"
    with make_repository(root, observations=[observation(1, 16), observation(1, 22)]) as butler:
        butler.put({"n": 16}, "summary", visit=1, ccd=16, provenance=MADE)
        butler.put({"n": 22}, "summary", visit=1, ccd=22)
        butler.put({"words": "x"}, "notes", visit=1, ccd=16)
        registry(butler).registry.add_tag("good", [1])
    return root


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    root = tmp_path / "DEST"
    create_repository(root, "hsc")
    return root


def outcomes(report: MoveReport) -> list[str]:
    return [one.outcome for one in report.datasets]


def test_datasets_are_read_where_they_came_to(source: Path, destination: Path) -> None:
    report = import_datasets(destination, source)
    assert outcomes(report) == ["taken"] * 3
    with Butler(destination) as butler:
        assert butler.get("summary", visit=1, ccd=22) == {"n": 22}
        assert butler.get("notes", visit=1, ccd=16) == {"words": "x"}
    assert broken_promises(destination) == []


def test_observations_provenance_and_tags_come_along(source: Path, destination: Path) -> None:
    import_datasets(destination, source)
    with Butler(destination) as butler:
        assert butler.query("summary", where="expTime = 30 and ccd = 16").count() == 1
        held = registry(butler).registry
        (row,) = held.find(
            "summary", ("ccd", "visit"), butler.query("summary", ccd=16).first().data_id
        )
        assert held.provenance(row.id) == MADE
        assert held.tags_of([row.id]) == {row.id: ("good",)}


def test_importing_again_does_nothing(source: Path, destination: Path) -> None:
    import_datasets(destination, source, mode="copy")
    before = dataset_rows(destination)
    report = import_datasets(destination, source, mode="copy")
    assert outcomes(report) == ["already there"] * 3
    assert (dataset_rows(destination), report.exit_code) == (before, 0)


def test_other_content_is_a_conflict_and_stays(source: Path, destination: Path) -> None:
    import_datasets(destination, source, ["notes"])
    with Butler(source) as butler:
        butler.put({"words": "other"}, "notes", visit=1, ccd=16, replace=True)
    report = import_datasets(destination, source)
    assert sorted(outcomes(report)) == ["conflict", "taken", "taken"]
    assert report.exit_code == 4
    with Butler(destination) as butler:
        assert butler.get("notes", visit=1, ccd=16) == {"words": "x"}


@pytest.mark.parametrize(
    ("mode", "is_link", "is_inside"),
    [
        ("copy", False, True),
        ("link", True, True),
        ("relsymlink", True, True),
        ("hardlink", False, True),
        ("direct", False, False),
        ("auto", False, True),
    ],
)
def test_files_come_in_the_way_that_was_asked_for(
    source: Path, destination: Path, mode: str, is_link: bool, is_inside: bool
) -> None:
    import_datasets(destination, source, ["notes"], mode=mode)
    (path,) = dataset_rows(destination)
    assert (os.path.islink(destination / path), not path.startswith("/")) == (is_link, is_inside)
    with Butler(destination) as butler:
        assert butler.get("notes", visit=1, ccd=16) == {"words": "x"}
    assert files_below(source)


def test_a_move_leaves_neither_file_nor_row_behind(source: Path, destination: Path) -> None:
    report = import_datasets(destination, source, ["summary"], mode="move")
    assert outcomes(report) == ["taken"] * 2
    assert [path for path in dataset_rows(source) if "summary" in path] == []
    assert [path for path in files_below(source) if "summary" in path] == []
    assert len(dataset_rows(destination)) == 2
    assert broken_promises(source) == broken_promises(destination) == []


def test_a_move_takes_nothing_that_a_link_leads_to(source: Path, destination: Path) -> None:
    import_datasets(destination, source, ["summary"], mode="link")
    report = import_datasets(destination, source, ["summary"], mode="move")
    assert outcomes(report) == ["already there"] * 2
    assert "a link leads to it" in report.datasets[0].warnings[0]
    with Butler(destination) as butler:
        assert butler.get("summary", visit=1, ccd=16) == {"n": 16}


def test_what_a_parent_holds_is_not_moved(source: Path, destination: Path, tmp_path: Path) -> None:
    make_repository(tmp_path / "RERUN", parents=[source]).close()
    with pytest.raises(RepositoryError, match="not what its parents hold"):
        import_datasets(destination, tmp_path / "RERUN", mode="move", with_parents=True)


def test_a_gen2_repository_is_not_moved(shared_data: Path, tmp_path: Path) -> None:
    create_repository(tmp_path / "DEST", "obs_test")
    with pytest.raises(ReadOnlyError, match="choose another mode"):
        import_datasets(tmp_path / "DEST", shared_data / "obs_test/input", mode="move")


def test_a_dry_run_changes_nothing(source: Path, destination: Path) -> None:
    before = (destination / "butler.yaml").read_text(), files_below(destination)
    report = import_datasets(destination, source, dry_run=True)
    assert (outcomes(report), report.is_dry_run) == (["taken"] * 3, True)
    assert ((destination / "butler.yaml").read_text(), files_below(destination)) == before
    assert dataset_rows(destination) == {}


def test_parents_are_taken_from_on_demand(source: Path, destination: Path, tmp_path: Path) -> None:
    with make_repository(tmp_path / "RERUN", parents=[source]) as butler:
        butler.put({"n": "near"}, "summary", visit=1, ccd=16)
    alone = import_datasets(destination, tmp_path / "RERUN", dry_run=True)
    assert len(alone.datasets) == 1
    import_datasets(destination, tmp_path / "RERUN", with_parents=True)
    with Butler(destination) as butler:
        assert butler.get("summary", visit=1, ccd=16) == {"n": "near"}
        assert butler.query("summary").count() == 2


def test_a_condition_chooses(source: Path, destination: Path) -> None:
    report = import_datasets(destination, source, ["summary"], condition=parse_where("ccd < 20"))
    assert [str(one.data_id) for one in report.datasets] == ["visit=1 ccd=16"]


def test_what_is_not_there_is_said(source: Path, destination: Path) -> None:
    with pytest.raises(DatasetNotFoundError, match="ccd"):
        import_datasets(destination, source, ["summary"], condition=parse_where("ccd = 99"))
    with pytest.raises(UnknownDatasetTypeError, match="summary"):
        import_datasets(destination, source, ["sumary"])


def test_a_type_without_the_key_does_not_match(source: Path, destination: Path) -> None:
    with Butler(source) as butler:
        butler.put("hello", "text", name="a")
    report = import_datasets(destination, source, condition=parse_where("ccd = 16"))
    assert {one.dataset_type for one in report.datasets} == {"summary", "notes"}


@pytest.mark.parametrize("mode", ["copy", "link", "move"])
@pytest.mark.parametrize(
    "step", ["intended", "placing", "placed", "synced", "registered", "sources-removed"]
)
def test_a_killed_import_can_be_done_again(
    source: Path, destination: Path, mode: str, step: str
) -> None:
    def die(name: str) -> None:
        if name == f"ingest:{step}":
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            observe_steps(die)
            import_datasets(destination, source, mode=mode)
        finally:
            os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended == (0 if (mode, step) in _NEVER_REACHED else -signal.SIGKILL)
    assert broken_promises(destination) == broken_promises(source) == []
    assert import_datasets(destination, source, mode=mode).exit_code == 0
    with Butler(destination) as butler:
        held = registry(butler).registry
        assert (held.intents(), len(held.tags_of([1, 2, 3]))) == ([], 1)
        assert butler.get("summary", visit=1, ccd=16) == {"n": 16}
        assert butler.get("notes", visit=1, ccd=16) == {"words": "x"}
    assert broken_promises(destination) == broken_promises(source) == []


def test_other_cameras_are_refused(source: Path, tmp_path: Path) -> None:
    create_repository(tmp_path / "SDSS", "sdss")
    with pytest.raises(RepositoryError, match=r"of the camera 'sdss'.*'hsc'"):
        import_datasets(tmp_path / "SDSS", source)


def test_a_type_with_other_keys_is_left_out(source: Path, tmp_path: Path) -> None:
    types = {"summary": {"template": "s/{visit:07d}.json", "storage_class": "Json"}}
    make_repository(tmp_path / "DEST", types=types).close()
    report = import_datasets(tmp_path / "DEST", source)
    assert any("'summary' is identified by ccd, visit" in note for note in report.notes)
    assert {one.dataset_type for one in report.datasets} == {"notes"}


def test_a_repository_does_not_import_from_itself(source: Path, tmp_path: Path) -> None:
    (tmp_path / "LINK").symlink_to(source)
    with pytest.raises(RepositoryError, match="from itself"):
        import_datasets(tmp_path / "LINK", source, mode="move")
    assert len(dataset_rows(source)) == 3


def test_modes_are_checked(source: Path, destination: Path) -> None:
    with pytest.raises(ParameterError, match="hardlink"):
        import_datasets(destination, source, mode="hardlnk")


def test_a_damaged_file_is_rejected_and_stops_nothing(source: Path, destination: Path) -> None:
    path = source / "summary" / "0000001-016.json"
    status = path.stat()
    damaged = bytearray(path.read_bytes())
    damaged[-2] ^= 1
    path.write_bytes(damaged)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # the time betrays nothing
    report = import_datasets(destination, source, mode="copy")
    assert sorted(outcomes(report)) == ["rejected", "taken", "taken"]
    assert "its sha256 differs" in next(one.reason for one in report.datasets if one.reason)
    assert report.exit_code == 1
    assert broken_promises(destination) == []


def test_a_file_that_has_changed_or_gone_is_rejected(source: Path, destination: Path) -> None:
    (source / "summary" / "0000001-016.json").write_text("longer than it was")
    (source / "summary" / "0000001-022.json").unlink()
    report = import_datasets(destination, source, ["summary"], mode="link")
    reasons = [one.reason for one in report.datasets]
    assert "it has changed since" in reasons[0]
    assert "is missing" in reasons[1]


def test_calibrations_keep_their_ranges(tmp_path: Path) -> None:
    for name in ("SRC", "DEST"):
        create_repository(tmp_path / name, "hsc")
    (tmp_path / "flat.fits").write_bytes(b"no pixels are needed")
    key = {"calibDate": "2013-11-03", "filter": "HSC-R", "ccd": 16}
    with Butler(tmp_path / "SRC") as butler:
        butler.put_file(tmp_path / "flat.fits", "flat", key)
        registry(butler).registry.certify(1, "2013-10-01", "2013-12-01", match=("ccd", "filter"))
    import_datasets(tmp_path / "DEST", tmp_path / "SRC")
    with Butler(tmp_path / "DEST") as butler:
        held = registry(butler).registry
        assert held.ranges_of([1]) == {1: [("2013-10-01T00:00:00", "2013-12-01T00:00:00")]}
    again = import_datasets(tmp_path / "DEST", tmp_path / "SRC")
    assert outcomes(again) == ["already there"]


def test_an_overlapping_range_is_a_conflict(tmp_path: Path) -> None:
    for name, date in (("SRC", "2013-11-03"), ("DEST", "2013-11-05")):
        create_repository(tmp_path / name, "hsc")
        (tmp_path / "flat.fits").write_text(name)
        with Butler(tmp_path / name) as butler:
            key = {"calibDate": date, "filter": "HSC-R", "ccd": 16}
            butler.put_file(tmp_path / "flat.fits", "flat", key)
            held = registry(butler).registry
            held.certify(1, "2013-10-01", "2013-12-01", match=("ccd", "filter"))
    report = import_datasets(tmp_path / "DEST", tmp_path / "SRC")
    assert outcomes(report) == ["conflict"]
    assert "overlaps" in report.datasets[0].reason
    with Butler(tmp_path / "DEST") as butler:
        assert len(registry(butler).registry.ranges_of([1, 2])) == 1


Ranges = dict[str, tuple[Range, int | None]]


def ranges_in(root: Path) -> Ranges:
    """The ranges of all flats and their days, by date."""
    with Butler(root) as butler:
        held = registry(butler).registry
        there = {row.data_id["calibDate"]: row.stored.id or 0 for row in butler.query("flat")}
        valid = held.valid_ranges(list(there.values()))
    found = {}
    for date, number in there.items():
        for begin, end, days in valid.get(number, ()):
            found[str(date)] = (Range(begin[:10], end[:10]), days)
    return found


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    """A repository with two flats whose ranges follow from their dates, and an empty one, DEST."""
    for name in ("SRC", "DEST"):
        create_repository(tmp_path / name, "hsc")
    ingest_flats(tmp_path / "SRC", "2013-06-17", "2013-11-03")
    return tmp_path


def ingest_flats(root: Path, *dates: str) -> IngestReport:
    files = write_flats(root.parent / f"new-{root.name}", *dates)
    repository = NativeRepository(str(root))
    try:
        return ingest_calibs(repository, files, validity=180, mode="copy")
    finally:
        repository.close()


def test_a_range_that_follows_from_dates_goes_on_doing_so(dated: Path) -> None:
    import_datasets(dated / "DEST", dated / "SRC")
    assert ranges_in(dated / "DEST") == ranges_in(dated / "SRC")
    for name in ("SRC", "DEST"):
        assert ingest_flats(dated / name, "2013-09-01").exit_code == 0
    assert ranges_in(dated / "DEST") == ranges_in(dated / "SRC")
    again = import_datasets(dated / "DEST", dated / "SRC")
    assert outcomes(again) == ["already there"] * 3


def test_a_range_stays_as_it_was_without_its_neighbour(dated: Path) -> None:
    import_datasets(
        dated / "DEST", dated / "SRC", ["flat"], condition=parse_where("calibDate = '2013-06-17'")
    )
    ((date, valid),) = ranges_in(dated / "DEST").items()
    assert valid == ranges_in(dated / "SRC")[date]


def test_ranges_that_would_touch_others_are_derived_anew(dated: Path) -> None:
    ingest_flats(dated / "DEST", "2013-09-01")
    import_datasets(dated / "DEST", dated / "SRC")
    ingest_flats(dated / "SRC", "2013-09-01")
    assert ranges_in(dated / "DEST") == ranges_in(dated / "SRC")


def test_a_derived_range_yields_to_one_that_was_given_by_hand(dated: Path) -> None:
    write_flats(dated / "own", "2013-06-01")
    with Butler(dated / "DEST") as butler:
        key = {"calibDate": "2013-06-01", "filter": "HSC-R", "ccd": 16}
        butler.put_file(dated / "own/flat-2013-06-01-16.fits", "flat", key)
        butler.certify("flat", key, begin="2013-06-01", end="2013-06-20")
    before = ranges_in(dated / "DEST")
    report = import_datasets(dated / "DEST", dated / "SRC", mode="move")
    assert outcomes(report) == ["conflict", "taken"]
    assert "certified by hand" in report.datasets[0].reason
    assert ranges_in(dated / "DEST").items() >= before.items()
    assert list(ranges_in(dated / "SRC")) == ["2013-06-17"]  # what was refused is not given away


def test_a_killed_import_leaves_no_dataset_without_what_belongs_to_it(dated: Path) -> None:
    with Butler(dated / "SRC") as butler:
        registry(butler).registry.add_tag("good", [1, 2])

    def die(name: str) -> None:
        if name == "ingest:registered":
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            observe_steps(die)
            import_datasets(dated / "DEST", dated / "SRC")
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert ranges_in(dated / "DEST") == ranges_in(dated / "SRC")
    with Butler(dated / "DEST") as butler:
        assert butler.query("flat", tag="good").count() == 2


@pytest.mark.parametrize("place", ["obs_test/input", "sdss_demo/input"])
def test_a_gen2_repository_is_taken_whole(shared_data: Path, tmp_path: Path, place: str) -> None:
    with Butler(shared_data / place) as butler:
        expected = dict(butler.repositories[0].dataset_types())
        camera = butler.repositories[0].mapper.name
    create_repository(tmp_path / "DEST", camera)
    report = import_datasets(tmp_path / "DEST", shared_data / place, mode="link")
    assert report.exit_code == 0
    with Butler(tmp_path / "DEST") as butler:
        assert dict(butler.repositories[0].dataset_types()) == expected
        for name in expected:
            assert all(row.repository.has_file(row.stored) for row in butler.query(name))
    assert broken_promises(tmp_path / "DEST") == []


def test_calibrations_of_gen2_get_half_open_ranges(shared_data: Path, tmp_path: Path) -> None:
    root = tmp_path / "GEN2"
    (root / "CALIB").mkdir(parents=True)
    (root / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    shutil.copy(
        shared_data / "gen2/ci_hsc_calibRegistry.sqlite3", root / "CALIB/calibRegistry.sqlite3"
    )
    with closing(sqlite3.connect(root / "CALIB/calibRegistry.sqlite3")) as held:
        sql = "SELECT calibDate, filter, ccd, validStart, validEnd FROM flat LIMIT 1"
        date, band, ccd, begin, end = held.execute(sql).fetchone()
    create_repository(tmp_path / "SCRATCH", "hsc")
    key = {"calibDate": date, "filter": band, "ccd": ccd}
    with Butler(tmp_path / "SCRATCH") as butler:
        place = butler.get_uri("flat", key, write=True).removeprefix(f"{tmp_path}/SCRATCH/")
    (root / place).parent.mkdir(parents=True)
    (root / place).write_text("a flat")
    create_repository(tmp_path / "DEST", "hsc")
    report = import_datasets(tmp_path / "DEST", root)
    assert outcomes(report) == ["taken"]
    with Butler(tmp_path / "DEST") as butler:
        ((found,),) = registry(butler).registry.ranges_of([1]).values()
    assert found[0][:10] == begin
    assert found[1][:10] > end  # the day of the end belongs to the range


def test_two_imports_at_once_both_end_well(source: Path, destination: Path) -> None:
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            code = 99
            try:
                code = import_datasets(destination, source, mode="copy").exit_code
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) for one in children] == [0, 0, 0]
    assert len(dataset_rows(destination)) == 3
    assert broken_promises(destination) == []


def test_a_registry_on_a_server_takes_and_gives(
    source: Path, tmp_path: Path, postgres_url: str
) -> None:
    create_repository(tmp_path / "SERVED", "hsc", registry=postgres_url)
    assert import_datasets(tmp_path / "SERVED", source).counts["taken"] == 3
    assert import_datasets(tmp_path / "SERVED", source).counts["already there"] == 3
    create_repository(tmp_path / "BACK", "hsc")
    assert import_datasets(tmp_path / "BACK", tmp_path / "SERVED").counts["taken"] == 3
    with Butler(tmp_path / "BACK") as butler:
        assert butler.query("summary", tag="good").count() == 1


def test_observations_of_whole_visits_come_along(tmp_path: Path) -> None:
    types = {"visitNotes": {"template": "v/{visit:07d}.json", "storage_class": "Json"}}
    ccds = [observation(1, ccd) for ccd in range(3)]
    with make_repository(tmp_path / "SRC", types=types, observations=ccds) as butler:
        butler.put({"n": 1}, "visitNotes", visit=1)
    create_repository(tmp_path / "DEST", "hsc")
    import_datasets(tmp_path / "DEST", tmp_path / "SRC")
    with Butler(tmp_path / "DEST") as butler:
        assert len(registry(butler).registry.observation_rows({"visit": 1}, 10)) == 3
        observe(butler, ccds)
