"""The names that users of the LSST stack's second generation know: catalogs.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, ParamSpec, Protocol, TypeVar

from imaging.sky.angle import Angle
from imaging.sky.sphere_point import SpherePoint
from imaging.table.read_flags import NO_FOOTPRINTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from astropy.table import Table

    from imaging.fits.metadata import Metadata
    from imaging.footprint.footprint import Footprint
    from imaging.sky.sphere_point import SkyPosition

__all__ = [
    "BaseRecordNames",
    "CatalogNames",
    "ExchangeNames",
    "IdFactoryNames",
    "SimpleCatalogNames",
    "SimpleRecordNames",
    "SourceCatalogNames",
    "SourceRecordNames",
    "TableNames",
]

_A = TypeVar("_A")
_B = TypeVar("_B")
_C = TypeVar("_C")
_A_co = TypeVar("_A_co", covariant=True)
_B_co = TypeVar("_B_co", covariant=True)
_C_co = TypeVar("_C_co", covariant=True)
_A_contra = TypeVar("_A_contra", contravariant=True)
_B_contra = TypeVar("_B_contra", contravariant=True)
_P = ParamSpec("_P")


class _Factory(Protocol[_A_co]):
    @classmethod
    def make_simple(cls) -> _A_co: ...
    @classmethod
    def make_source(cls, exposure_id: int, reserved: int) -> _A_co: ...


class IdFactoryNames:
    """Gen2 spellings of `imaging.table.ids.IdFactory`."""

    __slots__ = ()

    @classmethod
    def makeSimple(cls: type[_Factory[_A]]) -> _A:
        return cls.make_simple()

    @classmethod
    def makeSource(cls: type[_Factory[_A]], expId: int, reserved: int) -> _A:
        return cls.make_source(expId, reserved)


class _Table(Protocol[_A_co]):
    @property
    def schema(self) -> _A_co: ...
    @classmethod
    def make_minimal_schema(cls) -> _A_co: ...


class _Keys(Protocol[_A_co]):
    @classmethod
    def field_key(cls, name: str) -> _A_co: ...


class _Maker(Protocol[_A_co]):
    def make_record(self) -> _A_co: ...


class _Copier(Protocol[_A_contra, _B_contra, _C_co]):
    def copy_record(self, record: _A_contra, mapper: _B_contra | None = ...) -> _C_co: ...


class _Numbering(Protocol[_A_co]):
    @property
    def id_factory(self) -> _A_co: ...


class _Described(Protocol):
    metadata: Metadata


class _Checking(Protocol[_A_contra]):
    @classmethod
    def check_schema(cls, schema: _A_contra) -> bool: ...


class TableNames:
    """Gen2 spellings of `imaging.table.table.BaseTable`."""

    __slots__ = ()

    @classmethod
    def makeMinimalSchema(cls: type[_Table[_A]]) -> _A:
        return cls.make_minimal_schema()

    @classmethod
    def checkSchema(cls: type[_Checking[_A]], other: _A) -> bool:
        return cls.check_schema(other)

    def getSchema(self: _Table[_A]) -> _A:
        return self.schema

    @classmethod
    def getIdKey(cls: type[_Keys[_A]]) -> _A:
        return cls.field_key("id")

    @classmethod
    def getParentKey(cls: type[_Keys[_A]]) -> _A:
        return cls.field_key("parent")

    def makeRecord(self: _Maker[_A]) -> _A:
        return self.make_record()

    def copyRecord(self: _Copier[_A, _B, _C], input: _A, mapper: _B | None = None) -> _C:  # noqa: A002 - as Gen2 has it
        return self.copy_record(input, mapper)

    def getIdFactory(self: _Numbering[_A]) -> _A:
        return self.id_factory

    def getMetadata(self: _Described) -> Metadata:
        return self.metadata

    def setMetadata(self: _Described, metadata: Metadata) -> None:
        self.metadata = metadata


class _Record(Protocol[_A_co, _B_co]):
    @property
    def schema(self) -> _A_co: ...
    @property
    def table(self) -> _B_co: ...


class BaseRecordNames:
    """Gen2 spellings of `imaging.table.record.BaseRecord`."""

    __slots__ = ()

    def getSchema(self: _Record[_A, _B]) -> _A:
        return self.schema

    def getTable(self: _Record[_A, _B]) -> _B:
        return self.table


class _Simple(Protocol):
    id: int
    ra: float
    dec: float


class SimpleRecordNames:
    """Gen2 spellings of `imaging.table.record.SimpleRecord`."""

    __slots__ = ()

    def getId(self: _Simple) -> int:
        return self.id

    def setId(self: _Simple, value: int) -> None:
        self.id = value

    def getRa(self: _Simple) -> Angle:
        return Angle(self.ra)

    def setRa(self: _Simple, value: float) -> None:
        self.ra = value

    def getDec(self: _Simple) -> Angle:
        return Angle(self.dec)

    def setDec(self: _Simple, value: float) -> None:
        self.dec = value

    def getCoord(self: _Simple) -> SpherePoint:
        return SpherePoint(Angle(self.ra), Angle(self.dec))

    def setCoord(self: _Simple, value: SkyPosition) -> None:
        self.ra, self.dec = map(float, SpherePoint(value))


class _Locating(Protocol[_A_contra]):
    def update_coord(self, wcs: _A_contra) -> None: ...


class _Child(Protocol):
    parent: int


class _Footed(Protocol):
    footprint: Footprint | None


class _Shaped(Protocol[_A_co, _B_co]):
    @property
    def centroid(self) -> _A_co: ...
    @property
    def shape(self) -> _B_co: ...


class SourceRecordNames:
    """Gen2 spellings of `imaging.table.record.SourceRecord`."""

    __slots__ = ()

    def getParent(self: _Child) -> int:
        return self.parent

    def setParent(self: _Child, value: int) -> None:
        self.parent = value

    def updateCoord(self: _Locating[_A], wcs: _A) -> None:
        self.update_coord(wcs)

    def getFootprint(self: _Footed) -> Footprint | None:
        return self.footprint

    def setFootprint(self: _Footed, value: Footprint | None) -> None:
        self.footprint = value

    def getCentroid(self: _Shaped[_A, _B]) -> _A:
        return self.centroid

    def getShape(self: _Shaped[_A, _B]) -> _B:
        return self.shape


class _Catalog(Protocol[_A_co, _B_co, _C_co]):
    @property
    def schema(self) -> _A_co: ...
    @property
    def table(self) -> _B_co: ...
    @property
    def columns(self) -> _C_co: ...


class _List(Protocol):
    @property
    def is_contiguous(self) -> bool: ...
    def reserve(self, count: int) -> None: ...


class _Adder(Protocol[_A_co]):
    def add_new(self) -> _A_co: ...


class CatalogNames:
    """Gen2 spellings of `imaging.table.catalog.BaseCatalog`."""

    __slots__ = ()

    def getSchema(self: _Catalog[_A, _B, _C]) -> _A:
        return self.schema

    def getTable(self: _Catalog[_A, _B, _C]) -> _B:
        return self.table

    def getColumnView(self: _Catalog[_A, _B, _C]) -> _C:
        return self.columns

    def isContiguous(self: _List) -> bool:
        return self.is_contiguous

    def addNew(self: _Adder[_A]) -> _A:
        return self.add_new()

    def getMetadata(self: _Described) -> Metadata:
        return self.metadata

    def setMetadata(self: _Described, metadata: Metadata) -> None:
        self.metadata = metadata


class _Tabular(Protocol[_A_co]):
    def to_astropy(
        self,
        *,
        copy: bool = ...,
        kind: type[Table] | None = ...,
        unviewable: Literal["copy", "raise", "skip"] = ...,
    ) -> _A_co: ...


class _Readable(Protocol[_A_co]):
    @classmethod
    def read_fits(
        cls,
        path: str,
        *,
        columns: None = ...,
        hdu: int | str | None = ...,
        footprints: bool = ...,
    ) -> _A_co: ...


class _Writable(Protocol):
    def write_fits(self, path: str) -> None: ...


class ExchangeNames:
    """Gen2 spellings of `imaging.table.exchange.Exchange`."""

    __slots__ = ()

    def asAstropy(
        self: _Tabular[_A],
        cls: type[Table] | None = None,
        copy: bool = False,  # noqa: FBT001, FBT002 - as Gen2 has it
        unviewable: Literal["copy", "raise", "skip"] = "copy",
    ) -> _A:
        return self.to_astropy(copy=copy, kind=cls, unviewable=unviewable)

    @classmethod
    def readFits(
        cls: type[_Readable[_A]], filename: str, hdu: int | str | None = None, flags: int = 0
    ) -> _A:
        return cls.read_fits(filename, hdu=hdu, footprints=not flags & NO_FOOTPRINTS)

    def writeFits(self: _Writable, filename: str) -> None:
        self.write_fits(filename)


class _Keyed(Protocol):
    def is_sorted(self, key: str = ...) -> bool: ...


class SimpleCatalogNames:
    """Gen2 spellings of `imaging.table.source_catalog.SimpleCatalog`."""

    __slots__ = ()

    def isSorted(self: _Keyed, key: str = "id") -> bool:
        return self.is_sorted(key)


class _Family(Protocol[_P, _A_co]):
    @property
    def get_children(self) -> Callable[_P, _A_co]: ...


class SourceCatalogNames:
    """Gen2 spellings of `imaging.table.source_catalog.SourceCatalog`."""

    __slots__ = ()

    def getChildren(self: _Family[_P, _A], *args: _P.args, **others: _P.kwargs) -> _A:
        return self.get_children(*args, **others)
