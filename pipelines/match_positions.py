"""Pairing positions of two lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["match_positions"]


def match_positions(
    first: NDArray[np.float64], second: NDArray[np.float64], radius: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return which positions are each other's nearest ones.

    Parameters
    ----------
    first, second
        Shape (n, 2) and (m, 2), finite.
    radius
        Nearest ones that are farther apart are left out.

    Returns
    -------
    tuple
        Indices of ``first``, ascending, and of their partners in ``second``.
    """
    none = np.zeros(0, np.intp)
    if not len(first) or not len(second):
        return none, none
    distance, partner = cKDTree(second).query(first)
    back = cKDTree(first).query(second)[1]
    places = np.arange(len(first))
    chosen = (distance <= radius) & (back[partner] == places)
    return places[chosen], np.asarray(partner[chosen], np.intp)
