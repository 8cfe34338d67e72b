"""Registries in files of SQLite: journals, errors, the queue of writers."""

from __future__ import annotations

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from conformance.registry_samples import CALEXP, add_types, calexp, create

from butler.errors import ReadOnlyError, RegistryError, RepositoryExistsError
from butler.registry.database import CompiledSql
from butler.registry.places import is_network_path
from butler.registry.registry import Registry
from butler.registry.sqlite_database import MemoryDatabase, SqliteDatabase
from butler.registry.write_queue import stand_in_queue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def sqlite_registry(tmp_path: Path) -> Iterator[Registry]:
    with create(str(tmp_path / "registry.sqlite3")) as made:
        add_types(made)
        yield made


def count(registry: Registry) -> int:
    return registry.count("calexp", CALEXP)


@pytest.mark.parametrize(("shared", "journal"), [(False, "wal"), (True, "delete")])
def test_the_journal_fits_who_reads(tmp_path: Path, shared: bool, journal: str) -> None:
    with create(str(tmp_path / "registry.sqlite3"), shared=shared) as registry:
        held = registry.database.held().connection
        assert held.execute("PRAGMA journal_mode").fetchone() == (journal,)
        assert held.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert held.execute("PRAGMA trusted_schema").fetchone() == (0,)
        assert held.execute("PRAGMA busy_timeout").fetchone() == (60_000,)
        levels = {"wal": (1,), "delete": (2,)}
        assert held.execute("PRAGMA synchronous").fetchone() == levels[journal]


def test_a_registry_that_is_there_keeps_its_journal(tmp_path: Path) -> None:
    place = str(tmp_path / "registry.sqlite3")
    create(place, shared=True).close()
    with pytest.raises(RepositoryExistsError):
        create(place, shared=False)
    with Registry.open(place) as registry:
        journal = registry.database.fetch_one(CompiledSql("PRAGMA journal_mode"))
        assert journal == ("delete",)


def test_a_registry_that_was_moved_to_a_network_file_system_changes_its_journal(
    sqlite_registry: Registry,
) -> None:
    sqlite_registry.close()
    moved = SqliteDatabase(sqlite_registry.database.url)
    moved._is_network = True  # what is_network_path finds out there
    assert moved.fetch_one(CompiledSql("PRAGMA journal_mode")) == ("delete",)
    moved.close()


def test_a_writer_waits_for_another_that_knows_no_queue(sqlite_registry: Registry) -> None:
    other = sqlite3.connect(sqlite_registry.database.url, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sqlite_registry.insert, [calexp(1, 1)])
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.2)
        other.execute("COMMIT")
        assert waiting.result() == []
    other.close()


def test_a_database_that_stays_busy_says_so(sqlite_registry: Registry) -> None:
    other = sqlite3.connect(sqlite_registry.database.url, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    sqlite_registry.database.held().connection.execute("PRAGMA busy_timeout=10")
    with pytest.raises(RegistryError, match="another process has been writing"):
        sqlite_registry.insert([calexp(1, 1)])
    other.close()
    sqlite_registry.insert([calexp(1, 1)])


def test_rows_are_not_written_to_a_file_that_was_removed_or_replaced(
    sqlite_registry: Registry, tmp_path: Path
) -> None:
    """SQLite itself goes on writing to it, and nobody finds the rows."""
    sqlite_registry.insert([calexp(1, 1)])
    path = tmp_path / os.path.basename(sqlite_registry.database.url)
    path.rename(tmp_path / "kept")
    with pytest.raises(RegistryError, match="removed or replaced"):
        sqlite_registry.insert([calexp(1, 2)])
    path.write_bytes((tmp_path / "kept").read_bytes())
    with pytest.raises(RegistryError, match="Open the repository anew"):
        sqlite_registry.insert([calexp(1, 2)])
    path.unlink()
    (tmp_path / "kept").rename(path)
    sqlite_registry.insert([calexp(1, 2)])
    assert count(sqlite_registry) == 2


def test_a_full_disk_changes_nothing_and_says_so(sqlite_registry: Registry) -> None:
    sqlite_registry.insert([calexp(1, 1)])
    connection = sqlite_registry.database.held().connection
    ((pages,),) = connection.execute("PRAGMA page_count").fetchall()
    connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(RegistryError, match="disk is full"):
        sqlite_registry.insert([calexp(2, ccd) for ccd in range(5000)])
    assert count(sqlite_registry) == 1


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite3"
    path.write_text("not a database, " * 100)
    with pytest.raises(RegistryError, match="is not a SQLite database"):
        Registry.open(str(path))
    with pytest.raises(RegistryError, match="is not a SQLite database"):
        Registry.open(str(path), read_only=True)


def test_a_damaged_file_says_so(sqlite_registry: Registry) -> None:
    sqlite_registry.insert([calexp(visit, ccd) for visit in range(50) for ccd in range(100)])
    sqlite_registry.close()
    path = sqlite_registry.database.url
    with open(path, "r+b") as file:
        file.seek(4096 * 40)
        file.write(b"\xff" * 4096 * 100)
    assert sqlite_registry.check_integrity()
    with pytest.raises(RegistryError, match=r"is damaged.*\.recover"):
        list(sqlite_registry.rows_by_id(range(1, 5001)))


def test_links_to_rows_that_are_gone_are_found(sqlite_registry: Registry) -> None:
    sqlite_registry.insert([calexp(1, 1)])
    sqlite_registry.database.held().connection.execute("PRAGMA foreign_keys=OFF")
    with sqlite_registry.write() as cursor:
        cursor.execute(CompiledSql("DELETE FROM dataset_type"))
    assert sqlite_registry.check_integrity() == [
        "row 1 of dataset points to a row of dataset_type that is gone"
    ]


def test_a_database_without_our_tables_says_so(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE raw (visit INT)")
    connection.close()
    with pytest.raises(RegistryError, match="not a registry of this package"):
        Registry.open(str(path))


def test_a_registry_that_is_absent_says_so(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="no registry at"):
        Registry.open(str(tmp_path / "registry.sqlite3"))
    with pytest.raises(RegistryError, match="cannot be made: No such file"):
        create(str(tmp_path / "nowhere" / "registry.sqlite3"))
    assert os.listdir(tmp_path) == []


def test_a_registry_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="cannot be a column"):
        create(str(tmp_path / "registry.sqlite3"), keys={"path": "str"})
    assert os.listdir(tmp_path) == []


def test_a_file_that_became_read_only_says_so(sqlite_registry: Registry) -> None:
    sqlite_registry.database.held().connection.execute("PRAGMA query_only=ON")
    with pytest.raises(ReadOnlyError, match="butler create MINE --parent"):
        sqlite_registry.insert([calexp(1, 1)])


def test_a_path_with_special_characters_is_opened(tmp_path: Path) -> None:
    folder = tmp_path / "a?b#c%20d é"
    folder.mkdir()
    with create(str(folder / "registry.sqlite3")) as registry:
        assert os.path.exists(folder / "registry.sqlite3")
        assert count(registry) == 0
    with Registry.open(str(folder / "registry.sqlite3"), read_only=True) as registry:
        assert count(registry) == 0


def test_a_database_in_memory_lives_on_between_its_users() -> None:
    name = uuid4().hex
    with create(f"memory:{name}") as registry:
        add_types(registry)
        registry.insert([calexp(1, 1)])
    with Registry.open(f"memory:{name}") as registry:
        assert count(registry) == 1
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(count, registry).result() == 1
    MemoryDatabase.forget(name)
    with pytest.raises(RegistryError, match="not a registry"):
        Registry.open(f"memory:{name}")
    MemoryDatabase.forget(name)


def test_a_hostile_number_is_an_error_of_ours(sqlite_registry: Registry) -> None:
    with pytest.raises(RegistryError, match="refused"):
        sqlite_registry.database.fetch_one(CompiledSql("SELECT :n"), {"n": 2**64})


# the queue


def test_writers_stand_in_a_queue(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    order: list[str] = []

    def second() -> None:
        with stand_in_queue(path):
            order.append("second")

    thread = threading.Thread(target=second)
    with stand_in_queue(path):
        thread.start()
        thread.join(timeout=0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_registry_takes_its_turn_in_the_queue(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with create(str(tmp_path / "registry.sqlite3"), lock_path=path) as registry:
        add_types(registry)
        with ThreadPoolExecutor(1) as pool:
            with stand_in_queue(path):
                waiting = pool.submit(registry.insert, [calexp(1, 1)])
                with pytest.raises(TimeoutError):
                    waiting.result(timeout=0.2)
            assert waiting.result() == []


def test_a_queue_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    place = str(tmp_path / "registry.sqlite3")
    with create(place, lock_path=str(tmp_path / "absent" / "lock")) as registry:
        add_types(registry)
        registry.insert([calexp(1, 1)])
        assert count(registry) == 1


# places

MOUNTS = """\
/dev/vda1 / ext4 rw 0 0
server:/export /data nfs4 rw 0 0
/dev/vdb /data/local\\040disk xfs rw 0 0
me@host: /mnt/far fuse.sshfs rw 0 0
/dev/sdc /mnt/stick fuseblk rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/data/repo", True),
        ("/data", True),
        ("/database", False),
        ("/data/local disk/repo", False),
        ("/mnt/far/x", True),
        ("/mnt/stick/x", False),
        ("/", False),
    ],
)
def test_network_file_systems_are_recognised(path: str, expected: bool) -> None:
    assert is_network_path(path, MOUNTS) is expected


def test_this_machines_mounts_can_be_read(tmp_path: Path) -> None:
    assert is_network_path(str(tmp_path)) in (True, False)
    assert is_network_path(str(tmp_path), "") is False
