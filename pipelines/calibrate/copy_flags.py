"""Flags of one catalog for the same sources in another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.bright_sources import centroids
from pipelines.match_positions import match_positions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from imaging.table.source_catalog import SourceCatalog

__all__ = ["copy_flags"]


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
        centroids(known)[usable[0]], centroids(sources)[usable[1]], radius
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


def _whole(catalog: SourceCatalog) -> NDArray[np.intp]:
    """Return the sources that have a position and were not taken apart."""
    usable = np.isfinite(centroids(catalog)).all(axis=1)
    if "deblend_nChild" in catalog.schema:
        usable &= np.asarray(catalog.values("deblend_nChild")) == 0
    return np.flatnonzero(usable)
