"""One row of a table."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.errors import PsfError
from imaging.fits.rows import Rows
from imaging.psf.rows import described, only_row


def test_row_holds_scalars_and_arrays_and_says_its_kind() -> None:
    rows = described("Thing", 3, {"a": np.array(2.5), "b": np.arange(6).reshape(2, 3)})
    row = only_row(rows, ("a", "b"))
    assert row["a"] == 2.5
    assert row["b"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (rows.header["SBTYPE"], rows.header["SBVERS"]) == ("Thing", 3)


def test_all_missing_columns_are_named() -> None:
    with pytest.raises(PsfError, match="'a', 'c'"):
        only_row(Rows(np.zeros(1, [("b", "f8")])), ("a", "b", "c"))


def test_two_rows_are_an_error() -> None:
    with pytest.raises(PsfError, match="one row, not 2"):
        only_row(Rows(np.zeros(2, [("b", "f8")])), ("b",))
