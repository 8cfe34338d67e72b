"""Gen2 spellings of calibrations give what the others give, also when those are overridden."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from imaging import Box, Extent2I, Point2D, Point2I, SourceTable
from imaging.exposure.bounded_field import ChebyshevField
from imaging.exposure.calibration.gen2_names import PhotoCalibNames
from imaging.exposure.photo_calib import PhotoCalib
from imaging.image.masked_image import MaskedImage
from imaging.table.source_catalog import SourceCatalog

BOX = Box(Point2I(0, 0), Extent2I(100, 50))
VARYING = PhotoCalib(field=ChebyshevField(BOX, [[2.0, 0.5], [0.25, 0.0]]), calibration_error=0.1)
SAME = {
    "getCalibrationMean": "calibration_mean",
    "getCalibrationErr": "calibration_error",
    "getInstFluxAtZeroMagnitude": "inst_flux_at_zero_magnitude",
    "getFluxMag0": "inst_flux_at_zero_magnitude",
    "getLocalCalibration": "calibration_at",
    "instFluxToNanojansky": "inst_flux_to_nanojansky",
    "instFluxToMagnitude": "inst_flux_to_magnitude",
    "magnitudeToInstFlux": "magnitude_to_inst_flux",
    "getMagnitude": "inst_flux_to_magnitude",
    "getFlux": "magnitude_to_inst_flux",
    "calibrateImage": "calibrate_image",
    "calibrateCatalog": "calibrate_catalog",
}


@pytest.fixture
def catalog() -> SourceCatalog:
    schema = SourceTable.make_minimal_schema()
    for name in ("c_x", "c_y", "a_instFlux", "a_instFluxErr", "a_flux", "a_fluxErr"):
        schema.add_field(name, "D")
    schema.add_field("a_mag", "D")
    schema.add_field("a_magErr", "D")
    catalog = SourceCatalog(schema)
    catalog.define_centroid("c")
    for x in (1.0, 90.0):
        record = catalog.add_new()
        record["c_x"], record["c_y"], record["a_instFlux"], record["a_instFluxErr"] = x, 9, 7, 1
    return catalog


def test_every_gen2_name_is_in_the_table_of_this_test() -> None:
    assert {name for name in vars(PhotoCalibNames) if not name.startswith("_")} == set(SAME)


@pytest.mark.parametrize(("old", "new"), SAME.items())
def test_gen2_name_follows_an_override(old: str, new: str) -> None:
    is_data = isinstance(inspect.getattr_static(PhotoCalib, new), property)
    marked: object = property(lambda _: 8.0) if is_data else lambda *_, **__: 8.0
    calib = type("Overridden", (PhotoCalib,), {new: marked})(2.0, 0.5)
    arguments = () if is_data else (1.0,)
    found = getattr(calib, old)(*arguments)
    assert (found[0] if old == "getFluxMag0" else found) == 8.0


def test_numbers_and_points_stand_where_gen2_has_them() -> None:
    point = Point2D(10, 20)
    for old, new in (
        (VARYING.instFluxToNanojansky, VARYING.inst_flux_to_nanojansky),
        (VARYING.instFluxToMagnitude, VARYING.inst_flux_to_magnitude),
    ):
        assert old(3.0) == new(3.0)
        assert old(3.0, point) == new(3.0, position=point)
        assert old(3.0, 1.0) == new(3.0, 1.0)
        assert old(instFlux=3.0, instFluxErr=1.0, point=point) == new(3.0, 1.0, point)
    assert VARYING.getLocalCalibration(point) == VARYING.inst_flux_to_nanojansky(1.0, None, point)


def test_catalogs_and_records_are_converted_by_the_name_of_the_measurement(
    catalog: SourceCatalog,
) -> None:
    fluxes = VARYING.instFluxToNanojansky(catalog, "a")
    assert fluxes.shape == (2, 2)
    assert np.array_equal(fluxes.T, VARYING.source_nanojansky(catalog, "a"))
    magnitudes = VARYING.instFluxToMagnitude(catalog, "a")
    assert np.array_equal(magnitudes.T, VARYING.source_magnitudes(catalog, "a"))
    one = VARYING.instFluxToNanojansky(catalog[1], "a")
    assert (one.value, one.error) == tuple(fluxes[1])
    assert VARYING.instFluxToNanojansky(catalog, "a", "a") is None
    assert VARYING.instFluxToMagnitude(catalog, "a", "a") is None
    assert np.array_equal(np.column_stack([catalog["a_flux"], catalog["a_fluxErr"]]), fluxes)
    assert np.array_equal(np.column_stack([catalog["a_mag"], catalog["a_magErr"]]), magnitudes)


def test_catalogs_and_images_are_calibrated_by_their_gen2_names(catalog: SourceCatalog) -> None:
    found = VARYING.calibrateCatalog(catalog, ["a"])
    assert np.array_equal(found["a_flux"], VARYING.calibrate_catalog(catalog)["a_flux"])
    pixels = MaskedImage(BOX)
    pixels.image.array[...] = 5
    assert VARYING.calibrateImage(pixels) == VARYING.calibrate_image(pixels)
    exact = VARYING.calibrateImage(pixels, includeScaleUncertainty=False)
    assert not exact.variance.array.any()


def test_calib_of_former_years_has_its_names() -> None:
    calib = PhotoCalib.from_flux_at_zero_magnitude(1e12, 1e9)
    assert calib.getFluxMag0() == pytest.approx((1e12, 1e9), rel=1e-14)
    magnitude, error = calib.getMagnitude(1e4, 100.0)
    assert (magnitude, error) == calib.inst_flux_to_magnitude(1e4, 100.0)
    assert calib.getMagnitude(1e4) == magnitude
    assert calib.getFlux(20.0) == pytest.approx(1e4, rel=1e-12)
