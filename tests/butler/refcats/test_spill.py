from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.errors import StorageError
from butler.refcats import spill as module
from butler.refcats.spill import Spill

if TYPE_CHECKING:
    from pathlib import Path

ROW = np.dtype([("number", "i8"), ("text", "S3")])


def rows(numbers: list[int]) -> np.ndarray:
    return np.array([(n, b"abc") for n in numbers], ROW)


@given(st.lists(st.lists(st.integers(0, 5), max_size=40), max_size=12), st.integers(1, 2000))
def test_rows_come_back_by_pixel_in_their_order(parts: list[list[int]], run_bytes: int) -> None:
    expected: dict[int, list[int]] = {}
    with pytest.MonkeyPatch.context() as patch, Spill("/tmp") as spill:
        patch.setattr(module, "_RUN_BYTES", run_bytes)  # many small runs
        patch.setattr(module, "_BUFFER_BYTES", 1)
        patch.setattr(module, "_LEAST_ROWS", 3)
        count = 0
        for part in parts:
            numbers = list(range(count, count + len(part)))
            count += len(part)
            for pixel, number in zip(part, numbers, strict=True):
                expected.setdefault(pixel, []).append(number)
            spill.add(np.array(part, np.int64), rows(numbers))
        found = {pixel: part["number"].tolist() for pixel, part in spill.iter_pixels()}
    assert found == expected
    assert list(found) == sorted(expected)


def test_nothing_is_left_on_disk(tmp_path: Path) -> None:
    with Spill(str(tmp_path)) as spill:
        spill.add(np.zeros(10, np.int64), rows(list(range(10))))
        assert len(list(spill.iter_pixels())) == 1
        assert not list(tmp_path.iterdir())  # not even while it is open


def test_place_that_is_not_there_is_refused() -> None:
    with pytest.raises(StorageError, match="/nowhere"):
        Spill("/nowhere")


def test_disk_that_is_full_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RUN_BYTES", 1)
    with Spill("/tmp") as spill, open("/dev/full", "wb", buffering=0) as full:
        monkeypatch.setattr(spill, "_file", full)
        with pytest.raises(StorageError, match=r"No space left.*room for the catalog"):
            spill.add(np.zeros(1, np.int64), rows([1]))
        monkeypatch.undo()
