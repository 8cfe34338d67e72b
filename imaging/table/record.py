"""One row of a table: a light view, which reads and writes the table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast, overload

from imaging.errors import FieldNotFoundError, ParameterTypeError
from imaging.geometry.ellipses import Quadrupole
from imaging.geometry.points import Point2D
from imaging.table.gen2_names import BaseRecordNames, SimpleRecordNames, SourceRecordNames
from imaging.table.schemas.slots import SlotValues
from imaging.table.storage import missing_field

if TYPE_CHECKING:
    import re

    import numpy as np
    from astropy.coordinates import SkyCoord

    from imaging.footprint.footprint import Footprint
    from imaging.table.schemas.fields import FieldValue, Key
    from imaging.table.schemas.mapping import SchemaMapper
    from imaging.table.schemas.schema import Schema
    from imaging.table.storage import Storage
    from imaging.wcs.projection import SkyProjection

__all__ = ["BaseRecord", "SimpleRecord", "SourceRecord"]


class BaseRecord(BaseRecordNames):
    """One row of a table.

    Parameters
    ----------
    table
        Where the row is.
    row
        Its place there.

    Notes
    -----
    ``record.get(key)`` is fastest with a `Key`, nearly as fast with the name
    of a field, and three times slower with an alias.
    """

    __slots__ = ("_row", "_table")

    _table: Storage
    _row: int

    def __init__(self, table: Storage, row: int) -> None:
        self._table, self._row = table, row

    @property
    def table(self) -> Storage:
        """The table that holds it."""
        return self._table

    @property
    def row(self) -> int:
        """Its place in the table."""
        return self._row

    @property
    def schema(self) -> Schema:
        """The fields."""
        return self._table.schema

    @overload
    def get(self, key: Key[np.bool_]) -> bool: ...
    @overload
    def get(self, key: Key[np.integer]) -> int: ...
    @overload
    def get(self, key: Key[np.floating]) -> float: ...
    @overload
    def get(self, key: Key[np.str_]) -> str: ...
    @overload
    def get(self, key: str | Key[np.generic]) -> FieldValue: ...
    def get(self, key: str | Key[np.generic]) -> FieldValue:
        """Return the value of a field.

        Parameters
        ----------
        key
            Key, name or alias.

        Returns
        -------
        bool, int, float, str or numpy.ndarray
            Arrays are views of the table.

        Raises
        ------
        FieldNotFoundError
            If there is no such field.
        """
        try:
            return self._table.cells[key](self._row)
        except FieldNotFoundError as error:
            raise missing_field(error) from None

    def set(self, key: str | Key[np.generic], value: FieldValue) -> None:
        """Set the value of a field.

        Parameters
        ----------
        key
            Key, name or alias.
        value
            What the field then has; a Quantity is converted to its unit.

        Raises
        ------
        FieldNotFoundError
            If there is no such field.
        ParameterTypeError
            If the field cannot take a value of such a type.
        ParameterValueError
            If the value does not fit.
        """
        try:
            self._table.setters[key](self._row, value)
        except FieldNotFoundError as error:
            raise missing_field(error) from None

    def __getitem__(self, key: str | Key[np.generic]) -> FieldValue:
        return self.get(key)

    def __setitem__(self, key: str | Key[np.generic], value: FieldValue) -> None:
        self.set(key, value)

    def extract(
        self,
        *patterns: str,
        regex: str | re.Pattern[str] | None = None,
        sub: str | None = None,
        ordered: bool = True,
    ) -> dict[str, FieldValue]:
        """Return the values of the fields whose names match; see `Schema.extract`."""
        found = self.schema.extract(*patterns, regex=regex, sub=sub, ordered=ordered)
        return {name: self.get(entry.key) for name, entry in found.items()}

    def assign(self, other: BaseRecord, mapper: SchemaMapper | None = None) -> None:
        """Take the values of another record.

        Parameters
        ----------
        other
            A record of this or another table.
        mapper
            What to copy; not needed for a record with the same fields.

        Raises
        ------
        SchemaError
            If the fields are not the same and there is no mapper.
        """
        if not isinstance(other, BaseRecord):
            message = f"A record takes the values of another, not of {other!r}."
            raise ParameterTypeError(message)
        source, target = slice(other.row, other.row + 1), range(self._row, self._row + 1)
        self._table.copy_rows(other.table, source, target, mapper)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BaseRecord):
            return NotImplemented
        return self._table is other._table and self._row == other._row

    def __hash__(self) -> int:
        return hash((id(self._table), self._row))

    def __repr__(self) -> str:
        lines = [f"{name}: {value}" for name, value in self.extract("*").items()]
        return "\n".join([f"<{type(self).__name__}>", *lines])


class SimpleRecord(SimpleRecordNames, BaseRecord):
    """A record with an identifier and a position on the sky."""

    __slots__ = ()

    @property
    def id(self) -> int:
        """Its identifier."""
        return cast("int", self.get("id"))

    @id.setter  # noqa: A003 - the name of the field
    def id(self, value: int) -> None:
        self.set("id", value)

    @property
    def ra(self) -> float:
        """Right ascension, in radians."""
        return cast("float", self.get("coord_ra"))

    @ra.setter
    def ra(self, value: float) -> None:
        self.set("coord_ra", value)

    @property
    def dec(self) -> float:
        """Declination, in radians."""
        return cast("float", self.get("coord_dec"))

    @dec.setter
    def dec(self, value: float) -> None:
        self.set("coord_dec", value)

    @property
    def coord(self) -> SkyCoord:
        """Position on the sky, ICRS."""
        from astropy.coordinates import SkyCoord

        return SkyCoord(self.ra, self.dec, unit="rad")

    @coord.setter
    def coord(self, value: SkyCoord) -> None:
        self.ra, self.dec = float(value.icrs.ra.rad), float(value.icrs.dec.rad)


class SourceRecord(SourceRecordNames, SimpleRecord, SlotValues[float, bool]):
    """What was measured of one source, with its footprint."""

    __slots__ = ()

    def _slot_value(self, name: str) -> FieldValue:
        return self.get(name)

    @property
    def parent(self) -> int:
        """Identifier of the source of which it is a part; 0 for none."""
        return cast("int", self.get("parent"))

    @parent.setter
    def parent(self, value: int) -> None:
        self.set("parent", value)

    @property
    def footprint(self) -> Footprint | None:
        """Its pixels, None if they are not known."""
        return self._table.footprint(self._row)

    @footprint.setter
    def footprint(self, value: Footprint | None) -> None:
        self._table.set_footprint(self._row, value)

    @property
    def centroid(self) -> Point2D:
        """The position in the slot, in pixels."""
        return Point2D(self.x, self.y)

    @property
    def shape(self) -> Quadrupole:
        """The second moments in the slot, in square pixels."""
        moments = (self._slot_real(f"slot_Shape_{name}") for name in ("xx", "yy", "xy"))
        return Quadrupole(*moments)

    def update_coord(self, wcs: SkyProjection) -> None:
        """Set the position on the sky to that of the centroid.

        Parameters
        ----------
        wcs
            Of the image in which the centroid was measured.
        """
        ra, dec = wcs.pixel_to_sky(self.x, self.y)
        self.ra, self.dec = math.radians(ra), math.radians(dec)

    def assign(self, other: BaseRecord, mapper: SchemaMapper | None = None) -> None:
        """Take the values of another record, and its footprint; see `BaseRecord.assign`."""
        super().assign(other, mapper)
        if isinstance(other, SourceRecord):
            self.footprint = other.footprint
