"""Counts made proportional to light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.errors import InstrumentError
from pipelines.isr.kernels import add_polynomial
from pipelines.isr.section import section_bounds, writable_pixels

if TYPE_CHECKING:
    from imaging.detector.amplifier import Amplifier
    from imaging.image.image import Image

__all__ = ["linearize"]


def linearize(image: Image, amplifier: Amplifier) -> bool:
    """Make an amplifier's counts proportional to light, in place.

    Parameters
    ----------
    image
        Assembled, 32-bit, in ADU above the bias.
    amplifier
        Its `imaging.detector.amplifier.Linearity` says how.

    Returns
    -------
    bool
        Whether there was anything to do.

    Raises
    ------
    InstrumentError
        If it needs a look-up table.
    """
    linearity = amplifier.linearity
    if linearity.kind == "LookupTable":
        raise InstrumentError(
            f"The linearity of the amplifier {amplifier.name!r} needs a look-up table, which is "
            "not supported. Replace its linearity (amplifier.replace), or switch the step off by "
            "doLinearize = False."
        )
    coefficients = linearity.coefficients[: 1 if linearity.kind == "Squared" else None]
    if linearity.kind == "None" or not any(coefficients):
        return False
    bounds = section_bounds(image, amplifier.bbox)
    factors = np.array(coefficients, np.float64)
    add_polynomial(writable_pixels(image), *bounds, factors, linearity.threshold)
    return True
