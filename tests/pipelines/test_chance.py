"""How likely agreement is by chance."""

from __future__ import annotations

import math

import pytest
from scipy.stats import poisson

from pipelines.chance import log_chance


@pytest.mark.parametrize(("pairs", "expected"), [(1, 0.01), (4, 1e-5), (30, 10.0), (250, 200.0)])
def test_chance_is_that_of_poisson(pairs: int, expected: float) -> None:
    assert log_chance(pairs, expected) == pytest.approx(
        math.log10(poisson.sf(pairs - 1, expected)), rel=1e-6
    )


def test_more_than_a_number_can_say_is_still_ordered() -> None:
    assert log_chance(2000, 1.0) < log_chance(1000, 1.0) < -1000


def test_no_more_than_expected_is_chance() -> None:
    assert log_chance(5, 5.0) == log_chance(0, 0.0) == 0.0
