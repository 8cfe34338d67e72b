"""Gen2 spellings give what the names of wcs give, also when those are overridden."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from imaging.geometry.points import Extent2D, Point2D
from imaging.wcs.gen2_names import WcsNames
from imaging.wcs.wcs import Wcs, make_cd_matrix, make_tan_wcs

SAME = {
    "pixelToSky": "pixel_to_skycoord",
    "skyToPixel": "sky_to_point",
    "getPixelScale": "pixel_scale",
    "getPixelOrigin": "pixel_origin",
    "getSkyOrigin": "sky_origin",
    "getCdMatrix": "cd_matrix",
    "isFlipped": "is_flipped",
    "getTanWcs": "linearized_at",
    "copyAtShiftedPixelOrigin": "shifted",
    "getFitsMetadata": "to_metadata",
}
METHODS = [old for old, new in SAME.items() if inspect.isfunction(inspect.getattr_static(Wcs, new))]
WCS = make_tan_wcs((10.0, 20.0), Point2D(7, 8), make_cd_matrix(0.2, 30))


def test_every_gen2_name_is_in_the_table_of_this_test() -> None:
    assert {name for name in vars(WcsNames) if not name.startswith("_")} == set(SAME)


@pytest.mark.parametrize(("old", "new"), SAME.items())
def test_gen2_name_follows_an_override(old: str, new: str) -> None:
    seen: list[tuple[object, ...]] = []

    def method(_: object, *args: object) -> str:
        seen.append(args)
        return "result"

    members = {new: method if old in METHODS else property(method)}
    made = type("Overridden", (Wcs,), members)(WCS.parameters)
    given: tuple[object, ...] = ()
    if old in METHODS:
        given = ("X",) * (len(inspect.signature(getattr(WCS, old)).parameters))
    if old == "copyAtShiftedPixelOrigin":
        assert made.copyAtShiftedPixelOrigin(Extent2D(3, 4)) == "result"
        assert seen == [(3, 4)]
        return
    result = getattr(made, old)
    assert (result if old == "isFlipped" else result(*given)) == "result"
    assert seen == [given]


@pytest.mark.parametrize("old", [old for old in METHODS if old != "copyAtShiftedPixelOrigin"])
def test_gen2_method_has_the_parameters_of_the_other(old: str) -> None:
    new = getattr(Wcs, SAME[old])
    assert list(inspect.signature(getattr(Wcs, old)).parameters) == list(
        inspect.signature(new).parameters
    )


def test_gen2_names_give_the_same_values() -> None:
    sky = WCS.pixelToSky(Point2D(3, 4))
    assert isinstance(sky, SkyCoord)
    assert (sky.ra.deg, sky.dec.deg) == pytest.approx(WCS.pixel_to_sky(3.0, 4.0))
    assert WCS.pixelToSky(3, 4) == sky
    assert WCS.skyToPixel(sky).distance(Point2D(3, 4)) < 1e-8
    assert WCS.skyToPixel(WCS.getSkyOrigin()) == WCS.getPixelOrigin() == Point2D(7, 8)
    assert WCS.getPixelScale() == pytest.approx(0.2)
    assert np.array_equal(WCS.getCdMatrix(), WCS.cd_matrix)
    assert WCS.getTanWcs(Point2D(1, 2)) == WCS.linearized_at(Point2D(1, 2))
    assert WCS.copyAtShiftedPixelOrigin(Extent2D(1, 2)) == WCS.shifted(1, 2)
    assert WCS.getFitsMetadata() == WCS.to_metadata()
    assert WCS.isFlipped is False
