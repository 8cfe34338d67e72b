"""The light of the sky as a smooth surface through the levels of cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imaging.image.image import Image
from pipelines.background.gen2_names import BackgroundListNames, BackgroundNames
from pipelines.errors import BackgroundError
from pipelines.interpolation.curve import CURVES, curve_slopes, usable_curve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from imaging.geometry.box import Box

__all__ = ["Background", "BackgroundList", "Surface", "cell_edges", "require_inside"]


@dataclass(frozen=True, slots=True)
class Surface:
    """What goes through the levels of cells.

    Parameters
    ----------
    style
        A curve of `pipelines.interpolation.curve.CURVES` along both axes, or
        ``CHEBYSHEV``: polynomials fitted to all levels.
    order_x, order_y
        Of the polynomials. Fewer cells than that need a lower one.
    is_weighted
        Whether cells count by the inverse square of their errors in the fit.
    """

    style: str = "AKIMA_SPLINE"
    order_x: int = 6
    order_y: int = 6
    is_weighted: bool = True

    def __post_init__(self) -> None:
        known = [*CURVES, "CHEBYSHEV"]
        if self.style not in known:
            raise BackgroundError(f"A background is one of {', '.join(known)}, not {self.style!r}.")


class Background(BackgroundNames):
    """A model of the background of an image.

    Parameters
    ----------
    bbox
        The image.
    levels
        Level of each cell, shape (rows of cells, columns of cells). NaN where
        a cell had no good pixel.
    variance
        Squares of their standard errors, of the same shape.
    surface
        What goes through the levels.

    Raises
    ------
    BackgroundError
        If there are no levels, or none is a number.

    Notes
    -----
    Cells share the image evenly (`cell_edges`); a level belongs to the middle
    of its cell. Cells without a level get the mean of their neighbours, from
    the nearest on. Levels are kept in 32 bits, as files have them.
    """

    def __init__(
        self,
        bbox: Box,
        levels: NDArray[np.floating],
        variance: NDArray[np.floating],
        surface: Surface,
    ) -> None:
        self._bbox = bbox.copy()
        self.levels: NDArray[np.float32] = np.array(levels, np.float32)
        self.variance: NDArray[np.float32] = np.array(variance, np.float32)
        self.surface = surface
        if self.levels.ndim != 2 or self.levels.shape != self.variance.shape:  # noqa: PLR2004
            raise BackgroundError(
                "The levels of a background are a grid, and so are their variances; these have the "
                f"shapes {self.levels.shape} and {self.variance.shape}."
            )
        if not np.isfinite(self.levels).any():
            raise BackgroundError(
                "No cell of the background has a good pixel: all are masked, or no numbers. Look "
                "at the planes of ignoredPixelMask, and at the mask."
            )

    @property
    def bbox(self) -> Box:
        """The image that it is of; a copy."""
        return self._bbox.copy()

    def image(self, bbox: Box | None = None) -> Image:
        """Return the background of an image, or of a part of it.

        Parameters
        ----------
        bbox
            The part; by default all.

        Returns
        -------
        Image
            32-bit.

        Raises
        ------
        BackgroundError
            If the part is not inside.
        """
        part = self._bbox if bbox is None else bbox
        require_inside(self._bbox, part)
        first_x, first_y = part.min_x - self._bbox.min_x, part.min_y - self._bbox.min_y
        array = self._evaluate((first_y, first_x), part.shape)
        return Image(array, part.min)

    def _evaluate(self, first: tuple[int, int], shape: tuple[int, int]) -> NDArray[np.float32]:
        knots = tuple(
            _middles(cell_edges(size, count))
            for size, count in zip(self._bbox.shape, self.levels.shape, strict=True)
        )
        if self.surface.style == "CHEBYSHEV":
            return self._polynomial(knots, first, shape)
        levels = _without_gaps(self.levels.astype(np.float64))
        columns = _along_rows(levels.T, knots[0], first[0], shape[0], self.surface.style)
        across = np.ascontiguousarray(columns.T, np.float64)
        return _along_rows(across, knots[1], first[1], shape[1], self.surface.style)

    def _polynomial(
        self,
        knots: tuple[NDArray[np.float64], ...],
        first: tuple[int, int],
        shape: tuple[int, int],
    ) -> NDArray[np.float32]:
        """Return Chebyshev polynomials fitted to all levels."""
        from numpy.polynomial.chebyshev import chebvander

        sizes = self._bbox.shape
        wanted = (self.surface.order_y, self.surface.order_x)
        orders = [
            min(*both) for both in zip(wanted, (n - 1 for n in self.levels.shape), strict=True)
        ]
        bases = [
            chebvander(_unit(knot, size), order)
            for knot, size, order in zip(knots, sizes, orders, strict=True)
        ]
        offset, table = self._fitted(bases[0], bases[1])
        rows, columns = (
            chebvander(_unit(start + np.arange(count), size), order)
            for start, count, size, order in zip(first, shape, sizes, orders, strict=True)
        )
        result = (rows @ table).astype(np.float32) @ columns.T.astype(np.float32)
        result += np.float32(offset)
        return np.asarray(result, np.float32)

    def _fitted(
        self, base_y: NDArray[np.floating], base_x: NDArray[np.floating]
    ) -> tuple[float, NDArray[np.float64]]:
        """Return a level and the coefficients of polynomials that add to it."""
        count_y, count_x = base_y.shape[1], base_x.shape[1]
        terms = [
            (j, i) for j in range(count_y) for i in range(count_x) if i + j < max(count_y, count_x)
        ]
        good = np.isfinite(self.levels)
        matrix = np.stack([np.outer(base_y[:, j], base_x[:, i])[good] for j, i in terms], 1)
        weights, values = self._weights()[good], self.levels[good].astype(np.float64)
        offset = float(np.average(values, weights=weights**2))
        matrix *= weights[:, None]
        # Chebyshev polynomials are nearly orthogonal on a grid: the squared matrix is harmless
        solved, *_ = np.linalg.lstsq(
            matrix.T @ matrix, matrix.T @ ((values - offset) * weights), rcond=None
        )
        table = np.zeros((count_y, count_x))
        for value, (j, i) in zip(solved, terms, strict=True):
            table[j, i] = value
        return offset, table

    def _weights(self) -> NDArray[np.float64]:
        """Return one over the errors; a tenth of the median error at least counts for each."""
        errors = np.sqrt(self.variance.astype(np.float64))
        known = errors[np.isfinite(errors) & (errors > 0)]
        if not self.surface.is_weighted or len(known) == 0:
            return np.ones(errors.shape)
        middle = float(np.median(known))
        errors = np.where(np.isfinite(errors), errors, middle)
        return np.asarray(1 / np.maximum(errors, 0.1 * middle), np.float64)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Background):
            return NotImplemented
        return (
            self._bbox == other.bbox
            and self.surface == other.surface
            and np.array_equal(self.levels, other.levels, equal_nan=True)
            and np.array_equal(self.variance, other.variance, equal_nan=True)
        )

    __hash__ = None  # type: ignore[assignment]  # its box and arrays have none

    def __repr__(self) -> str:
        rows, columns = self.levels.shape
        return f"<Background: {self._bbox}, {columns} x {rows} cells, {self.surface.style}>"


class BackgroundList(BackgroundListNames[Background]):
    """Models whose sum is the background: each of what the ones before left.

    Parameters
    ----------
    backgrounds
        Of one image.
    """

    def __init__(self, backgrounds: Iterable[Background] = ()) -> None:
        self._backgrounds = list(backgrounds)

    def append(self, background: Background) -> None:
        """Add the model of what is left.

        Raises
        ------
        BackgroundError
            If it is of another image.
        """
        if self._backgrounds and background.bbox != self._backgrounds[0].bbox:
            raise BackgroundError(
                f"The backgrounds are of {self._backgrounds[0].bbox}; one of {background.bbox} "
                "cannot be added to them."
            )
        self._backgrounds.append(background)

    def image(self, bbox: Box | None = None) -> Image:
        """Return the sum of all, for the whole image or a part; see `Background.image`.

        Raises
        ------
        BackgroundError
            If there is none.
        """
        if not self._backgrounds:
            raise BackgroundError("There is no background in the list, so it has no image.")
        total = self._backgrounds[0].image(bbox)
        for background in self._backgrounds[1:]:
            total.array += background.image(bbox).array
        return total

    def __len__(self) -> int:
        return len(self._backgrounds)

    def __iter__(self) -> Iterator[Background]:
        return iter(self._backgrounds)

    def __getitem__(self, place: int) -> Background:
        return self._backgrounds[place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BackgroundList):
            return NotImplemented
        return list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return f"BackgroundList({self._backgrounds!r})"


def require_inside(whole: Box, part: Box) -> None:
    """Refuse a part that is not inside.

    Raises
    ------
    BackgroundError
        If it is not.
    """
    if part.is_empty or not whole.contains(part):
        raise BackgroundError(f"The background is that of {whole}; {part} is not inside.")


def cell_edges(size: int, count: int) -> NDArray[np.int64]:
    """Return where the cells of an axis begin, and the end of the last.

    Parameters
    ----------
    size
        Pixels of the axis.
    count
        Number of cells.
    """
    return np.arange(count + 1, dtype=np.int64) * size // count


def _middles(edges: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray((edges[1:] + edges[:-1] - 1) / 2, np.float64)


def _unit(places: NDArray[np.generic], size: int) -> NDArray[np.float64]:
    """Return pixels of an axis between -1 and 1."""
    return np.asarray((np.asarray(places, np.float64) + 0.5) * 2 / size - 1)


def _without_gaps(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill cells without a level with the mean of their neighbours, ring after ring."""
    levels = levels.copy()
    while np.isnan(levels).any():
        padded = np.pad(levels, 1, constant_values=np.nan)
        ny, nx = levels.shape
        around = np.stack(
            [
                padded[1 + dy : 1 + dy + ny, 1 + dx : 1 + dx + nx]
                for dy in (-1, 0, 1)
                for dx in (-1, 0, 1)
            ]
        )
        is_known = np.isfinite(around)
        count = is_known.sum(axis=0)
        mean = np.where(is_known, around, 0).sum(axis=0) / np.maximum(count, 1)
        fill = np.isnan(levels) & (count > 0)
        levels[fill] = mean[fill]
    return levels


def _along_rows(
    values: NDArray[np.float64], knots: NDArray[np.float64], first: int, count: int, style: str
) -> NDArray[np.float32]:
    """Return curves through the values of each row, at pixels ``first`` and so on."""
    style = usable_curve(style, len(knots))
    if style in {"CONSTANT", "LINEAR"} and len(knots) > 1:
        return _in_pieces(values, knots, first + np.arange(count), is_constant=style == "CONSTANT")
    from pipelines.background.kernels import evaluate_rows

    rows = np.ascontiguousarray(values, np.float64)
    out = np.empty((len(rows), count), np.float32)
    slopes = np.ascontiguousarray(curve_slopes(rows, knots, style))
    evaluate_rows(rows, slopes, knots, float(first), out)
    return out


def _in_pieces(
    values: NDArray[np.float64],
    knots: NDArray[np.float64],
    places: NDArray[np.integer],
    *,
    is_constant: bool,
) -> NDArray[np.float32]:
    """Return steps half way between knots, or straight lines from knot to knot and beyond."""
    if is_constant:
        nearest = np.searchsorted((knots[1:] + knots[:-1]) / 2, places)
        return values[:, nearest].astype(np.float32)
    left = np.clip(np.searchsorted(knots, places, side="right") - 1, 0, len(knots) - 2)
    share = ((places - knots[left]) / (knots[left + 1] - knots[left])).astype(np.float32)
    narrow = values.astype(np.float32)
    return narrow[:, left] * (1 - share) + narrow[:, left + 1] * share
