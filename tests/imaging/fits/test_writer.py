"""Several images and tables in one file."""

from __future__ import annotations

import shutil
import subprocess
import tracemalloc
from typing import TYPE_CHECKING

import fitsio
import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from imaging.errors import FitsFileError, MetadataError, ParameterTypeError, ParameterValueError
from imaging.fits.metadata import Metadata
from imaging.fits.parts import open_parts
from imaging.fits.planes import Plane, read_plane
from imaging.fits.rows import Rows, VariableColumn
from imaging.fits.writer import PlanePart, RowsPart, write_parts
from imaging.geometry.points import Point2I

if TYPE_CHECKING:
    from pathlib import Path

    from imaging.fits.tiles import Compression

SETTINGS = {
    "max_examples": 40,
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}
WCS = {
    f"{name}{axis}": value
    for axis in (1, 2)
    for name, value in {"CTYPE": "LINEAR", "CRPIX": 5.0, "CRVAL": 1.0, "CDELT": 0.5}.items()
}
TYPES = ("u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")


def check_with_fitsverify(path: str) -> None:
    """Skip, or fail if the program of HEASARC finds an error or a warning."""
    program = shutil.which("fitsverify")
    if program is None:
        pytest.skip("fitsverify is not installed: apt-get install fitsverify")
    found = subprocess.run([program, path], capture_output=True, text=True, check=False)
    assert "found 0 warning(s) and 0 error(s)" in found.stdout, found.stdout


def some_rows() -> Rows:
    fields = [
        ("utf8", "S9"),
        ("id", "i8"),
        ("flags", "u1", (2,)),
        ("x", "f8", (2, 3)),
        ("name", "S5"),
        ("n", "u4"),
    ]
    array = np.zeros(4, fields)
    array["id"], array["name"], array["utf8"] = [1, 2, 3, 4], b"abc", "größe".encode()
    column = VariableColumn(np.arange(5, dtype=np.float32), np.array([0, 2, 2, 4, 5]))
    return Rows(
        array,
        Metadata({"CATALOG": "SDSS"}),
        {"x": "pixel"},
        {"x": "centroid"},
        {"flags": 12},
        {"x": {"TCCLS": "Array"}},
        {"spans": column},
    )


def some_plane(dtype: str, shape: tuple[int, int] = (70, 300)) -> Plane:
    pixels = np.random.default_rng(20131102).normal(1000, 20, shape)
    return Plane(pixels.astype(dtype), Point2I(7, -3), Metadata(WCS | {"BUNIT": "adu"}))


@pytest.fixture
def path(tmp_path: Path) -> str:
    path = str(tmp_path / "parts.fits")
    parts = [
        PlanePart(some_plane("f4"), "IMAGE"),
        PlanePart(some_plane("i4"), "MASK", "rice"),
        PlanePart(some_plane("f4"), "VARIANCE", "lossless"),
        PlanePart(some_plane("f4"), "NOISY", "rice"),
        PlanePart(some_plane("u2"), "COUNTS"),
        RowsPart(some_rows(), "SOURCES"),
    ]
    write_parts(path, Metadata({"OBJECT": "M31", "LONG TELESCOPE NAME": 3}), parts)
    return path


def test_files_satisfy_fitsverify(path: str) -> None:
    check_with_fitsverify(path)


def test_tables_without_rows_or_columns_satisfy_fitsverify(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    empty = Rows(np.zeros(0, [("x", "f8"), ("none", "i4", (0,))]))
    write_parts(path, Metadata(), [RowsPart(empty, "EMPTY"), RowsPart(some_rows(), "SOURCES")])
    check_with_fitsverify(path)


def test_astropy_finds_every_part(path: str) -> None:
    with fits.open(path) as file:
        file.verify("exception")
        names = ["IMAGE", "MASK", "VARIANCE", "NOISY", "COUNTS", "SOURCES"]
        assert [hdu.name for hdu in file[1:]] == names
        assert file[0].header["OBJECT"] == "M31"
        assert file["IMAGE"].header["INHERIT"] is True
        for name, dtype in (("IMAGE", "f4"), ("MASK", "i4"), ("VARIANCE", "f4"), ("COUNTS", "u2")):
            np.testing.assert_array_equal(file[name].data, some_plane(dtype).array)
        assert file["SOURCES"].data["id"].tolist() == [1, 2, 3, 4]


def test_fitsio_finds_every_part(path: str) -> None:
    for name, dtype in (("IMAGE", "f4"), ("MASK", "i4"), ("VARIANCE", "f4"), ("COUNTS", "u2")):
        np.testing.assert_array_equal(fitsio.read(path, name), some_plane(dtype).array)
    assert fitsio.read(path, "SOURCES")["id"].tolist() == [1, 2, 3, 4]


def test_lossy_pixels_are_within_a_hundredth_of_the_noise(path: str) -> None:
    difference = read_plane(path, hdu="NOISY").array - some_plane("f4").array
    assert 0 < difference.std() < 0.03 * 20  # the noise is 20; rounding to 1/16 of it


@settings(**SETTINGS)
@given(st.data())
def test_plain_planes_round_trip_bit_for_bit(tmp_path: Path, data: st.DataObject) -> None:
    dtypes = data.draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=3))
    shape = st.tuples(st.integers(1, 9), st.integers(1, 9))
    arrays = [data.draw(npst.arrays(np.dtype(dtype), shape)) for dtype in dtypes]
    path = str(tmp_path / "a.fits")
    planes = [Plane(array, Point2I(n, -n), Metadata({"N": n})) for n, array in enumerate(arrays)]
    parts = [PlanePart(plane, f"P{n}") for n, plane in enumerate(planes)]
    write_parts(path, Metadata(), parts)
    with open_parts(path) as found:
        again = [part.plane() for part in found.iter_hdus() if part.is_image]
    for ours, theirs in zip(again, planes, strict=True):
        assert (ours.array.dtype, ours.origin) == (theirs.array.dtype, theirs.origin)
        assert ours.array.tobytes() == theirs.array.tobytes()
        assert ours.header["N"] == theirs.header["N"]


def test_arrays_of_any_layout_are_written(tmp_path: Path) -> None:
    array = some_plane("f4").array
    path = str(tmp_path / "a.fits")
    views = [array.T, array[::-1, ::2], array.astype(">f4"), np.asfortranarray(array)]
    parts = [PlanePart(Plane(view, Point2I(), Metadata()), "V") for view in views]
    write_parts(path, Metadata(), parts)
    for number, view in enumerate(views, 1):
        np.testing.assert_array_equal(read_plane(path, hdu=number).array, view)


def test_big_images_pass_through_a_small_buffer(tmp_path: Path) -> None:
    array = np.ones((1000, 2000), np.float32)
    part = PlanePart(Plane(array, Point2I(), Metadata()), "IMAGE")
    tracemalloc.start()
    write_parts(str(tmp_path / "a.fits"), Metadata(), [part])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.1 * array.nbytes


@pytest.mark.parametrize("dtype", ["f4", "u2"])
def test_big_images_have_every_pixel_at_its_place(tmp_path: Path, dtype: str) -> None:
    plane = some_plane(dtype, (2111, 2477))  # more than is read by one thread
    path = str(tmp_path / "a.fits")
    write_parts(path, Metadata(), [PlanePart(plane, "IMAGE")])
    assert read_plane(path).array.tobytes() == plane.array.tobytes()
    np.testing.assert_array_equal(fits.getdata(path), plane.array)


def test_the_name_of_a_part_replaces_what_its_header_says(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    plane = Plane(np.ones((2, 2)), Point2I(), Metadata({"EXTNAME": "OLD"}))
    rows = Rows(np.zeros(1, [("a", "i4")]), Metadata({"EXTNAME": "OLD"}))
    write_parts(path, Metadata(), [PlanePart(plane, "NEW"), RowsPart(rows, "ROWS")])
    assert [fits.getheader(path, n).count("EXTNAME") for n in (1, 2)] == [1, 1]
    assert [fits.getheader(path, n)["EXTNAME"] for n in (1, 2)] == ["NEW", "ROWS"]


@pytest.mark.parametrize(
    ("part", "error"),
    [
        (PlanePart(Plane(np.ones((2, 2), "f2"), Point2I(), Metadata()), "A"), ParameterTypeError),
        (PlanePart(Plane(np.ones((0, 2)), Point2I(), Metadata()), "A"), ParameterValueError),
        (RowsPart(Rows(np.zeros(1, [("a", "U2")])), "A"), ParameterTypeError),
        (RowsPart(Rows(np.zeros(1, [("a", "i4")]), units={"a": "Å"}), "A"), MetadataError),
    ],
)
def test_parts_that_cannot_be_written_leave_the_file_as_it_was(
    tmp_path: Path, part: PlanePart | RowsPart, error: type[Exception]
) -> None:
    path = tmp_path / "a.fits"
    path.write_text("what was there")
    with pytest.raises(error):
        write_parts(str(path), Metadata(), [part])
    assert path.read_text() == "what was there"


@pytest.mark.parametrize("compression", ["best", ""])
def test_unknown_compression_is_refused(tmp_path: Path, compression: Compression) -> None:
    part = PlanePart(some_plane("f4"), "IMAGE", compression)
    with pytest.raises(ParameterValueError, match="'lossless' or 'rice'"):
        write_parts(str(tmp_path / "a.fits"), Metadata(), [part])


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(FitsFileError, match=r"nowhere/a\.fits: it cannot be written: No such"):
        write_parts(str(tmp_path / "nowhere" / "a.fits"), Metadata(), [])
