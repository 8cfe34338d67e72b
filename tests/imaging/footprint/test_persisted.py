"""Footprints in the tables of a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from imaging.errors import FitsFileError, FormatVersionError, UndecodableError
from imaging.fits.metadata import Metadata
from imaging.fits.rows import read_rows_of
from imaging.fits.writer import RowsPart, write_parts
from imaging.footprint.footprint import Footprint
from imaging.footprint.heavy import HeavyFootprint
from imaging.footprint.persisted import TABLES
from imaging.footprint.store import FootprintStore
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I

if TYPE_CHECKING:
    from pathlib import Path

BOX = Box(Point2I(-1, 2), Extent2I(3, 2))


def store() -> FootprintStore:
    image = np.array([1, np.nan, -0.0, np.inf, 1e-40, 6], np.float32)
    mask = np.array([0, 1, 1 << 30, -1, 5, 6], np.int32)
    heavy = HeavyFootprint.from_arrays(Footprint(BOX), image, mask, image[::-1].copy())
    return FootprintStore.from_footprints(
        [Footprint(BOX, [(0.5, 2, 7)], BOX.grown(9)), None, heavy]
    )


def written(store: FootprintStore, path: str) -> dict:
    parts = [RowsPart(rows, name) for name, rows in store.to_rows().items()]
    write_parts(path, Metadata(), parts)
    return {name: read_rows_of(path, name) for name in TABLES}


@pytest.mark.parametrize("made", [store(), FootprintStore.from_footprints([])])
def test_footprints_come_back_from_a_file_bit_for_bit(made: FootprintStore, tmp_path: Path) -> None:
    path = str(tmp_path / "footprints.fits")
    assert FootprintStore.from_rows(written(made, path), path) == made


def test_other_programs_can_read_the_tables(tmp_path: Path) -> None:
    path = str(tmp_path / "footprints.fits")
    written(store(), path)
    with fits.open(path) as hdus:
        hdus.verify("exception")
        assert hdus["FOOTPRINT_SPANS"].data["x1"].tolist() == [1] * 4
        assert hdus["FOOTPRINT_PEAKS"].data["peak_value"].tolist() == [7]
        assert hdus["FOOTPRINTS"].data["kind"].tolist() == [1, 0, 2]
        assert hdus["FOOTPRINT_PIXELS"].data["mask"].tolist() == [0, 1, 1 << 30, -1, 5, 6]


def test_missing_table_is_named() -> None:
    tables = store().to_rows()
    del tables["FOOTPRINT_PEAKS"]
    with pytest.raises(UndecodableError, match=r"a.fits: .*'FOOTPRINT_PEAKS'"):
        FootprintStore.from_rows(tables, "a.fits")


def test_newer_version_is_refused() -> None:
    tables = store().to_rows()
    header = Metadata({"SBTYPE": "FootprintSpans", "SBVERS": 2})
    tables["FOOTPRINT_SPANS"] = replace(tables["FOOTPRINT_SPANS"], header=header)
    with pytest.raises(FormatVersionError, match="version 2"):
        FootprintStore.from_rows(tables, "a.fits")


@pytest.mark.parametrize("name", TABLES)
def test_table_with_other_columns_is_refused(name: str) -> None:
    tables = store().to_rows()
    other = np.zeros(3, [("y", "f8")])
    tables[name] = replace(tables[name], array=other)
    with pytest.raises(UndecodableError, match=f"'{name}' has other columns"):
        FootprintStore.from_rows(tables, "a.fits")


def test_tables_that_do_not_fit_together_are_refused() -> None:
    tables = store().to_rows()
    rows = tables["FOOTPRINT_SPANS"]
    tables["FOOTPRINT_SPANS"] = replace(rows, array=rows.array[1:])
    with pytest.raises(FitsFileError, match=r"a.fits: .*do not add up"):
        FootprintStore.from_rows(tables, "a.fits")
