"""The configuration of the search for sources."""

from __future__ import annotations

from pipelines.background.subtract_background import SubtractBackgroundTask
from pipelines.detection.threshold import THRESHOLD_TYPES
from pipelines.task import (
    ChoiceField,
    Config,
    ConfigurableField,
    Field,
    ListField,
    RangeField,
)

__all__ = ["SourceDetectionConfig"]


class SourceDetectionConfig(Config):
    """What counts as a source; the names are those of the LSST stack."""

    minPixels = RangeField[int](
        doc="Footprints with fewer pixels, before they are grown, are left out.",
        dtype=int,
        default=1,
        min=0,
    )
    isotropicGrow = Field[bool](
        doc="Grow footprints by a circle; otherwise by a square that stands on its corner.",
        default=True,
    )
    combinedGrow = Field[bool](
        doc="Grow all footprints together: those that then touch become one. Otherwise each by "
        "itself, and they may overlap.",
        default=True,
    )
    nSigmaToGrow = Field[float](
        doc="Grow footprints by so many sigma of the PSF; 0 for not at all.", default=2.4
    )
    returnOriginalFootprints = Field[bool](
        doc="Mark the grown footprints in the mask, but return those before.", default=False
    )
    thresholdValue = RangeField[float](
        doc="How bright a pixel has to be, in the unit of thresholdType.",
        dtype=float,
        default=5.0,
        min=0.0,
    )
    includeThresholdMultiplier = RangeField[float](
        doc="A footprint needs a pixel that is brighter than so many times the threshold.",
        dtype=float,
        default=1.0,
        min=0.0,
    )
    thresholdType = ChoiceField[str](
        doc="The unit of the threshold.",
        dtype=str,
        default="pixel_stdev",
        optional=False,
        allowed=THRESHOLD_TYPES,
    )
    thresholdPolarity = ChoiceField[str](
        doc="Whether to look for what is brighter than the background, darker, or both.",
        dtype=str,
        default="positive",
        optional=False,
        allowed={
            "positive": "brighter than the background",
            "negative": "darker than the background",
            "both": "brighter and darker",
        },
    )
    nSigmaForKernel = Field[float](
        doc="Whole width of the smoothing kernel, in sigma of the PSF.", default=7.0
    )
    reEstimateBackground = Field[bool](
        doc="Subtract the background once more, with what was detected left out.", default=True
    )
    background = ConfigurableField(
        doc="How the background is estimated anew.", target=SubtractBackgroundTask
    )
    doTempLocalBackground = Field[bool](
        doc="Look for sources with a local background subtracted, which is added again: fewer "
        "false peaks in the wings of bright sources, and smaller footprints.",
        default=False,
    )
    tempLocalBackground = ConfigurableField(
        doc="How that local background is estimated.", target=SubtractBackgroundTask
    )
    doTempWideBackground = Field[bool](
        doc="Look for sources with a wide background subtracted, which is added again: no "
        "footprints as large as scattered light, and no sources either.",
        default=False,
    )
    tempWideBackground = ConfigurableField(
        doc="How that wide background is estimated.", target=SubtractBackgroundTask
    )
    statsMask = ListField[str](
        doc="Mask planes of pixels that say nothing about the noise (for thresholdType stdev).",
        dtype=str,
        default=["BAD", "SAT", "EDGE", "NO_DATA"],
    )

    def setDefaults(self) -> None:
        """Make the temporary backgrounds a local and a wide one; the latter is of all light."""
        super().setDefaults()
        local = {"binSize": 64, "algorithm": "AKIMA_SPLINE", "useApprox": False}
        self.tempLocalBackground.value.update(**local)
        wide = self.tempWideBackground.value
        light = [name for name in wide.ignoredPixelMask if not name.startswith("DETECTED")]
        wide.update(binSize=512, algorithm="AKIMA_SPLINE", useApprox=False, ignoredPixelMask=light)
