"""Footprints in the archives of the LSST stack's catalogs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from imaging.errors import FitsFileError, UndecodableError
from imaging.fits.archive import read_archive
from imaging.fits.rows import read_rows_of
from imaging.footprint.archived import store_from_archive
from imaging.footprint.heavy import HeavyFootprint
from imaging.footprint.span_set import SpanSet
from imaging.image.image import Image

if TYPE_CHECKING:
    from pathlib import Path

    from imaging.footprint.footprint import Footprint
    from imaging.footprint.store import FootprintStore

SRC = "catalogs/src_HSC_i_HSC-I_903986_0_31_HSC_runs_ci_hsc_20210407T021858Z.fits"
SMALL = "catalogs/sourceCatalog-hsc-v2.fits"
Index = list[tuple[int, int, int, int, int, str]]


def read(path: Path) -> FootprintStore:
    rows = read_rows_of(str(path), 1, ["footprint"])
    number = rows.header["AR_HDU"]
    assert isinstance(number, int)
    return store_from_archive(read_archive(str(path), number - 1), rows.array["footprint"])


Columns = dict[str, np.ndarray]


def parts_by_astropy(path: Path) -> list[dict[int, Columns]]:
    """For each row of a catalog the columns of its parts, followed link by link."""
    with fits.open(path) as hdus:
        tables = [{name: hdu.data[name] for name in hdu.columns.names} for hdu in hdus[2:]]
        links: dict[tuple[int, int], Columns] = {}
        names = ("id", "cat.archive", "cat.persistable", "row0", "nrows")
        for number, table, part, begin, count in zip(
            *(tables[0][name].tolist() for name in names), strict=True
        ):
            rows = slice(begin, begin + count)
            links[number, part] = {name: column[rows] for name, column in tables[table].items()}
        found = []
        for number in hdus[1].data["footprint"].tolist():
            span_set = int(links[number, 0]["id"][0])
            parts = {0: links[span_set, 0], 1: links[number, 1]}
            if (number, 2) in links:
                parts[2] = links[number, 2]
            found.append(parts)
        return found


@pytest.mark.parametrize(
    ("name", "n_rows", "n_spans", "n_peaks", "n_heavy"),
    [(SRC, 771, 38655, 8188, 144), (SMALL, 5, 71, 5, 0)],
)
def test_every_footprint_is_what_astropy_finds(
    shared_data: Path, name: str, n_rows: int, n_spans: int, n_peaks: int, n_heavy: int
) -> None:
    store, parts = read(shared_data / name), parts_by_astropy(shared_data / name)
    assert len(store) == len(parts) == n_rows
    assert len(store.arrays.spans) == n_spans
    assert len(store.arrays.peaks) == n_peaks
    assert sum(isinstance(footprint, HeavyFootprint) for footprint in store) == n_heavy
    for footprint, part in zip(store, parts, strict=True):
        assert footprint is not None
        _check_spans(footprint, part[0])
        _check_peaks(footprint, part[1])
        assert footprint.is_heavy == (2 in part)
        if isinstance(footprint, HeavyFootprint):
            for plane in ("image", "mask", "variance"):
                assert np.array_equal(getattr(footprint, plane), part[2][plane][0], equal_nan=True)
            assert footprint.area == footprint.image.size


def _check_spans(footprint: Footprint, spans: Columns) -> None:
    rows = list(zip(*(spans[name].tolist() for name in ("y", "x0", "x1")), strict=True))
    assert [(span.y, span.x0, span.x1) for span in footprint] == rows
    assert footprint.area == sum(x1 - x0 + 1 for _, x0, x1 in rows)
    bbox = footprint.bbox
    assert (bbox.min_x, bbox.max_x) == (spans["x0"].min(), spans["x1"].max())
    assert (bbox.min_y, bbox.max_y) == (spans["y"].min(), spans["y"].max())


def _check_peaks(footprint: Footprint, peaks: Columns) -> None:
    for name in ("id", "f_x", "f_y", "i_x", "i_y", "peakValue"):
        assert footprint.peaks[name].tolist() == peaks[name].tolist()


def test_area_is_the_one_that_the_catalog_measured(shared_data: Path) -> None:
    measured = read_rows_of(str(shared_data / SRC), 1, ["base_FootprintArea_value"])
    store = read(shared_data / SRC)
    assert store.areas.tolist() == measured.array["base_FootprintArea_value"].tolist()


def test_deblended_children_are_the_heavy_ones_and_no_two_rows_share_a_footprint(
    shared_data: Path,
) -> None:
    parents = read_rows_of(str(shared_data / SRC), 1, ["parent", "footprint"]).array
    store = read(shared_data / SRC)
    assert [one is not None and one.is_heavy for one in store] == (parents["parent"] != 0).tolist()
    assert len(np.unique(parents["footprint"])) == len(store)


SPANS = np.array([(5, 1, 3), (6, 2, 2), (5, 9, 9)], [("y", "i4"), ("x0", "i4"), ("x1", "i4")])
PEAKS = np.array(
    [(4, 2.0, 5.0, 2, 5, 7.5)],
    [("id", "i8"), ("f_x", "f4"), ("f_y", "f4"), ("i_x", "i4"), ("i_y", "i4"), ("peakValue", "f4")],
)


def archive_of(path: Path, index: Index, *tables: np.ndarray | fits.BinTableHDU) -> str:
    """Write an archive as the LSST stack does: an index and its tables."""
    names = ("id", "cat.archive", "cat.persistable", "row0", "nrows", "name", "module")
    rows = [(*link, "lsst.afw.somewhere") for link in index]
    types = ["i4"] * 5 + ["S64"] * 2
    whole = np.array(rows, list(zip(names, types, strict=True)))
    hdus = [fits.PrimaryHDU()]
    for number, table in enumerate([whole, *tables]):
        hdu = table if isinstance(table, fits.BinTableHDU) else fits.BinTableHDU(table)
        hdu.header["EXTTYPE"] = "ARCHIVE_DATA" if number else "ARCHIVE_INDEX"
        hdu.header["AR_CATN"] = number
        hdus.append(hdu)
    hdus[1].header["AR_NCAT"] = len(tables) + 1
    fits.HDUList(hdus).writeto(path)
    return str(path)


def store_of(path: str, ids: list[int]) -> FootprintStore:
    return store_from_archive(read_archive(path, 1), ids)


def test_spans_of_older_files_stand_in_the_footprint_itself(tmp_path: Path) -> None:
    index: Index = [(1, 1, 0, 0, 2, "Footprint"), (1, 2, 1, 0, 1, "Footprint")]
    store = store_of(archive_of(tmp_path / "a.fits", index, SPANS, PEAKS), [0, 1])
    assert store.get(0) is None
    footprint = store.get(1)
    assert footprint is not None
    assert footprint.spans == SpanSet([(5, 1, 3), (6, 2, 2)])
    assert footprint.peaks[0].value == 7.5


def test_oldest_peaks_have_a_position_and_a_value(tmp_path: Path) -> None:
    old = np.array(
        [(2.0, 5.0, 7.5), (1.0, 6.0, 3.0)], [(name, "f4") for name in ("x", "y", "value")]
    )
    index: Index = [(1, 1, 0, 0, 2, "Footprint"), (1, 2, 1, 0, 2, "Footprint")]
    footprint = store_of(archive_of(tmp_path / "a.fits", index, SPANS, old), [1]).get(0)
    assert footprint is not None
    assert [(peak.i_x, peak.f_y, peak.value) for peak in footprint.peaks] == [
        (2, 5.0, 7.5),
        (1, 6.0, 3.0),
    ]


def test_spans_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    index: Index = [(1, 1, 0, 0, 3, "Footprint"), (1, 2, 1, 0, 1, "Footprint")]
    footprint = store_of(archive_of(tmp_path / "a.fits", index, SPANS, PEAKS), [1]).get(0)
    assert footprint is not None
    assert [(span.y, span.x0, span.x1) for span in footprint] == [(5, 1, 3), (5, 9, 9), (6, 2, 2)]


def test_two_footprints_may_share_their_spans(tmp_path: Path) -> None:
    index: Index = [
        (7, 2, 0, 0, 2, "SpanSet"),
        *((number, 1, 0, number - 1, 1, "Footprint") for number in (1, 2)),
        *((number, 3, 1, 0, number - 1, "Footprint") for number in (1, 2)),
    ]
    pointers = np.array([(7,), (7,)], [("id", "i4")])
    path = archive_of(tmp_path / "a.fits", index, pointers, SPANS, PEAKS)
    first, second = store_of(path, [1, 2])
    assert first is not None
    assert second is not None
    assert first.spans == second.spans == SpanSet([(5, 1, 3), (6, 2, 2)])
    assert (len(first.peaks), len(second.peaks)) == (0, 1)


def heavy_archive(path: Path, mask: list[int]) -> str:
    index: Index = [
        (7, 2, 0, 0, 2, "SpanSet"),
        (1, 1, 0, 0, 1, "HeavyFootprintI"),
        (1, 3, 1, 0, 1, "HeavyFootprintI"),
        (1, 4, 2, 0, 1, "HeavyFootprintI"),
        (2, 5, 0, 0, 1, "Footprint"),
        (2, 3, 1, 0, 1, "Footprint"),
    ]
    columns = [("image", "QJ", [1, 2, 3, 4]), ("mask", "QJ", mask), ("variance", "QE", [5.0] * 4)]
    pixels = fits.BinTableHDU.from_columns(
        [
            fits.Column(name, form, array=np.array([values, [0]], dtype=object)[:1])
            for name, form, values in columns
        ]
    )
    pointers = np.array([(7,)], [("id", "i4")])
    return archive_of(path, index, pointers, SPANS, PEAKS, pixels, SPANS[:1])


def test_types_of_pixels_stay_as_they_were_written(tmp_path: Path) -> None:
    heavy, plain = store_of(heavy_archive(tmp_path / "a.fits", [8, 4, 2, 1]), [1, 2])
    assert isinstance(heavy, HeavyFootprint)
    assert heavy.image.tolist() == [1, 2, 3, 4]
    assert heavy.mask.tolist() == [8, 4, 2, 1]
    assert (heavy.image.dtype, heavy.variance.dtype) == (np.int32, np.float32)
    assert plain is not None
    assert plain.spans == SpanSet([(5, 1, 3)])  # in the older form, beside the newer one


def test_heavy_footprint_of_planes_that_differ_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FitsFileError, match="differ in size"):
        store_of(heavy_archive(tmp_path / "a.fits", [8, 4]), [1])


@pytest.mark.parametrize(
    ("index", "error", "message"),
    [
        (
            [(1, 2, 0, 0, 1, "Gizmo")],
            UndecodableError,
            "'Gizmo' of the module 'lsst.afw.somewhere'",
        ),
        ([(9, 1, 0, 0, 2, "Footprint")], UndecodableError, "no object 1"),
        ([(1, -1, 0, 0, 0, "Footprint")], UndecodableError, "has no rows"),
        ([(1, 1, 0, 2, 2, "Footprint")], FitsFileError, "rows 2 to 4 of table 1"),
        ([(1, 2, 0, 0, 1, "Footprint")], FitsFileError, "no spans under the number 4"),
        ([(1, 2, 0, 0, 0, "Footprint")], FitsFileError, "without its only SpanSet"),
        ([(1, 3, 0, 0, 1, "Footprint")], UndecodableError, "column 'y'"),
        (
            [(1, 1, 0, 0, 1, "Footprint"), (1, 3, 1, 0, 1, "Footprint")],
            UndecodableError,
            "column 'id'",
        ),
        (
            [(1, 1, 0, 0, 1, "HeavyFootprintF"), (1, 2, 2, 0, 1, "HeavyFootprintF")],
            UndecodableError,
            "'image'",
        ),
    ],
)
def test_what_cannot_be_decoded_is_named(
    tmp_path: Path, index: Index, error: type[Exception], message: str
) -> None:
    nonsense = np.array([(1,)], [("nonsense", "i4")])
    path = archive_of(tmp_path / "a.fits", index, SPANS, PEAKS, nonsense)
    with pytest.raises(error, match=message):
        store_of(path, [1])


def test_rows_that_do_not_exist_are_refused_for_any_of_the_footprints(tmp_path: Path) -> None:
    index: Index = [(1, 1, 0, 0, 2, "Footprint"), (2, 1, 0, 2, 2, "Footprint")]
    path = archive_of(tmp_path / "a.fits", index, SPANS)
    with pytest.raises(FitsFileError, match="rows that do not exist"):
        store_of(path, [1, 2])


def test_spans_that_no_footprint_has_are_refused(tmp_path: Path) -> None:
    wrong = SPANS.copy()
    wrong["x1"] = 0
    path = archive_of(tmp_path / "a.fits", [(1, 1, 0, 0, 2, "Footprint")], wrong)
    with pytest.raises(FitsFileError, match=r"a.fits: its footprints are damaged"):
        store_of(path, [1])


def test_catalog_without_footprints_has_a_store_of_nothing(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "a.fits", [(1, 1, 0, 0, 2, "Footprint")], SPANS)
    assert list(store_of(path, [0, 0])) == [None, None]
    assert len(store_of(path, [])) == 0


def test_deblended_children_are_inserted_into_an_image_of_their_parent(shared_data: Path) -> None:
    rows = read_rows_of(str(shared_data / SRC), 1, ["id", "parent"]).array
    store = read(shared_data / SRC)
    children = np.flatnonzero(rows["parent"])
    parent = int(np.flatnonzero(rows["id"] == rows["parent"][children[0]])[0])
    whole = store.get(parent)
    assert whole is not None
    total = Image(whole.bbox, dtype=np.float64)
    for child in children[rows["parent"][children] == rows["id"][parent]].tolist():
        heavy = store.get(child)
        assert isinstance(heavy, HeavyFootprint)
        assert whole.spans.contains(heavy.spans)
        image = Image(whole.bbox, dtype=np.float32)
        heavy.insert(image)
        assert image.array.sum(dtype=float) == pytest.approx(heavy.image.sum(dtype=float))
        total.array += image.array
    peak = whole.peaks[0]
    assert total[peak.pixel] > 0.5 * total.array.max()  # the brightest pixel, up to smoothing
