"""The names that users of the LSST stack's second generation know: slots.

Each class is a mixin of one-line delegations to the PEP 8 name, so that an override changes both.
What a mixin needs of its class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

__all__ = ["PointKeyNames", "ShapeKeyNames", "SlotKeyNames", "SlotNames"]

_A = TypeVar("_A")
_B = TypeVar("_B")
_A_co = TypeVar("_A_co", covariant=True)
_B_co = TypeVar("_B_co", covariant=True)


class _Point(Protocol[_A_co]):
    @property
    def x(self) -> _A_co: ...
    @property
    def y(self) -> _A_co: ...


class PointKeyNames:
    """Gen2 spellings of `imaging.table.slots.slot.PointKey`."""

    __slots__ = ()

    def getX(self: _Point[_A]) -> _A:
        return self.x

    def getY(self: _Point[_A]) -> _A:
        return self.y


class _Moments(Protocol[_A_co]):
    @property
    def ixx(self) -> _A_co: ...
    @property
    def iyy(self) -> _A_co: ...
    @property
    def ixy(self) -> _A_co: ...


class ShapeKeyNames:
    """Gen2 spellings of `imaging.table.slots.slot.ShapeKey`."""

    __slots__ = ()

    def getIxx(self: _Moments[_A]) -> _A:
        return self.ixx

    def getIyy(self: _Moments[_A]) -> _A:
        return self.iyy

    def getIxy(self: _Moments[_A]) -> _A:
        return self.ixy


class _Slot(Protocol[_A_co, _B_co]):
    @property
    def definition(self) -> str: ...
    @property
    def is_valid(self) -> bool: ...
    @property
    def measurement_key(self) -> _A_co: ...
    @property
    def error_key(self) -> _A_co: ...
    @property
    def flag_key(self) -> _B_co: ...


class SlotNames:
    """Gen2 spellings of `imaging.table.slots.slot.Slot`."""

    __slots__ = ()

    def isValid(self: _Slot[_A, _B]) -> bool:
        return self.is_valid

    def getMeasKey(self: _Slot[_A, _B]) -> _A:
        return self.measurement_key

    def getErrKey(self: _Slot[_A, _B]) -> _A:
        return self.error_key

    def getFlagKey(self: _Slot[_A, _B]) -> _B:
        return self.flag_key


class _Slots(Protocol[_A_co]):
    def get_slot(self, name: str) -> _A_co: ...


class SlotKeyNames:
    """Gen2 spellings of `imaging.table.slots.slot.SlotKeys`."""

    __slots__ = ()

    def getCentroidSlot(self: _Slots[_A]) -> _A:
        return self.get_slot("Centroid")

    def getCentroidDefinition(self: _Slots[_Slot[_A, _B]]) -> str:
        return self.get_slot("Centroid").definition

    def getCentroidKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("Centroid").measurement_key

    def getCentroidErrKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("Centroid").error_key

    def getCentroidFlagKey(self: _Slots[_Slot[_A, _B]]) -> _B:
        return self.get_slot("Centroid").flag_key

    def getShapeSlot(self: _Slots[_A]) -> _A:
        return self.get_slot("Shape")

    def getShapeDefinition(self: _Slots[_Slot[_A, _B]]) -> str:
        return self.get_slot("Shape").definition

    def getShapeKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("Shape").measurement_key

    def getShapeErrKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("Shape").error_key

    def getShapeFlagKey(self: _Slots[_Slot[_A, _B]]) -> _B:
        return self.get_slot("Shape").flag_key

    def getPsfFluxSlot(self: _Slots[_A]) -> _A:
        return self.get_slot("PsfFlux")

    def getPsfFluxDefinition(self: _Slots[_Slot[_A, _B]]) -> str:
        return self.get_slot("PsfFlux").definition

    def getPsfFluxKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("PsfFlux").measurement_key

    def getPsfFluxErrKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("PsfFlux").error_key

    def getPsfFluxFlagKey(self: _Slots[_Slot[_A, _B]]) -> _B:
        return self.get_slot("PsfFlux").flag_key

    def getApFluxSlot(self: _Slots[_A]) -> _A:
        return self.get_slot("ApFlux")

    def getApFluxDefinition(self: _Slots[_Slot[_A, _B]]) -> str:
        return self.get_slot("ApFlux").definition

    def getApFluxKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("ApFlux").measurement_key

    def getApFluxErrKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("ApFlux").error_key

    def getApFluxFlagKey(self: _Slots[_Slot[_A, _B]]) -> _B:
        return self.get_slot("ApFlux").flag_key

    def getGaussianFluxSlot(self: _Slots[_A]) -> _A:
        return self.get_slot("GaussianFlux")

    def getGaussianFluxDefinition(self: _Slots[_Slot[_A, _B]]) -> str:
        return self.get_slot("GaussianFlux").definition

    def getGaussianFluxKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("GaussianFlux").measurement_key

    def getGaussianFluxErrKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("GaussianFlux").error_key

    def getGaussianFluxFlagKey(self: _Slots[_Slot[_A, _B]]) -> _B:
        return self.get_slot("GaussianFlux").flag_key

    def getModelFluxSlot(self: _Slots[_A]) -> _A:
        return self.get_slot("ModelFlux")

    def getModelFluxDefinition(self: _Slots[_Slot[_A, _B]]) -> str:
        return self.get_slot("ModelFlux").definition

    def getModelFluxKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("ModelFlux").measurement_key

    def getModelFluxErrKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("ModelFlux").error_key

    def getModelFluxFlagKey(self: _Slots[_Slot[_A, _B]]) -> _B:
        return self.get_slot("ModelFlux").flag_key

    def getCalibFluxSlot(self: _Slots[_A]) -> _A:
        return self.get_slot("CalibFlux")

    def getCalibFluxDefinition(self: _Slots[_Slot[_A, _B]]) -> str:
        return self.get_slot("CalibFlux").definition

    def getCalibFluxKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("CalibFlux").measurement_key

    def getCalibFluxErrKey(self: _Slots[_Slot[_A, _B]]) -> _A:
        return self.get_slot("CalibFlux").error_key

    def getCalibFluxFlagKey(self: _Slots[_Slot[_A, _B]]) -> _B:
        return self.get_slot("CalibFlux").flag_key
