"""Some columns of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import QTable, Table
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import FitsFileError
from imaging.fits.columns import column_names, selected_columns
from imaging.fits.hdus import Hdu, find_hdu
from imaging.fits.source import open_source
from imaging.fits.table import read_table, write_table

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = {
    "L": np.array([True, False]),
    "12X": np.arange(24).reshape(2, 12) % 3 == 0,
    "B": np.array([1, 255], np.uint8),
    "2I": np.array([[1, -2], [3, 4]], np.int16),
    "J": np.array([5, -6], np.int32),
    "K": np.array([1 << 60, 2]),
    "7A": np.array(["abc", "defghij"]),
    "E": np.array([1.5, 2.5], np.float32),
    "3D": np.arange(6.0).reshape(2, 3),
    "C": np.array([1 + 2j, 3], np.complex64),
    "M": np.array([1 + 2j, 3], np.complex128),
    "PE()": np.array([np.arange(3.0), np.arange(5.0)], object),
    "QJ()": np.array([np.arange(2), np.arange(4)], object),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("columns") / "all.fits"
    columns = [fits.Column(f"c{form}", form, array=data) for form, data in COLUMNS.items()]
    fits.BinTableHDU.from_columns(columns).writeto(path)
    return str(path)


@given(st.lists(st.sampled_from([f"c{form}" for form in COLUMNS]), min_size=1, unique=True))
def test_any_columns_are_those_of_the_whole_table(path: str, names: list[str]) -> None:
    whole, part = read_table(path), read_table(path, columns=names)
    assert part.colnames == names
    for name in names:
        for ours, theirs in zip(part[name], whole[name], strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_columns_of_every_type_have_their_values(path: str) -> None:
    table = read_table(path)
    for form, data in COLUMNS.items():
        for ours, theirs in zip(table[f"c{form}"], data, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_objects_of_several_columns_stay_whole(tmp_path: Path) -> None:
    table = QTable({"n": [1, 2], "place": SkyCoord([1, 2] * units.deg, [3, 4] * units.deg)})
    path = str(tmp_path / "a.fits")
    write_table(table, path)
    part = read_table(path, columns=["n"])
    assert (part.colnames, part["n"].tolist()) == (["n"], [1, 2])
    np.testing.assert_allclose(read_table(path)["place"].ra.deg, [1, 2])


def hdu_of(path: str) -> Hdu:
    with open_source(path) as source:
        return find_hdu(source, None, "table")[1]


def test_columns_without_names_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    Table({"a": [1], "b": [2]}).write(path)
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"TTYPE2  =", b"TNAME2  ="))
    assert column_names(hdu_of(str(path))) == ["a", "col2"]


@pytest.mark.parametrize(
    ("old", "new"), [(b"'K       '", b"'J       '"), (b"'K       '", b"'?       '")]
)
def test_columns_that_do_not_fill_a_row_are_refused(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = tmp_path / "a.fits"
    Table({"a": [1], "b": [2]}).write(path)
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    with pytest.raises(FitsFileError, match=r"bytes of rows of 16|TFORM1 = '\?' is not possible"):
        selected_columns(hdu_of(str(path)), bytes(16), ["b"])
