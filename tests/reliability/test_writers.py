"""Many processes write to one SQLite repository at once."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from support.invariants import broken_promises, dataset_rows

from butler import Butler, create_repository
from butler.errors import ButlerError, DatasetExistsError

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier
    from pathlib import Path

SUMMARY = {"template": "summary/{visit:07d}-{ccd:03d}.json", "storage_class": "Json"}
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "DATA"
    create_repository(root, "hsc", dataset_types={"summary": SUMMARY})
    return root


def put_own(root: Path, number: int, count: int, start: Barrier) -> list[str]:
    """Put datasets that nobody else puts; return what went wrong."""
    errors = []
    with Butler(root) as butler:
        start.wait()
        for ccd in range(count):
            try:
                butler.put({"by": number}, "summary", visit=number, ccd=ccd)
            except ButlerError as error:
                errors.append(str(error))
    return errors


def put_same(root: Path, number: int, count: int, start: Barrier) -> list[int]:
    """Put the datasets that everybody puts; return those that this process won."""
    won = []
    with Butler(root) as butler:
        start.wait()
        for ccd in range(count):
            try:
                butler.put({"by": number}, "summary", visit=1, ccd=ccd)
                won.append(ccd)
            except DatasetExistsError:
                pass
    return won


def in_processes(target: object, root: Path, processes: int, count: int) -> list[list[object]]:
    with SPAWN.Manager() as manager, SPAWN.Pool(processes) as pool:
        start = manager.Barrier(processes)
        arguments = [(root, number, count, start) for number in range(processes)]
        return pool.starmap(target, arguments, chunksize=1)  # type: ignore[arg-type]


def test_eight_writers_lose_nothing_and_never_meet_a_locked_database(repository: Path) -> None:
    errors = in_processes(put_own, repository, processes=8, count=200)
    assert [error for each in errors for error in each] == []
    assert len(dataset_rows(repository)) == 8 * 200
    assert broken_promises(repository) == []


def test_of_four_writers_of_one_dataset_one_wins(repository: Path) -> None:
    won = in_processes(put_same, repository, processes=4, count=50)
    winners = {ccd: number for number, ccds in enumerate(won) for ccd in ccds}
    assert Counter(ccd for ccds in won for ccd in ccds) == dict.fromkeys(range(50), 1)
    with Butler(repository) as butler:
        found = {ccd: butler.get("summary", visit=1, ccd=ccd) for ccd in range(50)}
    assert found == {ccd: {"by": number} for ccd, number in winners.items()}
    assert broken_promises(repository) == []
