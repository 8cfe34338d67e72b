"""Files that are no catalogs, or not such as were asked for, and what is said about them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from imaging.errors import (
    DataFileError,
    FitsFileError,
    HduNotFoundError,
    ParameterTypeError,
    ParameterValueError,
)
from imaging.table.catalog import BaseCatalog
from imaging.table.source_catalog import SimpleCatalog, SourceCatalog, read_catalog

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> str:
    path = str(tmp_path / "a.fits")
    Table({"id": [1, 2], "x": [0.5, 1.5]}).write(path)
    return path


@pytest.mark.parametrize("kind", [SourceCatalog, SimpleCatalog])
def test_table_without_the_fields_of_sources_is_refused(
    path: str, kind: type[SourceCatalog | SimpleCatalog]
) -> None:
    with pytest.raises(FitsFileError, match=r"a\.fits.*'coord_ra', 'coord_dec'.*BaseCatalog"):
        kind.read_fits(path)
    assert BaseCatalog.read_fits(path)["id"].tolist() == [1, 2]


def test_table_with_the_fields_of_sources_is_taken(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    Table({"id": [1], "coord_ra": [0.1], "coord_dec": [0.2], "parent": [0]}).write(path)
    assert SourceCatalog.read_fits(path)[0].id == 1
    assert SourceCatalog.read_fits(path, columns=["parent"])["parent"].tolist() == [0]


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ([1], ParameterTypeError, "1 is not the name"),
        (3, ParameterTypeError, "list of names"),
        ([], ParameterValueError, "no column"),
    ],
)
def test_columns_are_named_by_texts(
    path: str, tmp_path: Path, columns: object, error: type[Exception], message: str
) -> None:
    pytest.importorskip("pyarrow")
    parquet = str(tmp_path / "a.parquet")
    catalog = BaseCatalog.read_fits(path)
    catalog.write_parquet(parquet)
    with pytest.raises(error, match=message):
        BaseCatalog.read_fits(path, columns=columns)
    with pytest.raises(error, match=message):
        BaseCatalog.read_parquet(parquet, columns=columns)
    assert BaseCatalog.read_parquet(parquet, columns="x").schema.names == ("x",)


def test_table_of_text_is_called_what_it_is(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    column = fits.Column("a", "I5", array=np.array([1, 2]), ascii=True)
    fits.TableHDU.from_columns([column]).writeto(path)
    with pytest.raises(HduNotFoundError, match="table of text"):
        read_catalog(path)


def test_image_is_called_what_it_is(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.zeros((2, 2)))]).writeto(path)
    with pytest.raises(HduNotFoundError, match="HDU 1 is not a table"):
        read_catalog(path, hdu=1)


def test_texts_in_other_encodings_are_read(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    column = fits.Column("text", "4A", array=np.array([b"\xe9t\xe9", b"ab"]))
    fits.BinTableHDU.from_columns([column]).writeto(path)
    catalog = BaseCatalog.read_fits(path)
    assert catalog["text"].tolist() == ["\ufffdt\ufffd", "ab"]
    catalog.write_fits(path)
    with fits.open(path) as opened:
        raw = opened[1].data.field("text")
        assert raw.view(np.ndarray).tobytes().startswith(b"\xe9t\xe9")


@pytest.mark.parametrize("kind", ["pipe", "directory"])
def test_parquet_is_read_from_files_alone(tmp_path: Path, kind: str) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "a.parquet"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(DataFileError, match=kind):
        BaseCatalog.read_parquet(str(path))
