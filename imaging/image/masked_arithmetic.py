"""Arithmetic of masked images: variances are propagated, masks joined."""

from __future__ import annotations

from typing import Self

import numpy as np

from imaging.errors import ParameterTypeError
from imaging.image.arithmetic import fitting, result_dtype
from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.operators import Operators
from imaging.image.pixel_array import require_pixels, require_same_box
from imaging.image.propagation import Term, add_multiple, propagate

__all__ = ["MaskedArithmetic"]


class MaskedArithmetic(Operators):
    """Operators of masked images, and the three planes that they work on."""

    __slots__ = ("_image", "_mask", "_variance")

    _image: Image
    _mask: Mask
    _variance: Image

    @property
    def image(self) -> Image:
        """The image; assignment replaces its pixels."""
        return self._image

    @image.setter
    def image(self, pixels: Image) -> None:
        if pixels is not self._image:  # as after ``masked_image.image -= 1``
            require_pixels(Image, pixels)
            require_same_box(self.image.bbox, pixels.bbox)
            self.image.assign(pixels)

    @property
    def mask(self) -> Mask:
        """The mask; assignment replaces its pixels, and adds planes that are new."""
        return self._mask

    @mask.setter
    def mask(self, pixels: Mask) -> None:
        if pixels is not self._mask:
            require_pixels(Mask, pixels)
            require_same_box(self.image.bbox, pixels.bbox)
            self.mask.assign(pixels)

    @property
    def variance(self) -> Image:
        """The variance of every pixel; assignment replaces its pixels."""
        return self._variance

    @variance.setter
    def variance(self, pixels: Image) -> None:
        if pixels is not self._variance:
            require_pixels(Image, pixels)
            require_same_box(self.image.bbox, pixels.bbox)
            self.variance.assign(pixels)

    @property
    def term(self) -> Term:
        """Values and variances, as `imaging.image.propagation` combines them."""
        return Term(self.image.array, self.variance.array)  # type: ignore[arg-type]  # floating

    def _operand(self, other: object) -> Term | None:
        """Return what is combined with this, or None if that cannot be."""
        if isinstance(other, MaskedArithmetic):
            require_same_box(self.image.bbox, other.image.bbox)
            return other.term
        values = self.image.operand(other)
        return None if values is None else Term(values)

    def _joined_mask(self, other: object) -> Mask:
        """Return a new mask that has the bits of both."""
        if not isinstance(other, MaskedArithmetic):
            return self.mask.copy()
        if self.mask.planes == other.mask.planes:
            return self.mask | other.mask
        joined = other.mask.with_planes(self.mask.planes)
        np.bitwise_or(self.mask.array, joined.array, out=joined.array)
        joined.metadata = self.mask.metadata.copy()
        return joined

    def _binary(self, operation: np.ufunc, other: object, *, reflected: bool = False) -> Self:
        operand = self._operand(other)
        if operand is None:
            return NotImplemented  # type: ignore[no-any-return]  # as the operators do
        mask = self._joined_mask(other)
        left, right = (operand, self.term) if reflected else (self.term, operand)
        result = _result(operation, left, right, self.image.array.shape)
        made = object.__new__(type(self))
        made._image = Image(result.values, self.image.xy0, self.image.metadata.copy())
        made._mask = mask
        made._variance = Image(
            np.asarray(result.variance), self.image.xy0, self.variance.metadata.copy()
        )
        return made

    def _require_operand(self, other: object) -> Term:
        operand = self._operand(other)
        if operand is None:
            message = f"A masked image is combined with images, arrays and numbers, not {other!r}."
            raise ParameterTypeError(message)
        return operand

    def _in_place(self, operation: np.ufunc, other: object) -> Self:
        operand = self._require_operand(other)
        own = self.term
        if self.image.dtype.kind != "f":
            wide = Term(self.image.array.astype(np.int64), own.variance)
            result = _result(operation, wide, operand, self.image.array.shape)
            fitted = fitting(np.asarray(result.values), self.image.dtype)
            self._join(other)
            self.image.array = fitted
            self.variance.array = np.asarray(result.variance)
            return self
        self._join(other)
        propagate(operation, own, operand, own)
        return self

    def _join(self, other: object) -> None:
        if isinstance(other, MaskedArithmetic):
            bits = self.mask.aligned(other.mask).array
            np.bitwise_or(self.mask.array, bits, out=self.mask.array)

    def scaled_plus(self, factor: float, other: object) -> None:
        """Add a multiple of something in place.

        Parameters
        ----------
        factor
            By which ``other`` is multiplied first, its variance by the square.
        other
            A masked image or image of the same box, an array or a number.

        Raises
        ------
        BoxError
            If the boxes or shapes differ.
        MaskPlaneError
            If there would be too many mask planes.
        ParameterTypeError
            If it is something else, or if integer pixels would get fractions.
        """
        operand = self._require_operand(other)
        if self.image.dtype.kind != "f":
            product = other * factor if isinstance(other, MaskedArithmetic) else None
            plain = operand.values * factor if product is None else None
            self._in_place(np.add, plain if product is None else product)
            return
        self._join(other)
        add_multiple(factor, operand, self.term)


def _result(operation: np.ufunc, left: Term, right: Term, shape: tuple[int, ...]) -> Term:
    """Return values and variances in new arrays."""
    kinds = [term.variance.dtype for term in (left, right) if term.variance is not None]
    out = Term(
        np.empty(shape, result_dtype(operation, left.values, right.values)),
        np.empty(shape, np.result_type(*kinds)),
    )
    propagate(operation, left, right, out)
    return out
