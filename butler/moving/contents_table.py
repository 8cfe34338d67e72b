"""Tables of contents: datasets in rows, data IDs in columns, as ECSV or CSV."""

from __future__ import annotations

import csv
import os
from contextlib import contextmanager
from io import StringIO
from textwrap import shorten
from typing import TYPE_CHECKING, NamedTuple

from butler.errors import DatasetExistsError, FormatterError, StorageError
from butler.storage.local_store import LocalStore
from butler.storage.recovery import iter_temporaries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from os import PathLike

    from butler.data_id import KeyType

__all__ = [
    "COLUMNS",
    "TableRow",
    "check_contents_name",
    "read_contents",
    "write_contents",
    "written_contents",
]

COLUMNS: Mapping[str, KeyType] = {
    "dataset_type": "str",
    "path": "str",
    "hdu": "int",
    "size": "int",
    "sha256": "str",
}
"""What a table says beside data IDs."""

_ENDINGS = (".ecsv", ".csv")
_SHOWN = 200
_DATATYPES: Mapping[KeyType, str] = {"int": "int64", "float": "float64", "str": "string"}


class TableRow(NamedTuple):
    """A row of a table.

    ``line`` is its (last) line in the file, ``values`` are its texts by
    column, empty ones left out, and ``problem`` is what is wrong with its form.
    """

    line: int
    values: Mapping[str, str]
    problem: str = ""


def read_contents(path: str | PathLike[str]) -> Iterator[TableRow]:
    """Yield the rows of a table.

    Parameters
    ----------
    path
        An ECSV or CSV file.

    Yields
    ------
    TableRow
        Texts as they stand: what they mean is for the camera to say.

    Raises
    ------
    StorageError
        If it cannot be read.
    FormatterError
        If it is no such table.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            yield from _rows(file, os.fspath(path))
    except FormatterError:
        raise
    except OSError as error:
        raise StorageError(f"{os.fspath(path)} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise FormatterError(f"{os.fspath(path)} is no text in UTF-8.") from error
    except csv.Error as error:
        raise FormatterError(f"{os.fspath(path)} is no ECSV or CSV: {error}.") from error


def _rows(file: Iterator[str], path: str) -> Iterator[TableRow]:
    comments, first = 0, ""
    delimiter = None
    for line in file:
        first = line
        if line.strip() and not line.startswith("#"):
            break
        comments += 1
        if line.startswith("# %ECSV"):
            delimiter = " "
        elif line.strip("# \r\n").replace('"', "'") == "delimiter: ','":
            delimiter = ","
        first = ""
    names = next(csv.reader([first], delimiter=delimiter or ","), [])
    names = [name.strip() for name in names]
    if len(set(names)) < len(names) or not all(names):
        raise FormatterError(f"{path}, line {comments + 1}: every column needs a name of its own.")
    _require_path(names, path)
    reader = csv.reader(file, delimiter=delimiter or ",")
    for cells in reader:
        if not any(cells):
            continue
        problem = ""
        if len(cells) != len(names):
            problem = f"it has {len(cells)} values, and there are {len(names)} columns"
        values = {name: cell for name, cell in zip(names, cells, strict=False) if cell}
        yield TableRow(comments + 1 + reader.line_num, values, problem)


def _require_path(names: Sequence[str], path: str) -> None:
    if "path" not in names:
        there = shorten(", ".join(names), _SHOWN, placeholder=" ...") or "none"
        raise FormatterError(
            f"{path} has no column 'path', which says where files are. Its columns: {there}."
        )


def check_contents_name(path: str | PathLike[str]) -> str:
    """Return the ending of a table that is to be written there.

    Parameters
    ----------
    path
        Its place.

    Raises
    ------
    FormatterError
        If the ending says no format.
    DatasetExistsError
        If there is a file, unless its writer was killed before he had done
        what it tells of.
    """
    place = os.path.abspath(path)
    ending = os.path.splitext(place)[1]
    if ending not in _ENDINGS:
        raise FormatterError(f"{place}: a table is called like contents.ecsv or contents.csv.")
    folder, name = os.path.split(place)
    if os.path.lexists(place) and not LocalStore(folder).is_abandoned(name):
        raise _exists(place)
    return ending


def write_contents(
    path: str | PathLike[str],
    rows: Sequence[Mapping[str, object]],
    types: Mapping[str, KeyType],
) -> None:
    """Write a table, whole or not at all, over nothing.

    Parameters
    ----------
    path
        Whose ending says the format: ``.ecsv`` or ``.csv``.
    rows
        By column; what is missing or None is masked.
    types
        The columns in order, with their types. Those without any value are
        left out.

    Raises
    ------
    FormatterError
        If the ending says no format.
    DatasetExistsError
        If there is a file.
    StorageError
        If it cannot be written.
    """
    with written_contents(path, rows, types):
        return


@contextmanager
def written_contents(
    path: str | PathLike[str],
    rows: Sequence[Mapping[str, object]],
    types: Mapping[str, KeyType],
) -> Iterator[None]:
    """Write a table that is of use only if what follows is done; else it goes again.

    Parameters
    ----------
    path, rows, types
        As for `write_contents`, which raises the same.

    Notes
    -----
    Until the block is left the temporary name of its writer lies beside the
    table. So a table is known whose writer was killed within: the same one may
    be written again.
    """
    place = os.path.abspath(path)
    ending = check_contents_name(place)
    store = LocalStore(os.path.dirname(place))
    name = os.path.basename(place)
    content = _text(rows, types, is_ecsv=ending == ".ecsv").encode()
    pending = store.begin(name)
    try:
        store.write(pending, content)
        _remove_abandoned(store, name, content)
        try:
            store.publish(pending)
        except FileExistsError as error:
            raise _exists(place) from error
        try:
            store.sync([name])
            yield
        except BaseException:
            store.remove(name)
            raise
    finally:
        store.discard(pending)


def _remove_abandoned(store: LocalStore, name: str, content: bytes) -> None:
    """Remove a table whose writer was killed before he had done what it tells of.

    One with other content stays: what it tells of may have been done after all.
    """
    if not store.is_abandoned(name) or store.read_bytes(name) != content:
        return
    place = os.path.join(store.root, name)
    names = [one for one in iter_temporaries(store, [name]) if _is_same(store, one, place)]
    for one in (name, *names):
        store.remove(one)


def _is_same(store: LocalStore, name: str, place: str) -> bool:
    try:
        return os.path.samefile(os.path.join(store.root, name), place)
    except FileNotFoundError:
        return False


def _exists(place: str) -> DatasetExistsError:
    return DatasetExistsError(f"There is a file at {place} already. Choose another name.")


def _text(
    rows: Sequence[Mapping[str, object]], types: Mapping[str, KeyType], *, is_ecsv: bool
) -> str:
    used = {name for row in rows for name, value in row.items() if value is not None}
    names = [name for name in types if name in used or name in COLUMNS or not rows]
    text = StringIO()
    if is_ecsv:
        words = (f"# - {{name: {name}, datatype: {_DATATYPES[types[name]]}}}\n" for name in names)
        text.write("# %ECSV 1.0\n# ---\n# delimiter: ','\n# datatype:\n")
        text.writelines([*words, "# schema: astropy-2.0\n"])
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row.get(name) for name in names] for row in rows)
    return text.getvalue()
