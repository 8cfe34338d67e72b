"""Intervals on a line."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from imaging.footprint.runs import LIMIT, Line, components, covered, ranges, to_line, to_spans


@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(0, 5))))
def test_ranges_are_those_of_python(pairs: list[tuple[int, int]]) -> None:
    begins = np.array([begin for begin, _ in pairs], np.int64)
    lengths = np.array([length for _, length in pairs], np.int64)
    expected = [number for begin, length in pairs for number in range(begin, begin + length)]
    assert ranges(begins, lengths).tolist() == expected


def test_runs_at_the_ends_of_possible_rows_do_not_touch_those_of_the_next_row() -> None:
    edge = LIMIT - 1
    y, x0, x1 = np.array([0, 1]), np.array([edge - 3, -edge]), np.array([edge, -edge + 3])
    line = to_line(y, x0, x1)
    assert covered(line).begins.size == 2
    assert components(line, diagonal=True).tolist() == [0, 1]
    assert [column.tolist() for column in to_spans(line)] == [[0, 1], x0.tolist(), x1.tolist()]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9))), st.integers(1, 4))
def test_coverage_counts_overlapping_intervals(pairs: list[tuple[int, int]], least: int) -> None:
    depth = np.zeros(50, int)
    for begin, length in pairs:
        depth[begin : begin + length] += 1
    begins = np.array([begin for begin, _ in pairs], np.int64)
    ends = begins + np.array([length for _, length in pairs], np.int64)
    made = covered(Line(begins, ends), least)
    found = np.zeros(50, bool)
    for begin, end in zip(*made, strict=True):
        found[begin:end] = True
    assert np.array_equal(found, depth >= least)


def test_pixels_that_touch_at_a_corner_are_apart_unless_diagonals_count() -> None:
    line = to_line(np.array([0, 1]), np.array([0, 2]), np.array([1, 3]))
    assert components(line, diagonal=True).tolist() == [0, 0]
    assert components(line, diagonal=False).tolist() == [0, 1]
