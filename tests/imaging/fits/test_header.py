"""Headers, and the parts of a file that they describe."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from imaging.errors import FitsFileError, HduNotFoundError
from imaging.fits.hdus import iter_hdus
from imaging.fits.header import read_metadata, write_metadata
from imaging.fits.metadata import Metadata
from imaging.fits.planes import Plane, read_plane, write_plane
from imaging.fits.rows import Rows, read_rows_of
from imaging.fits.source import open_source
from imaging.fits.writer import PlanePart, RowsPart, write_parts
from imaging.geometry.points import Point2I

if TYPE_CHECKING:
    from pathlib import Path

    from imaging.fits.tiles import Compression

SDSS = "sdss_demo/input/4192/40"


@pytest.fixture
def exposure_path(tmp_path: Path) -> str:
    primary = fits.PrimaryHDU()
    primary.header["EXPTIME"] = 30.0
    primary.header["OBJECT"] = "M31"
    primary.header["HISTORY"] = "of the exposure"
    image = fits.ImageHDU(np.zeros((4, 6), np.float32), name="SCI")
    image.header["OBJECT"] = "M33"
    image.header["HISTORY"] = "of the image"
    image.header["INHERIT"] = True
    mask = fits.ImageHDU(np.zeros((4, 6), np.uint8), name="MASK")
    mask.header["MP_BAD"] = 0
    path = tmp_path / "exposure.fits"
    fits.HDUList([primary, image, mask]).writeto(path)
    return str(path)


def test_primary_and_image_header_are_merged(exposure_path: str) -> None:
    metadata = read_metadata(exposure_path)
    assert metadata["EXPTIME"] == 30.0
    assert metadata.get_all("OBJECT") == ["M33"]
    assert metadata.get_all("HISTORY") == ["of the exposure", "of the image"]
    assert (metadata["BITPIX"], metadata.get_all("NAXIS")) == (-32, [2])


def test_header_of_one_hdu_stands_alone_unless_it_inherits(exposure_path: str) -> None:
    assert "EXPTIME" not in read_metadata(exposure_path, hdu=2)
    assert read_metadata(exposure_path, hdu="mask")["MP_BAD"] == 0
    assert read_metadata(exposure_path, hdu=1)["EXPTIME"] == 30.0
    assert read_metadata(exposure_path, hdu=0)["OBJECT"] == "M31"


def test_missing_hdu_is_an_error_that_lists_what_is_there(exposure_path: str) -> None:
    with pytest.raises(HduNotFoundError, match="no HDU 'VAR' among its HDUs: 0, 1 SCI, 2 MASK"):
        read_metadata(exposure_path, hdu="VAR")


def test_compressed_image_is_described_as_it_was(tmp_path: Path) -> None:
    hdu = fits.CompImageHDU(np.zeros((40, 60), np.uint16))
    hdu.header["OBJECT"] = "M31"
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(tmp_path / "a.fits.fz")
    metadata = read_metadata(str(tmp_path / "a.fits.fz"))
    assert [metadata[name] for name in ("NAXIS1", "NAXIS2", "BITPIX")] == [60, 40, 16]
    assert metadata["OBJECT"] == "M31"
    assert not [name for name in metadata if name.startswith(("Z", "T"))]


def test_header_is_read_without_the_data(tmp_path: Path) -> None:
    header = fits.Header(
        {"SIMPLE": True, "BITPIX": 16, "NAXIS": 2, "NAXIS1": 10**6, "NAXIS2": 10**6}
    )
    header["OBJECT"] = "M31"
    path = tmp_path / "a.fits.gz"
    path.write_bytes(gzip.compress(header.tostring().encode()))
    assert read_metadata(str(path))["OBJECT"] == "M31"


def test_written_header_is_read_by_astropy_and_by_us(tmp_path: Path) -> None:
    metadata = Metadata({"EXPTIME": 30.0, "NOTE": "x" * 200, "HISTORY": ["a", "b"], "NAXIS1": 7})
    path = str(tmp_path / "header.fits")
    write_metadata(metadata, path)
    header = fits.getheader(path)
    assert (header["EXPTIME"], header["NOTE"], list(header["HISTORY"])) == (
        30.0,
        "x" * 200,
        ["a", "b"],
    )
    again = read_metadata(path)
    assert "NAXIS1" not in again
    assert again["NOTE"] == "x" * 200


def test_every_part_of_a_file_is_found(exposure_path: str) -> None:
    with open_source(exposure_path) as source:
        found = [(hdu.index, hdu.name, hdu.image_shape, hdu.data_size) for hdu in iter_hdus(source)]
    assert found == [(0, "", None, 0), (1, "SCI", (4, 6), 96), (2, "MASK", (4, 6), 24)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"hello", "not a FITS file"),
        (f"{'SIMPLE  =                    T':<2880}".encode(), "has no END"),
        (b"SIMPLE  =                    T" + b" " * 2880 * 2001, "more than 2000 blocks"),
    ],
)
def test_file_of_another_kind_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.fits"
    path.write_bytes(content)
    with pytest.raises(FitsFileError, match=reason):
        read_metadata(str(path))


@pytest.mark.parametrize("card", [("NAXIS", 999), ("NAXIS1", -5), ("BITPIX", 17), ("NAXIS2", "x")])
def test_header_that_is_not_possible_is_refused(tmp_path: Path, card: tuple[str, object]) -> None:
    header = fits.Header({"SIMPLE": True, "BITPIX": 16, "NAXIS": 2, "NAXIS1": 2, "NAXIS2": 2})
    text = header.tostring().replace(
        fits.Card(card[0], header[card[0]]).image, fits.Card(*card).image
    )
    path = tmp_path / "a.fits"
    path.write_bytes(text.encode())
    with pytest.raises(FitsFileError, match="is not possible"):
        read_metadata(str(path))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"{SDSS}/objcs/4/fpM-004192-r4-0300.fit", {"RUN": 4192, "CAMCOL": 4}),
        (f"{SDSS}/objcs/4/psField-004192-4-0300.fit", {"RUN": 4192, "TFIELDS": 11}),
        (f"{SDSS}/astrom/asTrans-004192.fit", {"RUN": 4192, "FILTERS": "r i u z g"}),
        (f"{SDSS}/calibChunks/4/tsField-004192-4-40-0300.fit", {"RUN": 4192, "FIELD0": 300}),
        (f"{SDSS}/corr/4/fpC-004192-r4-0300.fit.gz", {"FILTER": "r", "EXPTIME": "53.907456"}),
        ("obs_test/input/raw/raw_v1_fg.fits.gz", {"NAXIS1": 1026, "NAXIS2": 2000}),
        ("hsc_pixels/HSC-0908120-056-small.fits", {"AR_HDU": 5, "CTYPE1": "RA---TAN-SIP"}),
    ],
)
def test_header_of_real_files(shared_data: Path, name: str, expected: dict[str, object]) -> None:
    metadata = read_metadata(str(shared_data / name))
    assert {key: metadata[key] for key in expected} == expected


@pytest.mark.filterwarnings("ignore::UserWarning")  # astropy, of cards in real files
def test_real_headers_say_what_astropy_reads(shared_data: Path) -> None:
    paths = [*shared_data.glob("hsc_pixels/*.fits"), *shared_data.glob("obs_test/input/raw/*.gz")]
    assert paths
    for path in paths:
        with fits.open(path, memmap=False) as file:
            for index, hdu in enumerate(file):
                ours = read_metadata(str(path), hdu=index)
                names = set(hdu.header) - {"COMMENT", "HISTORY", "", "SIMPLE", "XTENSION"}
                for name in names - {"BZERO", "BSCALE"}:  # astropy drops them with the data
                    value = hdu.header[name]
                    if isinstance(value, fits.card.Undefined):
                        value = None
                    assert ours.get_all(name)[0] == value, (path.name, index, name)


TILE_CARDS = {
    "ZSCALE": 3,
    "ZIMAGE": True,
    "ZTABLE": True,
    "ZBITPIX": "v",
    "ZQUANTIZ": "any",
    "ZCTYP1": "GZIP_1",
}


@pytest.mark.parametrize("compression", [None, "lossless", "rice"])
@pytest.mark.parametrize("dtype", ["i4", "f4"])
def test_cards_about_tiles_do_not_come_from_the_user(
    compression: Compression | None, dtype: str, tmp_path: Path
) -> None:
    path = str(tmp_path / "a.fits")
    pixels = np.random.default_rng(1).normal(1000, 5, (70, 300)).astype(dtype)
    header = Metadata({**TILE_CARDS, "OBJECT": "M31"})
    write_plane(Plane(pixels, Point2I(), header), path, compression=compression)
    plane = read_plane(path)
    if compression != "rice" or dtype == "i4":
        np.testing.assert_array_equal(plane.array, pixels)
    assert plane.header == Metadata({"OBJECT": "M31"})


def test_cards_about_tiles_do_not_make_tables_and_parts_unreadable(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    header = Metadata({**TILE_CARDS, "OBJECT": "M31"})
    rows = Rows(np.zeros(3, [("x", "f8")]), header)
    plane = Plane(np.ones((3, 4), np.float32), Point2I(), header)
    write_parts(path, header, [PlanePart(plane, "IMAGE"), RowsPart(rows, "ROWS")])
    assert read_plane(path, hdu="IMAGE").array.sum() == 12
    assert len(read_rows_of(path, "ROWS")) == 3
    assert not read_metadata(path, hdu="ROWS").keys() & TILE_CARDS.keys()


def test_long_texts_are_announced_once_and_not_among_the_users_cards(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    header = Metadata({"A": "long " * 40, "B": "longer " * 40})
    write_plane(Plane(np.ones((3, 4), np.float32), Point2I(), header), path)
    assert fits.getheader(path).tostring().count("LONGSTRN=") == 1
    assert read_plane(path).header == header
    write_plane(Plane(np.ones((3, 4), np.float32), Point2I(), Metadata({"A": 1})), path)
    assert "LONGSTRN" not in fits.getheader(path)


@pytest.mark.parametrize("name", ["BSCALE", "BZERO"])
def test_scale_that_is_no_number_is_an_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    write_plane(Plane(np.ones((3, 4), np.uint16), Point2I(), Metadata()), str(path))
    content = path.read_bytes()
    begin = content.index(f"{name:<8}=".encode())
    path.write_bytes(content[: begin + 10] + b"'32'68'".rjust(20) + content[begin + 30 :])
    with pytest.raises(FitsFileError, match=f"HDU 0: {name} = '32.* is not a number"):
        read_plane(str(path))
