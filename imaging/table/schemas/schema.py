"""Which fields the records of a catalog have, in which order, and by which other names."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, overload

from imaging.errors import FieldNotFoundError, ParameterTypeError, SchemaError
from imaging.table.schemas.aliases import AliasMap, current_spellings
from imaging.table.schemas.fields import Field, FieldKind, Key, SchemaEntry, element_type
from imaging.table.schemas.gen2_names import SchemaNames, SubSchemaNames
from imaging.table.schemas.slots import SlotDefinitions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import numpy as np

__all__ = ["Schema", "SubSchema"]

_Real: TypeAlias = 'type[float | np.float32 | np.float64] | Literal["F", "D", "Angle"]'
_Integer: TypeAlias = 'type[int | np.integer] | Literal["B", "U", "I", "L"]'
_Bit: TypeAlias = 'type[bool | np.bool_] | Literal["Flag"]'
_Text: TypeAlias = 'type[str | np.str_] | Literal["String"]'

_SEPARATOR = "_"
_BITS = 64  # the LSST stack packs flags into words of that many


class Schema(SchemaNames, SlotDefinitions):
    """The fields of a catalog.

    Parameters
    ----------
    source
        Fields to begin with, or another schema, which is copied.
    aliases
        Other names; see `AliasMap`.

    Notes
    -----
    Wherever a name is asked for, these count in this order: the name of a
    field; an alias; and the spelling of before 2018, so that
    ``base_PsfFlux_flux`` finds ``base_PsfFlux_instFlux`` where no field has
    the former name. A table keeps a copy: fields added afterwards are not in
    tables that exist.
    """

    __slots__ = ("_aliases", "_entries", "_resolved", "_seen")

    def __init__(
        self, source: Schema | Iterable[Field] = (), aliases: Mapping[str, str] | None = None
    ) -> None:
        self._entries: dict[str, SchemaEntry] = {}
        self._aliases = AliasMap(aliases)
        self._resolved: dict[str, str] = {}
        self._seen = self._aliases.version
        if isinstance(source, Schema):
            self._entries = {entry.field.name: entry for entry in source}
            self._aliases.update(source.aliases)
        else:
            for field in source:
                self.add_field(field)

    @property
    def aliases(self) -> AliasMap:
        """Other names, which can be changed in place."""
        return self._aliases

    def set_aliases(self, aliases: Mapping[str, str]) -> None:
        """Replace all aliases."""
        self._aliases.clear()
        self._aliases.update(aliases)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields in their order, without aliases."""
        return tuple(self._entries)

    @property
    def flag_names(self) -> tuple[str, ...]:
        """Names of the flags in their order."""
        return tuple(name for name, entry in self._entries.items() if entry.key.type == "Flag")

    def get_names(self, *, top_only: bool = False) -> set[str]:
        """Return the names of the fields, or what stands before their first underscores."""
        if top_only:
            return {name.split(_SEPARATOR, 1)[0] for name in self._entries}
        return set(self._entries)

    def get_ordered_names(self) -> list[str]:
        """Return the names of the fields in their order."""
        return list(self._entries)

    @overload
    def add_field(self, name: Field, *, replace: bool = ...) -> Key[np.generic]: ...
    @overload
    def add_field(  # type: ignore[overload-overlap]  # a bool is an int
        self, name: str, type: _Bit, doc: str = ..., units: str = ..., *, replace: bool = ...
    ) -> Key[np.bool_]: ...
    @overload
    def add_field(
        self, name: str, type: _Real, doc: str = ..., units: str = ..., *, replace: bool = ...
    ) -> Key[np.floating]: ...
    @overload
    def add_field(
        self, name: str, type: _Integer, doc: str = ..., units: str = ..., *, replace: bool = ...
    ) -> Key[np.integer]: ...
    @overload
    def add_field(
        self,
        name: str,
        type: _Text,
        doc: str = ...,
        units: str = ...,
        size: int = ...,
        *,
        replace: bool = ...,
    ) -> Key[np.str_]: ...
    @overload
    def add_field(
        self,
        name: str,
        type: FieldKind,
        doc: str = ...,
        units: str = ...,
        size: int | None = ...,
        *,
        replace: bool = ...,
    ) -> Key[np.generic]: ...
    def add_field(
        self,
        name: str | Field,
        type: FieldKind | None = None,  # noqa: A002 - the word of the domain
        doc: str = "",
        units: str = "",
        size: int | None = None,
        *,
        replace: bool = False,
    ) -> Key[np.generic]:
        """Add a field.

        Parameters
        ----------
        name
            Its name, or the whole field.
        type
            Its type; see `imaging.table.schemas.fields`.
        doc
            What it means.
        units
            Its unit as astropy spells it.
        size
            Elements of an array or bytes of a text.
        replace
            Whether a field of that name may be there, whose place it takes.

        Returns
        -------
        Key
            The handle of its values.

        Raises
        ------
        SchemaError
            If the name is taken, or there is no such type.
        """
        if isinstance(name, Field):
            field = name
        elif type is None:
            message = f"Field {name!r} needs a type: type='D' for floating point, say."
            raise SchemaError(message)
        else:
            field = Field(name, cast("str", type), doc, units, size)  # Field takes all kinds
        if field.name in self._entries and not replace:
            message = (
                f"The schema has a field {field.name!r} already: "
                f"{self._entries[field.name].field}. Give another name, or replace=True."
            )
            raise SchemaError(message)
        self._entries[field.name] = SchemaEntry(field.key, field)
        self._resolved.clear()
        return field.key

    def resolve(self, name: str) -> str | None:
        """Return the field that a name, an alias or an old spelling stands for, or None."""
        if name in self._entries:
            return name
        if self._seen != self._aliases.version:
            self._resolved.clear()
            self._seen = self._aliases.version
        found = self._resolved.get(name)
        if found is None:
            found = self._looked_up(name)
            if found is not None:
                self._resolved[name] = found
        return found

    def _looked_up(self, name: str) -> str | None:
        plain = self._aliases.apply(name)
        for candidate in (plain, *current_spellings(plain)):
            if candidate in self._entries:
                return candidate
        return None

    def find(self, name: str | Key[np.generic]) -> SchemaEntry:
        """Return a field and its key.

        Parameters
        ----------
        name
            Name, alias or key.

        Raises
        ------
        FieldNotFoundError
            If there is none.
        """
        if isinstance(name, Key):
            entry = self._entries.get(name.name)
            if entry is not None and entry.key is name:
                return entry
            raise FieldNotFoundError(name.name, self.names)
        if not isinstance(name, str):
            message = f"A field is found by its name or key, not by {name!r}."
            raise ParameterTypeError(message)
        found = self.resolve(name)
        if found is None:
            raise FieldNotFoundError(name, [*self._entries, *self._aliases])
        return self._entries[found]

    def extract(
        self,
        *patterns: str,
        regex: str | re.Pattern[str] | None = None,
        sub: str | None = None,
        ordered: bool = True,  # noqa: ARG002 - dictionaries always are
    ) -> dict[str, SchemaEntry]:
        """Return the fields whose names match.

        Parameters
        ----------
        *patterns
            With the wildcards of file names: ``base_PsfFlux_*``. Aliases and
            old spellings are followed: what matches by such a name alone is
            given under it.
        regex
            A regular expression that the whole name matches.
        sub
            What a field that matches ``regex`` is called in the result, with
            its groups as `re.Match.expand` writes them.
        ordered
            Of no effect: the result is always in order.

        Returns
        -------
        dict
            In the order of the schema for each pattern.
        """
        found: dict[str, SchemaEntry] = {}
        for pattern in patterns:
            found |= {m.string: entry for m, entry in self._matches(re.compile(translate(pattern)))}
        if regex is not None:
            for match, entry in self._matches(re.compile(regex)):
                found[match.string if sub is None else match.expand(sub)] = entry
        for pattern in patterns:
            exact = self.resolve(pattern)
            if exact is not None:
                found.setdefault(pattern, self._entries[exact])
        return found

    def _matches(self, expression: re.Pattern[str]) -> Iterator[tuple[re.Match[str], SchemaEntry]]:
        """Yield the fields whose names match, and those that do by another name alone."""
        own = set()
        for name, entry in self._entries.items():
            match = expression.fullmatch(name)
            if match:
                own.add(name)
                yield match, entry
        for other, target in self._other_names():
            match = None if target in own else expression.fullmatch(other)
            if match:
                yield match, self._entries[target]

    def _other_names(self) -> Iterator[tuple[str, str]]:
        """Yield names that are no fields, with the fields they stand for."""
        for alias in self._aliases:
            beginning = self._aliases.apply(alias)
            for name in self._entries:
                if name.startswith(beginning):
                    other = alias + name[len(beginning) :]
                    if other not in self._entries and self.resolve(other) == name:
                        yield other, name
        for name in self._entries:
            if "_instFlux" in name:
                old = name.replace("_instFlux", "_flux")
                if self.resolve(old) == name:
                    yield old, name

    def join(self, *words: str) -> str:
        """Return the name made of several words."""
        return _SEPARATOR.join(words)

    def contains(self, other: Schema) -> bool:
        """Return whether every field of another schema is here with the same type."""
        return all(
            name in self._entries and self._entries[name].key is entry.key
            for name, entry in other._entries.items()
        )

    def copy(self) -> Schema:
        """Return an equal schema that changes by itself."""
        return Schema(self)

    def sharing_aliases(self) -> Schema:
        """Return a copy with fields of its own, but the same aliases."""
        other = Schema(self)
        other._aliases = self._aliases
        other._seen = -1
        return other

    def __getitem__(self, name: str) -> SubSchema:
        return SubSchema(self, name)

    def __contains__(self, name: object) -> bool:
        if isinstance(name, Key):
            return name.name in self._entries and self._entries[name.name].key is name
        return isinstance(name, str) and self.resolve(name) is not None

    def __iter__(self) -> Iterator[SchemaEntry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Schema):
            return NotImplemented
        same = list(self._entries.values()) == list(other._entries.values())
        return same and self._aliases == other._aliases

    __hash__ = None  # type: ignore[assignment]  # it can be changed in place

    def __repr__(self) -> str:
        lines = [f"    ({entry.field!r}, {place}),\n" for entry, place in _placed(self)]
        lines += [f"    '{alias}'->'{target}'\n" for alias, target in self._aliases.items()]
        return f"Schema(\n{''.join(lines)})"


def _placed(schema: Schema) -> Iterator[tuple[SchemaEntry, str]]:
    """Yield each field and its key as the LSST stack prints it, with the place it would have."""
    end = word = bit = 0
    bit = _BITS
    for entry in schema:
        key = entry.key
        if key.type == "Flag":
            if bit == _BITS:
                word, bit = -(-end // 8) * 8, 0
                end = word + 8
            yield entry, f"Key['Flag'](offset={word}, bit={bit})"
            bit += 1
        else:
            size = 1 if key.type == "String" else element_type(key.type).itemsize
            begin = -(-end // size) * size
            end = begin + size * key.size
            yield entry, f"Key<{key.type}>(offset={begin}, nElements={key.size})"


class SubSchema(SubSchemaNames):
    """The fields of a schema whose names begin alike: ``schema["base_SdssShape"]["xx"]``.

    Parameters
    ----------
    schema
        The whole.
    name
        The beginning, without the underscore that follows.

    Raises
    ------
    FieldNotFoundError
        If there is neither a field of that name nor one that begins so.
    """

    __slots__ = ("_schema", "prefix")

    prefix: str
    """What the names begin with, or the name of one field."""

    def __init__(self, schema: Schema, name: str) -> None:
        self._schema, self.prefix = schema, name
        if name not in schema and not self.names:
            raise FieldNotFoundError(name, [*schema.names, *schema.aliases])

    @property
    def names(self) -> tuple[str, ...]:
        """What follows in the names of the fields."""
        beginning = self._schema.aliases.apply(self.prefix) + _SEPARATOR
        return tuple(
            name[len(beginning) :] for name in self._schema.names if name.startswith(beginning)
        )

    def find(self, name: str) -> SchemaEntry:
        """Return a field and its key; see `Schema.find`."""
        return self._schema.find(self._schema.join(self.prefix, name))

    def as_key(self) -> Key[np.generic]:
        """Return the key of the field of this very name; see `Schema.find`."""
        return self._schema.find(self.prefix).key

    def as_field(self) -> Field:
        """Return the field of this very name; see `Schema.find`."""
        return self._schema.find(self.prefix).field

    def __getitem__(self, name: str) -> SubSchema:
        return SubSchema(self._schema, self._schema.join(self.prefix, name))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._schema.join(self.prefix, name) in self._schema

    def __repr__(self) -> str:
        return f"<SubSchema {self.prefix!r}: {', '.join(self.names) or 'one field'}>"
