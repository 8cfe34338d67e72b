"""The brighter-fatter effect: charge that fends off charge which comes later."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.errors import CalibrationError
from pipelines.isr.charge_kernels import convolve_separable, move_charge
from pipelines.task import Struct

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BrighterFatterResult", "RecordedCharge", "as_products", "correct_brighter_fatter"]

_PRECISION: Final = 1e-3
"""Of the kernel, relative to its largest product: far below what is known of any kernel."""
_TILE: Final = (256, 128)
"""Rows and columns that are worked on, or left alone, together."""
_STEADY_E: Final = 5.0
"""Electrons: where no pixel of a tile has changed by more, none will change by a tenth of one."""


@dataclass(frozen=True, slots=True)
class RecordedCharge:
    """Charge as it was recorded.

    Parameters
    ----------
    image
        Assembled, shape (ny, nx), finite. Not changed.
    gains
        Electrons per count, shape (1, nx) or (ny, nx); by default counts are electrons.
    """

    image: NDArray[np.float32]
    gains: NDArray[np.float32] | None = None

    def rows(self, begin: int, end: int) -> NDArray[np.float32]:
        """Return a copy of some rows, in electrons."""
        charge = np.array(self.image[begin:end], np.float32, order="C")
        if self.gains is not None:
            charge *= self.gains if len(self.gains) == 1 else self.gains[begin:end]
        return charge


class BrighterFatterResult(Struct):
    """What was done."""

    iterations: int
    change: float
    """Sum of the absolute changes of the last iteration, in electrons."""
    has_converged: bool
    moved: NDArray[np.float32]
    """What each pixel has got, in electrons."""


def as_products(
    kernel: NDArray[np.floating], precision: float = _PRECISION
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a kernel as a sum of products of a column and a row.

    Parameters
    ----------
    kernel
        Shape (n, n), n odd.
    precision
        Singular values below this, relative to the largest, are left out.

    Returns
    -------
    tuple
        Columns and rows, each of shape (terms, n).

    Raises
    ------
    CalibrationError
        If it is not square, of an even size or not finite.
    """
    matrix = np.asarray(kernel, np.float64)
    size = matrix.shape[0] if matrix.ndim == 2 else 0  # noqa: PLR2004 - rows and columns
    if matrix.shape != (size, size) or size % 2 == 0:
        raise CalibrationError(
            f"A brighter-fatter kernel is square and of odd size; this one has the shape "
            f"{matrix.shape}. Switch the step off by doBrighterFatter = False."
        )
    if not np.isfinite(matrix).all():
        raise CalibrationError("The brighter-fatter kernel holds values that are no numbers.")
    left, strengths, right = np.linalg.svd(matrix)
    count = max(1, int(np.count_nonzero(strengths > precision * strengths[0])))
    columns = (left[:, :count] * strengths[:count]).T
    return np.ascontiguousarray(columns, np.float32), np.ascontiguousarray(
        right[:count], np.float32
    )


def correct_brighter_fatter(
    charge: RecordedCharge,
    kernel: NDArray[np.floating],
    max_iterations: int = 10,
    threshold: float = 1000.0,
) -> BrighterFatterResult:
    """Return what must be added to a recorded charge to have it where it came from.

    Parameters
    ----------
    charge
        In electrons. It is not changed.
    kernel
        Square, in 1/electron. If the axes of its maker differ from ours it
        is used as it is given: row before column.
    max_iterations
        At most so many.
    threshold
        Electrons; ended when the absolute changes of all pixels sum to less.

    Returns
    -------
    BrighterFatterResult
        What moves, which sums to zero, and how many iterations were done.

    Raises
    ------
    CalibrationError
        If the kernel cannot be used.

    Notes
    -----
    Coulton et al. (2018, AJ 155, 258): with I the recorded charge, K the
    kernel and * a convolution, the charge without the effect is
    I + div(I grad(K * I)) / 2, repeated with the result on the right side. The
    divergence is that of fluxes through the sides of pixels, so that charge is
    conserved.

    Each iteration changes a hundredth of what the one before has changed, so
    all but the first look only at tiles of which some pixel has changed by five
    electrons: the rest would change by hundredths of one. Bands of rows are
    worked on one after the other, so that one image is held, that of the result.
    """
    products = as_products(np.flip(kernel))  # a convolution, not a correlation
    ny, nx = charge.image.shape
    moved = np.zeros((ny, nx), np.float32)
    is_unsteady = np.ones((-(-ny // _TILE[0]), -(-nx // _TILE[1])), np.bool_)
    change, iterations = np.inf, 0
    while iterations < max_iterations and is_unsteady.any() and not change < threshold:
        change, is_unsteady = _iterate(charge, products, moved, is_unsteady)
        iterations += 1
    return BrighterFatterResult(
        iterations=iterations,
        change=float(change),
        has_converged=bool(change < threshold or not is_unsteady.any()),
        moved=moved,
    )


def _iterate(
    charge: RecordedCharge,
    products: tuple[NDArray[np.float32], NDArray[np.float32]],
    moved: NDArray[np.float32],
    is_unsteady: NDArray[np.bool_],
) -> tuple[float, NDArray[np.bool_]]:
    """Improve what moves in some tiles; return the sum of all changes, and where to go on."""
    counts = np.zeros(is_unsteady.shape, np.int64)
    height, reach = _TILE[0], products[0].shape[1] // 2 + 1
    bands = np.flatnonzero(is_unsteady.any(axis=1)).tolist()
    total, following = 0.0, _rows(charge, moved, bands[0], reach)
    for band, next_band in pairwise([*bands, bands[-1]]):
        # What the next band needs of this one is read before this one is changed
        rows, following = following, _rows(charge, moved, next_band, reach)
        begin = band * height
        target = moved[begin : begin + height]
        above = min(begin, reach)
        for first, end in _runs(is_unsteady[band]):
            total += _move_in_block(
                rows,
                products,
                target,
                (above, above + len(target)),
                (first * _TILE[1], min(end * _TILE[1], moved.shape[1])),
                counts[band, first:end],
            )
    return total, counts > 0


def _rows(
    charge: RecordedCharge, moved: NDArray[np.float32], band: int, reach: int
) -> NDArray[np.float32]:
    """Return the charge of a band, and as many rows above and below as have to do with it."""
    begin = max(0, band * _TILE[0] - reach)
    end = min(len(moved), (band + 1) * _TILE[0] + reach)
    rows = charge.rows(begin, end)
    rows += moved[begin:end]
    return rows


def _move_in_block(
    rows: NDArray[np.float32],
    products: tuple[NDArray[np.float32], NDArray[np.float32]],
    target: NDArray[np.float32],
    height: tuple[int, int],
    width: tuple[int, int],
    counts: NDArray[np.int64],
) -> float:
    """Write what moves in some columns of a band; return the sum of the changes."""
    reach = products[0].shape[1] // 2 + 1
    x0, x1 = width
    first, end = max(0, x0 - reach), min(rows.shape[1], x1 + reach)
    block = np.ascontiguousarray(rows[:, first:end])
    potential = np.empty_like(block)
    convolve_separable(block, *products, potential)
    part = (*height, x0 - first, x1 - first)
    return move_charge(block, potential, part, target, x0, _STEADY_E, counts, _TILE[1])


def _runs(chosen: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return begin and end of each run of what is chosen."""
    steps = np.diff(np.concatenate([[0], chosen.astype(np.int8), [0]]))
    begins, ends = np.flatnonzero(steps > 0), np.flatnonzero(steps < 0)
    return list(zip(begins.tolist(), ends.tolist(), strict=True))
