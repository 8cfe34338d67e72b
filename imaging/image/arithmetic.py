"""Arithmetic of images, pixel by pixel: types of results, and what is refused.

A result is of the type that NumPy gives to the two, with these differences:

* a number never changes floating-point pixels to another type;
* integers of 8 and 16 bits are counted in 32 bits and unsigned ones of 32 in
  64, so that the difference of two raws can be negative;
* a quotient is floating point, of 32 bits at least.

In place the type stays. Integer pixels refuse what they could not hold:
fractions always, larger numbers when they occur; then nothing is changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeAlias

import numpy as np

from imaging.errors import BoxError, ParameterTypeError, ParameterValueError
from imaging.image.conversion import converted, pixel_dtype, plain_array
from imaging.image.operators import Operators
from imaging.image.pixel_array import PixelArray, require_same_box

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import DTypeLike, NDArray

__all__ = ["ImageArithmetic", "Operand", "combined", "fitting", "result_dtype", "row_blocks"]


Operand: TypeAlias = "NDArray[np.number] | int | float"
"""What a pixel is combined with: an array of the image's shape, or a number."""

_BLOCK = 1 << 14
"""Pixels that are worked on together: temporaries of 64 kB stay in the processor's cache.

Larger ones are mapped anew by the allocator every time: with 256 kB products of masked images
took 1.5 times as long."""


def row_blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Yield slices of rows, each of about 16,384 pixels, that together are all rows."""
    height, width = shape
    step = max(1, _BLOCK // max(width, 1))
    for begin in range(0, height, step):
        yield slice(begin, min(begin + step, height))


def result_dtype(operation: np.ufunc, left: Operand, right: Operand) -> np.dtype[np.number]:
    """Return the type of the pixels of a result; see the notes of this module."""
    kinds = [operand.dtype for operand in (left, right) if isinstance(operand, np.ndarray)]
    numbers = [operand for operand in (left, right) if not isinstance(operand, np.ndarray)]
    if operation is not np.true_divide and not any(kind.kind == "f" for kind in kinds):
        kinds += [_least_type(number, kinds) for number in numbers]
    if operation is np.true_divide:
        kinds.append(np.dtype(np.float32))
    common = np.result_type(*kinds)
    if common.kind in "biu" and common.itemsize <= 2:  # noqa: PLR2004 - 16 bits
        return np.dtype(np.int32)
    return np.dtype(np.int64) if common == np.uint32 else common


def _least_type(number: float, kinds: list[np.dtype[np.number]]) -> np.dtype[np.number]:
    """Return the type as which a number counts beside integer pixels."""
    if isinstance(number, float):
        return np.dtype(np.float32)
    candidates = [np.int32, np.int64, np.uint64]
    if np.dtype(np.uint64) in kinds:  # NumPy would make floating point of signed and unsigned
        candidates = [np.uint64, np.int32]
    for candidate in candidates:
        limits = np.iinfo(candidate)
        if limits.min <= number <= limits.max:
            return np.dtype(candidate)
    message = f"The number {number} does not fit into 64 bits."
    raise ParameterValueError(message)


def combined(
    operation: np.ufunc,
    left: Operand,
    right: Operand,
    out: NDArray[np.number] | None = None,
) -> NDArray[np.number]:
    """Return the result of an operation, in a new array or in ``out``.

    Parameters
    ----------
    operation
        ``numpy.add`` and so on.
    left, right
        What is combined, at least one array among them.
    out
        Floating-point pixels that take the result.
    """
    dtype = result_dtype(operation, left, right)
    operands = [
        operand if isinstance(operand, np.ndarray) else np.asarray(operand, dtype)
        for operand in (left, right)
    ]
    result: NDArray[np.number] = operation(*operands, out=out, dtype=dtype, casting="same_kind")
    return result


def fitting(values: NDArray[np.number], dtype: np.dtype[np.number]) -> NDArray[np.number]:
    """Return values as integers of a type, unless something would be lost.

    Raises
    ------
    ParameterTypeError
        If they are no integers.
    ParameterValueError
        If one of them is too large or too small.
    """
    advice = "Nothing was changed; write image = image + ..., which makes a new image."
    if values.dtype.kind == "f":
        message = f"Pixels of type {dtype} cannot hold fractions, and these are {values.dtype}. "
        raise ParameterTypeError(message + advice)
    limits = np.iinfo(dtype.str)
    if values.size and (values.min() < limits.min or values.max() > limits.max):
        message = (
            f"Pixels of type {dtype} cannot hold values from {values.min()} to {values.max()}. "
        )
        raise ParameterValueError(message + advice)
    return values.astype(dtype)


class ImageArithmetic(PixelArray, Operators):
    """Operators of images: with numbers, with arrays, and with images of the same box."""

    __slots__ = ()

    def operand(self, other: object) -> Operand | None:
        """Return what other pixels are combined with, or None if that is not for images."""
        if isinstance(other, ImageArithmetic):
            require_same_box(self.bbox, other.bbox)
            return other.array
        if isinstance(other, np.ndarray) and other.ndim:
            return self._checked_array(other)
        if isinstance(other, np.ndarray | np.generic):
            other = other.item()
        return other if isinstance(other, int | float) else None

    def astype(self, dtype: DTypeLike) -> Self:
        """Return a copy that has pixels of another type.

        Raises
        ------
        ParameterTypeError
            If they would lose fractions, or are no pixels.
        ParameterValueError
            If a value is too large or too small for them.
        """
        array = converted(self._array, pixel_dtype(dtype))
        made = array.copy() if array is self._array else array
        return self._like(made, self._origin, self.metadata.copy())

    def _checked_array(self, array: NDArray[np.generic]) -> NDArray[np.number]:
        array = plain_array(array)
        if array.dtype.kind not in "biuf":
            message = f"Images are combined with arrays of real numbers, not of {array.dtype}."
            raise ParameterTypeError(message)
        try:
            whole = np.broadcast_to(array, self._array.shape)
        except ValueError:
            message = (
                f"An array of shape {array.shape} cannot be combined with an image of shape "
                f"{self._array.shape} (rows, columns), box {self.bbox}."
            )
            raise BoxError(message) from None
        return whole

    def _binary(self, operation: np.ufunc, other: object, *, reflected: bool = False) -> Self:
        operand = self.operand(other)
        if operand is None:
            return NotImplemented  # type: ignore[no-any-return]  # as the operators do
        pair = (operand, self._array) if reflected else (self._array, operand)
        return self._like(combined(operation, *pair), self._origin, self.metadata.copy())

    def _require_operand(self, other: object) -> Operand:
        operand = self.operand(other)
        if operand is None:  # or image += masked_image would make image another object
            message = f"An image is combined with an image, array or number, not with {other!r}."
            raise ParameterTypeError(message)
        return operand

    def _in_place(self, operation: np.ufunc, other: object) -> Self:
        operand = self._require_operand(other)
        if self.dtype.kind == "f":
            combined(operation, self._array, operand, out=self._array)
        else:
            wide = self._array.astype(np.int64) if self.dtype.itemsize < 8 else self._array  # noqa: PLR2004 - bytes of the largest integer
            self._array[...] = fitting(combined(operation, wide, operand), self.dtype)
        return self

    def scaled_plus(self, factor: float, other: object) -> None:
        """Add a multiple of something in place.

        Parameters
        ----------
        factor
            By which ``other`` is multiplied first.
        other
            An image of the same box, an array or a number.

        Raises
        ------
        BoxError
            If the boxes or shapes differ.
        ParameterTypeError
            If it is something else, or if integer pixels would get fractions.
        """
        operand = self._require_operand(other)
        if not isinstance(operand, np.ndarray) or self.dtype.kind != "f":
            self._in_place(np.add, combined(np.multiply, np.asarray(operand), factor))
            return
        if np.may_share_memory(self._array, operand):
            operand = operand.copy()
        for rows in row_blocks(self._array.shape):
            combined(
                np.add,
                self._array[rows],
                combined(np.multiply, operand[rows], factor),
                out=self._array[rows],
            )
