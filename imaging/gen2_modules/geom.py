"""``lsst.geom``."""

from __future__ import annotations

from imaging.geometry.box import Box as Box2I
from imaging.geometry.box import Box as BoxI
from imaging.geometry.points import Extent2D, Extent2I, Point2D, Point2I
from imaging.geometry.points import Extent2D as ExtentD
from imaging.geometry.points import Extent2I as ExtentI
from imaging.geometry.points import Point2D as PointD
from imaging.geometry.points import Point2I as PointI
from imaging.geometry.real_box import Box2D
from imaging.geometry.real_box import Box2D as BoxD

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
]
