"""Images of many stars are those that the PSF makes one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Box, Image, Point2D, Point2I
from imaging.psf.gaussian import DoubleGaussianPsf, SingleGaussianPsf
from imaging.psf.kernel import KernelPsf, PolynomialPsf
from imaging.psf.varying_pixels import SpatialBasis
from pipelines.stars.kernels import shifted_images
from pipelines.stars.star_images import kernel_images, star_images

if TYPE_CHECKING:
    from imaging.psf.psf import Psf


def moffat(size: int = 21) -> Image:
    y, x = np.mgrid[:size, :size] - size // 2
    return Image((1 + (x**2 + 1.2 * y**2 + 0.2 * x * y) / 6.0) ** -3.0)


def varying() -> PolynomialPsf:
    basis = SpatialBasis.of_order(1, Box.from_shape((200, 100)))
    planes = np.array([moffat().array, moffat().array * 0.05, np.roll(moffat().array, 1, 0) * 0.1])
    return PolynomialPsf(planes, basis)


PSFS = {
    "gaussian": SingleGaussianPsf(21, 19, 1.9),
    "double": DoubleGaussianPsf(21, 19, 1.9, 3.0, 0.1),
    "kernel": KernelPsf(moffat()),
    "even": KernelPsf(moffat()).resized(20, 20),
    "varying": varying(),
}


@pytest.mark.parametrize("psf", PSFS.values(), ids=PSFS)
def test_images_are_those_that_the_psf_makes_one_by_one(psf: Psf) -> None:
    rng = np.random.default_rng(2)
    x, y = rng.uniform(0, 100, 30), rng.uniform(0, 200, 30)
    x[0], y[0], x[1] = 50.0, 60.0, 70.5
    stars = star_images(psf, x, y)
    for number in range(30):
        one = psf.compute_image(Point2D(x[number], y[number]))
        assert one.bbox.min == Point2I(int(stars.x0[number]), int(stars.y0[number]))
        # 32-bit numbers; a Gaussian that is interpolated is good to 0.03 % of its peak.
        assert np.allclose(stars.pixels[number], one.array, atol=4e-4 * one.array.max())


@pytest.mark.parametrize("psf", PSFS.values(), ids=PSFS)
def test_centred_images_add_up_to_one(psf: Psf) -> None:
    x, y = np.array([10.0, 90.0]), np.array([20.0, 150.0])
    assert np.allclose(kernel_images(psf, x, y).sum(axis=(1, 2)), 1, atol=1e-6)


def test_there_can_be_no_stars() -> None:
    none = np.empty(0)
    assert star_images(varying(), none, none).pixels.shape == (0, 21, 21)


def test_moving_is_a_weighted_sum_of_neighbours_along_either_axis() -> None:
    rng = np.random.default_rng(5)
    image = rng.normal(size=(1, 9, 12)).astype(np.float32)
    taps_x, taps_y = rng.normal(size=(2, 3, 10)).astype(np.float32)
    firsts = np.array([[-4, -4], [-5, -3], [0, -10]])
    moved = shifted_images(image, taps_x, taps_y, firsts)
    padded = np.pad(image[0], 20)
    for number, (first_x, first_y) in enumerate(firsts):
        expected = np.zeros((9, 12))
        for step_y, weight_y in enumerate(taps_y[number]):
            for step_x, weight_x in enumerate(taps_x[number]):
                row, column = 20 + first_y + step_y, 20 + first_x + step_x
                part = padded[row : row + 9, column : column + 12]
                expected += float(weight_x) * float(weight_y) * part
        # A hundred products of 32-bit numbers of order one.
        assert np.allclose(moved[number], expected, atol=1e-4)
