"""Flags of one catalog for the same sources in another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from imaging.table.source_catalog import SourceCatalog

__all__ = ["copy_flags", "match_positions"]


def copy_flags(
    known: SourceCatalog, sources: SourceCatalog, names: Iterable[str], *, radius: float, match: str
) -> int:
    """Copy flags of sources to the nearest ones of another catalog of the same image, in place.

    Parameters
    ----------
    known
        Has the flags.
    sources
        Gets them, and ``match`` where there is a source in ``known``.
        Sources that were taken apart are left out on both sides.
    names
        Of the flags.
    radius
        How far sources may be apart, in pixels.
    match
        The flag that says that there was one.

    Returns
    -------
    int
        How many were matched.
    """
    usable = [_whole(catalog) for catalog in (known, sources)]
    first, second = match_positions(
        _positions(known)[usable[0]], _positions(sources)[usable[1]], radius
    )
    first, second = usable[0][first], usable[1][second]
    marked = np.zeros(len(sources), np.bool_)
    marked[second] = True
    sources[match] = marked
    for name in names:
        flags = np.zeros(len(sources), np.bool_)
        flags[second] = np.asarray(known.values(name), np.bool_)[first]
        sources[name] = flags
    return len(second)


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


def _positions(catalog: SourceCatalog) -> NDArray[np.float64]:
    return np.column_stack(
        [np.asarray(catalog.values(f"slot_Centroid_{axis}"), np.float64) for axis in "xy"]
    ).reshape(-1, 2)


def _whole(catalog: SourceCatalog) -> NDArray[np.intp]:
    """Return the sources that have a position and were not taken apart."""
    usable = np.isfinite(_positions(catalog)).all(axis=1)
    if "deblend_nChild" in catalog.schema:
        usable &= np.asarray(catalog.values("deblend_nChild")) == 0
    return np.flatnonzero(usable)
