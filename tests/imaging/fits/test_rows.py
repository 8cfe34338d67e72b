"""Binary tables as NumPy rows."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import fitsio
import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.shared_data import find_shared_data

from imaging.errors import (
    ColumnNotFoundError,
    FitsFileError,
    HduNotFoundError,
    MetadataError,
    ParameterTypeError,
    ParameterValueError,
)
from imaging.fits.metadata import Metadata
from imaging.fits.rows import Rows, VariableColumn, read_rows_of
from imaging.fits.rows_encoding import encode_rows
from imaging.fits.writer import RowsPart, write_parts
from imaging.table.source_catalog import read_catalog

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHAPES = [(), (1,), (3,), (2, 3)]
NUMBERS = ["?", "u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "c8", "c16"]
TEXTS = ["S1", "S7"]


def filled(dtype: np.dtype[np.void], count: int, seed: int) -> NDArray[np.void]:
    """Rows of random bits; booleans are 0 or 1, texts are printable."""
    rng = np.random.default_rng(seed)
    size = count * dtype.itemsize
    array = np.frombuffer(rng.bytes(size), dtype, count).copy() if size else np.zeros(count, dtype)
    for name in dtype.names or ():
        base, shape = dtype[name].base, array[name].shape
        if base.kind == "b":
            array[name] = rng.integers(0, 2, shape)
        elif base.kind == "S":
            letters = rng.integers(33, 127, (*shape, base.itemsize), np.uint8)
            array[name] = np.ascontiguousarray(letters).view(base).reshape(shape)
    return array


@st.composite
def tables(draw: st.DrawFn) -> Rows:
    numbers = st.tuples(st.sampled_from(NUMBERS), st.sampled_from([*SHAPES, (0,)]))
    forms = draw(st.lists(numbers | st.tuples(st.sampled_from(TEXTS), st.sampled_from(SHAPES))))
    bits = draw(st.lists(st.integers(1, 20), max_size=2))
    fields = [(f"c{n}", *form) for n, form in enumerate(forms)]
    fields += [(f"x{n}", "u1", (-(-number // 8),)) for n, number in enumerate(bits)]
    count, seed = draw(st.integers(0, 5)), draw(st.integers(0, 1000))
    array = filled(np.dtype(fields), count, seed)
    for n, number in enumerate(bits):
        array[f"x{n}"][:, -1] &= 0xFF << (-number % 8) & 0xFF  # no bits behind the last
    lengths = draw(st.lists(st.integers(0, 4), min_size=count, max_size=count))
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    variable = {}
    for n, kind in enumerate(draw(st.lists(st.sampled_from([*NUMBERS, "S1"]), max_size=3))):
        values = filled(np.dtype([("v", kind)]), int(offsets[-1]), seed + n)["v"].copy()
        variable[f"v{n}"] = VariableColumn(values, offsets)
    named = {f"x{n}": number for n, number in enumerate(bits)}
    return Rows(array, bits=named, variable=variable)


def written(rows: Rows, folder: Path) -> str:
    path = str(folder / "rows.fits")
    write_parts(path, Metadata(), [RowsPart(rows, "ROWS")])
    return path


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tables())
def test_rows_of_every_type_round_trip_bit_for_bit(tmp_path: Path, rows: Rows) -> None:
    again = read_rows_of(written(rows, tmp_path), "ROWS")
    assert again.array.dtype == rows.array.dtype
    assert again.array.tobytes() == rows.array.tobytes()
    assert again.bits == rows.bits
    assert list(again.variable) == list(rows.variable)
    for name, column in rows.variable.items():
        assert again.variable[name].values.dtype == column.values.dtype
        assert again.variable[name].values.tobytes() == column.values.tobytes()
        np.testing.assert_array_equal(again.variable[name].offsets, column.offsets)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=tables(), data=st.data())
def test_chosen_columns_are_those_of_the_whole_table(
    tmp_path: Path, rows: Rows, data: st.DataObject
) -> None:
    path = written(rows, tmp_path)
    names = data.draw(st.lists(st.sampled_from(rows.names), unique=True)) if rows.names else []
    again = read_rows_of(path, columns=names)
    assert sorted(again.names) == sorted(names)
    assert again.array.dtype.names == (tuple(n for n in names if n not in rows.variable) or ())
    for name in again.array.dtype.names:
        assert again.array[name].tobytes() == rows.array[name].tobytes()
    for name in again.variable:
        assert again.variable[name].values.tobytes() == rows.variable[name].values.tobytes()


ORACLE = [
    *((f"n{kind}", kind, ()) for kind in NUMBERS),
    *((f"a{kind}", kind, (2, 3)) for kind in NUMBERS),
    ("text", "S5", ()),
    ("texts", "S3", (2,)),
    ("flags", "u1", (2,)),
]


@pytest.fixture
def oracle(tmp_path: Path) -> tuple[str, Rows]:
    array = filled(np.dtype(ORACLE), 6, 20131102)
    for name in ("nf4", "nf8", "nc8", "nc16", "af4", "af8", "ac8", "ac16"):
        array[name] = np.random.default_rng(1).normal(size=array[name].shape)
    array["flags"][:, 1] &= 0b11110000
    offsets = np.array([0, 2, 2, 3, 3, 3, 7])
    variable = {"points": VariableColumn(np.arange(7, dtype=np.float32), offsets)}
    rows = Rows(array, bits={"flags": 12}, variable=variable)
    return written(rows, tmp_path), rows


def test_astropy_reads_the_same_values(oracle: tuple[str, Rows]) -> None:
    path, rows = oracle
    with fits.open(path) as file:
        file.verify("exception")
        data = file["ROWS"].data
        for name in rows.array.dtype.names:
            theirs = np.asarray(data[name])
            ours = rows.array[name]
            if name == "flags":
                theirs = np.packbits(theirs, axis=1)
            elif ours.dtype.kind == "S":
                theirs = theirs.astype("S")
            np.testing.assert_array_equal(theirs, ours)
        for row in range(6):
            np.testing.assert_array_equal(data["points"][row], rows.variable["points"][row])


def test_fitsio_reads_the_same_values(oracle: tuple[str, Rows]) -> None:
    path, rows = oracle
    data = fitsio.read(path, "ROWS", columns=list(rows.array.dtype.names))
    for name in rows.array.dtype.names:
        theirs = np.packbits(data[name], axis=1) if name == "flags" else data[name]
        ours = rows.array[name]
        if ours.dtype.kind == "S":
            theirs = theirs.astype("S")
        np.testing.assert_array_equal(theirs, ours)


FORMS = {
    "L": np.array([True, False]),
    "12X": np.arange(24).reshape(2, 12) % 3 == 0,
    "B": np.array([1, 255], np.uint8),
    "2I": np.array([[1, -2], [3, 4]], np.int16),
    "J": np.array([5, -6], np.int32),
    "K": np.array([1 << 60, 2]),
    "7A": np.array(["abc", "defghij"]),
    "E": np.array([1.5, np.nan], np.float32),
    "3D": np.arange(6.0).reshape(2, 3),
    "C": np.array([1 + 2j, 3], np.complex64),
    "M": np.array([1 + 2j, 3], np.complex128),
    "PE()": np.array([np.arange(3.0), np.arange(5.0)], object),
    "QJ()": np.array([np.arange(2), np.arange(4)], object),
}


def test_what_astropy_writes_is_read(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    columns = [fits.Column(f"c{form}", form, array=data) for form, data in FORMS.items()]
    fits.BinTableHDU.from_columns(columns).writeto(path)
    rows = read_rows_of(path)
    assert rows.bits == {"c12X": 12}
    for form, data in FORMS.items():
        name = f"c{form}"
        if name in rows.variable:
            for row, values in enumerate(data):
                np.testing.assert_array_equal(rows.variable[name][row], values)
        else:
            expected = np.packbits(data, axis=1) if form == "12X" else data
            ours = rows.array[name]
            np.testing.assert_array_equal(
                ours.astype(str) if ours.dtype.kind == "S" else ours, expected
            )


def test_what_a_header_says_beside_the_values_is_kept(tmp_path: Path) -> None:
    array = np.zeros(2, [("id", "i8"), ("x", "f8")])
    rows = Rows(
        array,
        Metadata({"OBJECT": "M31", "TFLAG1": "is_bad"}),
        {"x": "pixel"},
        {"x": "Centroid. " * 12},
        column_cards={"id": {"TNULL": -1}, "x": {"TCCLS": "Scalar"}},
    )
    again = read_rows_of(written(rows, tmp_path))
    assert again.header == Metadata({"EXTNAME": "ROWS", "OBJECT": "M31", "TFLAG1": "is_bad"})
    assert (again.units, again.column_cards) == (rows.units, rows.column_cards)
    assert again.descriptions == {"x": ("Centroid. " * 12).rstrip()}
    chosen = read_rows_of(written(rows, tmp_path), columns=["x"])
    assert (chosen.units, chosen.column_cards) == (rows.units, {"x": {"TCCLS": "Scalar"}})


def test_arrays_of_any_layout_are_written(tmp_path: Path) -> None:
    plain = filled(np.dtype([("a", "u2"), ("b", "f8"), ("c", "?")]), 9, 1)
    swapped = plain.astype(plain.dtype.newbyteorder())
    aligned = plain.astype(np.dtype(plain.dtype.descr, align=True))
    for other in (swapped, aligned, np.repeat(plain, 2)[::2]):
        again = read_rows_of(written(Rows(other), tmp_path))
        assert again.array.tobytes() == plain.tobytes()
    backwards = read_rows_of(written(Rows(plain[::-1]), tmp_path)).array
    assert backwards.tobytes() == plain[::-1].tobytes()


@pytest.mark.parametrize("text", ["größe", "two\nlines", "a\0b", "\x7f"])
def test_texts_that_fits_lacks_are_bytes_for_others_and_texts_here(
    tmp_path: Path, text: str
) -> None:
    array = np.zeros(2, [("one", "S9"), ("two", "S9", (2,)), ("letter", "S1"), ("plain", "S5")])
    for name in ("one", "two"):
        array[name] = text.encode()
    array["letter"], array["plain"] = b"\xe4", b"plain"
    letters = np.frombuffer("süß".encode(), "S1")
    column = VariableColumn(letters, np.array([0, 2, len(letters)]))
    path = written(Rows(array, variable={"v": column}), tmp_path)
    again = read_rows_of(path)
    assert again.array.dtype == array.dtype
    assert again.array.tobytes() == array.tobytes()
    assert again.variable["v"].values.tobytes() == letters.tobytes()
    assert again.column_cards == {}
    assert fits.getdata(path)["one"][0].tobytes().rstrip(b"\0") == text.encode()
    assert fits.getdata(path)["plain"][0] == "plain"


def test_rows_can_be_taken_apart() -> None:
    array = np.zeros(3, [("n", "i4")])
    array["n"] = [1, 2, 3]
    column = VariableColumn(np.arange(5.0), np.array([0, 1, 3, 5]))
    part = Rows(array, variable={"v": column}).between(1, 3)
    assert (len(part), part.names, part.array["n"].tolist()) == (2, ("n", "v"), [2, 3])
    assert [part.variable["v"][row].tolist() for row in (0, 1)] == [[1, 2], [3, 4]]
    assert len(part.between(1, 1).variable["v"]) == 0
    with pytest.raises(IndexError, match="no row 2 among 2"):
        part.variable["v"][2]


def test_gzipped_tables_are_read_and_their_checksum_compared(tmp_path: Path) -> None:
    rows = Rows(filled(np.dtype([("a", "f8")]), 50, 1))
    content = bytearray(gzip.compress(Path(written(rows, tmp_path)).read_bytes()))
    path = tmp_path / "a.fits.gz"
    path.write_bytes(content)
    assert read_rows_of(str(path)).array.tobytes() == rows.array.tobytes()
    content[-6] ^= 1
    path.write_bytes(content)
    with pytest.raises(FitsFileError, match="CRC check failed"):
        read_rows_of(str(path))


def test_reading_and_writing_take_little_more_memory_than_the_rows(tmp_path: Path) -> None:
    dtype = np.dtype([("id", "i8"), ("x", "f8", (3,)), ("flags", "u1", (5,)), ("ok", "?")])
    rows = Rows(np.zeros(200_000, dtype))
    tracemalloc.start()
    path = written(rows, tmp_path)
    assert tracemalloc.get_traced_memory()[1] < 0.1 * rows.array.nbytes
    tracemalloc.reset_peak()
    begin = tracemalloc.get_traced_memory()[0]
    again = read_rows_of(path)
    peak = tracemalloc.get_traced_memory()[1] - begin
    tracemalloc.stop()
    assert len(again) == len(rows)
    assert peak < 1.1 * rows.array.nbytes


def replaced(path: str, old: str, new: str) -> str:
    """Write another file in which one card says something else."""
    with open(path, "rb") as file:
        content = file.read()
    assert content.count(old.encode()) == 1
    other = f"{path}.other"
    with open(other, "wb") as file:
        file.write(content.replace(old.encode(), new.encode().ljust(len(old))[: len(old)]))
    return other


@pytest.fixture
def small(tmp_path: Path) -> str:
    column = VariableColumn(np.arange(30.0), np.array([0, 10, 30]))
    array = np.zeros(2, [("a", "i4"), ("b", "i4")])
    return written(Rows(array, variable={"v": column}), tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("NAXIS1  =                   16", "NAXIS1  =                   17", "16 bytes of rows of"),
        ("NAXIS1  =                   16", "NAXIS1  =                  -16", "NAXIS1 = -16"),
        ("NAXIS2  =                    2", "NAXIS2  =          99999999999", "more than the file"),
        ("NAXIS2  =                    2", "NAXIS2  =                   -2", "NAXIS2 = -2"),
        ("PCOUNT  =                  240", "PCOUNT  =                 -240", "PCOUNT = -240"),
        ("PCOUNT  =                  240", "PCOUNT  =                  100", "heap of 100 bytes"),
        ("TFIELDS =                    3", "TFIELDS =                 1000", "TFIELDS = 1000"),
        ("TFORM1  = '1J      '", "TFORM1  = '1Z      '", "TFORM1 = '1Z' is not possible"),
        ("TFORM1  = '1J      '", "TFORM1  = '1P      '", "TFORM1 = '1P' is not possible"),
        ("TFORM1  = '1J      '", "TFORM1  = '9PJ     '", "TFORM1 = '9PJ' is not possible"),
        ("TTYPE2  = 'b       '", "TTYPE2  = 'a       '", "two of its columns are called 'a'"),
        (
            "GCOUNT  =                    1",
            "GCOUNT  =                    2",
            "GCOUNT = .* not poss",
        ),
        ("NAXIS   =                    2", "NAXIS   =                    1", "8, 1, 1"),
    ],
)
def test_impossible_tables_are_refused(small: str, old: str, new: str, message: str) -> None:
    with pytest.raises(FitsFileError, match=message):
        read_rows_of(replaced(small, old, new), 1)


@pytest.mark.parametrize(
    ("row", "count", "begin"), [(0, 31, 0), (1, -1, 0), (1, 1, -1), (1, 1, 240), (0, 1 << 30, 8)]
)
def test_descriptors_that_leave_the_heap_are_refused(
    small: str, row: int, count: int, begin: int
) -> None:
    with fits.open(small) as file:
        offset = file[1].fileinfo()["datLoc"]
    with open(small, "r+b") as stream:
        stream.seek(offset + 16 * row + 8)
        stream.write(np.array([count, begin], ">i4").tobytes())
    with pytest.raises(FitsFileError, match=rf"row {row} of column 'v' has {count} values"):
        read_rows_of(small)


def test_rows_without_values_may_point_anywhere(small: str) -> None:
    with fits.open(small) as file:
        offset = file[1].fileinfo()["datLoc"]
    with open(small, "r+b") as stream:
        stream.seek(offset + 16 + 8)
        stream.write(np.array([0, -77], ">i4").tobytes())
    assert np.diff(read_rows_of(small).variable["v"].offsets).tolist() == [10, 0]


def test_truncated_file_is_refused(small: str) -> None:
    with open(small, "r+b") as stream:
        stream.truncate(2880 * 2 + 100)
    with pytest.raises(FitsFileError, match="more than the file can hold"):
        read_rows_of(small)


def test_a_place_for_the_heap_behind_the_data_is_refused(small: str) -> None:
    other = replaced(small, "EXTNAME = 'ROWS    '          ", "THEAP   =                  900")
    with pytest.raises(FitsFileError, match="THEAP = 900 is behind its data"):
        read_rows_of(other)


def test_tables_of_text_and_compressed_tables_are_refused_by_name(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    fits.TableHDU.from_columns([fits.Column("a", "I4", array=[1])]).writeto(path)
    with pytest.raises(HduNotFoundError, match=r"table of text.*hdu="):
        read_rows_of(path)
    table = fits.BinTableHDU.from_columns([fits.Column("a", "J", array=[1])])
    table.header["ZTABLE"] = True
    table.writeto(path, overwrite=True)
    with pytest.raises(FitsFileError, match=r"compressed table.*funpack.*hdu="):
        read_rows_of(path)
    fits.ImageHDU(np.zeros((2, 2))).writeto(path, overwrite=True)
    with pytest.raises(HduNotFoundError, match=r"HDU 0 is not a table.*hdu="):
        read_rows_of(path, 0)


def test_catalogs_are_not_made_of_images_and_tables_of_text(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    fits.TableHDU.from_columns([fits.Column("a", "I4", array=[1])]).writeto(path)
    with pytest.raises(HduNotFoundError, match=r"table of text.*hdu="):
        read_catalog(path)
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.zeros((2, 2)))]).writeto(path, overwrite=True)
    with pytest.raises(HduNotFoundError, match=r"HDU 1 is not a table.*hdu="):
        read_catalog(path, hdu=1)


def test_columns_have_texts_for_names(small: str) -> None:
    with pytest.raises(ParameterTypeError, match=r"columns=\[1\]: give a list of names"):
        read_rows_of(small, columns=[1])  # type: ignore[list-item]


def test_table_behind_impossibly_many_pixels_is_not_found(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    header = fits.Header({"SIMPLE": True, "BITPIX": -32, "NAXIS": 2})
    header["NAXIS1"] = header["NAXIS2"] = 4_000_000_000
    path.write_bytes(header.tostring().encode())
    with pytest.raises(HduNotFoundError, match="there is no table"):
        read_rows_of(str(path))


def test_scaled_columns_are_refused_by_name(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    table = fits.BinTableHDU.from_columns([fits.Column("mag", "I", array=[1, 2])])
    table.header["TSCAL1"] = 0.5
    table.writeto(path)
    with pytest.raises(FitsFileError, match="column 'mag' is scaled"):
        read_rows_of(path)


def test_columns_that_do_not_exist_are_named(small: str) -> None:
    with pytest.raises(ColumnNotFoundError, match=r"'c'.*a, b, v"):
        read_rows_of(small, columns=["a", "c"])


@pytest.mark.parametrize("kind", ["U3", "f2", "O", "M8[s]", [("x", "f4")]])
def test_types_that_fits_lacks_are_refused(kind: str) -> None:
    with pytest.raises(ParameterTypeError, match="Column 'bad'"):
        encode_rows(Rows(np.zeros(1, [("bad", kind)])))


def test_rows_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ParameterTypeError, match="structured"):
        encode_rows(Rows(np.zeros(3)))
    array = np.zeros(1, [("flags", "u1", (2,))])
    with pytest.raises(ParameterTypeError, match="20 bits need 3 bytes"):
        encode_rows(Rows(array, bits={"flags": 20}))
    for offsets in ([0, 3], [0, 1, 2], [1, 4], [0, 5]):
        column = VariableColumn(np.zeros(4), np.array(offsets))
        with pytest.raises(ParameterValueError, match="'v': its offsets"):
            encode_rows(Rows(array, variable={"v": column}))
    with pytest.raises(ParameterValueError, match="999 columns at most"):
        encode_rows(Rows(np.zeros(1, [(f"c{n}", "u1") for n in range(1000)])))
    with pytest.raises(MetadataError, match="printable"):
        encode_rows(Rows(np.zeros(1, [("größe", "u1")])))


def test_real_catalogs_are_read_as_astropy_reads_them() -> None:
    data = find_shared_data()
    if data is None:
        pytest.skip("real catalogs are not on this machine")
    for path in sorted((data / "catalogs").glob("*.fits")):
        with fits.open(path) as file:
            for hdu in file[1:]:
                rows = read_rows_of(str(path), file.index(hdu))
                assert len(rows) == len(hdu.data)
                for name in rows.array.dtype.names or ():
                    ours, theirs = rows.array[name], np.asarray(hdu.data[name])
                    if name in rows.bits:
                        theirs = np.packbits(theirs, axis=1)
                    elif ours.dtype.kind == "S":
                        ours, theirs = np.char.rstrip(ours), np.char.rstrip(theirs.astype("S"))
                    np.testing.assert_array_equal(ours, theirs)
                for name, column in rows.variable.items():
                    theirs = np.concatenate(list(hdu.data[name]))
                    np.testing.assert_array_equal(column.values, theirs)


def test_a_table_of_astropy_with_units_is_read(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    table = Table({"x": [1.5, 2.5]}, units={"x": "pix"}, meta={"FIELD": "COSMOS"})
    table.write(path)
    rows = read_rows_of(path)
    assert (rows.units, rows.header["FIELD"]) == ({"x": "pix"}, "COSMOS")
