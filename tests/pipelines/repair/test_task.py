"""Cosmic rays, found and filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from scipy.ndimage import median_filter

from imaging.exposure.exposure import Exposure
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.image import Image
from imaging.image.masked_image import MaskedImage
from imaging.psf.gaussian import SingleGaussianPsf
from pipelines.errors import CosmicRayError, ExposureError
from pipelines.repair.cosmic_rays import sharpest_ratios
from pipelines.repair.task import RepairTask

if TYPE_CHECKING:
    from pathlib import Path

NY, NX, SKY, SIGMA_PSF = 300, 400, 100.0, 1.8
TRACKS = [(50, 60, 12, 0.3), (120, 200, 20, 1.2), (220, 90, 5, 2.0), (260, 330, 1, 0.0)]


def star(x: float, y: float, flux: float) -> np.ndarray:
    yy, xx = np.mgrid[:NY, :NX]
    shape = np.exp(-((xx - x) ** 2 + (yy - y) ** 2) / (2 * SIGMA_PSF**2))
    return flux * shape / (2 * np.pi * SIGMA_PSF**2)


def tracks() -> np.ndarray:
    """Straight tracks of 400 counts for each pixel of length."""
    charge = np.zeros((NY, NX))
    for y, x, length, angle in TRACKS:
        for t in np.linspace(0, length, 20 * length):
            place = round(y + t * np.sin(angle)), round(x + t * np.cos(angle))
            charge[place] += 400 / 20
    return charge


def make_exposure(*, rays: bool = True, stars: bool = True, level: float = SKY) -> Exposure:
    rng = np.random.default_rng(20131102)
    light = np.full((NY, NX), SKY)
    if stars:
        for x, y in rng.uniform(20, 280, (30, 2)):
            light += star(x, y, 10 ** rng.uniform(2.5, 5.3))
    image = rng.normal(light, np.sqrt(light)) + (tracks() if rays else 0)
    pixels = MaskedImage(
        Image((image - SKY + level).astype(np.float32), (20, 30)),
        variance=Image(np.maximum(image, 1).astype(np.float32), (20, 30)),
    )
    return Exposure(pixels, psf=SingleGaussianPsf(15, 15, SIGMA_PSF))


def make_task(**changes: object) -> RepairTask:
    config = RepairTask.ConfigClass()
    config.cosmicray.update(**changes)
    return RepairTask(config=config)


def test_rays_are_found_flagged_and_filled() -> None:
    exposure, clean = make_exposure(), make_exposure(rays=False)
    result = RepairTask().run(exposure)
    is_ray = exposure.mask.get_plane("CR")
    charge = tracks()
    assert charge[is_ray].sum() > 0.97 * charge.sum()
    assert result.rays == len(TRACKS)
    assert result.pixels == is_ray.sum()
    assert exposure.mask.get_plane("INTRP")[is_ray].all()
    left = exposure.image.array - clean.image.array
    # Of a track of 400 counts a pixel the noise of 10 is left, where it was recognised
    assert np.std(left[is_ray]) < 25
    np.testing.assert_array_equal(left[~is_ray & (charge == 0)], 0)


def test_stars_of_any_brightness_are_no_rays() -> None:
    exposure = make_exposure(rays=False)
    result = RepairTask().run(exposure)
    assert (result.rays, result.pixels) == (0, 0)
    assert not exposure.mask.get_plane("CR").any()


def test_stars_are_no_rays_wherever_in_a_pixel_they_are() -> None:
    rng = np.random.default_rng(5)
    for dx, dy in rng.uniform(-0.5, 0.5, (25, 2)):
        light = SKY + star(60 + dx, 60 + dy, 10 ** rng.uniform(3, 5.5))
        image = rng.normal(light, np.sqrt(light)).astype(np.float32)
        exposure = Exposure(
            MaskedImage(Image(image), variance=Image(light.astype(np.float32))),
            psf=SingleGaussianPsf(15, 15, SIGMA_PSF),
        )
        assert RepairTask().run(exposure).rays == 0


@pytest.mark.parametrize("level", [0.0, 5000.0])
def test_the_level_of_the_sky_does_not_matter(level: float) -> None:
    one, two = make_exposure(), make_exposure(level=level)
    RepairTask().run(one)
    RepairTask().run(two)
    same = one.mask.get_plane("CR") == two.mask.get_plane("CR")
    assert (~same).sum() <= 5  # the level is known to a tenth of the noise


def test_a_second_run_finds_the_same_and_leaves_the_pixels() -> None:
    exposure = make_exposure()
    RepairTask().run(exposure)
    before = exposure.copy()
    assert RepairTask().run(exposure).rays == 0
    assert exposure.masked_image == before.masked_image


@pytest.mark.parametrize("by_argument", [True, False])
def test_rays_may_be_kept(*, by_argument: bool) -> None:
    exposure, before = make_exposure(), make_exposure().image.array
    if by_argument:
        RepairTask().run(exposure, None, True)
    else:
        make_task(keepCRs=True).run(exposure)
    assert exposure.mask.get_plane("CR").any()
    assert not exposure.mask.get_plane("INTRP").any()
    np.testing.assert_array_equal(exposure.image.array, before)


def test_nothing_is_looked_for_round_saturated_pixels() -> None:
    exposure = make_exposure()
    y, x, *_ = TRACKS[0]
    exposure.mask.array[y + 4, x] = exposure.mask.get_bit_mask("SAT")
    RepairTask().run(exposure)
    near = np.hypot(*(np.mgrid[:NY, :NX] - np.array([y + 4, x])[:, None, None])) <= 4
    assert not exposure.mask.get_plane("CR")[near].any()
    assert exposure.mask.get_plane("SAT").sum() == 1


def test_defects_are_flagged_and_filled() -> None:
    exposure = make_exposure(rays=False, stars=False)
    exposure.image.array[100:110, 50] = 60000
    box = Box(Point2I(20 + 50, 30 + 100), Extent2I(1, 10))
    assert RepairTask().run(exposure, [box]).rays == 0
    assert exposure.mask.get_plane("BAD").sum() == 10
    assert np.abs(exposure.image.array[100:110, 50] - SKY).max() < 60


def test_a_view_is_repaired_in_its_parent() -> None:
    exposure = make_exposure()
    y, x, *_ = TRACKS[0]
    part = Box(Point2I(20 + x - 30, 30 + y - 30), Extent2I(60, 60))
    RepairTask().run(exposure[part])
    found = exposure.mask.get_plane("CR")
    assert found[y, x + 1]
    assert not found[:, x + 40 :].any()


def test_steps_can_be_switched_off() -> None:
    exposure, before = make_exposure(), make_exposure()
    task = RepairTask(config=RepairTask.ConfigClass(doCosmicRay=False, doInterpolate=False))
    assert task.run(exposure, [exposure.bbox]).rays == 0
    assert exposure.masked_image == before.masked_image


def test_too_many_pixels_are_not_believed() -> None:
    exposure = make_exposure()
    with pytest.raises(CosmicRayError, match="more than 10 pixels"):
        make_task(nCrPixelMax=10).run(exposure)
    assert not exposure.mask.get_plane("CR").any()


def test_an_exposure_without_a_psf_is_refused() -> None:
    exposure = make_exposure()
    exposure.psf = None
    with pytest.raises(ExposureError, match="needs a PSF"):
        RepairTask().run(exposure)


def test_an_exposure_without_variance_is_refused() -> None:
    exposure = make_exposure()
    exposure.variance.array[:] = 0
    with pytest.raises(ExposureError, match="variance of the exposure is zero"):
        RepairTask().run(exposure)


def test_pixels_of_another_type_are_refused() -> None:
    with pytest.raises(ExposureError, match="Pixels of float64"):
        RepairTask().run(make_exposure().astype(np.float64))


def test_a_background_in_cells_is_taken_off_before() -> None:
    exposure = make_exposure(stars=False)
    exposure.image.array[:] += np.linspace(0, 2000, NX, dtype=np.float32)
    config = RepairTask.ConfigClass()
    config.cosmicray.background.value.update(binSize=50, algorithm="LINEAR")
    result = RepairTask(config=config).run(exposure)
    assert result.rays >= len(TRACKS) - 1
    assert result.pixels < 2 * np.count_nonzero(tracks())


def test_ratios_are_those_of_the_gaussian() -> None:
    row, column, diagonal = sharpest_ratios(SingleGaussianPsf(15, 15, SIGMA_PSF))
    expected = np.exp(-1 / (2 * SIGMA_PSF**2))
    assert row == column == pytest.approx(expected, rel=1e-3)  # a little rounder than its samples
    assert diagonal == pytest.approx(expected**2, rel=2e-3)
    even = sharpest_ratios(SingleGaussianPsf(10, 10, SIGMA_PSF))  # as the tutorial makes it
    np.testing.assert_allclose(even, [row, column, diagonal], rtol=1e-3)


def test_a_psf_without_neighbours_is_refused() -> None:
    with pytest.raises(ExposureError, match="1 x 1 pixels and no peak with neighbours"):
        sharpest_ratios(SingleGaussianPsf(1, 1, SIGMA_PSF))


def test_real_rays_of_gmos_are_found(shared_data: Path) -> None:
    with fits.open(shared_data / "raw_small" / "gmos.fits") as file:
        science = file["SCI"].data.astype(np.float32)
        variance = file["VAR"].data.astype(np.float32)
        model = file["SKYFIT"].data.astype(np.float32)
    pixels = MaskedImage(Image(science - model), variance=Image(variance))
    exposure = Exposure(pixels, psf=SingleGaussianPsf(15, 15, 2.0))
    residual = science - model
    is_sharp = (residual - median_filter(residual, 5)) > 10 * np.sqrt(variance)
    RepairTask().run(exposure)
    found = exposure.mask.get_plane("CR")
    assert is_sharp.sum() > 100
    assert found[is_sharp].mean() > 0.95
    assert found.sum() < 2 * is_sharp.sum()
    # The spectrum itself and the sky lines are none
    filled = exposure.image.array - median_filter(residual, 5)
    assert np.abs(filled[found]).max() < 10 * np.sqrt(variance[found]).max()
