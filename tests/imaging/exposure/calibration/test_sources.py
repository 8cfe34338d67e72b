"""Calibrated fluxes of sources, and images in nanojansky."""

from __future__ import annotations

import math

import numpy as np
import pytest

from imaging import Box, Extent2I, Footprint, Metadata, Point2D, Point2I, SourceTable
from imaging.errors import FieldNotFoundError
from imaging.exposure.bounded_field import ChebyshevField
from imaging.exposure.photo_calib import PhotoCalib
from imaging.image.masked_image import MaskedImage
from imaging.table.source_catalog import SourceCatalog

BOX = Box(Point2I(5, 7), Extent2I(100, 50))
FIELD = ChebyshevField(BOX, [[2.0, 0.5], [0.25, 0.0]])
VARYING = PhotoCalib(field=FIELD, calibration_error=0.1)


def three_sources(*, centroid: bool = True) -> SourceCatalog:
    schema = SourceTable.make_minimal_schema()
    for name in ("c_x", "c_y", "a_instFlux", "a_instFluxErr", "b_instFlux"):
        schema.add_field(name, "D", units="ct")
    schema.add_field("f", "Flag")
    catalog = SourceCatalog(schema)
    if centroid:
        catalog.define_centroid("c")
    catalog.define_model_flux("a")
    for number in range(3):
        record = catalog.add_new()
        record["c_x"], record["c_y"] = 10.0 + number, 20.0
        record["a_instFlux"], record["a_instFluxErr"] = 100.0 + number, 5.0
        record["b_instFlux"] = 50.0
        record["f"] = number == 1
    return catalog


def test_sources_are_calibrated_at_their_centroids() -> None:
    catalog = three_sources()
    flux = VARYING.source_nanojansky(catalog, "a")
    magnitude = VARYING.source_magnitudes(catalog, "a")
    for number, record in enumerate(catalog):
        alone = VARYING.inst_flux_to_nanojansky(100.0 + number, 5.0, Point2D(10 + number, 20))
        assert VARYING.source_nanojansky(record, "a") == alone
        assert (flux.value[number], flux.error[number]) == alone
        alone = VARYING.inst_flux_to_magnitude(100.0 + number, 5.0, Point2D(10 + number, 20))
        # one unit in the last place: logarithms of arrays and of numbers
        assert VARYING.source_magnitudes(record, "a") == pytest.approx(alone, rel=1e-15)
        assert (magnitude.value[number], magnitude.error[number]) == pytest.approx(alone, rel=1e-15)


def test_measurement_is_found_by_its_slot_and_by_the_whole_name() -> None:
    catalog = three_sources()
    expected = VARYING.source_nanojansky(catalog, "a").value
    for name in ("slot_ModelFlux", "a_instFlux"):
        assert np.array_equal(VARYING.source_nanojansky(catalog, name).value, expected)


def test_scattered_catalogs_are_calibrated_too() -> None:
    catalog = three_sources()
    scattered = catalog[np.array([2, 0])]
    flux = PhotoCalib(2.0).source_nanojansky(scattered, "a")
    assert flux.value.tolist() == [204.0, 200.0]
    assert PhotoCalib(2.0).calibrate_catalog(scattered)["a_flux"].tolist() == [204.0, 200.0]


def test_constant_calibration_needs_no_centroid() -> None:
    catalog = three_sources(centroid=False)
    assert PhotoCalib(2.0).source_nanojansky(catalog, "a").value.tolist() == [200, 202, 204]
    with pytest.raises(FieldNotFoundError, match="slot_Centroid_x"):
        VARYING.source_nanojansky(catalog, "a")


def test_measurement_that_is_not_there_is_named() -> None:
    with pytest.raises(FieldNotFoundError, match="z_instFlux"):
        VARYING.source_nanojansky(three_sources(), "z")
    with pytest.raises(FieldNotFoundError, match="b_instFluxErr"):
        VARYING.source_nanojansky(three_sources(), "b")
    with pytest.raises(FieldNotFoundError, match="z_instFlux"):
        VARYING.calibrate_catalog(three_sources(), ["z"])


def test_calibrated_catalog_has_fluxes_and_magnitudes_beside_the_counts() -> None:
    catalog = three_sources()
    footprint = Footprint(BOX)
    catalog[0].footprint = footprint
    catalog.metadata = Metadata({"A": 1})
    found = VARYING.calibrate_catalog(catalog)
    added = found.schema.names[len(catalog.schema) :]
    assert added == ("a_flux", "a_fluxErr", "a_mag", "a_magErr", "b_flux", "b_mag")
    assert [found.schema.find(name).field.units for name in ("a_fluxErr", "a_mag")] == [
        "nJy",
        "mag(AB)",
    ]
    flux, magnitude = (
        VARYING.source_nanojansky(catalog, "a"),
        VARYING.source_magnitudes(catalog, "a"),
    )
    assert np.array_equal(found["a_flux"], flux.value)
    assert np.array_equal(found["a_fluxErr"], flux.error)
    assert np.array_equal(found["slot_ModelFlux_mag"], magnitude.value)
    assert np.array_equal(found["a_magErr"], magnitude.error)
    assert [record.x for record in found] == [10, 11, 12]
    assert found["f"].tolist() == [False, True, False]
    assert found[0].footprint is footprint
    assert found.metadata["A"] == 1
    assert "a_flux" not in catalog.schema.names


def test_fluxes_to_calibrate_are_chosen_by_name_and_calibrated_again() -> None:
    once = PhotoCalib(2.0).calibrate_catalog(three_sources(), "b")
    assert "a_flux" not in once.schema.names
    again = PhotoCalib(3.0).calibrate_catalog(once, ["a", "b_instFlux"])
    assert again["b_flux"].tolist() == [150, 150, 150]
    assert len(again.schema) == len(once.schema) + 4


def test_image_in_nanojansky_has_the_error_of_the_calibration() -> None:
    pixels = MaskedImage(BOX)
    pixels.image.array[...] = np.arange(BOX.area).reshape(BOX.shape)
    pixels.variance.array[...] = 4.0
    pixels.mask.array[3, 4] = 1
    before = pixels.copy()
    found = VARYING.calibrate_image(pixels)
    assert pixels == before
    assert found.bbox == BOX
    assert found.mask == pixels.mask
    for x, y in ((5, 7), (60, 30)):
        counts = float(pixels.image.array[y - 7, x - 5])
        expected = VARYING.inst_flux_to_nanojansky(counts, 2.0, Point2D(x, y))
        at = (y - 7, x - 5)
        # 3e-7: 32-bit pixels
        assert found.image.array[at] == pytest.approx(expected.value, rel=3e-7)
        assert math.sqrt(found.variance.array[at]) == pytest.approx(expected.error, rel=3e-7)
    assert found.variance.array[0, 0] > 0  # also where there are no counts
    exact = VARYING.calibrate_image(pixels, with_calibration_error=False)
    assert np.allclose(exact.variance.array, 4 * FIELD.to_array() ** 2, rtol=3e-7, atol=0)


def test_image_of_whole_numbers_becomes_one_of_real_numbers() -> None:
    pixels = MaskedImage(BOX, dtype=np.uint16)
    pixels.image.array[...] = 3
    found = PhotoCalib(0.5).calibrate_image(pixels)
    assert found.image.array.dtype == np.float32
    assert found.image.array[0, 0] == 1.5
