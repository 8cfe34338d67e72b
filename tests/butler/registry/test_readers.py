"""Registries that may only be read: nothing is missed, nothing is left behind."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from conformance.registry_samples import CALEXP, add_types, calexp, create, query

from butler.data_id import DataId
from butler.errors import ReadOnlyError, RegistryError
from butler.registry.database import CompiledSql
from butler.registry.registry import Registry
from butler.registry.rows import RegistryQuery
from butler.registry.sqlite_reader import SqliteReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.users import OtherUser

# Reads a registry again and again, whenever a line arrives; answers with the number of rows.
_READ_ON_DEMAND = """
import sys
from butler.registry.registry import Registry
registry = Registry.open(sys.argv[1])
assert not registry.is_writable
for line in sys.stdin:
    print(registry.count("calexp", ("ccd", "filter", "pointing", "visit")), flush=True)
"""


@pytest.fixture(params=[False, True], ids=["wal", "rollback journal"])
def shared(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def path(public_tmp_path: Path, shared: bool) -> Path:
    folder = public_tmp_path / "repository"
    folder.mkdir()
    path = folder / "registry.sqlite3"
    with create(str(path), shared=shared) as registry:
        add_types(registry)
        registry.insert([calexp(1, ccd) for ccd in range(3)])
    return path


@pytest.fixture
def writer(path: Path) -> Iterator[Registry]:
    with Registry.open(str(path)) as registry:
        yield registry


def names_beside(path: Path) -> list[str]:
    return sorted(os.listdir(path.parent))


def count(registry: Registry) -> int:
    return registry.count("calexp", CALEXP)


def test_a_reader_leaves_no_trace(path: Path) -> None:
    before = (path.stat().st_mtime_ns, names_beside(path))
    with Registry.open(str(path), read_only=True) as reader:
        assert isinstance(reader.database, SqliteReader)
        assert count(reader) == 3
        assert (path.stat().st_mtime_ns, names_beside(path)) == before
    assert (path.stat().st_mtime_ns, names_beside(path)) == before


def test_a_reader_cannot_write(path: Path) -> None:
    with Registry.open(str(path), read_only=True) as reader:
        with pytest.raises(ReadOnlyError, match="reading only"):
            reader.insert([calexp(2, 1)])
        assert not reader.is_writable
        assert count(reader) == 3


def test_a_held_reader_sees_every_commit_while_writers_come_and_go(path: Path) -> None:
    with Registry.open(str(path), read_only=True) as reader:
        expected = 3
        for visit in range(10, 40):
            with Registry.open(str(path)) as writer:
                for ccd in range(3):
                    writer.insert([calexp(visit, ccd)])
                    expected += 1
                    assert count(reader) == expected
                assert len(reader.find("calexp", CALEXP, DataId(visit=visit, ccd=2))) == 1
            assert count(reader) == expected


def test_a_reader_sees_what_a_writer_has_not_yet_moved_to_the_file(
    path: Path, writer: Registry
) -> None:
    writer.insert([calexp(2, 1)])
    with Registry.open(str(path), read_only=True) as reader:
        assert count(reader) == 4
        writer.insert([calexp(2, 2)])
        assert count(reader) == 5


def test_a_reader_sees_nothing_of_an_open_transaction(path: Path, writer: Registry) -> None:
    with Registry.open(str(path), read_only=True) as reader, writer.write() as cursor:
        cursor.execute(CompiledSql("DELETE FROM dataset"))
        assert count(reader) == 3


def test_a_reader_sees_a_file_that_took_the_place_of_the_old(path: Path, tmp_path: Path) -> None:
    with Registry.open(str(path), read_only=True) as reader:
        assert count(reader) == 3
        other = tmp_path / "other.sqlite3"
        with create(str(other)) as registry:
            add_types(registry)
            registry.insert([calexp(1, 1)])
        other.replace(path)
        assert count(reader) == 1


def test_a_reader_says_when_the_file_is_gone(path: Path) -> None:
    with Registry.open(str(path), read_only=True) as reader:
        path.unlink()
        with pytest.raises(RegistryError, match="cannot be reached: No such file"):
            count(reader)


def test_another_user_reads_without_a_writer(path: Path, other_user: OtherUser) -> None:
    answer = ask_once(other_user, path)
    assert (answer.stdout, answer.stderr) == ("3\n", "")


def test_another_user_reads_beside_a_writer(
    path: Path, writer: Registry, other_user: OtherUser
) -> None:
    writer.insert([calexp(2, 1)])
    answer = ask_once(other_user, path)
    assert (answer.stdout, answer.stderr) == ("4\n", "")


def test_another_user_reads_what_a_killed_writer_committed(
    path: Path, other_user: OtherUser
) -> None:
    snippet = """
        import os, signal, sys
        sys.path.insert(0, "tests")
        from conformance.registry_samples import calexp
        from butler.registry.registry import Registry
        registry = Registry.open(sys.argv[1])
        registry.insert([calexp(2, 1)])
        registry.database.held().connection.execute("BEGIN IMMEDIATE")
        registry.database.held().connection.execute("DELETE FROM dataset")
        os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(snippet), str(path)], check=False
    )
    assert killed.returncode == -9
    answer = ask_once(other_user, path)
    assert (answer.stdout, answer.stderr) == ("4\n", "")
    with Registry.open(str(path)) as registry:
        assert count(registry) == 4


_DIE_HALFWAY = """
import os, signal, sys
sys.path.insert(0, "tests")
from conformance.registry_samples import calexp
from butler.registry.registry import Registry
registry = Registry.open(sys.argv[1])
connection = registry.database.held().connection
connection.execute("PRAGMA cache_size=1")  # so that changes reach the file before the commit
registry.insert([calexp(2, ccd) for ccd in range(2000)])
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE dataset SET path = 'half'")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_left_half_done_is_never_read(
    path: Path, other_user: OtherUser, shared: bool
) -> None:
    killed = subprocess.run([sys.executable, "-c", _DIE_HALFWAY, str(path)], check=False)
    assert killed.returncode == -9
    answer = ask_once(other_user, path)
    if shared:  # the rollback journal must be played back, which needs the right to write
        assert "Its owner mends that by opening it: butler info" in answer.stderr
    else:
        assert answer.stdout == "2003\n"
    with Registry.open(str(path), read_only=True) as reader:
        assert count(reader) == 2003
        assert not [
            row for row in reader.query(RegistryQuery("calexp", CALEXP)) if row.path == "half"
        ]
    assert ask_once(other_user, path).stdout == "2003\n"


def ask_once(other_user: OtherUser, path: Path) -> subprocess.CompletedProcess[str]:
    snippet = _READ_ON_DEMAND.replace("sys.stdin", "'x'")
    return other_user.run(snippet, path, cannot_write=path.parent)


def test_another_user_sees_every_commit_through_one_open_registry(
    path: Path, other_user: OtherUser
) -> None:
    """The reader follows a script of steps; a pipe in each direction keeps them in turn."""
    steps = path.parent.parent / "steps"
    answers = path.parent.parent / "answers"
    for pipe in (steps, answers):
        os.mkfifo(pipe)
        pipe.chmod(0o666)
    snippet = _READ_ON_DEMAND.replace("sys.stdin", "open(sys.argv[2])").replace(
        "import sys\n", "import sys\nsys.stdout = open(sys.argv[3], 'w')\n"
    )
    child = os.fork()
    if child == 0:
        result = 1
        try:
            done = other_user.run(snippet, path, steps, answers, cannot_write=path.parent)
            sys.stderr.write(done.stderr)
            result = done.returncode
        finally:
            os._exit(result)
    seen, expected, committed = [], [], 3
    with answers.open() as answered, steps.open("w") as asking:

        def ask() -> None:
            asking.write("x\n")
            asking.flush()
            seen.append(int(answered.readline()))
            expected.append(committed)

        ask()
        for visit in range(10, 16):
            with Registry.open(str(path)) as registry:
                for ccd in range(3):
                    registry.insert([calexp(visit, ccd)])
                    committed += 1
                    ask()
            ask()
    assert os.waitpid(child, 0)[1] == 0
    assert seen == expected


def test_a_registry_in_a_folder_that_may_not_be_written_opens_for_reading(
    path: Path, other_user: OtherUser
) -> None:
    snippet = """
import sys
from butler.errors import ReadOnlyError
from butler.registry.registry import Registry
registry = Registry.open(sys.argv[1])
try:
    registry.open_intent("put", ["x"])
except ReadOnlyError as error:
    print(error)
"""
    answer = other_user.run(snippet, path, cannot_write=path.parent)
    assert "reading only" in answer.stdout, answer.stderr


def test_a_foreign_registry_is_read_without_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite3"
    for journal in ("DELETE", "WAL"):
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA journal_mode={journal}")
        connection.execute("CREATE TABLE raw (visit INT, filter TEXT)")
        connection.execute("INSERT INTO raw VALUES (1, 'HSC-R')")
        connection.commit()
        connection.close()
        tmp_path.chmod(0o700)
        before = (path.stat().st_mtime_ns, tmp_path.stat().st_mtime_ns, names_beside(path))
        database = SqliteReader(str(path))
        sql = CompiledSql("SELECT filter FROM raw WHERE visit = :visit")
        assert database.fetch_all(sql, {"visit": 1}) == [("HSC-R",)]
        database.close()
        after = (path.stat().st_mtime_ns, tmp_path.stat().st_mtime_ns, names_beside(path))
        assert after == before


def test_a_foreign_registry_that_grows_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite3"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE raw (visit INT)")
    database = SqliteReader(str(path))
    sql = CompiledSql("SELECT count(*) FROM raw")
    for visit in range(200):
        connection.execute("INSERT INTO raw VALUES (?)", (visit,))
        assert database.fetch_one(sql) == (visit + 1,)
    connection.close()
    database.close()


def test_a_missing_foreign_registry_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="cannot be reached"):
        SqliteReader(str(tmp_path / "registry.sqlite3")).fetch_all(CompiledSql("SELECT 1"))


def test_a_query_of_a_reader_is_that_of_a_writer(path: Path, writer: Registry) -> None:
    with Registry.open(str(path), read_only=True) as reader:
        assert query(reader) == query(writer)
        assert len(query(reader)) == 3
