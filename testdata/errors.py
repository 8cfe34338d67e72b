"""Errors of the simulator.

::

    SimulationError
    ├── CcdNumberError(ValueError)      no such CCD in the focal plane
    ├── VisitError(ValueError)          a visit number or date that no header can hold
    └── GeometryError(ValueError)       a CCD that cannot be built
"""

from __future__ import annotations

__all__ = ["CcdNumberError", "GeometryError", "SimulationError", "VisitError"]


class SimulationError(Exception):
    """Root of everything that the simulator raises on purpose."""


class CcdNumberError(SimulationError, ValueError):
    """The focal plane has no such CCD."""

    def __init__(self, ccd: int) -> None:
        self.ccd = ccd
        super().__init__(ccd)

    def __str__(self) -> str:
        return f"There is no ccd {self.ccd}: the focal plane has ccds 0 to 111."


class VisitError(SimulationError, ValueError):
    """A visit number or a date that no header can hold."""

    def __init__(self, what: str, value: object, allowed: str) -> None:
        self.what, self.value, self.allowed = what, value, allowed
        super().__init__(what, value, allowed)

    def __str__(self) -> str:
        return f"Cannot simulate {self.what} {self.value!r}: it must be {self.allowed}."


class GeometryError(SimulationError, ValueError):
    """A pixel geometry that cannot be built."""

    def __init__(self, field: str, value: int, minimum: int) -> None:
        self.field, self.value, self.minimum = field, value, minimum
        super().__init__(field, value, minimum)

    def __str__(self) -> str:
        return f"Geometry.{self.field} is {self.value}: it must be at least {self.minimum}."
