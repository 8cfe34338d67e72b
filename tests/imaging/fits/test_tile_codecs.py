"""Images large enough for astropy's codecs; smaller ones are tested with images."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import fitsio
import numpy as np
import pytest
from astropy.io import fits

from imaging import Box, Extent2I, Metadata, Point2I
from imaging.errors import FitsFileError
from imaging.fits.planes import Plane, read_plane, write_plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.fits.tiles import Compression

SHAPE = (600, 700)
SIGMA = 30.0


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "image.fits")


def some_pixels(dtype: str) -> NDArray[np.number]:
    sky = np.random.default_rng(20131102).normal(1000, SIGMA, SHAPE)
    return sky.clip(0, 255 if dtype == "u1" else None).astype(dtype)


def write(array: NDArray[np.number], path: str, compression: Compression) -> None:
    header = Metadata({"OBJECT": "sky"})
    write_plane(Plane(array, Point2I(3, -4), header), path, compression=compression)


def content_of(path: str) -> bytes:
    return Path(path).read_bytes()


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "u4", "f4", "f8"])
def test_large_images_come_back_bit_for_bit_to_every_reader(dtype: str, path: str) -> None:
    array = some_pixels(dtype)
    write(array, path, "lossless")
    plane = read_plane(path)
    assert plane.array.dtype == array.dtype
    assert plane.array.tobytes() == array.tobytes()
    assert plane.header == Metadata({"OBJECT": "sky"})
    with fits.open(path) as file:
        np.testing.assert_array_equal(file[1].data, array)
    np.testing.assert_array_equal(fitsio.read(path, 1), array)
    program = shutil.which("fitsverify")
    if program:
        done = subprocess.run([program, "-q", path], capture_output=True, text=True, check=False)
        assert "verification OK" in done.stdout, done.stdout


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("shape", [(20, 30), SHAPE])
def test_lossless_keeps_what_is_no_number(dtype: str, shape: tuple[int, int], path: str) -> None:
    array = some_pixels(dtype)[: shape[0], : shape[1]].copy()
    array[3, 5:9] = [np.nan, np.inf, -np.inf, -0.0]
    write(array, path, "lossless")
    assert read_plane(path).array.tobytes() == array.tobytes()


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("shape", [(20, 30), SHAPE])
def test_lossless_keeps_the_bits_of_every_nan(
    dtype: str, shape: tuple[int, int], path: str
) -> None:
    array = some_pixels(dtype)[: shape[0], : shape[1]].copy()
    bits = {"f4": [0xFFB9D49E, 0x7F800001], "f8": [0xFFF7B9D49E000001, 0x7FF0000000000001]}
    array.view(f"u{array.itemsize}")[3, 5:7] = bits[dtype]
    assert np.isnan(array[3, 5:7]).all()
    write(array, path, "lossless")
    assert read_plane(path).array.tobytes() == array.tobytes()


@pytest.mark.parametrize("shape", [(100, 300), SHAPE])
def test_rice_keeps_nan_and_all_readers_see_the_same(shape: tuple[int, int], path: str) -> None:
    array = some_pixels("f4")[: shape[0], : shape[1]].copy()
    array[3:60, 5:260] = np.nan
    array[80, 20] = 1e30  # makes a tile that cannot be rounded
    write(array, path, "rice")
    found = read_plane(path).array
    np.testing.assert_array_equal(np.isnan(found), np.isnan(array))
    is_sky = np.isfinite(array) & (array < 1e6)
    assert np.std((found - array)[is_sky], dtype="f8") < 0.02 * SIGMA  # a sixteenth / sqrt(12)
    with fits.open(path) as file:
        np.testing.assert_array_equal(file[1].data, found)
    np.testing.assert_array_equal(fitsio.read(path, 1), found)
    part = read_plane(path, bbox=Box(Point2I(50, 10), Extent2I(40, 80)))
    np.testing.assert_array_equal(part.array, found[14:94, 47:87])


@pytest.mark.parametrize("shape", [(100, 300), SHAPE])
def test_rice_keeps_infinite_pixels_and_then_all_others(shape: tuple[int, int], path: str) -> None:
    array = some_pixels("f4")[: shape[0], : shape[1]].copy()
    array[70, 10:12] = [np.inf, -np.inf]
    write(array, path, "rice")
    assert read_plane(path).array.tobytes() == array.tobytes()


@pytest.mark.parametrize("shape", [(100, 300), SHAPE])
@pytest.mark.parametrize(("most", "others", "share"), [(1e6, 0, 0.1), (25, 400, 0.02)])
def test_rice_does_not_move_constant_pixels_by_the_noise_of_spikes(
    shape: tuple[int, int], most: float, others: float, share: float, path: str
) -> None:
    array = np.full(shape, most, np.float32)
    rng = np.random.default_rng(20131102)
    array[rng.random(shape) < share] = others
    array[rng.random(shape) < 0.01] = np.nan
    write(array, path, "rice")
    assert read_plane(path).array.tobytes() == array.tobytes()


@pytest.mark.parametrize("compression", ["lossless", "rice"])
def test_the_same_pixels_give_the_same_file_at_any_time(
    compression: Compression, path: str
) -> None:
    array = some_pixels("f4")
    array[80, 20] = 1e30
    write(array, path, compression)
    content = content_of(path)
    tiles = [place for place in range(len(content)) if content.startswith(b"\x1f\x8b\x08\0", place)]
    assert tiles
    assert all(content[place + 4 : place + 8] == bytes(4) for place in tiles)
    write(array, path, compression)
    assert content_of(path) == content


@pytest.mark.parametrize("shape", [(100, 300), SHAPE])
@pytest.mark.parametrize(
    ("dtype", "name", "value"),
    [
        ("f4", "ZDITHER0", -64),
        ("f4", "ZDITHER0", 0),
        ("f4", "ZVAL2", 2),
        ("i2", "ZVAL2", 4),
        ("i2", "ZVAL1", 0),
        ("i4", "ZBITPIX", -32),
    ],
)
def test_parameters_that_codecs_crash_at_are_an_error(
    shape: tuple[int, int], dtype: str, name: str, value: int, path: str
) -> None:
    write(some_pixels(dtype)[: shape[0], : shape[1]], path, "rice")
    with fits.open(path, mode="update", disable_image_compression=True) as file:
        file[1].header[name] = value
    with pytest.raises(FitsFileError, match="not possible for pixels in RICE_1"):
        read_plane(path)


def test_number_of_columns_that_is_not_possible_is_an_error(path: str) -> None:
    write(some_pixels("i2"), path, "rice")
    content = content_of(path)
    card = b"TFIELDS =                    1"
    Path(path).write_bytes(content.replace(card, b"TFIELDS =           2147483648", 1))
    with pytest.raises(FitsFileError, match="TFIELDS = 2147483648 is not possible"):
        read_plane(path)


def test_file_that_ends_within_its_tiles_is_an_error(path: str) -> None:
    write(some_pixels("f4"), path, "rice")
    Path(path).write_bytes(content_of(path)[:200_000])
    with pytest.raises(FitsFileError, match="more than the file can hold"):
        read_plane(path)


@pytest.mark.parametrize("compression", ["lossless", "rice"])
def test_tiles_in_what_is_no_table_are_not_taken_for_pixels(
    compression: Compression, path: str
) -> None:
    write(some_pixels("f4"), path, compression)
    content = content_of(path)
    Path(path).write_bytes(content.replace(b"'BINTABLE'", b"'bINTABLE'", 1))
    for box in (None, Box(Point2I(10, 10), Extent2I(10, 10))):
        with pytest.raises(FitsFileError, match="XTENSION = 'bINTABLE' is not possible"):
            read_plane(path, bbox=box)
