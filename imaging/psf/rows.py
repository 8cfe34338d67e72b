"""A PSF as one row of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imaging.errors import PsfError
from imaging.fits.persisted import describe, single_row
from imaging.fits.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["described", "only_row"]


def described(kind: str, version: int, columns: Mapping[str, NDArray[np.generic]]) -> Rows:
    """Return one row with a kind and a version.

    Parameters
    ----------
    kind, version
        What the row is; see `imaging.fits.persisted.describe`.
    columns
        The values; see `imaging.fits.persisted.single_row`.
    """
    return describe(Rows(single_row(columns)), kind, version)


def only_row(rows: Rows, names: Sequence[str]) -> np.void:
    """Return the one row of a table.

    Raises
    ------
    PsfError
        If there is not exactly one, or columns are missing.
    """
    missing = [name for name in names if name not in (rows.array.dtype.names or ())]
    if missing:
        message = f"The table of a PSF has no column {', '.join(map(repr, missing))}."
        raise PsfError(message)
    if len(rows.array) != 1:
        message = f"The table of a PSF has one row, not {len(rows.array)}."
        raise PsfError(message)
    row: np.void = rows.array[0]
    return row
