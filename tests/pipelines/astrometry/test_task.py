"""Matching sources to known stars, and the WCS that is fitted to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from imaging import Box, Exposure, Point2D, make_cd_matrix, make_tan_wcs
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable
from imaging.wcs.parameters import Sip
from imaging.wcs.wcs import Wcs
from pipelines.astrometry.task import AstrometryTask
from pipelines.errors import AstrometryError
from pipelines.reference_objects.load import ReferenceObjects

SHAPE = (4176, 2048)
CENTRE = Point2D(1023.5, 2087.5)
NOISE_PIX = 0.04


@dataclass
class Field:
    exposure: Exposure
    task: AstrometryTask
    sources: SourceCatalog
    stars: ReferenceObjects
    truth: Wcs


def distorted(turn: float = 0.0) -> Wcs:
    """The true projection: a pixel of third-order distortion at the corners."""
    plain = make_tan_wcs((150.0, 2.0), CENTRE, make_cd_matrix(0.168, turn))
    a = ((0, 0, 0, 0), (0, 0, 1e-10, 0), (0, 0, 0, 0), (2e-10, 0, 0, 0))
    b = ((0, 0, 0, 1.5e-10), (0, 0, 0, 0), (0, 1e-10, 0, 0), (0, 0, 0, 0))
    parameters = plain.parameters
    return Wcs(
        type(parameters)(
            crval=parameters.crval,
            crpix=parameters.crpix,
            cd=parameters.cd,
            lonpole=180.0,
            sip=Sip(a, b),
        )
    )


def make_field(*, turn: float = 0.0, seed: int = 3, real: int = 400, other: int = 200) -> Field:
    """Sources and stars that share some; the WCS of the exposure is 36 and 24 pixels off."""
    rng = np.random.default_rng(seed)
    schema = SourceTable.make_minimal_schema()
    for name in ("c_x", "c_y", "f_instFlux", "f_instFluxErr"):
        schema.add_field(name, "D", "value")
    schema.aliases["slot_Centroid"] = "c"
    schema.aliases["slot_PsfFlux"] = "f"
    task = AstrometryTask(schema=schema)
    sources = SourceCatalog(SourceTable.make(schema))
    truth = distorted(turn)
    x, y = rng.uniform(0, SHAPE[1], real + other), rng.uniform(0, SHAPE[0], real + other)
    ra, dec = truth.pixel_to_sky(x, y)
    sources.resize(real + 150)
    noise = rng.normal(0, NOISE_PIX, (2, real))
    extra = rng.uniform(0, 1, (2, 150)) * np.array([[SHAPE[1]], [SHAPE[0]]])
    sources["c_x"] = np.concatenate([x[:real] + noise[0], extra[0]])
    sources["c_y"] = np.concatenate([y[:real] + noise[1], extra[1]])
    flux = rng.uniform(1e3, 1e5, real + other)
    sources["f_instFlux"] = np.concatenate([flux[:real], rng.uniform(1e3, 1e5, 150)])
    sources["f_instFluxErr"] = np.full(real + 150, 30.0)
    stars = ReferenceObjects(ids=np.arange(real + other), ra=ra, dec=dec, flux=flux)
    exposure = Exposure(Box.from_shape(SHAPE))
    exposure.wcs = make_tan_wcs((150.0 + 6 / 3600, 2.0 - 4 / 3600), CENTRE, make_cd_matrix(0.168))
    return Field(exposure, task, sources, stars, truth)


def largest_error(field: Field) -> float:
    """The largest difference between two projections in the image, in pixels."""
    x, y = (axis.ravel() for axis in np.meshgrid(np.linspace(0, 2047, 9), np.linspace(0, 4175, 9)))
    wcs = field.exposure.wcs
    assert wcs is not None
    found = wcs.sky_to_pixel(*field.truth.pixel_to_sky(x, y))
    return float(np.hypot(found[0] - x, found[1] - y).max())


@pytest.mark.parametrize("turn", [0.0, 0.25, -0.9])
def test_true_wcs_is_found_from_a_shifted_and_turned_one(turn: float) -> None:
    field = make_field(turn=turn)
    result = field.task.run(field.exposure, field.sources, field.stars)
    # 400 stars of 0.04 pixels and ten terms: 0.04 sqrt(10 / 400) = 0.006, at the corners some more
    assert largest_error(field) < 0.03
    assert (result.sources == result.references).all()
    assert len(result.sources) > 0.97 * 400
    used = field.sources["calib_astrometry_used"]
    assert np.flatnonzero(used).tolist() == sorted(result.sources.tolist())


def test_positions_of_sources_are_those_of_the_new_wcs() -> None:
    field = make_field()
    result = field.task.run(field.exposure, field.sources, field.stars)
    off = (
        np.degrees(field.sources["coord_dec"])[result.sources] - field.stars.dec[result.references]
    )
    assert np.std(off) * 3600 == pytest.approx(NOISE_PIX * 0.168, rel=0.15)
    assert result.scatter == pytest.approx(1.1774 * NOISE_PIX * 0.168, rel=0.15)


def test_few_stars_get_a_lower_order() -> None:
    field = make_field(real=8, other=2)
    field.task.run(field.exposure, field.sources[:8].copy(deep=True), field.stars)
    wcs = field.exposure.wcs
    assert isinstance(wcs, Wcs)
    assert not wcs.has_distortion
    assert largest_error(field) < 2.0  # the distortion itself


def test_stars_of_another_field_are_an_error_and_change_nothing() -> None:
    field = make_field()
    other = make_field(seed=4)
    before = field.exposure.wcs
    with pytest.raises(AstrometryError, match="do not match"):
        field.task.run(field.exposure, field.sources, other.stars)
    assert field.exposure.wcs is before
    assert not field.sources["calib_astrometry_used"].any()


def test_no_stars_at_all_are_an_error() -> None:
    field = make_field()
    empty = ReferenceObjects(
        ids=np.zeros(0, np.int64), ra=np.zeros(0), dec=np.zeros(0), flux=np.zeros(0)
    )
    with pytest.raises(AstrometryError, match="0 known stars"):
        field.task.run(field.exposure, field.sources, empty)


def test_a_wcs_can_be_kept() -> None:
    field = make_field()
    schema = field.sources.schema
    task = AstrometryTask(schema=schema, config=AstrometryTask.ConfigClass(forceKnownWcs=True))
    field.exposure.wcs = field.truth
    result = task.run(field.exposure, field.sources, field.stars)
    assert field.exposure.wcs is field.truth
    assert len(result.sources) >= 0.97 * 400


def test_an_exposure_without_a_wcs_is_refused() -> None:
    field = make_field()
    field.exposure.wcs = None
    with pytest.raises(AstrometryError, match="no WCS to begin with"):
        field.task.run(field.exposure, field.sources, field.stars)
