"""The operators of images and of masked images, which differ in how operands are combined."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Self

import numpy as np

__all__ = ["Operators"]


class Operators:
    """``+ - * /`` between objects, with numbers and arrays on either side, and in place."""

    __slots__ = ()
    __array_ufunc__: ClassVar[None] = None  # array + image is the image's business

    @abstractmethod
    def _binary(self, operation: np.ufunc, other: object, *, reflected: bool = False) -> Self:
        """Return a new object, or NotImplemented if the two cannot be combined."""

    @abstractmethod
    def _in_place(self, operation: np.ufunc, other: object) -> Self:
        """Change this object and return it."""

    @abstractmethod
    def scaled_plus(self, factor: float, other: object) -> None:
        """Add a multiple of something in place."""

    def scaled_minus(self, factor: float, other: object) -> None:
        """Subtract a multiple of something in place; see `scaled_plus`."""
        self.scaled_plus(-factor, other)

    def __add__(self, other: object) -> Self:
        return self._binary(np.add, other)

    def __sub__(self, other: object) -> Self:
        return self._binary(np.subtract, other)

    def __mul__(self, other: object) -> Self:
        return self._binary(np.multiply, other)

    def __truediv__(self, other: object) -> Self:
        return self._binary(np.true_divide, other)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: object) -> Self:
        return self._binary(np.subtract, other, reflected=True)

    def __rtruediv__(self, other: object) -> Self:
        return self._binary(np.true_divide, other, reflected=True)

    def __neg__(self) -> Self:
        return self * -1

    def __iadd__(self, other: object) -> Self:
        return self._in_place(np.add, other)

    def __isub__(self, other: object) -> Self:
        return self._in_place(np.subtract, other)

    def __imul__(self, other: object) -> Self:
        return self._in_place(np.multiply, other)

    def __itruediv__(self, other: object) -> Self:
        return self._in_place(np.true_divide, other)
