"""``lsst.afw.geom``."""

from __future__ import annotations

from imaging.footprint.span import Span
from imaging.footprint.span_set import SpanSet
from imaging.footprint.stencil import Stencil
from imaging.gen2_modules.gen2_names import makeCdMatrix, makeSkyWcs
from imaging.gen2_modules.geom import (
    AffineTransform,
    Angle,
    AngleUnit,
    Box2D,
    Box2I,
    BoxD,
    BoxI,
    Extent2D,
    Extent2I,
    ExtentD,
    ExtentI,
    LinearTransform,
    Point2D,
    Point2I,
    PointD,
    PointI,
    SpherePoint,
    arcminutes,
    arcseconds,
    degrees,
    hours,
    radians,
)
from imaging.geometry.ellipses import Axes, Ellipse, Quadrupole
from imaging.geometry.polygon import Polygon
from imaging.wcs.wcs import Wcs as SkyWcs

__all__ = [
    "AffineTransform",
    "Angle",
    "AngleUnit",
    "Axes",
    "Box2D",
    "Box2I",
    "BoxD",
    "BoxI",
    "Ellipse",
    "Extent2D",
    "Extent2I",
    "ExtentD",
    "ExtentI",
    "LinearTransform",
    "Point2D",
    "Point2I",
    "PointD",
    "PointI",
    "Polygon",
    "Quadrupole",
    "SkyWcs",
    "Span",
    "SpanSet",
    "SpherePoint",
    "Stencil",
    "arcminutes",
    "arcseconds",
    "degrees",
    "hours",
    "makeCdMatrix",
    "makeSkyWcs",
    "radians",
]
