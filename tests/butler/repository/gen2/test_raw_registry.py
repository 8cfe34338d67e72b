from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from butler.errors import RegistryError, UnknownKeyError
from butler.repository.gen2.raw_registry import RawRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def hsc_registry(hsc_root: Path) -> Iterator[RawRegistry]:
    registry = RawRegistry(str(hsc_root / "registry.sqlite3"))
    yield registry
    registry.close()


def test_rows_are_distinct_filtered_sorted_and_limited(hsc_registry: RawRegistry) -> None:
    assert hsc_registry.select(["visit"], order_by=["visit"]) == [(903334,), (903986,)]
    assert hsc_registry.select(["ccd"], {"visit": 903334, "filter": "HSC-R"}, order_by=["ccd"]) == [
        (16,),
        (23,),
    ]
    assert hsc_registry.select(["visit", "ccd"], limit=1, order_by=["visit", "ccd"]) == [
        (903334, 16)
    ]
    assert hsc_registry.select(["visit"], {"visit": 1}) == []
    assert hsc_registry.count() == 4


def test_unknown_column_gets_a_suggestion(hsc_registry: RawRegistry) -> None:
    with pytest.raises(UnknownKeyError, match="Did you mean 'visit'"):
        hsc_registry.select(["vist"])
    with pytest.raises(UnknownKeyError, match="'snap' is not a data-ID key of the Gen2 registry"):
        hsc_registry.select(["visit"], {"snap": 0})


def test_name_of_a_column_is_never_taken_as_sql(hsc_registry: RawRegistry) -> None:
    with pytest.raises(UnknownKeyError):
        hsc_registry.select(["visit FROM raw; DROP TABLE raw; --"])
    assert hsc_registry.count() == 4


def test_row_number_is_no_column(hsc_registry: RawRegistry) -> None:
    assert "id" not in hsc_registry.columns
    assert hsc_registry.columns[:3] == ("taiObs", "expId", "pointing")


def test_trailing_blanks_stay(
    shared_data: Path, tmp_path: Path, untouched: Callable[[Path], Path]
) -> None:
    shutil.copyfile(shared_data / "sdss_demo/input/registry.sqlite3", tmp_path / "r.sqlite3")
    registry = RawRegistry(str(untouched(tmp_path) / "r.sqlite3"))
    assert registry.select(["strip"], {"run": 4192}) == [("82S       ",)]
    registry.close()


def test_visits_alone_are_read_where_there_is_nothing_else(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "r.sqlite3")
    connection.execute("CREATE TABLE raw_visit (visit int, filter text)")
    connection.execute("INSERT INTO raw_visit VALUES (1, 'g')")
    connection.commit()
    connection.close()
    registry = RawRegistry(str(tmp_path / "r.sqlite3"))
    assert registry.select(["filter"], {"visit": 1}) == [("g",)]
    registry.close()


def test_other_databases_are_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "r.sqlite3")
    connection.execute("CREATE TABLE dataset (id int)")
    connection.commit()
    connection.close()
    registry = RawRegistry(str(tmp_path / "r.sqlite3"))
    with pytest.raises(RegistryError, match=r"its butler\.yaml has been lost"):
        registry.select(["visit"])
    registry.close()
