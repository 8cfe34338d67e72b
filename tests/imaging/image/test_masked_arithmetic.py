"""Arithmetic of masked images: pixels, variances and masks."""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from imaging import Box, Image, Metadata
from imaging.errors import BoxError, MaskPlaneError, ParameterTypeError, ParameterValueError
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv]
PAIRS = list(
    zip(
        OPERATORS,
        [operator.iadd, operator.isub, operator.imul, operator.itruediv],
        strict=True,
    )
)
Operation = Callable[[object, object], object]

# float32 pixels: each of up to six roundings is half of 2**-23 at most
ROUNDINGS = 3 * 2.0**-23

values = st.floats(0.125, 1024, width=32)
pixels = hnp.arrays(np.float32, (2, 3), elements=values)
flags = hnp.arrays(np.int32, (2, 3), elements=st.integers(0, 511))
numbers = st.floats(0.125, 1024, width=32)


@st.composite
def masked_images(draw: st.DrawFn) -> MaskedImage:
    signs = draw(hnp.arrays(np.float32, (2, 3), elements=st.sampled_from([-1.0, 1.0])))
    return MaskedImage(
        Image(draw(pixels) * signs, (5, 6)),
        Mask(draw(flags), (5, 6)),
        Image(draw(pixels), (5, 6)),
    )


def wide(image: Image) -> np.ndarray:
    return image.array.astype(np.float64)


def expected_variance(
    operation: Operation, a: np.ndarray, va: np.ndarray, b: np.ndarray, vb: np.ndarray
) -> np.ndarray:
    """First-order propagation, written with derivatives instead of relative errors."""
    by_a, by_b = {
        operator.add: (1.0, 1.0),
        operator.sub: (1.0, -1.0),
        operator.mul: (b, a),
        operator.truediv: (1 / b, -a / b**2),
    }[operation]
    return np.asarray(by_a**2 * va + by_b**2 * vb)


@pytest.mark.parametrize("operation", OPERATORS)
@settings(max_examples=30)
@given(left=masked_images(), right=masked_images())
def test_variances_are_propagated_and_masks_joined(
    operation: Operation, left: MaskedImage, right: MaskedImage
) -> None:
    result = operation(left, right)
    assert isinstance(result, MaskedImage)
    assert (result.bbox, result.dtype) == (left.bbox, np.float32)
    assert result.variance.dtype == np.float32
    a, va, b, vb = wide(left.image), wide(left.variance), wide(right.image), wide(right.variance)
    np.testing.assert_allclose(result.image.array, operation(a, b), rtol=ROUNDINGS)
    variance = expected_variance(operation, a, va, b, vb)
    np.testing.assert_allclose(result.variance.array, variance, rtol=ROUNDINGS)
    np.testing.assert_array_equal(result.mask.array, left.mask.array | right.mask.array)


@pytest.mark.parametrize("operation", OPERATORS)
@pytest.mark.parametrize("kind", ["number", "array", "image"])
@settings(max_examples=30)
@given(left=masked_images(), array=pixels, number=numbers)
def test_numbers_arrays_and_images_are_exact(
    kind: str, operation: Operation, left: MaskedImage, array: np.ndarray, number: float
) -> None:
    other = {"number": number, "array": array, "image": Image(array, (5, 6))}[kind]
    exact = np.full((2, 3), number) if kind == "number" else array.astype(float)
    none = np.zeros((2, 3))
    a, va = wide(left.image), wide(left.variance)
    after, before = operation(left, other), operation(other, left)
    assert isinstance(after, MaskedImage)
    assert isinstance(before, MaskedImage)
    for result, image, variance in (
        (after, operation(a, exact), expected_variance(operation, a, va, exact, none)),
        (before, operation(exact, a), expected_variance(operation, exact, none, a, va)),
    ):
        np.testing.assert_allclose(result.image.array, image, rtol=ROUNDINGS)
        np.testing.assert_allclose(result.variance.array, variance, rtol=ROUNDINGS)
        assert result.mask == left.mask
        assert not np.shares_memory(result.mask.array, left.mask.array)


@pytest.mark.parametrize(("operation", "in_place"), PAIRS)
@settings(max_examples=30)
@given(left=masked_images(), right=masked_images(), number=numbers)
def test_in_place_gives_the_same_as_anew(
    operation: Operation,
    in_place: Operation,
    left: MaskedImage,
    right: MaskedImage,
    number: float,
) -> None:
    for other in (right, right.image, number, left):
        anew, target = operation(left, other), left.copy()
        planes = target.arrays
        result = in_place(target, target if other is left else other)
        assert result is target
        assert target == anew
        assert all(
            new is old or np.shares_memory(new, old)
            for new, old in zip(target.arrays, planes, strict=True)
        )


@settings(max_examples=30)
@given(left=masked_images(), right=masked_images(), factor=numbers)
def test_scaled_plus_propagates_the_square_of_the_factor(
    left: MaskedImage, right: MaskedImage, factor: float
) -> None:
    target = left.copy()
    target.scaled_plus(factor, right)
    expected = left + right * factor
    assert target.mask == expected.mask
    np.testing.assert_allclose(target.variance.array, expected.variance.array, rtol=ROUNDINGS)
    size = np.abs(wide(left.image)) + np.abs(factor * wide(right.image))
    assert (np.abs(target.image.array - expected.image.array) <= ROUNDINGS * size).all()
    back = target.copy()
    back.scaled_minus(factor, right.image)
    assert (np.abs(back.image.array - left.image.array) <= ROUNDINGS * size).all()
    np.testing.assert_array_equal(back.variance.array, target.variance.array)


@pytest.mark.parametrize("operation", OPERATORS)
def test_variances_are_those_of_noise(operation: Operation) -> None:
    rng = np.random.default_rng(20130617)
    shape = (400, 500)
    left, right = (
        MaskedImage(
            Image(rng.normal(mean, sigma, shape)),
            None,
            Image(np.full(shape, sigma**2)),
        )
        for mean, sigma in ((1000.0, 5.0), (400.0, 3.0))
    )
    result = operation(left, right)
    assert isinstance(result, MaskedImage)
    # the variance of 200,000 values is known to sqrt(2 / 200,000) = 0.3 %; four of those.
    # Second-order terms are of the size of sigma^2 / mean^2 = 0.006 %
    assert result.variance.array.mean() == pytest.approx(result.image.array.var(), rel=0.013)


def test_shifted_view_of_itself_uses_the_old_pixels() -> None:
    whole = MaskedImage(Image(np.arange(60_000.0).reshape(30_000, 2)))
    whole.variance.array[...] = 4
    lower, upper = (
        MaskedImage(*(type(p)(p.array[rows]) for p in (whole.image, whole.mask, whole.variance)))
        for rows in (slice(None, -1), slice(1, None))
    )
    expected = upper * lower
    upper *= lower
    assert upper == expected


def masked(planes: list[str], bits: int) -> MaskedImage:
    image = Image(np.ones((1, 2)))
    return MaskedImage(image, Mask(np.full((1, 2), bits), planes=planes))


def test_planes_of_the_right_mask_are_moved_to_the_bits_of_the_left() -> None:
    left, right = masked(["BAD", "SAT"], 1), masked(["SAT", "GHOST"], 3)
    result = left + right
    assert dict(result.mask.planes) == {"BAD": 0, "SAT": 1, "GHOST": 2}
    assert result.mask.array.tolist() == [[7, 7]]
    assert dict(left.mask.planes) == {"BAD": 0, "SAT": 1}
    view = left[left.bbox]
    view += right
    assert left.mask == result.mask
    left = masked(["BAD", "SAT"], 1)
    left.scaled_plus(2.0, right)
    assert left.mask == result.mask


def test_too_many_planes_change_nothing() -> None:
    left, right = masked([f"A{bit}" for bit in range(31)], 1), masked(["B"], 1)
    for operation in (operator.add, operator.iadd):
        with pytest.raises(MaskPlaneError, match="'B' cannot be added"):
            operation(left, right)
    with pytest.raises(MaskPlaneError, match="'B' cannot be added"):
        left.scaled_plus(2, right)
    assert left == masked([f"A{bit}" for bit in range(31)], 1)


def test_boxes_must_be_equal_and_nothing_is_changed() -> None:
    left = MaskedImage(Image(np.ones((2, 3)), (10, 20)))
    right = MaskedImage(Image(np.ones((2, 3)), (11, 20)))
    for other in (right, right.image):
        for operation in (operator.add, operator.imul):
            with pytest.raises(BoxError, match=r"10:13,20:22.*11:14,20:22"):
                operation(left, other)
        with pytest.raises(BoxError, match="not of the same pixels"):
            left.scaled_plus(2, other)
    with pytest.raises(BoxError, match=r"shape \(3, 2\)"):
        left += np.ones((3, 2))
    assert (left.image.array == 1).all()


@pytest.mark.parametrize("other", ["1", None, Mask(Box()), [1]])
def test_other_things_are_no_operands(other: object) -> None:
    image = MaskedImage(Image(np.ones((2, 2))))
    with pytest.raises(TypeError, match="unsupported operand"):
        image + other
    with pytest.raises(ParameterTypeError, match="combined with"):
        image -= other
    with pytest.raises(ParameterTypeError, match="combined with"):
        image.scaled_plus(2, other)


def test_image_does_not_become_a_masked_image_in_place() -> None:
    image = Image(np.ones((2, 2)))
    masked_image = MaskedImage(image.copy())
    assert isinstance(image + masked_image, MaskedImage)
    with pytest.raises(ParameterTypeError, match="not with <MaskedImage"):
        image += masked_image


def test_integer_images_keep_their_type_or_refuse() -> None:
    image = Image(np.full((2, 2), 40_000, np.uint16))
    target = MaskedImage(image, None, Image(np.full((2, 2), 2.0)))
    before = target.copy()
    with pytest.raises(ParameterTypeError, match="fractions"):
        target /= 2
    with pytest.raises(ParameterTypeError, match="fractions"):
        target.scaled_plus(0.5, target)
    with pytest.raises(ParameterValueError, match="from 80000 to 80000"):
        target += target
    assert target == before
    target -= 39_998
    target *= 3
    assert (target.image.array == 6).all()
    assert (target.variance.array == 18).all()
    target.scaled_plus(2, target)
    assert (target.image.array == 18).all()
    assert (target.variance.array == 18 + 4 * 18).all()
    assert (before / 2).dtype == np.float32
    assert (before - before).dtype == np.int32


def test_squares_of_large_integers_do_not_overflow() -> None:
    image = Image(np.full((1, 1), 100_000, np.int32))
    result = MaskedImage(image, None, Image(np.ones((1, 1)))) * Image(image, deep=True)
    assert result.variance.array[0, 0] == 1e10


def test_variances_of_64_bits_stay() -> None:
    single = MaskedImage(Image(np.ones((2, 2), np.float32)))
    double = MaskedImage(single.image, None, Image(np.full((2, 2), 0.1)))
    for operation in OPERATORS:
        result = operation(single, double)
        assert isinstance(result, MaskedImage)
        assert result.variance.dtype == np.float64
        # numbers of 64 bits stay such, though the image has 32
        np.testing.assert_allclose(result.variance.array, 0.1, rtol=1e-15)
    single += double
    assert single.variance.dtype == np.float32


def test_negative_has_the_same_variance() -> None:
    target = MaskedImage(Image(np.ones((2, 2))), None, Image(np.full((2, 2), 3.0)))
    negative = -target
    assert (negative.image.array == -1).all()
    assert negative.variance == target.variance


def test_result_has_the_metadata_of_the_left() -> None:
    left = MaskedImage(Image(np.ones((1, 2)), metadata=Metadata({"OBJECT": "M31"})))
    result = left * masked(["A"], 1)
    assert result.metadata.to_dict() == {"OBJECT": "M31"}
    assert result.metadata is not left.metadata
