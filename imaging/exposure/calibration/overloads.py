"""The several meanings that the LSST stack gives to the arguments of one method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

import numpy as np

from imaging.geometry.points import Point2D, Point2I
from imaging.table.source_catalog import SourceCatalog

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from imaging.exposure.calibration.measurement import Measurement
    from imaging.exposure.calibration.sources import Sources

__all__ = ["Calibrated", "Place", "convert"]

Place: TypeAlias = "Point2D | Point2I | tuple[ArrayLike, ArrayLike]"
Calibrated: TypeAlias = "float | NDArray[np.float64] | Measurement | None"


class _OfNumbers(Protocol):
    def __call__(
        self,
        inst_flux: ArrayLike,
        inst_flux_error: ArrayLike | None = None,
        position: Place | None = None,
        /,
    ) -> float | NDArray[np.float64] | Measurement: ...


class _OfSources(Protocol):
    def __call__(self, sources: Sources, name: str, /) -> Measurement: ...


def convert(
    of_numbers: _OfNumbers,
    of_sources: _OfSources,
    suffix: str,
    given: tuple[ArrayLike | Sources, ArrayLike | Place | str | None, Place | str | None],
) -> Calibrated:
    """Convert what was given, whatever it is.

    Parameters
    ----------
    of_numbers
        Converts counts.
    of_sources
        Converts a measurement of a record or a catalog.
    suffix
        What the names of the results end with.
    given
        Counts, their error or None, and a position or None; or counts and a
        position; or a record, and the name of a measurement; or a catalog,
        the name, and, perhaps, that of the fields that get the results.

    Returns
    -------
    float, numpy.ndarray, Measurement or None
        For a catalog an array of shape (n, 2), values and errors, or None if
        they were written into it.
    """
    first, second, third = given
    if isinstance(second, str):
        sources = cast("Sources", first)
        found = of_sources(sources, second)
        if not isinstance(sources, SourceCatalog):
            return found
        if third is None:
            return np.column_stack(found)
        name = f"{third}{suffix}"
        sources[name], sources[f"{name}Err"] = found
        return None
    counts, place = cast("ArrayLike", first), cast("Place | None", third)
    if place is None and isinstance(second, Point2D | Point2I):
        return of_numbers(counts, None, second)
    return of_numbers(counts, cast("ArrayLike | None", second), place)
