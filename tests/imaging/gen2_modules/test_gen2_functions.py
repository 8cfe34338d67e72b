"""Functions of the LSST stack's modules, and what their names stand for."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Box, Image, ImagingError, Metadata, make_cd_matrix
from imaging.errors import ParameterTypeError, WcsError
from imaging.gen2_modules import afw_fits, afw_geom, geom, pex_exceptions
from imaging.geometry.points import Extent2I, Point2D, Point2I
from imaging.sky.angle import arcseconds, degrees
from imaging.sky.sphere_point import SpherePoint

if TYPE_CHECKING:
    from pathlib import Path

CENTER = SpherePoint(10.0, 20.0, degrees)
MATRIX = make_cd_matrix(0.2, 30.0)


def test_a_cd_matrix_is_made_of_angles() -> None:
    made = afw_geom.makeCdMatrix(0.2 * arcseconds, 30 * degrees, flipX=True)
    assert np.allclose(made, make_cd_matrix(0.2, 30.0, flip_x=True), rtol=1e-14)
    assert np.allclose(afw_geom.makeCdMatrix(scale=0.2 * arcseconds), make_cd_matrix(0.2))
    with pytest.raises(ParameterTypeError, match=r"0\.2 is not an angle"):
        afw_geom.makeCdMatrix(0.2)  # type: ignore[arg-type]


def test_a_wcs_is_made_of_pixels_sky_and_matrix_in_this_order() -> None:
    wcs = afw_geom.makeSkyWcs(Point2D(7, 8), CENTER, MATRIX)
    assert wcs == afw_geom.makeSkyWcs(crpix=Point2D(7, 8), crval=CENTER, cdMatrix=MATRIX)
    assert wcs.getPixelOrigin() == Point2D(7, 8)
    assert wcs.pixelToSky(7, 8).separation(CENTER) < 1e-14
    assert np.allclose(wcs.getCdMatrix(), MATRIX)
    stereographic = afw_geom.makeSkyWcs(Point2D(7, 8), CENTER, MATRIX, "STG")
    assert stereographic.to_metadata()["CTYPE1"] == "RA---STG"


@pytest.mark.parametrize(
    "given",
    [
        ((7.0, 8.0), (10.0, 20.0), MATRIX),
        ((10.0, 20.0), Point2D(7, 8), MATRIX),
        (CENTER, Point2D(7, 8), MATRIX),
        (Point2D(7, 8), (10.0, 20.0), MATRIX),
        (Point2D(7, 8),),
        (),
    ],
)
def test_pixels_and_sky_cannot_be_confused(given: tuple[object, ...]) -> None:
    with pytest.raises(ParameterTypeError, match=r"crpix|is not an angle"):
        afw_geom.makeSkyWcs(*given)


def test_a_wcs_is_made_of_a_header_with_its_origin() -> None:
    wcs = afw_geom.makeSkyWcs(Point2D(7, 8), CENTER, MATRIX)
    header = Metadata({**wcs.to_metadata(), "OBJECT": "M31"})
    assert afw_geom.makeSkyWcs(header).pixel_origin.distance(Point2D(7, 8)) < 1e-12
    assert afw_geom.makeSkyWcs(metadata=dict(header)).sky_origin == pytest.approx((10, 20))
    for axis, number in ((1, 100), (2, 200)):
        header[f"CRPIX{axis}A"], header[f"CRVAL{axis}A"] = 1, number
    assert afw_geom.makeSkyWcs(header).pixel_origin.distance(Point2D(107, 208)) < 1e-12
    afw_geom.makeSkyWcs(header, strip=True)
    assert header["OBJECT"] == "M31"
    assert "CRVAL1" not in header
    with pytest.raises(WcsError):
        afw_geom.makeSkyWcs(header)


def test_the_header_of_a_file_is_read(tmp_path: Path) -> None:
    image = Image(Box(Point2I(0, 0), Extent2I(3, 2)))
    image.metadata["OBJECT"] = "M31"
    image.write_fits(str(tmp_path / "i.fits"))
    assert afw_fits.readMetadata(str(tmp_path / "i.fits")).getScalar("OBJECT") == "M31"
    with pytest.raises(afw_fits.FitsError):
        afw_fits.readMetadata(str(tmp_path / "none.fits"))


def test_numbers_are_converted() -> None:
    assert geom.degToRad(180) == pytest.approx(geom.PI)
    assert geom.radToDeg(geom.HALFPI) == pytest.approx(90)
    assert geom.arcsecToRad(3600) == pytest.approx(geom.degToRad(1))
    assert geom.radToArcsec(geom.degToRad(1)) == pytest.approx(3600)
    assert geom.isAngle(1 * degrees)
    assert not geom.isAngle(1.0)
    assert geom.averageSpherePoint([CENTER, CENTER]).separation(CENTER) < 1e-14


def test_errors_are_caught_by_their_old_names() -> None:
    box = Box(Point2I(0, 0), Extent2I(3, 2))
    image = Image(box)
    with pytest.raises(pex_exceptions.LengthError):
        image[Box(Point2I(2, 2), Extent2I(9, 9))]
    with pytest.raises(pex_exceptions.NotFoundError):
        Metadata()["NOTHING"]
    with pytest.raises(pex_exceptions.InvalidParameterError):
        SpherePoint(0.0, 91.0, degrees)
    with pytest.raises(pex_exceptions.IoError):
        afw_fits.readMetadata("none.fits")
    assert pex_exceptions.RuntimeError is pex_exceptions.Exception is ImagingError


def test_every_declared_module_has_what_it_exports() -> None:
    declared = {
        entry.name: entry.value
        for entry in entry_points(group="skybutler.gen2_modules")
        if entry.value.startswith("imaging.")
    }
    assert {"lsst.geom", "lsst.afw.fits", "lsst.daf.base", "lsst.pex.exceptions"} <= set(declared)
    for target in declared.values():
        module = import_module(target)
        assert module.__all__ == sorted(module.__all__, key=_order)
        assert all(hasattr(module, name) for name in module.__all__)


def _order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: the order of ruff."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)
