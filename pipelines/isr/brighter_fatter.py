"""The brighter-fatter effect: charge that fends off charge which comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pipelines.errors import CalibrationError
from pipelines.isr.kernels import convolve_separable, move_charge
from pipelines.task import Struct

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BrighterFatterResult", "as_products", "correct_brighter_fatter"]

_PRECISION: Final = 1e-3
"""Of the kernel, relative to its largest product: far below what is known of any kernel."""
_MIN_SIZE: Final = 5


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
        If it is not square, of an even size, too small or not finite.
    """
    matrix = np.asarray(kernel, np.float64)
    size = matrix.shape[0] if matrix.ndim == 2 else 0  # noqa: PLR2004 - rows and columns
    if matrix.shape != (size, size) or size % 2 == 0 or size < _MIN_SIZE:
        raise CalibrationError(
            f"A brighter-fatter kernel is square and of odd size from {_MIN_SIZE} on; this one "
            f"has the shape {matrix.shape}. Switch the step off by doBrighterFatter = False."
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
    charge: NDArray[np.float32],
    kernel: NDArray[np.floating],
    max_iterations: int = 10,
    threshold: float = 1000.0,
) -> BrighterFatterResult:
    """Move charge back to where it came from, in place.

    Parameters
    ----------
    charge
        Assembled image in electrons, shape (ny, nx), contiguous, finite.
        The sum of all pixels stays.
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
        How many iterations were done.

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
    conserved exactly.
    """
    columns, rows = as_products(np.flip(kernel))  # a convolution, not a correlation
    recorded, potential = charge.copy(), np.empty_like(charge)
    change, iterations = np.inf, 0
    while iterations < max_iterations and not change < threshold:
        convolve_separable(charge, columns, rows, potential)
        change = move_charge(recorded, charge, potential)
        iterations += 1
    np.subtract(charge, recorded, out=potential)
    return BrighterFatterResult(
        iterations=iterations,
        change=float(change),
        has_converged=bool(change < threshold),
        moved=potential,
    )
