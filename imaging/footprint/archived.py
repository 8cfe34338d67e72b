"""Footprints as the LSST stack keeps them in the archives of its catalogs.

A ``Footprint`` has a table with the number of its ``SpanSet``, which has the
spans in a table of its own, and a table of peaks. Older ones have the spans
instead of the number, and the oldest have peaks of which only x, y and value
are known. Columns of peaks beyond those of `PEAK_DTYPE`, such as the flags of
merged ones, are not read. A ``HeavyFootprint`` (F, D, I or U for the type of
its pixels) has one row more, of arrays of variable length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from imaging.errors import FitsFileError, FootprintError, UndecodableError
from imaging.footprint import runs
from imaging.footprint.arrays import ABSENT, HEAVY, PLAIN, FootprintArrays
from imaging.footprint.heavy import FlatPixels
from imaging.footprint.peaks import PEAK_DTYPE
from imaging.footprint.store import FootprintStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from imaging.fits.archive import Archive
    from imaging.fits.heap import VariableColumn
    from imaging.fits.rows import Rows

__all__ = ["store_from_archive"]

_CLASSES = ("Footprint", "HeavyFootprintF", "HeavyFootprintD", "HeavyFootprintI", "HeavyFootprintU")
_NO_PART = -1
_NO_COUNT = np.empty(0, np.int64)
_NO_PIXELS = {
    "image": np.empty(0, np.float32),
    "mask": np.empty(0, np.int32),
    "variance": np.empty(0, np.float32),
}
_Scalar = TypeVar("_Scalar", bound=np.generic)


def store_from_archive(
    archive: Archive, ids: Sequence[int] | NDArray[np.integer]
) -> FootprintStore:
    """Return the footprints of the rows of a catalog.

    Parameters
    ----------
    archive
        The archive that stands behind the catalog.
    ids
        The column ``footprint`` of the catalog: the number of each row's
        footprint in the archive, 0 where there is none.

    Raises
    ------
    FitsFileError
        If a footprint is missing or damaged.
    UndecodableError
        If there is an object of another class.
    """
    numbers = np.asarray(ids, np.int64)
    first, peaks, heavy = (_parts(archive, numbers, part) for part in range(3))
    _check_classes(archive, numbers, first, heavy)
    spans, n_spans = _spans(archive, first)
    peak_rows, n_peaks = _gathered(archive, peaks, _peaks_of, np.empty(0, PEAK_DTYPE))
    planes, n_pixels = _pixels(archive, heavy)
    try:
        return FootprintStore(
            FootprintArrays(
                kinds=np.select([heavy.table >= 0, numbers != 0], [HEAVY, PLAIN], ABSENT).astype(
                    np.uint8
                ),
                n_spans=n_spans,
                n_peaks=n_peaks,
                n_pixels=n_pixels,
                regions=np.zeros((numbers.size, 4), np.int32),
                spans=spans,
                peaks=peak_rows,
                image=planes.image,
                mask=planes.mask,
                variance=planes.variance,
            )
        )
    except FootprintError as error:
        raise FitsFileError(archive.path, f"its footprints are damaged ({error})") from error


class _Parts(NamedTuple):
    """Which rows of which tables objects have; table -1 where there are none."""

    table: NDArray[np.int64]
    begin: NDArray[np.int64]
    length: NDArray[np.int64]


def _parts(archive: Archive, ids: NDArray[np.int64], part: int) -> _Parts:
    """Return where a numbered part of each object is."""
    links = archive.links[archive.links["cat_persistable"] == part]
    place = np.searchsorted(links["id"], ids)
    found = place < links.size
    found[found] = links["id"][place[found]] == ids[found]
    rows = links[place[found]]
    table = np.full(ids.size, _NO_PART)
    begin, count = np.zeros((2, ids.size), np.int64)
    table[found], begin[found], count[found] = rows["cat_archive"], rows["row0"], rows["nrows"]
    return _Parts(table, begin, count)


def _check_classes(archive: Archive, ids: NDArray[np.int64], first: _Parts, heavy: _Parts) -> None:
    """Look at one object of each kind: those of one class are in the same tables."""
    for lost in ids[(ids != 0) & (first.table < 0)][:1].tolist():
        name = archive.require(lost).name
        reason = f"object {lost} of its archive, a {name!r}, has no rows: it is no footprint"
        raise UndecodableError(archive.path, reason)
    _, examples = np.unique(np.column_stack([first.table, heavy.table]), axis=0, return_index=True)
    for number in ids[examples].tolist():
        entry = archive.find(number)
        if entry is not None and entry.name not in _CLASSES:
            reason = (
                f"object {number} of its archive is a {entry.name!r} of the module "
                f"{entry.module!r}, which is no footprint that is known here"
            )
            raise UndecodableError(archive.path, reason)


def _spans(archive: Archive, parts: _Parts) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return spans, shape (n, 3), and how many each object has; from tables of either form."""
    used = np.unique(parts.table[parts.table >= 0]).tolist()
    indirect = np.isin(parts.table, [n for n in used if "id" in archive.table(n).names])
    pointers = _Parts(parts.table[indirect], parts.begin[indirect], parts.length[indirect])
    span_ids, counts = _gathered(archive, pointers, _ids_of, np.empty(0, np.int64))
    if (counts != 1).any():
        raise FitsFileError(archive.path, "its archive has a footprint without its only SpanSet")
    targets = _parts(archive, span_ids, 0)
    if (targets.table < 0).any():
        missing = int(span_ids[targets.table < 0][0])
        raise FitsFileError(archive.path, f"its archive has no spans under the number {missing}")
    direct = _Parts(*(column.copy() for column in parts))
    for column, values in zip(direct, targets, strict=True):
        column[indirect] = values
    return _gathered(archive, direct, _spans_of, np.empty((0, 3), np.int32))


def _gathered(
    archive: Archive,
    parts: _Parts,
    read: Callable[[str, Rows], NDArray[_Scalar]],
    nothing: NDArray[_Scalar],
) -> tuple[NDArray[_Scalar], NDArray[np.int64]]:
    """Return the rows that objects have, one object after the other, and how many each has."""
    used = np.unique(parts.table[parts.table >= 0])
    tables = [nothing, *(read(archive.path, archive.table(number)) for number in used.tolist())]
    places = _places(archive, parts, np.array([len(table) for table in tables]), used)
    return np.concatenate(tables)[runs.ranges(places, parts.length)], parts.length


def _places(
    archive: Archive, parts: _Parts, sizes: NDArray[np.int64], used: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the first row of each object in tables that stand one after the other.

    The first of the tables, without rows, is for objects that have none.
    """
    which = np.where(parts.table >= 0, np.searchsorted(used, parts.table) + 1, 0)
    ends = parts.begin + parts.length
    if ((parts.begin < 0) | (parts.length < 0) | (ends > sizes[which])).any():
        raise FitsFileError(archive.path, "an object of its archive has rows that do not exist")
    begins: NDArray[np.int64] = (np.cumsum(sizes) - sizes)[which] + parts.begin
    return begins


def _column(path: str, rows: Rows, *names: str) -> NDArray[np.generic]:
    """Return a column by the first of its names that there is."""
    known = {name.replace(".", "_"): name for name in rows.array.dtype.names or ()}
    for name in names:
        if name in known and rows.array.dtype[known[name]].kind in "iuf":
            return rows.array[known[name]]
    reason = f"a table of footprints of its archive has no numbers in a column {names[0]!r}"
    raise UndecodableError(path, reason)


def _ids_of(path: str, rows: Rows) -> NDArray[np.int64]:
    return _column(path, rows, "id").astype(np.int64)


def _spans_of(path: str, rows: Rows) -> NDArray[np.int32]:
    columns = [_column(path, rows, name).astype(np.int32) for name in ("y", "x0", "x1")]
    return np.column_stack(columns)


def _peaks_of(path: str, rows: Rows) -> NDArray[np.void]:
    """Return peaks; those that have no pixel have a position of whole pixels."""
    peaks = np.zeros(len(rows), PEAK_DTYPE)
    is_old = "value" in rows.names
    peaks["id"] = np.arange(1, len(rows) + 1) if is_old else _column(path, rows, "id")
    for axis in "xy":
        peaks[f"f_{axis}"] = position = _column(path, rows, axis if is_old else f"f_{axis}")
        peaks[f"i_{axis}"] = position if is_old else _column(path, rows, f"i_{axis}")
    peaks["peak_value"] = _column(path, rows, "peakValue", "value")
    return peaks


def _pixels(archive: Archive, parts: _Parts) -> tuple[FlatPixels, NDArray[np.int64]]:
    """Return image, mask and variance of all heavy footprints, and how many each has."""
    used = np.unique(parts.table[parts.table >= 0])
    tables = [archive.table(number) for number in used.tolist()]
    sizes = np.array([0, *(len(table) for table in tables)])
    heavy = parts.table >= 0
    if (parts.length[heavy] != 1).any():
        raise FitsFileError(archive.path, "its archive has a heavy footprint of several rows")
    rows = _places(archive, parts, sizes, used)[heavy]
    planes: list[NDArray[np.number]] = []
    all_counts: list[NDArray[np.int64]] = []
    for name, nothing in _NO_PIXELS.items():
        columns = [_variable(archive.path, table, name) for table in tables]
        values = np.concatenate([column.values for column in columns] or [nothing])
        counts = np.concatenate([_NO_COUNT, *(np.diff(column.offsets) for column in columns)])
        begins = np.cumsum(counts) - counts
        planes.append(values[runs.ranges(begins[rows], counts[rows])])
        all_counts.append(counts[rows])
    if any((counts != all_counts[0]).any() for counts in all_counts):
        reason = "its archive has a heavy footprint whose image, mask and variance differ in size"
        raise FitsFileError(archive.path, reason)
    n_pixels = np.zeros(heavy.size, np.int64)
    n_pixels[heavy] = all_counts[0]
    image, mask, variance = planes
    if mask.dtype.kind not in "iu":
        raise UndecodableError(archive.path, f"a heavy footprint has flags of type {mask.dtype}")
    return FlatPixels(image, mask.astype(np.int32), variance), n_pixels


def _variable(path: str, table: Rows, name: str) -> VariableColumn:
    column = table.variable.get(name)
    if column is None or column.values.dtype.kind not in "iuf":
        reason = f"a table of heavy footprints of its archive has no arrays of numbers {name!r}"
        raise UndecodableError(path, reason)
    return column
