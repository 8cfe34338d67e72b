"""What tasks put is written by one process and published by another."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from typing import TYPE_CHECKING

import pytest
from support.repositories import files_below

from butler.butler import Butler
from butler.errors import DatasetExistsError, DatasetNotFoundError, RepositoryError
from butler.registry.rows import InputRow, Provenance
from butler.repository.native import NativeRepository
from butler.storage.local_store import LocalStore
from butler.storage.recovery import iter_temporaries
from butler.storage.writer_mark import Publisher, WriterMark
from butler.task_butler import TaskButler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from butler.storage.commit import PendingDataset

IDS = {"visit": 903334, "ccd": 16}


@pytest.fixture
def output(data: Path) -> Path:
    return data / "rerun" / "one"


@pytest.fixture
def tasks(data: Path, output: Path) -> Iterator[TaskButler]:
    with TaskButler(inputs=data, outputs=output) as opened:
        yield opened


def collect(
    butler: TaskButler, ccd: int = 16, publisher: Publisher | None = None
) -> list[PendingDataset]:
    with butler.collecting(publisher) as collected:
        butler.put({"ccd": ccd}, "summary", visit=903334, ccd=ccd)
        butler.put({"ccd": [ccd]}, "notes", visit=903334, ccd=ccd)
    return collected.datasets


def test_what_is_collected_is_seen_by_its_writer_alone(
    tasks: TaskButler, data: Path, output: Path
) -> None:
    with tasks.collecting():
        tasks.put({"n": 1}, "summary", IDS)
        assert tasks.get("summary", IDS) == {"n": 1}
        with Butler(inputs=data, outputs=output) as other:
            assert not other.dataset_exists("summary", IDS)
    with pytest.raises(DatasetNotFoundError):
        tasks.get("summary", IDS)


def test_what_is_collected_can_be_published_after_a_pickle(tasks: TaskButler, output: Path) -> None:
    datasets = pickle.loads(pickle.dumps(collect(tasks)))
    assert tasks.publish([datasets]) == [None]
    assert Butler(output).get("notes", IDS) == {"ccd": [16]}
    assert not [name for name in files_below(output) if ".tmp-" in name]


def test_exception_discards_what_was_written(tasks: TaskButler, output: Path) -> None:
    def put_and_fail() -> None:
        with tasks.collecting():
            tasks.put({"n": 1}, "summary", IDS)
            raise KeyError

    with pytest.raises(KeyError):
        put_and_fail()
    assert files_below(output) == []


def test_group_that_conflicts_stops_no_other(tasks: TaskButler, output: Path) -> None:
    with Butler(output) as other:
        other.put({"other": 1}, "summary", IDS)
    errors = tasks.publish([collect(tasks, 16), collect(tasks, 17)])
    assert [type(one) for one in errors] == [DatasetExistsError, type(None)]
    with Butler(output) as opened:
        assert opened.get("summary", IDS) == {"other": 1}
        assert not opened.dataset_exists("notes", IDS, write=True)
        assert opened.get("notes", visit=903334, ccd=17) == {"ccd": [17]}
    assert not [name for name in files_below(output) if ".tmp-" in name]


def test_same_content_published_twice_is_no_error(tasks: TaskButler) -> None:
    assert tasks.publish([collect(tasks)]) == [None]
    assert tasks.publish([collect(tasks)]) == [None]


def test_what_was_read_is_remembered_by_value(tasks: TaskButler, data: Path) -> None:
    with Butler(data) as opened:
        opened.put({"n": 1}, "summary", IDS)
        uuid = opened.repositories[0].uuid
    with tasks.collecting() as collected:
        tasks.get("summary", IDS)
        tasks.get("summary", IDS)
        tasks.put({"n": 2}, "notes", IDS)
        tasks.get("notes", IDS)
    (row,) = collected.inputs
    with Butler(data) as opened:
        stored = opened.query("summary").first()
    assert stored is not None
    canonical = stored.data_id.canonical(("ccd", "visit"))
    assert row == InputRow(str(uuid), "summary", canonical, stored.stored.sha256)
    assert row.sha256 is not None


def test_temporaries_bear_the_mark_of_their_publisher(tasks: TaskButler) -> None:
    publisher = Publisher(WriterMark("elsewhere", 17), "abcdef")
    datasets = collect(tasks, publisher=publisher)
    names = [os.path.basename(one.file.temporary) for one in datasets]
    assert all(name.startswith(".tmp-elsewhere-17-abcdef") for name in names)
    tasks.publish([datasets])


def test_temporaries_of_a_token_are_found_and_no_others(tasks: TaskButler, output: Path) -> None:
    gone = collect(tasks, 16, Publisher(WriterMark.mine(), "aaaaaa"))
    kept = collect(tasks, 17, Publisher(WriterMark.mine(), "bbbbbb"))
    store = LocalStore(str(output))
    targets = [one.file.target for one in gone]
    assert list(iter_temporaries(store, targets)) == []
    found = [store.uri(path) for path in iter_temporaries(store, targets, ["aaaaaa"])]
    assert sorted(found) == sorted(one.file.temporary for one in gone)
    for one in gone:
        store.discard(one.file)
    assert tasks.publish([kept]) == [None]


def write_and_die(data: str, output: str) -> None:
    with TaskButler(inputs=data, outputs=output) as butler, butler.collecting():
        butler.put({"n": 1}, "summary", IDS)
        os._exit(9)


def test_temporaries_of_a_dead_process_are_found(data: Path, output: Path) -> None:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=write_and_die, args=(str(data), str(output)))
    process.start()
    process.join()
    assert process.exitcode == 9
    store = LocalStore(str(output))
    (left,) = iter_temporaries(store, ["summary/0.json"])
    assert files_below(output) == [left]


def test_collecting_inside_a_transaction_is_refused(tasks: TaskButler) -> None:
    with (
        tasks.transaction(),
        pytest.raises(RepositoryError, match="no transaction"),
        tasks.collecting(),
    ):
        pass


def test_registry_says_by_which_recipe_each_was_made(tasks: TaskButler, output: Path) -> None:
    made, unknown = collect(tasks, 16), collect(tasks, 17)
    for one in made:
        one.provenance = Provenance("isr", "config.x=1", "numpy: 2")
    tasks.publish([made, unknown])
    with Butler(output) as opened:
        repository = opened.repositories[0]
        assert isinstance(repository, NativeRepository)
        makers = repository.registry.makers("summary")
        numbers = {made[0].canonical: makers[made[0].canonical], unknown[0].canonical: None}
        assert makers == numbers
        number = makers[made[0].canonical]
        assert number is not None
        assert repository.registry.recipe(number) == Provenance("isr", "config.x=1", "numpy: 2")
        assert repository.registry.recipe(number + 1) is None
