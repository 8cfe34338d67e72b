"""Spans of circles, ellipses and arrays, and the moments of spans."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from imaging.errors import FootprintError, ParameterTypeError, ParameterValueError
from imaging.footprint import runs
from imaging.footprint.stencil import Stencil

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.footprint.runs import Line

__all__ = ["array_spans", "ellipse_spans", "grown", "moments", "shrunk", "stencil_spans"]

_Int32s: TypeAlias = "NDArray[np.int32]"
_MAX_RADIUS = 1 << 20  # more than the pixels of any detector


class _Spans(Protocol):
    @property
    def y(self) -> _Int32s: ...
    @property
    def x0(self) -> _Int32s: ...
    @property
    def x1(self) -> _Int32s: ...


def stencil_spans(radius: int, stencil: Stencil) -> NDArray[np.int64]:
    """Return the spans of the pixels within a distance of (0, 0), shape (n, 3).

    Raises
    ------
    ParameterValueError
        If the radius is negative or no whole number, or the stencil is not known.
    """
    reach = _checked_radius(radius)
    if not isinstance(stencil, Stencil):
        raise ParameterTypeError(f"{stencil!r} is no Stencil; there is Stencil.CIRCLE, for one.")
    y = np.arange(-reach, reach + 1)
    half = {
        Stencil.CIRCLE: np.sqrt(reach**2 - y**2).astype(int),
        Stencil.BOX: np.full_like(y, reach),
        Stencil.MANHATTAN: reach - abs(y),
    }[stencil]
    return np.column_stack([y, -half, half])


def _checked_radius(radius: int) -> int:
    try:
        reach = operator.index(radius)
    except TypeError:
        raise ParameterTypeError(f"A radius is a whole number of pixels, not {radius!r}.") from None
    if not 0 <= reach <= _MAX_RADIUS:
        raise ParameterValueError(f"A radius is between 0 and {_MAX_RADIUS} pixels, not {reach}.")
    return reach


def ellipse_spans(
    second: tuple[float, float, float], center: tuple[float, float]
) -> NDArray[np.int64]:
    """Return the spans of the pixels whose centres lie in an ellipse, shape (n, 3).

    Parameters
    ----------
    second
        Moments along x, along y, and of their product.
    center
        The middle, x before y.

    Raises
    ------
    ParameterValueError
        If the moments are not those of an ellipse, or it is too large.
    """
    (xx, yy, xy), (x, y) = second, center
    determinant = xx * yy - xy * xy
    if not (determinant > 0 and xx > 0 and max(xx, yy) < _MAX_RADIUS**2):
        raise ParameterValueError(f"The moments {xx}, {yy}, {xy} are not those of an ellipse.")
    rows = np.arange(int(np.ceil(y - np.sqrt(yy))), int(np.floor(y + np.sqrt(yy))) + 1)
    middle = x + xy / yy * (rows - y)
    half = np.sqrt(np.maximum(determinant / yy * (1 - (rows - y) ** 2 / yy), 0))
    x0, x1 = np.ceil(middle - half).astype(int), np.floor(middle + half).astype(int)
    kept = x0 <= x1
    return np.column_stack([rows[kept], x0[kept], x1[kept]])


def array_spans(selected: NDArray[np.generic], x: int, y: int) -> tuple[_Int32s, _Int32s, _Int32s]:
    """Return rows, first and last columns of the runs of what is not zero.

    Parameters
    ----------
    selected
        Shape (height, width).
    x, y
        Coordinates of the first pixel.

    Raises
    ------
    ParameterValueError
        If the array does not have two dimensions.
    """
    if selected.ndim != 2:  # noqa: PLR2004 - an image
        raise ParameterValueError(f"A mask has two dimensions, not {selected.ndim}.")
    height, width = selected.shape
    padded = np.zeros((height, width + 1), bool)  # one more column ends every run
    padded[:, :width] = selected
    flat = padded.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    if flat.size and flat[0]:
        changes = np.concatenate([[0], changes])
    begins, ends = changes[::2], changes[1::2]
    rows, columns = np.divmod(begins, width + 1)
    spans = rows + y, columns + x, columns + x + (ends - begins) - 1
    runs.check_coordinates(*spans)
    first, second, third = (array.astype(np.int32) for array in spans)
    return first, second, third


def moments(y: _Int32s, x0: _Int32s, x1: _Int32s) -> tuple[float, float, float, float, float]:
    """Return mean x and y of the pixels of spans, and the second moments xx, yy, xy about them.

    Raises
    ------
    FootprintError
        If there are no pixels.
    """
    widths = x1.astype(np.int64) - x0 + 1
    area = int(widths.sum())
    if not area:
        raise FootprintError("There are no pixels, and thus no centroid and no shape.")
    doubled = x1.astype(np.int64) + x0  # whole numbers: sums of them are exact
    x_mean, y_mean = int(widths @ doubled) / (2 * area), int(widths @ y) / area
    middles, weights = doubled / 2, widths / area
    dx, dy = middles - x_mean, y - y_mean
    within = (widths.astype(float) ** 2 - 1) / 12  # of the pixels of one span about its middle
    return (
        x_mean,
        y_mean,
        float(weights @ (dx**2 + within)),
        float(weights @ dy**2),
        float(weights @ (dx * dy)),
    )


def grown(spans: _Spans, brush: _Spans) -> Line:
    """Return the sums of every pixel of one set and every pixel of another."""
    y = np.add.outer(brush.y.astype(np.int64), spans.y).ravel()
    x0 = np.add.outer(brush.x0.astype(np.int64), spans.x0).ravel()
    x1 = np.add.outer(brush.x1.astype(np.int64), spans.x1).ravel()
    return runs.covered(runs.to_line(y, x0, x1))


def shrunk(spans: _Spans, brush: _Spans) -> Line:
    """Return the pixels whose sums with every pixel of another set lie in the first.

    Raises
    ------
    ParameterValueError
        If the second set is empty: then every pixel does.
    """
    if not brush.y.size:
        raise ParameterValueError("Nothing can be eroded by an empty set of pixels.")
    y = np.subtract.outer(spans.y.astype(np.int64), brush.y).ravel()
    x0 = np.subtract.outer(spans.x0.astype(np.int64), brush.x0).ravel()
    x1 = np.subtract.outer(spans.x1.astype(np.int64), brush.x1).ravel()
    fits = x0 <= x1  # where the run of the brush is not longer than that of the set
    return runs.covered(runs.to_line(y[fits], x0[fits], x1[fits]), brush.y.size)
