"""Functions of the position on an image: polynomials, and products of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, overload

import numpy as np

from imaging.errors import BoxError, FitsFileError, ParameterTypeError, ParameterValueError
from imaging.geometry.box import Box
from imaging.geometry.points import Point2D, Point2I

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["BoundedField", "ChebyshevField", "ProductField", "pack_fields", "unpack_fields"]

_Real: TypeAlias = "np.float64 | float | int"


class BoundedField(ABC):
    """A function of the position that is meant for the pixels of one box."""

    __hash__ = None  # type: ignore[assignment]  # it is compared by its numbers

    @property
    @abstractmethod
    def bbox(self) -> Box:
        """Where the function is meant to be used, in parent coordinates: a copy."""

    @property
    @abstractmethod
    def factors(self) -> tuple[ChebyshevField, ...]:
        """The polynomials whose product it is."""

    @property
    @abstractmethod
    def mean(self) -> float:
        """The mean over the whole area of the box."""

    @overload
    def evaluate(self, x: Point2D | Point2I) -> float: ...
    @overload
    def evaluate(self, x: _Real, y: _Real) -> float: ...
    @overload
    def evaluate(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]: ...
    def evaluate(
        self, x: Point2D | Point2I | ArrayLike, y: ArrayLike | None = None
    ) -> float | NDArray[np.float64]:
        """Return the function at positions in parent coordinates.

        Parameters
        ----------
        x
            Columns, or a point. Outside of the box the function is what the
            polynomials say there, which may be of no use.
        y
            Rows; of a shape that fits that of ``x``.

        Returns
        -------
        float or numpy.ndarray
            A number for a point or two numbers; an array otherwise.

        Raises
        ------
        ParameterTypeError
            If ``y`` is missing.
        """
        if isinstance(x, Point2D | Point2I):
            return self.evaluate(float(x.x), float(x.y))
        if y is None:
            raise ParameterTypeError("A field is evaluated at a point, or at x and y.")
        values = self._values(np.asarray(x, np.float64), np.asarray(y, np.float64))
        return float(values) if values.ndim == 0 else values

    @abstractmethod
    def _values(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]: ...

    @abstractmethod
    def to_array(self, bbox: Box | None = None) -> NDArray[np.float64]:
        """Return the function at every pixel of a box, by default its own.

        Returns
        -------
        numpy.ndarray
            Shape (height, width).
        """

    def __mul__(self, other: BoundedField | float) -> BoundedField:
        if isinstance(other, BoundedField):
            return ProductField((*self.factors, *other.factors))
        if isinstance(other, int | float | np.integer | np.floating):
            first, *rest = self.factors
            scaled = ChebyshevField(first.bbox, first.coefficients * float(other))
            return ProductField((scaled, *rest)) if rest else scaled
        return NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> BoundedField:
        return self * (1.0 / divisor)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BoundedField):
            return NotImplemented
        mine, theirs = self.factors, other.factors
        return len(mine) == len(theirs) and all(
            a.bbox == b.bbox and np.array_equal(a.coefficients, b.coefficients, equal_nan=True)
            for a, b in zip(mine, theirs, strict=True)
        )


class ChebyshevField(BoundedField):
    """A polynomial as a sum of Chebyshev functions of the first kind.

    Parameters
    ----------
    bbox
        The pixels it is meant for. Its outer edges, half a pixel beyond the
        centres of its corner pixels, are at -1 and 1 of the functions.
    coefficients
        Shape (orders in y, orders in x): ``coefficients[j, i]`` is the factor
        of ``T_i(x) T_j(y)``. Copied.

    Raises
    ------
    BoxError
        If the box is empty.
    ParameterValueError
        If the coefficients do not form a table.
    """

    def __init__(self, bbox: Box, coefficients: ArrayLike) -> None:
        table = np.array(coefficients, np.float64, order="C")
        if table.ndim != 2 or not table.size:  # noqa: PLR2004 - orders in y and in x
            message = (
                "The coefficients of a field have two dimensions, orders in y and in x; "
                f"these have the shape {table.shape}."
            )
            raise ParameterValueError(message)
        if bbox.is_empty:
            raise BoxError("A field needs a box that is not empty.")
        table.setflags(write=False)
        self._bbox, self._coefficients = Box(bbox), table

    @classmethod
    def constant(cls, bbox: Box, value: float) -> ChebyshevField:
        """Return a field that has one value everywhere."""
        return cls(bbox, [[value]])

    @property
    def bbox(self) -> Box:
        """Where the function is meant to be used, in parent coordinates: a copy."""
        return Box(self._bbox)

    @property
    def coefficients(self) -> NDArray[np.float64]:
        """Shape (orders in y, orders in x), not writeable."""
        return self._coefficients

    @property
    def factors(self) -> tuple[ChebyshevField, ...]:
        """The field alone."""
        return (self,)

    @cached_property
    def mean(self) -> float:
        """The mean over the whole area of the box."""
        height, width = self._coefficients.shape
        return float(_integrals(height) @ self._coefficients @ _integrals(width)) / 4

    def _values(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        columns, rows = np.broadcast_arrays(*self._scaled(x, y))
        values = np.polynomial.chebyshev.chebval2d(rows, columns, self._coefficients)
        return np.asarray(values, np.float64)

    def to_array(self, bbox: Box | None = None) -> NDArray[np.float64]:
        """Return the function at every pixel of a box, by default its own."""
        target = self._bbox if bbox is None else bbox
        columns, rows = self._scaled(
            np.arange(target.begin_x, target.end_x, dtype=np.float64),
            np.arange(target.begin_y, target.end_y, dtype=np.float64),
        )
        values = np.polynomial.chebyshev.chebgrid2d(rows, columns, self._coefficients)
        return np.asarray(values, np.float64)

    def _scaled(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        box = self._bbox
        return (
            (2 * x - (box.min_x + box.max_x)) / box.width,
            (2 * y - (box.min_y + box.max_y)) / box.height,
        )

    def __repr__(self) -> str:
        height, width = self._coefficients.shape
        return f"<ChebyshevField: {width} x {height} coefficients, box {self._bbox}>"


class ProductField(BoundedField):
    """The product of several fields.

    Parameters
    ----------
    factors
        One at least; products among them are taken apart.

    Raises
    ------
    ParameterValueError
        If there is none, or their boxes differ.
    """

    def __init__(self, factors: Iterable[BoundedField]) -> None:
        self._factors = tuple(single for field in factors for single in field.factors)
        if not self._factors:
            raise ParameterValueError("A product needs one field at least.")
        boxes = {str(field.bbox) for field in self._factors}
        if len(boxes) > 1:
            message = f"The fields of a product have one box; these have {', '.join(boxes)}."
            raise ParameterValueError(message)

    @property
    def bbox(self) -> Box:
        """Where the function is meant to be used, in parent coordinates: a copy."""
        return self._factors[0].bbox

    @property
    def factors(self) -> tuple[ChebyshevField, ...]:
        """The polynomials whose product it is."""
        return self._factors

    @property
    def mean(self) -> float:
        """The mean over the whole area of the box."""
        product = np.ones((1, 1))
        for field in self._factors:
            product = _chebyshev_product(product, field.coefficients)
        return ChebyshevField(self.bbox, product).mean

    def _values(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        values = self._factors[0]._values(x, y)  # noqa: SLF001 - the same family
        for field in self._factors[1:]:
            values = values * field._values(x, y)  # noqa: SLF001 - as above
        return values

    def to_array(self, bbox: Box | None = None) -> NDArray[np.float64]:
        """Return the function at every pixel of a box, by default its own."""
        values = self._factors[0].to_array(bbox)
        for field in self._factors[1:]:
            values *= field.to_array(bbox)
        return values

    def __repr__(self) -> str:
        return f"<ProductField: {len(self._factors)} factors, box {self.bbox}>"


def _integrals(count: int) -> NDArray[np.float64]:
    """Return the integrals of the Chebyshev functions over [-1, 1]."""
    orders = np.arange(count)
    even = orders % 2 == 0
    return np.where(even, 2.0 / (1.0 - np.where(even, orders, 0) ** 2), 0.0)


def _chebyshev_product(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the coefficients of the product, from 2 T_i T_j = T_(i+j) + T_|i-j|."""
    shape = [a + b - 1 for a, b in zip(first.shape, second.shape, strict=True)]
    product = np.zeros(shape)
    for (j, i), value in np.ndenumerate(first):
        for (row, column), other in np.ndenumerate(second):
            for y in (j + row, abs(j - row)):
                product[y, i + column] += value * other / 4
                product[y, abs(i - column)] += value * other / 4
    return product


def pack_fields(
    named: Sequence[tuple[str, BoundedField]],
) -> NDArray[np.void]:
    """Return fields as rows of a table: one row for each factor.

    Parameters
    ----------
    named
        Names, and the fields of those names.

    Returns
    -------
    numpy.ndarray
        Columns ``name`` (UTF-8), ``min_x``, ``min_y``, ``width``, ``height``
        (of the box), ``orders_y``, ``orders_x``, and ``coefficients``, which
        lie row after row and are filled up with zeros.
    """
    rows = [(name.encode(), factor) for name, field in named for factor in field.factors]
    longest = max((len(name) for name, _ in rows), default=0) or 1
    size = max((factor.coefficients.size for _, factor in rows), default=1)
    integers = ("min_x", "min_y", "width", "height", "orders_y", "orders_x")
    columns = [("name", f"S{longest}"), *((column, "i4") for column in integers)]
    table = np.zeros(len(rows), [*columns, ("coefficients", "f8", (size,))])
    for row, (name, factor) in zip(table, rows, strict=True):
        box, coefficients = factor.bbox, factor.coefficients
        height, width = coefficients.shape
        row["name"] = name
        for column, value in zip(
            integers, (box.min_x, box.min_y, box.width, box.height, height, width), strict=True
        ):
            row[column] = value
        row["coefficients"][: coefficients.size] = coefficients.ravel()
    return table


def unpack_fields(rows: NDArray[np.void], path: str) -> dict[str, BoundedField]:
    """Return the fields that `pack_fields` wrote.

    Parameters
    ----------
    rows
        As it gave them.
    path
        The file, for messages.

    Raises
    ------
    FitsFileError
        If the rows do not describe fields.
    """
    factors: dict[str, list[ChebyshevField]] = {}
    try:
        for row in rows:
            box = Box.from_shape(
                (int(row["height"]), int(row["width"])), (int(row["min_x"]), int(row["min_y"]))
            )
            height, width = int(row["orders_y"]), int(row["orders_x"])
            coefficients = np.ravel(row["coefficients"])
            if min(height, width) < 1 or height * width > coefficients.size:
                message = f"{height} x {width} orders in {coefficients.size} numbers"
                raise ParameterValueError(message)
            table = coefficients[: height * width].reshape(height, width)
            field = ChebyshevField(box, table)
            factors.setdefault(bytes(row["name"]).decode(), []).append(field)
        return {
            name: parts[0] if len(parts) == 1 else ProductField(parts)
            for name, parts in factors.items()
        }
    except (ValueError, KeyError) as error:
        raise FitsFileError(path, f"its table of fields is damaged ({error})") from error
