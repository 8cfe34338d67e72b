"""Archives of the LSST stack."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from support.shared_data import find_shared_data

from imaging.errors import FitsFileError, UndecodableError
from imaging.fits.archive import read_archive
from imaging.fits.header import read_metadata
from imaging.fits.metadata import Metadata
from imaging.fits.rows import Rows
from imaging.fits.writer import RowsPart, write_parts

LINK = [("id", "i4"), ("cat.archive", "i4"), ("cat.persistable", "i4"), ("row0", "i4")]
LINK += [("nrows", "i4"), ("name", "S16"), ("module", "S16")]
LINKS = [
    (2, 1, 0, 0, 2, b"Spans", b"geom"),
    (1, 2, 1, 0, 3, b"Footprint", b"detection"),
    (1, 1, 0, 2, 1, b"Footprint", b"detection"),
    (3, -1, -1, -1, 0, b"Nothing", b"geom"),
]


def write_archive(
    folder: Path, links: list[tuple[object, ...]] = LINKS, changes: dict[str, object] | None = None
) -> str:
    """Write an archive whose index is HDU 1; changes are made to the index header."""
    index = np.array(links, LINK)
    tables = [
        np.array([(n,) for n in numbers], [("n", "i4")]) for numbers in ([10, 11, 12], [20, 21, 22])
    ]
    header = Metadata({"EXTTYPE": "ARCHIVE_INDEX", "AR_CATN": 0, "AR_NCAT": 3})
    header.update(changes or {})
    parts = [RowsPart(Rows(index, header), "INDEX")]
    for number, table in enumerate(tables, 1):
        about = Metadata({"EXTTYPE": "ARCHIVE_DATA", "AR_CATN": number})
        parts.append(RowsPart(Rows(table, about), f"DATA{number}"))
    path = str(folder / "archive.fits")
    write_parts(path, Metadata({"AR_HDU": 2}), parts)
    return path


@pytest.mark.parametrize("form", ["plain", "gzipped"])
def test_objects_have_their_rows_of_each_table(tmp_path: Path, form: str) -> None:
    path = write_archive(tmp_path)
    if form == "gzipped":
        Path(path).write_bytes(gzip.compress(Path(path).read_bytes()))
    archive = read_archive(path, 1)
    assert list(archive.entries) == [1, 2, 3]
    entry = archive.require(1)
    assert (entry.id, entry.name, entry.module) == (1, "Footprint", "detection")
    assert [rows.array["n"].tolist() for rows in entry.tables] == [[12], [20, 21, 22]]
    assert [rows.array["n"].tolist() for rows in archive.entries[2].tables] == [[10, 11]]


def test_objects_without_state_have_no_tables(tmp_path: Path) -> None:
    entry = read_archive(write_archive(tmp_path), 1).require(3)
    assert (entry.name, entry.tables) == ("Nothing", ())


def test_whole_tables_and_links_are_there_for_many_objects_at_once(tmp_path: Path) -> None:
    archive = read_archive(write_archive(tmp_path), 1)
    assert archive.table(2).array["n"].tolist() == [20, 21, 22]
    assert archive.links["id"].tolist() == [1, 1, 2, 3]
    assert archive.links["cat_persistable"].tolist() == [0, 1, 0, -1]
    assert archive.links["row"].tolist() == [2, 1, 0, 3]


def test_no_object_is_none_and_a_missing_one_an_error(tmp_path: Path) -> None:
    archive = read_archive(write_archive(tmp_path), 1)
    assert archive.find(0) is None
    with pytest.raises(UndecodableError, match="no object 7 among 3"):
        archive.require(7)
    with pytest.raises(KeyError):
        archive.entries[7]


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ((1, 9, 0, 0, 1, b"A", b"m"), "has 2 tables and no number 9"),
        ((1, 1, 0, 2, 2, b"A", b"m"), "rows 2 to 4 of table 1, which has 3"),
        ((1, 1, 0, -2, 1, b"A", b"m"), "rows -2 to -1"),
        ((1, 1, 0, 0, -1, b"A", b"m"), "rows 0 to -1"),
    ],
)
def test_links_that_lead_nowhere_are_refused(
    tmp_path: Path, link: tuple[object, ...], message: str
) -> None:
    archive = read_archive(write_archive(tmp_path, [link]), 1)
    with pytest.raises(FitsFileError, match=message):
        archive.require(1)


def test_objects_of_two_classes_are_refused(tmp_path: Path) -> None:
    links = [(1, 1, 0, 0, 1, b"A", b"m"), (1, 2, 1, 0, 1, b"B", b"m")]
    with pytest.raises(FitsFileError, match="object 1 of its archive has several classes"):
        read_archive(write_archive(tmp_path, links), 1).require(1)


@pytest.mark.parametrize(
    ("changes", "hdu", "message"),
    [
        ({"EXTTYPE": "IMAGE"}, 1, "HDU 1 should be ARCHIVE_INDEX"),
        ({"AR_NCAT": 4}, 1, "there is 2 of 3 tables"),
        ({"AR_NCAT": "many"}, 1, "AR_NCAT = 'many'"),
        ({}, 0, "HDU 0 should be ARCHIVE_INDEX"),
        ({}, 2, "HDU 2 should be ARCHIVE_INDEX"),
        ({}, 9, "there is no archive from HDU 9 on"),
    ],
)
def test_archives_that_are_not_complete_are_refused(
    tmp_path: Path, changes: dict[str, object], hdu: int, message: str
) -> None:
    with pytest.raises(FitsFileError, match=message):
        read_archive(write_archive(tmp_path, changes=changes), hdu)


def test_a_file_that_was_replaced_is_not_mixed_with_the_old_one(tmp_path: Path) -> None:
    archive = read_archive(write_archive(tmp_path), 1)
    (tmp_path / "other").mkdir()
    Path(write_archive(tmp_path / "other")).replace(tmp_path / "archive.fits")
    with pytest.raises(FitsFileError, match="it was replaced since"):
        archive.require(1)
    Path(archive.path).unlink()
    with pytest.raises(FitsFileError, match="No such file"):
        archive.table(1)


def test_an_index_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    header = Metadata({"EXTTYPE": "ARCHIVE_INDEX", "AR_CATN": 0, "AR_NCAT": 1})
    write_parts(path, Metadata(), [RowsPart(Rows(np.zeros(1, [("id", "f4")]), header), "INDEX")])
    with pytest.raises(FitsFileError, match=r"lacks cat_archive, .*name, id"):
        read_archive(path, 1)


REAL = [
    ("hsc_pixels/HSC-0908120-056-small.fits", 0, 1, "TanWcs", "lsst.afw.image", [1, 1]),
    ("hsc_pixels/modelfit_calexp_101.fits", 0, 2, "LinearCombinationKernel", "lsst.afw.math", [1]),
    ("catalogs/sourceCatalog-hsc-v2.fits", 1, 2, "SpanSet", "lsst.afw.geom", [14]),
]


@pytest.mark.parametrize(("name", "hdu", "id_", "kind", "module", "counts"), REAL)
def test_what_the_stack_wrote_is_read(
    name: str, hdu: int, id_: int, kind: str, module: str, counts: list[int]
) -> None:
    data = find_shared_data()
    if data is None:
        pytest.skip("files of the LSST stack are not on this machine")
    path = str(data / name)
    index = read_metadata(path, hdu)["AR_HDU"]
    assert isinstance(index, int)
    archive = read_archive(path, index - 1)
    entry = archive.require(id_)
    assert (entry.name, entry.module) == (kind, module)
    assert [len(rows) for rows in entry.tables] == counts
    assert all(entry.tables for entry in archive.entries.values())
