"""Lists of records, read and written by column or by record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Generic, Self, SupportsIndex, TypeVar, overload

import numpy as np

from imaging.errors import NotContiguousError, ParameterTypeError, ParameterValueError
from imaging.table.column_view import Columns
from imaging.table.content import TableContent
from imaging.table.display import as_html, as_text
from imaging.table.exchange import Exchange
from imaging.table.gen2_names import CatalogNames
from imaging.table.order import RowOrder, appended, as_index, as_order, chosen_rows
from imaging.table.record import BaseRecord
from imaging.table.schemas.fields import Key
from imaging.table.schemas.schema import Schema
from imaging.table.schemas.slots import SlotDefinitions
from imaging.table.search import SortedSearch
from imaging.table.slots.slot import SlotKeys
from imaging.table.table import BaseTable

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from imaging.fits.metadata import Metadata
    from imaging.table.columns import RowIndex
    from imaging.table.schemas.aliases import AliasMap
    from imaging.table.schemas.mapping import SchemaMapper

__all__ = ["BaseCatalog"]

_Record = TypeVar("_Record", bound=BaseRecord)
_Scalar = TypeVar("_Scalar", bound=np.generic)


class BaseCatalog(
    CatalogNames, SlotDefinitions, SlotKeys, SortedSearch, Exchange, Generic[_Record]
):
    """A list of records of one table.

    Parameters
    ----------
    source
        The table whose records it will list, none at first; or a schema, for
        a new table; or another catalog, whose records it then shares.

    Notes
    -----
    ``catalog[3]`` is a record, ``catalog[2:5]`` and ``catalog[mask]`` are
    catalogs of the same records, ``catalog["id"]`` is a column. A column is a
    view of the table, which shows and makes changes, except that flags and
    texts are copies; it ends to be one when the table grows. Columns of a
    catalog whose records are not neighbours in memory must be asked of
    ``catalog.copy(deep=True)``. Columns can always be assigned to.
    """

    __slots__ = ("_rows", "_table")

    _table_type: type[BaseTable[_Record]] = BaseTable
    _table: BaseTable[_Record]
    _rows: RowOrder

    def __init__(self, source: Schema | BaseTable[_Record] | BaseCatalog[_Record]) -> None:
        if isinstance(source, Schema):
            self._table, self._rows = self._table_type.make(source), range(0)
        elif isinstance(source, BaseCatalog):
            self._table, self._rows = source.table, source.rows[:]
        elif isinstance(source, self._table_type):
            self._table, self._rows = source, range(0)
        else:
            message = (
                f"A {type(self).__name__} is made from a Schema or a {self._table_type.__name__}, "
                f"not from {source!r}."
            )
            raise ParameterTypeError(message)

    @classmethod
    def of_table(cls, table: BaseTable[_Record], rows: RowOrder | None = None) -> Self:
        """Return a catalog of some rows of a table, by default all of them."""
        new = cls(table)
        new._rows = range(len(table)) if rows is None else rows
        return new

    def _part(self, rows: RowOrder) -> Self:
        return type(self).of_table(self._table, rows)

    @property
    def table(self) -> BaseTable[_Record]:
        """The table that holds the records."""
        return self._table

    @property
    def schema(self) -> Schema:
        """The fields: a copy, whose aliases are those of the table."""
        return self._table.schema

    @property
    def aliases(self) -> AliasMap:
        """Other names of the fields, which can be changed in place."""
        return self._table.aliases

    @property
    def metadata(self) -> Metadata:
        """Cards that go into files with it: those of the table."""
        return self._table.metadata

    @metadata.setter
    def metadata(self, metadata: Metadata) -> None:
        self._table.metadata = metadata

    @property
    def is_contiguous(self) -> bool:
        """Whether the records are neighbours in memory, so that there are columns."""
        return isinstance(self._rows, range)

    @property
    def rows(self) -> RowOrder:
        """Places of the records in the table."""
        return self._rows

    @property
    def index(self) -> RowIndex:
        """What takes the records from an array of the table."""
        return as_index(self._rows)

    @property
    def columns(self) -> Columns:
        """The columns as a mapping of names to arrays.

        Raises
        ------
        NotContiguousError
            If the records are not neighbours in memory.
        """
        self._require_contiguous()
        return Columns(self)

    def _require_contiguous(self) -> None:
        if not self.is_contiguous:
            message = (
                "The records of this catalog are not neighbours in memory, so there is no column "
                "of them: use catalog = catalog.copy(deep=True)."
            )
            raise NotContiguousError(message)

    def get(self, key: str | Key[np.generic]) -> NDArray[np.generic]:
        """Return a column.

        Parameters
        ----------
        key
            Key, name or alias.

        Returns
        -------
        numpy.ndarray
            A view; of flags and texts a copy.

        Raises
        ------
        FieldNotFoundError
            If there is no such field.
        NotContiguousError
            If the records are not neighbours in memory.
        """
        field = self._table.field(key)
        self._require_contiguous()
        return self._table.column(field.key, self.index)

    def values(self, key: str | Key[np.generic]) -> NDArray[np.generic]:
        """Return a column, as a copy if the records are not neighbours in memory."""
        return self._table.column(key, self.index)

    def set(self, key: str | Key[np.generic], values: ArrayLike) -> None:
        """Write a column.

        Parameters
        ----------
        key
            Key, name or alias.
        values
            One for each record, or one for all. A Quantity is converted to
            the unit of the field.

        Raises
        ------
        FieldNotFoundError
            If there is no such field.
        ParameterTypeError
            If the field cannot take values of such a type.
        ParameterValueError
            If a value does not fit, or there is another number of them.
        """
        self._table.fill(key, self.index, values)

    def extract(
        self,
        *patterns: str,
        regex: str | re.Pattern[str] | None = None,
        sub: str | None = None,
        ordered: bool = True,
    ) -> dict[str, NDArray[np.generic]]:
        """Return the columns whose names match; see `Schema.extract`."""
        self._require_contiguous()
        found = self.schema.extract(*patterns, regex=regex, sub=sub, ordered=ordered)
        return {name: self.get(entry.key) for name, entry in found.items()}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[_Record]:
        table, kind = self._table, self._table.record_type
        new = kind.__new__
        for row in self._rows:  # without a call of __init__: a third of the time
            record = new(kind)
            record._table, record._row = table, row  # noqa: SLF001 - as __init__ does
            yield record

    @overload
    def __getitem__(self, key: SupportsIndex) -> _Record: ...  # type: ignore[overload-overlap]  # arrays of one integer have __index__
    @overload
    def __getitem__(self, key: slice | NDArray[np.bool_ | np.integer]) -> Self: ...
    @overload
    def __getitem__(self, key: Key[_Scalar]) -> NDArray[_Scalar]: ...
    @overload
    def __getitem__(self, key: str) -> NDArray[np.generic]: ...
    def __getitem__(
        self,
        key: SupportsIndex | slice | NDArray[np.bool_ | np.integer] | str | Key[np.generic],
    ) -> _Record | Self | NDArray[np.generic]:
        if isinstance(key, str | Key):
            return self.get(key)
        if isinstance(key, slice):
            rows = self._rows[key]
            return self._part(rows if isinstance(rows, range) else as_order(np.array(rows)))
        if isinstance(key, np.ndarray) and key.ndim:
            return self.subset(key)
        try:
            return self._table.record(self._rows[key])
        except IndexError:
            message = f"There is no record {key} among {len(self)}."
            raise IndexError(message) from None
        except TypeError:
            message = f"A catalog takes a number, slice, array, name or key, not {key!r}."
            raise ParameterTypeError(message) from None

    def __setitem__(self, key: str | Key[np.generic], values: ArrayLike) -> None:
        if not isinstance(key, str | Key):
            message = "Columns can be assigned to. To change a record, use record.assign(other)."
            raise ParameterTypeError(message)
        self.set(key, values)

    def __delitem__(self, key: SupportsIndex | slice) -> None:
        places = np.arange(len(self))
        self._rows = chosen_rows(self._rows, np.delete(places, np.atleast_1d(places[key])))

    @overload
    def subset(self, chosen: NDArray[np.bool_ | np.integer]) -> Self: ...
    @overload
    def subset(self, chosen: int, stop: int, step: int = 1) -> Self: ...
    def subset(
        self, chosen: NDArray[np.bool_ | np.integer] | int, stop: int | None = None, step: int = 1
    ) -> Self:
        """Return a catalog of some of the records, which are shared.

        Parameters
        ----------
        chosen
            One boolean for each record, or the numbers of those to take; or
            the first number, and ``stop`` and ``step`` as in slices.
        stop, step
            Where to end, and how far to go each time.

        Raises
        ------
        ParameterValueError
            If there is another number of booleans than records.
        """
        if stop is not None:
            return self[int(chosen) : stop : step]
        wanted = np.asarray(chosen)
        if wanted.ndim != 1:
            message = f"Records are chosen by a list of them, not in {wanted.ndim} dimensions."
            raise ParameterValueError(message)
        if wanted.dtype.kind == "b" and wanted.shape != (len(self),):
            message = f"There are {wanted.size} booleans for {len(self)} records."
            raise ParameterValueError(message)
        if wanted.dtype.kind not in "biu":
            message = f"Records are chosen by booleans or integers, not by {wanted.dtype} values."
            raise ParameterTypeError(message)
        places = np.flatnonzero(wanted) if wanted.dtype.kind == "b" else wanted
        return self._part(chosen_rows(self._rows, places))

    def add_new(self) -> _Record:
        """Append a new record and return it."""
        record = self._table.make_record()
        self._rows = appended(self._rows, range(record.row, record.row + 1))
        return record

    def append(self, record: BaseRecord, mapper: SchemaMapper | None = None) -> None:
        """Append a record: the very same if it is of the same table, otherwise a copy.

        Parameters
        ----------
        record
            What is appended.
        mapper
            What to copy of a record with other fields.

        Raises
        ------
        ParameterTypeError
            If it is no record.
        SchemaError
            If the record has other fields and there is no mapper.
        """
        if not isinstance(record, BaseRecord):
            message = f"Records can be appended, not {record!r}."
            raise ParameterTypeError(message)
        if record.table is not self._table or mapper is not None:
            if mapper is None:
                self._table.mapper_from(record.table)  # an error before there is a new row
            record = self._table.copy_record(record, mapper)
        self._rows = appended(self._rows, range(record.row, record.row + 1))

    def extend(
        self,
        other: Iterable[BaseRecord],
        *,
        deep: bool = False,
        mapper: SchemaMapper | None = None,
    ) -> None:
        """Append the records of another catalog.

        Parameters
        ----------
        other
            A catalog, or records.
        deep
            Whether to copy records of the same table, too.
        mapper
            What to copy of records with other fields.

        Raises
        ------
        ParameterTypeError
            If they are no records.
        SchemaError
            If the records have other fields and there is no mapper.
        """
        if not isinstance(other, Iterable):
            message = f"A catalog is extended by a catalog or records, not by {other!r}."
            raise ParameterTypeError(message)
        if not isinstance(other, BaseCatalog):
            for record in other:
                self.append(record, mapper)
        elif other.table is self._table and not deep and mapper is None:
            rows = [*self._rows, *other.rows]
            self._rows = as_order(rows)
        else:
            self._copy_rows(other, mapper)

    def _copy_rows(self, other: BaseCatalog[BaseRecord], mapper: SchemaMapper | None) -> None:
        if mapper is None:
            self._table.mapper_from(other.table)  # an error before there are new rows
        source = other.index
        new = self._table.add_rows(len(other))
        self._table.copy_rows(other.table, source, new, mapper)
        self._table.share_footprints(other.table, source, new)
        self._rows = appended(self._rows, new)

    def reserve(self, count: int) -> None:
        """Make room for so many records altogether, to be appended later."""
        self._table.reserve(len(self._table) + count - len(self))

    def resize(self, count: int) -> None:
        """Append records without values, or drop the last ones.

        Raises
        ------
        ParameterTypeError
            If the number is no integer.
        ParameterValueError
            If it is negative, or there is not the memory for as many.
        """
        if not isinstance(count, int | np.integer):
            message = f"A catalog has a whole number of records, not {count!r}."
            raise ParameterTypeError(message)
        if count < 0:
            message = f"A catalog cannot have {count} records."
            raise ParameterValueError(message)
        if count < len(self):
            self._rows = self._rows[:count]
        else:
            self._rows = appended(self._rows, self._table.add_rows(count - len(self)))

    def copy(self, deep: bool = False) -> Self:  # noqa: FBT001, FBT002 - copy(True) in Gen2
        """Return another catalog.

        Parameters
        ----------
        deep
            Whether the records are copied, too, as neighbours in memory.
            Footprints are shared all the same.
        """
        if not deep:
            return self._part(self._rows[:])
        return self.of_table(self._table.taken(self.index))

    def find(self, value: int, key: str | Key[np.generic] = "id") -> _Record | None:
        """Return the first record with a value, or None.

        Parameters
        ----------
        value
            What is looked for.
        key
            The field, by default the identifier.
        """
        places = np.flatnonzero(self._single_values(key) == value)
        return self[int(places[0])] if len(places) else None

    def sort(self, key: str | Key[np.generic] = "id") -> None:
        """Put the records into the ascending order of a field; equal ones stay in their order."""
        if not self.is_sorted(key):
            order = np.argsort(self._single_values(key), kind="stable")
            self._rows = chosen_rows(self._rows, order)

    def is_sorted(self, key: str | Key[np.generic] = "id") -> bool:
        """Return whether the records are in the ascending order of a field."""
        column = self._single_values(key)
        return bool(np.all(np.less_equal(column[:-1], column[1:])))

    def _single_values(self, key: str | Key[np.generic]) -> NDArray[np.generic]:
        values = self.values(key)
        if values.ndim > 1:
            message = f"Field {self._table.field(key).name!r} holds arrays, which have no order."
            raise ParameterTypeError(message)
        return values

    @property
    def content(self) -> TableContent:
        """The rows and what belongs to them: views if the records are neighbours in memory."""
        table, index = self._table, self.index
        return TableContent(
            self.schema,
            table.array[index],
            table.bits,
            table.metadata,
            table.attachments,
            table.numbers[index],
        )

    @classmethod
    def required_fields(cls) -> tuple[str, ...]:
        """Return the names of the fields that all such catalogs have."""
        return tuple(field.name for field in cls._table_type.minimal)

    @classmethod
    def of_content(cls, content: TableContent) -> Self:
        """Return a catalog of given rows, which are not copied."""
        table = cls._table_type(
            content.schema,
            content.array,
            bits=content.bits,
            attachments=content.attachments,
            numbers=content.numbers,
        )
        table.metadata = content.metadata
        return cls.of_table(table)

    def __str__(self) -> str:
        return as_text(self.schema, self.values_of_some, len(self))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} records>\n{self}"

    def _repr_html_(self) -> str:
        return as_html(self.schema, self.values_of_some, len(self))

    def values_of_some(
        self, key: str | Key[np.generic], places: NDArray[np.int64]
    ) -> NDArray[np.generic]:
        """Return the values of some records only."""
        rows = np.array([self._rows[place] for place in places.tolist()], np.int64)
        return self._table.column(key, rows)
