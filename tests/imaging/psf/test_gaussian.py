"""Gaussian point-spread functions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import PsfError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2D, Point2I
from imaging.psf.gaussian import DoubleGaussianPsf, SingleGaussianPsf


def test_psf_of_the_tutorial_has_an_even_width() -> None:
    """0.7 arcsec at 0.168 arcsec per pixel, in a box of six sigma."""
    sigma = 0.7 / 0.168 / (2 * np.sqrt(2 * np.log(2)))
    width = int(sigma * 6)
    psf = SingleGaussianPsf(width, width, sigma=sigma)
    kernel = psf.compute_kernel_image()
    assert width == 10
    assert kernel.bbox == Box(Point2I(-4, -4), Extent2I(10, 10))
    assert kernel.array.sum() == pytest.approx(1, abs=1e-15)
    # cut at 2.3 sigma on one side, where the adaptive weight is still 0.5 %
    assert psf.compute_shape().ixx == pytest.approx(sigma**2, rel=5e-3)


@given(
    sigma=st.floats(1.0, 4.0),
    dx=st.floats(-0.5, 0.499),
    dy=st.floats(-0.5, 0.499),
)
def test_pixels_are_the_gaussian_at_their_centres(sigma: float, dx: float, dy: float) -> None:
    """In a box of ten sigma the normalisation is the analytic one, but for sampling at 1 pixel."""
    size = 2 * int(6 * sigma) + 1
    image = SingleGaussianPsf(size, size, sigma).compute_image(Point2D(50 + dx, 70 + dy))
    y, x = np.indices(image.array.shape)
    square = (x + image.x0 - 50 - dx) ** 2 + (y + image.y0 - 70 - dy) ** 2
    expected = np.exp(-square / (2 * sigma**2)) / (2 * np.pi * sigma**2)
    np.testing.assert_allclose(image.array, expected, atol=1e-7)


@pytest.mark.parametrize(
    ("sigma", "tolerance"), [(0.8, 0.02), (1.0, 2e-3), (1.5, 1e-6), (2.0, 1e-9), (5.0, 1e-9)]
)
def test_shape_of_a_gaussian_is_its_variance(sigma: float, tolerance: float) -> None:
    """Below 1.5 pixels sampling itself adds to the moments; see compute_shape."""
    size = 2 * int(6 * sigma) + 1
    shape = SingleGaussianPsf(size, size, sigma).compute_shape(Point2D(3.3, 4.7))
    assert (shape.ixx, shape.iyy) == pytest.approx((sigma**2, sigma**2), rel=tolerance)
    assert shape.ixy == pytest.approx(0, abs=1e-9)


def test_shape_in_a_box_of_six_sigma_is_good_to_a_thousandth() -> None:
    shape = SingleGaussianPsf(13, 13, 2.0).compute_shape()
    assert shape.ixx == pytest.approx(4.0, rel=1e-3)


def test_double_gaussian_is_the_sum_of_two() -> None:
    psf = DoubleGaussianPsf(61, 61, 1.5, 4.0, 0.1)
    flux1, flux2 = 1.5**2, 0.1 * 4.0**2  # areas; b is the ratio of the peaks
    for radius in (1.0, 3.0, 8.0):
        inside = [1 - np.exp(-(radius**2) / (2 * sigma**2)) for sigma in (1.5, 4.0)]
        expected = (flux1 * inside[0] + flux2 * inside[1]) / (flux1 + flux2)
        assert psf.compute_aperture_flux(radius) == pytest.approx(expected, abs=2e-5)
    assert psf.compute_peak() == pytest.approx(1.1 / (2 * np.pi * (flux1 + flux2)), rel=1e-4)


def test_double_gaussian_without_a_second_is_a_single_one() -> None:
    single, double = SingleGaussianPsf(21, 15, 1.7), DoubleGaussianPsf(21, 15, 1.7)
    position = Point2D(5.2, 7.9)
    np.testing.assert_array_equal(
        double.compute_image(position).array, single.compute_image(position).array
    )
    assert (double.sigma1, double.sigma2, double.b) == (1.7, 1.0, 0.0)


@pytest.mark.parametrize("sigma", [0.0, -1.0, np.nan, np.inf])
def test_impossible_width_is_an_error(sigma: float) -> None:
    with pytest.raises(PsfError, match="width of a Gaussian is a positive number"):
        SingleGaussianPsf(11, 11, sigma)
    with pytest.raises(PsfError, match="sigma2"):
        DoubleGaussianPsf(11, 11, 1.0, sigma)


def test_peak_of_an_unknown_height_is_an_error() -> None:
    with pytest.raises(PsfError, match="b=nan"):
        DoubleGaussianPsf(11, 11, 1.0, 2.0, np.nan)


def test_text_of_a_gaussian_makes_it_again() -> None:
    for psf in (SingleGaussianPsf(10, 12, 1.75), DoubleGaussianPsf(10, 12, 1.5, 3.0, 0.1)):
        names = {kind.__name__: kind for kind in (SingleGaussianPsf, DoubleGaussianPsf)}
        assert eval(repr(psf), names) == psf
