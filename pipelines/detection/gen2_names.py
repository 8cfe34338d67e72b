"""Gen2's spellings of the detection task, as one-line delegations to ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from typing import Protocol

    from imaging.exposure.exposure import Exposure

    Result_co = TypeVar("Result_co", covariant=True)

    class _Detecting(Protocol[Result_co]):
        def detect_footprints(
            self,
            exposure: Exposure,
            *,
            smooth_first: bool = True,
            sigma: float | None = None,
            clear_mask: bool = True,
        ) -> Result_co: ...


Result = TypeVar("Result")

__all__ = ["DetectedSourcesNames", "DetectionsNames", "SourceDetectionNames"]


class DetectionsNames:
    """Gen2 spellings of `pipelines.detection.source_detection.Detections`."""

    if TYPE_CHECKING:
        n_positive: int
        n_negative: int
        n_positive_peaks: int
        n_negative_peaks: int

    @property
    def numPos(self) -> int:
        return self.n_positive

    @property
    def numNeg(self) -> int:
        return self.n_negative

    @property
    def numPosPeaks(self) -> int:
        return self.n_positive_peaks

    @property
    def numNegPeaks(self) -> int:
        return self.n_negative_peaks


class DetectedSourcesNames(Generic[Result]):
    """Gen2 spellings of `pipelines.detection.source_detection.DetectedSources`."""

    if TYPE_CHECKING:
        footprint_sets: Result

    @property
    def fpSets(self) -> Result:
        return self.footprint_sets


class SourceDetectionNames:
    """Gen2 spellings of `pipelines.detection.source_detection.SourceDetectionTask`."""

    def detectFootprints(
        self: _Detecting[Result],
        exposure: Exposure,
        doSmooth: bool = True,  # noqa: FBT001, FBT002 - Gen2's signature
        sigma: float | None = None,
        clearMask: bool = True,  # noqa: FBT001, FBT002 - as above
    ) -> Result:
        """See `detect_footprints`."""
        return self.detect_footprints(
            exposure, smooth_first=doSmooth, sigma=sigma, clear_mask=clearMask
        )
