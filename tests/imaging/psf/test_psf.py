"""What every point-spread function does."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import ParameterTypeError, PsfError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2D, Point2I
from imaging.image.image import Image
from imaging.psf.gaussian import DoubleGaussianPsf, SingleGaussianPsf
from imaging.psf.kernel import KernelPsf, PolynomialPsf
from imaging.psf.psfex import PsfexPsf
from imaging.psf.varying_pixels import SpatialBasis

if TYPE_CHECKING:
    from imaging.psf.psf import Psf

BASIS = SpatialBasis.of_order(1, Box.from_shape((4000, 2000)))


def gaussian(size: int, sigma: float) -> np.ndarray:
    return SingleGaussianPsf(size, size, sigma).compute_kernel_image().array


PLANES = np.stack([gaussian(31, 1.8), 0.1 * gaussian(31, 1.5), -0.05 * gaussian(31, 2.2)])
PSFS = {
    "single": SingleGaussianPsf(31, 31, 1.8),
    "single even": SingleGaussianPsf(30, 32, 1.8),
    "double": DoubleGaussianPsf(41, 41, 1.6, 3.0, 0.1),
    "kernel": KernelPsf(Image(1e4 * gaussian(31, 2.0)), Point2D(300, 400)),
    "kernel even": KernelPsf(Image(gaussian(30, 2.0))),
    "polynomial": PolynomialPsf(PLANES, BASIS),
    "psfex": PsfexPsf(PLANES, BASIS, 1.0),
    "psfex fine": PsfexPsf(np.multiply.outer([1, 0.1, -0.05], gaussian(63, 3.6)), BASIS, 0.5),
}
COORDINATES = st.floats(-50, 3000)


@pytest.fixture(params=list(PSFS))
def psf(request: pytest.FixtureRequest) -> Psf:
    return PSFS[request.param]


def centroid(image: Image) -> tuple[float, float]:
    y, x = np.indices(image.array.shape)
    total = image.array.sum()
    return (
        float((image.array * x).sum() / total) + image.x0,
        float((image.array * y).sum() / total) + image.y0,
    )


def test_kernel_image_adds_up_to_one_and_lies_around_zero(psf: Psf) -> None:
    kernel = psf.compute_kernel_image(Point2D(70.3, 200.9))
    assert kernel.array.sum() == pytest.approx(1, abs=1e-14)
    assert kernel.dtype == np.float64
    assert kernel.bbox == psf.compute_bbox()
    assert kernel.bbox.min == Point2I(-((psf.width - 1) // 2), -((psf.height - 1) // 2))
    assert kernel.dimensions == psf.dimensions
    assert kernel[Point2I(0, 0)] == kernel.array.max() == psf.compute_peak(Point2D(70.3, 200.9))
    assert centroid(kernel) == pytest.approx((0, 0), abs=1e-5)


@given(x=COORDINATES, y=COORDINATES)
@pytest.mark.parametrize("name", list(PSFS))
def test_image_has_its_centroid_at_the_position(name: str, x: float, y: float) -> None:
    image = PSFS[name].compute_image(Point2D(x, y))
    assert centroid(image) == pytest.approx((x, y), abs=1e-3)
    assert image.array.sum() == pytest.approx(1, abs=1e-4)
    assert image.bbox.contains(Point2D(x, y).rounded())
    assert image.dimensions == PSFS[name].dimensions


@given(dx=st.floats(-0.5, 0.499), dy=st.floats(-0.5, 0.499))
@pytest.mark.parametrize("name", list(PSFS))
def test_image_is_as_large_as_the_kernel_image(name: str, dx: float, dy: float) -> None:
    """Second moments do not change with the place in a pixel, to 0.1 %."""
    psf = PSFS[name]
    shape = psf.compute_shape(Point2D(40, 30))
    image = psf.compute_image(Point2D(40 + dx, 30 + dy))
    moved = KernelPsf(Image(image.array)).compute_shape()
    assert (moved.ixx, moved.iyy) == pytest.approx((shape.ixx, shape.iyy), rel=1e-3)


def test_whole_positions_give_the_kernel_image_elsewhere(psf: Psf) -> None:
    position = Point2I(12, 2000)
    kernel, image = psf.compute_kernel_image(position), psf.compute_image(position)
    np.testing.assert_array_equal(image.array, kernel.array)
    assert image.bbox == kernel.bbox.shifted_by(Extent2I(12, 2000))


def test_half_a_pixel_belongs_to_the_upper_one() -> None:
    image = SingleGaussianPsf(11, 11, 1.5).compute_image(Point2D(10.5, -3.5))
    assert image.bbox == Box(Point2I(6, -8), Extent2I(11, 11))


def test_position_is_the_average_one_by_default(psf: Psf) -> None:
    place = psf.average_position
    assert psf.compute_image() == psf.compute_image(place)
    assert psf.compute_kernel_image() == psf.compute_kernel_image(place)
    assert psf.compute_shape() == psf.compute_shape(place)
    assert psf.compute_peak() == psf.compute_peak(place)
    assert psf.compute_aperture_flux(2.0) == psf.compute_aperture_flux(2.0, place)


def test_images_may_be_changed_without_a_trace(psf: Psf) -> None:
    position = Point2D(10, 20)
    before = psf.compute_image(position)
    for image in (psf.compute_image(position), psf.compute_kernel_image(position)):
        image.array[:] = -1
    assert psf.compute_image(position) == before


def test_box_of_a_psf_is_a_copy(psf: Psf) -> None:
    psf.compute_bbox().grow(3)
    assert psf.compute_bbox().dimensions == psf.dimensions


@pytest.mark.parametrize("radius", [0.5, 1.0, 2.5, 6.0])
def test_flux_in_an_aperture_is_that_of_the_gaussian(radius: float) -> None:
    """Sampling a Gaussian of 1.8 pixels and cutting it at 15 cost less than 1e-6."""
    psf = SingleGaussianPsf(31, 31, 1.8)
    expected = 1 - np.exp(-(radius**2) / (2 * 1.8**2))
    assert psf.compute_aperture_flux(radius) == pytest.approx(expected, abs=1e-6)


def test_flux_in_an_aperture_grows_to_one(psf: Psf) -> None:
    fluxes = [psf.compute_aperture_flux(radius) for radius in (1, 2, 4, 8, 12, 14)]
    assert fluxes == sorted(fluxes)
    assert fluxes[-1] == pytest.approx(1, abs=1e-3)
    assert psf.compute_aperture_flux(1e9) == 1


@pytest.mark.parametrize("radius", [0.0, -1.0, np.nan])
def test_aperture_without_an_area_is_an_error(psf: Psf, radius: float) -> None:
    with pytest.raises(PsfError, match="radius of an aperture is positive"):
        psf.compute_aperture_flux(radius)


@pytest.mark.parametrize("position", [Point2D(np.nan, 0), Point2D(0, np.inf)])
def test_position_that_is_nowhere_is_an_error(psf: Psf, position: Point2D) -> None:
    with pytest.raises(PsfError, match="cannot be evaluated at"):
        psf.compute_image(position)


def test_psf_that_is_no_star_somewhere_is_an_error_there() -> None:
    planes = np.stack([gaussian(11, 1.5), gaussian(11, 1.5)])
    psf = PolynomialPsf(planes, SpatialBasis(((0, 0), (1, 0)), scale=(100.0, 100.0)))
    assert psf.compute_peak(Point2D(0, 0)) > 0
    with pytest.raises(PsfError, match="inside the image that it was made for"):
        psf.compute_image(Point2D(-200, 0))


@pytest.mark.parametrize("size", [(0, 5), (5, -1), (5, 10_000)])
def test_impossible_dimensions_are_an_error(size: tuple[int, int]) -> None:
    with pytest.raises(PsfError, match="pixels large"):
        SingleGaussianPsf(*size, 2.0)


def test_resized_psf_is_the_same_star(psf: Psf) -> None:
    position = Point2D(10.25, 20.5)
    larger = psf.resized(45, 43)
    assert type(larger) is type(psf)
    assert larger.dimensions == Extent2I(45, 43)
    assert larger.average_position == psf.average_position
    before, after = psf.compute_image(position), larger.compute_image(position)
    both = before.bbox.clipped_to(after.bbox)
    # what a pixel model lacks outside of its box, and gets there by being moved
    np.testing.assert_allclose(after[both].array, before[both].array, atol=1e-6)
    assert larger.resized(psf.width, psf.height).dimensions == psf.dimensions


def test_psfs_are_equal_if_they_are_the_same_in_every_bit(psf: Psf) -> None:
    twin = pickle.loads(pickle.dumps(psf))
    assert twin == psf
    assert hash(twin) == hash(psf)
    assert copy.deepcopy(psf) == psf
    assert psf != psf.resized(psf.width + 2, psf.height)
    assert psf != "a PSF"
    assert sum(other == psf for other in PSFS.values()) == 1


def test_text_of_a_psf_says_its_kind_and_size(psf: Psf) -> None:
    assert type(psf).__name__ in repr(psf)
    assert str(psf.width) in repr(psf)


@pytest.mark.parametrize("x", [1e300, -3e9, np.nan, np.inf])
def test_positions_that_no_image_has_are_refused(x: float) -> None:
    psf = SingleGaussianPsf(9, 9, 1.5)
    for compute in (psf.compute_image, psf.compute_kernel_image, psf.compute_shape):
        with pytest.raises(PsfError, match="cannot be evaluated at"):
            compute(Point2D(x, 1))
    assert psf.compute_image(Point2D(2e9, 1)).bbox.contains(Point2I(2_000_000_000, 1))


def test_position_is_a_point() -> None:
    with pytest.raises(ParameterTypeError, match=r"Point2D, not at \(3, 4\)"):
        SingleGaussianPsf(9, 9, 1.5).compute_image((3, 4))  # type: ignore[arg-type]  # the mistake


def test_psf_is_made_of_numbers_and_images() -> None:
    with pytest.raises(PsfError, match="sigma='a'"):
        SingleGaussianPsf(9, 9, "a")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ParameterTypeError, match="made of an Image"):
        KernelPsf(np.ones((3, 3)))  # type: ignore[arg-type]  # the mistake
    with pytest.raises(PsfError, match="radius"):
        SingleGaussianPsf(9, 9, 1.5).compute_aperture_flux("a")  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match="average position"):
        KernelPsf(Image(np.ones((3, 3))), 3)  # type: ignore[arg-type]  # the mistake
