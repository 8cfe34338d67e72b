"""Which sources are which known stars, as catalogs."""

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
    from pipelines.reference_objects.load import ReferenceObjects

__all__ = ["match_catalog", "match_details"]


def match_catalog(
    sources: SourceCatalog,
    stars: ReferenceObjects | None = None,
    found: AstrometryResult | None = None,
) -> BaseCatalog[BaseRecord]:
    """Return the catalog srcMatch: pairs of identifiers.

    Parameters
    ----------
    sources
        All of them.
    stars
        Those that were loaded.
    found
        Which belong together; without it the catalog has no rows.

    Returns
    -------
    BaseCatalog
        ``first`` is the identifier of the known star, ``second`` that of the
        source, ``distance`` the angle between both.
    """
    schema = Schema()
    schema.add_field("first", "L", "identifier of the known star")
    schema.add_field("second", "L", "identifier of the source")
    schema.add_field("distance", "D", "distance between both", "rad")
    catalog: BaseCatalog[BaseRecord] = BaseCatalog(BaseTable.make(schema))
    if found is not None and stars is not None:
        catalog.resize(len(found.sources))
        catalog["first"] = stars.ids[found.references]
        catalog["second"] = np.asarray(sources.values("id"))[found.sources]
        catalog["distance"] = np.radians(found.distances / 3600)
    return catalog


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
