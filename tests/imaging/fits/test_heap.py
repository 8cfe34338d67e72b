"""Values of columns of variable length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import FitsFileError
from imaging.fits.fields import Field
from imaging.fits.hdus import Hdu
from imaging.fits.heap import gather_values

HDU = Hdu("a.fits", 1, "", 0)
HEAP = np.random.default_rng(7).integers(0, 256, 400, np.uint8)


def column_of(kind: str) -> Field:
    dtype = np.dtype(kind)
    letter = {"u1": "B", "i2": "I", "u2": "I", "i4": "J", "f8": "D", "c8": "C", "S1": "A"}[kind]
    is_flipped = kind == "u2"
    return Field("v", letter, dtype, (), 8, 0, 0, is_flipped, np.dtype(">i4"))


def expected_values(kind: str, count: int, begin: int) -> bytes:
    """The values of one row, as the standard says where they are."""
    dtype = np.dtype(kind)
    stored = HEAP[begin : begin + count * dtype.itemsize].tobytes()
    if kind == "u2":
        return (np.frombuffer(stored, ">i2").astype(np.int64) + 2**15).astype(kind).tobytes()
    return np.frombuffer(stored, dtype.newbyteorder(">")).astype(dtype).tobytes()


@given(
    st.sampled_from(["u1", "i2", "u2", "i4", "f8", "c8", "S1"]),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 320)), max_size=40),
)
def test_values_are_gathered_from_wherever_they_lie(
    kind: str, places: list[tuple[int, int]]
) -> None:
    pairs = np.array(places, np.int64).reshape(-1, 2)
    found = gather_values(HDU, column_of(kind), pairs, HEAP)
    assert found.values.dtype == np.dtype(kind)
    assert len(found) == len(places)
    for row, (count, begin) in enumerate(places):
        assert found[row].tobytes() == expected_values(kind, count, begin)


@given(st.lists(st.integers(0, 9), max_size=5), st.integers(0, 3))
def test_values_one_after_the_other_are_gathered_as_one_piece(
    counts: list[int], begin: int
) -> None:
    begins = begin + 8 * np.concatenate([[0], np.cumsum(counts)])[:-1].astype(np.int64)
    pairs = np.stack([np.array(counts, np.int64), begins], axis=1)
    found = gather_values(HDU, column_of("f8"), pairs, HEAP)
    joined = b"".join(
        expected_values("f8", *pair) for pair in zip(counts, begins.tolist(), strict=True)
    )
    assert found.values.tobytes() == joined


def test_rows_that_would_make_much_of_a_small_heap_are_refused() -> None:
    pairs = np.zeros((1_000_000, 2), np.int64)
    pairs[:, 0] = 400
    with pytest.raises(FitsFileError, match="column 'v' overlap in the heap"):
        gather_values(HDU, column_of("u1"), pairs, HEAP)
