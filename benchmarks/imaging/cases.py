"""What is measured: one function per case, the same for every library."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.imaging.inputs import BOX, ROWS, SHAPE, SKY_SIGMA, make_columns, make_planes
from benchmarks.imaging.memory import ImagingMeasurement, memory_growth
from benchmarks.measure import stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from benchmarks.imaging.library import Library

__all__ = ["CASES", "Case", "prepare"]

_ACCESSES = 1000
_CUTOUTS = 20
_CUTOUT = (
    "skybutler gives an exposure: WCS, metadata and mask planes are read and checked, too. Above "
    "the target of 1.10 (RICE: cfitsio decodes the tiles of both)."
)
_COLUMN = "The name is looked up in a schema, aliases included, each time; fitsio's is NumPy's own."
_ORDER = (
    "astropy leaves the bytes in the file's order; skybutler changes it, and looks which bits a "
    "mask has. At the target of 1.10, a little below or above it from run to run."
)
_WCS = "skybutler reads its own exact table, not the cards."


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the results.

    Parameters
    ----------
    name, title
        For the command line and for the table.
    run
        Does the work once, in a folder with prepared files, and measures it.
    note
        What a reader must know to compare.
    """

    name: str
    title: str
    run: Callable[[Library, Path], ImagingMeasurement]
    note: str = ""


def prepare(library: Library, folder: Path) -> None:
    """Write the files that the cases read, each library its own."""
    for recipe in ("plain", "rice"):
        library.write_exposure(str(folder / f"{recipe}.fits"), make_planes(), recipe)
    catalog = library.make_catalog(make_columns())
    library.write_catalog(str(folder / "catalog.fits"), catalog)


def _sums(planes: Sequence[NDArray[np.generic]]) -> list[float]:
    """Add up each plane, as any use of the pixels would touch them."""
    return [float(plane.sum(dtype=np.float64)) for plane in planes]


def _rounded(sums: list[float], recipe: str) -> list[float]:
    """Sums as they can be compared: RICE moves each pixel by a fraction of the noise."""
    if recipe == "plain":
        return sums
    return [round(total / (SHAPE[0] * SHAPE[1]) / SKY_SIGMA, 3) for total in sums]


def _write(recipe: str) -> Callable[[Library, Path], ImagingMeasurement]:
    def run(library: Library, folder: Path) -> ImagingMeasurement:
        planes = make_planes()
        path = folder / "written.fits"
        library.write_exposure(str(path), planes, recipe)  # code is loaded, the file exists
        with stopwatch() as watch:
            library.write_exposure(str(path), planes, recipe)
        answer = _rounded(_sums(library.read_exposure(str(path))), recipe)
        path.unlink()
        return ImagingMeasurement.of(watch, 1, answer)

    return run


def _read(recipe: str) -> Callable[[Library, Path], ImagingMeasurement]:
    def run(library: Library, folder: Path) -> ImagingMeasurement:
        path = str(folder / f"{recipe}.fits")
        library.read_exposure(path)  # code is loaded
        with stopwatch() as watch:
            sums = _sums(library.read_exposure(path))
        return ImagingMeasurement.of(watch, 1, _rounded(sums, recipe))

    return run


def _cutout(recipe: str) -> Callable[[Library, Path], ImagingMeasurement]:
    def run(library: Library, folder: Path) -> ImagingMeasurement:
        path = str(folder / f"{recipe}.fits")
        x, y, side = BOX
        library.read_cutout(path, x, y, side)
        with stopwatch() as watch:
            for number in range(_CUTOUTS):
                sums = _sums(library.read_cutout(path, x - 40 * number, y + 90 * number, side))
        return ImagingMeasurement.of(watch, _CUTOUTS, _rounded(sums, recipe))

    return run


def measure_mask(library: Library, folder: Path) -> ImagingMeasurement:
    """Read one plane of three."""
    path = str(folder / "plain.fits")
    library.read_cutout(path, *BOX)
    with stopwatch() as watch:
        mask = library.read_mask(path)
        sums = _sums([mask])
    return ImagingMeasurement.of(watch, 1, sums)


def measure_wcs(library: Library, folder: Path) -> ImagingMeasurement:
    """Read the WCS and evaluate it once, without pixels."""
    path = str(folder / "plain.fits")
    library.read_sky_position(path, 0, 0)
    with stopwatch() as watch:
        for _ in range(_CUTOUTS):
            position = library.read_sky_position(path, 1000.0, 2000.0)
    return ImagingMeasurement.of(watch, _CUTOUTS, [round(angle, 9) for angle in position])


def measure_column(library: Library, folder: Path) -> ImagingMeasurement:
    """Take columns of a catalog and look at one value of each."""
    catalog = library.read_catalog(str(folder / "catalog.fits"))
    with stopwatch() as watch:
        total = sum(
            float(library.column(catalog, f"measured_{number % 24}")[number])
            for number in range(_ACCESSES)
        )
    return ImagingMeasurement.of(watch, _ACCESSES, round(total, 9))


def measure_rows(library: Library, folder: Path) -> ImagingMeasurement:
    """Go over the rows one by one."""
    catalog = library.read_catalog(str(folder / "catalog.fits"))
    with stopwatch() as watch:
        count, total = library.count_flagged(catalog, "flag_3", "measured_7")
    return ImagingMeasurement.of(watch, ROWS, [count, round(total, 6)])


def measure_catalog_write(library: Library, folder: Path) -> ImagingMeasurement:
    """Write the catalog."""
    path = folder / "written.fits"
    catalog = library.make_catalog(make_columns())
    with memory_growth() as growth, stopwatch() as watch:
        library.write_catalog(str(path), catalog)
    answer = float(library.column(library.read_catalog(str(path)), "measured_3").sum())
    measured = ImagingMeasurement.of(watch, 1, round(answer, 6))
    size = path.stat().st_size / 2**20
    path.unlink()
    return replace(measured, peak_to_data=(size + growth.peak_mb) / size)


def measure_catalog_read(library: Library, folder: Path) -> ImagingMeasurement:
    """Read the catalog and add up three columns."""
    path = folder / "catalog.fits"
    with memory_growth() as growth, stopwatch() as watch:
        catalog = library.read_catalog(str(path))
        sums = _sums([library.column(catalog, f"measured_{number}") for number in (0, 9, 23)])
    measured = ImagingMeasurement.of(watch, 1, [round(total, 6) for total in sums])
    return replace(measured, peak_to_data=growth.peak_mb / (path.stat().st_size / 2**20))


CASES: tuple[Case, ...] = (
    Case("write-plain", "write an exposure of 103 MB", _write("plain")),
    Case("read-plain", "read it and add up its pixels", _read("plain"), _ORDER),
    Case("mask", "read its mask alone and add it up", measure_mask, _ORDER),
    Case("wcs", "read its WCS alone and evaluate it", measure_wcs, _WCS),
    Case("cutout-plain", "read 200 x 200 pixels of its three planes", _cutout("plain"), _CUTOUT),
    Case("write-rice", "write it with RICE, tiles of 64 x 256", _write("rice")),
    Case("read-rice", "read that and add up its pixels", _read("rice")),
    Case("cutout-rice", "read 200 x 200 pixels of its three planes", _cutout("rice"), _CUTOUT),
    Case("catalog-write", "write a catalog of 1,000,000 rows", measure_catalog_write),
    Case("catalog-read", "read it and add up three columns", measure_catalog_read),
    Case("catalog-column", "take a column of it", measure_column, _COLUMN),
    Case("catalog-rows", "go over its rows: a flag, and a number of every tenth", measure_rows),
)
"""Every case, in the order of the table."""
