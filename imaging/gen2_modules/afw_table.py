"""``lsst.afw.table``."""

from __future__ import annotations

from imaging.gen2_modules.gen2_names import updateSourceCoords
from imaging.table.catalog import BaseCatalog
from imaging.table.ids import IdFactory
from imaging.table.read_flags import NO_FOOTPRINTS as SOURCE_IO_NO_FOOTPRINTS
from imaging.table.read_flags import NO_HEAVY_FOOTPRINTS as SOURCE_IO_NO_HEAVY_FOOTPRINTS
from imaging.table.record import BaseRecord, SimpleRecord, SourceRecord
from imaging.table.schemas.aliases import AliasMap
from imaging.table.schemas.fields import Field, Key
from imaging.table.schemas.fields import SchemaEntry as SchemaItem
from imaging.table.schemas.mapping import SchemaMapper
from imaging.table.schemas.schema import Schema
from imaging.table.source_catalog import SimpleCatalog, SourceCatalog
from imaging.table.table import BaseTable, SimpleTable, SourceTable

__all__ = [
    "SOURCE_IO_NO_FOOTPRINTS",
    "SOURCE_IO_NO_HEAVY_FOOTPRINTS",
    "AliasMap",
    "BaseCatalog",
    "BaseRecord",
    "BaseTable",
    "Field",
    "IdFactory",
    "Key",
    "Schema",
    "SchemaItem",
    "SchemaMapper",
    "SimpleCatalog",
    "SimpleRecord",
    "SimpleTable",
    "SourceCatalog",
    "SourceRecord",
    "SourceTable",
    "updateSourceCoords",
]
