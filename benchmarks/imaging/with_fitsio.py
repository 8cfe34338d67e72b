"""fitsio, as its documentation uses it; rows and columns are those of a NumPy array."""

from __future__ import annotations

from typing import TYPE_CHECKING

import fitsio
import numpy as np

from benchmarks.imaging.wcs_cards import WCS_CARDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["LIBRARY", "FitsioLibrary"]


class FitsioLibrary:
    """The adapter; see `benchmarks.imaging.library.Library`."""

    def version(self) -> str:
        return str(fitsio.__version__)

    def write_exposure(self, path: str, planes: Sequence[NDArray[np.generic]], recipe: str) -> None:
        with fitsio.FITS(path, "rw", clobber=True) as file:
            file.write(None)
            for plane, name in zip(planes, ("IMAGE", "MASK", "VARIANCE"), strict=True):
                options: dict[str, object] = {}
                if recipe == "rice":
                    options = {"compress": "RICE", "tile_dims": (64, 256)}
                    if plane.dtype.kind == "f":
                        options |= {"qlevel": 16, "qmethod": "SUBTRACTIVE_DITHER_2"}
                file.write(plane, extname=name, header=WCS_CARDS, **options)

    def read_exposure(self, path: str) -> Sequence[NDArray[np.generic]]:
        with fitsio.FITS(path) as file:
            return [file[number].read() for number in (1, 2, 3)]

    def read_mask(self, path: str) -> NDArray[np.generic]:
        with fitsio.FITS(path) as file:
            plane: NDArray[np.generic] = file["MASK"].read()
            return plane

    def read_sky_position(self, path: str, x: float, y: float) -> tuple[float, float]:
        from astropy.wcs import WCS

        header = fitsio.read_header(path, 1)
        wcs = WCS({name: header[name] for name in WCS_CARDS})
        ra, dec = wcs.all_pix2world(x, y, 0)
        return float(ra), float(dec)

    def read_cutout(self, path: str, x: int, y: int, side: int) -> Sequence[NDArray[np.generic]]:
        with fitsio.FITS(path) as file:
            return [file[n][y : y + side, x : x + side] for n in (1, 2, 3)]

    def make_catalog(self, columns: Mapping[str, NDArray[np.generic]]) -> NDArray[np.void]:
        array = np.empty(
            len(next(iter(columns.values()))), [(name, c.dtype) for name, c in columns.items()]
        )
        for name, column in columns.items():
            array[name] = column
        return array

    def write_catalog(self, path: str, catalog: NDArray[np.void]) -> None:
        fitsio.write(path, catalog, clobber=True)

    def read_catalog(self, path: str) -> NDArray[np.void]:
        rows: NDArray[np.void] = fitsio.read(path, ext=1)
        return rows

    def column(self, catalog: NDArray[np.void], name: str) -> NDArray[np.generic]:
        column: NDArray[np.generic] = catalog[name]
        return column

    def count_flagged(self, catalog: NDArray[np.void], flag: str, name: str) -> tuple[int, float]:
        count, total = 0, 0.0
        for row in catalog:
            if row[flag]:
                count += 1
                total += row[name]
        return count, float(total)


LIBRARY = FitsioLibrary()
