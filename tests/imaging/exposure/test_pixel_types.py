from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Box, Extent2I, Image, Point2I
from imaging.exposure.pixel_types import ExposureD, ExposureF, ExposureI, ExposureU

if TYPE_CHECKING:
    from pathlib import Path

    from imaging.exposure.exposure import Exposure

BOX = Box(Point2I(1, 2), Extent2I(4, 3))


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        (ExposureD, np.float64),
        (ExposureF, np.float32),
        (ExposureI, np.int32),
        (ExposureU, np.uint16),
    ],
)
def test_name_says_what_pixels_a_box_gets(kind: type[Exposure], dtype: type[np.number]) -> None:
    assert kind(BOX).dtype == dtype
    assert kind(BOX, dtype=np.float64).dtype == np.float64
    assert type(kind(BOX)[BOX]) is kind


def test_pixels_that_exist_keep_their_type(tmp_path: Path) -> None:
    exposure = ExposureF(Image(np.ones((3, 4))))
    assert exposure.dtype == np.float64
    exposure.write_fits(str(tmp_path / "e.fits"))
    assert ExposureF.read_fits(str(tmp_path / "e.fits")).dtype == np.float64
