"""``lsst.afw.table``."""

from __future__ import annotations

from imaging.table.ids import IdFactory
from imaging.table.record import SimpleRecord, SourceRecord
from imaging.table.schemas.aliases import AliasMap
from imaging.table.schemas.fields import Field, Key
from imaging.table.schemas.fields import SchemaEntry as SchemaItem
from imaging.table.schemas.mapping import SchemaMapper
from imaging.table.schemas.schema import Schema
from imaging.table.source_catalog import SimpleCatalog, SourceCatalog
from imaging.table.table import SimpleTable, SourceTable

__all__ = [
    "AliasMap",
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
]
