"""Tables in Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from imaging.errors import ColumnNotFoundError, ParameterTypeError, ParameterValueError
from imaging.formatters.parquet import ParquetFormatter

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("pyarrow")


@pytest.fixture
def table() -> Table:
    return Table({"id": np.arange(5), "flux": np.linspace(0, 1, 5), "name": list("abcde")})


@pytest.fixture
def path(tmp_path: Path, table: Table) -> str:
    path = str(tmp_path / "table.parq")
    ParquetFormatter().write(table, path)
    return path


def test_a_table_comes_back(path: str, table: Table) -> None:
    loaded = ParquetFormatter().read(path)
    assert isinstance(loaded, Table)
    assert loaded.colnames == table.colnames
    for name in table.colnames:
        assert list(loaded[name]) == list(table[name])


def test_only_the_columns_asked_for_are_read(path: str) -> None:
    loaded = ParquetFormatter().read(path, columns=["flux", "id"])
    assert isinstance(loaded, Table)
    assert set(loaded.colnames) == {"flux", "id"}
    assert len(loaded) == 5


def test_no_column_is_refused(path: str) -> None:
    with pytest.raises(ParameterValueError, match="names no column"):
        ParquetFormatter().read(path, columns=[])


def test_a_misspelt_column_gets_a_suggestion(path: str) -> None:
    with pytest.raises(ColumnNotFoundError, match="Did you mean 'flux'"):
        ParquetFormatter().read(path, columns=["flx"])
    with pytest.raises(ParameterTypeError, match="list of names"):
        ParquetFormatter().read(path, columns="flux")


def test_length_and_schema_are_components(path: str, table: Table) -> None:
    assert ParquetFormatter().read(path, "len") == 5
    schema = ParquetFormatter().read(path, "schema")
    assert isinstance(schema, Table)
    assert len(schema) == 0
    assert schema.colnames == table.colnames
    assert schema["flux"].dtype == table["flux"].dtype


def test_a_table_of_pandas_is_written_too(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    path = str(tmp_path / "frame.parq")
    ParquetFormatter().write(pandas.DataFrame({"a": [1, 2]}), path)
    loaded = ParquetFormatter().read(path)
    assert isinstance(loaded, Table)
    assert list(loaded["a"]) == [1, 2]


def test_missing_values_stay_missing(tmp_path: Path) -> None:
    path = str(tmp_path / "masked.parq")
    masked = Table([MaskedColumn([1, 2], mask=[False, True], name="a")])
    ParquetFormatter().write(masked, path)
    loaded = ParquetFormatter().read(path)
    assert isinstance(loaded, Table)
    assert list(loaded["a"].mask) == [False, True]


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterTypeError, match="A table is wanted, not dict"):
        ParquetFormatter().write({"a": [1]}, str(tmp_path / "x.parq"))
    assert list(tmp_path.iterdir()) == []
