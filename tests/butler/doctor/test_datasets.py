from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from butler import Butler, create_repository
from butler.doctor import Treatment, examine
from butler.errors import DatasetNotFoundError, ParameterError
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Patient


def flip(path: Path) -> None:
    """Change one bit and nothing that a look from outside could show."""
    status = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def digests(root: Path) -> list[bytes | None]:
    with closing(sqlite3.connect(root / "registry.sqlite3")) as registry:
        return [row[0] for row in registry.execute("SELECT sha256 FROM dataset ORDER BY id")]


def test_healthy_repository_is_clean(patient: Patient) -> None:
    report = patient.examine(deep=True)
    assert (report.findings, report.exit_code) == ([], 0)
    assert (report.datasets, report.digests, report.recorded) == (3, 3, 0)


def test_missing_file_is_damage_that_names_its_dataset(patient: Patient, summary: Path) -> None:
    summary.unlink()
    finding = patient.the("file_missing")
    assert finding.path == "summary/0903334-016.json"
    assert (finding.dataset_type, finding.data_id) == ("summary", "16,903334")
    assert "--restore-from" in finding.kind.cure
    assert patient.examine(repair="adopt").exit_code == 5


def test_directory_in_the_place_of_a_file_is_damage(patient: Patient, summary: Path) -> None:
    summary.unlink()
    summary.mkdir()
    assert "something else" in patient.the("file_missing").detail


def test_file_of_another_size_is_damage(patient: Patient, summary: Path) -> None:
    summary.write_text("{")
    assert "1 bytes" in patient.the("size_differs").detail


def test_flipped_bit_is_seen_by_a_deep_look_alone(patient: Patient, summary: Path) -> None:
    flip(summary)
    assert patient.codes() == []
    assert patient.the("content_differs", deep=True).path.endswith("016.json")
    assert patient.examine(deep=True).exit_code == 5


def test_damage_stays_whatever_is_repaired(patient: Patient, summary: Path) -> None:
    flip(summary)
    for repair in ("safe", "adopt", "quarantine"):
        assert patient.the("content_differs", deep=True, repair=repair).status == "found"
    assert summary.exists()


def test_lost_dataset_is_given_up_on_demand(patient: Patient, summary: Path) -> None:
    summary.unlink()
    done = patient.the("file_missing", repair="safe", forget_missing=True)
    assert (done.status, done.outcome) == ("repaired", "given up")
    assert patient.codes() == []
    with Butler(patient.root) as butler, pytest.raises(DatasetNotFoundError):
        butler.get("summary", visit=903334, ccd=16)


def test_what_is_left_of_a_dataset_that_is_given_up_is_set_aside(
    patient: Patient, summary: Path
) -> None:
    summary.write_text("half of it")
    assert patient.codes(repair="safe", forget_missing=True) == ["size_differs"]
    (kept,) = (patient.root / ".butler" / "orphans").iterdir()
    assert kept.read_text() == "half of it"
    assert patient.codes() == []


def test_nothing_is_given_up_in_a_dry_run(patient: Patient, summary: Path) -> None:
    summary.unlink()
    done = patient.the("file_missing", repair="safe", forget_missing=True, dry_run=True)
    assert done.status == "would be repaired"
    assert patient.codes() == ["file_missing"]


def test_lost_file_is_brought_back_from_a_repository_that_has_it(
    patient: Patient, summary: Path, tmp_path: Path
) -> None:
    shutil.copytree(patient.root, tmp_path / "COPY")
    flip(summary)
    done = patient.the(
        "content_differs", deep=True, repair="safe", restore_from=(str(tmp_path / "COPY"),)
    )
    assert done.status == "repaired"
    with Butler(patient.root) as butler:
        assert butler.get("summary", visit=903334, ccd=16) == {"ccd": 16}
    assert patient.codes(deep=True) == []
    assert len(list((patient.root / ".butler" / "orphans").iterdir())) == 1


def test_other_content_is_not_brought_back(patient: Patient, summary: Path, tmp_path: Path) -> None:
    shutil.copytree(patient.root, tmp_path / "COPY")
    flip(tmp_path / "COPY" / "summary" / summary.name)
    summary.unlink()
    done = patient.the("file_missing", repair="safe", restore_from=(str(tmp_path / "COPY"),))
    assert done.status == "not repaired"
    assert "other content" in done.outcome
    assert not summary.exists()


def test_repository_that_lacks_it_is_named(patient: Patient, summary: Path, tmp_path: Path) -> None:
    create_repository(tmp_path / "EMPTY", "hsc")
    summary.unlink()
    done = patient.the("file_missing", repair="safe", restore_from=(str(tmp_path / "EMPTY"),))
    assert (done.status, "EMPTY" in done.outcome) == ("not repaired", True)


def test_repository_to_restore_from_must_be_there(patient: Patient, summary: Path) -> None:
    summary.unlink()
    done = patient.the("file_missing", repair="safe", restore_from=("/nowhere",))
    assert done.status == "not repaired"
    assert "no repository at /nowhere" in done.outcome


def test_finding_names_the_rerun_that_has_the_same_content(patient: Patient, summary: Path) -> None:
    rerun = patient.root / "rerun" / "one"
    with Butler(inputs=patient.root, outputs=rerun) as butler:
        butler.put({"ccd": 16}, "summary", visit=903334, ccd=16)
    summary.unlink()
    assert str(rerun) in patient.the("file_missing").detail


def test_lost_files_are_restored_or_given_up_by_repairs_alone() -> None:
    with pytest.raises(ParameterError, match="repair"):
        Treatment(forget_missing=True)
    with pytest.raises(ParameterError, match="adopt"):
        Treatment(repair="adapt")  # type: ignore[arg-type]


def test_dangling_link_is_named_with_its_target(patient: Patient, summary: Path) -> None:
    summary.rename(patient.root.parent / "elsewhere.json")
    summary.symlink_to(patient.root.parent / "elsewhere.json")
    assert patient.codes() == []
    (patient.root.parent / "elsewhere.json").unlink()
    assert "elsewhere.json" in patient.the("link_dangling").detail


def test_changed_target_of_a_link_is_named(patient: Patient, summary: Path) -> None:
    target = patient.root.parent / "elsewhere.json"
    summary.rename(target)
    summary.symlink_to(target)
    flip(target)
    assert patient.codes(deep=True) == ["target_changed"]
    target.write_text("{}")
    assert patient.codes() == ["target_changed"]


def test_file_that_nobody_may_read_is_named(patient: Patient, summary: Path) -> None:
    summary.chmod(0)
    assert patient.codes() == ["file_unreadable"]


def test_file_that_was_touched_is_compared_by_a_deep_look(patient: Patient, summary: Path) -> None:
    os.utime(summary, (1, 1))
    assert patient.the("time_differs").status == "found"
    assert patient.the("time_differs", deep=True).detail == "its content is the same"
    assert patient.the("time_differs", deep=True, repair="safe").status == "repaired"
    assert patient.codes() == []


def test_dataset_put_again_while_it_is_looked_at_was_not_touched(patient: Patient) -> None:
    seen = []

    def put_all_again(_: int) -> None:  # after the first file; all rows have been read
        if seen:
            return
        seen.append(True)
        with Butler(patient.root) as butler:
            for row in list(butler.query("summary")):
                content = butler.get("summary", row.data_id)
                butler.remove("summary", row.data_id)
                butler.put(content, "summary", row.data_id)

    report = examine(patient.root, Treatment(deep=True), on_progress=put_all_again)
    assert seen
    assert [one.code for one in report.findings if one.code != "trash_left"] == []


def test_digests_that_are_not_known_are_recorded_by_a_deep_look(
    patient: Patient, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text('{"ccd": 19}')
    with Butler(patient.root) as butler:
        butler.register("summary", [(outside, {"visit": 903334, "ccd": 19})])
    assert digests(patient.root)[-1] is None
    assert patient.examine(deep=True, dry_run=True).recorded == 0
    assert patient.examine(deep=True).recorded == 1
    assert patient.examine(deep=True).recorded == 0
    assert digests(patient.root)[-1] is not None
    flip(outside)
    assert patient.codes(deep=True) == ["target_changed"]
    outside.unlink()
    assert "outside the repository" in patient.the("file_missing").detail


def test_touched_file_of_unknown_content_is_not_vouched_for_unasked(
    patient: Patient, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text('{"ccd": 19}')
    with Butler(patient.root) as butler:
        butler.register("summary", [(outside, {"visit": 903334, "ccd": 19})])
    os.utime(outside, (1, 1))
    assert patient.the("time_differs", deep=True).status == "found"
    assert digests(patient.root)[-1] is None
    assert patient.the("time_differs", deep=True, repair="safe").status == "repaired"
    assert digests(patient.root)[-1] is not None
    assert patient.codes(deep=True) == []


def test_of_a_hundred_flipped_bytes_a_hundred_are_found(tmp_path: Path) -> None:
    types = {"summary": {"template": "summary/{visit}.json", "storage_class": "Json"}}
    create_repository(tmp_path / "DATA", "hsc", dataset_types=types)
    with Butler(tmp_path / "DATA") as butler, butler.transaction():
        for visit in range(100):
            butler.put({"visit": visit}, "summary", visit=visit)
    for path in (tmp_path / "DATA" / "summary").iterdir():
        flip(path)
    report = examine(tmp_path / "DATA", Treatment(deep=True))
    assert report.count("content_differs") == 100


def test_row_that_vanishes_meanwhile_is_no_finding(
    patient: Patient, summary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dataset is removed between the moment its row is read and the look at its file."""
    native = NativeRepository(str(patient.root))
    read = type(native.registry).iter_records

    def read_then_remove(self: object, at_once: int = 5000) -> object:
        batches = list(read(self, at_once))  # type: ignore[arg-type]
        with Butler(patient.root) as butler:
            butler.remove("summary", visit=903334, ccd=16)
        return iter(batches)

    monkeypatch.setattr(type(native.registry), "iter_records", read_then_remove)
    assert patient.codes() == []
    native.close()
    assert not summary.exists()
