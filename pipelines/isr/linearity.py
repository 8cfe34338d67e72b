"""Counts made proportional to light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.errors import CalibrationError
from pipelines.isr.kernels import add_from_table, add_polynomial
from pipelines.isr.section import section_bounds, writable_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.detector.amplifier import Amplifier
    from imaging.detector.detector import Detector
    from imaging.image.image import Image

__all__ = ["linearize", "needs_table"]


def linearize(image: Image, amplifier: Amplifier, table: NDArray[np.floating] | None = None) -> int:
    """Make an amplifier's counts proportional to light, in place.

    Parameters
    ----------
    image
        Assembled, 32-bit, in ADU above the bias.
    amplifier
        Its `imaging.detector.amplifier.Linearity` says how.
    table
        Shape (rows, levels), for a ``LookupTable``: what is added to counts. The
        first coefficient of the linearity is the row of the amplifier, the
        second is added to counts before their integer part becomes the level.

    Returns
    -------
    int
        How many pixels lay beyond the table; 0 without one.

    Raises
    ------
    CalibrationError
        If it needs a table, and there is none, or one without its row.
    """
    linearity = amplifier.linearity
    bounds = section_bounds(image, amplifier.bbox)
    if linearity.kind == "LookupTable":
        row, offset = _table_row(amplifier, table)
        return add_from_table(writable_pixels(image), *bounds, row, offset)
    coefficients = linearity.coefficients[: 1 if linearity.kind == "Squared" else None]
    if linearity.kind != "None" and any(coefficients):
        factors = np.array(coefficients, np.float64)
        add_polynomial(writable_pixels(image), *bounds, factors, linearity.threshold)
    return 0


def needs_table(detector: Detector) -> bool:
    """Return whether any amplifier's linearity is in a look-up table."""
    return any(amplifier.linearity.kind == "LookupTable" for amplifier in detector)


def _table_row(
    amplifier: Amplifier, table: NDArray[np.floating] | None
) -> tuple[NDArray[np.float32], float]:
    """Return what is added to the counts of an amplifier, and the offset of its levels."""
    name = amplifier.name
    remedy = "Switch the step off by doLinearize = False."
    if table is None:
        raise CalibrationError(
            f"The linearity of the amplifier {name!r} is in a look-up table, and none was given. "
            f"Give it to run() as linearity_table, or put a dataset 'linearizer'. {remedy}"
        )
    numbers = amplifier.linearity.coefficients
    row = int(numbers[0]) if numbers else -1
    if table.ndim != 2 or not 0 <= row < len(table) or table.shape[1] == 0:  # noqa: PLR2004 - axes
        raise CalibrationError(
            f"The linearity of the amplifier {name!r} is row {row} of a look-up table (the first "
            f"of its coefficients {numbers}), but the table has the shape {table.shape}. {remedy}"
        )
    return np.ascontiguousarray(table[row], np.float32), numbers[1] if len(numbers) > 1 else 0.0
