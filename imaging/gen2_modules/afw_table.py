"""``lsst.afw.table``."""

from __future__ import annotations

from imaging.table.record import SimpleRecord, SourceRecord
from imaging.table.schemas.fields import Field
from imaging.table.schemas.schema import Schema
from imaging.table.source_catalog import SimpleCatalog, SourceCatalog
from imaging.table.table import SimpleTable, SourceTable

__all__ = [
    "Field",
    "Schema",
    "SimpleCatalog",
    "SimpleRecord",
    "SimpleTable",
    "SourceCatalog",
    "SourceRecord",
    "SourceTable",
]
