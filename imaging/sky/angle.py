"""Angles that know their unit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Self

from imaging.errors import ParameterTypeError
from imaging.sky.gen2_names import AngleNames

__all__ = [
    "Angle",
    "AngleUnit",
    "arcminutes",
    "arcseconds",
    "degrees",
    "hours",
    "milliarcseconds",
    "radians",
]


@dataclass(frozen=True, slots=True)
class AngleUnit:
    """A unit of angles; a number times a unit is an `Angle`.

    Parameters
    ----------
    name
        As in ``degrees``.
    in_radians
        Its size.
    """

    __array_ufunc__: ClassVar[None] = None  # NumPy's numbers leave the product to us, too

    name: str
    in_radians: float

    def __mul__(self, value: float) -> Angle:
        return Angle(value, self)

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return self.name


radians = AngleUnit("radians", 1.0)
degrees = AngleUnit("degrees", math.pi / 180)
hours = AngleUnit("hours", math.pi / 12)
arcminutes = AngleUnit("arcminutes", math.pi / 180 / 60)
arcseconds = AngleUnit("arcseconds", math.pi / 180 / 3600)
milliarcseconds = AngleUnit("milliarcseconds", math.pi / 180 / 3.6e6)


class Angle(AngleNames, float):
    """An angle: a number in radians that remembers that it is one.

    Parameters
    ----------
    value
        The number, in ``unit``.
    unit
        `radians`, `degrees`, `hours`, `arcminutes`, `arcseconds` or
        `milliarcseconds`.

    Raises
    ------
    ParameterTypeError
        If they are something else.

    Notes
    -----
    ``math.sin(angle)`` is right as it stands. Sums and differences of angles,
    and multiples of them, are angles; a number cannot be added to one, nor an
    angle be divided by another: say in which unit, as in ``a.degrees + 1``.
    """

    __slots__ = ()

    def __new__(cls, value: float = 0.0, unit: AngleUnit = radians) -> Self:
        """Convert to radians."""
        if not isinstance(unit, AngleUnit):
            raise ParameterTypeError(f"A unit of angles is one like degrees, not {unit!r}.")
        try:
            return float.__new__(cls, float(value) * unit.in_radians)
        except (TypeError, ValueError):
            raise ParameterTypeError(f"An angle is made of one number, not {value!r}.") from None

    @property
    def radians(self) -> float:
        """The number of radians."""
        return float(self)

    @property
    def degrees(self) -> float:
        """The number of degrees."""
        return self.to(degrees)

    @property
    def hours(self) -> float:
        """The number of hours, of 15 degrees each."""
        return self.to(hours)

    @property
    def arcminutes(self) -> float:
        """The number of arcminutes."""
        return self.to(arcminutes)

    @property
    def arcseconds(self) -> float:
        """The number of arcseconds."""
        return self.to(arcseconds)

    @property
    def milliarcseconds(self) -> float:
        """The number of milliarcseconds."""
        return self.to(milliarcseconds)

    def to(self, unit: AngleUnit) -> float:
        """Return how many of a unit it is."""
        return float(self) / unit.in_radians

    def wrapped(self) -> Angle:
        """Return the same direction from 0 to below 360 degrees."""
        turned = float(self) % math.tau
        return Angle(0.0 if turned == math.tau else turned)  # a tiny negative one rounds up

    def wrapped_around_zero(self) -> Angle:
        """Return the same direction from -180 to below 180 degrees."""
        turned = self.wrapped()
        return turned if turned < math.pi else Angle(float(turned) - math.tau)

    def wrapped_near(self, reference: Angle) -> Angle:
        """Return the same direction, less than 180 degrees from another, or as much below it."""
        return reference + (self - reference).wrapped_around_zero()

    def difference(self, other: Angle) -> Angle:
        """Return how far this direction is beyond another, from -180 to below 180 degrees."""
        return (self - other).wrapped_around_zero()

    def __add__(self, other: float) -> Angle:
        return Angle(float(self) + _checked(other))

    __radd__ = __add__

    def __sub__(self, other: float) -> Angle:
        return Angle(float(self) - _checked(other))

    def __rsub__(self, other: float) -> Angle:
        return Angle(_checked(other) - float(self))

    def __mul__(self, factor: float) -> Angle:
        return Angle(float(self) * factor)

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> Angle:
        if isinstance(divisor, Angle):
            raise ParameterTypeError("Divide angles in a unit, as a.degrees / b.degrees.")
        return Angle(float(self) / divisor)

    def __neg__(self) -> Angle:
        return Angle(-float(self))

    def __pos__(self) -> Angle:
        return self

    def __abs__(self) -> Angle:
        return Angle(abs(float(self)))

    def __repr__(self) -> str:
        return f"Angle({self.degrees!r}, degrees)"

    def __str__(self) -> str:
        return f"{float(self):g} rad"


def _checked(term: float) -> float:
    if not isinstance(term, Angle):
        raise ParameterTypeError(
            f"{term!r} is not an angle: make it one, as 2 * degrees, or take a number of the "
            "other, as angle.degrees."
        )
    return float(term)
