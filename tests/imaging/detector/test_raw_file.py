"""Raw files of several images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from imaging.detector.raw_file import read_amplifiers
from imaging.errors import FitsFileError

if TYPE_CHECKING:
    from pathlib import Path


def written(path: Path, *names: str | None) -> str:
    hdus: list[object] = [fits.PrimaryHDU(header=fits.Header({"OBJECT": "M31"}))]
    for number, name in enumerate(names, 1):
        hdu = fits.ImageHDU(np.full((2, 3), number, np.uint16), name=name)
        hdu.header["INHERIT"] = number == 1
        hdu.header["DATASEC"] = f"[1:{number},1:2]"
        hdus.append(hdu)
    hdus.append(fits.BinTableHDU.from_columns([fits.Column("A", "J", array=[1])]))
    fits.HDUList(hdus).writeto(path)
    return str(path)


def test_every_image_is_read_by_its_name_with_its_own_cards(tmp_path: Path) -> None:
    images = read_amplifiers(written(tmp_path / "raw.fits.gz", "C00", "C01", None))
    assert list(images) == ["C00", "C01", "3"]
    assert [int(image.array.max()) for image in images.values()] == [1, 2, 3]
    assert [image.metadata["DATASEC"] for image in images.values()] == [
        *("[1:1,1:2]", "[1:2,1:2]", "[1:3,1:2]"),
    ]
    assert [image.metadata.get("OBJECT") for image in images.values()] == ["M31", None, None]
    assert images["C00"].dtype == np.uint16


def test_two_images_of_one_name_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "raw.fits", "C00", "C00")
    with pytest.raises(FitsFileError, match=r"raw\.fits: it has two images 'C00', the second is 2"):
        read_amplifiers(path)


def test_a_file_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FitsFileError, match=r"raw\.fits: it has no image of an amplifier"):
        read_amplifiers(written(tmp_path / "raw.fits"))
