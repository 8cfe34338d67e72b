"""Echoes of amplifiers in each other."""

from __future__ import annotations

import numpy as np
import pytest
from support.simulation import hsc_detector

from imaging.detector.amplifier import Amplifier, ReadoutCorner
from imaging.detector.detector import Detector
from imaging.errors import BoxError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.image import Image
from imaging.image.masked_image import MaskedImage
from pipelines.errors import ConfigError, InstrumentError
from pipelines.isr.crosstalk import CrosstalkTask, readout_places

NY, NX = 20, 30


def two_amplifiers(width: int = NX) -> Detector:
    return Detector(
        id=0,
        name="two",
        bbox=Box(Point2I(0, 0), Extent2I(NX + width, NY)),
        amplifiers=(
            Amplifier(name="a", bbox=Box(Point2I(0, 0), Extent2I(NX, NY))),
            Amplifier(
                name="b",
                bbox=Box(Point2I(NX, 0), Extent2I(width, NY)),
                readout_corner=ReadoutCorner.LOWER_RIGHT,
            ),
        ),
        crosstalk=np.array([[0.0, 1e-3], [2e-3, 0.0]]),
    )


def make_pixels() -> MaskedImage:
    return MaskedImage(Image(np.zeros((NY, 2 * NX), np.float32)))


def test_the_echo_of_a_bright_pixel_is_subtracted_and_flagged() -> None:
    pixels = make_pixels()
    pixels.image.array[5, 3] = 50000  # in a; read together with the pixel 3 from the right in b
    result = CrosstalkTask().run(pixels, two_amplifiers())
    assert pixels.image.array[5, 2 * NX - 1 - 3] == pytest.approx(-2e-3 * 50000)
    assert pixels.mask.get_plane("CROSSTALK").nonzero() == ([5], [2 * NX - 1 - 3])
    assert result.flagged == 1
    assert pixels.image.array[5, 3] == 50000


def test_a_part_of_the_detector_is_refused() -> None:
    part = MaskedImage(Image(np.zeros((NY // 2, NX), np.float32)))
    with pytest.raises(BoxError, match="not inside the image"):
        CrosstalkTask().run(part, two_amplifiers())


def test_rows_are_victims_and_columns_are_sources() -> None:
    pixels = make_pixels()
    pixels.image.array[5, NX + 3] = 10000  # in b
    CrosstalkTask().run(pixels, two_amplifiers())
    assert pixels.image.array[5, NX - 1 - 3] == pytest.approx(-1e-3 * 10000)


def test_coefficients_of_the_configuration_replace_those_of_the_camera() -> None:
    config = CrosstalkTask.ConfigClass(
        useConfigCoefficients=True, crosstalkValues=[0, 0, 5e-3, 0], crosstalkShape=[2, 2]
    )
    pixels = make_pixels()
    pixels.image.array[5, 3] = 10000
    CrosstalkTask(config=config).run(pixels, two_amplifiers())
    assert pixels.image.array[5, 2 * NX - 1 - 3] == pytest.approx(-50)


@pytest.mark.parametrize("method", ["AMP", "DETECTOR"])
def test_the_background_makes_no_echo_if_it_is_subtracted(method: str) -> None:
    pixels = make_pixels()
    pixels.image.array[:] = 1000
    config = CrosstalkTask.ConfigClass(crosstalkBackgroundMethod=method)
    CrosstalkTask(config=config).run(pixels, two_amplifiers())
    assert (pixels.image.array == 1000).all()


def test_coefficients_of_another_number_of_amplifiers_are_refused() -> None:
    config = CrosstalkTask.ConfigClass(useConfigCoefficients=True, crosstalkValues=[1.0] * 9)
    with pytest.raises(ConfigError, match=r"has 9 values .* need 2 x 2"):
        CrosstalkTask(config=config).run(make_pixels(), two_amplifiers())


def test_a_camera_without_crosstalk_is_told_what_to_do() -> None:
    detector = two_amplifiers().replace(crosstalk=None)
    with pytest.raises(InstrumentError, match="doCrosstalk = False"):
        CrosstalkTask().run(make_pixels(), detector)


def test_amplifiers_of_two_sizes_are_refused() -> None:
    with pytest.raises(InstrumentError, match="not of one size"):
        readout_places(two_amplifiers(width=10))


def test_places_of_hsc() -> None:
    places = readout_places(hsc_detector())
    corners = [[0, 0, 0, 0], [0, 512, 0, 1], [0, 1024, 0, 0], [0, 1536, 0, 1]]
    assert places.tolist() == [[*corner, 4176, 512] for corner in corners]
