from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from support.repositories import files_below

from butler import Butler
from butler.doctor.path_index import PathIndex
from butler.storage.writer_mark import WriterMark
from tests.butler.ingest.hsc_raws import place_of, write_raws

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Patient

ORPHAN = "summary/0903334-019.json"


@pytest.fixture
def orphan(patient: Patient, summary: Path) -> Path:
    """A whole file in the place of a dataset, without a row."""
    path = patient.root / ORPHAN
    path.write_text('{"ccd": 19}')
    assert summary.exists()
    return path


def test_orphan_is_reported_with_what_it_may_be(patient: Patient, orphan: Path) -> None:
    finding = patient.the("orphan")
    assert (finding.path, finding.dataset_type, finding.data_id) == (ORPHAN, "summary", "19,903334")
    assert patient.the("orphan", repair="safe").status == "found"
    assert orphan.exists()


def test_adopted_orphan_is_a_dataset(patient: Patient, orphan: Path) -> None:
    assert patient.the("orphan", repair="adopt").status == "repaired"
    assert patient.codes(deep=True) == []
    with Butler(patient.root) as butler:
        assert butler.get("summary", visit=903334, ccd=19) == {"ccd": 19}
    assert orphan.exists()


def test_quarantined_orphan_is_kept(patient: Patient, orphan: Path) -> None:
    assert patient.the("orphan", repair="quarantine").status == "repaired"
    (kept,) = (patient.root / ".butler" / "orphans").iterdir()
    assert kept.read_text() == '{"ccd": 19}'
    report = patient.examine()
    assert [one.code for one in report.findings] == ["set_aside"]
    assert (report.exit_code, orphan.exists()) == (0, False)


def test_broken_orphan_is_not_adopted(patient: Patient, orphan: Path) -> None:
    orphan.write_text('{"ccd": ')
    done = patient.the("orphan_broken", repair="adopt")
    assert (done.status, "set aside" in done.outcome) == ("repaired", True)
    assert patient.codes() == []


def test_orphan_of_a_dataset_that_is_elsewhere_is_not_adopted(
    patient: Patient, summary: Path
) -> None:
    stray = summary.with_name("0903334-016-0123abcd.json")
    stray.write_text('{"ccd": "other"}')
    done = patient.the("orphan", repair="adopt")
    assert "set aside" in done.outcome
    assert "there already" in done.outcome
    with Butler(patient.root) as butler:
        assert butler.get("summary", visit=903334, ccd=16) == {"ccd": 16}


def test_replacement_without_a_row_is_adopted_if_the_old_one_is_gone(
    patient: Patient, summary: Path
) -> None:
    stray = summary.with_name("0903334-019-0123abcd.json")
    stray.write_text('{"ccd": 19}')
    assert patient.the("orphan", repair="adopt").status == "repaired"
    with Butler(patient.root) as butler:
        assert butler.get("summary", visit=903334, ccd=19) == {"ccd": 19}
    assert patient.codes() == []


def test_orphan_of_a_type_that_a_parent_defines_is_recognised(patient: Patient) -> None:
    rerun = patient.root / "rerun" / "one"
    with Butler(inputs=patient.root, outputs=rerun) as butler:
        butler.put(1, "summary", visit=1, ccd=1)
    (rerun / "summary" / "0000001-002.json").write_text("2")
    other = patient._replace(root=rerun)
    assert other.the("orphan", repair="adopt").status == "repaired"
    with Butler(rerun) as butler:
        assert butler.get("summary", visit=1, ccd=2) == 2


def test_raw_file_in_its_place_is_adopted_by_its_header(patient: Patient, tmp_path: Path) -> None:
    first, second, _ = write_raws(tmp_path / "raw")
    for ccd, file in enumerate((first, second)):
        place = patient.root / place_of(ccd=ccd)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    with (patient.root / place_of(ccd=1)).open("r+b") as file:
        file.truncate(4000)
    assert sorted(patient.codes(repair="adopt")) == ["orphan", "orphan_broken"]
    with Butler(patient.root) as butler:
        assert butler.query("raw").count() == 1
    assert patient.codes() == []


def test_foreign_files_are_named_and_left(patient: Patient) -> None:
    (patient.root / "README").write_text("mine")
    (patient.root / "summary" / "plot.png").write_text("mine")
    for repair in ("no", "adopt", "quarantine"):
        report = patient.examine(repair=repair)
        assert {one.path for one in report.findings} == {"README", "summary/plot.png"}
        assert report.exit_code == 0


def test_kept_version_of_a_dataset_is_no_finding(patient: Patient) -> None:
    with Butler(patient.root) as butler:
        butler.put({"new": 1}, "summary", visit=903334, ccd=16, replace=True, backup=True)
    assert any("~1" in name for name in files_below(patient.root))
    assert patient.codes(repair="quarantine") == ["trash_left"]
    assert any("~1" in name for name in files_below(patient.root))


@pytest.mark.parametrize("embedded", ["ref_cats/ps1", "CALIB/FLAT"])
def test_embedded_sources_are_left_alone(patient: Patient, embedded: str) -> None:
    folder = patient.root / embedded
    folder.mkdir(parents=True)
    (patient.root / embedded.partition("/")[0] / "calibRegistry.sqlite3").touch()
    (folder / "0.fits").write_text("theirs")
    report = patient.examine(repair="quarantine")
    assert ([one.code for one in report.findings], report.exit_code) == (["embedded"], 0)
    assert (folder / "0.fits").exists()


def test_reruns_and_linked_directories_are_not_entered(patient: Patient, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "0903334-019.json").write_text("theirs")
    (patient.root / "linked").symlink_to(tmp_path / "other")
    with Butler(inputs=patient.root, outputs=patient.root / "rerun" / "one") as butler:
        butler.put(1, "summary", visit=1, ccd=1)
    assert patient.examine(repair="quarantine").findings == []


def test_temporary_files_go_by_who_wrote_them(patient: Patient, dead_pid: int) -> None:
    host = WriterMark.mine().host
    folder = patient.root / "summary"
    alive = folder / WriterMark.mine().temporary_name(".json")
    dead = folder / WriterMark(host, dead_pid).temporary_name(".json")
    far = folder / WriterMark("elsewhere", 1).temporary_name(".json")
    for path in (alive, dead, far):
        path.touch()
    assert patient.the("temporary_left", repair="safe").path.endswith(dead.name)
    assert (alive.exists(), dead.exists(), far.exists()) == (True, False, True)
    assert patient.the("temporary_left", longest_s=-1, repair="safe").path.endswith(far.name)
    assert (alive.exists(), far.exists()) == (True, False)


def test_file_that_a_living_intent_names_is_left_alone(patient: Patient, orphan: Path) -> None:
    with Butler(patient.root) as butler:
        (writer,) = butler._writable()
        intent = writer.repository.registry.open_intent("put", [ORPHAN])
        assert patient.codes(repair="quarantine") == []
        writer.repository.registry.close_intent(intent)
    assert orphan.exists()
    assert patient.codes(repair="quarantine") == ["orphan"]


def test_intent_of_another_host_counts_as_dead_after_a_day(patient: Patient, orphan: Path) -> None:
    with Butler(patient.root) as butler:
        (writer,) = butler._writable()
        registry = writer.repository.registry
        registry.open_intent("put", [ORPHAN])
        with registry.write() as cursor:
            cursor.run_script(["UPDATE intent SET host = 'elsewhere'"])
    assert patient.codes() == []
    assert patient.codes(longest_s=-1, repair="safe") == ["intent_left"]
    assert not orphan.exists()  # set aside with its intent
    assert patient.codes() == []


def test_lock_file_of_a_store_without_hard_links_is_removed(
    patient: Patient, summary: Path
) -> None:
    lock = summary.with_name(summary.name + ".lock")
    lock.touch()
    assert patient.the("lock_left", repair="safe").status == "repaired"
    assert not lock.exists()


def test_names_that_differ_in_case_alone_are_noted(patient: Patient) -> None:
    with Butler(patient.root) as butler:
        butler.put("a", "text", name="alpha")
        butler.put("b", "text", name="Alpha")
    assert "lpha.txt" in patient.the("name_twins").detail


def test_directory_that_cannot_be_read_is_named(patient: Patient) -> None:
    folder = patient.root / "closed"
    folder.mkdir()
    folder.chmod(0)
    try:
        expected = [] if os.access(folder, os.R_OK) else ["not_checked"]
        assert patient.codes() == expected
    finally:
        folder.chmod(0o755)


def test_index_knows_its_paths_alone() -> None:
    index = PathIndex()
    index.add(f"summary/{number}.json" for number in range(1000))
    assert all(f"summary/{number}.json" in index for number in range(1000))
    assert "summary/1000.json" not in index
    index.add(["summary/1000.json"])
    assert ("summary/1000.json" in index, len(index)) == (True, 1001)


def test_link_in_a_circle_hides_nothing(patient: Patient, orphan: Path) -> None:
    (orphan.parent / "loop").symlink_to("loop")
    (patient.root / "loop").symlink_to("loop")
    found = {finding.path: finding.code for finding in patient.examine().findings}
    assert found["loop"] == "foreign_file"
    assert found[str(orphan.relative_to(patient.root))] == "orphan"
    assert "not_checked" not in found.values()
