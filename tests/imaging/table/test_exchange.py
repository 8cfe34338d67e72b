"""Catalogs as tables of astropy, pandas and Arrow, and back."""

from __future__ import annotations

import os
import resource
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from astropy import units
from astropy.table import MaskedColumn, QTable, Table
from pyarrow import parquet

from imaging.errors import (
    ColumnNotFoundError,
    DataFileError,
    FormatVersionError,
    ParameterValueError,
    SchemaError,
)
from imaging.table.catalog import BaseCatalog
from imaging.table.schemas.fields import Field
from imaging.table.schemas.schema import Schema

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def catalog() -> BaseCatalog:
    schema = Schema(
        [
            Field("id", "L", "unique ID"),
            Field("flux", "D", "its flux", "nJy"),
            Field("bad", "Flag", "it failed"),
            Field("name", "String", size=5),
            Field("spectrum", "ArrayF", "", "count", 2),
            Field("odd", "D", "", "furlongs"),
        ],
        {"slot_Flux": "flux"},
    )
    catalog = BaseCatalog(schema)
    catalog.resize(3)
    catalog["id"], catalog["flux"] = [1, 2, 3], [1.5, np.nan, 2.5]
    catalog["bad"], catalog["name"] = [True, False, True], ["a", "é", ""]
    catalog["spectrum"] = [[1, 2], [3, 4], [5, 6]]
    catalog.metadata["NIGHT"] = 5
    return catalog


def same_values(first: BaseCatalog, second: BaseCatalog) -> bool:
    return first.schema.names == second.schema.names and all(
        first[name].tobytes() == second[name].tobytes() for name in first.schema.names
    )


def test_astropy_table_has_units_descriptions_and_the_same_memory(catalog: BaseCatalog) -> None:
    table = catalog.to_astropy()
    assert table.colnames == list(catalog.schema.names)
    assert table["flux"].unit == units.nJy
    assert table["flux"].description == "its flux"
    assert table["bad"].dtype == bool
    assert table["bad"].tolist() == [True, False, True]
    assert str(table["odd"].unit) == "furlongs"
    assert table.meta["NIGHT"] == 5
    table["flux"][0] = 9.0
    assert catalog["flux"][0] == 9.0


def test_astropy_table_can_be_a_copy(catalog: BaseCatalog) -> None:
    table = catalog.to_astropy(copy=True)
    table["flux"][0] = 9.0
    assert catalog["flux"][0] == 1.5


def test_scattered_records_become_a_table_too(catalog: BaseCatalog) -> None:
    assert catalog[np.array([2, 0])].to_astropy()["id"].tolist() == [3, 1]


def test_table_of_astropy_comes_back_as_it_was(catalog: BaseCatalog) -> None:
    back = BaseCatalog.from_astropy(catalog.to_astropy())
    assert same_values(catalog, back)
    assert back.schema.find("flux").field == catalog.schema.find("flux").field
    assert back.metadata["NIGHT"] == 5


def test_types_are_inferred_from_columns() -> None:
    table = QTable(
        {
            "angle": [1.0, 2.0] * units.rad,
            "small": np.array([1, 2], np.int8),
            "half": np.array([1, 2], np.float16),
            "text": np.array(["a", "bcd"], object),
            "cube": np.zeros((2, 4), np.int64),
        }
    )
    catalog = BaseCatalog.from_astropy(table)
    assert [(e.field.type, e.field.size) for e in catalog.schema] == [
        ("Angle", None),
        ("I", None),
        ("F", None),
        ("String", 3),
        ("ArrayL", 4),
    ]
    assert catalog["text"].tolist() == ["a", "bcd"]


def test_masked_numbers_become_nan_and_other_masked_values_are_refused() -> None:
    table = Table({"a": MaskedColumn([1.0, 2.0], mask=[True, False])})
    assert np.isnan(BaseCatalog.from_astropy(table)["a"][0])
    table = Table({"a": MaskedColumn([1, 2], mask=[True, False])})
    with pytest.raises(SchemaError, match="filled"):
        BaseCatalog.from_astropy(table)


@pytest.mark.parametrize(
    "values",
    [np.array([1j]), np.array([{}], object), np.zeros((1, 2, 2)), np.array(["2020"], "M8")],
)
def test_columns_that_no_field_holds_are_refused(values: np.ndarray) -> None:
    with pytest.raises(SchemaError, match="'a'"):
        BaseCatalog.from_arrays({"a": values})


def test_arrays_make_a_catalog_and_must_have_one_length() -> None:
    catalog = BaseCatalog.from_arrays({"a": [1, 2], "b": ["x", "y"], "c": [True, False]})
    assert [entry.field.type for entry in catalog.schema] == ["L", "String", "Flag"]
    assert len(BaseCatalog.from_arrays({})) == 0
    with pytest.raises(ParameterValueError, match="one length"):
        BaseCatalog.from_arrays({"a": [1, 2], "b": [1]})
    with pytest.raises(ParameterValueError, match="2\\*\\*63"):
        BaseCatalog.from_arrays({"a": np.array([2**64 - 1], np.uint64)})


def test_given_schema_counts_and_other_fields_have_no_values() -> None:
    schema = Schema([Field("a", "F"), Field("b", "D")])
    catalog = BaseCatalog.from_arrays({"a": [1.5]}, schema)
    assert catalog["a"].dtype == np.float32
    assert np.isnan(catalog["b"][0])


def test_pandas_gets_a_column_for_each_element(catalog: BaseCatalog) -> None:
    table = catalog.to_pandas()
    assert isinstance(table, pd.DataFrame)
    assert list(table.columns) == ["id", "flux", "bad", "name", "spectrum_0", "spectrum_1", "odd"]
    assert table["spectrum_1"].tolist() == [2.0, 4.0, 6.0]
    assert table["bad"].dtype == bool


def test_arrow_table_says_units_and_documentation(catalog: BaseCatalog) -> None:
    table = catalog.to_arrow()
    assert table.schema.field("flux").metadata[b"unit"] == b"nJy"
    assert table["bad"].to_pylist() == [True, False, True]
    assert table["name"].to_pylist() == ["a", "é", ""]
    assert table["spectrum"].to_pylist() == [[1, 2], [3, 4], [5, 6]]


def test_parquet_file_is_read_as_it_was_written(catalog: BaseCatalog, tmp_path: Path) -> None:
    path = str(tmp_path / "a.parq")
    catalog.write_parquet(path)
    back = BaseCatalog.read_parquet(path)
    assert back.schema == catalog.schema
    assert same_values(catalog, back)
    catalog[:0].write_parquet(path)
    assert BaseCatalog.read_parquet(path).schema == catalog.schema


def test_some_columns_of_a_parquet_file_are_read(catalog: BaseCatalog, tmp_path: Path) -> None:
    path = str(tmp_path / "a.parq")
    catalog.write_parquet(path)
    part = BaseCatalog.read_parquet(path, columns=["bad", "slot_Flux"])
    assert part.schema.names == ("bad", "flux")
    assert part["bad"].tolist() == [True, False, True]
    with pytest.raises(ColumnNotFoundError, match="'nothing'"):
        BaseCatalog.read_parquet(path, columns=["nothing"])


def test_parquet_file_of_another_program_is_read(tmp_path: Path) -> None:
    path = str(tmp_path / "a.parq")
    pd.DataFrame({"a": [1, 2], "t": ["x", "yz"], "b": [True, False]}).to_parquet(path)
    catalog = BaseCatalog.read_parquet(path)
    assert catalog["t"].tolist() == ["x", "yz"]
    assert [entry.field.type for entry in catalog.schema] == ["L", "String", "Flag"]


def test_parquet_file_that_is_newer_or_damaged_is_refused(
    catalog: BaseCatalog, tmp_path: Path
) -> None:
    path = tmp_path / "a.parq"
    table = catalog.to_arrow()
    text = table.schema.metadata[b"skybutler.catalog"]
    newer = {b"skybutler.catalog": text.replace(b'"version": 1', b'"version": 2')}
    parquet.write_table(table.replace_schema_metadata(newer), path)
    with pytest.raises(FormatVersionError, match="version 2"):
        BaseCatalog.read_parquet(str(path))
    parquet.write_table(table.replace_schema_metadata({b"skybutler.catalog": b"{"}), path)
    with pytest.raises(DataFileError, match="damaged"):
        BaseCatalog.read_parquet(str(path))
    path.write_bytes(b"PAR1 nonsense")
    with pytest.raises(DataFileError, match=r"a\.parq"):
        BaseCatalog.read_parquet(str(path))


def test_failed_writing_of_parquet_leaves_the_file_that_was_there(
    catalog: BaseCatalog, tmp_path: Path
) -> None:
    path = tmp_path / "a.parq"
    path.write_bytes(b"good")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(DataFileError, match=r"a\.parq: it cannot be written"):
            catalog.write_parquet(str(path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"good"
    assert os.listdir(tmp_path) == ["a.parq"]


def test_parquet_is_neither_read_from_nor_written_to_a_pipe(
    catalog: BaseCatalog, tmp_path: Path
) -> None:
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    with pytest.raises(DataFileError, match="there is a pipe"):
        catalog.write_parquet(path)
    with pytest.raises(DataFileError, match="not a regular file but a pipe"):
        BaseCatalog.read_parquet(path)


def test_parquet_whose_columns_do_not_fit_its_catalog_is_refused(
    catalog: BaseCatalog, tmp_path: Path
) -> None:
    path = str(tmp_path / "a.parq")
    table = catalog.to_arrow()
    parquet.write_table(table.drop_columns(["flux"]), path)
    with pytest.raises(DataFileError, match=r"a\.parq.*not those of the catalog"):
        BaseCatalog.read_parquet(path)
    twice = [table["id"], table["id"]]
    parquet.write_table(pa.Table.from_arrays(twice, names=["a", "a"]), path)
    with pytest.raises(DataFileError, match=r"a\.parq.*several columns 'a'"):
        BaseCatalog.read_parquet(path)


def test_parquet_of_a_kind_that_no_catalog_has_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "a.parq")
    parquet.write_table(pa.table({"a": [{"x": 1}, {"x": 2}]}), path)
    with pytest.raises(DataFileError, match=r"a\.parq: it cannot be read as Parquet"):
        BaseCatalog.read_parquet(path)


def test_arrow_metadata_is_of_this_library(catalog: BaseCatalog) -> None:
    assert isinstance(catalog.to_arrow(), pa.Table)
    assert b"skybutler.catalog" in catalog.to_arrow().schema.metadata
