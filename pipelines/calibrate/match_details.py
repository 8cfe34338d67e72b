"""Which sources are which known stars, with all that is known of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imaging.table.catalog import BaseCatalog
from imaging.table.schemas.schema import Schema
from imaging.table.table import BaseTable

if TYPE_CHECKING:
    from imaging.table.record import BaseRecord
    from imaging.table.source_catalog import SourceCatalog
    from pipelines.astrometry.task import AstrometryResult

__all__ = ["match_details"]


def match_details(
    sources: SourceCatalog,
    stars: SourceCatalog | None = None,
    found: AstrometryResult | None = None,
) -> BaseCatalog[BaseRecord]:
    """Return the catalog srcMatchFull: matched rows side by side.

    Parameters
    ----------
    sources
        All of them.
    stars
        The rows of the reference catalog that were loaded.
    found
        Which belong together; without it the catalog has no rows.

    Returns
    -------
    BaseCatalog
        The fields of the star with ``ref_`` before their names, those of the
        source with ``src_``, and ``distance``, the angle between both.
    """
    sides = [("src_", sources, None if found is None else found.sources)]
    if stars is not None:
        sides.insert(0, ("ref_", stars, None if found is None else found.references))
    schema = Schema()
    for prefix, catalog, _ in sides:
        for name in catalog.schema.names:
            schema.add_field(catalog.schema.find(name).field.renamed(f"{prefix}{name}"))
    schema.add_field("distance", "D", "distance between both", "rad")
    made: BaseCatalog[BaseRecord] = BaseCatalog(BaseTable.make(schema))
    if found is None or stars is None:
        return made
    made.resize(len(found.sources))
    for prefix, catalog, rows in sides:
        for name in catalog.schema.names:
            made[f"{prefix}{name}"] = np.asarray(catalog.values(name))[rows]
    made["distance"] = np.radians(found.distances / 3600)
    return made
