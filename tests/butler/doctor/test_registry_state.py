from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from butler import Butler, create_repository
from butler.doctor import examine

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Patient

WRITE_AND_DIE = """
import os, signal, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA cache_size=1")
database.execute("PRAGMA cache_spill=1")
database.execute("BEGIN IMMEDIATE")
for number in range(2000):
    database.execute("INSERT INTO registry_info VALUES (?, ?)", (f"half {number}", "x" * 200))
os.kill(os.getpid(), signal.SIGKILL)
"""


def change(root: Path, *statements: str) -> None:
    with closing(sqlite3.connect(root / "registry.sqlite3", isolation_level=None)) as registry:
        for statement in statements:
            registry.execute(statement)


def test_file_that_is_no_database_is_damage(patient: Patient) -> None:
    (patient.root / "registry.sqlite3").write_bytes(b"no database at all" * 1000)
    assert patient.codes(repair="adopt") == ["registry_unreadable"]
    assert patient.examine().exit_code == 5


def test_damaged_pages_are_damage_and_stop_every_repair(patient: Patient, summary: Path) -> None:
    with Butler(patient.root) as butler, butler.transaction():
        for ccd in range(20, 90):
            butler.put({"ccd": ccd}, "summary", visit=903334, ccd=ccd)
    change(patient.root, "PRAGMA journal_mode=DELETE")
    path = patient.root / "registry.sqlite3"
    content = bytearray(path.read_bytes())
    with closing(sqlite3.connect(path)) as registry:
        sql = "SELECT rootpage FROM sqlite_master WHERE name LIKE 'sqlite_autoindex_dataset_%'"
        page = registry.execute(sql).fetchone()[0]
        size = registry.execute("PRAGMA page_size").fetchone()[0]
    content[(page - 1) * size + 200 : page * size] = b"\xff" * (size - 200)
    path.write_bytes(content)
    summary.unlink()
    found = set(patient.codes(repair="adopt"))
    assert found <= {"registry_corrupt", "registry_unreadable"}
    assert found


def test_broken_links_between_tables_are_damage(patient: Patient) -> None:
    change(
        patient.root,
        "PRAGMA foreign_keys=OFF",
        "INSERT INTO calibration (dataset_id, begin, \"end\") VALUES (4711, '2013', '2014')",
    )
    assert patient.codes() == ["registry_links_broken"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("ALTER TABLE dataset ADD COLUMN colour TEXT", "colour"),
        ("INSERT INTO registry_key VALUES ('flavour', 'str', 99)", "flavour"),
        ("DROP TABLE trash", "no table trash"),
    ],
)
def test_tables_that_others_have_changed_are_damage(
    patient: Patient, statement: str, said: str
) -> None:
    change(patient.root, statement)
    assert said in patient.the("registry_columns_differ").detail


def test_registry_of_another_repository_is_damage(patient: Patient, tmp_path: Path) -> None:
    create_repository(tmp_path / "OTHER", "hsc")
    (tmp_path / "OTHER" / "registry.sqlite3").rename(patient.root / "registry.sqlite3")
    assert "another repository" in patient.the("registry_unreadable").detail


def test_hot_journal_of_a_killed_writer_is_named_and_rolled_back(
    patient: Patient, tmp_path: Path
) -> None:
    create_repository(tmp_path / "SHARED", "hsc", shared=True)
    path = tmp_path / "SHARED" / "registry.sqlite3"
    subprocess.run([sys.executable, "-c", WRITE_AND_DIE, path], check=False)
    assert path.with_name(path.name + "-journal").stat().st_size > 0
    shared = patient._replace(root=tmp_path / "SHARED")
    assert shared.the("journal_left").status == "repaired"
    assert shared.codes() == []
    with closing(sqlite3.connect(path)) as registry:
        half = registry.execute("SELECT count(*) FROM registry_info WHERE name LIKE 'half%'")
        assert half.fetchone() == (0,)


def test_journal_of_a_living_writer_is_no_finding(patient: Patient, tmp_path: Path) -> None:
    create_repository(tmp_path / "SHARED", "hsc", shared=True)
    with Butler(tmp_path / "SHARED") as butler:
        (writer,) = butler._writable()
        with writer.repository.registry.write() as cursor:
            cursor.run_script(["INSERT INTO registry_info VALUES ('a', 'b')"])
            assert patient._replace(root=tmp_path / "SHARED").codes() == []


def test_registry_on_a_server_is_examined_too(
    patient: Patient, postgres_database: str, tmp_path: Path
) -> None:
    types = {"summary": {"template": "summary/{visit}.json", "storage_class": "Json"}}
    root = tmp_path / "SERVED"
    create_repository(root, "hsc", registry=postgres_database, dataset_types=types)
    with Butler(root) as butler:
        for visit in range(3):
            butler.put({"visit": visit}, "summary", visit=visit)
    served = patient._replace(root=root)
    assert served.examine(deep=True).findings == []
    (root / "summary" / "0.json").unlink()
    (root / "summary" / "7.json").write_text("7")
    assert served.codes() == ["file_missing", "orphan"]
    assert {one.status for one in served.findings(repair="adopt", forget_missing=True)} == {
        "repaired"
    }
    assert served.codes(deep=True) == []
    with Butler(root) as butler:
        assert butler.get("summary", visit=7) == 7
        (writer,) = butler._writable()
        with writer.repository.registry.write() as cursor:
            cursor.run_script(["ALTER TABLE dataset ADD COLUMN colour TEXT"])
    assert served.codes() == ["registry_columns_differ"]


def test_relative_place_is_taken(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(patient.root.parent)
    assert examine("DATA").root == str(patient.root)
