"""Tables in files."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from astropy import units
from astropy.io import fits
from astropy.table import MaskedColumn, QTable, Table
from astropy.time import Time

from imaging.errors import ColumnNotFoundError, FitsFileError, HduNotFoundError, ParameterTypeError
from imaging.fits.table import (
    read_table,
    read_table_length,
    read_table_metadata,
    read_table_schema,
    write_table,
)

if TYPE_CHECKING:
    from pathlib import Path

SRC = "catalogs/src_HSC_i_HSC-I_903986_0_31_HSC_runs_ci_hsc_20210407T021858Z.fits"


@pytest.fixture
def table() -> Table:
    table = Table(meta={"BAND": "i", "EPOCH": 2013.8})
    table["id"] = np.arange(5, dtype=np.int64) << 40
    table["x"] = np.array([1.5, np.nan, 3, 4, 5], np.float32)
    table["flag"] = [True, False, True, False, True]
    table["name"] = ["a", "bb", "", "dddd", "e f"]
    table["shape"] = np.arange(10.0).reshape(5, 2)
    table["count"] = np.array([0, 1, 2, 3, 65535], np.uint16)
    table["x"].unit = units.pix
    table["x"].description = "position of the source"
    table["id"].description = "unique: " + "long " * 20
    return table


@pytest.fixture
def path(table: Table, tmp_path: Path) -> str:
    write_table(table, str(tmp_path / "table.fits"))
    return str(tmp_path / "table.fits")


def assert_same(a: Table, b: Table) -> None:
    assert a.colnames == b.colnames
    for name in a.colnames:
        for ours, theirs in zip(a[name], b[name], strict=True):  # lengths may vary
            np.testing.assert_array_equal(ours, theirs)
        assert a[name].dtype == b[name].dtype
        assert a[name].unit == b[name].unit
        assert (a[name].description or "").strip() == (b[name].description or "").strip()


def test_table_round_trip(table: Table, path: str) -> None:
    again = read_table(path)
    assert_same(again, table)
    assert dict(again.meta) == dict(table.meta)
    assert all(column.dtype.isnative for column in again.columns.values())


def test_astropy_reads_what_is_written(table: Table, path: str) -> None:
    other = Table.read(path)
    np.testing.assert_array_equal(other["id"], table["id"])
    assert other["x"].unit == units.pix
    assert fits.getheader(path, 1)["TDOC2"] == "position of the source"


def test_only_the_columns_asked_for_in_their_order(table: Table, path: str) -> None:
    assert_same(read_table(path, columns=["x", "id"]), table["x", "id"])


def test_unknown_columns_are_all_named_with_a_suggestion(path: str) -> None:
    with pytest.raises(ColumnNotFoundError, match=r"no column 'shapee', 'q'.*Did you mean 'shape'"):
        read_table(path, columns=["id", "shapee", "q"])
    with pytest.raises(ParameterTypeError, match="list of names"):
        read_table(path, columns="id")


def test_length_schema_and_metadata_of_a_table(table: Table, path: str) -> None:
    assert read_table_length(path) == 5
    schema = read_table_schema(path)
    assert len(schema) == 0
    assert schema.colnames == table.colnames
    assert [schema[name].dtype for name in table.colnames] == [
        table[name].dtype for name in table.colnames
    ]
    assert schema["x"].unit == units.pix
    assert schema["x"].description == "position of the source"
    assert read_table_metadata(path)["BAND"] == "i"


def test_structured_array_and_pandas_table_are_written(tmp_path: Path) -> None:
    array = np.array([(1, 2.5), (3, 4.5)], [("a", "i4"), ("b", "f8")])
    for name, tabular in (("array", array), ("pandas", pd.DataFrame(array))):
        write_table(tabular, str(tmp_path / name))
        again = read_table(str(tmp_path / name))
        assert again["a"].tolist() == [1, 3]
        assert again["b"].tolist() == [2.5, 4.5]


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    for other in (np.zeros(3), [1, 2], {"a": [1]}):
        with pytest.raises(ParameterTypeError, match="astropy Table, a numpy array with named"):
            write_table(other, str(tmp_path / "a.fits"))  # type: ignore[arg-type]


def test_masked_integers_and_quantities_and_times_round_trip(tmp_path: Path) -> None:
    table = QTable()
    table["flux"] = [1.0, 2.0] * units.nJy
    table["time"] = Time([2456598.5, 2456599.5], format="jd", scale="tai")
    table["n"] = MaskedColumn([1, 2], mask=[False, True], fill_value=-99)
    path = str(tmp_path / "a.fits")
    write_table(table, path)
    again = read_table(path)
    assert again["flux"].unit == units.nJy
    assert again["flux"].tolist() == [1.0, 2.0]
    assert again["n"].mask.tolist() == [False, True]


def test_gzipped_table_is_read_and_a_damaged_one_refused(
    table: Table, path: str, tmp_path: Path
) -> None:
    with open(path, "rb") as file:
        content = bytearray(gzip.compress(file.read()))
    packed = tmp_path / "table.fits.gz"
    packed.write_bytes(content)
    assert_same(read_table(str(packed)), table)
    content[-6] ^= 0xFF
    packed.write_bytes(content)
    with pytest.raises(FitsFileError, match="CRC"):
        read_table(str(packed))


def test_header_that_promises_too_many_rows_takes_no_memory(path: str, tmp_path: Path) -> None:
    with open(path, "rb") as file:
        content = file.read()
    lying = content.replace(b"NAXIS2  =                    5", b"NAXIS2  =         999999999999")
    other = tmp_path / "lying.fits"
    other.write_bytes(lying)
    with pytest.raises(FitsFileError, match="more than the file can hold"):
        read_table(str(other))


def test_entry_of_meta_that_no_header_can_hold_is_reported(
    table: Table, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    table.meta["nested"] = {"a": 1}
    write_table(table, str(tmp_path / "a.fits"))
    assert "table.meta['nested'] is not written" in caplog.text


def test_tables_own_their_memory_and_leave_no_file_open(path: str) -> None:
    read_table(path)
    before = len(os.listdir("/proc/self/fd"))
    kept = [read_table(path) for _ in range(50)]
    assert len(os.listdir("/proc/self/fd")) == before
    kept[0]["x"][0] = 99
    assert kept[1]["x"][0] == 1.5


def test_real_source_catalog(shared_data: Path) -> None:
    path = str(shared_data / SRC)
    assert read_table_length(path) == 771
    schema = read_table_schema(path)
    assert (len(schema), len(schema.colnames)) == (0, 126)
    assert schema["coord_ra"].unit == units.rad
    table = read_table(path, columns=["id", "base_PsfFlux_instFlux"])
    with fits.open(path, memmap=False) as file:
        np.testing.assert_array_equal(table["id"], file[1].data["id"])
        np.testing.assert_array_equal(
            table["base_PsfFlux_instFlux"], file[1].data["base_PsfFlux_instFlux"]
        )
    assert table["id"].description == schema["id"].description != ""


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("obs_test/input/defects/defects.fits", 504, 6),
        ("gen3/defects_10_HSC.fits", 8, 6),
        ("sdss_demo/input/4192/40/calibChunks/4/tsField-004192-4-40-0300.fit", 1, 98),
        ("sdss_demo/input/4192/40/astrom/asTrans-004192.fit", 493, 24),
        ("sdss_demo/input/4192/40/objcs/4/psField-004192-4-0300.fit", 4, 11),
        ("refcats_hsc_field/gaia_dr2_20200414/189584.fits", 2762, 21),
        ("sdss_demo/input/ref_cats/sdss_demo_ref_cat/188481.fits", 265, 14),
    ],
)
def test_real_table_survives_a_round_trip(
    shared_data: Path, tmp_path: Path, name: str, rows: int, columns: int
) -> None:
    table = read_table(str(shared_data / name))
    assert (len(table), len(table.colnames)) == (rows, columns)
    write_table(table, str(tmp_path / "a.fits"))
    assert_same(read_table(str(tmp_path / "a.fits")), table)


def test_file_without_a_table_is_an_error(tmp_path: Path) -> None:
    fits.PrimaryHDU(np.zeros((2, 2))).writeto(tmp_path / "a.fits")
    with pytest.raises(HduNotFoundError, match="no table"):
        read_table(str(tmp_path / "a.fits"))
    with pytest.raises(HduNotFoundError, match="HDU 0 is not a table"):
        read_table(str(tmp_path / "a.fits"), hdu=0)
