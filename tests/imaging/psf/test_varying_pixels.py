"""Polynomials of a position, and images made of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial import chebyshev, polynomial

from imaging.errors import PsfError
from imaging.geometry.box import Box
from imaging.psf.varying_pixels import SpatialBasis, VaryingPixels, triangle

POSITIONS = np.array([[0.0, 0.0], [1023.5, 2087.5], [2047.3, 17.2], [-30.0, 5000.0]])
DOMAIN = Box.from_shape((4176, 2048))


def test_terms_of_second_order_are_six() -> None:
    assert triangle(2) == ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
    assert triangle(0) == ((0, 0),)


@pytest.mark.parametrize(
    ("kind", "oracle"), [("chebyshev", chebyshev.chebval2d), ("power", polynomial.polyval2d)]
)
def test_terms_are_those_of_numpy(kind: str, oracle: object) -> None:
    basis = SpatialBasis.of_order(4, DOMAIN, kind)
    x, y = POSITIONS.T
    u, v = (x - 1023.5) / 1024, (y - 2087.5) / 2088
    values = basis.evaluate(x, y)
    assert values.shape == (4, 15)
    for term, (of_x, of_y) in enumerate(basis.powers):
        single = np.zeros((5, 5))
        single[of_x, of_y] = 1
        np.testing.assert_allclose(values[:, term], oracle(u, v, single), rtol=1e-12, atol=1e-14)


def test_edges_of_the_domain_are_minus_one_and_one() -> None:
    basis = SpatialBasis(((1, 0), (0, 1)), *_center_and_scale())
    np.testing.assert_allclose(basis.evaluate(-0.5, 4175.5), [-1, 1])


def _center_and_scale() -> tuple[tuple[float, float], tuple[float, float]]:
    basis = SpatialBasis.of_order(1, DOMAIN)
    return basis.center, basis.scale


def test_scalar_position_gives_one_value_per_term() -> None:
    assert SpatialBasis.of_order(3, DOMAIN).evaluate(3.0, 4.0).shape == (10,)


@pytest.mark.parametrize(
    ("powers", "scale", "kind", "says"),
    [
        ((), (1, 1), "power", "between 0 and 20"),
        (((0, -1),), (1, 1), "power", "between 0 and 20"),
        (((0, 1_000_000),), (1, 1), "power", "between 0 and 20"),
        (((0, 0),), (0, 1), "power", "scaled by"),
        (((0, 0),), (1, np.inf), "power", "scaled by"),
        (((0, 0),), (1, 1), "legendre", "not 'legendre'"),
    ],
)
def test_impossible_basis_is_an_error(
    powers: tuple[tuple[int, int], ...], scale: tuple[float, float], kind: str, says: str
) -> None:
    with pytest.raises(PsfError, match=says):
        SpatialBasis(powers, scale=scale, kind=kind)


def test_image_is_the_sum_of_its_terms() -> None:
    basis = SpatialBasis.of_order(2, DOMAIN)
    planes = np.random.default_rng(1).normal(size=(6, 3, 4))
    expected = sum(
        value * plane for value, plane in zip(basis.evaluate(99, 777), planes, strict=True)
    )
    np.testing.assert_allclose(VaryingPixels(planes, basis).at(99, 777), expected, rtol=1e-13)


def test_weighted_images_are_the_same_sum() -> None:
    basis = SpatialBasis.of_order(1, DOMAIN)
    generator = np.random.default_rng(1)
    images, weights = generator.normal(size=(5, 3, 4)), generator.normal(size=(5, 3))
    amplitudes = weights @ basis.evaluate(99, 777)
    model = VaryingPixels.from_components(images, weights, basis)
    assert model.coefficients.shape == (3, 3, 4)
    np.testing.assert_allclose(model.at(99, 777), np.tensordot(amplitudes, images, 1), rtol=1e-12)


@pytest.mark.parametrize("shape", [(2, 3, 3), (3, 3), (3, 0, 3)])
def test_images_of_a_wrong_shape_are_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(PsfError, match="give one image per term"):
        VaryingPixels(np.ones(shape), SpatialBasis.of_order(1, DOMAIN))


def test_coefficients_that_are_not_finite_are_an_error() -> None:
    with pytest.raises(PsfError, match="finite"):
        VaryingPixels(np.full((1, 3, 3), np.nan), SpatialBasis.of_order(0, DOMAIN))


def test_coefficients_are_copied_and_cannot_be_changed() -> None:
    planes = np.ones((1, 3, 3))
    model = VaryingPixels(planes, SpatialBasis.of_order(0, DOMAIN))
    planes[:] = 7
    assert model.at(0, 0).max() == 1
    with pytest.raises(ValueError, match="read-only"):
        model.coefficients[0, 0, 0] = 7
