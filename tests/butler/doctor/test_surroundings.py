from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from butler import Butler, create_repository
from butler.repository.config import read_config, replace_config
from butler.repository.native import NativeRepository
from butler.repository.reruns import create_child, registered_reruns
from butler.storage.writer_mark import WriterMark

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Patient


@pytest.fixture
def child(patient: Patient, tmp_path: Path) -> Patient:
    """A repository elsewhere that stands on the patient."""
    create_child(tmp_path / "CHILD", [patient.root])
    return patient._replace(root=tmp_path / "CHILD")


def test_parent_that_is_gone_is_damage(patient: Patient, child: Patient, tmp_path: Path) -> None:
    patient.root.rename(tmp_path / "MOVED")
    finding = child.the("parent_missing")
    assert finding.path == str(patient.root)
    assert "butler chain" in finding.kind.cure
    assert child.examine(repair="adopt").exit_code == 5


def test_circle_of_parents_is_damage(patient: Patient, child: Patient) -> None:
    config = read_config(str(patient.root))
    replace_config(str(patient.root), config.with_parents((str(child.root),)))
    assert "own ancestor" in child.the("chain_broken").detail


def test_parent_that_does_not_know_is_told(patient: Patient, child: Patient) -> None:
    parent = NativeRepository(str(patient.root))
    (registered,) = registered_reruns(parent)
    parent.registry.forget_info(registered.name)
    assert child.the("parent_unaware").status == "found"
    assert child.the("parent_unaware", repair="safe").status == "repaired"
    assert child.codes() == []
    parent.registry.refresh()
    assert [one.root for one in registered_reruns(parent)] == [str(child.root)]
    parent.close()


def test_rerun_that_is_gone_is_forgotten(patient: Patient, child: Patient) -> None:
    assert patient.codes() == []
    shutil.rmtree(child.root)
    assert patient.the("rerun_gone", repair="safe").outcome == "forgotten"
    assert patient.codes() == []


def test_rerun_whose_disk_may_not_be_mounted_is_remembered(
    patient: Patient, tmp_path: Path
) -> None:
    (tmp_path / "disk").mkdir()
    create_child(tmp_path / "disk" / "CHILD", [patient.root])
    (tmp_path / "disk").rename(tmp_path / "unmounted")
    assert patient.the("rerun_gone", repair="safe").status == "found"
    (tmp_path / "unmounted").rename(tmp_path / "disk")
    assert patient.codes() == []


def test_rerun_that_moved_with_its_tree_is_followed(patient: Patient, tmp_path: Path) -> None:
    reruns = patient.root / "rerun"
    Butler(inputs=patient.root, outputs=reruns / "one").close()
    Butler(inputs=reruns / "one", outputs=reruns / "two").close()
    patient.root.rename(tmp_path / "MOVED")
    moved = patient._replace(root=tmp_path / "MOVED" / "rerun" / "one")
    assert "has moved" in moved.the("rerun_gone", repair="safe").detail
    assert moved.codes() == []


def test_new_input_knows_of_the_output_that_reads_it(patient: Patient, tmp_path: Path) -> None:
    create_repository(tmp_path / "OTHER", "hsc")
    Butler(inputs=patient.root, outputs=tmp_path / "OUT").close()
    Butler(inputs=[patient.root, tmp_path / "OTHER"], outputs=tmp_path / "OUT").close()
    assert patient._replace(root=tmp_path / "OUT").codes() == []


def test_temporaries_of_dead_processes_are_removed_from_the_side_folder(
    patient: Patient, dead_pid: int
) -> None:
    mark = WriterMark(WriterMark.mine().host, dead_pid)
    side = patient.root / ".butler"
    for name in (mark.temporary_name(".sqlite3"), mark.temporary_name(".sqlite3-wal")):
        (side / name).touch()
    (side / mark.temporary_name()).mkdir()
    (side / WriterMark.mine().temporary_name(".sqlite3")).touch()
    (patient.root / mark.temporary_name(".yaml")).touch()
    assert patient.codes(repair="safe") == ["temporary_left"] * 4
    assert patient.codes() == []
    assert len(list(side.glob(".tmp-*"))) == 1


def test_temporaries_of_earlier_versions_go_by_their_age(patient: Patient) -> None:
    (patient.root / ".butler" / "new-0123abcd.sqlite3").touch()
    (patient.root / ".butler.yaml.0123abcd.tmp").touch()
    assert patient.codes() == []
    assert patient.codes(longest_s=-1, repair="safe") == ["temporary_left"] * 2
    assert patient.codes(longest_s=-1) == []


def test_lock_that_may_not_be_written_is_noted(patient: Patient) -> None:
    lock = patient.root / ".butler" / "lock"
    lock.chmod(0o444)
    expected = [] if os.access(lock, os.W_OK) else ["lock_unwritable"]
    assert patient.codes() == expected
