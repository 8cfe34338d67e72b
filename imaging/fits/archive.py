"""Objects that the LSST stack wrote into binary tables: its archives.

An archive is a table with ``EXTTYPE = 'ARCHIVE_INDEX'`` and the AR_NCAT - 1
HDUs that follow it, of ``EXTTYPE = 'ARCHIVE_DATA'``. The header of the file
(or of a catalog) says where it begins: AR_HDU is the number of the index,
counted from 1. Each row of the index says which rows of which table belong to
which object: cat.archive counts the tables from 1 (the HDU after the index),
cat.persistable those of one object from 0, row0 the rows from 0. An object
without state has -1 there. ``id = 0`` stands for no object. Older files call
the columns cat_archive and cat_persistable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import FitsFileError, UndecodableError
from imaging.fits.hdus import iter_hdus
from imaging.fits.persisted import blaming_file
from imaging.fits.rows import Rows, read_rows
from imaging.fits.source import open_source
from imaging.fits.stamp import file_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from imaging.fits.hdus import Hdu
    from imaging.fits.source import FitsSource

__all__ = ["Archive", "ArchiveEntry", "making", "pair_of", "read_archive"]

_LINKS = ("id", "cat_archive", "cat_persistable", "row0", "nrows")
_NO_TABLE = -1
_MAX_TABLES = 10_000


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """What an archive holds of one object.

    Parameters
    ----------
    id
        Its number in the archive.
    name
        Name of its class, as the LSST stack calls it.
    module
        Python module of the class, or an empty text.
    tables
        Its rows in each of its tables, as views.
    """

    id: int
    name: str
    module: str
    tables: tuple[Rows, ...]


class Archive:
    """The objects of one archive; their tables are read when they are first needed.

    Parameters
    ----------
    path
        The file.
    index
        The index table.
    hdus
        The data tables in their order.
    tables
        Those that have been read already, by number.
    """

    def __init__(
        self, path: str, index: Rows, hdus: Sequence[Hdu], tables: Mapping[int, Rows]
    ) -> None:
        self.path = path
        self._hdus = tuple(hdus)
        self._tables = dict(tables)
        self._stamp = file_stamp(path)
        self.links = _sorted_links(path, index)
        self._names = [_texts(index, name)[self.links["row"]] for name in ("name", "module")]
        self.entries: Mapping[int, ArchiveEntry] = _Entries(self)
        """All objects by their number; each is made anew when it is asked for."""

    links: NDArray[np.void]
    """The index, sorted by object and table: ``id``, ``cat_archive``, ``cat_persistable``,
    ``row0``, ``nrows`` and ``row``, the place in the file's index."""

    @property
    def ids(self) -> NDArray[np.int64]:
        """Numbers of the objects, in ascending order."""
        ids = self.links["id"]
        first: NDArray[np.bool_] = np.diff(ids, prepend=ids[:1] - 1) != 0
        return ids[first]

    def table(self, number: int) -> Rows:
        """Return a whole data table, counted from 1 as cat.archive counts.

        Raises
        ------
        FitsFileError
            If there is none, it cannot be read, or the file was replaced.
        """
        if number not in self._tables:
            if not 1 <= number <= len(self._hdus):
                reason = f"its archive has {len(self._hdus)} tables and no number {number}"
                raise FitsFileError(self.path, reason)
            if file_stamp(self.path) != self._stamp:
                reason = "it was replaced since its archive was opened: open it again"
                raise FitsFileError(self.path, reason)
            hdu = self._hdus[number - 1]
            with open_source(self.path) as source:
                source.skip_to(hdu.data_offset)
                self._tables[number] = read_rows(source, hdu)
        return self._tables[number]

    def find(self, id: int) -> ArchiveEntry | None:  # noqa: A002 - the column's name
        """Return an object, or None for 0 and where the archive does not have it."""
        return self.entries.get(id)

    def require(self, id: int) -> ArchiveEntry:  # noqa: A002 - as above
        """Return an object.

        Raises
        ------
        UndecodableError
            If the archive does not have it.
        FitsFileError
            If its rows cannot be read.
        """
        found = self.find(id)
        if found is None:
            reason = f"its archive has no object {id} among {len(self.entries)}"
            raise UndecodableError(self.path, reason)
        return found

    def _entry(self, id: int) -> ArchiveEntry | None:  # noqa: A002 - as above
        ids = self.links["id"]
        first, last = int(np.searchsorted(ids, id)), int(np.searchsorted(ids, id, "right"))
        if first == last:
            return None
        names = {*zip(*(texts[first:last].tolist() for texts in self._names), strict=True)}
        if len(names) > 1:
            reason = f"object {id} of its archive has several classes: {sorted(names)}"
            raise FitsFileError(self.path, reason)
        name, module = names.pop()
        tables = tuple(
            self._part(id, *(int(link[column]) for column in ("cat_archive", "row0", "nrows")))
            for link in self.links[first:last]
            if link["cat_archive"] != _NO_TABLE
        )
        return ArchiveEntry(id, name, module, tables)

    def _part(self, id: int, number: int, begin: int, count: int) -> Rows:  # noqa: A002 - as above
        rows = self.table(number)
        if begin < 0 or count < 0 or begin + count > len(rows):
            reason = (
                f"object {id} of its archive has rows {begin} to {begin + count} of table "
                f"{number}, which has {len(rows)}"
            )
            raise FitsFileError(self.path, reason)
        return rows.between(begin, begin + count)


def making(archive: Archive, entry: ArchiveEntry) -> AbstractContextManager[None]:
    """Name file and object if none can be made; see `imaging.fits.persisted.blaming_file`."""
    verdict = f"its {entry.name} (object {entry.id}) cannot be made"
    return blaming_file(archive.path, verdict)


def pair_of(row: np.void, name: str) -> tuple[float, float]:
    """Return a point, which older files have in one column and newer ones in two."""
    if name in (row.dtype.names or ()):
        x, y = row[name].tolist()
    else:
        x, y = row[f"{name}_x"], row[f"{name}_y"]
    return float(x), float(y)


class _Entries(Mapping[int, ArchiveEntry]):
    """The objects of an archive as a mapping that makes them when they are asked for."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def __getitem__(self, id: int) -> ArchiveEntry:  # noqa: A002 - as above
        found = self._archive._entry(id)  # noqa: SLF001 - its other half
        if found is None:
            raise KeyError(id)
        return found

    def __iter__(self) -> Iterator[int]:
        return iter(self._archive.ids.tolist())

    def __len__(self) -> int:
        return len(self._archive.ids)


def read_archive(path: str, index_hdu: int) -> Archive:
    """Open an archive of the LSST stack.

    Parameters
    ----------
    path
        A FITS file; of a plain one only headers and the index are read now.
    index_hdu
        Number of the HDU with the index, counted from 0: AR_HDU - 1.

    Raises
    ------
    FitsFileError
        If there is no archive, or it is not complete.
    """
    with open_source(path) as source:
        index, hdus, tables = _scan(source, index_hdu)
        source.finish()
    return Archive(path, index, hdus, tables)


def _scan(source: FitsSource, index_hdu: int) -> tuple[Rows, list[Hdu], dict[int, Rows]]:
    """Return the index, where the tables are, and the tables of a gzipped file."""
    index: Rows | None = None
    hdus: list[Hdu] = []
    tables: dict[int, Rows] = {}
    count = 0
    for hdu in iter_hdus(source):
        if hdu.index < index_hdu:
            continue
        if index is None:
            _check_type(hdu, "ARCHIVE_INDEX", 0)
            index, count = read_rows(source, hdu), hdu.integer("AR_NCAT", _MAX_TABLES) - 1
        else:
            hdus.append(hdu)
            _check_type(hdu, "ARCHIVE_DATA", len(hdus))
            if source.is_gzipped:  # to come back would mean to inflate all of it again
                tables[len(hdus)] = read_rows(source, hdu)
        if len(hdus) >= count:
            break
    if index is None or len(hdus) < count:
        missing = "no archive" if index is None else f"{len(hdus)} of {count} tables of its archive"
        raise FitsFileError(source.path, f"there is {missing} from HDU {index_hdu} on")
    return index, hdus, tables


def _check_type(hdu: Hdu, kind: str, number: int) -> None:
    found = hdu.header.get("EXTTYPE"), hdu.header.get("AR_CATN")
    if found != (kind, number):
        reason = (
            f"HDU {hdu.index} should be {kind} number {number} of an archive; "
            f"its EXTTYPE and AR_CATN are {found[0]!r} and {found[1]!r}"
        )
        raise FitsFileError(hdu.path, reason)


def _sorted_links(path: str, index: Rows) -> NDArray[np.void]:
    names = {name.replace(".", "_"): name for name in index.array.dtype.names or ()}
    columns = [*_LINKS, "name"]
    dtype = index.array.dtype
    wrong = [name for name in columns if name not in names]
    wrong += [name for name in _LINKS if name in names and dtype[names[name]].kind not in "iu"]
    if wrong:
        reason = f"the index of its archive lacks {', '.join(wrong)}, or has something else there"
        raise FitsFileError(path, reason)
    links = np.empty(len(index), [(name, np.int64) for name in (*_LINKS, "row")])
    for name in _LINKS:
        links[name] = index.array[names[name]]
    links["row"] = np.arange(len(index))
    order = np.lexsort([links["cat_persistable"], links["id"]])
    return links[order]


def _texts(index: Rows, name: str) -> NDArray[np.str_]:
    if name not in (index.array.dtype.names or ()):
        return np.full(len(index), "")  # archives without a module are older than it
    texts = index.array[name].astype("S")
    return np.char.decode(np.char.rstrip(texts), "latin-1")
