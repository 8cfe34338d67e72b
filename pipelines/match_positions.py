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
        Shape (n, 2) and (m, 2). Those that are not finite, as of stars that a
        poor WCS puts nowhere, match nothing.
    radius
        Nearest ones that are farther apart are left out.

    Returns
    -------
    tuple
        Indices of ``first``, ascending, and of their partners in ``second``.
    """
    rows, partners = (np.flatnonzero(np.isfinite(one).all(axis=1)) for one in (first, second))
    if not rows.size or not partners.size:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    first, second = first[rows], second[partners]
    distance, partner = cKDTree(second).query(first)
    back = cKDTree(first).query(second)[1]
    chosen = (distance <= radius) & (back[partner] == np.arange(len(first)))
    return rows[chosen], partners[partner[chosen]]
