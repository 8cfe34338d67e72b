"""WCS in archives of the LSST stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from imaging.errors import UndecodableError
from imaging.fits.archive import read_archive
from imaging.fits.header import read_metadata
from imaging.fits.reference_pixel import read_origin
from imaging.wcs.archived import wcs_from_archive
from imaging.wcs.wcs import Wcs

if TYPE_CHECKING:
    from pathlib import Path


def test_archive_of_a_real_image_has_the_wcs_of_its_header(shared_data: Path) -> None:
    """Its crpix is the parent pixel counted from 0: CRPIX - 1 + (100, 100), exactly."""
    path = str(shared_data / "hsc_pixels/HSC-0908120-056-small.fits")
    header = read_metadata(path, 1)
    wcs = wcs_from_archive(read_archive(path, 4), 1)
    assert wcs == Wcs.from_metadata(header, read_origin(header))
    assert wcs.parameters.sip is not None
    assert wcs.parameters.sip.ap[1][0] == header["AP_1_0"]


def test_archive_without_distortion_has_one_table(shared_data: Path) -> None:
    path = str(shared_data / "hsc_pixels/modelfit_calexp_101.fits")
    header = read_metadata(path)
    wcs = wcs_from_archive(read_archive(path, int(str(header["AR_HDU"])) - 1), 19)
    assert wcs == Wcs.from_metadata(header, read_origin(header))
    assert not wcs.has_distortion


def test_other_classes_are_named(shared_data: Path) -> None:
    path = str(shared_data / "hsc_pixels/modelfit_calexp_101.fits")
    archive = read_archive(path, 4)
    with pytest.raises(UndecodableError, match=r"PcaPsf of lsst\.meas\.algorithms.*header"):
        wcs_from_archive(archive, 1)
    with pytest.raises(UndecodableError, match="no object 77"):
        wcs_from_archive(archive, 77)


def written(path: Path, name: str, columns: list[fits.Column]) -> str:
    index = fits.BinTableHDU.from_columns(
        [
            *(
                fits.Column(column, "J", array=[value])
                for column, value in (
                    ("id", 1),
                    ("cat.archive", 1),
                    ("cat.persistable", 0),
                    ("row0", 0),
                    ("nrows", 1),
                )
            ),
            fits.Column("name", "64A", array=[name]),
            fits.Column("module", "64A", array=["lsst.afw.geom"]),
        ]
    )
    index.header.update(EXTTYPE="ARCHIVE_INDEX", AR_CATN=0, AR_NCAT=2)
    data = fits.BinTableHDU.from_columns(columns)
    data.header.update(EXTTYPE="ARCHIVE_DATA", AR_CATN=1)
    fits.HDUList([fits.PrimaryHDU(), index, data]).writeto(path)
    return str(path)


def test_text_of_the_ast_library_is_not_read(tmp_path: Path) -> None:
    text = fits.Column("wcs", "6B", array=np.array([list(b"Begin ")], np.uint8))
    path = written(tmp_path / "a.fits", "SkyWcs", [text])
    with pytest.raises(UndecodableError, match=r"SkyWcs of lsst\.afw\.geom"):
        wcs_from_archive(read_archive(path, 1), 1)


def test_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.fits", "TanWcs", [fits.Column("crval", "2D", array=[[1.0, 2.0]])])
    with pytest.raises(UndecodableError, match=r"not a TanWcs as expected.*ctype1"):
        wcs_from_archive(read_archive(path, 1), 1)
