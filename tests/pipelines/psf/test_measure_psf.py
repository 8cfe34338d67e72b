"""The PSF of a simulated CCD, whose PSF is known, and of few stars."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from imaging import Exposure, Image, MaskedImage, Point2D
from imaging.psf.gaussian import SingleGaussianPsf
from imaging.psf.kernel import PolynomialPsf
from imaging.psf.moments import adaptive_moments
from imaging.psf.persisted import read_psf
from imaging.table.table import SourceTable
from pipelines.detection.source_detection import SourceDetectionTask
from pipelines.errors import ExposureError
from pipelines.measurement.source_measurement import SourceMeasurementTask
from pipelines.psf.measure_psf import MeasurePsfTask
from testdata.calibrated import CalibratedCcd, simulate_calibrated
from testdata.geometry import Geometry
from testdata.sky import SkyModel

if TYPE_CHECKING:
    from pathlib import Path

    from imaging.table.source_catalog import SourceCatalog
    from pipelines.psf.measure_psf import MeasuredPsf


class Measured(NamedTuple):
    ccd: CalibratedCcd
    exposure: Exposure
    catalog: SourceCatalog
    result: MeasuredPsf
    task: MeasurePsfTask


def measure(ccd: CalibratedCcd, lowest: float = 40.0, **fields: object) -> Measured:
    exposure = Exposure(MaskedImage(Image(ccd.image.copy()), variance=Image(ccd.variance.copy())))
    exposure.psf = SingleGaussianPsf(25, 25, 1.9)
    schema = SourceTable.make_minimal_schema()
    detection = SourceDetectionTask(
        schema=schema, config=SourceDetectionTask.ConfigClass(thresholdValue=lowest)
    )
    measurement = SourceMeasurementTask(schema=schema)
    config = MeasurePsfTask.ConfigClass()
    config.reserve.update(**fields)
    config.starSelector["objectSize"].update(signalToNoiseMin=lowest)
    task = MeasurePsfTask(schema=schema, config=config)
    catalog = detection.run(SourceTable.make(schema), exposure).sources
    measurement.run(catalog, exposure)
    return Measured(ccd, exposure, catalog, task.run(exposure, catalog, 5), task)


@pytest.fixture(scope="module")
def ccd() -> CalibratedCcd:
    geometry = Geometry(amp_width=200, amp_height=800)
    sky = SkyModel(
        geometry=geometry,
        star_density=130_000,
        star_magnitudes=(17.5, 22.0),
        galaxy_density=60_000,
        clusters_per_ccd=0,
    )
    return simulate_calibrated(903336, 40, geometry=geometry, sky=sky)


@pytest.fixture(scope="module")
def measured(ccd: CalibratedCcd) -> Measured:
    return measure(ccd)


def test_the_psf_has_the_size_and_the_shape_of_the_stars(measured: Measured) -> None:
    rng = np.random.default_rng(3)
    differences = []
    for x, y in rng.uniform(60, 740, (25, 2)):
        true = adaptive_moments(measured.ccd.psf_image(x, y).astype(float), 20, 20)
        kernel = measured.result.psf.compute_kernel_image(Point2D(x, y)).array
        ours = adaptive_moments(kernel.astype(float), 20, 20)
        size = [(m.ixx * m.iyy - m.ixy**2) ** 0.25 for m in (ours, true)]
        shape = [(m.ixx - m.iyy) / (m.ixx + m.iyy) for m in (ours, true)]
        differences.append((size[0] / size[1] - 1, shape[0] - shape[1]))
    size_error, shape_error = np.array(differences).T
    # About forty stars of a signal to noise of 50 to 1000.
    assert abs(size_error.mean()) < 0.002
    assert abs(shape_error.mean()) < 0.003
    assert size_error.std() < 0.005


def test_only_stars_are_taken(measured: Measured) -> None:
    truth = measured.ccd.sources
    for candidate in measured.result.candidates:
        distance = np.hypot(truth["x"] - candidate.position.x, truth["y"] - candidate.position.y)
        assert truth["is_star"][np.argmin(distance)]
    assert len(measured.result.candidates) > 20


def test_the_psf_is_attached_and_stars_are_flagged(measured: Measured) -> None:
    assert measured.exposure.psf is measured.result.psf
    flags = measured.catalog["calib_psf_candidate"]
    assert flags.sum() == len(measured.result.candidates)
    assert measured.catalog["calib_psf_used"].sum() == sum(
        candidate.is_used for candidate in measured.result.candidates
    )
    assert not measured.catalog["calib_psf_reserved"].any()
    assert measured.task.metadata["numGoodStars"] == measured.catalog["calib_psf_used"].sum()


def test_little_is_left_of_a_star_without_the_psf(measured: Measured) -> None:
    left = []
    for candidate in measured.result.candidates:
        image, residual = candidate.image.array, candidate.residual.array
        assert candidate.model.bbox == candidate.image.bbox
        middle = np.s_[15:-15, 15:-15]
        # The noise of the sky and of the star's own light, and some model error.
        limit = 6 * np.sqrt(measured.ccd.variance.min() + image.max()) + 0.05 * image.max()
        left.append(np.abs(residual[middle]).max() < limit)
    assert np.mean(left) > 0.9


def test_stars_can_be_kept_back(ccd: CalibratedCcd) -> None:
    kept = measure(ccd, fraction=0.25)
    reserved = [candidate for candidate in kept.result.candidates if candidate.is_reserved]
    assert len(reserved) == round(0.25 * len(kept.result.candidates))
    assert not any(candidate.is_used for candidate in reserved)
    assert kept.catalog["calib_psf_reserved"].sum() == len(reserved)


def test_the_psf_survives_a_file(measured: Measured, tmp_path: Path) -> None:
    path = str(tmp_path / "psf.fits")
    measured.result.psf.write_fits(path)
    assert read_psf(path) == measured.result.psf


def few_stars(count: int, height: float = 400.0, lowest: float = 40.0, seed: int = 2) -> Measured:
    y, x = np.mgrid[:200, :200]
    image = np.random.default_rng(seed).normal(size=(200, 200))
    for number in range(count):
        x0, y0 = 50.3 + 90 * (number % 2), 50.2 + 90 * (number // 2)
        image += height * np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / 8)
    ones = np.ones((200, 200), np.float32)
    ccd = CalibratedCcd(image.astype(np.float32), ones, np.zeros(0), None, None)  # type: ignore[arg-type]
    return measure(ccd, lowest)


def test_few_stars_give_a_psf_that_does_not_vary() -> None:
    psf = few_stars(4).result.psf
    assert isinstance(psf, PolynomialPsf)
    assert len(psf.basis) == 1
    # Four stars of a signal to noise of 800.
    assert psf.compute_shape().determinant_radius == pytest.approx(2.0, rel=0.01)


def test_no_stars_are_an_error_that_says_what_to_do() -> None:
    with pytest.raises(ExposureError, match="signalToNoiseMin"):
        few_stars(0)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [1, 2])
def test_stars_in_the_noise_give_a_psf_or_an_error_that_names_them(count: int, seed: int) -> None:
    try:
        psf = few_stars(count, 2.0, lowest=5.0, seed=seed).result.psf
    except ExposureError as error:
        text = str(error)
        assert "(50, 50) with" in text or "(49, 50) with" in text
        assert "One star would do with 10" in text
        assert "kernelSize" in text
        assert seed == 1  # the sum of its pixels is below zero
    else:
        # A signal to noise of 14 in the best pixels, and of 1 in all of them.
        assert psf.compute_shape().determinant_radius == pytest.approx(2.0, rel=0.15)
        assert seed != 1
