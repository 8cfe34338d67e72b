"""Tables that reference catalogs are made of, some rows at a time: FITS, CSV, ECSV and Parquet."""

from __future__ import annotations

import csv
import gzip
import re
from abc import ABC, abstractmethod
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Final, TextIO, TypeAlias

import numpy as np

from imaging.errors import DataFileError, FitsFileError, ImagingError, MissingLibraryError
from imaging.fits.hdus import find_hdu
from imaging.fits.regular_file import open_regular
from imaging.fits.rows import iter_rows_of, read_rows
from imaging.fits.source import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from astropy.table import Table
    from numpy.typing import NDArray

    from imaging.fits.rows import Rows

    Chunk: TypeAlias = dict[str, NDArray[np.generic]]

__all__ = ["InputTable", "open_table"]

_ROWS: Final = 1 << 16
_BUFFER: Final = 1 << 20  # bytes of each column
_CHARACTERS: Final = 1 << 23  # of text at a time: about as many rows
_MOST_HEADER_LINES: Final = 100_000
_GZIP_MAGIC: Final = b"\x1f\x8b"
_PARQUET_MAGIC: Final = b"PAR1"
_FITS_MAGIC: Final = b"SIMPLE"
_MISSING: Final = [("", "0"), ("null", "0"), ("NULL", "0")]
_DELIMITER: Final = re.compile(r"#\s*delimiter:\s*['\"]?(.)")


class InputTable(ABC):
    """A table in a file.

    Parameters
    ----------
    path
        The file.
    units
        Unit of each column as the file spells it, empty where it has none.
    """

    has_types: bool = True
    """Whether the file says which columns are integers."""

    def __init__(self, path: str, units: Mapping[str, str]) -> None:
        self.path, self.units = path, dict(units)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(self.units)

    @abstractmethod
    def iter_chunks(self, columns: Sequence[str]) -> Iterator[Chunk]:
        """Yield the values of some columns, masked where there is none, some rows at a time.

        Raises
        ------
        DataFileError
            If the file cannot be read to its end.
        """


def open_table(path: str) -> InputTable:
    """Return a table that can be read some rows at a time.

    Parameters
    ----------
    path
        A FITS or a Parquet file by its first bytes, otherwise one of text:
        ECSV, or CSV with the names of the columns in the first line. FITS and
        text may be gzipped.

    Raises
    ------
    DataFileError
        If it cannot be read.
    MissingLibraryError
        If it is Parquet and pyarrow is not installed.
    """
    with open(_descriptor(path), "rb") as file:
        begin = file.read(len(_FITS_MAGIC))
        if begin.startswith(_GZIP_MAGIC):
            file.seek(0)
            with _one_error(path), gzip.GzipFile(fileobj=file) as inflated:
                begin = inflated.read(len(_FITS_MAGIC))
    if begin == _FITS_MAGIC:
        return _FitsInput(path)
    return _ParquetInput(path) if begin.startswith(_PARQUET_MAGIC) else _TextInput(path)


def _descriptor(path: str) -> int:
    try:
        return open_regular(path, DataFileError)
    except OSError as error:
        if isinstance(error, ImagingError):
            raise
        raise DataFileError(path, f"it cannot be opened: {error.strerror}") from error


@contextmanager
def _one_error(path: str) -> Iterator[None]:
    """Turn whatever a library raises about a file into one error."""
    try:
        yield
    except (ImagingError, MemoryError):
        raise
    except Exception as error:  # readers of text raise nearly anything
        raise DataFileError(path, f"it cannot be read as a table: {error}") from error


class _FitsInput(InputTable):
    """The first binary table of a FITS file."""

    def __init__(self, path: str) -> None:
        with open_source(path) as source:
            _, hdu = find_hdu(source, None, "table")
            empty = hdu.integer("NAXIS2") == 0
        if empty:
            with open_source(path) as source:
                rows = read_rows(source, find_hdu(source, None, "table")[1])
        else:
            rows = next(iter_rows_of(path, count=1))
        super().__init__(path, {name: rows.units.get(name, "") for name in rows.names})

    def iter_chunks(self, columns: Sequence[str]) -> Iterator[Chunk]:
        """Yield the values of some columns; see `InputTable.iter_chunks`."""
        for rows in iter_rows_of(self.path, columns=columns, count=_ROWS):
            yield {name: _of_fits(rows, name) for name in columns}


def _of_fits(rows: Rows, name: str) -> NDArray[np.generic]:
    values = rows.array[name]
    if values.ndim > 1:
        raise FitsFileError("", f"column {name!r} has an array in each row")
    if values.dtype.kind == "S":
        return np.char.rstrip(values)
    null = rows.column_cards.get(name, {}).get("TNULL")
    if null is None or values.dtype.kind not in "iu":
        return values
    return np.ma.MaskedArray(values, values == null)


class _TextInput(InputTable):
    """CSV, or ECSV, whose header says more."""

    has_types = False

    def __init__(self, path: str) -> None:
        with _one_error(path), self._opened(path) as file:
            header, is_ecsv = _header_lines(file)
            self._delimiter = ","
            if is_ecsv:
                found = next(filter(None, map(_DELIMITER.match, header)), None)
                self._delimiter = " " if found is None else found[1]
            units = _ecsv_units(header) if is_ecsv else _csv_names(header[-1])
        if not units:
            raise DataFileError(path, "its first line does not name any columns")
        super().__init__(path, units)

    @staticmethod
    @contextmanager
    def _opened(path: str) -> Iterator[TextIO]:
        with open(_descriptor(path), "rb") as file:
            is_gzipped = file.read(2) == _GZIP_MAGIC
            file.seek(0)
            if is_gzipped:
                with gzip.open(file, "rt", encoding="utf-8", newline=None) as text:
                    yield text
            else:
                yield TextIOWrapper(file, encoding="utf-8-sig")

    def iter_chunks(self, columns: Sequence[str]) -> Iterator[Chunk]:
        """Yield the values of some columns; see `InputTable.iter_chunks`."""
        with _one_error(self.path), self._opened(self.path) as file:
            _header_lines(file)
            if not any(line.strip() for line in file):
                return  # astropy fails for a table without rows
        with _one_error(self.path), self._opened(self.path) as file:
            for table in self._tables(file, columns):
                yield {name: _of_text(table, name) for name in columns}

    def _tables(self, file: TextIO, columns: Sequence[str]) -> Iterator[Table]:
        from astropy.io import ascii as text_tables

        is_blank = self._delimiter == " "
        tables: Iterator[Table] = text_tables.read(
            file,
            format="fast_basic" if is_blank else "fast_csv",
            delimiter=self._delimiter,
            comment="#",
            guess=False,
            fast_reader={"chunk_size": _CHARACTERS, "chunk_generator": True},
            fill_values=_MISSING,
            include_names=list(dict.fromkeys(columns)),
        )
        return tables


def _header_lines(file: TextIO) -> tuple[list[str], bool]:
    """Return the comments and the line that names the columns, and whether this is ECSV."""
    lines: list[str] = []
    for line in file:
        lines.append(line)
        if not line.startswith("#") and line.strip():
            break
        if len(lines) > _MOST_HEADER_LINES:
            raise ValueError("there is no end of its comments")
    is_whole = bool(lines) and not lines[-1].startswith("#")
    if not is_whole:
        raise ValueError("no line names its columns")
    return lines, lines[0].startswith("# %ECSV")


def _ecsv_units(header: Sequence[str]) -> dict[str, str]:
    from astropy.table import Table

    table = Table.read("".join(header), format="ascii.ecsv")
    return {name: str(table[name].info.unit or "") for name in table.colnames}


def _csv_names(line: str) -> dict[str, str]:
    names = next(csv.reader([line]), [])
    return {name.strip(): "" for name in names if name.strip()}


def _of_text(table: Table, name: str) -> NDArray[np.generic]:
    column = table[name]
    mask = getattr(column, "mask", None)
    values = np.asarray(column.data if mask is None else column.data.data)
    return values if mask is None else np.ma.MaskedArray(values, mask)


class _ParquetInput(InputTable):
    """A Parquet file; needs pyarrow."""

    def __init__(self, path: str) -> None:
        try:
            from pyarrow import parquet
        except ImportError as error:
            raise MissingLibraryError("pyarrow", "parquet") from error
        with _one_error(path), parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
        units = dict.fromkeys(schema.names, "")
        for field in schema:
            units[field.name] = (field.metadata or {}).get(b"unit", b"").decode()
        about = (schema.metadata or {}).get(b"table_meta_yaml")
        if about is not None:  # as astropy writes it
            with _one_error(path):
                units.update(_astropy_units(about.decode()))
        # astropy writes of a masked column the values and, as another column, the mask.
        self._masks = {name: f"{name}.mask" for name in units if f"{name}.mask" in units}
        for mask in self._masks.values():
            del units[mask]
        super().__init__(path, units)

    def iter_chunks(self, columns: Sequence[str]) -> Iterator[Chunk]:
        """Yield the values of some columns; see `InputTable.iter_chunks`."""
        from pyarrow import parquet

        names = list(dict.fromkeys(columns))
        stored = [*names, *(self._masks[name] for name in names if name in self._masks)]
        with (
            _one_error(self.path),
            parquet.ParquetFile(self.path, pre_buffer=False, buffer_size=_BUFFER) as file,
        ):
            # One thread, and no reading ahead: else memory grows with the groups of rows.
            for batch in file.iter_batches(batch_size=_ROWS, columns=stored, use_threads=False):
                found = {name: _of_arrow(batch.column(name)) for name in stored}
                for name in self._masks.keys() & names:
                    mask = found.pop(self._masks[name]).astype(bool)
                    found[name] = np.ma.MaskedArray(found[name], mask)
                yield found


def _astropy_units(text: str) -> dict[str, str]:
    from astropy.table.meta import get_header_from_yaml

    header = get_header_from_yaml(text.splitlines())
    return {one["name"]: str(one["unit"]) for one in header["datatype"] if "unit" in one}


def _of_arrow(column: object) -> NDArray[np.generic]:
    import pyarrow as pa

    array: pa.Array = column
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_decimal(array.type):
        array = array.cast(pa.float64())
    mask = array.is_null().to_numpy(zero_copy_only=False) if array.null_count else None
    is_text = pa.types.is_string(array.type) or pa.types.is_large_string(array.type)
    if mask is not None:
        array = array.fill_null("" if is_text else pa.scalar(0).cast(array.type))
    values = array.to_numpy(zero_copy_only=False)
    plain = values.astype(str) if is_text else values
    return plain if mask is None else np.ma.MaskedArray(plain, mask)
