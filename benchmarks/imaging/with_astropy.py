"""astropy, as its documentation uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import astropy
import numpy as np
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS

from benchmarks.imaging.wcs_cards import WCS_CARDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["LIBRARY", "AstropyLibrary"]


class AstropyLibrary:
    """The adapter; see `benchmarks.imaging.library.Library`."""

    def version(self) -> str:
        return str(astropy.__version__)

    def write_exposure(self, path: str, planes: Sequence[NDArray[np.generic]], recipe: str) -> None:
        header = fits.Header(WCS_CARDS)
        hdus = [fits.PrimaryHDU()]
        for plane, name in zip(planes, ("IMAGE", "MASK", "VARIANCE"), strict=True):
            if recipe == "plain":
                hdus.append(fits.ImageHDU(plane, header, name))
                continue
            options = {"quantize_level": 16, "quantize_method": 2, "dither_seed": 1}
            hdus.append(
                fits.CompImageHDU(
                    plane,
                    header,
                    name,
                    compression_type="RICE_1",
                    tile_shape=(64, 256),
                    **(options if plane.dtype.kind == "f" else {}),
                )
            )
        fits.HDUList(hdus).writeto(path, overwrite=True)

    def read_exposure(self, path: str) -> Sequence[NDArray[np.generic]]:
        with fits.open(path, memmap=False) as file:
            return [file[number].data for number in (1, 2, 3)]

    def read_mask(self, path: str) -> NDArray[np.generic]:
        with fits.open(path, memmap=False) as file:
            plane: NDArray[np.generic] = file["MASK"].data
            return plane

    def read_sky_position(self, path: str, x: float, y: float) -> tuple[float, float]:
        ra, dec = WCS(fits.getheader(path, 1)).all_pix2world(x, y, 0)
        return float(ra), float(dec)

    def read_cutout(self, path: str, x: int, y: int, side: int) -> Sequence[NDArray[np.generic]]:
        with fits.open(path) as file:
            return [file[n].section[y : y + side, x : x + side] for n in (1, 2, 3)]

    def make_catalog(self, columns: Mapping[str, NDArray[np.generic]]) -> Table:
        return Table(columns, copy=False)

    def write_catalog(self, path: str, catalog: Table) -> None:
        catalog.write(path, format="fits", overwrite=True)

    def read_catalog(self, path: str) -> Table:
        return Table.read(path, format="fits", memmap=False)

    def column(self, catalog: Table, name: str) -> NDArray[np.generic]:
        return np.asarray(catalog[name])

    def count_flagged(self, catalog: Table, flag: str, name: str) -> tuple[int, float]:
        count, total = 0, 0.0
        for row in catalog:
            if row[flag]:
                count += 1
                total += row[name]
        return count, float(total)


LIBRARY = AstropyLibrary()
