"""Gen2's spellings of what the calibration of an exposure returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imaging.table.source_catalog import SourceCatalog

__all__ = ["CalibratedExposureNames"]


class CalibratedExposureNames:
    """Gen2 spellings of `pipelines.calibrate.calibrate.CalibratedExposure`."""

    if TYPE_CHECKING:
        sources: SourceCatalog

    @property
    def sourceCat(self) -> SourceCatalog:
        return self.sources
