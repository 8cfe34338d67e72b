"""Gen2 spellings give what the names of wcs give, also when those are overridden."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from imaging.errors import ParameterTypeError
from imaging.geometry.points import Extent2D, Point2D, Point2I
from imaging.sky.angle import Angle, arcseconds, degrees, radians
from imaging.sky.sphere_point import SpherePoint
from imaging.wcs.gen2_names import WcsNames
from imaging.wcs.wcs import Wcs, make_cd_matrix, make_tan_wcs

SAME = {
    "getPixelOrigin": "pixel_origin",
    "getSkyOrigin": "sky_origin_point",
    "getCdMatrix": "cd_matrix",
    "isFlipped": "is_flipped",
    "isFits": "is_fits",
    "getTanWcs": "linearized_at",
    "getFitsMetadata": "to_metadata",
    "linearizePixelToSky": "pixel_to_sky_transform",
}
CONVERTED = {
    "pixelToSky": ("pixel_to_sphere_point", (1.0, 2.0)),
    "skyToPixel": ("sky_to_point", (SpherePoint(1.0, 2.0, degrees),)),
    "pixelToSkyArray": ("pixel_to_sky", ([1.0], [2.0])),
    "skyToPixelArray": ("sky_to_pixel", ([1.0], [2.0])),
    "getPixelScale": ("pixel_scale", (Point2D(1, 2),)),
    "copyAtShiftedPixelOrigin": ("shifted", (Extent2D(1, 2),)),
    "linearizeSkyToPixel": ("pixel_to_sky_transform", (Point2D(1, 2), degrees)),
}
WCS = make_tan_wcs((10.0, 20.0), Point2D(7, 8), make_cd_matrix(0.2, 30))


def test_every_gen2_name_is_in_the_tables_of_this_test() -> None:
    names = {name for name in vars(WcsNames) if not name.startswith("_")}
    assert names == {*SAME, *CONVERTED}


@pytest.mark.parametrize(("old", "new"), SAME.items())
def test_gen2_name_follows_an_override(old: str, new: str) -> None:
    is_method = inspect.isfunction(inspect.getattr_static(Wcs, new))

    def method(_: object, *args: object) -> object:
        return ("result", *args)

    made = type("Overridden", (Wcs,), {new: method if is_method else property(method)})(
        WCS.parameters
    )
    given = ("X",) * (len(inspect.signature(getattr(Wcs, new)).parameters) - 1) if is_method else ()
    if old == "getFitsMetadata":
        given = ()
    result = getattr(made, old)
    assert (result(*given) if callable(result) else result) == ("result", *given)


@pytest.mark.parametrize(("old", "new", "given"), [(o, n, g) for o, (n, g) in CONVERTED.items()])
def test_converting_gen2_name_follows_an_override(
    old: str, new: str, given: tuple[object, ...]
) -> None:
    class Called(Exception):  # noqa: N818 - not an error
        pass

    def method(_: object, *__: object) -> object:
        raise Called

    made = type("Overridden", (Wcs,), {new: method})(WCS.parameters)
    with pytest.raises(Called):
        getattr(made, old)(*given)


def test_a_pixel_has_a_position_with_angles() -> None:
    expected = WCS.pixel_to_sky(3.0, 4.0)
    for sky in (
        WCS.pixelToSky(Point2D(3, 4)),
        WCS.pixelToSky(Point2I(3, 4)),
        WCS.pixelToSky(3, 4),
        WCS.pixelToSky(x=3.0, y=4.0),
        WCS.pixelToSky([Point2D(3, 4)])[0],
    ):
        assert isinstance(sky, SpherePoint)
        assert (sky.getRa().asDegrees(), sky.getDec().asDegrees()) == pytest.approx(
            expected, rel=1e-15
        )


def test_a_position_has_a_pixel_however_it_is_given() -> None:
    sky = WCS.pixelToSky(3, 4)
    for given in ((sky,), (sky.to_skycoord(),), tuple(sky), (tuple(sky),)):
        assert WCS.skyToPixel(*given).distance(Point2D(3, 4)) < 1e-8
    (point,) = WCS.skyToPixel([sky])
    assert point.distance(Point2D(3, 4)) < 1e-8
    ra, dec = sky
    assert WCS.sky_to_pixel(ra, dec) == pytest.approx((3, 4), abs=1e-8)
    assert WCS.sky_to_point(sky).distance(Point2D(3, 4)) < 1e-8


@pytest.mark.parametrize("given", [(Point2D(1, 2),), (10.0, 20.0), ((10.0, 20.0),), ("x",)])
def test_what_is_no_position_is_refused(given: tuple[object, ...]) -> None:
    with pytest.raises(ParameterTypeError, match=r"is not (an angle|a position)"):
        WCS.skyToPixel(*given)
    with pytest.raises(ParameterTypeError, match="SkyCoord or a SpherePoint"):
        WCS.sky_to_point(Point2D(1, 2))  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [(3,), ([1.0], [2.0]), (Point2D(1, 2), 3)])
def test_what_is_no_pixel_is_refused(given: tuple[object, ...]) -> None:
    with pytest.raises(ParameterTypeError, match=r"pixelToSkyArray\(\)"):
        WCS.pixelToSky(*given)


def test_arrays_are_in_radians_unless_degrees_are_asked_for() -> None:
    x, y = np.array([1, 2, 3]), [4.0, 5.0, 6.0]
    ra, dec = WCS.pixel_to_sky(x, np.array(y))
    assert np.array_equal(WCS.pixelToSkyArray(x, y, degrees=True), (ra, dec))
    assert np.allclose(WCS.pixelToSkyArray(x, y), np.radians((ra, dec)), rtol=1e-15)
    for back in (
        WCS.skyToPixelArray(ra, dec, degrees=True),
        WCS.skyToPixelArray(np.radians(ra), np.radians(dec)),
    ):
        assert np.allclose(back, (x, y), atol=1e-7)


def test_positions_of_older_systems_become_those_of_the_icrs() -> None:
    old = make_tan_wcs(
        (10.0, 20.0), Point2D(7, 8), make_cd_matrix(0.2), radesys="FK4", equinox=1950.0
    )
    sky = old.pixelToSky(7, 8)
    expected = SkyCoord(10.0, 20.0, unit="deg", frame="fk4").icrs
    assert sky.separation(SpherePoint(expected)) < 1e-12
    assert old.skyToPixel(sky).distance(Point2D(7, 8)) < 1e-5  # of FK4 astropy keeps 1e-6 arcsec
    assert old.getSkyOrigin() == sky


def test_angles_are_taken_where_numbers_are() -> None:
    matrix = make_cd_matrix(0.2 * arcseconds, 30 * degrees)
    assert np.allclose(matrix, make_cd_matrix(0.2, 30.0), rtol=1e-14)
    wcs = make_tan_wcs(SpherePoint(10.0, 20.0, degrees), Point2D(7, 8), matrix)
    assert wcs.sky_origin == pytest.approx((10, 20), rel=1e-15)


def test_a_wcs_is_linear_near_a_position() -> None:
    point = Point2D(100, 200)
    transform = WCS.linearizePixelToSky(point, arcseconds)
    expected = 3600 * WCS.local_cd_matrix(point)
    assert np.allclose(transform.getLinear().getMatrix(), expected, rtol=0, atol=1e-7)
    assert transform(point).distance(WCS.pixelToSky(point).getPosition(arcseconds)) < 1e-9
    back = WCS.linearizeSkyToPixel(WCS.pixelToSky(point), radians)
    assert back(WCS.pixelToSky(point).getPosition(radians)).distance(point) < 1e-7


def test_gen2_names_give_the_same_values() -> None:
    scale = WCS.getPixelScale()
    assert isinstance(scale, Angle)
    assert scale.asArcseconds() == pytest.approx(0.2)
    assert WCS.getPixelScale(Point2D(1, 2)).asArcseconds() == pytest.approx(0.2)
    assert WCS.getSkyOrigin() == SpherePoint(10.0, 20.0, degrees)
    assert WCS.skyToPixel(WCS.getSkyOrigin()).distance(WCS.getPixelOrigin()) < 1e-8
    assert np.array_equal(WCS.getCdMatrix(), WCS.cd_matrix)
    assert np.array_equal(WCS.getCdMatrix(Point2D(9, 9)), WCS.local_cd_matrix(Point2D(9, 9)))
    assert WCS.getTanWcs(Point2D(1, 2)) == WCS.linearized_at(Point2D(1, 2))
    assert WCS.copyAtShiftedPixelOrigin(Extent2D(1, 2)) == WCS.shifted(1, 2)
    assert WCS.getFitsMetadata() == WCS.getFitsMetadata(True) == WCS.to_metadata()
    assert (WCS.isFlipped, WCS.isFits) == (False, True)
