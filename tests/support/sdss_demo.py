"""One field of SDSS in five filters, as the LSST stack's demonstration processed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from astropy.io import fits

from imaging import Exposure, Image, MaskedImage
from imaging.psf.kl import read_psfield
from imaging.wcs.astrans import read_astrans

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["FILTERS", "read_expected", "read_sdss"]

FILTERS: Final = "ugriz"
_ROWS: Final = 1361
"""The rows above them are those of the next field."""
_SOFT_BIAS: Final = 1000
_PLANES: Final = {"S_MASK_INTERP": "INTRP", "S_MASK_SATUR": "SAT", "S_MASK_CR": "CR"}
_GAINS: Final = {"u": 1.60, "g": 3.995, "r": 4.76, "i": 4.885, "z": 4.775}
_FIELD: Final = {"run": 4192, "camcol": 4, "field": 300}


def read_sdss(shared_data: Path, band: str) -> Exposure:
    """Read pixels, mask, PSF and WCS of a filter; the variance is pixels by gain."""
    folder = shared_data / "sdss_demo" / "input" / "4192" / "40"
    with fits.open(folder / "corr" / "4" / f"fpC-004192-{band}4-0300.fit.gz") as hdus:
        pixels = hdus[0].data[:_ROWS].astype(np.float32) - _SOFT_BIAS
    exposure = Exposure(
        MaskedImage(Image(pixels), variance=Image(np.maximum(pixels, 1) / np.float32(_GAINS[band])))
    )
    with fits.open(folder / "objcs" / "4" / f"fpM-004192-{band}4-0300.fit") as hdus:
        numbers = {row[1]: int(row[2]) for row in hdus[11].data if row[0] == "S_MASKTYPE"}
        for name, plane in _PLANES.items():
            chosen = _masked(hdus[1 + numbers[name]].data)[:_ROWS]
            exposure.mask.set_plane(plane, chosen)
    psf = str(folder / "objcs" / "4" / "psField-004192-4-0300.fit")
    exposure.psf = read_psfield(psf, band)
    exposure.wcs = read_astrans(str(folder / "astrom" / "asTrans-004192.fit"), 4, band, 300)
    return exposure


def _masked(table: NDArray[np.void]) -> NDArray[np.bool_]:
    """Return the pixels of the masks of a plane: runs of bytes y, x1, x2, two each."""
    plane = np.zeros((1489, 2048), bool)
    for row in table:
        spans = np.asarray(row["s"], np.uint8).tobytes()
        for y, first, last in np.frombuffer(spans, ">u2").astype(int).reshape(-1, 3):
            low = row["col0"]
            plane[row["row0"] + y, low + first : low + last + 1] = True
    return plane


def read_expected(shared_data: Path, band: str) -> NDArray[np.void]:
    """Return the rows of a filter of the catalog that the LSST stack wrote."""
    path = shared_data / "sdss_demo" / "expected" / "Linux64" / "detected-sources_4192.txt"
    rows = np.genfromtxt(path, names=True, dtype=None, encoding="ascii")
    number = (_FIELD["run"] * 10 + FILTERS.index(band)) * 10 + _FIELD["camcol"]
    chosen: NDArray[np.void] = rows[(rows["id"] >> 26) == number * 10000 + _FIELD["field"]]
    return chosen
