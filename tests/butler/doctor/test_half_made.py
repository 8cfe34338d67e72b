from __future__ import annotations

import fcntl
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from butler import Butler, create_repository
from butler.doctor import Treatment, examine
from butler.errors import ReadOnlyError, RepositoryNotFoundError
from butler.repository.migrate import migrate_repository
from butler.storage.steps import observe_steps
from butler.storage.writer_mark import WriterMark

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Patient


def test_registry_that_lost_its_description_is_damage(patient: Patient) -> None:
    (patient.root / "butler.yaml").unlink()
    assert patient.the("config_missing", repair="adopt").status == "found"
    assert patient.examine().exit_code == 5


def test_description_that_cannot_be_understood_is_damage(patient: Patient) -> None:
    (patient.root / "butler.yaml").write_text("camera: [")
    assert patient.codes() == ["config_unreadable"]


def test_repository_whose_making_was_killed_is_cleared(
    patient: Patient, tmp_path: Path, dead_pid: int
) -> None:
    root = tmp_path / "NEW"
    create_repository(root, "hsc")
    (root / "butler.yaml").unlink()
    (root / "data.txt").write_text("mine")
    (root / ".butler" / WriterMark(WriterMark.mine().host, dead_pid).temporary_name()).touch()
    new = patient._replace(root=root)
    assert new.codes() == ["temporary_left", "creation_unfinished"]
    assert {one.status for one in new.findings(repair="safe")} == {"repaired"}
    assert [path.name for path in root.iterdir()] == ["data.txt"]
    with pytest.raises(RepositoryNotFoundError):
        new.codes()
    create_repository(root, "hsc")
    assert new.codes() == []


def test_repository_that_is_just_being_made_is_left_alone(patient: Patient, tmp_path: Path) -> None:
    side = tmp_path / "NEW" / ".butler"
    side.mkdir(parents=True)
    with (side / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert patient._replace(root=tmp_path / "NEW").codes(repair="safe") == []
    assert (side / "lock").exists()


@pytest.fixture
def gen2(shared_data: Path, tmp_path: Path) -> Path:
    """A copy of a real Gen2 repository."""
    root = tmp_path / "GEN2"
    shutil.copytree(shared_data / "obs_test" / "input", root, symlinks=True)
    for folder, _, files in os.walk(root):
        for name in (".", *files):
            os.chmod(os.path.join(folder, name), 0o755)
    return root


def test_gen2_repository_has_no_doctor(gen2: Path) -> None:
    with pytest.raises(ReadOnlyError, match="butler migrate"):
        examine(gen2)


def test_migration_that_was_killed_is_set_aside(patient: Patient, gen2: Path) -> None:
    migrate_repository(gen2)
    (gen2 / "butler.yaml").unlink()
    (gen2 / "registry.gen2.sqlite3").rename(gen2 / "registry.sqlite3")
    killed = patient._replace(root=gen2)
    assert killed.the("migration_unfinished", repair="safe").status == "repaired"
    migrate_repository(gen2)
    assert killed.codes() == []


def test_last_renaming_of_a_migration_is_finished(patient: Patient, gen2: Path) -> None:
    migrate_repository(gen2)
    (gen2 / "registry.gen2.sqlite3").rename(gen2 / "registry.sqlite3")
    killed = patient._replace(root=gen2)
    assert killed.the("migration_unfinished", repair="safe").status == "repaired"
    assert (gen2 / "registry.gen2.sqlite3").exists()
    assert not (gen2 / "registry.sqlite3").exists()
    assert killed.codes() == []


def test_migrated_repository_is_clean(patient: Patient, gen2: Path) -> None:
    migrate_repository(gen2)
    report = patient._replace(root=gen2).examine(deep=True)
    assert report.exit_code == 0
    assert report.recorded == report.datasets > 0


def test_lost_registry_is_made_anew_from_the_files(patient: Patient) -> None:
    for path in patient.root.glob("registry.sqlite3*"):
        path.unlink()
    assert patient.the("registry_missing").status == "found"
    assert patient.examine(repair="quarantine").exit_code == 5
    report = patient.examine(repair="adopt")
    assert report.exit_code == 1
    assert [one.code for one in report.findings] == ["registry_missing", *["orphan"] * 3]
    assert patient.codes(deep=True) == []
    with Butler(patient.root) as butler:
        assert butler.get("summary", visit=903334, ccd=17) == {"ccd": 17}


def test_doctor_that_is_killed_leaves_what_another_can_finish(patient: Patient) -> None:
    class Killed(BaseException):
        pass

    def stop(_step: str) -> None:
        raise Killed

    path = patient.root / "summary" / "0903334-016.json"
    with Butler(patient.root) as butler:
        (writer,) = butler._writable()
        registry = writer.repository.registry
        orphan = path.with_name("0903334-019.json")
        orphan.write_text("19")
        registry.open_intent("put", ["summary/0903334-019.json", "summary/0903334-020.json"])
        with registry.write() as cursor:
            cursor.run_script(["UPDATE intent SET pid = 2147483646"])
    observe_steps(stop)
    try:
        with pytest.raises(Killed):
            examine(patient.root, Treatment(repair="quarantine"))
    finally:
        observe_steps(None)
    assert not orphan.exists()
    assert patient.codes(repair="quarantine") == ["intent_left"]
    assert patient.codes() == []
    assert len(list((patient.root / ".butler" / "orphans").iterdir())) == 1
