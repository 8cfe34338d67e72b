"""``lsst.afw.geom``."""

from __future__ import annotations

from imaging.footprint.span import Span
from imaging.footprint.span_set import SpanSet
from imaging.footprint.stencil import Stencil
from imaging.geometry.box import Box as Box2I
from imaging.geometry.box import Box as BoxI
from imaging.geometry.points import Extent2D, Extent2I, Point2D, Point2I
from imaging.geometry.points import Extent2D as ExtentD
from imaging.geometry.points import Extent2I as ExtentI
from imaging.geometry.points import Point2D as PointD
from imaging.geometry.points import Point2I as PointI
from imaging.geometry.polygon import Polygon
from imaging.geometry.real_box import Box2D
from imaging.geometry.real_box import Box2D as BoxD
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
