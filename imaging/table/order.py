"""Which rows of a table a catalog lists: a range where they are neighbours, else one by one."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from imaging.table.columns import RowIndex

__all__ = ["RowOrder", "appended", "as_index", "as_order", "chosen_rows"]

RowOrder: TypeAlias = "range | array[int]"


def as_order(rows: NDArray[np.integer] | Iterable[int]) -> RowOrder:
    """Return given rows, as a range if each follows the one before."""
    places = np.asarray(rows if isinstance(rows, np.ndarray) else list(rows), np.int64)
    if not len(places):
        return range(0)
    first, last = int(places[0]), int(places[-1])
    if last - first + 1 == len(places) and bool((np.diff(places) == 1).all()):
        return range(first, last + 1)
    return array("q", places.tobytes())


def chosen_rows(rows: RowOrder, places: NDArray[np.integer]) -> RowOrder:
    """Return the rows at some places of a catalog, counted from 0; negative ones from the end."""
    if not isinstance(rows, range):
        return as_order(np.frombuffer(rows, np.int64)[places] if len(rows) else places)
    wrong = (places < -len(rows)) | (places >= len(rows))
    if wrong.any():
        message = f"There is no record {places[wrong][0]} among {len(rows)}."
        raise IndexError(message)
    counted = np.where(places < 0, places.astype(np.int64) + len(rows), places)
    return as_order(rows.start + rows.step * counted)


def as_index(rows: RowOrder) -> RowIndex:
    """Return what takes the rows of an array: a slice, which makes views, or their places."""
    if not isinstance(rows, range):
        return np.array(rows, np.int64)
    stop = rows.stop if rows.stop >= 0 else None
    return slice(rows.start, stop, rows.step) if len(rows) else slice(0, 0)


def appended(rows: RowOrder, more: range) -> RowOrder:
    """Return rows with neighbouring ones behind them; scattered rows are changed in place."""
    if isinstance(rows, range):
        if not len(rows):
            return more
        if not len(more):
            return rows
        if rows.stop == more.start and rows.step == more.step == 1:
            return range(rows.start, more.stop)
        rows = array("q", rows)
    rows.extend(cast("Iterable[int]", more))
    return rows
