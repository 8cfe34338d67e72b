"""From the sections of a raw to the pixels of a detector."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.detector.amplifier import Amplifier
from imaging.detector.assembly import assemble
from imaging.detector.detector import Detector
from imaging.errors import CameraError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.image import Image
from imaging.image.masked_image import MaskedImage
from pipelines.isr.sections import empty_detector, floating_raw, take_amplifier

NY, NX = 6, 5


def box(x: int, width: int = NX) -> Box:
    return Box(Point2I(x, 0), Extent2I(width, NY))


def detector(overscan: int) -> Detector:
    """Two amplifiers that change places, one of them turned round, beside their overscans."""
    step = NX + overscan
    amplifiers = tuple(
        Amplifier(
            name=name,
            bbox=box(place * NX),
            raw_bbox=box(k * step, step),
            raw_data_bbox=box(k * step),
            raw_serial_overscan_bbox=box(k * step + NX, overscan) if overscan else Box(),
            is_raw_flipped_x=k == 0,
            is_raw_flipped_y=k == 0,
        )
        for k, (name, place) in enumerate((("a", 1), ("b", 0)))
    )
    return Detector(id=0, name="two", bbox=box(0, 2 * NX), amplifiers=amplifiers)


def make_raw(overscan: int, dtype: str = "u2") -> MaskedImage:
    pixels = np.arange(NY * 2 * (NX + overscan)).reshape(NY, -1)
    raw = MaskedImage(Image(pixels.astype(dtype)))
    raw.mask.array[2, 1] = raw.mask.get_bit_mask("BAD")
    return raw


@pytest.mark.parametrize("overscan", [0, 3])  # without one the raw is as large as the detector
@pytest.mark.parametrize("dtype", ["u1", "u2", "i4", "f4", "f8", ">i2"])
def test_sections_go_where_the_assembly_puts_them(overscan: int, dtype: str) -> None:
    raw, two = make_raw(overscan, dtype), detector(overscan)
    found = empty_detector(raw, two)
    for amplifier in two:
        take_amplifier(raw.image, amplifier, found)
    expected = assemble(raw, two)
    np.testing.assert_array_equal(found.image.array, expected.image.array)
    np.testing.assert_array_equal(found.mask.array, expected.mask.array)
    assert found.image.array.dtype == np.float32
    assert found.mask.array.any()


def test_levels_are_subtracted_and_limits_are_those_of_the_raw() -> None:
    raw, two = make_raw(3), detector(3)
    found = empty_detector(raw, two)
    levels = np.linspace(10, 15, NY)
    limits = [("SAT", 80.0), ("SUSPECT", float("nan"))]
    counts = [take_amplifier(raw.image, one, found, levels, limits) for one in two]
    data = raw.image.array[:, NX + 3 : 2 * NX + 3]
    np.testing.assert_allclose(found.image.array[:, :NX], data - levels[:, None], rtol=1e-6)
    turned = (raw.image.array[:, :NX] - levels[:, None])[::-1, ::-1]
    np.testing.assert_allclose(found.image.array[:, NX:], turned, rtol=1e-6)
    assert counts == [
        [np.count_nonzero(raw.image.array[:, :NX] >= 80), 0],
        [np.count_nonzero(data >= 80), 0],
    ]
    np.testing.assert_array_equal(found.mask.get_plane("SAT")[:, :NX], data >= 80)
    assert not found.mask.get_plane("SUSPECT").any()


def test_without_assembly_pixels_stay_where_they_are() -> None:
    raw, two = make_raw(3), detector(3)
    found = floating_raw(raw)
    for amplifier in two:
        take_amplifier(raw.image, amplifier, found, np.full(NY, 7.0), is_assembled=False)
    expected = raw.image.array.astype(float)
    for amplifier in two:
        expected[amplifier.raw_data_bbox.slices()] -= 7
    np.testing.assert_array_equal(found.image.array, expected)
    assert found.mask == raw.mask


def test_a_raw_without_the_pixels_is_refused() -> None:
    raw, two = make_raw(0), detector(3)
    with pytest.raises(CameraError, match="does not have the pixels of the amplifier 'b'"):
        take_amplifier(raw.image, two[1], empty_detector(make_raw(3), two))
