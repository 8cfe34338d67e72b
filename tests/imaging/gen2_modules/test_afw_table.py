"""Lines of old notebooks about catalogs, footprints and calibrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Metadata, SpanSet
from imaging.gen2_modules import afw_detection, afw_geom, afw_image, afw_table, geom

if TYPE_CHECKING:
    from pathlib import Path


def make_catalog() -> afw_table.SourceCatalog:
    schema = afw_table.SourceTable.makeMinimalSchema()
    for name in ("c_x", "c_y", "base_PsfFlux_instFlux", "base_PsfFlux_instFluxErr"):
        schema.addField(name, type="D")
    catalog = afw_table.SourceCatalog(schema)
    catalog.defineCentroid("c")
    for number in range(4):
        record = catalog.addNew()
        record["c_x"], record["c_y"] = 10.0 * number, 5.0
        record["base_PsfFlux_instFlux"] = 1000.0
        record["base_PsfFlux_instFluxErr"] = 10.0
    return catalog


def test_catalogs_are_calibrated_and_cut_as_they_were(tmp_path: Path) -> None:
    catalog = make_catalog()
    assert isinstance(catalog, afw_table.BaseCatalog)
    assert isinstance(catalog[0], afw_table.BaseRecord)
    assert isinstance(catalog.getTable(), afw_table.BaseTable)
    calib = afw_image.makePhotoCalibFromCalibZeroPoint(1e12, 1e9)
    magnitudes = calib.instFluxToMagnitude(catalog, "base_PsfFlux")
    # 22.5: 1e3 counts of 1e12; 1e-12 is the rounding of logarithms
    assert magnitudes[:, 0] == pytest.approx([22.5] * 4, abs=1e-12)
    one = calib.instFluxToMagnitude(catalog[0], "base_PsfFlux")
    assert isinstance(one, afw_image.Measurement)
    calibrated = calib.calibrateCatalog(catalog)
    assert np.array_equal(calibrated["base_PsfFlux_mag"], magnitudes[:, 0])
    del catalog[0]
    assert [record.getId() for record in catalog[catalog.between(3, 9)]] == [3, 4]
    catalog[0].setFootprint(afw_detection.Footprint(SpanSet.fromShape(2)))
    path = str(tmp_path / "src.fits")
    catalog.writeFits(path)
    flags = afw_table.SOURCE_IO_NO_FOOTPRINTS
    assert afw_table.SourceCatalog.readFits(path, flags=flags)[0].getFootprint() is None


def test_calibrations_are_made_of_old_headers() -> None:
    calib = afw_image.makePhotoCalibFromMetadata(Metadata({"FLUXMAG0": 1e12}))
    assert calib is not None
    assert calib.getInstFluxAtZeroMagnitude() == pytest.approx(1e12, rel=1e-15)


def test_positions_are_set_for_catalogs_and_lists() -> None:
    catalog = make_catalog()
    center = geom.SpherePoint(150.0, 2.0, geom.degrees)
    matrix = afw_geom.makeCdMatrix(scale=0.2 * geom.arcseconds)
    wcs = afw_geom.makeSkyWcs(geom.Point2D(0, 5), center, matrix)
    afw_table.updateSourceCoords(wcs, catalog)
    expected = [float(record.ra) for record in catalog]
    assert catalog[0].getRa().asDegrees() == pytest.approx(150, abs=1e-12)
    catalog["coord_ra"] = 0.0
    afw_table.updateSourceCoords(wcs, list(catalog))
    assert [record.ra for record in catalog] == pytest.approx(expected, rel=1e-15)


def test_heavy_footprints_take_pixels_of_images() -> None:
    pixels = afw_image.MaskedImageF(10, 8)
    pixels.image.array[...] = 3
    spans = SpanSet.fromShape(1, offset=(4, 4))
    region = pixels.getBBox()
    heavy = afw_detection.makeHeavyFootprint(afw_detection.Footprint(spans, region), pixels)
    assert isinstance(heavy, afw_detection.HeavyFootprintF)
    assert heavy.getImageArray().tolist() == [3] * 5
    assert heavy.getRegion() == region
    assert afw_detection.GaussianPsf(15, 15, 2.0).computeShape().getIxx() > 3
