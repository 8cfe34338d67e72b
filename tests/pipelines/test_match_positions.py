"""Pairing positions of two lists."""

from __future__ import annotations

import numpy as np

from pipelines.match_positions import match_positions


def test_positions_match_only_if_each_is_the_nearest_of_the_other() -> None:
    first = np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 9.0]])
    second = np.array([[1.2, 0.0], [9.0, 9.5]])
    left, right = match_positions(first, second, 2.0)
    assert (left.tolist(), right.tolist()) == ([1, 2], [0, 1])
    assert [len(part) for part in match_positions(first, second[:0], 2.0)] == [0, 0]


def test_positions_that_are_nowhere_match_nothing() -> None:
    first = np.array([[np.nan, 0.0], [1.0, 0.0], [9.0, 9.0]])
    second = np.array([[np.inf, 0.0], [9.0, 9.5], [np.nan, np.nan], [1.2, 0.0]])
    left, right = match_positions(first, second, 2.0)
    assert (left.tolist(), right.tolist()) == ([1, 2], [3, 1])
    assert [len(part) for part in match_positions(first[:1], second, 2.0)] == [0, 0]
