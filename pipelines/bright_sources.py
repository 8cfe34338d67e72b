"""The sources of a catalog that can be compared with known stars, and where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from imaging.table.source_catalog import SourceCatalog

__all__ = ["centroid_errors", "centroids", "find_bright"]


def centroids(sources: SourceCatalog) -> NDArray[np.float64]:
    """Return the positions in the slot, shape (n, 2), in parent coordinates."""
    axes = [np.asarray(sources.values(f"slot_Centroid_{axis}"), np.float64) for axis in "xy"]
    return np.column_stack(axes).reshape(-1, 2)


def centroid_errors(sources: SourceCatalog) -> NDArray[np.float64]:
    """Return the standard errors of the positions in the slot, shape (n,), in pixels.

    The mean of both axes in square; 0 where none is known.
    """
    names = [f"slot_Centroid_{axis}Err" for axis in "xy"]
    if any(sources.schema.resolve(name) is None for name in names):
        return np.zeros(len(sources))
    x, y = (np.asarray(sources.values(name), np.float64) for name in names)
    return np.asarray(np.nan_to_num(np.hypot(x, y) / np.sqrt(2), posinf=0.0))


def find_bright(
    sources: SourceCatalog, flux_name: str, min_snr: float, bad_flags: Iterable[str]
) -> NDArray[np.intp]:
    """Return the rows of sources that are bright, have a position, and are whole.

    Parameters
    ----------
    sources
        Measured.
    flux_name
        Field or alias of a flux; its error is the same with ``Err``.
    min_snr
        Flux over error.
    bad_flags
        Sources with one of them are left out; flags that the catalog does not
        have say nothing. So are sources that were taken apart.
    """
    flux, error = (
        np.asarray(sources.values(f"{flux_name}{end}"), np.float64) for end in ("", "Err")
    )
    with np.errstate(invalid="ignore"):
        usable = np.isfinite(centroids(sources)).all(axis=1) & (flux > min_snr * error)
    for flag in bad_flags:
        if sources.schema.resolve(flag) is not None:
            usable &= ~np.asarray(sources.values(flag), np.bool_)
    if "deblend_nChild" in sources.schema:
        usable &= np.asarray(sources.values("deblend_nChild")) == 0
    return np.flatnonzero(usable)
