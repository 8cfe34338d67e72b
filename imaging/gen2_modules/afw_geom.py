"""``lsst.afw.geom``."""

from __future__ import annotations

from imaging.footprint.span import Span
from imaging.footprint.span_set import SpanSet
from imaging.footprint.stencil import Stencil
from imaging.gen2_modules.geom import (
    Box2D,
    Box2I,
    BoxD,
    BoxI,
    Extent2D,
    Extent2I,
    ExtentD,
    ExtentI,
    Point2D,
    Point2I,
    PointD,
    PointI,
)
from imaging.geometry.polygon import Polygon
from imaging.wcs.wcs import Wcs as SkyWcs
from imaging.wcs.wcs import make_cd_matrix as makeCdMatrix  # noqa: N812 - a name of Gen2
from imaging.wcs.wcs import make_tan_wcs as makeSkyWcs  # noqa: N812 - as above

__all__ = [
    "Box2D",
    "Box2I",
    "BoxD",
    "BoxI",
    "Extent2D",
    "Extent2I",
    "ExtentD",
    "ExtentI",
    "Point2D",
    "Point2I",
    "PointD",
    "PointI",
    "Polygon",
    "SkyWcs",
    "Span",
    "SpanSet",
    "Stencil",
    "makeCdMatrix",
    "makeSkyWcs",
]
