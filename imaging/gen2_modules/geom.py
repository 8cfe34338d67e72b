"""``lsst.geom``."""

from __future__ import annotations

import math

from imaging.gen2_modules.gen2_names import (
    arcsecToRad,
    averageSpherePoint,
    degToRad,
    isAngle,
    radToArcsec,
    radToDeg,
)
from imaging.geometry.box import Box as Box2I
from imaging.geometry.box import Box as BoxI
from imaging.geometry.points import Extent2D, Extent2I, Point2D, Point2I
from imaging.geometry.points import Extent2D as ExtentD
from imaging.geometry.points import Extent2I as ExtentI
from imaging.geometry.points import Point2D as PointD
from imaging.geometry.points import Point2I as PointI
from imaging.geometry.real_box import Box2D
from imaging.geometry.real_box import Box2D as BoxD
from imaging.sky.affine_transform import AffineTransform, LinearTransform
from imaging.sky.angle import (
    Angle,
    AngleUnit,
    arcminutes,
    arcseconds,
    degrees,
    hours,
    milliarcseconds,
    radians,
)
from imaging.sky.sphere_point import SpherePoint

HALFPI = math.pi / 2
PI = math.pi
TWOPI = math.tau

__all__ = [
    "HALFPI",
    "PI",
    "TWOPI",
    "AffineTransform",
    "Angle",
    "AngleUnit",
    "Box2D",
    "Box2I",
    "BoxD",
    "BoxI",
    "Extent2D",
    "Extent2I",
    "ExtentD",
    "ExtentI",
    "LinearTransform",
    "Point2D",
    "Point2I",
    "PointD",
    "PointI",
    "SpherePoint",
    "arcminutes",
    "arcsecToRad",
    "arcseconds",
    "averageSpherePoint",
    "degToRad",
    "degrees",
    "hours",
    "isAngle",
    "milliarcseconds",
    "radToArcsec",
    "radToDeg",
    "radians",
]
