"""The configuration of the deblender."""

from __future__ import annotations

from pipelines.task import ChoiceField, Config, DictField, Field, RangeField

__all__ = ["SourceDeblendConfig"]


class SourceDeblendConfig(Config):
    """What is taken apart, and how; the names are those of the LSST stack."""

    edgeHandling = ChoiceField[str](
        doc="What the template of a peak that is no star gets where the opposite pixel lies "
        "outside of the image.",
        dtype=str,
        default="ramp",
        optional=False,
        allowed={
            "clip": "nothing",
            "ramp": "what the rest of the source lets expect, which falls outwards",
            "noclip": "all light that is no other's",
        },
    )
    psfChisq1 = Field[float](
        doc="A peak is a star if the mean squared deviation from one, in units of the errors, "
        "is below this.",
        default=1.5,
    )
    maxNumberOfPeaks = RangeField[int](
        doc="Only so many peaks of a parent, the brightest, become children; 0 for all.",
        dtype=int,
        default=500,
        min=0,
    )
    maxFootprintArea = RangeField[int](
        doc="Parents of more pixels are skipped; 0 for no limit.",
        dtype=int,
        default=1_000_000,
        min=0,
    )
    maxFootprintSize = RangeField[int](
        doc="Parents of more rows or columns are skipped; 0 for no limit.",
        dtype=int,
        default=0,
        min=0,
    )
    minFootprintAxisRatio = RangeField[float](
        doc="Parents that are narrower, a satellite's trail for one, are skipped.",
        dtype=float,
        default=0.0,
        min=0.0,
        max=1.0,
        inclusiveMax=True,
    )
    maskLimits = DictField[str, float](
        doc="Parents of which a larger part is in these mask planes are skipped.",
        keytype=str,
        itemtype=float,
        default={"NO_DATA": 0.25},
    )
