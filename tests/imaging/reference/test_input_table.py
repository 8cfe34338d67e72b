from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from support.star_tables import write_table

from imaging.errors import DataFileError
from imaging.reference.input_table import open_table

if TYPE_CHECKING:
    from pathlib import Path

FORMS = ["fits", "csv", "ecsv", "parquet"]


def sample(count: int = 10) -> Table:
    table = Table()
    table["id"] = np.arange(count) + 2**62 + 1  # what no floating-point number holds
    table["ra"] = np.linspace(0, 359, count)
    table["ra"].unit = "deg"
    table["name"] = [f"star {n}" for n in range(count)]
    table["mag"] = MaskedColumn(np.linspace(15, 20, count), mask=np.arange(count) % 3 == 0)
    return table


def read(path: str, *columns: str) -> dict[str, np.ndarray]:
    chunks = list(open_table(path).iter_chunks(columns))
    return {name: np.ma.concatenate([chunk[name] for chunk in chunks]) for name in columns}


@pytest.mark.parametrize("form", FORMS)
def test_columns_come_back_as_they_were(form: str, tmp_path: Path) -> None:
    table = sample()
    path = write_table(table, tmp_path / f"t.{form}")
    opened = open_table(path)
    assert opened.names == ("id", "ra", "name", "mag")
    found = read(path, "id", "mag", "name", "ra")
    np.testing.assert_array_equal(found["id"], table["id"])
    np.testing.assert_array_equal(found["ra"], table["ra"])
    assert [str(np.char.decode(x) if isinstance(x, bytes) else x) for x in found["name"]] == list(
        table["name"]
    )
    known = ~table["mag"].mask
    np.testing.assert_array_equal(np.asarray(found["mag"])[known], np.asarray(table["mag"])[known])
    missing = np.ma.getmaskarray(found["mag"]) | np.isnan(np.ma.getdata(found["mag"]))
    np.testing.assert_array_equal(missing, ~known)


@pytest.mark.parametrize("form", ["fits", "ecsv", "parquet"])
def test_units_are_those_of_the_file(form: str, tmp_path: Path) -> None:
    opened = open_table(write_table(sample(), tmp_path / f"t.{form}"))
    assert opened.units == {"id": "", "ra": "deg", "name": "", "mag": ""}
    assert opened.has_types == (form != "ecsv")


@pytest.mark.parametrize("form", FORMS)
def test_many_rows_come_in_several_chunks(form: str, tmp_path: Path) -> None:
    table = Table({"id": np.arange(150_000), "text": ["x" * 90] * 150_000})
    path = write_table(table, tmp_path / f"t.{form}")
    chunks = list(open_table(path).iter_chunks(["id"]))
    assert len(chunks) > 1
    np.testing.assert_array_equal(np.concatenate([one["id"] for one in chunks]), table["id"])


@pytest.mark.parametrize("form", ["fits", "csv", "ecsv"])
def test_gzipped_files_are_read(form: str, tmp_path: Path) -> None:
    plain = tmp_path / f"t.{form}"
    write_table(sample(), plain)
    packed = tmp_path / f"u.{form}.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    np.testing.assert_array_equal(read(str(packed), "id")["id"], sample()["id"])


def test_integers_of_fits_that_stand_for_no_value_are_masked(tmp_path: Path) -> None:
    table = Table({"n": MaskedColumn([1, 2, 3], mask=[False, True, False], fill_value=-99)})
    found = read(write_table(table, tmp_path / "t.fits"), "n")["n"]
    assert np.ma.getmaskarray(found).tolist() == [False, True, False]


def test_text_may_have_a_mark_of_its_encoding_and_comments_and_nulls(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("\ufeff# made by hand\nid,r\n1,\n2,null\n3,4.5\n".encode())
    found = read(str(path), "id", "r")
    assert found["id"].tolist() == [1, 2, 3]
    assert np.ma.getmaskarray(found["r"]).tolist() == [True, True, False]


@pytest.mark.parametrize(
    "content",
    [b"", b"# only comments\n", b"\xff\xfe\x00\x01", b"SIMPLE  =", b"PAR1PAR1", b"\x1f\x8b12"],
)
def test_what_is_no_table_is_refused_by_its_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.bin"
    path.write_bytes(content)
    with pytest.raises(DataFileError, match=r"broken\.bin"):
        list(open_table(str(path)).iter_chunks(["x"]))


def test_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="nothing"):
        open_table(str(tmp_path / "nothing"))


def test_gzipped_fits_file_that_ends_early_is_refused(tmp_path: Path) -> None:
    plain = tmp_path / "t.fits"
    write_table(sample(1000), plain)
    path = tmp_path / "t.fits.gz"
    path.write_bytes(gzip.compress(plain.read_bytes())[:-200])
    with pytest.raises(DataFileError, match=r"t\.fits\.gz"):
        list(open_table(str(path)).iter_chunks(["id"]))


@pytest.mark.parametrize("form", FORMS)
def test_table_without_rows_has_columns(form: str, tmp_path: Path) -> None:
    path = write_table(Table({"id": np.zeros(0, int), "ra": np.zeros(0)}), tmp_path / f"t.{form}")
    opened = open_table(path)
    assert opened.names == ("id", "ra")
    assert sum(len(one["id"]) for one in opened.iter_chunks(["id"])) == 0
