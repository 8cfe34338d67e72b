"""A value with its standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Measurement"]


class Measurement(NamedTuple):
    """A value, or an array of them, with its standard error."""

    value: float | NDArray[np.float64]
    """What was measured."""
    error: float | NDArray[np.float64]
    """Its standard error."""
