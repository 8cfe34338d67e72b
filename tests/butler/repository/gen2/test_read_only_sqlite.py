from __future__ import annotations

import os
import pickle
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from butler.errors import RegistryError
from butler.repository.gen2.read_only_sqlite import ReadOnlySqlite, quoted_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ALL = "SELECT x FROM t ORDER BY x"


def write(path: Path, *values: int, journal_mode: str = "delete") -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode={journal_mode}")
    connection.execute("CREATE TABLE IF NOT EXISTS t (x integer)")
    connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
    connection.close()


@pytest.fixture
def opened() -> Iterator[Callable[[Path], ReadOnlySqlite]]:
    readers: list[ReadOnlySqlite] = []

    def open_it(path: Path) -> ReadOnlySqlite:
        readers.append(ReadOnlySqlite(str(path)))
        return readers[-1]

    yield open_it
    for reader in readers:
        reader.close()


@pytest.fixture
def unfinished_wal(tmp_path: Path) -> Path:
    """A database in WAL mode whose last row is in ``-wal`` alone, as after a crash."""
    write(tmp_path / "live.sqlite3", 1, journal_mode="wal")
    folder = tmp_path / "copy"
    folder.mkdir()
    connection = sqlite3.connect(tmp_path / "live.sqlite3", isolation_level=None)
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("INSERT INTO t VALUES (2)")
    for suffix in ("", "-wal"):
        content = (tmp_path / f"live.sqlite3{suffix}").read_bytes()
        (folder / f"live.sqlite3{suffix}").write_bytes(content)
    connection.close()
    return folder


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_reading_leaves_no_trace(
    tmp_path: Path,
    opened: Callable[[Path], ReadOnlySqlite],
    untouched: Callable[[Path], Path],
    journal_mode: str,
) -> None:
    write(tmp_path / "r.sqlite3", 1, 2, journal_mode=journal_mode)
    reader = opened(untouched(tmp_path) / "r.sqlite3")
    assert reader.fetch_all(ALL) == [(1,), (2,)]
    assert reader.columns("t") == ("x",)


def test_rows_that_only_the_wal_holds_are_read_and_it_stays_as_it_is(
    unfinished_wal: Path,
    opened: Callable[[Path], ReadOnlySqlite],
    untouched: Callable[[Path], Path],
) -> None:
    reader = opened(untouched(unfinished_wal) / "live.sqlite3")
    assert reader.fetch_all(ALL) == [(1,), (2,)]


def test_transaction_that_crashed_is_rolled_back_in_a_copy(
    tmp_path: Path,
    opened: Callable[[Path], ReadOnlySqlite],
    untouched: Callable[[Path], Path],
) -> None:
    source, crashed = tmp_path / "source.sqlite3", tmp_path / "crashed"
    crashed.mkdir()
    write(source, *range(2000))
    writer = sqlite3.connect(source, isolation_level=None)
    writer.execute("PRAGMA cache_size=1")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE t SET x = -x")
    for suffix in ("", "-journal"):
        (crashed / f"r.sqlite3{suffix}").write_bytes(
            (tmp_path / f"source.sqlite3{suffix}").read_bytes()
        )
    writer.rollback()
    writer.close()
    reader = opened(untouched(crashed) / "r.sqlite3")
    assert reader.fetch_all("SELECT count(*), min(x) FROM t") == [(2000, 0)]


def test_copy_is_removed_at_close(unfinished_wal: Path) -> None:
    reader = ReadOnlySqlite(str(unfinished_wal / "live.sqlite3"))
    reader.fetch_all(ALL)
    ((_, where, place),) = reader.fetch_all("SELECT * FROM pragma_database_list")
    assert (where, os.path.exists(str(place))) == ("main", True)
    assert not str(place).startswith(str(unfinished_wal))
    reader.close()
    assert not os.path.exists(str(place))


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_rows_that_another_process_adds_are_seen(
    tmp_path: Path, opened: Callable[[Path], ReadOnlySqlite], journal_mode: str
) -> None:
    write(tmp_path / "r.sqlite3", 1, journal_mode=journal_mode)
    reader = opened(tmp_path / "r.sqlite3")
    assert reader.fetch_all(ALL) == [(1,)]
    write(tmp_path / "r.sqlite3", 2, journal_mode=journal_mode)
    assert reader.fetch_all(ALL) == [(1,), (2,)]


def test_file_that_was_replaced_is_read_anew(
    tmp_path: Path, opened: Callable[[Path], ReadOnlySqlite]
) -> None:
    write(tmp_path / "r.sqlite3", 1)
    write(tmp_path / "other.sqlite3", 7)
    reader = opened(tmp_path / "r.sqlite3")
    assert reader.fetch_all(ALL) == [(1,)]
    (tmp_path / "other.sqlite3").replace(tmp_path / "r.sqlite3")
    assert reader.fetch_all(ALL) == [(7,)]


def test_many_threads_read_at_once(
    tmp_path: Path, opened: Callable[[Path], ReadOnlySqlite]
) -> None:
    write(tmp_path / "r.sqlite3", *range(100))
    reader = opened(tmp_path / "r.sqlite3")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: reader.fetch_all("SELECT sum(x) FROM t"), range(200)))
    assert answers == [[(4950,)]] * 200


def test_connections_of_threads_that_ended_are_closed(
    tmp_path: Path, opened: Callable[[Path], ReadOnlySqlite]
) -> None:
    write(tmp_path / "r.sqlite3", 1)
    reader = opened(tmp_path / "r.sqlite3")
    for _ in range(20):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(reader.fetch_all, ALL).result()
    assert len(reader._opened) <= 2


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_child_process_opens_its_own_connection(
    tmp_path: Path, opened: Callable[[Path], ReadOnlySqlite]
) -> None:
    write(tmp_path / "r.sqlite3", 1)
    reader = opened(tmp_path / "r.sqlite3")
    reader.fetch_all(ALL)
    before = [one.connection for one in reader._opened.values()]
    child = os.fork()
    if child == 0:
        rows = reader.fetch_all(ALL)
        now = [one.connection for one in reader._opened.values()]
        os._exit(0 if rows == [(1,)] and now and now[0] is not before[0] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert reader.fetch_all(ALL) == [(1,)]


def test_reader_can_be_sent_to_another_process(
    tmp_path: Path, opened: Callable[[Path], ReadOnlySqlite]
) -> None:
    write(tmp_path / "r.sqlite3", 1)
    reader = opened(tmp_path / "r.sqlite3")
    reader.fetch_all(ALL)
    other = pickle.loads(pickle.dumps(reader))
    assert other.fetch_all(ALL) == [(1,)]
    other.close()


def test_reader_can_be_used_again_after_close(
    tmp_path: Path, opened: Callable[[Path], ReadOnlySqlite]
) -> None:
    write(tmp_path / "r.sqlite3", 1)
    reader = opened(tmp_path / "r.sqlite3")
    reader.fetch_all(ALL)
    reader.close()
    assert reader.fetch_all(ALL) == [(1,)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "pointer of git-lfs"),
        (b"just some text", "is no SQLite database"),
        (b"SQLite format 3\0" + b"\xff" * 2000, "cannot be read as a registry"),
        (b"", "no such table"),
    ],
)
def test_what_is_no_registry_is_named(
    tmp_path: Path, opened: Callable[[Path], ReadOnlySqlite], content: bytes | None, said: str
) -> None:
    path = tmp_path / "r.sqlite3"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RegistryError, match=said) as caught:
        opened(path).fetch_all(ALL)
    assert str(path) in str(caught.value)


def test_odd_characters_in_a_path_are_no_part_of_the_uri(
    tmp_path: Path, opened: Callable[[Path], ReadOnlySqlite]
) -> None:
    folder = tmp_path / "a b?mode=rwc#c%41"
    folder.mkdir()
    write(folder / "r.sqlite3", 1)
    assert opened(folder / "r.sqlite3").fetch_all(ALL) == [(1,)]


def test_quoted_names_cannot_end_their_quotes() -> None:
    assert quoted_name('a"b') == '"a""b"'
