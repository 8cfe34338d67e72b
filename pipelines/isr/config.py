"""What instrument signature removal does, field by field, named as in the LSST stack."""

from __future__ import annotations

import math

from pipelines.errors import ConfigError
from pipelines.isr.crosstalk import CrosstalkTask
from pipelines.isr.fringe import FringeTask
from pipelines.isr.gen2_names import IsrConfigNames
from pipelines.isr.overscan import OverscanCorrectionTask
from pipelines.isr.vignette import VignetteTask
from pipelines.task import ChoiceField, Config, ConfigField, ConfigurableField, Field, ListField

__all__ = ["AssembleCcdConfig", "IsrTaskConfig"]


class AssembleCcdConfig(Config):
    """How sections of a raw become one image."""

    keysToRemove = ListField[str](
        doc="Header cards of the raw that the assembled image shall not have.", default=[]
    )


class IsrTaskConfig(IsrConfigNames, Config):
    """Which steps are done, in their order, and how."""

    doSaturation = Field[bool](doc="Flag pixels that are saturated?", default=True)
    saturatedMaskName = Field[str](doc="Plane of saturated pixels.", default="SAT")
    saturation = Field[float](
        doc="ADU of the raw from which pixels are saturated; NaN: what the camera says.",
        default=math.nan,
    )
    growSaturationFootprintSize = Field[int](
        doc="Pixels by which saturated regions grow before they are filled.", default=1
    )
    doWidenSaturationTrails = Field[bool](
        doc="Widen trails of saturated pixels by what their width suggests?", default=True
    )
    doSuspect = Field[bool](doc="Flag pixels that are nearly saturated?", default=False)
    suspectMaskName = Field[str](doc="Plane of doubtful pixels.", default="SUSPECT")
    numEdgeSuspect = Field[int](doc="Outermost pixels that are flagged doubtful.", default=0)
    edgeMaskLevel = Field[str](doc="Plane of these pixels.", default="SUSPECT")

    doOverscan = Field[bool](doc="Subtract the level of the overscan?", default=True)
    overscan = ConfigurableField(doc="How its level is found.", target=OverscanCorrectionTask)

    doAssembleCcd = Field[bool](doc="Put the sections of a raw together?", default=True)
    assembleCcd = ConfigField(doc="How the sections are put together.", dtype=AssembleCcdConfig)

    doBias = Field[bool](doc="Subtract the bias?", default=True)
    biasDataProductName = Field[str](doc="Its dataset type.", default="bias")

    doVariance = Field[bool](doc="Write the variance, from gain and read noise?", default=True)
    maskNegativeVariance = Field[bool](
        doc="Flag pixels so far below zero that their variance would be negative?", default=True
    )
    negativeVarianceMaskName = Field[str](doc="Plane of these pixels.", default="BAD")
    doEmpiricalReadNoise = Field[bool](
        doc="Use the read noise of the overscan, not that of the camera?", default=False
    )
    gain = Field[float](
        doc="Electrons per ADU of all amplifiers; NaN: what the camera says.", default=math.nan
    )

    doLinearize = Field[bool](doc="Make counts proportional to light?", default=True)
    doCrosstalk = Field[bool](doc="Subtract echoes of other amplifiers?", default=False)
    crosstalk = ConfigurableField(doc="How strong echoes are.", target=CrosstalkTask)

    doDefect = Field[bool](doc="Flag regions that are known to be bad?", default=True)
    doNanMasking = Field[bool](doc="Flag pixels that are no numbers?", default=True)

    doBrighterFatter = Field[bool](doc="Undo the brighter-fatter effect?", default=False)
    brighterFatterMaxIter = Field[int](doc="Iterations at most.", default=10)
    brighterFatterThreshold = Field[float](
        doc="Ended when the changes of all pixels sum to fewer electrons.", default=1000.0
    )
    brighterFatterApplyGain = Field[bool](
        doc="Is the kernel for electrons (or for ADU)?", default=True
    )
    brighterFatterMaskListToInterpolate = ListField[str](
        doc="Pixels with these planes are filled for this step alone.",
        default=["SAT", "BAD", "NO_DATA", "UNMASKEDNAN"],
    )

    doDark = Field[bool](doc="Subtract the dark?", default=True)
    darkDataProductName = Field[str](doc="Its dataset type.", default="dark")
    doFlat = Field[bool](doc="Divide by the flat?", default=True)
    flatDataProductName = Field[str](doc="Its dataset type.", default="flat")
    flatScalingType = ChoiceField[str](
        doc="What the flat is divided by before.",
        allowed={
            "USER": "flatUserScale",
            "USERSCALE": "flatUserScale",
            "MEAN": "its mean",
            "MEDIAN": "its median",
        },
        default="USERSCALE",
        optional=False,
    )
    flatUserScale = Field[float](doc="For USERSCALE.", default=1.0)

    doApplyGains = Field[bool](doc="Turn ADU into electrons?", default=False)
    doFringe = Field[bool](doc="Subtract fringes, in the filters of fringe.filters?", default=True)
    fringe = ConfigurableField(doc="How they are fitted.", target=FringeTask)
    fringeAfterFlat = Field[bool](doc="After the flat, or before it?", default=True)
    doVignette = Field[bool](doc="Flag pixels that get no light?", default=False)
    vignette = ConfigurableField(doc="Which pixels these are.", target=VignetteTask)

    doInterpolate = Field[bool](doc="Fill pixels of maskListToInterpolate?", default=True)
    doSaturationInterpolation = Field[bool](doc="Fill saturated pixels, too?", default=True)
    doNanInterpolation = Field[bool](doc="Fill pixels that are no numbers, too?", default=True)
    maskListToInterpolate = ListField[str](doc="Planes to be filled.", default=["SAT", "BAD"])

    doWrite = Field[bool](doc="Write postISRCCD?", default=True)
    doStrayLight = Field[bool](
        doc="Kept for older files: stray light of encoders is not known here.", default=False
    )
    doAttachTransmissionCurve = Field[bool](
        doc="Kept for older files: transmission curves are not known here.", default=False
    )

    def validate(self) -> None:
        """Refuse steps that are not there.

        Raises
        ------
        ConfigError
            If a step is asked for that cannot be done.
        FieldValidationError
            If a field is not valid.
        """
        super().validate()
        missing = [
            name for name in ("doStrayLight", "doAttachTransmissionCurve") if getattr(self, name)
        ]
        if missing:
            switches = ", ".join(f"{name} = False" for name in missing)
            raise ConfigError(
                f"Instrument signature removal has no {' and no '.join(missing)} step. Set "
                f"{switches}."
            )
