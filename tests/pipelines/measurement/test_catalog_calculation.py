"""Classes of sources, after their fluxes were corrected."""

from __future__ import annotations

import numpy as np
import pytest

from imaging import Box
from imaging.exposure.aperture_corrections import ApertureCorrections
from imaging.exposure.bounded_field import ChebyshevField
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable
from pipelines.errors import ConfigError
from pipelines.measurement.aperture_correction import ApplyApCorrTask
from pipelines.measurement.catalog_calculation import CatalogCalculationTask
from pipelines.measurement.source_measurement import SourceMeasurementTask


def test_sources_are_classified_by_their_corrected_fluxes() -> None:
    schema = SourceTable.make_minimal_schema()
    SourceMeasurementTask(schema=schema)
    correct, calculate = ApplyApCorrTask(schema), CatalogCalculationTask(schema)
    catalog = SourceCatalog(SourceTable.make(schema))
    for model, is_bad in ((1100.0, False), (1300.0, False), (1100.0, True)):
        record = catalog.add_new()
        record["base_PsfFlux_instFlux"], record["base_GaussianFlux_instFlux"] = 1000.0, model
        record["base_PsfFlux_instFluxErr"] = record["base_GaussianFlux_instFluxErr"] = 10.0
        record["base_SdssCentroid_x"] = record["base_SdssCentroid_y"] = 50.0
        record["base_PsfFlux_flag"] = is_bad
        record["base_ClassificationExtendedness_value"] = 0.0
    box = Box.from_shape((100, 100))
    corrections = ApertureCorrections()
    corrections["base_GaussianFlux_instFlux"] = ChebyshevField.constant(box, 0.9)
    calculate.run(catalog)
    classes = catalog["base_ClassificationExtendedness_value"]
    assert classes[:2].tolist() == [1, 1]
    assert np.isnan(classes[2])
    correct.run(catalog, corrections)
    calculate.run(catalog)
    assert catalog["base_ClassificationExtendedness_value"][:2].tolist() == [0, 1]
    assert catalog["base_ClassificationExtendedness_flag"].tolist() == [False, False, True]


def test_a_plugin_that_needs_pixels_is_refused() -> None:
    config = CatalogCalculationTask.ConfigClass()
    config.plugins.names = ["base_PsfFlux"]
    with pytest.raises(ConfigError, match="look at pixels"):
        CatalogCalculationTask(SourceTable.make_minimal_schema(), config=config)
