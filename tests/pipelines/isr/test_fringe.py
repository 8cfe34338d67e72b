"""Fringes, measured and subtracted."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.exposure.exposure import Exposure
from imaging.exposure.filter_label import FilterLabel
from imaging.image.image import Image
from pipelines.errors import CalibrationError
from pipelines.isr.fringe import FringeTask


def pattern() -> np.ndarray:
    y, x = np.mgrid[:300, :200]
    return np.sin(x / 7.0 + 0.002 * y * y / 9).astype(np.float32)


def make_exposure(amplitude: float) -> Exposure:
    rng = np.random.default_rng(20131102)
    image = 500 + 0.05 * np.arange(200) + amplitude * pattern() + rng.normal(0, 5, (300, 200))
    image[rng.integers(0, 300, 60), rng.integers(0, 200, 60)] += 3000  # stars
    return Exposure(Image(image.astype(np.float32)), filter=FilterLabel("y", "HSC-Y"))


@pytest.mark.parametrize("amplitude", [0.0, 6.0, -4.0])
def test_the_pattern_is_subtracted_as_strongly_as_it_is_there(amplitude: float) -> None:
    exposure = make_exposure(amplitude)
    result = FringeTask().run(exposure, Exposure(Image(pattern())))
    # 60,000 pixels of noise 5 against a pattern of rms 0.7, each seen by several boxes
    assert result.amplitude == pytest.approx(amplitude, abs=0.15)
    left = np.median(exposure.image.array - make_exposure(0.0).image.array)
    assert abs(left) < 0.15


def test_the_same_exposure_gives_the_same_amplitude() -> None:
    one = FringeTask().run(make_exposure(3.0), Exposure(Image(pattern())))
    two = FringeTask().run(make_exposure(3.0), Exposure(Image(pattern())))
    assert one.amplitude == two.amplitude


def test_only_some_filters_show_fringes() -> None:
    exposure = make_exposure(1.0)
    for filters, wanted in (([], False), (["y"], True), (["HSC-Y"], True), (["z"], False)):
        task = FringeTask(config=FringeTask.ConfigClass(filters=filters))
        assert task.is_wanted(exposure) is wanted
    exposure.filter = None
    assert not FringeTask(config=FringeTask.ConfigClass(filters=["y"])).is_wanted(exposure)


def test_a_flat_pattern_is_refused() -> None:
    flat = Exposure(Image(np.ones((300, 200), np.float32)))
    with pytest.raises(CalibrationError, match="pattern is flat"):
        FringeTask().run(make_exposure(1.0), flat)


def test_a_pattern_of_other_pixels_is_refused() -> None:
    small = Exposure(Image(np.ones((30, 20), np.float32)))
    with pytest.raises(CalibrationError, match="doFringe = False"):
        FringeTask().run(make_exposure(1.0), small)
