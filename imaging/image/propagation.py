"""Pixels and variances of sums, products and quotients.

For independent a and b, to first order:

======  =====================  ==========================
result  variance               with an exact b (va known)
======  =====================  ==========================
a + b   va + vb                va
a - b   va + vb                va
a * b   va b^2 + vb a^2        va b^2
a / b   (va + vb (a/b)^2)/b^2  va / b^2; vb (a/b)^2 / b^2 for an exact a
======  =====================  ==========================

Rows are worked on in blocks whose temporaries stay in the processor's cache:
what is left is the traffic of the planes themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imaging.image.arithmetic import Operand, combined, row_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Term", "add_multiple", "propagate"]


@dataclass(frozen=True, slots=True)
class Term:
    """What is combined: values, and how uncertain they are.

    Parameters
    ----------
    values
        Pixels, or a number.
    variance
        Of the pixels; None if they are exact.
    """

    values: Operand
    variance: NDArray[np.floating] | None = None

    def rows(self, rows: slice) -> Term:
        """Return the term of some rows."""
        if not isinstance(self.values, np.ndarray):
            return self
        variance = None if self.variance is None else self.variance[rows]
        return Term(self.values[rows], variance)

    def independent_of(self, out: Term) -> Term:
        """Return a term that stays as it is while ``out`` is written, row by row."""
        if _overlaps(self.values, out.values) or _overlaps(self.variance, out.variance):
            variance = None if self.variance is None else self.variance.copy()
            return Term(np.array(self.values), variance)
        return self


def _overlaps(one: object, other: object) -> bool:
    """Whether two arrays share memory without being the same pixels in the same places."""
    if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)):
        return False
    same = one.__array_interface__["data"] == other.__array_interface__["data"]
    return not (same and one.strides == other.strides) and np.may_share_memory(one, other)


def propagate(operation: np.ufunc, left: Term, right: Term, out: Term) -> None:
    """Write values and variances of a result.

    Parameters
    ----------
    operation
        ``numpy.add``, ``subtract``, ``multiply`` or ``true_divide``.
    left, right
        What is combined; at least one has a variance.
    out
        Arrays for the result, which may be those of a term.
    """
    values, variance = out.values, out.variance
    if not isinstance(values, np.ndarray) or variance is None:
        return
    left, right = left.independent_of(out), right.independent_of(out)
    blocks, propagated = row_blocks(values.shape), _divide_variances
    if operation is np.multiply:
        propagated = _multiply_variances
    elif operation is not np.true_divide:  # sums have no temporaries
        blocks, propagated = iter([slice(None)]), _add_variances
    for rows in blocks:
        one, two, result = left.rows(rows), right.rows(rows), values[rows]
        propagated(one, two, variance[rows])
        if result.dtype.kind == "f":
            combined(operation, one.values, two.values, out=result)
        else:
            result[...] = combined(operation, one.values, two.values)


def add_multiple(factor: float, term: Term, out: Term) -> None:
    """Add a multiple of a term to floating-point pixels, and its variance to theirs.

    Parameters
    ----------
    factor
        By which the term is multiplied.
    term
        What is added.
    out
        What it is added to.
    """
    values, variance = out.values, out.variance
    if not isinstance(values, np.ndarray) or variance is None:
        return
    term, factor = term.independent_of(out), float(factor)
    for rows in row_blocks(values.shape):
        part = term.rows(rows)
        multiple = part.values * factor
        combined(np.add, values[rows], multiple, out=values[rows])
        if part.variance is not None:
            variance[rows] += part.variance * factor**2


def _add_variances(left: Term, right: Term, out: NDArray[np.floating]) -> None:
    if left.variance is not None and right.variance is not None:
        np.add(left.variance, right.variance, out=out, casting="same_kind")
    else:
        known = right.variance if left.variance is None else left.variance
        if known is not None and known.__array_interface__ != out.__array_interface__:
            out[...] = known


def _multiply_variances(left: Term, right: Term, out: NDArray[np.floating]) -> None:
    terms = []
    for one, other in ((left, right), (right, left)):
        if one.variance is not None:
            squares = _square(other.values, out.dtype)
            terms.append(np.multiply(one.variance, squares, out=squares if squares.ndim else None))
    if len(terms) == 1:
        out[...] = terms[0]
    else:
        np.add(terms[0], terms[1], out=out, casting="same_kind")


def _divide_variances(left: Term, right: Term, out: NDArray[np.floating]) -> None:
    squares = _square(right.values, out.dtype)
    if right.variance is None:
        out[...] = 0 if left.variance is None else left.variance / squares
        return
    numerator = np.divide(left.values, right.values, dtype=out.dtype, casting="same_kind")
    np.multiply(numerator, numerator, out=numerator)
    np.multiply(numerator, right.variance, out=numerator, casting="same_kind")
    if left.variance is not None:
        np.add(numerator, left.variance, out=numerator, casting="same_kind")
    np.divide(numerator, squares, out=out)


def _square(values: Operand, dtype: np.dtype[np.floating]) -> NDArray[np.floating]:
    """Return squares, not those of integers, which may be too large."""
    exact = np.asarray(values, dtype)
    return exact * exact
