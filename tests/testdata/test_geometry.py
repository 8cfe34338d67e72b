from __future__ import annotations

import numpy as np
import pytest

from testdata.errors import GeometryError
from testdata.geometry import FULL, SMALL, Geometry


def test_full_size_raw_has_the_shape_of_the_real_camera() -> None:
    assert FULL.raw_shape == (4241, 2144)
    assert FULL.ccd_shape == (4176, 2048)


@pytest.mark.parametrize(
    ("channel", "data", "overscan", "prescan"),
    [
        (1, (9, 520), (521, 536), (1, 8)),
        (2, (553, 1064), (537, 552), (1065, 1072)),
        (3, (1081, 1592), (1593, 1608), (1073, 1080)),
        (4, (1625, 2136), (1609, 1624), (2137, 2144)),
    ],
)
def test_full_size_sections_are_those_of_real_headers(
    channel: int, data: tuple[int, int], overscan: tuple[int, int], prescan: tuple[int, int]
) -> None:
    amplifier = FULL.amplifiers[channel - 1]
    assert (amplifier.data.x0 + 1, amplifier.data.x1) == data
    assert (amplifier.overscan.x0 + 1, amplifier.overscan.x1) == overscan
    assert (amplifier.prescan.x0 + 1, amplifier.prescan.x1) == prescan
    assert (amplifier.data.y0 + 1, amplifier.data.y1) == (50, 4225)
    assert (amplifier.parallel_overscan.y0 + 1, amplifier.parallel_overscan.y1) == (4226, 4241)


@pytest.mark.parametrize("geometry", [FULL, SMALL, Geometry(amp_width=33, amp_height=40)])
def test_amplifiers_cover_the_ccd_once_and_never_share_a_raw_pixel(geometry: Geometry) -> None:
    assembled = np.zeros(geometry.ccd_shape, dtype=np.uint8)
    raw = np.zeros(geometry.raw_shape, dtype=np.uint8)
    for amplifier in geometry.amplifiers:
        assembled[amplifier.assembled.slices] += 1
        for section in (amplifier.data, amplifier.overscan, amplifier.prescan):
            raw[section.slices] += 1
        raw[amplifier.parallel_overscan.slices] += 1
    assert (assembled == 1).all()
    assert raw.max() == 1


def test_too_small_an_amplifier_is_refused_by_name() -> None:
    with pytest.raises(GeometryError, match=r"Geometry\.amp_width is 3: it must be at least 16"):
        Geometry(amp_width=3)
