"""The names that users of the LSST stack's second generation know: schemas.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AliasMapNames",
    "FieldNames",
    "SchemaEntryNames",
    "SchemaMapperNames",
    "SchemaNames",
    "SlotDefinitionNames",
    "SlotValueNames",
    "SubSchemaNames",
]

_A = TypeVar("_A")
_B = TypeVar("_B")
_C = TypeVar("_C")
_A_co = TypeVar("_A_co", covariant=True)
_B_co = TypeVar("_B_co", covariant=True)
_C_co = TypeVar("_C_co", covariant=True)
_A_contra = TypeVar("_A_contra", contravariant=True)
_B_contra = TypeVar("_B_contra", contravariant=True)


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def doc(self) -> str: ...
    @property
    def units(self) -> str: ...
    @property
    def element_count(self) -> int: ...


class _Renaming(Protocol[_A_co]):
    def renamed(self, name: str) -> _A_co: ...


class FieldNames:
    """Gen2 spellings of `imaging.table.schemas.fields.Field`."""

    __slots__ = ()

    def getName(self: _Named) -> str:
        return self.name

    def getTypeString(self: _Named) -> str:
        return self.type

    def getDoc(self: _Named) -> str:
        return self.doc

    def getUnits(self: _Named) -> str:
        return self.units

    def getElementCount(self: _Named) -> int:
        return self.element_count

    def getSize(self: _Named) -> int:
        return self.element_count

    def copyRenamed(self: _Renaming[_A], newName: str) -> _A:
        return self.renamed(newName)


class _Entry(Protocol[_A_co, _B_co]):
    @property
    def key(self) -> _A_co: ...
    @property
    def field(self) -> _B_co: ...


class SchemaEntryNames:
    """Gen2 spellings of `imaging.table.schemas.fields.SchemaEntry`."""

    __slots__ = ()

    def getKey(self: _Entry[_A, _B]) -> _A:
        return self.key

    def getField(self: _Entry[_A, _B]) -> _B:
        return self.field


class _Aliases(Protocol):
    def __getitem__(self, alias: str, /) -> str: ...
    def __setitem__(self, alias: str, target: str, /) -> None: ...
    def pop(self, alias: str, default: None, /) -> str | None: ...
    def apply(self, name: str) -> str: ...


class AliasMapNames:
    """Gen2 spellings of `imaging.table.schemas.aliases.AliasMap`."""

    __slots__ = ()

    def set(self: _Aliases, alias: str, target: str) -> None:
        self[alias] = target

    def erase(self: _Aliases, alias: str) -> bool:
        """Remove an alias and return whether there was one."""
        return self.pop(alias, None) is not None


class _Definable(Protocol):
    def define_centroid(self, name: str) -> None: ...
    def define_shape(self, name: str) -> None: ...
    def define_psf_flux(self, name: str) -> None: ...
    def define_ap_flux(self, name: str) -> None: ...
    def define_gaussian_flux(self, name: str) -> None: ...
    def define_model_flux(self, name: str) -> None: ...
    def define_calib_flux(self, name: str) -> None: ...


class SlotDefinitionNames:
    """Gen2 spellings of `imaging.table.schemas.slots.SlotDefinitions`."""

    __slots__ = ()

    def defineCentroid(self: _Definable, name: str) -> None:
        self.define_centroid(name)

    def defineShape(self: _Definable, name: str) -> None:
        self.define_shape(name)

    def definePsfFlux(self: _Definable, name: str) -> None:
        self.define_psf_flux(name)

    def defineApFlux(self: _Definable, name: str) -> None:
        self.define_ap_flux(name)

    def defineGaussianFlux(self: _Definable, name: str) -> None:
        self.define_gaussian_flux(name)

    def defineModelFlux(self: _Definable, name: str) -> None:
        self.define_model_flux(name)

    def defineCalibFlux(self: _Definable, name: str) -> None:
        self.define_calib_flux(name)


class _Slots(Protocol[_A_co, _B_co]):
    @property
    def x(self) -> _A_co: ...
    @property
    def y(self) -> _A_co: ...
    @property
    def ixx(self) -> _A_co: ...
    @property
    def iyy(self) -> _A_co: ...
    @property
    def ixy(self) -> _A_co: ...
    @property
    def psf_flux(self) -> _A_co: ...
    @property
    def psf_flux_err(self) -> _A_co: ...
    @property
    def ap_flux(self) -> _A_co: ...
    @property
    def ap_flux_err(self) -> _A_co: ...
    @property
    def gaussian_flux(self) -> _A_co: ...
    @property
    def gaussian_flux_err(self) -> _A_co: ...
    @property
    def model_flux(self) -> _A_co: ...
    @property
    def model_flux_err(self) -> _A_co: ...
    @property
    def calib_flux(self) -> _A_co: ...
    @property
    def calib_flux_err(self) -> _A_co: ...
    @property
    def centroid_flag(self) -> _B_co: ...
    @property
    def shape_flag(self) -> _B_co: ...
    @property
    def psf_flux_flag(self) -> _B_co: ...
    @property
    def ap_flux_flag(self) -> _B_co: ...
    @property
    def gaussian_flux_flag(self) -> _B_co: ...
    @property
    def model_flux_flag(self) -> _B_co: ...
    @property
    def calib_flux_flag(self) -> _B_co: ...


class SlotValueNames:
    """Gen2 spellings of `imaging.table.schemas.slots.SlotValues`."""

    __slots__ = ()

    def getX(self: _Slots[_A, _B]) -> _A:
        return self.x

    def getY(self: _Slots[_A, _B]) -> _A:
        return self.y

    def getIxx(self: _Slots[_A, _B]) -> _A:
        return self.ixx

    def getIyy(self: _Slots[_A, _B]) -> _A:
        return self.iyy

    def getIxy(self: _Slots[_A, _B]) -> _A:
        return self.ixy

    def getPsfInstFlux(self: _Slots[_A, _B]) -> _A:
        return self.psf_flux

    def getPsfFlux(self: _Slots[_A, _B]) -> _A:
        return self.psf_flux

    def getPsfInstFluxErr(self: _Slots[_A, _B]) -> _A:
        return self.psf_flux_err

    def getPsfFluxErr(self: _Slots[_A, _B]) -> _A:
        return self.psf_flux_err

    def getApInstFlux(self: _Slots[_A, _B]) -> _A:
        return self.ap_flux

    def getApFlux(self: _Slots[_A, _B]) -> _A:
        return self.ap_flux

    def getApInstFluxErr(self: _Slots[_A, _B]) -> _A:
        return self.ap_flux_err

    def getApFluxErr(self: _Slots[_A, _B]) -> _A:
        return self.ap_flux_err

    def getGaussianInstFlux(self: _Slots[_A, _B]) -> _A:
        return self.gaussian_flux

    def getGaussianFlux(self: _Slots[_A, _B]) -> _A:
        return self.gaussian_flux

    def getGaussianInstFluxErr(self: _Slots[_A, _B]) -> _A:
        return self.gaussian_flux_err

    def getGaussianFluxErr(self: _Slots[_A, _B]) -> _A:
        return self.gaussian_flux_err

    def getModelInstFlux(self: _Slots[_A, _B]) -> _A:
        return self.model_flux

    def getModelFlux(self: _Slots[_A, _B]) -> _A:
        return self.model_flux

    def getModelInstFluxErr(self: _Slots[_A, _B]) -> _A:
        return self.model_flux_err

    def getModelFluxErr(self: _Slots[_A, _B]) -> _A:
        return self.model_flux_err

    def getCalibInstFlux(self: _Slots[_A, _B]) -> _A:
        return self.calib_flux

    def getCalibFlux(self: _Slots[_A, _B]) -> _A:
        return self.calib_flux

    def getCalibInstFluxErr(self: _Slots[_A, _B]) -> _A:
        return self.calib_flux_err

    def getCalibFluxErr(self: _Slots[_A, _B]) -> _A:
        return self.calib_flux_err

    def getCentroidFlag(self: _Slots[_A, _B]) -> _B:
        return self.centroid_flag

    def getShapeFlag(self: _Slots[_A, _B]) -> _B:
        return self.shape_flag

    def getPsfFluxFlag(self: _Slots[_A, _B]) -> _B:
        return self.psf_flux_flag

    def getApFluxFlag(self: _Slots[_A, _B]) -> _B:
        return self.ap_flux_flag

    def getGaussianFluxFlag(self: _Slots[_A, _B]) -> _B:
        return self.gaussian_flux_flag

    def getModelFluxFlag(self: _Slots[_A, _B]) -> _B:
        return self.model_flux_flag

    def getCalibFluxFlag(self: _Slots[_A, _B]) -> _B:
        return self.calib_flux_flag


class _Schema(Protocol):
    def get_names(self, *, top_only: bool = ...) -> set[str]: ...
    def get_ordered_names(self) -> list[str]: ...
    def set_aliases(self, aliases: Mapping[str, str]) -> None: ...
    def __len__(self) -> int: ...


class _Flags(Protocol):
    @property
    def flag_names(self) -> tuple[str, ...]: ...
    def __len__(self) -> int: ...


class _Aliased(Protocol[_A_co]):
    @property
    def aliases(self) -> _A_co: ...


class _FieldAdder(Protocol[_A_contra, _B_contra, _C_co]):
    def add_field(
        self,
        name: _A_contra,
        type: _B_contra = ...,  # noqa: A002 - the word of the domain
        doc: str = ...,
        units: str = ...,
        size: int | None = ...,
        *,
        replace: bool = ...,
    ) -> _C_co: ...


class SchemaNames:
    """Gen2 spellings of `imaging.table.schemas.schema.Schema`."""

    __slots__ = ()

    def addField(
        self: _FieldAdder[_A, _B | None, _C],
        field: _A,
        type: _B | None = None,  # noqa: A002 - the word of the domain
        doc: str = "",
        units: str = "",
        size: int | None = None,
        doReplace: bool = False,  # noqa: FBT001, FBT002 - as Gen2 has it
    ) -> _C:
        """Call ``add_field``."""
        return self.add_field(field, type, doc, units, size, replace=doReplace)

    def getNames(self: _Schema, topOnly: bool = False) -> set[str]:  # noqa: FBT001, FBT002 - as above
        return self.get_names(top_only=topOnly)

    def getOrderedNames(self: _Schema) -> list[str]:
        return self.get_ordered_names()

    def getFieldCount(self: _Schema) -> int:
        return len(self)

    def getFlagFieldCount(self: _Flags) -> int:
        return len(self.flag_names)

    def getNonFlagFieldCount(self: _Flags) -> int:
        return len(self) - len(self.flag_names)

    def getAliasMap(self: _Aliased[_A]) -> _A:
        return self.aliases

    def setAliasMap(self: _Schema, aliases: Mapping[str, str]) -> None:
        self.set_aliases(aliases)


class _SubSchema(Protocol[_A_co, _B_co]):
    @property
    def prefix(self) -> str: ...
    def as_key(self) -> _A_co: ...
    def as_field(self) -> _B_co: ...


class SubSchemaNames:
    """Gen2 spellings of `imaging.table.schemas.schema.SubSchema`."""

    __slots__ = ()

    def asKey(self: _SubSchema[_A, _B]) -> _A:
        return self.as_key()

    def asField(self: _SubSchema[_A, _B]) -> _B:
        return self.as_field()

    def getPrefix(self: _SubSchema[_A, _B]) -> str:
        return self.prefix


class _Mapper(Protocol[_A_co]):
    @property
    def input_schema(self) -> _A_co: ...
    @property
    def output_schema(self) -> _A_co: ...


class _Minimal(Protocol[_A_contra]):
    def add_minimal_schema(self, minimal: _A_contra, *, do_map: bool = ...) -> None: ...


class _Output(Protocol[_A_contra, _B_co]):
    def add_output_field(self, field: _A_contra) -> _B_co: ...


class _Mapping(Protocol[_A_contra, _B_co]):
    def add_mapping(
        self, source: _A_contra, name: str | None = ..., *, replace: bool = ...
    ) -> _B_co: ...


class SchemaMapperNames:
    """Gen2 spellings of `imaging.table.schemas.mapping.SchemaMapper`."""

    __slots__ = ()

    def getInputSchema(self: _Mapper[_A]) -> _A:
        return self.input_schema

    def getOutputSchema(self: _Mapper[_A]) -> _A:
        return self.output_schema

    def editOutputSchema(self: _Mapper[_A]) -> _A:
        return self.output_schema

    def addMinimalSchema(self: _Minimal[_A], minimal: _A, doMap: bool = True) -> None:  # noqa: FBT001, FBT002 - as Gen2 has it
        self.add_minimal_schema(minimal, do_map=doMap)

    def addOutputField(self: _Output[_A, _B], field: _A) -> _B:
        return self.add_output_field(field)

    def addMapping(
        self: _Mapping[_A, _B],
        inputKey: _A,
        outputName: str | None = None,
        doReplace: bool = False,  # noqa: FBT001, FBT002 - as above
    ) -> _B:
        """Call ``add_mapping``."""
        return self.add_mapping(inputKey, outputName, replace=doReplace)
