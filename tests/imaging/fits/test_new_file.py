"""Files that are written whole or not at all."""

from __future__ import annotations

import gzip
import os
import resource
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.table import Table

from imaging import Image, MaskedImage, Metadata
from imaging.errors import (
    DataFileError,
    FitsFileError,
    ParameterTypeError,
    ParameterValueError,
)
from imaging.fits.header import read_metadata, write_metadata
from imaging.fits.new_file import open_new_file
from imaging.fits.regular_file import open_regular
from imaging.fits.table import read_table, write_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def image() -> Image:
    return Image(np.arange(1e5, dtype=np.float32).reshape(100, 1000))


WRITERS: dict[str, Callable[[str], None]] = {
    "image": lambda path: image().write_fits(path),
    "tiles": lambda path: image().write_fits(path, compression="rice"),
    "masked image": lambda path: MaskedImage(image()).write_fits(path),
    "header": lambda path: write_metadata(Metadata({"A": "long " * 4000}), path),
    "table": lambda path: write_table(Table({"a": np.arange(10_000)}), path),
}


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let the system refuse what lies behind a byte, as it does when a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(params=WRITERS)
def write(request: pytest.FixtureRequest) -> Callable[[str], None]:
    return WRITERS[request.param]


def test_failed_writing_leaves_the_file_that_was_there(
    write: Callable[[str], None], tmp_path: Path
) -> None:
    path = tmp_path / "a.fits"
    path.write_bytes(b"good")
    with files_of_at_most(3000), pytest.raises(FitsFileError, match="cannot be written"):
        write(str(path))
    assert path.read_bytes() == b"good"
    assert os.listdir(tmp_path) == ["a.fits"]


def test_failed_writing_of_a_new_file_leaves_none(
    write: Callable[[str], None], tmp_path: Path
) -> None:
    with files_of_at_most(3000), pytest.raises(FitsFileError, match="cannot be written"):
        write(str(tmp_path / "a.fits"))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("is_there", [True, False])
def test_any_error_leaves_nothing_half_done(tmp_path: Path, *, is_there: bool) -> None:
    path = tmp_path / "a"
    if is_there:
        path.write_bytes(b"good")
    with pytest.raises(KeyboardInterrupt), open_new_file(str(path)) as file:  # noqa: PT012
        file.write(b"half")
        raise KeyboardInterrupt
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([b"good"] if is_there else [])


def test_old_file_stays_whole_while_the_new_one_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with open(path, "rb") as reader, open_new_file(str(path)) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    with open(path, "rb") as reader:
        assert reader.read() == b"new"


def test_permissions_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with open_new_file(str(path)) as file:
        file.write(b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("is_there", [True, False])
def test_link_is_followed(tmp_path: Path, *, is_there: bool) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    if is_there:
        target.write_bytes(b"old")
    link.symlink_to("target")
    with open_new_file(str(link)) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("kind", ["directory", "pipe", "device"])
def test_what_is_no_regular_file_is_not_written_over(
    write: Callable[[str], None], kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.fits"
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path = Path("/dev/null")
    with pytest.raises(FitsFileError, match=f"there is a {kind}, which is not written over"):
        write(str(path))
    assert path.exists()


def test_name_that_ends_with_gz_is_gzipped(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits.gz")
    for _ in range(2):  # as a new file and over an old one
        image().write_fits(path)
        assert Path(path).read_bytes()[:2] == b"\x1f\x8b"
        assert Image.read_fits(path) == image()
    assert gzip.decompress(Path(path).read_bytes()).startswith(b"SIMPLE")


def test_gzipped_file_is_the_same_at_any_time(tmp_path: Path) -> None:
    for name in ("a.fits.gz", "b.fits.gz"):
        write_metadata(Metadata({"A": 1}), str(tmp_path / name))
    first, second = (path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert first == second
    assert first[4:8] == bytes(4)  # the time in the header of gzip (RFC 1952)
    assert read_metadata(str(tmp_path / "a.fits.gz"))["A"] == 1


@pytest.mark.parametrize("kind", [Image, MaskedImage])
def test_tiles_are_not_gzipped(kind: type[Image | MaskedImage], tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits.gz")
    with pytest.raises(ParameterValueError, match=r"call it \.fits"):
        kind(image()).write_fits(path, compression="lossless")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("path", [None, 99, b"a.fits"])
def test_what_is_no_path_is_refused(path: object, write: Callable[[str], None]) -> None:
    with pytest.raises(ParameterTypeError, match="path of a file is a text, not"):
        write(path)  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match="path of a file is a text, not"):
        read_table(path)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["", "a\0b"])
def test_impossible_path_is_refused(path: str) -> None:
    with pytest.raises(ParameterValueError, match="cannot be the path"):
        Image.read_fits(path)
    with pytest.raises(ParameterValueError, match="cannot be the path"):
        image().write_fits(path)


def test_paths_of_pathlib_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    image().write_fits(path)  # type: ignore[arg-type]
    assert Image.read_fits(path) == image()  # type: ignore[arg-type]


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataFileError, match="not a regular file but a pipe"):
        open_regular(str(tmp_path / "pipe"), DataFileError)
