"""The answers to the tutorial's exercises, on two small exposures that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from examples.exposure_measurement import ExposureMeasurement
from examples.measure_deeply import measure_deeply
from examples.measure_exposure import guess_psf, measure_exposure
from examples.measure_psf import measure_psf
from examples.show_stars import show_stars
from imaging import Exposure, Image, MaskedImage, Point2D
from imaging.psf.moments import adaptive_moments
from testdata.calibrated import CalibratedCcd, simulate_calibrated
from testdata.geometry import Geometry
from testdata.sky import SkyModel

if TYPE_CHECKING:
    from imaging import SourceCatalog

SKY = 600.0
SIZE = 800


@pytest.fixture(scope="module")
def ccds() -> list[CalibratedCcd]:
    geometry = Geometry(amp_width=SIZE // 4, amp_height=SIZE)
    sky = SkyModel(
        geometry=geometry,
        star_density=130_000,
        star_magnitudes=(17.5, 22.0),
        galaxy_density=60_000,
        clusters_per_ccd=0,
    )
    # Of different seeing, so that something kept of the first would be seen in the second
    return [
        simulate_calibrated(visit, 40, geometry=geometry, sky=sky, sky_e=SKY, fwhm_pix=fwhm)
        for visit, fwhm in ((903334, 3.7), (903336, 4.6))
    ]


def as_exposure(ccd: CalibratedCcd) -> Exposure:
    """Return what ISR would have made: with the sky, and with a cosmic ray."""
    pixels = ccd.image + np.float32(SKY)
    pixels[400, 300:312] += 4000
    return Exposure(MaskedImage(Image(pixels), variance=Image(ccd.variance.copy())))


def true_size(ccd: CalibratedCcd) -> float:
    """Return the determinant radius of the PSF in the middle."""
    return radius(ccd.psf_image(SIZE / 2, SIZE / 2))


def radius(image: np.ndarray) -> float:
    found = adaptive_moments(image.astype(float), image.shape[1] // 2, image.shape[0] // 2)
    return float((found.ixx * found.iyy - found.ixy**2) ** 0.25)


def middle_of(exposure: Exposure) -> float:
    return radius(exposure.psf.compute_kernel_image(Point2D(SIZE / 2, SIZE / 2)).array)


def found_stars(catalog: SourceCatalog, ccd: CalibratedCcd) -> np.ndarray:
    """Say which isolated stars of 100,000 electrons at least, 400 times the noise, were found."""
    truth = ccd.sources
    chosen = truth["is_star"] & (truth["flux_e"] > 1e5) & (truth["nearest_pix"] > 20)
    for axis in "xy":
        chosen &= (truth[axis] > 30) & (truth[axis] < SIZE - 30)
    stars = truth[chosen]
    assert len(stars) > 10
    x, y = (np.asarray(catalog[f"slot_Centroid_{axis}"]) for axis in "xy")
    distances = np.hypot(x[:, None] - stars["x"], y[:, None] - stars["y"])
    return np.asarray(distances.min(axis=0) < 0.1)  # three times the error of the faintest


def test_one_function_measures_an_exposure_in_place(ccds: list[CalibratedCcd]) -> None:
    exposure = as_exposure(ccds[0])
    catalog = measure_exposure(exposure)
    assert found_stars(catalog, ccds[0]).all()
    assert exposure.psf == guess_psf()
    assert abs(np.median(exposure.image.array)) < 0.2 * np.sqrt(SKY)  # faint sources lift it
    assert exposure.mask.get_plane("CR")[400, 302:310].all()
    assert (np.asarray(catalog["deblend_nChild"]) > 0).any()
    assert np.isfinite(np.asarray(catalog["base_PsfFlux_instFlux"])).mean() > 0.95


@pytest.mark.parametrize("number", [0, 1])
def test_the_psf_is_that_of_the_stars(number: int, ccds: list[CalibratedCcd]) -> None:
    exposure = as_exposure(ccds[number])
    result = measure_psf(exposure)
    assert exposure.psf is result.psf
    # Measured to a thousandth by itself; the background takes a part of the wings
    assert middle_of(exposure) == pytest.approx(true_size(ccds[number]), rel=0.01)
    assert sum(star.is_used for star in result.candidates) > 20


def test_stars_are_shown_with_the_psf_and_what_is_left(ccds: list[CalibratedCcd]) -> None:
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    candidates = measure_psf(as_exposure(ccds[0])).candidates
    figure = show_stars(candidates, count=4)
    shown = [np.asarray(axes.get_images()[0].get_array()) for axes in figure.axes]
    plt.close(figure)
    assert len(shown) == 12
    for star, model, left in zip(shown[:4], shown[4:8], shown[8:], strict=True):
        assert np.allclose(star - model, left, atol=1e-3 * star.max())
        # What the wings and the noise leave of the light
        assert np.abs(left).max() < 0.1 * star.max()


def test_the_second_search_goes_deeper_with_the_measured_psf(ccds: list[CalibratedCcd]) -> None:
    exposure = as_exposure(ccds[1])
    catalog = measure_deeply(exposure)
    fluxes = np.asarray(catalog["base_PsfFlux_instFlux"])
    errors = np.asarray(catalog["base_PsfFlux_instFluxErr"])
    assert found_stars(catalog, ccds[1]).all()
    assert (fluxes < 30 * errors).sum() > 10  # the search before goes down to 50
    assert middle_of(exposure) == pytest.approx(true_size(ccds[1]), rel=0.01)


def check_equal(one: SourceCatalog, other: SourceCatalog) -> None:
    assert one.schema.names == other.schema.names
    for name in one.schema.names:
        np.testing.assert_array_equal(one.values(name), other.values(name), err_msg=name)
    for first, second in zip(one, other, strict=True):
        assert first.footprint == second.footprint


def test_a_class_run_twice_gives_what_two_fresh_ones_give(ccds: list[CalibratedCcd]) -> None:
    reused = ExposureMeasurement()
    for ccd in (ccds[0], ccds[1], ccds[0]):
        exposure, by_a_fresh_one = as_exposure(ccd), as_exposure(ccd)
        catalog = reused.run(exposure)
        expected = ExposureMeasurement().run(by_a_fresh_one)
        check_equal(catalog, expected)
        assert exposure.masked_image == by_a_fresh_one.masked_image
        assert exposure.psf == by_a_fresh_one.psf


def test_the_class_does_what_the_function_does(ccds: list[CalibratedCcd]) -> None:
    exposure, by_the_function = as_exposure(ccds[1]), as_exposure(ccds[1])
    check_equal(ExposureMeasurement().run(exposure), measure_deeply(by_the_function))
    assert exposure.masked_image == by_the_function.masked_image
