"""Many footprints in a few flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar, overload

import numpy as np

from imaging.errors import FitsFileError, FootprintError
from imaging.footprint import runs
from imaging.footprint.arrays import (
    ABSENT,
    HEAVY,
    PLAIN,
    FootprintArrays,
    areas,
    check_arrays,
    in_order,
)
from imaging.footprint.footprint import Footprint
from imaging.footprint.heavy import HeavyFootprint
from imaging.footprint.peaks import PEAK_DTYPE, PeakCatalog
from imaging.footprint.persisted import from_rows, to_rows
from imaging.footprint.span_set import SpanSet
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from imaging.fits.rows import Rows

__all__ = ["FootprintStore"]

_Scalar = TypeVar("_Scalar", bound=np.generic)


class FootprintStore(Sequence[Footprint | None]):
    """The footprints of the rows of a catalog, which are made when they are asked for.

    Parameters
    ----------
    arrays
        What the rows have. Spans that are not sorted, overlap or touch are put in order.

    Raises
    ------
    FootprintError
        If the arrays do not fit together; if a heavy footprint does not have
        a value for each of its pixels, or has spans that are not in order.

    Notes
    -----
    A store does not change: the footprints that it gives are copies, and
    those that were changed go into a new store with `from_footprints`.
    """

    __slots__ = ("_arrays", "_peak_ends", "_pixel_ends", "_span_ends")

    def __init__(self, arrays: FootprintArrays) -> None:
        check_arrays(arrays)
        arrays = in_order(arrays)
        self._arrays = arrays
        self._span_ends, self._peak_ends, self._pixel_ends = (
            np.cumsum(counts, dtype=np.int64)
            for counts in (arrays.n_spans, arrays.n_peaks, arrays.n_pixels)
        )
        wrong = (arrays.kinds == HEAVY) & (self.areas != arrays.n_pixels)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            message = (
                f"The footprint of row {row} has {self.areas[row]} pixels "
                f"but {arrays.n_pixels[row]} values."
            )
            raise FootprintError(message)

    @classmethod
    def from_footprints(cls, footprints: Iterable[Footprint | None]) -> FootprintStore:
        """Return a store of given footprints, None where there is none.

        Notes
        -----
        Pixel values get one type for all footprints, in which none is lost.
        """
        given = list(footprints)
        present = [footprint for footprint in given if footprint is not None]
        heavy = [footprint for footprint in present if isinstance(footprint, HeavyFootprint)]
        spans = [footprint.spans for footprint in present]
        columns = [
            _joined([getattr(part, name) for part in spans], np.empty(0, np.int32))
            for name in ("y", "x0", "x1")
        ]
        arrays = FootprintArrays(
            kinds=np.array([_kind(footprint) for footprint in given], np.uint8),
            n_spans=_counts([0 if one is None else len(one.spans) for one in given]),
            n_peaks=_counts([0 if one is None else len(one.peaks) for one in given]),
            n_pixels=_counts(
                [one.image.size if isinstance(one, HeavyFootprint) else 0 for one in given]
            ),
            regions=np.array([_region(one) for one in given], np.int32).reshape(-1, 4),
            spans=np.column_stack(columns),
            peaks=_joined([one.peaks.array for one in present], np.empty(0, PEAK_DTYPE)),
            image=_joined([one.image for one in heavy], np.empty(0, np.float32)),
            mask=_joined([one.mask for one in heavy], np.empty(0, np.int32)),
            variance=_joined([one.variance for one in heavy], np.empty(0, np.float32)),
        )
        return cls(arrays)

    @classmethod
    def concatenate(cls, stores: Iterable[FootprintStore]) -> FootprintStore:
        """Return the rows of several stores one after the other."""
        parts = [store.arrays for store in stores]
        if not parts:
            return cls.from_footprints([])
        names = [field.name for field in fields(FootprintArrays)]
        return cls(
            FootprintArrays(
                *(np.concatenate([getattr(part, name) for part in parts]) for name in names)
            )
        )

    @property
    def arrays(self) -> FootprintArrays:
        """The arrays, which cannot be changed."""
        return self._arrays

    @property
    def kinds(self) -> NDArray[np.uint8]:
        """`ABSENT`, `PLAIN` or `HEAVY` for each row."""
        return self._arrays.kinds

    @property
    def areas(self) -> NDArray[np.int64]:
        """Number of pixels of each row; 0 where there is no footprint."""
        return areas(self._arrays)

    def get(self, row: int) -> Footprint | None:
        """Return the footprint of a row, or None if it has none.

        Raises
        ------
        IndexError
            If there is no such row.
        """
        number, arrays = range(len(self))[row], self._arrays
        if arrays.kinds[number] == ABSENT:
            return None
        spans = arrays.spans[self._slice(self._span_ends, arrays.n_spans, number)]
        peaks = arrays.peaks[self._slice(self._peak_ends, arrays.n_peaks, number)]
        footprint = Footprint(
            SpanSet.from_sorted(spans[:, 0], spans[:, 1], spans[:, 2]),
            PeakCatalog(peaks),
            _box(arrays.regions[number]),
        )
        if arrays.kinds[number] == PLAIN:
            return footprint
        pixels = self._slice(self._pixel_ends, arrays.n_pixels, number)
        return HeavyFootprint.from_arrays(
            footprint,
            arrays.image[pixels].copy(),
            arrays.mask[pixels].copy(),
            arrays.variance[pixels].copy(),
        )

    @staticmethod
    def _slice(ends: NDArray[np.int64], counts: NDArray[np.int64], row: int) -> slice:
        return slice(int(ends[row] - counts[row]), int(ends[row]))

    def take(self, rows: NDArray[np.integer] | Sequence[int]) -> FootprintStore:
        """Return a store of some rows, in the order in which they are given.

        Parameters
        ----------
        rows
            Numbers of rows, which may be repeated, or one boolean per row.

        Raises
        ------
        IndexError
            If there is no such row.
        """
        chosen = np.arange(len(self))[np.asarray(rows, None if len(rows) else int)]
        old = self._arrays
        spans, peaks, pixels = (
            runs.ranges(ends[chosen] - counts[chosen], counts[chosen])
            for ends, counts in (
                (self._span_ends, old.n_spans),
                (self._peak_ends, old.n_peaks),
                (self._pixel_ends, old.n_pixels),
            )
        )
        new = FootprintArrays(
            kinds=old.kinds[chosen],
            n_spans=old.n_spans[chosen],
            n_peaks=old.n_peaks[chosen],
            n_pixels=old.n_pixels[chosen],
            regions=old.regions[chosen],
            spans=old.spans[spans],
            peaks=old.peaks[peaks],
            image=old.image[pixels],
            mask=old.mask[pixels],
            variance=old.variance[pixels],
        )
        return FootprintStore(new)

    def to_rows(self) -> dict[str, Rows]:
        """Return the tables in which a file keeps the store, by their EXTNAME."""
        return to_rows(self._arrays)

    @classmethod
    def from_rows(cls, tables: Mapping[str, Rows], path: str = "") -> FootprintStore:
        """Return what `to_rows` wrote.

        Parameters
        ----------
        tables
            The tables by their EXTNAME.
        path
            The file, for messages.

        Raises
        ------
        FitsFileError
            If a table is missing or damaged, or of a newer version.
        """
        arrays = from_rows(tables, path)
        try:
            return cls(arrays)
        except FootprintError as error:
            raise FitsFileError(path, f"its footprints are damaged ({error})") from error

    def __len__(self) -> int:
        return int(self._arrays.kinds.size)

    @overload
    def __getitem__(self, row: int) -> Footprint | None: ...
    @overload
    def __getitem__(self, row: slice) -> FootprintStore: ...
    def __getitem__(self, row: int | slice) -> Footprint | FootprintStore | None:
        if isinstance(row, slice):
            return self.take(np.arange(len(self))[row])
        return self.get(row)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FootprintStore):
            return NotImplemented
        return all(_same(self._arrays, other.arrays, field.name) for field in fields(self._arrays))

    __hash__ = None  # type: ignore[assignment]  # too large to be a key

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self._arrays,)

    def __repr__(self) -> str:
        heavy = int((self.kinds == HEAVY).sum())
        return (
            f"<FootprintStore: {len(self)} rows, {len(self._arrays.spans)} spans, "
            f"{len(self._arrays.peaks)} peaks, {heavy} heavy footprints>"
        )


def _same(first: FootprintArrays, second: FootprintArrays, name: str) -> bool:
    mine: NDArray[np.generic]
    theirs: NDArray[np.generic]
    mine, theirs = getattr(first, name), getattr(second, name)
    return mine.dtype == theirs.dtype and mine.tobytes() == theirs.tobytes()


def _kind(footprint: Footprint | None) -> int:
    return ABSENT if footprint is None else HEAVY if footprint.is_heavy else PLAIN


def _region(footprint: Footprint | None) -> tuple[int, int, int, int]:
    region = Box() if footprint is None else footprint.region
    return region.min_x, region.min_y, region.width, region.height


def _box(region: NDArray[np.int32]) -> Box:
    x, y, width, height = region.tolist()
    return Box(Point2I(x, y), Extent2I(width, height))


def _counts(counts: list[int]) -> NDArray[np.int64]:
    return np.array(counts, np.int64)


def _joined(parts: list[NDArray[_Scalar]], none: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """Return arrays one after the other, or another array if there are none."""
    return np.concatenate(parts) if parts else none
