"""The keys of the measurement that a slot stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, cast

from imaging.errors import ParameterValueError, closest_words
from imaging.geometry.ellipses import Quadrupole
from imaging.geometry.points import Point2D
from imaging.table.slots.gen2_names import PointKeyNames, ShapeKeyNames, SlotKeyNames, SlotNames

if TYPE_CHECKING:
    import numpy as np

    from imaging.table.record import BaseRecord
    from imaging.table.schemas.fields import Key
    from imaging.table.schemas.schema import Schema

__all__ = ["PointKey", "ShapeKey", "Slot", "SlotKeys"]

_KeyOfSlot: TypeAlias = "Key[np.generic] | PointKey | ShapeKey"
_FLUX = ("instFlux",)
_PARTS = {
    "Centroid": ("x", "y"),
    "Shape": ("xx", "yy", "xy"),
    "PsfFlux": _FLUX,
    "ApFlux": _FLUX,
    "GaussianFlux": _FLUX,
    "ModelFlux": _FLUX,
    "CalibFlux": _FLUX,
}


class _PointKeys(NamedTuple):
    x: Key[np.generic]
    y: Key[np.generic]


class PointKey(PointKeyNames, _PointKeys):
    """The keys of column and row of a position."""

    __slots__ = ()

    def get(self, record: BaseRecord) -> Point2D:
        """Return the position of a record."""
        return Point2D(*(cast("float", record.get(key)) for key in self))


class _ShapeKeys(NamedTuple):
    ixx: Key[np.generic]
    iyy: Key[np.generic]
    ixy: Key[np.generic]


class ShapeKey(ShapeKeyNames, _ShapeKeys):
    """The keys of second moments."""

    __slots__ = ()

    def get(self, record: BaseRecord) -> Quadrupole:
        """Return the moments of a record."""
        return Quadrupole(*(cast("float", record.get(key)) for key in self))


@dataclass(frozen=True, slots=True)
class Slot(SlotNames):
    """A slot of a table.

    Parameters
    ----------
    schema
        The fields.
    name
        ``Centroid``, ``Shape``, or ``PsfFlux``, ``ApFlux``, ``GaussianFlux``,
        ``ModelFlux`` or ``CalibFlux``.

    Raises
    ------
    ParameterValueError
        If there is no such slot.
    """

    schema: Schema
    name: str

    def __post_init__(self) -> None:
        if self.name not in _PARTS:
            message = f"There is no slot {self.name!r}.{closest_words(self.name, _PARTS)}"
            raise ParameterValueError(message)

    @property
    def definition(self) -> str:
        """What the names of the measurement begin with; empty if it is not defined."""
        return self.schema.aliases.get(f"slot_{self.name}", "")

    @property
    def is_valid(self) -> bool:
        """Whether it is defined and its fields are there."""
        return all(f"slot_{self.name}_{part}" in self.schema for part in _PARTS[self.name])

    @property
    def measurement_key(self) -> _KeyOfSlot:
        """Key of the measurement; several in one for a position and a shape.

        Raises
        ------
        FieldNotFoundError
            If the slot is not valid.
        """
        return self._key("")

    @property
    def error_key(self) -> _KeyOfSlot:
        """Key of its standard error, as `measurement_key`."""
        return self._key("Err")

    @property
    def flag_key(self) -> Key[np.generic]:
        """Key of the flag that is set where it failed.

        Raises
        ------
        FieldNotFoundError
            If there is none.
        """
        return self._find("flag")

    def _key(self, suffix: str) -> _KeyOfSlot:
        keys = [self._find(part + suffix) for part in _PARTS[self.name]]
        if len(keys) == 1:
            return keys[0]
        return PointKey(*keys) if self.name == "Centroid" else ShapeKey(*keys)

    def _find(self, part: str) -> Key[np.generic]:
        return self.schema.find(f"slot_{self.name}_{part}").key


class _WithSchema(Protocol):
    @property
    def schema(self) -> Schema: ...


class SlotKeys(SlotKeyNames):
    """What gives the slots of a table or a catalog."""

    __slots__ = ()

    def get_slot(self: _WithSchema, name: str) -> Slot:
        """Return a slot by its name; see `Slot`."""
        return Slot(self.schema, name)
