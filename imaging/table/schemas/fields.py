"""What one column of a catalog is: its type, its meaning, and the handle that reads it.

====================================  ==========================================
``type``                              values
====================================  ==========================================
``B`` ``U`` ``I`` ``L``               integers of 8, 16 (unsigned), 32 and 64 bits
``F`` ``D``                           floating point of 32 and 64 bits
``Angle``                             radians, 64 bits
``Flag``                              one bit
``String``                            text of at most ``size`` bytes in UTF-8
``ArrayB ArrayU ArrayI ArrayL``       ``size`` integers
``ArrayF ArrayD``                     ``size`` floating-point numbers
====================================  ==========================================

Python's and NumPy's types are accepted too: float is ``D``, int is ``L``, bool
is ``Flag``, str is ``String``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Generic, NamedTuple, TypeAlias, TypeVar
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from imaging.errors import ParameterTypeError, SchemaError, closest_words
from imaging.table.schemas.gen2_names import FieldNames, SchemaEntryNames

__all__ = [
    "LARGEST_ELEMENT",
    "Field",
    "FieldKind",
    "FieldValue",
    "Key",
    "SchemaEntry",
    "element_type",
    "header_text",
    "kind_of",
]

FieldValue: TypeAlias = bool | int | float | str | NDArray[np.generic]
FieldKind: TypeAlias = str | type | np.dtype[np.generic]

_Scalar_co = TypeVar("_Scalar_co", bound=np.generic, covariant=True)

LARGEST_ELEMENT = 2**31 - 1
"""Bytes that NumPy allows for one element of an array, such as a record."""

_SCALARS = {"B": "u1", "U": "u2", "I": "i4", "L": "i8", "F": "f4", "D": "f8", "Angle": "f8"}
_ARRAYS = {f"Array{name}": code for name, code in _SCALARS.items() if name != "Angle"}
_ELEMENTS = _SCALARS | _ARRAYS
_KINDS = frozenset(_ELEMENTS) | {"Flag", "String"}
_BY_CODE = {code: name for name, code in _SCALARS.items() if name != "Angle"}
_BY_PYTHON = {
    float: "D",
    int: "L",
    bool: "Flag",
    str: "String",
    np.bool_: "Flag",
    np.str_: "String",
}


def kind_of(kind: FieldKind) -> str:
    """Return the name of a type of fields.

    Parameters
    ----------
    kind
        The name itself, or a type of Python or NumPy.

    Raises
    ------
    SchemaError
        If no field can be of that type.
    """
    if isinstance(kind, str) and kind in _KINDS:
        return kind
    if isinstance(kind, type) and kind in _BY_PYTHON:
        return _BY_PYTHON[kind]
    if isinstance(kind, type | np.dtype):
        try:
            code = np.dtype(kind).str[1:]
        except TypeError:
            code = ""
        if code in _BY_CODE:
            return _BY_CODE[code]
    message = f"type={kind!r}: fields are of one of {', '.join(sorted(_KINDS))}."
    raise SchemaError(message + closest_words(str(kind), _KINDS))


def element_type(kind: str) -> np.dtype[np.generic]:
    """Return the NumPy type of one element of a field that is neither a flag nor a text."""
    return np.dtype(_ELEMENTS[kind])


def header_text(text: str) -> str:
    """Return a text as a FITS header can hold it: what is not plain ASCII as Python writes it."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        letter
        if letter.isascii() and letter.isprintable()
        else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


class Key(Generic[_Scalar_co]):
    """The handle of a field, by which records and catalogs find its column fastest.

    Parameters
    ----------
    name
        Name of the field, no alias.
    type
        Name of its type.
    size
        Elements of an array, bytes of a text, otherwise 1.

    Notes
    -----
    A key does not say where its column lies, so it is good for every table
    that has such a field. There is one object for each key: two that are
    equal are the same.
    """

    __slots__ = ("__weakref__", "name", "size", "type")

    name: str
    type: str
    size: int
    _known: ClassVar[WeakValueDictionary[tuple[str, str, int], Key[np.generic]]] = (
        WeakValueDictionary()
    )

    def __new__(cls, name: str, type: str, size: int = 1) -> Key[_Scalar_co]:  # noqa: A002, D102 - the word of the domain; described by the class
        known = cls._known.get((name, type, size))
        if known is None:
            new = object.__new__(cls)
            new.name, new.type, new.size = name, type, size
            known = cls._known.setdefault((name, type, size), new)
        return known  # type: ignore[return-value]  # the scalar type belongs to the type's name

    def __reduce__(self) -> tuple[object, ...]:
        return Key, (self.name, self.type, self.size)

    def __repr__(self) -> str:
        size = "" if self.size == 1 else f", size={self.size}"
        return f"Key<{self.type}>({self.name!r}{size})"


@dataclass(frozen=True, slots=True, repr=False)
class Field(FieldNames):
    """What a column holds.

    Parameters
    ----------
    name
        Words joined by underscores.
    type
        See the notes of this module.
    doc
        What it means.
    units
        Its unit as astropy spells it; empty if it has none.
    size
        Elements of an array or bytes of a text; left out otherwise.

    Raises
    ------
    SchemaError
        If there is no such type, the size does not fit it, or a FITS file
        cannot hold name, doc or units.
    """

    name: str
    type: str
    doc: str = ""
    units: str = ""
    size: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            message = f"The name of a field is a text, not {self.name!r}."
            raise ParameterTypeError(message)
        self._check_texts()
        object.__setattr__(self, "type", kind_of(self.type))
        has_size = self.is_array or self.type == "String"
        if has_size and not (isinstance(self.size, int) and 0 < self.size <= self._largest_size):
            what = "elements" if self.is_array else "bytes"
            message = (
                f"Field {self.name!r} of type {self.type} needs the number of {what}: "
                f"size={self.size!r} will not do, give one from 1 to {self._largest_size}."
            )
            raise SchemaError(message)
        if not has_size and self.size not in {None, 1}:
            message = f"Field {self.name!r} of type {self.type} has one value, not {self.size}."
            raise SchemaError(message)
        if not has_size:
            object.__setattr__(self, "size", None)

    def _check_texts(self) -> None:
        """Refuse what could not be written, or not be found again, in files."""
        for what, text in ("name", self.name), ("doc", self.doc), ("units", self.units):
            if not isinstance(text, str):
                message = f"Field {self.name!r}: {what}={text!r} is not a text."
                raise ParameterTypeError(message)
            if text != header_text(text):
                message = (
                    f"Field {self.name!r}: {what}={text!r} has characters that a FITS header "
                    "cannot hold. Spell it in plain ASCII, on one line."
                )
                raise SchemaError(message)
        if self.name != self.name.strip():
            message = f"The name of field {self.name!r} begins or ends with a blank: leave it away."
            raise SchemaError(message)

    @property
    def _largest_size(self) -> int:
        return LARGEST_ELEMENT // (element_type(self.type).itemsize if self.is_array else 1)

    @property
    def is_array(self) -> bool:
        """Whether a value is an array."""
        return self.type in _ARRAYS

    @property
    def element_count(self) -> int:
        """Elements of an array, bytes of a text, otherwise 1."""
        return self.size or 1

    @property
    def key(self) -> Key[np.generic]:
        """Its handle."""
        return Key(self.name, self.type, self.element_count)

    def renamed(self, name: str) -> Field:
        """Return the same field under another name."""
        return replace(self, name=name)

    def __repr__(self) -> str:
        units = f', units="{self.units}"' if self.units else ""
        size = f", size={self.size}" if self.size is not None else ""
        return f'Field[\'{self.type}\'](name="{self.name}", doc="{self.doc}"{units}{size})'


class _Entry(NamedTuple):
    key: Key[np.generic]
    field: Field


class SchemaEntry(SchemaEntryNames, _Entry):
    """A field and the handle to its values.

    Parameters
    ----------
    key
        What `record.get` and `catalog[...]` take.
    field
        Name, type, meaning and unit.
    """

    __slots__ = ()
