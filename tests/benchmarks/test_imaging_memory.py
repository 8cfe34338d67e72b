from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.imaging.memory import ImagingMeasurement, memory_growth

MEGABYTE = 2**20


def test_growth_is_that_of_the_body_alone() -> None:
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("only Linux tells the peak of memory")
    before = np.ones(64 * MEGABYTE, np.uint8)  # stays, and does not count
    np.ones(128 * MEGABYTE, np.uint8)  # is gone before
    with memory_growth() as growth:
        np.ones(96 * MEGABYTE, np.uint8)  # more than the C library keeps for later
    assert growth.peak_mb == pytest.approx(96, abs=16)  # other pages of the process come and go
    assert before[-1] == 1


def test_measurement_survives_the_way_between_processes() -> None:
    one = ImagingMeasurement(1.0, 0.5, 30.0, 20, "abc", peak_to_data=1.25)
    assert ImagingMeasurement.from_json(one.to_json()) == one
