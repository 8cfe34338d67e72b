"""The range of values that a picture shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import ParameterValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Limits", "find_limits"]

Limits = tuple[float, float] | str
"""The two ends, or the name of a rule: ``zscale`` or ``minmax``."""


def find_limits(array: NDArray[np.number], limits: Limits = "zscale") -> tuple[float, float]:
    """Return the values that become black and white.

    Parameters
    ----------
    array
        Any numbers; those that are not finite do not count.
    limits
        ``zscale`` shows the sky and what lies little above it, as DS9 and
        IRAF do; ``minmax`` everything; two numbers are returned as they are.

    Returns
    -------
    tuple
        Two different numbers, the lower first.

    Raises
    ------
    ParameterValueError
        If there is no such rule, or the two numbers are not in their order.

    Notes
    -----
    The rule is that of `astropy.visualization.ZScaleInterval`.
    """
    if not isinstance(limits, str):
        low, high = (float(limit) for limit in limits)
        if not low < high:
            message = f"limits={limits!r}: the lower one comes first, and they are different."
            raise ParameterValueError(message)
        return low, high
    if limits not in {"zscale", "minmax"}:
        message = f"limits={limits!r}: choose 'zscale', 'minmax', or two numbers."
        raise ParameterValueError(message)
    finite = array[np.isfinite(array)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    if limits == "zscale" and low < high:
        from astropy.visualization import ZScaleInterval

        low, high = (float(limit) for limit in ZScaleInterval().get_limits(finite))
    return (low, high) if low < high else (low - 0.5, low + 0.5)
