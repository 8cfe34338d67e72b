"""Numbers from outside as pixels: nothing is lost on the way without an error."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import BoxError, ParameterTypeError, ParameterValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from imaging.geometry.box import Box

__all__ = ["converted", "empty_pixels", "pixel_dtype", "plain_array", "put", "require_memory"]

_CHECKED_SIZE = 1 << 30
"""Bytes that are not worth asking the system about its memory."""


def plain_array(source: ArrayLike) -> NDArray[np.generic]:
    """Return an array, which is not copied if it is one already.

    Raises
    ------
    ParameterTypeError
        If it has masked elements or a unit, which an array alone would lose.
    ParameterValueError
        If lists in it differ in length.
    """
    if type(source) is np.ndarray:
        return source
    mask = getattr(source, "mask", None)
    if isinstance(mask, np.ndarray | np.bool_) and mask.any():
        message = (
            "An image has no place for the mask of a masked array. Make a MaskedImage of "
            "array.filled(0), and call mask.set_plane('BAD', array.mask)."
        )
        raise ParameterTypeError(message)
    unit = getattr(source, "unit", None)
    if unit is not None:
        message = (
            f"Pixels have no unit, and this array has {str(unit)!r}. Give its plain numbers, "
            "array.value; metadata['BUNIT'] is a place for the unit."
        )
        raise ParameterTypeError(message)
    try:
        return np.asarray(source)
    except (TypeError, ValueError) as error:
        raise ParameterValueError(f"This cannot be made an array of numbers: {error}.") from None


def pixel_dtype(dtype: DTypeLike) -> np.dtype[np.number]:
    """Return a type of pixels.

    Raises
    ------
    ParameterTypeError
        If it is not one of real numbers.
    """
    try:
        kind = np.dtype(dtype)
    except TypeError:
        raise ParameterTypeError(f"dtype={dtype!r} is no type of pixels.") from None
    if kind.kind not in "iuf":
        raise ParameterTypeError(f"Pixels are integers or floating-point numbers, not {kind}.")
    return kind  # type: ignore[return-value]  # its kind is checked


def converted(array: NDArray[np.generic], dtype: np.dtype[np.number]) -> NDArray[np.number]:
    """Return numbers as pixels of a type; those that are so already are not copied.

    Parameters
    ----------
    array
        Numbers or booleans.
    dtype
        The type. Floating-point pixels round what they are given.

    Raises
    ------
    ParameterTypeError
        If they are no real numbers, or fractions for integers.
    ParameterValueError
        If one is too large or too small; or NaN for integers.
    """
    if array.dtype == dtype:
        return array  # type: ignore[return-value]  # it is of this type
    if array.dtype.kind not in "biuf":
        message = f"Pixels are integers or floating-point numbers, not {array.dtype}."
        raise ParameterTypeError(message)
    try:
        with np.errstate(over="raise" if dtype.kind == "f" else "ignore", invalid="ignore"):
            result = array.astype(dtype)
    except FloatingPointError:
        raise _unfit(array, dtype) from None
    if dtype.kind == "f" or np.can_cast(array.dtype, dtype) or np.array_equal(result, array):
        return result
    if array.dtype.kind == "f" and _is_in_range(array, dtype):
        message = f"Pixels of type {dtype} cannot hold fractions, and here are some. Round them."
        raise ParameterTypeError(message)
    raise _unfit(array, dtype)


def _is_in_range(array: NDArray[np.generic], dtype: np.dtype[np.number]) -> bool:
    limits = np.iinfo(dtype.str)
    return bool(array.min() >= limits.min and array.max() <= limits.max)  # NaN is not


def _unfit(array: NDArray[np.generic], dtype: np.dtype[np.number]) -> ParameterValueError:
    values = f"{array.min()}" if array.size == 1 else f"from {array.min()} to {array.max()}"
    return ParameterValueError(f"Pixels of type {dtype} cannot hold values {values}.")


def put(pixels: NDArray[np.number], values: NDArray[np.number]) -> None:
    """Give pixels other values, which may be fewer where they can be repeated.

    Raises
    ------
    BoxError
        If the shapes do not fit.
    """
    try:
        pixels[...] = values
    except ValueError:
        message = (
            f"An array of shape {values.shape} does not fit into pixels of shape "
            f"{pixels.shape} (rows, columns)."
        )
        raise BoxError(message) from None


def require_memory(box: Box, n_bytes: int) -> None:
    """Raise ParameterValueError if this computer cannot hold the pixels of a box.

    Parameters
    ----------
    box
        The pixels.
    n_bytes
        How many bytes each of them takes.
    """
    size = box.area * n_bytes
    if size > _CHECKED_SIZE and size > os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"):
        raise _too_large(box, size)


def empty_pixels(box: Box, dtype: DTypeLike) -> NDArray[np.number]:
    """Return zeros of the shape of a box.

    Raises
    ------
    ParameterTypeError
        If there are no pixels of this type.
    ParameterValueError
        If this computer cannot hold them.
    """
    kind = pixel_dtype(dtype)
    require_memory(box, kind.itemsize)
    try:
        return np.zeros(box.shape, kind)
    except MemoryError:
        raise _too_large(box, box.area * kind.itemsize) from None


def _too_large(box: Box, size: int) -> ParameterValueError:
    message = (
        f"{box.width} x {box.height} pixels take {size >> 30} GiB, more than the memory of "
        "this computer. Is the size meant? Parts of a file are read with bbox=."
    )
    return ParameterValueError(message)
