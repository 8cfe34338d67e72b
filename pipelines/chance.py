"""How likely it is that positions agree by chance."""

from __future__ import annotations

import math
from typing import Final

from scipy.special import gammaln, pdtrc

__all__ = ["log_chance"]

_TINY: Final = 1e-290


def log_chance(pairs: int, expected: float) -> float:
    """Return the decimal logarithm of the chance of so many pairs or more.

    Parameters
    ----------
    pairs
        That were found.
    expected
        How many there are on average where nothing belongs together.

    Notes
    -----
    Poisson's distribution; its first term where the sum is too small for a
    number.
    """
    if pairs <= expected or expected <= 0:
        return 0.0 if pairs <= expected else -math.inf
    chance = float(pdtrc(pairs - 1, expected))
    if chance > _TINY:
        return math.log10(chance)
    term = pairs * math.log(expected) - expected - float(gammaln(pairs + 1))
    return term / math.log(10)
