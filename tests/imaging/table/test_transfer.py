"""Columns come out of rows and go into them, however many there are."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.table.transfer import gathered, scatter

ROW = [("a", "i4"), ("b", "f8", 3), ("c", "S5")]


@pytest.mark.parametrize("count", [0, 1, 7000, 100_000])  # 33 bytes: several portions
def test_columns_that_are_taken_and_put_back_are_the_same(count: int) -> None:
    rows = np.zeros(count, ROW)
    rows["a"], rows["b"] = np.arange(count), np.arange(3 * count).reshape(count, 3)
    rows["c"] = np.arange(count).astype("S5")
    columns = gathered(rows, ["c", "a", "b"])
    assert list(columns) == ["c", "a", "b"]
    for name, column in columns.items():
        np.testing.assert_array_equal(column, rows[name])
        assert column.flags.c_contiguous
        assert not np.shares_memory(column, rows)
    again = np.zeros(count, ROW)
    scatter(columns, again)
    assert again.tobytes() == rows.tobytes()
