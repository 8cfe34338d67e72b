"""Gen2 spellings give what the names of sky give, also when those are overridden."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from imaging.sky.angle import Angle, arcminutes, degrees
from imaging.sky.gen2_names import AngleNames, SpherePointNames
from imaging.sky.sphere_point import SpherePoint

SAME = {
    Angle: {
        "asRadians": "radians",
        "asDegrees": "degrees",
        "asHours": "hours",
        "asArcminutes": "arcminutes",
        "asArcseconds": "arcseconds",
        "asMilliarcseconds": "milliarcseconds",
        "asAngularUnits": "to",
        "wrap": "wrapped",
        "wrapCtr": "wrapped_around_zero",
        "wrapNear": "wrapped_near",
        "separation": "difference",
    },
    SpherePoint: {
        "getRa": "ra",
        "getDec": "dec",
        "getLongitude": "ra",
        "getLatitude": "dec",
        "getPosition": "position",
        "getVector": "vector",
        "atPole": "is_pole",
        "isFinite": "is_finite",
        "bearingTo": "bearing_to",
        "getTangentPlaneOffset": "tangent_plane_offset",
    },
}
PAIRS = [(kind, old, new) for kind, names in SAME.items() for old, new in names.items()]
POINT = SpherePoint(10.0, 20.0, degrees)


@pytest.mark.parametrize(("kind", "mixin"), [(Angle, AngleNames), (SpherePoint, SpherePointNames)])
def test_every_gen2_name_is_in_the_table_of_this_test(kind: type, mixin: type) -> None:
    assert {name for name in vars(mixin) if not name.startswith("_")} == set(SAME[kind])


@pytest.mark.parametrize(("kind", "old", "new"), PAIRS)
def test_gen2_name_follows_an_override(kind: type, old: str, new: str) -> None:
    seen: list[tuple[object, ...]] = []

    def method(_: object, *args: object) -> str:
        seen.append(args)
        return "result"

    is_property = isinstance(inspect.getattr_static(kind, new), property)
    made = type("Overridden", (kind,), {new: property(method) if is_property else method})()
    given = ("X",) * len(inspect.signature(getattr(made, old)).parameters)
    assert getattr(made, old)(*given) == "result"
    assert seen == [given]


def test_gen2_names_give_the_same_values() -> None:
    angle = 90 * degrees
    assert (angle.asDegrees(), angle.asHours()) == pytest.approx((90, 6))
    assert angle.asAngularUnits(arcminutes) == pytest.approx(5400)
    assert (370 * degrees).wrap().asDegrees() == pytest.approx(10)
    assert (350 * degrees).wrapCtr().asDegrees() == pytest.approx(-10)
    assert (POINT.getRa().asDegrees(), POINT.getLatitude().asDegrees()) == pytest.approx((10, 20))
    assert np.array_equal(POINT.getVector(), POINT.vector)
    assert POINT.getPosition(units=degrees) == POINT.position(degrees)
    moved = POINT.offset(bearing=90 * degrees, amount=1 * degrees)
    assert POINT.bearingTo(moved).asDegrees() == pytest.approx(90)
