"""Footprints in the files of catalogs: none is lost without an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from support.shared_data import find_shared_data

from imaging.errors import FitsFileError
from imaging.footprint.footprint import Footprint
from imaging.footprint.heavy import HeavyFootprint
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable

if TYPE_CHECKING:
    from pathlib import Path

SRC = "catalogs/src_HSC_i_HSC-I_903986_0_31_HSC_runs_ci_hsc_20210407T021858Z.fits"


@pytest.fixture(scope="module")
def shared() -> Path:
    found = find_shared_data()
    if found is None:
        pytest.skip("this machine has no shared data")
    return found


def make_catalog() -> SourceCatalog:
    catalog = SourceCatalog(SourceTable.make_minimal_schema())
    catalog.resize(5)
    catalog["id"] = np.arange(5) + 1
    return catalog


def make_footprint(x: int) -> Footprint:
    footprint = Footprint(Box(Point2I(x, 2), Extent2I(3, 4)))
    footprint.add_peak(x + 1.0, 3.0, 7.5)
    return footprint


def catalog_with_footprints(path: Path) -> SourceCatalog:
    catalog = make_catalog()
    for number, record in enumerate(catalog):
        record.footprint = make_footprint(number)
    values = np.ones(12, np.float32)
    heavy = HeavyFootprint.from_arrays(make_footprint(0), values, values.astype(np.int32), values)
    catalog[0].footprint = heavy
    catalog.write_fits(str(path))
    return catalog


def test_catalog_names_the_tables_that_follow_it(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    catalog_with_footprints(path)
    with fits.open(path) as opened:
        names = [part.name for part in opened[2:]]
    assert fits.getheader(path, 1)["SBPARTS"].split() == names
    assert "SBPARTS" not in SourceCatalog.read_fits(str(path)).metadata
    make_catalog().write_fits(str(path))
    assert not fits.getheader(path, 1)["SBPARTS"]


def test_file_that_is_cut_never_loses_its_footprints_silently(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    catalog_with_footprints(path)
    content = path.read_bytes()
    with fits.open(path) as opened:
        last = opened[-1]
        end = last.fileinfo()["datLoc"] + last.header["NAXIS1"] * last.header["NAXIS2"]
    for size in {*range(0, end, 720), end - 1}:
        path.write_bytes(content[:size])
        with pytest.raises(FitsFileError, match=r"a\.fits"):
            SourceCatalog.read_fits(str(path))
    path.write_bytes(content[:end])  # the padding alone is missing
    assert SourceCatalog.read_fits(str(path))[4].footprint == make_footprint(4)


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_damaged_header_of_footprints_is_an_error(tmp_path: Path, number: int) -> None:
    path = tmp_path / "a.fits"
    catalog_with_footprints(path)
    with fits.open(path) as opened:
        begin = opened[number].fileinfo()["hdrLoc"]
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(b"XTFNSION")
    with pytest.raises(FitsFileError, match=f"no header of HDU {number}"):
        SourceCatalog.read_fits(str(path))


@pytest.mark.parametrize("value", [None, 3])
def test_catalog_that_does_not_say_what_follows_is_refused(tmp_path: Path, value: object) -> None:
    path = tmp_path / "a.fits"
    catalog_with_footprints(path)
    with fits.open(path, mode="update") as opened:
        if value is None:
            del opened[1].header["SBPARTS"]
        else:
            opened[1].header["SBPARTS"] = value
    with pytest.raises(FitsFileError, match="SBPARTS"):
        SourceCatalog.read_fits(str(path))


def test_footprints_are_found_from_another_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog_with_footprints(tmp_path / "a.fits")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    catalog = SourceCatalog.read_fits("a.fits")
    monkeypatch.chdir(tmp_path / "other")
    assert catalog[1].footprint == make_footprint(1)


@pytest.mark.parametrize("card", [None, "two", 0, 99])
def test_stacks_catalog_without_its_archive_is_refused(
    shared: Path, tmp_path: Path, card: object
) -> None:
    path = tmp_path / "a.fits"
    with fits.open(shared / SRC) as opened:
        header = opened[1].header
        if card is None:
            del header["AR_HDU"]
        else:
            header["AR_HDU"] = card
        opened.writeto(path)
    with pytest.raises(FitsFileError, match=r"AR_HDU|the archive in HDU 98"):
        SourceCatalog.read_fits(str(path))


def test_stacks_catalog_that_is_cut_behind_its_rows_is_refused(
    shared: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.fits"
    with fits.open(shared / SRC) as opened:
        end = opened[2].fileinfo()["hdrLoc"]
    path.write_bytes((shared / SRC).read_bytes()[:end])
    with pytest.raises(FitsFileError, match="lacks the archive in HDU 2"):
        SourceCatalog.read_fits(str(path))
