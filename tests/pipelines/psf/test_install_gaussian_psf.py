"""A simple PSF for an exposure."""

from __future__ import annotations

import pytest

from imaging import Box, Exposure
from imaging.psf.gaussian import DoubleGaussianPsf, SingleGaussianPsf
from pipelines.errors import ConfigError
from pipelines.psf.install_gaussian_psf import InstallGaussianPsfTask


def test_an_exposure_without_a_psf_gets_the_one_that_is_configured() -> None:
    exposure = Exposure(Box.from_shape((40, 50)))
    config = InstallGaussianPsfTask.ConfigClass(fwhm=4.7096400900618986, width=21)
    InstallGaussianPsfTask(config=config).run(exposure)
    assert exposure.psf == SingleGaussianPsf(21, 21, 2.0)


def test_a_psf_is_replaced_by_a_gaussian_of_its_size() -> None:
    exposure = Exposure(Box.from_shape((40, 50)))
    exposure.psf = DoubleGaussianPsf(31, 31, 2.0, 4.0, 0.1)
    radius = exposure.psf.compute_shape(exposure.bbox.center).determinant_radius
    InstallGaussianPsfTask().run(exposure)
    assert isinstance(exposure.psf, SingleGaussianPsf)
    assert tuple(exposure.psf.dimensions) == (31, 31)
    assert exposure.psf.sigma == pytest.approx(radius)


def test_images_have_a_middle_pixel() -> None:
    with pytest.raises(ConfigError, match="width is 10"):
        InstallGaussianPsfTask(config=InstallGaussianPsfTask.ConfigClass(width=10))
