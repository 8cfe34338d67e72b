"""Point-spread functions made of pixels."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.errors import PsfError
from imaging.geometry.box import Box
from imaging.geometry.points import Point2D, Point2I
from imaging.image.image import Image
from imaging.psf.gaussian import SingleGaussianPsf
from imaging.psf.kernel import KernelPsf, PolynomialPsf
from imaging.psf.varying_pixels import SpatialBasis

DOMAIN = Box.from_shape((4176, 2048))


def gaussian(sigma: float) -> np.ndarray:
    return SingleGaussianPsf(31, 31, sigma).compute_kernel_image().array


def test_kernel_is_the_same_everywhere_and_normalised() -> None:
    psf = KernelPsf(Image(500 * gaussian(2.0), Point2I(77, 88)), Point2D(10, 20))
    np.testing.assert_allclose(psf.compute_kernel_image().array, gaussian(2.0), rtol=1e-13)
    assert psf.compute_kernel_image(Point2D(1000, 1000)) == psf.compute_kernel_image()
    assert psf.average_position == Point2D(10, 20)


def test_kernel_is_a_copy_of_the_image_on_its_own_scale() -> None:
    image = Image(500 * gaussian(2.0))
    psf = KernelPsf(image)
    image.array[:] = 0
    psf.kernel.array[:] = 0
    np.testing.assert_array_equal(psf.kernel.array, 500 * gaussian(2.0))
    assert psf.kernel.bbox == psf.compute_bbox()


@pytest.mark.parametrize("pixels", [np.zeros((3, 3)), np.full((3, 3), np.nan), -np.ones((3, 3))])
def test_image_that_is_no_star_is_an_error(pixels: np.ndarray) -> None:
    with pytest.raises(PsfError, match="add up to a positive number"):
        KernelPsf(Image(pixels))


def test_polynomial_psf_varies_as_its_pixels() -> None:
    """Gaussians whose size grows linearly, fitted with parabolas per pixel."""
    basis = SpatialBasis.of_order(2, DOMAIN)
    generator = np.random.default_rng(5)
    x, y = generator.uniform(0, 2047, 60), generator.uniform(0, 4175, 60)

    def sigma(x: float, y: float) -> float:
        return 1.8 + 0.1 * x / 2048 + 0.1 * y / 4176

    stars = np.array([gaussian(sigma(*place)).ravel() for place in zip(x, y, strict=True)])
    fitted, *_ = np.linalg.lstsq(basis.evaluate(x, y), stars, rcond=None)
    psf = PolynomialPsf(fitted.reshape(-1, 31, 31), basis)
    for place in [(100.3, 4000.2), (1500.5, 50.1), (1024.0, 2088.0)]:
        shape = psf.compute_shape(Point2D(*place))
        assert shape.ixx == pytest.approx(sigma(*place) ** 2, rel=1e-3)
        expected = SingleGaussianPsf(31, 31, sigma(*place)).compute_image(Point2D(*place))
        # interpolation: 0.05 % of the peak, which is 0.05
        np.testing.assert_allclose(
            psf.compute_image(Point2D(*place)).array, expected.array, atol=5e-5
        )


def test_psf_is_evaluated_at_the_centre_of_its_basis_by_default() -> None:
    basis = SpatialBasis.of_order(1, DOMAIN)
    planes = np.stack([gaussian(2.0), gaussian(1.5), 0 * gaussian(2.0)])
    assert PolynomialPsf(planes, basis).average_position == Point2D(1023.5, 2087.5)
    assert PolynomialPsf(planes, basis, Point2I(3, 4)).average_position == Point2D(3, 4)


def test_sum_of_components_is_a_polynomial_psf() -> None:
    basis = SpatialBasis.of_order(1, DOMAIN)
    images = np.stack([gaussian(2.0), gaussian(1.5), gaussian(3.0)])
    weights = np.array([[1, 0.1, 0.0], [0.2, 0.0, 0.1], [0.3, -0.1, 0.1]])
    psf = PolynomialPsf.from_components(images, weights, basis, Point2D(1, 2))
    place = Point2D(300, 900)
    expected = np.tensordot(weights @ basis.evaluate(place.x, place.y), images, 1)
    kernel = psf.compute_kernel_image(place).array
    np.testing.assert_allclose(kernel, expected / expected.sum(), rtol=1e-12)
    assert psf.average_position == Point2D(1, 2)


def test_places_do_not_disturb_each_other() -> None:
    """The kernel of the last place is kept; it must not be taken for that of another."""
    planes = np.stack([gaussian(2.0), 0.2 * gaussian(1.5), 0.1 * gaussian(3.0)])
    psf = PolynomialPsf(planes, SpatialBasis.of_order(1, DOMAIN))
    places = [Point2D(0, 0), Point2D(2000, 0), Point2D(0, 4000)]
    first = [psf.compute_kernel_image(place) for place in places]
    again = [psf.compute_kernel_image(place) for place in reversed(places)]
    assert first == again[::-1]
    assert first[0] != first[1]
