from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import chebyshev

from imaging import Box, Extent2I, Point2D, Point2I
from imaging.errors import BoxError, FitsFileError, ParameterTypeError, ParameterValueError
from imaging.exposure.bounded_field import (
    BoundedField,
    ChebyshevField,
    ProductField,
    pack_fields,
    unpack_fields,
)

BOX = Box(Point2I(10, -20), Extent2I(100, 40))
COEFFICIENTS = [[1.0, 0.25, 0.125], [0.5, -0.25, 0.0]]
FIELD = ChebyshevField(BOX, COEFFICIENTS)


def test_the_outer_edges_of_the_box_are_minus_one_and_one() -> None:
    linear = ChebyshevField(BOX, [[0.0, 1.0]])
    assert linear.evaluate(9.5, 0.0) == -1.0
    assert linear.evaluate(109.5, 0.0) == 1.0
    upward = ChebyshevField(BOX, [[0.0], [1.0]])
    assert upward.evaluate(0.0, -20.5) == -1.0
    assert upward.evaluate(0.0, 19.5) == 1.0


def test_rows_of_the_coefficients_belong_to_y() -> None:
    x, y = 40.0, 5.0
    u, v = (2 * x - 119) / 100, (2 * y + 1) / 40  # by hand from the edges above
    expected = 1 + 0.25 * u + 0.125 * (2 * u * u - 1) + 0.5 * v - 0.25 * u * v
    # 1e-15 and not equality: the sums are made in another order
    assert FIELD.evaluate(x, y) == pytest.approx(expected, rel=1e-15)


def test_point_and_pair_of_numbers_give_a_number() -> None:
    value = FIELD.evaluate(Point2D(40.5, 5.0))
    assert isinstance(value, float)
    assert value == FIELD.evaluate(40.5, 5.0)
    assert FIELD.evaluate(Point2I(40, 5)) == FIELD.evaluate(40, 5)


def test_arrays_are_broadcast() -> None:
    values = FIELD.evaluate(np.arange(4.0), np.arange(3.0)[:, np.newaxis])
    assert values.shape == (3, 4)
    assert values[2, 1] == FIELD.evaluate(1.0, 2.0)


def test_array_of_the_box_has_the_value_of_each_pixel() -> None:
    array = FIELD.to_array()
    assert array.shape == (40, 100)
    # 1e-13: numpy contracts a grid in another order than single points
    assert array[7, 30] == pytest.approx(FIELD.evaluate(40.0, -13.0), rel=1e-13)
    part = FIELD.to_array(Box(Point2I(40, -13), Extent2I(2, 1)))
    assert part.shape == (1, 2)
    assert part[0, 0] == pytest.approx(array[7, 30], rel=1e-13)


def test_missing_y_is_refused() -> None:
    with pytest.raises(ParameterTypeError, match="x and y"):
        FIELD.evaluate(3.0)  # type: ignore[call-overload]


def test_constant_is_the_same_everywhere() -> None:
    field = ChebyshevField.constant(BOX, 2.5)
    assert field.mean == 2.5
    assert (field.to_array() == 2.5).all()


def test_mean_is_that_over_the_area() -> None:
    step = 0.01
    x, y = np.meshgrid(np.arange(9.5 + step / 2, 109.5, 1), np.arange(-20.5 + step / 2, 19.5, step))
    x = x + 0.5  # the middle of strips of one pixel
    # strips of a pixel in x: the midpoint rule is good to 1e-4 for these orders
    assert FIELD.mean == pytest.approx(FIELD.evaluate(x, y).mean(), abs=1e-4)


def test_product_is_the_product_of_the_values() -> None:
    other = ChebyshevField(BOX, [[2.0, 0.5], [0.1, 0.0]])
    product = FIELD * other
    assert isinstance(product, ProductField)
    assert product.evaluate(33.0, 4.0) == FIELD.evaluate(33.0, 4.0) * other.evaluate(33.0, 4.0)
    assert np.array_equal(product.to_array(), FIELD.to_array() * other.to_array())


def test_mean_of_a_product_is_that_of_its_values() -> None:
    other = ChebyshevField(BOX, [[2.0, 0.5, 0.25], [0.1, 0.0, 0.3]])
    width = (9, 9)
    nodes, weights = np.polynomial.legendre.leggauss(width[0])
    x, y = 59.5 + 50 * nodes, -0.5 + 20 * nodes
    values = (FIELD * other).evaluate(x, y[:, np.newaxis])
    # Gauss-Legendre with nine nodes is exact for these orders
    assert (FIELD * other).mean == pytest.approx(weights @ values @ weights / 4, rel=1e-13)


def test_factor_scales_one_polynomial() -> None:
    assert isinstance(FIELD * 2, ChebyshevField)
    assert (2 * FIELD).evaluate(1.0, 2.0) == 2 * FIELD.evaluate(1.0, 2.0)
    product = (FIELD * FIELD) / 4
    assert len(product.factors) == 2
    assert product.evaluate(1.0, 2.0) == pytest.approx(FIELD.evaluate(1.0, 2.0) ** 2 / 4, rel=1e-15)


def test_fields_are_equal_by_their_numbers() -> None:
    assert ChebyshevField(BOX, COEFFICIENTS) == FIELD
    assert ChebyshevField(Box(Point2I(), Extent2I(100, 40)), COEFFICIENTS) != FIELD
    assert FIELD * FIELD != FIELD
    assert FIELD != "field"


def test_coefficients_cannot_be_changed_behind_the_field() -> None:
    table = np.array(COEFFICIENTS)
    field = ChebyshevField(BOX, table)
    table[0, 0] = 9
    assert field == FIELD
    with pytest.raises(ValueError, match="read-only"):
        field.coefficients[0, 0] = 9


@pytest.mark.parametrize("coefficients", [[1.0], [[]], 1.0])
def test_coefficients_that_are_no_table_are_refused(coefficients: object) -> None:
    with pytest.raises(ParameterValueError, match="two dimensions"):
        ChebyshevField(BOX, coefficients)  # type: ignore[arg-type]


def test_empty_box_is_refused() -> None:
    with pytest.raises(BoxError, match="not empty"):
        ChebyshevField(Box(), COEFFICIENTS)


def test_product_needs_one_box() -> None:
    with pytest.raises(ParameterValueError, match="one box"):
        ProductField([FIELD, ChebyshevField.constant(Box(Point2I(), Extent2I(2, 2)), 1.0)])
    with pytest.raises(ParameterValueError, match="one field"):
        ProductField([])


numbers = st.floats(allow_nan=False, width=64)


@st.composite
def polynomials(draw: st.DrawFn, numbers: st.SearchStrategy[float] = numbers) -> ChebyshevField:
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    values = draw(st.lists(numbers, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    return ChebyshevField(BOX, np.reshape(values, shape))


fields = st.one_of(polynomials(), st.lists(polynomials(), min_size=2, max_size=3).map(ProductField))
names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(st.dictionaries(names, fields, max_size=4))
def test_packed_fields_come_back_bit_for_bit(named: dict[str, BoundedField]) -> None:
    found = unpack_fields(pack_fields(list(named.items())), "table")
    assert list(found) == list(named)
    for name, field in named.items():
        mine = [factor.coefficients.tobytes() for factor in field.factors]
        assert [factor.coefficients.tobytes() for factor in found[name].factors] == mine
        assert found[name].bbox == field.bbox


@given(polynomials(st.floats(-1e100, 1e100)), st.floats(-1, 1), st.floats(-1, 1))
def test_value_is_that_of_numpy(field: ChebyshevField, u: float, v: float) -> None:
    x, y = 59.5 + 50 * u, -0.5 + 20 * v
    scale = float(np.abs(field.coefficients).sum())
    expected = chebyshev.chebval2d((2 * x - 119) / 100, (2 * y + 1) / 40, field.coefficients.T)
    # relative to the largest term: what is summed in another order differs by that
    assert field.evaluate(x, y) == pytest.approx(expected, abs=1e-13 * scale)


@pytest.mark.parametrize("column", ["orders_x", "width"])
def test_damaged_rows_are_refused(column: str) -> None:
    rows = pack_fields([("a", FIELD)])
    rows[column] = {"orders_x": 7, "width": -1}[column]
    with pytest.raises(FitsFileError, match=r"x\.fits: its table of fields is damaged"):
        unpack_fields(rows, "x.fits")
