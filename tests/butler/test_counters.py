"""How little is asked of long chains of large repositories: counted, not timed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from support.repositories import make_repository, observation

from butler.butler import Butler
from butler.errors import DatasetNotFoundError
from butler.registry.rows import NewDataset
from butler.repository.config import read_config, replace_config
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

REPOSITORIES = 20
ROWS = 50_000
VISITS = ROWS // 100


def _fill(root: Path) -> None:
    """Register summaries of 100 ccds of 500 visits, without files: nothing here opens one."""
    observed = [observation(visit, 1) for visit in range(1, 3)]
    with make_repository(root, observations=observed) as butler:
        butler.put(0, "summary", visit=VISITS + 1, ccd=0)
        repository = butler.repositories[0]
        assert isinstance(repository, NativeRepository)
        rows = [
            NewDataset(
                "summary",
                f"{ccd},{visit}",
                {"visit": visit, "ccd": ccd},
                f"summary/{visit:07d}-{ccd:03d}.json",
                size=1,
            )
            for visit in range(VISITS)
            for ccd in range(100)
        ]
        repository.registry.insert(rows)


@pytest.fixture(scope="module")
def long_chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Butler]:
    """Twenty repositories of fifty thousand rows, each the parent of the one before."""
    folder = tmp_path_factory.mktemp("chain")
    _fill(folder / "0")
    for number in range(1, REPOSITORIES):
        shutil.copytree(folder / "0", folder / str(number))
    for number in range(REPOSITORIES):
        root, uuid = folder / str(number), str(uuid4())
        parents = (str(folder / str(number + 1)),) if number + 1 < REPOSITORIES else ()
        replace_config(str(root), replace(read_config(str(root)), uuid=uuid, parents=parents))
        with closing(sqlite3.connect(root / "registry.sqlite3")) as registry, registry:
            registry.execute("UPDATE registry_info SET value = ? WHERE name = 'uuid'", (uuid,))
    with Butler(folder / "0") as butler:
        assert len(butler.repositories) == REPOSITORIES
        assert butler.query("summary", visit=1, ccd=1, all=True).count() == REPOSITORIES
        yield butler
    shutil.rmtree(folder)


def counted(butler: Butler, ask: Callable[[], object]) -> list[tuple[int, int]]:
    """Statements and rows that a question costs in each repository, once it is warm."""
    databases = [
        place.registry.database
        for place in butler.repositories
        if isinstance(place, NativeRepository)
    ]
    ask()
    before = [(one.statement_count, one.row_count) for one in databases]
    ask()
    after = [(one.statement_count, one.row_count) for one in databases]
    return [
        (later[0] - sooner[0], later[1] - sooner[1])
        for sooner, later in zip(before, after, strict=True)
    ]


def test_a_dataset_of_the_nearest_repository_costs_nothing_in_the_others(
    long_chain: Butler,
) -> None:
    costs = counted(long_chain, lambda: long_chain.get_uri("summary", visit=7, ccd=7))
    assert all(count <= 2 for count in costs[0])  # where it is, and what it is
    assert costs[1:] == [(0, 0)] * (REPOSITORIES - 1)


def test_looking_through_the_whole_chain_costs_one_statement_and_no_row_each(
    long_chain: Butler,
) -> None:
    def ask() -> None:
        with pytest.raises(DatasetNotFoundError):
            long_chain.remove("settings")

    assert not long_chain.dataset_exists("summary", visit=VISITS + 7, ccd=7)
    costs = counted(
        long_chain, lambda: long_chain.dataset_exists("summary", visit=VISITS + 7, ccd=7)
    )
    assert costs == [(1, 0)] * REPOSITORIES
    assert all(rows == 0 for _, rows in counted(long_chain, ask))


def test_completing_a_data_id_costs_at_most_a_row_in_each(long_chain: Butler) -> None:
    costs = counted(long_chain, lambda: long_chain.data_ref("notes", visit=1, ccd=1))
    assert all(rows <= 1 for _, rows in costs)
    assert sum(rows for _, rows in costs) == 1


def test_a_query_with_a_limit_fetches_no_more_than_it_from_each(long_chain: Butler) -> None:
    for arguments in (
        {"limit": 10},
        {"limit": 10, "order_by": "-visit"},
        {"limit": 10, "where": "ccd > 50"},
        {"limit": 10, "all": True},
    ):
        query = long_chain.query("summary", **arguments)  # type: ignore[arg-type]
        costs = counted(long_chain, lambda query=query: list(query))  # type: ignore[misc]
        assert all(statements == 1 and rows <= 10 for statements, rows in costs), arguments
        assert len(list(query)) == 10


def test_one_visit_costs_its_rows_alone(long_chain: Butler) -> None:
    query = long_chain.query("summary", visit=17)
    costs = counted(long_chain, lambda: list(query))
    assert costs == [(1, 100)] * REPOSITORIES
    assert query.count() == 100
