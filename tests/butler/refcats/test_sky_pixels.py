from __future__ import annotations

import numpy as np
import pytest
from lsst.sphgeom import Angle, Circle, LonLat, UnitVector3d

from butler.errors import ParameterError
from butler.refcats.sky_pixels import PixelRanges, SkyPixels, depth_of_pixel
from testdata.htm import htm_index


def positions(count: int = 500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    return rng.uniform(0, 2 * np.pi, count), np.arcsin(rng.uniform(-1, 1, count))


@pytest.mark.parametrize("depth", [0, 3, 7, 12])
def test_numbers_are_those_of_an_independent_mesh(depth: int) -> None:
    ra, dec = positions()
    found = SkyPixels(depth).index(ra, dec)
    np.testing.assert_array_equal(found, htm_index(ra, dec, depth))
    assert {depth_of_pixel(number) for number in found.tolist()} == {depth}


def test_poles_and_zero_have_pixels() -> None:
    ra, dec = np.array([0.0, 0.0, 0.0]), np.radians([90.0, -90.0, 0.0])
    assert all(depth_of_pixel(number) == 7 for number in SkyPixels().index(ra, dec).tolist())


def test_no_position_has_no_pixel() -> None:
    assert SkyPixels().index(np.zeros(0), np.zeros(0)).tolist() == []


def test_region_is_covered_by_its_pixels() -> None:
    ra, dec = positions(5000)
    pixels = SkyPixels()
    circle = Circle(UnitVector3d(LonLat.fromDegrees(0.1, 89.0)), Angle.fromDegrees(5.0))
    inside = [
        circle.contains(UnitVector3d(LonLat.fromRadians(lon, lat)))
        for lon, lat in zip(ra.tolist(), dec.tolist(), strict=True)
    ]
    covering = pixels.covering(circle)
    found = pixels.index(ra[inside], dec[inside]).tolist()
    assert found
    assert all(number in covering for number in found)
    assert len(covering) == len(covering.ids()) < 1000


def test_ranges_are_half_open() -> None:
    ranges = PixelRanges(((8, 10), (12, 13)))
    assert (len(ranges), ranges.ids()) == (3, [8, 9, 12])
    assert (9 in ranges, 10 in ranges) == (True, False)


@pytest.mark.parametrize("number", [0, 1, 7, 16, 31, 64, -8])
def test_numbers_between_the_depths_are_none(number: int) -> None:
    assert depth_of_pixel(number) is None


@pytest.mark.parametrize("depth", [-1, 13])
def test_depth_that_is_not_there_is_refused(depth: int) -> None:
    with pytest.raises(ParameterError, match="choose one from 0 to 12"):
        SkyPixels(depth)
