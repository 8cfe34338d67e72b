"""Several parts of a file, read in one pass."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from imaging.errors import BoxError, FitsFileError, HduNotFoundError
from imaging.fits.metadata import Metadata
from imaging.fits.parts import open_parts
from imaging.fits.planes import Plane, read_plane
from imaging.fits.rows import Rows
from imaging.fits.writer import PlanePart, RowsPart, write_parts
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I

PIXELS = np.arange(600, dtype=np.float32).reshape(20, 30)
ORIGIN = Point2I(100, -50)
ROWS = Rows(np.array([(1, 2.0), (3, 4.0)], [("id", "i4"), ("x", "f8")]))


@pytest.fixture(params=["plain", "gzipped"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    path = tmp_path / "parts.fits"
    plane = Plane(PIXELS, ORIGIN, Metadata({"BUNIT": "adu", "CRPIX1": 10.0}))
    mask = Plane(PIXELS.astype(np.int32), ORIGIN, Metadata())
    compression = "rice" if request.param == "plain" else None  # both are not read at once
    parts = [PlanePart(plane, "IMAGE"), PlanePart(mask, "MASK", compression)]
    write_parts(str(path), Metadata({"OBJECT": "M31"}), [*parts, RowsPart(ROWS, "SOURCES")])
    if request.param == "gzipped":
        path.write_bytes(gzip.compress(path.read_bytes()))
    return str(path)


def test_parts_come_in_their_order_with_what_they_hold(path: str) -> None:
    with open_parts(path) as parts:
        assert parts.primary["OBJECT"] == "M31"
        found = [
            (part.index, part.name, part.is_image, part.is_table) for part in parts.iter_hdus()
        ]
    assert found == [
        (0, "", False, False),
        (1, "IMAGE", True, False),
        (2, "MASK", True, False),
        (3, "SOURCES", False, True),
    ]


def test_images_and_tables_are_read_in_one_pass(path: str) -> None:
    with open_parts(path) as parts:
        _, image, mask, sources = (
            part.rows() if part.is_table else part.plane() if part.is_image else None
            for part in parts.iter_hdus()
        )
    assert isinstance(image, Plane)
    assert isinstance(mask, Plane)
    assert isinstance(sources, Rows)
    np.testing.assert_array_equal(image.array, PIXELS)
    np.testing.assert_array_equal(mask.array, PIXELS)
    assert (image.origin, mask.origin) == (ORIGIN, ORIGIN)
    assert sources.array.tolist() == ROWS.array.tolist()


def test_headers_are_those_of_the_part_alone(path: str) -> None:
    with open_parts(path) as parts:
        _, image, *_ = (part.header for part in parts.iter_hdus())
    assert image == Metadata({"EXTNAME": "IMAGE", "BUNIT": "adu", "CRPIX1": 10.0})


@pytest.mark.parametrize(
    ("begin", "origin"), [(Point2I(105, -47), "parent"), (Point2I(5, 3), "local")]
)
def test_boxes_select_the_same_pixels_of_every_image(
    path: str, begin: Point2I, origin: str
) -> None:
    box = Box(begin, Extent2I(7, 4))
    with open_parts(path) as parts:
        planes = [part.plane(box, origin) for part in parts.iter_hdus() if part.is_image]
    for plane in planes:
        np.testing.assert_array_equal(plane.array, PIXELS[3:7, 5:12])
        assert plane.origin == Point2I(105, -47)
    assert planes[0].header["CRPIX1"] == 5.0


def test_boxes_outside_are_refused(path: str) -> None:
    with open_parts(path) as parts:
        for part in parts.iter_hdus():
            if part.is_image:
                assert part.bbox == Box(ORIGIN, Extent2I(30, 20))
                with pytest.raises(BoxError):
                    part.plane(Box(Point2I(0, 0), Extent2I(5, 5)))


def test_a_part_is_read_while_the_file_stands_at_it(path: str) -> None:
    with open_parts(path) as parts:
        kept = list(parts.iter_hdus())
        with pytest.raises(FitsFileError, match="HDU 1 is read already"):
            kept[1].plane()


def test_parts_of_the_wrong_kind_are_refused(path: str) -> None:
    with open_parts(path) as parts:
        for part in parts.iter_hdus():
            if part.is_image:
                with pytest.raises(HduNotFoundError, match="is not a table"):
                    part.rows()
            if part.is_table:
                with pytest.raises(HduNotFoundError, match="but a table; choose another with hdu="):
                    part.plane()


def test_a_damaged_gzip_file_is_an_error_at_the_end(path: str, tmp_path: Path) -> None:
    with open(path, "rb") as file:
        content = file.read()
    if content[:2] != b"\x1f\x8b":
        content = gzip.compress(content)
    damaged = tmp_path / "damaged.fits.gz"
    damaged.write_bytes(content[:-6] + bytes([content[-6] ^ 1]) + content[-5:])
    with pytest.raises(FitsFileError, match="CRC check failed"), open_parts(str(damaged)) as parts:
        next(parts.iter_hdus())


def test_hdus_are_found_behind_headers_that_are_hard_to_read(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    header = fits.Header({"EXTNAME": "A" * 75, "REMARK": "NAXIS1  = 7"})
    first = fits.ImageHDU(np.zeros((3, 4), np.int16), header)
    fits.HDUList([fits.PrimaryHDU(), first, fits.ImageHDU(PIXELS, name="b")]).writeto(path)
    with open_parts(path) as parts:
        assert [part.name for part in parts.iter_hdus()] == ["", "A" * 75, "B"]
    np.testing.assert_array_equal(read_plane(path, hdu="b").array, PIXELS)


def stored_bytes(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


@pytest.mark.parametrize("filling", [b"", b"\0" * 2880, b" " * 5000, b"\n", b"\x1a"])
def test_nothing_but_filling_behind_the_last_hdu_is_its_end(
    path: str, tmp_path: Path, filling: bytes
) -> None:
    filled = tmp_path / "filled.fits"
    filled.write_bytes(stored_bytes(Path(path)) + filling)
    with open_parts(str(filled)) as parts:
        assert len(list(parts.iter_hdus())) == 4


@pytest.mark.parametrize("begin", [b"XTFNSION", b"\0TENSION", b"\xff" * 8])
def test_damaged_header_is_not_taken_for_the_end_of_the_file(
    path: str, tmp_path: Path, begin: bytes
) -> None:
    content = stored_bytes(Path(path))
    place = content.rindex(b"XTENSION")
    damaged = tmp_path / "damaged.fits"
    damaged.write_bytes(content[:place] + begin + content[place + 8 :])
    with (
        pytest.raises(FitsFileError, match=f"at byte {place} there is no header of HDU 3"),
        open_parts(str(damaged)) as parts,
    ):
        list(parts.iter_hdus())
