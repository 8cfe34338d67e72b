from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from imaging.errors import FitsFileError
from imaging.reference.shard_rows import flux_names, read_shard

if TYPE_CHECKING:
    from pathlib import Path

UNITS = {"coord_ra": "rad", "coord_dec": "rad"}


def write_old(
    path: Path, version: object = None, unit: str = "", error: str = "r_fluxSigma"
) -> str:
    """A piece with one star, as the LSST stack wrote it."""
    names = ("id", "coord_ra", "coord_dec", "r_flux", error)
    dtype = [(name, "i8" if name == "id" else "f8") for name in names]
    rows = np.array([(7, 1.0, 0.5, 3e-6, 1e-7)], dtype)
    table = fits.BinTableHDU(rows)
    for number, name in enumerate(names, 1):
        spelt = UNITS.get(name, unit if "flux" in name else "")
        if spelt:
            table.header[f"TUNIT{number}"] = spelt
    table.header["HIERARCH AFW_TABLE_VERSION"] = 3
    table.header["AFW_TYPE"] = "SIMPLE"
    if version is not None:
        table.header["HIERARCH REFCAT_FORMAT_VERSION"] = version
    table.writeto(path)
    return str(path)


@pytest.mark.parametrize(
    ("card", "config", "unit", "flux"),
    [
        (None, None, "", 3e3),  # the oldest say nothing: Jy
        (None, 0, "", 3e3),
        (0, None, "", 3e3),
        (None, 1, "", 3e-6),
        (1, None, "", 3e-6),
        (1, 0, "", 3e-6),  # the card is nearer
        (None, None, "nJy", 3e-6),
        (1, None, "Jy", 3e3),
    ],
)
def test_fluxes_are_in_njy_whatever_the_version(
    card: int | None, config: int | None, unit: str, flux: float, tmp_path: Path
) -> None:
    content = read_shard(write_old(tmp_path / "1.fits", card, unit), config)
    assert content.array["r_flux"][0] == pytest.approx(flux)  # rounding
    assert content.array["r_fluxErr"][0] == pytest.approx(flux / 30)
    assert content.schema.find("r_fluxErr").field.units == "nJy"
    assert flux_names(content.schema) == ["r"]


def test_version_that_is_no_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FitsFileError, match="no version"):
        read_shard(write_old(tmp_path / "1.fits", "new"))
