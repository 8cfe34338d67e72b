"""Files as streams of bytes, plain and gzipped."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import pytest

from imaging.errors import FitsFileError
from imaging.fits.source import open_source

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = bytes(range(256)) * 100


@pytest.fixture(params=["plain", "gzipped"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    file = tmp_path / "file"
    file.write_bytes(CONTENT if request.param == "plain" else gzip.compress(CONTENT))
    return str(file)


def test_bytes_are_read_forwards(path: str) -> None:
    with open_source(path) as source:
        assert source.read(3) == CONTENT[:3]
        source.skip_to(1000)
        buffer = bytearray(5)
        source.read_into(memoryview(buffer))
        assert bytes(buffer) == CONTENT[1000:1005]
        assert source.position == 1005
        source.finish()


def test_end_within_the_data_is_an_error(path: str) -> None:
    with open_source(path) as source, pytest.raises(FitsFileError, match="within its data"):
        source.read_into(memoryview(bytearray(len(CONTENT) + 1)))


def test_bytes_further_on_are_read_from_their_place(path: str) -> None:
    with open_source(path) as source:
        buffer = bytearray(300)
        for position in (700, 5000):
            source.read_at(position, memoryview(buffer))
            assert bytes(buffer) == CONTENT[position : position + 300]
        with pytest.raises(FitsFileError, match=f"ends at byte {len(CONTENT)}"):
            source.read_at(len(CONTENT) - 10, memoryview(buffer))
        source.finish()


def test_plain_files_are_read_anywhere_without_moving(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(CONTENT)
    with open_source(str(file)) as source:
        source.skip_to(2000)
        buffer = bytearray(5)
        source.read_at(10, memoryview(buffer))
        assert bytes(buffer) == CONTENT[10:15]
        assert source.read(3) == CONTENT[2000:2003]


def test_more_than_the_file_can_hold_is_refused_before_memory_is_taken(path: str) -> None:
    with open_source(path) as source, pytest.raises(FitsFileError, match="more than the file can"):
        source.require(10**13, "pixels")


def test_damaged_gzip_is_an_error_at_its_end(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(CONTENT))
    content[-6] ^= 1  # within the checksum
    file = tmp_path / "file.gz"
    file.write_bytes(content)
    with pytest.raises(FitsFileError, match=r"damaged|CRC"), open_source(str(file)) as source:
        source.finish()


def test_truncated_gzip_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "file.gz"
    file.write_bytes(gzip.compress(CONTENT)[:-20])
    with (
        pytest.raises(FitsFileError, match="gzipped file is damaged"),
        open_source(str(file)) as source,
    ):
        source.finish()


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.fits")
    for path in (tmp_path / "fifo.fits", tmp_path):
        with pytest.raises(FitsFileError, match="not a regular file"), open_source(str(path)):
            pass


def test_missing_file_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(FitsFileError, match=r"gone\.fits: No such file"),
        open_source(str(tmp_path / "gone.fits")),
    ):
        pass
