"""Colour terms: the magnitudes of a catalog as a camera's filter would measure them."""

from __future__ import annotations

import numpy as np
import pytest

from butler.mapper_lookup import find_mapper
from imaging.exposure.filter_label import FilterLabel
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable
from pipelines.configuration.build_config import build_config
from pipelines.errors import PhotoCalError
from pipelines.photometry.color_terms import (
    ColorTerm,
    ColorTermLibrary,
    ColorTermSet,
    apply_color_term,
)
from pipelines.photometry.task import PhotoCalTask
from pipelines.reference_objects.load import ReferenceObjects
from pipelines.task_lookup import find_task
from tests.pipelines.photometry.test_task import ZERO_POINT, make_field

TERM = ColorTerm(primary="i", secondary="z", c0=0.01, c1=-0.13, c2=0.02)
LIBRARY = ColorTermLibrary(
    data={
        "ps1*": ColorTermSet(data={"HSC-I": TERM}),
        "ps1_old": ColorTermSet(data={"HSC-I": ColorTerm(primary="r", secondary="i")}),
    }
)


def test_magnitude_is_a_polynomial_of_the_colour() -> None:
    i, z = np.array([1000.0, 5000.0]), np.array([1500.0, 4000.0])
    color = 2.5 * np.log10(z / i)
    expected = -2.5 * np.log10(i) + 0.01 - 0.13 * color + 0.02 * color**2
    np.testing.assert_allclose(-2.5 * np.log10(apply_color_term(TERM, i, z)), expected, rtol=1e-12)


def test_star_without_a_colour_has_no_flux() -> None:
    made = apply_color_term(TERM, np.array([1.0, np.nan, 0.0]), np.array([-1.0, 2.0, 3.0]))
    assert np.isnan(made).all()


def test_name_of_a_catalog_goes_before_a_pattern() -> None:
    label = FilterLabel(physical="HSC-I", band="i")
    assert LIBRARY.find("ps1_old", label).primary == "r"
    assert LIBRARY.find("ps1_pv3", label).primary == "i"
    assert LIBRARY.knows("ps1_pv3")
    assert not LIBRARY.knows("gaia")


@pytest.mark.parametrize(
    ("catalog", "label", "message"),
    [
        ("gaia", FilterLabel(physical="HSC-I"), "'gaia'; there are some for: ps1"),
        ("ps1_pv3", FilterLabel(physical="HSC-G"), "HSC-G"),
        ("ps1_pv3", None, "without a filter"),
    ],
)
def test_term_that_is_not_there_is_told(
    catalog: str, label: FilterLabel | None, message: str
) -> None:
    with pytest.raises(PhotoCalError, match=message):
        LIBRARY.find(catalog, label)


def redden(stars: ReferenceObjects) -> ReferenceObjects:
    """Give the catalog's magnitudes, if the camera's filter gives those of ``stars``."""
    color = np.linspace(-0.5, 1.5, len(stars.flux))
    shift = TERM.c0 + color * (TERM.c1 + color * TERM.c2)
    schema = SourceTable.make_minimal_schema()
    for name in ("i_flux", "z_flux"):
        schema.add_field(name, "D", "flux", "nJy")
    catalog = SourceCatalog(SourceTable.make(schema))
    catalog.resize(len(color))
    catalog["i_flux"] = stars.flux * 10 ** (0.4 * shift)
    catalog["z_flux"] = np.asarray(catalog["i_flux"]) * 10 ** (0.4 * color)
    flux = np.array(catalog["i_flux"])
    return ReferenceObjects(
        ids=stars.ids, ra=stars.ra, dec=stars.dec, flux=flux, catalog=catalog, name="ps1_pv3"
    )


@pytest.mark.parametrize(("applies", "is_right"), [(None, True), (True, True), (False, False)])
def test_zero_point_is_right_with_the_term_alone(applies: bool | None, is_right: bool) -> None:
    _, exposure, sources, stars = make_field()
    exposure.filter = FilterLabel(physical="HSC-I", band="i")
    config = PhotoCalTask.ConfigClass(applyColorTerms=applies)
    config.colorterms = LIBRARY
    task = PhotoCalTask(schema=SourceTable.make_minimal_schema(), config=config)
    result = task.run(exposure, sources, redden(stars))
    tolerance = 5 * 0.02 * 1.25 / np.sqrt(180)  # of a median over stars of 0.02 mag
    assert (abs(result.zero_point - ZERO_POINT) < tolerance) == is_right


def test_catalog_without_terms_is_taken_as_it_is_unless_they_are_demanded() -> None:
    _, exposure, sources, stars = make_field()
    schema = SourceTable.make_minimal_schema()
    PhotoCalTask(schema=schema).run(exposure, sources, stars)
    demanding = PhotoCalTask.ConfigClass(applyColorTerms=True, photoCatName="gaia")
    with pytest.raises(PhotoCalError, match="'gaia'"):
        PhotoCalTask(schema=schema, config=demanding).run(exposure, sources, stars)


@pytest.mark.parametrize("task", ["processCcd", "calibrate"])
def test_hyper_suprime_cam_has_terms_for_pan_starrs(task: str) -> None:
    config, _ = build_config(find_task(task), find_mapper("hsc"))
    photo_cal = getattr(config, "calibrate", config).photoCal
    term = photo_cal.colorterms.find("ps1_pv3_3pi_20170110", FilterLabel(physical="HSC-I"))
    assert (term.primary, term.secondary, term.c1) == ("i", "z", -0.130078)
    assert "colorterms" in config.saveToString()
