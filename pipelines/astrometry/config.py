"""The configuration of the astrometry of exposures."""

from __future__ import annotations

from pipelines.task import Config, ConfigField, Field, ListField, RangeField

__all__ = ["AstrometryConfig", "FitterConfig", "MatcherConfig"]


class MatcherConfig(Config):
    """How stars are recognised."""

    maxOffsetPix = RangeField[int](
        doc="How far the WCS of the raw may be off, in pixels.", dtype=int, default=250, min=1
    )
    maxRotationDeg = RangeField[float](
        doc="How far it may be turned, in degrees.",
        dtype=float,
        default=1.0,
        min=0.0,
        max=180.0,
        inclusiveMax=True,
    )
    maxScalePercent = RangeField[float](
        doc="How wrong its pixel scale may be, in percent.",
        dtype=float,
        default=2.0,
        min=0.0,
        max=50.0,
    )
    allowMirror = Field[bool](
        doc="May it be a mirror image of the sky? It is set right then, with a warning.",
        default=True,
    )
    minMatchedPairs = RangeField[int](
        doc="So many pairs make a match.", dtype=int, default=30, min=1
    )
    minFracMatchedPairs = RangeField[float](
        doc="So large a part of the shorter list makes one, too.",
        dtype=float,
        default=0.3,
        min=0.0,
        max=1.0,
        inclusiveMax=True,
    )
    maxSources = RangeField[int](
        doc="The brightest of both lists, so many, vote first.", dtype=int, default=500, min=1
    )


class FitterConfig(Config):
    """How the WCS is fitted."""

    order = RangeField[int](
        doc="Of the SIP polynomials, at most; stars that are few, or far from a part of the "
        "image, get a lower one.",
        dtype=int,
        default=3,
        min=1,
        max=9,
        inclusiveMax=True,
    )
    numRejIter = RangeField[int](doc="Rounds of clipping.", dtype=int, default=3, min=0)
    rejSigma = RangeField[float](
        doc="Stars farther off, in standard deviations, are left out.",
        dtype=float,
        default=3.0,
        min=0.5,
    )


class AstrometryConfig(Config):
    """How an exposure is placed on the sky; most names are those of the LSST stack."""

    matcher = ConfigField[MatcherConfig](doc="How stars are recognised.", dtype=MatcherConfig)
    wcsFitter = ConfigField[FitterConfig](doc="How the WCS is fitted.", dtype=FitterConfig)
    maxIter = RangeField[int](doc="Rounds of matching and fitting.", dtype=int, default=3, min=1)
    maxMeanDistanceArcsec = RangeField[float](
        doc="With a larger mean distance between sources and stars there is no match, in "
        "arcseconds.",
        dtype=float,
        default=0.5,
        min=0.0,
    )
    minSnr = RangeField[float](
        doc="Signal to noise of the sources that are used.", dtype=float, default=10.0, min=0.0
    )
    forceKnownWcs = Field[bool](doc="Keep the WCS, and match only?", default=False)
    badFlags = ListField[str](
        doc="Sources with one of these flags are not used.",
        dtype=str,
        default=[
            "slot_Centroid_flag",
            "base_PixelFlags_flag_edge",
            "base_PixelFlags_flag_interpolatedCenter",
            "base_PixelFlags_flag_saturatedCenter",
            "base_PixelFlags_flag_crCenter",
            "base_PixelFlags_flag_bad",
        ],
    )
