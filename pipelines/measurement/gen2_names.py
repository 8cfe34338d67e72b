"""Gen2's spellings of what measurement tasks return."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imaging.exposure.aperture_corrections import ApertureCorrections

__all__ = ["MeasuredApCorrNames"]


class MeasuredApCorrNames:
    """Gen2 spellings of `pipelines.measurement.aperture_correction.MeasuredApCorr`."""

    if TYPE_CHECKING:
        corrections: ApertureCorrections

    @property
    def apCorrMap(self) -> ApertureCorrections:
        return self.corrections
