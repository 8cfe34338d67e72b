"""Instrumental fluxes of sources, and catalogs that have calibrated ones beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

import numpy as np

from imaging.table.content import TableContent, content_of_columns
from imaging.table.record import SourceRecord
from imaging.table.source_catalog import SourceCatalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from imaging.table.schemas.fields import Field

__all__ = [
    "FLUX",
    "FLUX_ERROR",
    "SourceFluxes",
    "Sources",
    "flux_names",
    "source_fluxes",
    "with_columns",
]

FLUX = "_instFlux"
"""How the names of instrumental fluxes end."""

FLUX_ERROR = "_instFluxErr"
"""How the names of their standard errors end."""

Sources: TypeAlias = SourceCatalog | SourceRecord
_Numbers: TypeAlias = "float | NDArray[np.float64]"


class SourceFluxes(NamedTuple):
    """What was measured of one source (numbers) or of many (arrays), in counts and pixels."""

    inst_flux: _Numbers
    """Instrumental flux."""
    error: _Numbers | None
    """Its standard error, None if there is no such field."""
    position: tuple[_Numbers, _Numbers] | None
    """Column and row of the centroid, None if it was not asked for."""


def source_fluxes(
    sources: Sources, name: str, *, placed: bool, needs_error: bool = True
) -> SourceFluxes:
    """Return a measurement of sources.

    Parameters
    ----------
    sources
        A catalog, or one record.
    name
        What stands before ``_instFlux`` in the name of the field, or an alias.
    placed
        Whether the centroids are needed.
    needs_error
        Whether it is an error if there is no ``_instFluxErr``.

    Raises
    ------
    FieldNotFoundError
        If there are no such fields, or no slot of the centroid.
    """
    start = name.removesuffix(FLUX)
    has_error = needs_error or start + FLUX_ERROR in sources.schema
    return SourceFluxes(
        _numbers(sources, start + FLUX),
        _numbers(sources, start + FLUX_ERROR) if has_error else None,
        (_numbers(sources, "slot_Centroid_x"), _numbers(sources, "slot_Centroid_y"))
        if placed
        else None,
    )


def _numbers(sources: Sources, name: str) -> _Numbers:
    if isinstance(sources, SourceRecord):
        return float(cast("float", sources.get(name)))
    return np.asarray(sources.values(name), np.float64)


def flux_names(catalog: SourceCatalog, names: Iterable[str] | None = None) -> list[str]:
    """Return what stands before ``_instFlux`` in some names, by default in those of all fluxes."""
    if names is None:
        names = [name for name in catalog.schema.names if name.endswith(FLUX)]
    return [name.removesuffix(FLUX) for name in ([names] if isinstance(names, str) else names)]


def with_columns(
    catalog: SourceCatalog, columns: Mapping[Field, NDArray[np.generic]]
) -> SourceCatalog:
    """Return a copy of a catalog that has more fields; footprints are shared.

    Parameters
    ----------
    catalog
        The records, neighbours in memory or not.
    columns
        The fields, which take the place of those of the same names, and their values.
    """
    schema = catalog.schema.copy()
    for field in columns:
        schema.add_field(field, replace=True)
    values = {entry.field.name: catalog.values(entry.key) for entry in catalog.schema}
    values |= {field.name: column for field, column in columns.items()}
    old = catalog.content
    new = content_of_columns(schema, values, len(catalog))
    return type(catalog).of_content(
        TableContent(
            new.schema,
            new.array,
            new.bits,
            old.metadata.copy(),
            old.attachments,
            old.numbers.copy(),
        )
    )
