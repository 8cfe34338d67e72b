"""A registry of version 0001, as its own release wrote it, is read and brought up to date."""

from __future__ import annotations

import os
import signal
import sqlite3
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from conformance.registry_samples import CALEXP, KEYS, OBSERVATION
from sqlalchemy import Engine, event
from support.shared_data import REPOSITORY

from butler import Butler, create_repository
from butler.data_id import DataId
from butler.errors import RegistryError, RegistryVersionError
from butler.registry.postgres_database import PostgresDatabase
from butler.registry.registry import Registry
from butler.registry.rows import InputRow, Provenance
from butler.registry.schema import LATEST_VERSION
from butler.registry.upgrade import upgrade_registry
from butler.repository.upgrade import copy_registry, upgrade_repository
from butler.storage.writer_mark import is_temporary_name

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPTS = str(REPOSITORY / "migrations")
FROZEN = Path(__file__).with_name("registry_0001.sql")
KEYS_OF_SUMMARY = ("ccd", "visit")
MADE = Provenance("task", "config: 1", "v: 2", (InputRow("0" * 36, "raw", "ccd=16", b"\1" * 32),))


def content(place: Path) -> list[str]:
    connection = sqlite3.connect(place)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def copying(place: Path) -> Callable[[], None]:
    return partial(copy_registry, str(place), "registry.0001.sqlite3")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A registry file of version 0001."""
    place = tmp_path / "registry.sqlite3"
    connection = sqlite3.connect(place)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(FROZEN.read_text())
    connection.close()
    return place


def test_an_old_registry_is_read_without_the_new_columns(old: Path) -> None:
    with Registry.open(str(old)) as registry:
        (found,) = registry.find("summary", KEYS_OF_SUMMARY, DataId(visit=903334, ccd=16))
        assert registry.provenance(found.id) == MADE
        with pytest.raises(RegistryVersionError, match="butler migrate"):
            registry.record_provenance(found.id, MADE)


def test_an_old_registry_and_a_new_one_are_read_side_by_side(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.sqlite3"
    new.write_bytes(old.read_bytes())
    upgrade_registry(str(new), SCRIPTS)
    with Registry.open(str(new)) as newer, Registry.open(str(old)) as older:
        newer.record_provenance(1, MADE._replace(started="2026-01-01T00:00:00", wall_s=2.5))
        assert older.provenance(1) == MADE
        assert newer.provenance(1) == MADE._replace(started="2026-01-01T00:00:00", wall_s=2.5)


def test_an_old_registry_keeps_its_rows_when_it_is_upgraded(old: Path) -> None:
    assert upgrade_registry(str(old), SCRIPTS) == ("0001", LATEST_VERSION)
    with Registry.open(str(old)) as registry:
        assert registry.count("summary", KEYS_OF_SUMMARY) == 2
        assert registry.provenance(1) == MADE
        assert len(registry.find_calibrations("summary", KEYS_OF_SUMMARY, {})) == 1
        assert registry.check_integrity() == []
        registry.record_provenance(2, MADE._replace(cpu_s=0.25))
        assert registry.provenance(2) == MADE._replace(cpu_s=0.25)


def test_an_old_registry_on_a_server_is_read_and_upgraded(postgres_url: str) -> None:
    made = PostgresDatabase(postgres_url, uuid=uuid4().hex)
    made.create_place(shared=False)
    where = {"place": made.url, "uuid": made.schema.removeprefix("sb_")}
    upgrade_registry(
        **where,
        script_location=SCRIPTS,
        keys=KEYS,  # type: ignore[arg-type]
        observation=OBSERVATION,  # type: ignore[arg-type]
        version="0001",
    )
    with made.write() as cursor:
        cursor.run_script(
            [
                "INSERT INTO registry_info VALUES ('uuid', 'x'), ('camera', 'hsc')",
                (
                    "INSERT INTO registry_info VALUES "
                    """('observation', '{"columns": {}, "unique": [], "implied": []}')"""
                ),
                *(
                    f"INSERT INTO registry_key VALUES ('{key}', '{kind}', {n})"
                    for n, (key, kind) in enumerate(KEYS.items())
                ),
                f"INSERT INTO dataset_type VALUES (1, 'calexp', '{','.join(CALEXP)}', 'f', 't')",
                "INSERT INTO dataset (id, type_id, data_id, path) VALUES (7, 1, 'x', 'p')",
                "INSERT INTO provenance VALUES (1, 'd', 't', 'c', 'v')",
                "INSERT INTO provenance_output VALUES (7, 1)",
            ]
        )
    with Registry.open(**where) as registry:
        assert registry.provenance(7) == Provenance("t", "c", "v")
    assert upgrade_registry(**where, script_location=SCRIPTS) == ("0001", LATEST_VERSION)
    with Registry.open(**where) as registry:
        assert registry.provenance(7) == Provenance("t", "c", "v")
    made.close()


def killed_child(work: Callable[[], object]) -> bool:
    """Run something in a child, and tell whether it was killed rather than done."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_a_killed_migration_leaves_the_old_or_the_new(old: Path) -> None:
    before = content(old)

    def upgrade_until(fatal: int) -> None:
        seen = 0

        def count(*_arguments: object) -> None:
            nonlocal seen
            seen += 1
            if seen == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

        for name in ("before_cursor_execute", "commit"):
            event.listen(Engine, name, count)
        upgrade_registry(str(old), SCRIPTS, prepare=copying(old))

    kills = 0
    while killed_child(partial(upgrade_until, kills + 1)):
        kills += 1
        assert content(old) == before
        with Registry.open(str(old)) as registry:
            assert registry.version == "0001"
    assert kills > 5
    with Registry.open(str(old)) as registry:
        assert registry.version == LATEST_VERSION
    copies = sorted(old.parent.glob("registry.0001*.sqlite3"))
    assert all(content(copy) == before for copy in copies)
    assert len(copies) >= 2  # none was written over another


def test_the_copy_made_before_a_migration_holds_what_was_there(old: Path) -> None:
    before = content(old)
    (old.parent / "registry.0001.sqlite3").write_text("precious")
    upgrade_registry(str(old), SCRIPTS, prepare=copying(old))
    assert (old.parent / "registry.0001.sqlite3").read_text() == "precious"
    assert content(old.parent / "registry.0001-2.sqlite3") == before
    assert [name for name in os.listdir(old.parent) if is_temporary_name(name)] == []


def test_a_registry_that_cannot_be_copied_is_not_upgraded(old: Path, tmp_path: Path) -> None:
    place = tmp_path / "torn.sqlite3"
    torn = bytearray(old.read_bytes())
    torn[4096:] = b"\xff" * (len(torn) - 4096)
    place.write_bytes(torn)
    with pytest.raises(RegistryError):
        upgrade_registry(str(place), SCRIPTS, prepare=copying(place))
    assert place.read_bytes() == torn


def test_a_repository_is_upgraded_with_a_copy_of_its_registry(old: Path, tmp_path: Path) -> None:
    root = tmp_path / "DATA"
    create_repository(root, "hsc")
    config = (root / "butler.yaml").read_text()
    uuid = next(line for line in config.splitlines() if line.startswith("uuid"))
    (root / "butler.yaml").write_text(
        config.replace(uuid, "uuid: fd7ef0c1-b26b-4609-9aee-5f9ee5ba1287")
        + "dataset_types:\n  summary:\n    storage_class: Json\n"
        "    template: summary/{visit:07d}-{ccd:03d}.json\n"
    )
    for journal in root.glob("registry.sqlite3*"):
        journal.unlink()
    old.rename(root / "registry.sqlite3")
    with Butler(root) as butler:
        assert butler.query("summary").count() == 2
    assert upgrade_repository(root, SCRIPTS) == ("0001", LATEST_VERSION)
    with Butler(root) as butler:
        butler.put({"a": 3}, "summary", visit=1, ccd=1)
        assert butler.query("summary").count() == 3
    with Registry.open(str(root / "registry.0001.sqlite3")) as registry:
        assert registry.version == "0001"
