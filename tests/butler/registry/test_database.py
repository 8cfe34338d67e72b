"""The databases below the registry: connections, transactions, errors, processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from conformance.registry_samples import CALEXP, add_types, calexp, create, observation
from sqlalchemy import bindparam, select

from butler.data_id import DataId
from butler.errors import RegistryError
from butler.registry.database import CompiledSql, ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from butler.registry.registry import Registry

WRITERS = 8
TRANSACTIONS = 200


def postgres_place(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    on_sqlite = request.param == "sqlite"
    place = str(tmp_path / "registry.sqlite3") if on_sqlite else postgres_place(request)
    lock_path = str(tmp_path / "lock") if on_sqlite else None
    with create(place, lock_path=lock_path) as made:
        add_types(made)
        yield made


@pytest.fixture
def sqlite_registry(tmp_path: Path) -> Iterator[Registry]:
    with create(str(tmp_path / "registry.sqlite3")) as made:
        add_types(made)
        yield made


def count(registry: Registry) -> int:
    return registry.count("calexp", CALEXP)


def in_child(work: Callable[[], None]) -> int:
    """Run something in a forked child and return the child's number."""
    child = os.fork()
    if child == 0:
        result = 1
        try:
            work()
            result = 0
        except BaseException:  # noqa: BLE001 - whatever it is, the child must end here
            traceback.print_exc()
        finally:
            os._exit(result)
    return child


def succeeded(child: int) -> bool:
    return os.waitpid(child, 0)[1] == 0


# how much happens


def test_a_look_up_among_many_fetches_one_row(registry: Registry) -> None:
    registry.insert([calexp(1 + n // 112, n % 112) for n in range(50_000)])
    database = registry.database
    full = DataId(visit=400, ccd=5, filter="HSC-R", pointing=671)
    for data_id in (full, DataId(visit=400, ccd=5), DataId(visit=10**6, ccd=5)):
        registry.find("calexp", CALEXP, data_id)
        before = (database.statement_count, database.row_count)
        found = registry.find("calexp", CALEXP, data_id)
        assert database.statement_count - before[0] == 1
        assert database.row_count - before[1] == len(found) <= 1


@pytest.mark.parametrize(
    "given", [{"visit": 400, "ccd": 5}, {"visit": 400}, {"data_id": "5,HSC-R,671,400"}]
)
def test_look_ups_on_sqlite_use_an_index(
    sqlite_registry: Registry, given: dict[str, object]
) -> None:
    table = sqlite_registry.tables.dataset
    clause = sqlite_registry._type_clause()
    statement = select(table.c.path).where(
        table.c.type_id == clause, *(table.c[name] == bindparam(name) for name in given)
    )
    sql = sqlite_registry.database.compile(("test", *given), lambda: statement)
    plan = sqlite_registry.database.fetch_all(
        CompiledSql(f"EXPLAIN QUERY PLAN {sql.text}"),
        {**given, "type": "calexp"},  # type: ignore[dict-item]
    )
    text = "\n".join(str(row[-1]) for row in plan)
    assert "SCAN" not in text
    assert all(f"{name}=?" in text for name in given)


def test_a_put_is_one_transaction_of_few_statements(registry: Registry) -> None:
    registry.insert([calexp(1, 1)], [observation(1, 1)])
    before = registry.database.statement_count
    registry.insert([calexp(1, 2)], [observation(1, 2)])
    assert registry.database.statement_count - before == 3  # observation, dataset, trash


def test_a_statement_is_compiled_once(registry: Registry) -> None:
    def build() -> object:
        built.append(1)
        return select(registry.tables.dataset.c.id)

    built: list[int] = []
    first = registry.database.compile("mine", build)  # type: ignore[arg-type]
    assert registry.database.compile("mine", build) is first  # type: ignore[arg-type]
    assert built == [1]


def test_a_dataset_takes_250_bytes_at_most(sqlite_registry: Registry) -> None:
    rows = [
        calexp(900_000 + 2 * (n // 112), n % 112)._replace(
            size=17_000_000 + n, mtime_ns=1_600_000_000_123_456_789 + n, sha256=os.urandom(32)
        )
        for n in range(20_000)
    ]
    path = sqlite_registry.database.url
    sqlite_registry.close()
    before = os.path.getsize(path)
    for start in range(0, len(rows), 1000):
        sqlite_registry.insert(rows[start : start + 1000])
    sqlite_registry.close()
    assert (os.path.getsize(path) - before) / len(rows) <= 250


# transactions


def test_an_exception_undoes_a_transaction(registry: Registry) -> None:
    def fail() -> None:
        with registry.write() as cursor:
            cursor.execute(CompiledSql("INSERT INTO trash (path, removed) VALUES ('a', 'b')"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert registry.trash() == []
    registry.insert([calexp(1, 1)], trash=["a"])
    assert len(registry.trash()) == 1


def test_a_transaction_sees_itself_and_others_do_not(registry: Registry) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        with registry.write() as cursor:
            cursor.execute(CompiledSql("INSERT INTO trash (path, removed) VALUES ('a', 'b')"))
            assert len(registry.trash()) == 1
            assert elsewhere.submit(registry.trash).result() == []
        assert len(elsewhere.submit(registry.trash).result()) == 1


def test_what_was_read_in_a_transaction_stays_true_until_its_end(registry: Registry) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        with registry.write():
            assert count(registry) == 0
            waiting = elsewhere.submit(registry.insert, [calexp(1, 1)])
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.2)
            assert count(registry) == 0
        assert waiting.result() == []
    assert count(registry) == 1


def test_a_transaction_within_another_is_refused(registry: Registry) -> None:
    with (
        registry.write(),
        pytest.raises(RegistryError, match="open in this thread already"),
        registry.write(),
    ):
        pass
    registry.insert([calexp(1, 1)])
    assert count(registry) == 1


def test_a_row_that_is_there_is_a_conflict(registry: Registry) -> None:
    sql = CompiledSql("INSERT INTO registry_info (name, value) VALUES ('uuid', 'x')")
    with pytest.raises(ConflictError), registry.write() as cursor:
        cursor.execute(sql)
    assert registry.uuid != "x"


def test_a_closed_registry_opens_again_when_needed(registry: Registry) -> None:
    registry.insert([calexp(1, 1)])
    registry.close()
    assert count(registry) == 1
    registry.close()
    registry.insert([calexp(1, 2)])
    assert count(registry) == 2


# threads and processes


def test_threads_have_connections_of_their_own(registry: Registry) -> None:
    gate = threading.Barrier(4)

    def work(number: int) -> int:
        gate.wait()
        for ccd in range(20):
            registry.insert([calexp(number, ccd)])
        return id(registry.database.held())

    with ThreadPoolExecutor(4) as pool:
        held = list(pool.map(work, range(4)))
    assert len(set(held)) == 4
    assert count(registry) == 80


def test_the_connection_of_a_finished_thread_is_closed(registry: Registry) -> None:
    thread = threading.Thread(target=lambda: count(registry))
    count(registry)
    thread.start()
    thread.join()
    assert len(registry.database._held) == 1


def test_a_forked_child_uses_a_connection_of_its_own(registry: Registry) -> None:
    registry.insert([calexp(1, 1)])
    parents = registry.database.held()

    def work() -> None:
        assert registry.database.held() is not parents
        registry.insert([calexp(2, 1)])
        assert count(registry) == 2
        registry.close()

    assert succeeded(in_child(work))
    assert registry.database.held() is parents
    registry.insert([calexp(3, 1)])
    assert count(registry) == 3


def test_a_child_forked_within_a_transaction_leaves_it_alone(registry: Registry) -> None:
    def work() -> None:
        assert registry.trash() == []

    with registry.write() as cursor:
        cursor.execute(CompiledSql("INSERT INTO trash (path, removed) VALUES ('a', 'b')"))
        assert succeeded(in_child(work))
    assert len(registry.trash()) == 1


def test_a_child_that_ends_does_not_end_its_parents_connection(registry: Registry) -> None:
    """A child that ends like any Python process, so that it clears away its objects."""
    count(registry)
    process = multiprocessing.get_context("fork").Process(target=count, args=(registry,))
    process.start()
    process.join()
    assert process.exitcode == 0
    assert count(registry) == 0
    registry.insert([calexp(1, 1)])


def test_many_processes_write_and_no_transaction_is_lost(registry: Registry) -> None:
    count(registry)

    def work(number: int) -> None:
        for ccd in range(TRANSACTIONS):
            registry.insert([calexp(number, ccd)])

    children = [in_child(lambda number=number: work(number)) for number in range(WRITERS)]
    assert [succeeded(child) for child in children] == [True] * WRITERS
    assert count(registry) == WRITERS * TRANSACTIONS


def test_many_processes_write_the_same_and_each_dataset_has_one_winner(
    registry: Registry,
) -> None:
    def work(number: int) -> None:
        run = registry.start_run(user=str(number), host="h", version="1")
        for ccd in range(30):
            try:
                registry.insert([calexp(1, ccd)._replace(path=f"{number}/{ccd}")], run_id=run)
            except FileExistsError:
                continue

    children = [in_child(lambda number=number: work(number)) for number in range(4)]
    assert [succeeded(child) for child in children] == [True] * 4
    assert count(registry) == 30


def test_keys_that_grow_at_once_are_all_there(registry: Registry) -> None:
    def work(number: int) -> None:
        for step in range(5):
            registry.ensure_keys({f"key{step}": "int", f"of{number}": "str"})

    children = [in_child(lambda number=number: work(number)) for number in range(4)]
    assert [succeeded(child) for child in children] == [True] * 4
    registry.refresh()
    new = sorted(set(registry.keys) - {"visit"})
    assert {f"key{step}" for step in range(5)} | {f"of{n}" for n in range(4)} <= set(new)
    registry.insert([calexp(1, 1)._replace(data_id=DataId(visit=1, key4=4, of3="x"))])


def test_a_killed_writer_leaves_what_it_committed(registry: Registry) -> None:
    reading, writing = os.pipe()

    def work() -> None:
        with registry.write() as cursor:
            cursor.execute(CompiledSql("DELETE FROM dataset"))
            os.write(writing, b"x")
            signal.pause()

    registry.insert([calexp(1, 1)])
    child = in_child(work)
    os.read(reading, 1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert count(registry) == 1
    registry.insert([calexp(1, 2)])
    assert count(registry) == 2
