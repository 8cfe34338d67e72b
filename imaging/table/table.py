"""The factories of records: what a catalog's records share."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, Self, TypeVar

from imaging.errors import SchemaError
from imaging.table.gen2_names import TableNames
from imaging.table.ids import IdFactory
from imaging.table.record import BaseRecord, SimpleRecord, SourceRecord
from imaging.table.schemas.fields import Field, Key
from imaging.table.schemas.schema import Schema
from imaging.table.schemas.slots import SlotDefinitions
from imaging.table.slots.slot import SlotKeys
from imaging.table.storage import Storage, copied_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from imaging.table.attachments import Attachments
    from imaging.table.columns import RowIndex
    from imaging.table.schemas.aliases import AliasMap
    from imaging.table.schemas.mapping import SchemaMapper

__all__ = ["BaseTable", "SimpleTable", "SourceTable"]

_Record = TypeVar("_Record", bound=BaseRecord)

_SIMPLE = (
    Field("id", "L", "unique ID"),
    Field("coord_ra", "Angle", "position in ra/dec", "rad"),
    Field("coord_dec", "Angle", "position in ra/dec", "rad"),
)
_PARENT = Field("parent", "L", "unique ID of parent source")


class BaseTable(TableNames, SlotDefinitions, SlotKeys, Storage, Generic[_Record]):
    """What holds records and makes new ones; see `Storage` for the parameters.

    Notes
    -----
    A table keeps a copy of its schema: fields that are added to the schema
    afterwards are not in it. A catalog lists some of its records.
    """

    minimal: ClassVar[tuple[Field, ...]] = ()
    """The fields that its records need."""
    record_type: type[_Record] = BaseRecord  # type: ignore[assignment]  # where no other is named
    """The class of its records."""

    def __init__(
        self,
        schema: Schema,
        array: NDArray[np.void] | None = None,
        *,
        bits: Mapping[str, int] | None = None,
        attachments: Attachments | None = None,
        numbers: NDArray[np.int32] | None = None,
        id_factory: IdFactory | None = None,
    ) -> None:
        super().__init__(schema, array, bits=bits, attachments=attachments, numbers=numbers)
        self._id_factory = id_factory
        self._has_id = "id" in self._schema.names

    @classmethod
    def make(cls, schema: Schema, id_factory: IdFactory | None = None) -> Self:
        """Return an empty table.

        Parameters
        ----------
        schema
            The fields of its records.
        id_factory
            Where identifiers come from; by default they count from 1.

        Raises
        ------
        SchemaError
            If a field is missing that all such records need.
        """
        missing = [field.name for field in cls.minimal if field.key not in schema]
        if missing:
            message = (
                f"A {cls.__name__} needs the fields {', '.join(map(repr, missing))}. Begin with "
                f"{cls.__name__}.make_minimal_schema() and add the others to it."
            )
            raise SchemaError(message)
        return cls(schema, id_factory=id_factory)

    @classmethod
    def make_minimal_schema(cls) -> Schema:
        """Return a schema with the fields that all such records need."""
        return Schema(cls.minimal)

    @classmethod
    def check_schema(cls, schema: Schema) -> bool:
        """Return whether a schema has the fields that all such records need."""
        return all(field.key in schema for field in cls.minimal)

    @classmethod
    def field_key(cls, name: str) -> Key[np.generic]:
        """Return the key of a field that all such records need.

        Raises
        ------
        FieldNotFoundError
            If there is none of that name.
        """
        return cls.make_minimal_schema().find(name).key

    @property
    def aliases(self) -> AliasMap:
        """Other names of the fields, which can be changed in place."""
        return self._schema.aliases

    @property
    def id_factory(self) -> IdFactory:
        """Where the identifiers of new records come from."""
        if self._id_factory is None:
            self._id_factory = IdFactory()
            if len(self) and self._has_id:
                self._id_factory.notify(int(self.array["id"].max()))
        return self._id_factory

    def record(self, row: int) -> _Record:
        """Return the record of a row."""
        return self.record_type(self, row)

    def make_record(self) -> _Record:
        """Return a new record without values, which is in no catalog yet."""
        if not self._has_id:
            return self.record(self.add_rows(1).start)
        identifier = self.id_factory()
        record = self.record(self.add_rows(1).start)
        self.setters["id"](record.row, identifier)
        return record

    def copy_record(self, record: BaseRecord, mapper: SchemaMapper | None = None) -> _Record:
        """Return a new record with the values of another; see `BaseRecord.assign`."""
        copy = self.record(self.add_rows(1).start)
        copy.assign(record, mapper)
        return copy

    def taken(self, rows: RowIndex) -> Self:
        """Return a table with copies of some rows; footprints are shared."""
        new = type(self)(
            self._schema,
            copied_rows(self.array, rows),
            bits=self._bits,
            attachments=self.attachments,
            numbers=self.numbers[rows].copy(),
        )
        new.metadata = self.metadata.copy()
        return new

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} records of {len(self._schema)} fields>"


class SimpleTable(BaseTable[SimpleRecord]):
    """A table of records with an identifier and a position on the sky."""

    minimal = _SIMPLE
    record_type = SimpleRecord


class SourceTable(BaseTable[SourceRecord]):
    """A table of sources: identifier, position, parent, and a footprint."""

    minimal = (*_SIMPLE, _PARENT)
    record_type = SourceRecord
