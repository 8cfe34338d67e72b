"""Places without sources."""

from __future__ import annotations

import numpy as np
import pytest

from imaging import Box, Extent2I, Mask, Point2I
from pipelines.sky_objects.task import SkyObjectsTask

BOX = Box(Point2I(100, 50), Extent2I(300, 200))


def make_mask() -> Mask:
    """A detected half, a bad column and a cosmic ray, which does no harm."""
    mask = Mask(BOX)
    mask.array[:, :150] |= mask.get_bit_mask("DETECTED")
    mask.array[:, 250] |= mask.get_bit_mask("BAD")
    mask.array[100, 280] |= mask.get_bit_mask("CR")
    return mask


@pytest.mark.parametrize(("grows", "radius"), [(0, 8.0), (5, 8.0), (0, 0.0)])
def test_objects_are_circles_without_a_pixel_to_avoid(grows: int, radius: float) -> None:
    mask = make_mask()
    config = SkyObjectsTask.ConfigClass(nSources=50, growMask=grows, sourceRadius=radius)
    found = SkyObjectsTask(config=config).run(mask, 7)
    assert len(found) == 50
    is_bad = mask.array & mask.get_bit_mask(["DETECTED", "BAD"]) != 0
    bad_rows, bad_columns = np.nonzero(is_bad)
    for one in found:
        (peak,) = one.peaks
        assert BOX.contains(one.bbox)
        rows, columns = np.ogrid[: BOX.height, : BOX.width]
        distance2 = (columns + 100 - peak.i_x) ** 2 + (rows + 50 - peak.i_y) ** 2
        assert one.area == (distance2 <= radius**2).sum()
        nearest2 = (bad_columns + 100 - peak.i_x) ** 2 + (bad_rows + 50 - peak.i_y) ** 2
        assert nearest2.min() > (radius + grows) ** 2


def test_same_seed_chooses_the_same_places() -> None:
    task, mask = SkyObjectsTask(), make_mask()
    first, again, other = (
        [(one.peaks[0].i_x, one.peaks[0].i_y) for one in task.run(mask, seed)] for seed in (7, 7, 8)
    )
    assert first == again
    assert first != other


def test_there_are_fewer_where_there_is_little_sky() -> None:
    mask = make_mask()
    mask.array[:, 20:] |= mask.get_bit_mask("DETECTED")
    assert SkyObjectsTask().run(mask, 7) == []
    assert SkyObjectsTask().run(Mask(Box(Point2I(0, 0), Extent2I(16, 300))), 7) == []
    few = SkyObjectsTask(config=SkyObjectsTask.ConfigClass(nTrialSources=3))
    assert len(few.run(Mask(BOX), 7)) == 3
